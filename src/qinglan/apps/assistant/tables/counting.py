"""The table of counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables

from qinglan.apps.assistant.queries.counting import BY
from qinglan.apps.assistant.states import Channel, Outcome
from qinglan.apps.assistant.tables.evaluations import card_link
from qinglan.apps.base.tables import NumberColumn, Table
from qinglan.apps.base.templatetags.figures import day


class CountColumn(NumberColumn):
    """A count; in a workbook a number to reckon with."""

    def value(self, **kwargs: Any) -> Any:
        return kwargs["value"]


class CountTable(Table):
    """A row a day, card, channel or place. `by`: which; `called`: what stands for a code or key."""

    exportable = True
    caption = "提问统计"

    what = tables.Column(verbose_name="", empty_values=())
    asked = CountColumn(verbose_name="提问")
    n_answered = CountColumn(verbose_name=Outcome.ANSWERED.label)
    n_asks_back = CountColumn(verbose_name=Outcome.ASKS.label)
    n_handed_over = CountColumn(verbose_name=Outcome.HANDED_OVER.label)
    n_refused = CountColumn(verbose_name=Outcome.REFUSED.label)
    share = tables.Column(
        verbose_name="已回答占比", attrs={"td": {"class": "ql-num"}, "th": {"class": "ql-num"}}
    )  # fmt: skip
    up = CountColumn(verbose_name="有帮助")
    down = CountColumn(verbose_name="没有帮助")

    class Meta(Table.Meta):
        sequence = ("what", "asked", "n_answered", "n_asks_back", "n_handed_over", "n_refused", "share", "up", "down")
        empty_text = "这段时间没有人提问。可换一段日期，或清空筛选条件。"

    def __init__(self, *args: Any, by: str, called: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.called = by, called
        self.columns["what"].column.verbose_name = BY[by]

    def _called(self, value: Any) -> str:
        if self.by == "day":
            return str(day(value))
        if self.by == "channel":
            return str(Channel(value).label)
        return self.called.get(value, value) or "（没有卡片）"

    def render_what(self, value: Any) -> str:
        return card_link(value, self._called(value)) if self.by == "card_key" else self._called(value)

    def value_what(self, value: Any) -> str:
        return self._called(value)

    def render_share(self, value: float) -> str:
        return f"{value:.1%}"
