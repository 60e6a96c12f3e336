"""Reads of claims and proposals."""
