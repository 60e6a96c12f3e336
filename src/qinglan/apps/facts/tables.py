"""The lists of imports and of facts."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.base.tables import DayColumn, NumberColumn, Table
from qinglan.apps.base.templatetags.figures import day, moment
from qinglan.apps.base.templatetags.parts import badge
from qinglan.apps.facts.actions.reading import TITLES
from qinglan.apps.facts.models import ImportBatch

STATE_KINDS = {
    "applied": "good",
    "tried": "warn",
    "unclear": "warn",
    "failed": "bad",
    "given_up": "plain",
    "reading": "info",
}


class BatchTable(Table):
    """Files brought in."""

    caption = "导入批次"

    created_at = tables.Column(verbose_name="时间")
    kind = tables.Column(verbose_name="种类")
    filename = tables.Column(verbose_name="文件")
    state = tables.Column(verbose_name="状态")
    read = NumberColumn(verbose_name="读到")
    accepted = NumberColumn(verbose_name="接受")
    unchanged = NumberColumn(verbose_name="未变")
    refused = NumberColumn(verbose_name="退回")
    skipped = NumberColumn(verbose_name="略过")
    by_name = tables.Column(verbose_name="操作人")

    class Meta(Table.Meta):
        empty_text = "还没有导入过文件。在上面选种类和文件，先核对，再导入。"
        sequence = (
            "created_at", "kind", "filename", "state", "read", "accepted", "unchanged", "refused", "skipped", "by_name",
        )  # fmt: skip

    def render_created_at(self, record: ImportBatch) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("facts:import", args=[record.pk]), moment(record.created_at))

    def render_kind(self, value: str) -> str:
        return TITLES.get(value, value)

    def render_state(self, record: ImportBatch) -> SafeString:
        return badge(record.get_state_display(), STATE_KINDS[record.state])


class FactTable(Table):
    """Facts of one kind, newest first."""

    exportable = True
    caption = "事实台账"

    valid_on = DayColumn(verbose_name="发生日期")
    person = tables.Column(verbose_name="人员或单位", empty_values=(), order_by="person__pinyin")
    summary = tables.Column(verbose_name="内容", empty_values=(), orderable=False)
    evidence = tables.Column(verbose_name="依据")
    recorder = tables.Column(verbose_name="记录人")
    recorded_at = tables.Column(verbose_name="记录时间")
    sheet_row = tables.Column(verbose_name="表内位置")

    class Meta(Table.Meta):
        sequence = ("valid_on", "person", "summary", "evidence", "recorder", "recorded_at", "sheet_row")

    def __init__(self, *args: Any, kind: str, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.names = kind, names

    def render_valid_on(self, record: Any) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("facts:fact", args=[self.kind, record.pk]), day(record.valid_on)
        )

    def value_valid_on(self, record: Any) -> str:
        return day(record.valid_on)

    def render_person(self, record: Any) -> SafeString | str:
        if record.person_id is None:
            return self.names.get(record.org_code, record.org_code)
        return format_html('<a href="{}">{}</a>', reverse("people:person", args=[record.person_id]), record.person.name)

    def value_person(self, record: Any) -> str:
        return record.person.name if record.person_id else self.names.get(record.org_code, record.org_code)

    def render_summary(self, record: Any) -> str:
        return record.summary()

    def render_recorded_at(self, value: Any) -> str:
        return moment(value)
