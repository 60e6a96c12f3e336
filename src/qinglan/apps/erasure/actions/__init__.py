"""Ask for an erasure, confirm it, carry it out, do it again after a restore."""
