"""Append-only records with evidence, valid time and recorded time."""
