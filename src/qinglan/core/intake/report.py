"""Writes a report as JSON: one object a row, as issue 2 and the truth files have it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .model import Reason, Report


def row_objects(report: Report) -> Iterator[dict[str, Any]]:
    """Yield {"row", "outcome", "reasons", "canonical", "details"} for every row read; "sheet" too when several were read.

    `reasons` are the stable codes; `details` say each reason in Chinese with its field, column and raw value.
    """
    several = sum(sheet.read for sheet in report.sheets) > 1
    for row in report.rows:
        yield {
            "row": row.row,
            **({"sheet": row.sheet} if several else {}),
            "outcome": row.outcome,
            "reasons": list(dict.fromkeys(reason.code for reason in row.reasons)),
            "canonical": row.canonical,
            "details": [_detail(reason) for reason in row.reasons],
            **({"notes": [_detail(note) for note in row.notes]} if row.notes else {}),
        }


def json_lines(report: Report) -> str:
    """Return the rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in row_objects(report))


def json_array(report: Report) -> str:
    """Return the rows as one JSON array, an object a line."""
    body = ",\n".join(json.dumps(row, ensure_ascii=False) for row in row_objects(report))
    return f"[\n{body}\n]\n"


def _detail(reason: Reason) -> dict[str, str | None]:
    return {
        "code": reason.code,
        "field": reason.field,
        "column": reason.column,
        "value": reason.value,
        "message": reason.message,
        "mend": reason.mend,
    }
