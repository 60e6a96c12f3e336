"""Writes of claims and proposals."""
