"""The list of a district's cards."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from qinglan.apps.assistant.queries.card_words import AUDIENCES, KINDS
from qinglan.apps.assistant.queries.cards import Standing
from qinglan.apps.base.models import ReleaseState
from qinglan.apps.base.tables import DayColumn, NumberColumn, Table
from qinglan.apps.base.templatetags.parts import badge

ORIGINS = {"随系统": "plain", "本区改过": "good", "本区新增": "good", "已停用": "bad", "尚未生效": "warn"}
WAITING = {ReleaseState.DRAFT: "plain", ReleaseState.SUBMITTED: "warn", ReleaseState.RELEASED: "good"}


class CardTable(Table):
    """Cards (queries.cards.Standing). Give `district` and `today`."""

    exportable = True
    caption = "知识卡"

    key = tables.Column(verbose_name="编号", attrs={"td": {"class": "ql-nowrap"}})
    title = tables.Column(verbose_name="卡片", accessor="card__title")
    audience = tables.Column(verbose_name="对谁说", accessor="card__audience")
    kind = tables.Column(verbose_name="类型", accessor="card__kind")
    origin = tables.Column(verbose_name="来源")
    unfilled = tables.Column(verbose_name="因地而异", empty_values=())
    checked = DayColumn(verbose_name="最近核对", accessor="card__checked")
    asked = NumberColumn(verbose_name="问法", accessor="card__asked", orderable=False)
    waiting = tables.Column(verbose_name="办理中", orderable=False, empty_values=())

    class Meta(Table.Meta):
        sequence = ("key", "title", "audience", "kind", "origin", "unfilled", "checked", "asked", "waiting")
        empty_text = "没有符合条件的卡片。可放宽条件，或新建一张。"

    def __init__(self, *args: Any, district: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.district, self.today = district, today

    def _address(self, record: Standing) -> str:
        return f"{reverse('assistant:card', args=[record.key])}?district={self.district}"

    def render_key(self, record: Standing) -> SafeString:
        return format_html('<a href="{}">{}</a>', self._address(record), record.key)

    def value_key(self, record: Standing) -> str:
        return record.key

    def render_title(self, record: Standing) -> SafeString:
        return format_html('<a href="{}">{}</a>', self._address(record), record.card.title)

    def value_title(self, record: Standing) -> str:
        return record.card.title

    def render_audience(self, value: str) -> str:
        return AUDIENCES[value]

    def render_kind(self, value: str) -> str:
        return KINDS[value]

    def render_origin(self, record: Standing, value: str) -> SafeString:
        own = badge(value, ORIGINS[value])
        return format_html("{} {}", own, badge("程序已更新", "warn")) if record.updated else own

    def value_origin(self, record: Standing, value: str) -> str:
        return f"{value}，程序已更新" if record.updated else value

    def render_unfilled(self, record: Standing) -> SafeString | str:
        if not record.card.city:
            return "—"
        return badge(f"{record.unfilled} 项未填", "warn") if record.unfilled else badge("已填", "good")

    def value_unfilled(self, record: Standing) -> str:
        return f"{record.unfilled} 项未填" if record.unfilled else ("已填" if record.card.city else "")

    def render_checked(self, record: Standing, value: date) -> SafeString | str:
        shown = f"{value:%Y-%m-%d}"
        return format_html("{} {}", shown, badge("超过一年", "warn")) if record.old(self.today) else shown

    def value_checked(self, value: date) -> str:
        return value.isoformat()

    def render_asked(self, value: list[str]) -> int:
        return len(value)

    def render_waiting(self, record: Standing) -> SafeString | str:
        marks = [(badge(_waiting(one), WAITING[ReleaseState(one.state)]),) for one in record.waiting]
        return format_html_join(" ", "{}", marks) if marks else "—"

    def value_waiting(self, record: Standing) -> str:
        return "、".join(map(_waiting, record.waiting))


def _waiting(one: Any) -> str:
    if one.state == ReleaseState.RELEASED:
        return f"{one.since:%Y-%m-%d} 起"
    return str(one.get_state_display())
