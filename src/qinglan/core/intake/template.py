"""Writes the workbook to download for a kind of sheet: title, header, one example row, lists to choose from, and a page that says
how to fill it in.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

from .fact_layouts import LAYOUTS
from .figures import Figure
from .layout import Field, Layout
from .roster import ROSTER

EXAMPLE = "示例（导入时跳过）"
_ROWS = 2_000
_LIST_LIMIT = 255
_OPTIONAL_STREET = "社区名称在区内不重复时可不填"


def layout_of(kind: str) -> Layout:
    """Return the layout of 'roster' or of a kind of fact; raise KeyError for another."""
    return ROSTER if kind == ROSTER.kind else LAYOUTS[kind]


def template(kind: str, figures: Sequence[Figure] = ()) -> bytes:
    """Return an xlsx to fill in for 'roster' or a kind of fact; raise KeyError for another.

    `figures`: what a workbook of the kind figures may say; its second page lists them with their units.
    """
    layout = layout_of(kind)
    listed = f"=填写说明!$E$2:$E${len(figures) + 1}" if figures else None
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        border = {"border": 1, "valign": "vcenter"}
        title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        needed = book.add_format({**border, "bold": True, "bg_color": "#D6EFEC", "text_wrap": True, "align": "center"})
        optional = book.add_format({**border, "bg_color": "#EEF2F5", "text_wrap": True, "align": "center"})
        example = book.add_format({"italic": True, "font_color": "#667085", "num_format": "@"})
        as_text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(layout.title[:31])
        sheet.merge_range(0, 0, 0, len(layout.fields), layout.title, title)
        sheet.set_row(0, 30)
        sheet.set_row(1, 32)
        sheet.freeze_panes(2, 0)
        sheet.set_column(0, 0, 20)
        sheet.write_string(1, 0, "序号", optional)
        sheet.write_string(2, 0, EXAMPLE, example)
        for column, field in enumerate(layout.fields, start=1):
            sheet.set_column(column, column, field.width, as_text if field.text else None)
            sheet.write_string(
                1, column, field.label + ("*" if field.needed else ""), needed if field.needed else optional
            )
            sheet.write_string(2, column, str(field.example), example)
            if field.key == "item" and listed:
                sheet.data_validation(3, column, _ROWS, column, {"validate": "list", "source": listed, "error_type": "warning",
                                                                 "error_title": field.label, "error_message": "请从列表中选择"})  # fmt: skip
            elif field.choices and len(",".join(field.choices)) <= _LIST_LIMIT:
                rule = {"validate": "list", "source": list(field.choices), "error_type": "warning", "error_title": field.label,
                        "error_message": "请从列表中选择"}  # fmt: skip
                sheet.data_validation(3, column, _ROWS, column, rule)
        _notes(book, layout, figures)
    return buffer.getvalue()


def _notes(book: xlsxwriter.Workbook, layout: Layout, figures: Sequence[Figure]) -> None:
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("填写说明")
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, 90)
    general = (
        "带*的列必须填写；列的次序可以调换，不用的列可以删去。",
        "日期可写2025年6月12日、2025-06-12、2025.6、20250612；只写到月的，按当月1日计。",
        "不要写公式；从别处复制来的，请选择性粘贴为数值。身份证号码列已设为文本，请勿改动。",
        f"写有〈{EXAMPLE}〉的行不会导入，可以保留或删去。",
    )
    for row, sentence in enumerate(general):
        sheet.write_string(row, 0, sentence)
    top = len(general) + 1
    for column, word in enumerate(("列名", "必填", "说明")):
        sheet.write_string(top, column, word, bold)
    for row, field in enumerate(layout.fields, start=top + 1):
        sheet.write_string(row, 0, field.label)
        sheet.write_string(row, 1, "必填" if field.needed else "选填")
        sheet.write_string(row, 2, _help(field), wrap)
    if figures:
        sheet.set_column(4, 4, 34)
        for column, word in enumerate(("可填的项目", "单位"), start=4):
            sheet.write_string(0, column, word, bold)
        for row, figure in enumerate(figures, start=1):
            sheet.write_string(row, 4, figure.label)
            sheet.write_string(row, 5, figure.unit)


def _help(field: Field) -> str:
    words = [field.help] if field.help else []
    if field.key == "street":
        words.append(_OPTIONAL_STREET)
    if field.choices:
        words.append(f"可填：{'、'.join(field.choices)}")
    if field.example != "":
        words.append(f"例：{field.example}")
    return "；".join(words)
