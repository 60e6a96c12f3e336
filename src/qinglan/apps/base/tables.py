"""List tables: one look, sorting, paging, and an export that holds what the page shows."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any
from urllib.parse import quote

import django_tables2 as tables
import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django_tables2 import RequestConfig
from django_tables2.utils import Sequence as Order

from qinglan.apps.base.templatetags import figures

PAGE_SIZES = (25, 50, 100)
# Above this an export would hold the process too long; the page then asks to narrow the filter.
EXPORT_ROWS = 100_000
Lines = Iterable[Sequence[Any]]  # the head, then rows


class Figure(float):
    """A number of a workbook with the way it is shown there, as Excel writes it: 0.0%, #,##0.00."""

    def __new__(cls, value: float, form: str) -> "Figure":
        made = super().__new__(cls, value)
        made.form = form
        return made

    form: str


class Table(tables.Table):
    """The house's table. Subclasses name columns; `exportable` shows the link to the workbook; `caption` names it."""

    exportable = False
    caption = ""
    page_sizes = PAGE_SIZES

    class Meta:
        template_name = "base/table.html"


class NumberColumn(tables.Column):
    """A count, thousands marked, at the right."""

    attrs = {"td": {"class": "ql-num"}, "th": {"class": "ql-num"}}

    def render(self, value: int) -> str:
        return figures.number(value)


class MoneyColumn(NumberColumn):
    """Fen shown as yuan; exported as a number of yuan with two places."""

    def render(self, value: int) -> str:
        return figures.money(value)


class ScoreColumn(NumberColumn):
    """Hundredths shown as a score."""

    def render(self, value: int) -> str:
        return figures.score(value)


class DayColumn(tables.Column):
    """A day."""

    attrs = {"td": {"class": "ql-nowrap"}}

    def render(self, value: Any) -> str:
        return figures.day(value)


def page_of(request: HttpRequest, table: tables.Table) -> tables.Table:
    """Bring the table to the sort, page and size that the address asks for (an unknown size is the smallest)."""
    asked = request.GET.get(table.prefixed_per_page_field, "")
    size = int(asked) if asked.isdigit() and int(asked) in PAGE_SIZES else PAGE_SIZES[0]
    RequestConfig(request, paginate={"per_page": size, "silent": True}).configure(table)
    return table


def workbook(
    table: tables.Table | Lines, name: str, note: str = "", more: Sequence[tuple[str, Lines]] = ()
) -> HttpResponse:
    """The whole table (all its pages, in its order) as xlsx; every cell is text or number, never a formula.

    `note` becomes the line above the head: what was filtered, by whom the file was made, or 合成数据. `more`: further sheets (`lines`).
    """
    response = HttpResponse(content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    book = xlsxwriter.Workbook(response, {"constant_memory": True})
    first = table.as_values() if isinstance(table, tables.Table) else table
    for title, values in ((name, first), *more):
        _sheet(book, title, values, note)
    book.close()
    return response


def lines(table: type[tables.Table], rows: Iterable[Mapping[str, Any]]) -> Lines:
    """The head and the plain values of many rows in the order of a table's columns, without a cell of its own for each: a sheet of
    twenty thousand rows in a fraction of a second."""
    columns = table.base_columns
    order = Order(getattr(table.Meta, "sequence", ("...",)))
    order.expand(list(columns))
    yield [str(columns[name].verbose_name) for name in order]
    for row in rows:
        yield [row.get(name) for name in order]


def _sheet(book: xlsxwriter.Workbook, title: str, table: Lines, note: str) -> None:
    sheet = book.add_worksheet(title[:31])
    bold = book.add_format({"bold": True, "bg_color": "#EEF3F3", "bottom": 1})
    text = book.add_format({"num_format": "@"})
    forms: dict[str, Any] = {}
    first = 0
    if note:
        sheet.write_string(0, 0, note)
        first = 1
    for at, values in enumerate(table, start=first):
        if at - first > EXPORT_ROWS:
            break
        for column, value in enumerate(values):
            if at == first:
                sheet.write_string(at, column, str(value), bold)
                sheet.set_column(column, column, max(10, 2 * len(str(value)) + 4))
            elif value is None:
                sheet.write_blank(at, column, None)
            elif isinstance(value, Figure) and isfinite(value):
                if value.form not in forms:
                    forms[value.form] = book.add_format({"num_format": value.form})
                sheet.write_number(at, column, value, forms[value.form])
            elif isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
                sheet.write_number(at, column, value)
            else:
                sheet.write_string(at, column, str(value), text)
    sheet.freeze_panes(first + 1, 0)
