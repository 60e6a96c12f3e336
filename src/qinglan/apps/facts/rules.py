"""Loaded at start: the permissions that templates ask for by name."""

from qinglan.apps.facts.permissions import can_import

__all__ = ["can_import"]
