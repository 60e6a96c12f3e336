"""The chain's newest hash, and the file to which hashes are exported."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from ..models import ChainLink, ChainPending

# What the text of a row depends on, set so that the same row gives the same digest in every session.
PLAIN_TEXT = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}
START = hashlib.sha256(b"qinglan").digest()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Head:
    """A hash of the chain at one moment: the last link's number and hash (hex)."""

    number: int
    hash: str
    at: str = ""

    def line(self) -> dict[str, Any]:
        """As exported."""
        return {"number": self.number, "hash": self.hash, "at": self.at}


def link_hash(previous: bytes, link: ChainLink) -> bytes:
    """SHA-256 of the hash before and of what the link says, as the sealer in the database computes it."""
    micros = (link.at - _EPOCH) // timedelta(microseconds=1)
    parts = [
        str(link.number),
        str(micros),
        link.table_name,
        link.kind,
        link.why,
        "\x1f".join(link.columns),
        "\x1f".join(link.keys),
        "\x1f".join(bytes(digest).hex() for digest in link.digests),
    ]
    return hashlib.sha256(previous + "\x1e".join(parts).encode()).digest()


def set_plain_text() -> None:
    """Make this transaction write rows as the trigger does."""
    with connection.cursor() as cursor:
        for name, value in PLAIN_TEXT.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])


def head() -> Head | None:
    """The newest link, None before the first."""
    last = ChainLink.objects.order_by("-number").only("number", "hash", "at").first()
    return None if last is None else Head(last.number, bytes(last.hash).hex(), last.at.isoformat())


def waiting() -> int:
    """How many notes are not sealed yet."""
    return ChainPending.objects.count()


class HeadsError(ValueError):
    """The file of exported heads cannot be read; the message is for people."""


def read_heads(path: Path) -> list[Head]:
    """The exported heads that must still be in the chain, oldest first: those that a restored backup took back are out.

    Raises HeadsError when a line is no head."""
    heads: list[Head] = []
    if not path.exists():
        return heads
    for at, text in enumerate(path.read_text(encoding="ascii", errors="replace").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            if "restored" in line:
                heads = [one for one in heads if one.number <= int(line["restored"])]
            else:
                heads.append(Head(int(line["number"]), str(line["hash"]), str(line.get("at", ""))))
        except (ValueError, KeyError, TypeError):
            raise HeadsError(f"链头文件 {path} 第 {at} 行读不懂，可能被改动过；请用另存的一份核对。") from None
    return heads


def restores(path: Path) -> list[dict[str, Any]]:
    """The lines that say that a backup was restored, which takes links back."""
    if not path.exists():
        return []
    lines = [
        json.loads(text) for text in path.read_text(encoding="ascii", errors="replace").splitlines() if text.strip()
    ]
    return [line for line in lines if "restored" in line]
