"""The lists of the assistant's pages."""
