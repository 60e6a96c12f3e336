"""What the assistant knows in a place on a day, and what it was asked."""
