"""The list of the erased: numbers alone, one line an erasure, outside data folder and backups.

A record is named by its number and the moment it was made: after a restore the database may give the same number to somebody else.
A line is written before the database is changed; what stands in the list and not in the database is done when the site starts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from qinglan.apps.audit.actions.chain import append_line

Named = tuple[int, datetime]  # number, made at


class ListError(ValueError):
    """The list cannot be read or written; the message is for people."""


@dataclass(frozen=True)
class Line:
    """One erasure: her records (the kept one first) and her accounts, the ground, the accounts of the two who decided; her last
    day and why she went, which a backup from before it does not know."""

    persons: tuple[Named, ...]
    accounts: tuple[Named, ...]
    org_code: str
    ground: str
    asked_by: int | None
    confirmed_by: int | None
    at: datetime
    left: date | None = None
    exit: str = ""

    def plain(self) -> dict[str, Any]:
        """As written."""
        return {
            "persons": [[number, made.isoformat()] for number, made in self.persons],
            "accounts": [[number, made.isoformat()] for number, made in self.accounts],
            "org_code": self.org_code, "ground": self.ground, "asked_by": self.asked_by, "confirmed_by": self.confirmed_by,
            "at": self.at.isoformat(), "left": self.left.isoformat() if self.left else None, "exit": self.exit,
        }  # fmt: skip


def path() -> Path:
    """Where the list lies."""
    return Path(settings.QINGLAN_ERASED)


def _named(rows: list[list[Any]]) -> tuple[Named, ...]:
    return tuple((int(number), datetime.fromisoformat(made)) for number, made in rows)


def read() -> list[Line]:
    """All lines, oldest first; none when there is no list. Raises ListError when a line is none.

    A last line without an end was cut off while it was written: its erasure was not carried out, and it is left out."""
    if not path().exists():
        return []
    try:
        text = path().read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise ListError(f"删除名单 {path()} 读不到（{error}）；请检查权限，或放回另存的一份。") from None
    lines = []
    whole = text[: text.rfind("\n") + 1].splitlines()
    for at, one in enumerate(whole, start=1):
        if not one.strip():
            continue
        try:
            found = json.loads(one)
            lines.append(
                Line(
                    _named(found["persons"]), _named(found["accounts"]), str(found["org_code"]), str(found["ground"]),
                    found["asked_by"], found["confirmed_by"], datetime.fromisoformat(found["at"]),
                    date.fromisoformat(found["left"]) if found.get("left") else None, str(found.get("exit", "")),
                )
            )  # fmt: skip
        except (ValueError, KeyError, TypeError):
            raise ListError(f"删除名单 {path()} 第 {at} 行读不懂，可能被改动过；请放回另存的一份。") from None
    return lines


def add(line: Line) -> None:
    """This will write a line and have it on disk, unless the same people stand there already. Raises ListError."""
    if any(one.persons == line.persons for one in read()):
        return
    try:
        if path().exists() and not path().read_bytes().endswith(b"\n") and path().stat().st_size:
            _cut_tail(path())
        append_line(path(), line.plain())
    except OSError as error:
        raise ListError(f"删除名单 {path()} 没有写成（{error.strerror}），因此没有删除；请检查磁盘与权限。") from None


def _cut_tail(file: Path) -> None:
    """Take away a last line that was cut off."""
    content = file.read_bytes()
    with open(file, "r+b") as handle:
        handle.truncate(content.rfind(b"\n") + 1)
