"""The list of hand-overs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.assistant.actions.handing import name_of
from qinglan.apps.assistant.models import HandOver
from qinglan.apps.assistant.queries.desk import waited
from qinglan.apps.assistant.states import Handing
from qinglan.apps.base.tables import Table
from qinglan.apps.base.templatetags.figures import moment
from qinglan.apps.base.templatetags.parts import badge

KINDS = {Handing.WAITING: "warn", Handing.TAKEN: "info", Handing.ANSWERED: "good"}
FORGOTTEN = "（内容已过保存期，已清除）"
SHOWN = 60  # characters of a question


class HandOverTable(Table):
    """Give `names` (organisation code → name) and `now`."""

    exportable = True
    caption = "转人工的提问"

    pk = tables.Column(verbose_name="编号", attrs={"td": {"class": "ql-nowrap"}})
    text = tables.Column(verbose_name="问题", orderable=False, empty_values=())
    org_code = tables.Column(verbose_name="地点")
    asked_at = tables.Column(verbose_name="转来时间", attrs={"td": {"class": "ql-nowrap"}})
    waiting = tables.Column(
        verbose_name="等候", empty_values=(), orderable=False, attrs={"td": {"class": "ql-nowrap"}}
    )  # fmt: skip
    state = tables.Column(verbose_name="状态")
    taken_by = tables.Column(
        verbose_name="接手人", orderable=False, empty_values=(), attrs={"td": {"class": "ql-nowrap"}}
    )

    class Meta(Table.Meta):
        sequence = ("pk", "text", "org_code", "asked_at", "waiting", "state", "taken_by")
        empty_text = "没有转人工的提问。居民扫社区的二维码提问，助手没有把握的会转到这里。"

    def __init__(self, *args: Any, names: Mapping[str, str], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names, self.now = names, now

    def render_text(self, record: HandOver) -> SafeString:
        text = self.value_text(record)
        short = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
        worker = format_html(" {}", badge("工作人员问", "plain")) if record.asked_by_id else ""
        return format_html('<a href="{}">{}</a>{}', reverse("assistant:hand-over", args=[record.pk]), short, worker)

    def value_text(self, record: HandOver) -> str:
        return FORGOTTEN if record.forgotten else record.text

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)

    def render_asked_at(self, value: datetime) -> str:
        return moment(value)

    def render_waiting(self, record: HandOver) -> SafeString | str:
        span = waited(record, self.now)
        return format_html("{} {}", span.words, badge("超过一天", "bad")) if span.late else span.words

    def value_waiting(self, record: HandOver) -> str:
        return waited(record, self.now).words

    def render_state(self, record: HandOver) -> SafeString:
        return badge(record.get_state_display(), KINDS.get(Handing(record.state), "plain"))

    def value_state(self, record: HandOver) -> str:
        return str(record.get_state_display())

    def render_taken_by(self, record: HandOver) -> str:
        return name_of(record.taken_by) or "—"
