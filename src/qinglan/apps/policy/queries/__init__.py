"""Reads of packs in force, runs and results, and the records that a year is computed from."""
