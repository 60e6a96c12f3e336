"""Organisations, persons, posts over time, users and roles."""
