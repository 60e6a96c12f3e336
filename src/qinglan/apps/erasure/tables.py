"""The list of erasures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.base.tables import Table
from qinglan.apps.base.templatetags.figures import day
from qinglan.apps.base.templatetags.parts import badge
from qinglan.apps.erasure.models import Erasure

KINDS = {Erasure.State.ASKED: "warn", Erasure.State.CONFIRMED: "info", Erasure.State.DONE: "good"}


class ErasureTable(Table):
    """Erasures. Give `names` (organisation code -> name)."""

    exportable = True
    caption = "个人信息删除"

    id = tables.Column(verbose_name="编号")
    person_id = tables.Column(verbose_name="档案")
    org_code = tables.Column(verbose_name="所在机构")
    ground = tables.Column(verbose_name="依据")
    asked_by_name = tables.Column(verbose_name="申请人")
    asked_at = tables.Column(verbose_name="申请日期", attrs={"td": {"class": "ql-nowrap"}})
    confirmed_by_name = tables.Column(verbose_name="确认人")
    state = tables.Column(verbose_name="状态")
    done_at = tables.Column(verbose_name="删除日期", attrs={"td": {"class": "ql-nowrap"}})

    class Meta(Table.Meta):
        sequence = (
            "id", "person_id", "org_code", "ground", "asked_by_name", "asked_at", "confirmed_by_name", "state", "done_at",
        )  # fmt: skip
        empty_text = "没有删除个人信息的申请。人员离任、保存期届满以后，可以在人员页面申请。"

    def __init__(self, *args: Any, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_id(self, record: Erasure) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("erasure:erasure", args=[record.pk]), record.pk)

    def value_id(self, record: Erasure) -> int:
        return record.pk

    def render_person_id(self, value: int) -> str:
        return str(value)

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)

    def render_ground(self, record: Erasure) -> str:
        return str(record.get_ground_display())

    def render_asked_at(self, value: Any) -> str:
        return day(timezone.localdate(value))

    def render_done_at(self, value: Any) -> str:
        return day(timezone.localdate(value))

    def render_state(self, record: Erasure) -> SafeString:
        return badge(record.get_state_display(), KINDS.get(Erasure.State(record.state), "plain"))

    def value_state(self, record: Erasure) -> str:
        return str(record.get_state_display())
