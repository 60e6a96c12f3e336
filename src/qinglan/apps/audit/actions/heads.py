"""Export the chain's newest hash, and say when a backup took the chain back."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from ..models import ChainLink
from ..queries.chain import Head, head, read_heads
from .chain import append_line, seal


def heads_file() -> Path:
    """Where heads are exported: outside data folder and backups."""
    return Path(settings.QINGLAN_AUDIT_HEADS)


def export_head(path: Path) -> Head | None:
    """This will append the newest hash to `path`, unless it is the last one there; the head, None for an empty chain."""
    newest = head()
    if newest is not None:
        last = read_heads(path)[-1:]
        if not last or last[0].number != newest.number or last[0].hash != newest.hash:
            append_line(path, newest.line())
    return newest


def seal_and_export() -> Head | None:
    """This will seal all notes and export the head to the configured file."""
    seal()
    return export_head(heads_file())


def note_restore() -> None:
    """This will say in the file of heads that a backup was restored: later heads no longer bind. Every verification tells it."""
    if heads_file().exists():
        there = ChainLink._meta.db_table in connection.introspection.table_names()
        newest = head() if there else None  # a backup from before the chain
        append_line(heads_file(), {"restored": newest.number if newest else 0, "at": timezone.now().isoformat()})
