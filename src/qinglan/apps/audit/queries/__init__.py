"""Read the log and prove that it is whole."""

from .log import by_person, differences, events_of, filtered, looks_at, seen_from, target_word, targets, within_days

__all__ = [
    "by_person",
    "differences",
    "events_of",
    "filtered",
    "looks_at",
    "seen_from",
    "target_word",
    "targets",
    "within_days",
]
