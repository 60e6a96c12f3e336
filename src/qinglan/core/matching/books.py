"""Writes tables as a workbook: text as text, so that no cell is ever taken for a formula."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

WIDEST = 40


def book(sheets: Mapping[str, Iterable[Sequence[Any]]]) -> bytes:
    """A workbook with these sheets; the first row of each is its head. Numbers stay numbers, nothing stays empty."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as out:
        bold = out.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for name, rows in sheets.items():
            sheet = out.add_worksheet(name[:31])
            wide: dict[int, int] = {}
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is None:
                        continue
                    if isinstance(value, int | float) and not isinstance(value, bool):
                        sheet.write_number(at, column, value)
                    else:
                        sheet.write_string(at, column, str(value), bold if at == 0 else None)
                    wide[column] = max(wide.get(column, 8), sum(1 + (ord(one) > 255) for one in str(value)) + 2)
            for column, width in wide.items():
                sheet.set_column(column, column, min(width, WIDEST))
            sheet.freeze_panes(1, 0)
    return made.getvalue()
