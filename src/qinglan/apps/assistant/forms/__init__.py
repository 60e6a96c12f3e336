"""What is typed into the assistant's pages."""
