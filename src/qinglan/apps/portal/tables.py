"""The cockpit's figures as rows of a workbook."""

from typing import Any

import django_tables2 as tables

from qinglan.apps.base.tables import MoneyColumn, NumberColumn, Table
from qinglan.apps.portal.queries.cockpit import HEADS, Cell, Cockpit


class FigureTable(Table):
    """One row a figure: its group, its name, how many people, or how much money."""

    exportable = True
    caption = "全区概况"

    group = tables.Column(verbose_name="类别")
    name = tables.Column(verbose_name="项目")
    count = NumberColumn(verbose_name="人数（或单位数）")
    money = MoneyColumn(verbose_name="金额")

    class Meta(Table.Meta):
        sequence = ("group", "name", "count", "money")

    def value_count(self, value: int) -> int:
        return value

    def value_money(self, value: int) -> str:
        return f"{value // 100}.{value % 100:02d}"


def figures_of(shown: Cockpit) -> list[dict[str, Any]]:
    """Every figure of the cockpit in the order of the page."""
    rows = [_row("人员", cell) for cell in shown.heads]
    for block in (*shown.blocks.values(), *shown.colours):
        rows += [_row(block.title, cell) for cell in block.cells]
    for rating in shown.ratings:
        rows += [_row(rating.label, cell) for cell in rating.cells]
    for line in shown.lines:
        rows += [
            {"group": line.name, "name": head, "count": cell.count, "money": None}
            for head, cell in zip(HEADS, line.cells, strict=True)
        ]
        rows.append({"group": line.name, "name": "全年应发", "count": None, "money": line.gross})
    rows.append({"group": "薪酬", "name": "全年应发合计", "count": None, "money": shown.gross})
    return rows


def _row(group: str, cell: Cell) -> dict[str, Any]:
    return {"group": group, "name": cell.label, "count": cell.count, "money": None}
