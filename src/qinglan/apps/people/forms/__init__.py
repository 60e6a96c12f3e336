"""What the pages of organisations, people and accounts ask for; cleaned data are the arguments of the action."""
