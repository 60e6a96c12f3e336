"""The pages of the assistant."""
