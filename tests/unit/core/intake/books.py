"""What the tests of intake share: where their data lie, the day of the import, books made on the spot."""

import datetime as dt
import io
from pathlib import Path

import openpyxl

from qinglan.core.intake.idnumber import check_digit

DATA = Path(__file__).resolve().parents[3] / "data" / "intake"
TODAY = dt.date(2026, 1, 15)


def person_id(birth: str = "19900115", sequence: int = 123) -> str:
    """Return a sound ID number of the synthetic area 990101; an odd sequence is a man's."""
    first = f"990101{birth}{sequence:03d}"
    return first + check_digit(first)


def book(*sheets: list[list], title: str = "花名册", merges: tuple[str, ...] = (), touch=None) -> bytes:
    """Return an xlsx of the sheets' rows; `touch(workbook)` may change it before it is saved."""
    workbook = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = workbook.active if number == 0 else workbook.create_sheet()
        sheet.title = title if number == 0 else f"{title}{number + 1}"
        for row in rows:
            sheet.append(row)
        for merge in merges:
            sheet.merge_cells(merge)
    if touch:
        touch(workbook)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
