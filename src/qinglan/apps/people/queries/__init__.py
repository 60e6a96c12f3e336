"""Reads of organisations and people: trees, searches, histories. Dates come in as arguments."""
