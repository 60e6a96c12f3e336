"""Writes of facts: record, correct, withdraw; and the files that bring them."""
