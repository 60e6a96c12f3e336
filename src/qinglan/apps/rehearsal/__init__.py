"""Rehearsing a policy on a district's own workforce: baseline and candidate side by side. The only app that knows core.twin."""
