"""Write the log: actions, looks, refusals; keep its chain."""

from .log import Entry, entry_row, plain, record, saw, snapshot

__all__ = ["Entry", "entry_row", "plain", "record", "saw", "snapshot"]
