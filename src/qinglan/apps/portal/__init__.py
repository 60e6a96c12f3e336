"""Home, a person's page and what reads across the apps."""
