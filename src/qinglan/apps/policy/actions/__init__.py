"""Writes of policy: adopt a pack, compute a year."""
