"""The pages of organisations, people and accounts: looking (browsing), editing people and the tree, duplicates, accounts."""
