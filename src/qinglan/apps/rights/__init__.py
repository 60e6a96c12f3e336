"""Claims, objections and appeals; proposals that end or lower somebody."""
