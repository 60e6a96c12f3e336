"""Read the log and prove that it is whole."""

from .log import events_of, looks_at

__all__ = ["events_of", "looks_at"]
