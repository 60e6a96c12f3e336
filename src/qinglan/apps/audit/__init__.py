"""Who did what and who saw what, in a chain that cannot be rewritten."""
