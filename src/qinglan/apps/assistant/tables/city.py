"""The list of what varies by city."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from qinglan.apps.assistant.actions.city import LONGEST_SOURCE, LONGEST_VALUE
from qinglan.apps.assistant.queries.city import Field
from qinglan.apps.base.tables import Table
from qinglan.apps.base.templatetags.parts import badge


class CityTable(Table):
    """Fields (queries.city.Field). Give `district`, `back` (the query of the list) and the request. Its workbook is the one to fill in."""

    exportable = True
    caption = "因地而异的内容"

    label = tables.Column(verbose_name="内容")
    unit = tables.Column(verbose_name="单位", attrs={"td": {"class": "ql-nowrap"}})
    cards = tables.Column(verbose_name="用在哪些卡片", orderable=False)
    text = tables.Column(verbose_name="本区的值", empty_values=())
    since = tables.Column(verbose_name="自哪天起", accessor="value__since", attrs={"td": {"class": "ql-nowrap"}})
    source = tables.Column(verbose_name="依据", accessor="value__source", orderable=False)
    name = tables.Column(verbose_name="字段", visible=False)

    class Meta(Table.Meta):
        sequence = ("name", "label", "unit", "cards", "text", "since", "source")
        empty_text = "没有符合条件的内容。可放宽条件再试。"

    def __init__(self, *args: Any, district: str, back: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.district, self.back = district, back

    def render_label(self, record: Field) -> SafeString:
        return format_html('<a href="{}">{}</a>', self._address(record), record.label)

    def value_label(self, record: Field) -> str:
        return record.label

    def _address(self, record: Field) -> str:
        return f"{reverse('assistant:city-field', args=[record.name])}?district={self.district}"

    def render_cards(self, record: Field) -> SafeString:
        address = [(reverse("assistant:card", args=[key]), self.district, title) for key, title in record.cards]
        return format_html_join("、", '<a href="{}?district={}">{}</a>', address)

    def value_cards(self, record: Field) -> str:
        return "、".join(title for _, title in record.cards)

    def render_text(self, record: Field) -> SafeString:
        value = record.value
        form = format_html(
            '<details class="ql-noprint"><summary>{}</summary><form method="post" action="{}">'
            '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="back" value="{}">'
            '<label class="form-label" for="text-{n}">本区的值{unit}</label>'
            '<input class="form-control" id="text-{n}" name="text" maxlength="{}" value="{}">'
            '<label class="form-label" for="since-{n}">自哪天起</label>'
            '<input class="form-control" type="date" id="since-{n}" name="since" required value="{}">'
            '<label class="form-label" for="source-{n}">依据</label>'
            '<input class="form-control" id="source-{n}" name="source" maxlength="{}" required value="{}">'
            '<button class="btn btn-outline-primary btn-sm mt-2" type="submit">保存</button></form></details>',
            "修改" if record.text else "填写", self._address(record), get_token(self.request), self.back, LONGEST_VALUE,
            record.text, value.since.isoformat() if value else "", LONGEST_SOURCE, value.source if value else "",
            n=record.name, unit=f"（{record.unit}）" if record.unit else "",
        )  # fmt: skip
        said = record.text or badge("未填", "warn")
        coming = record.coming
        later = (
            format_html('<div class="ql-quiet">自 {} 起：{}</div>', coming.since, coming.text or "收回")
            if coming
            else ""
        )
        return format_html("<div>{}{}{}</div>", said, later, form)

    def value_text(self, record: Field) -> str:
        return record.text

    def value_since(self, record: Field) -> str:
        return record.value.since.isoformat() if record.value else ""

    def value_source(self, record: Field) -> str:
        return record.value.source if record.value else ""
