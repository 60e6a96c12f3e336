"""The pages of claims and proposals."""
