"""The list of notices."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.base.tables import Table
from qinglan.apps.base.templatetags.figures import moment
from qinglan.apps.base.templatetags.parts import badge
from qinglan.apps.notices.models import Notice


class NoticeTable(Table):
    """An account's notices, newest first. Opening one is a POST: it notes that it was read."""

    exportable = True
    caption = "消息"

    created_at = tables.Column(verbose_name="时间", attrs={"td": {"class": "ql-nowrap"}})
    text = tables.Column(verbose_name="内容", orderable=False)
    read_at = tables.Column(verbose_name="状态", empty_values=())

    class Meta(Table.Meta):
        sequence = ("created_at", "text", "read_at")
        empty_text = "没有消息。与您有关的事办到下一步时，会在这里告诉您。"

    def render_created_at(self, value: Any) -> str:
        return moment(value)

    def render_text(self, record: Notice) -> SafeString:
        if not record.link:
            return format_html("{}", record.text)
        return format_html(
            '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<button class="btn btn-link p-0 text-start text-wrap" type="submit">{}</button></form>',
            reverse("notices:open", args=[record.pk]),
            get_token(self.request),
            record.text,
        )

    def value_text(self, record: Notice) -> str:
        return record.text

    def render_read_at(self, record: Notice) -> SafeString:
        return badge("未读", "info") if record.read_at is None else badge("已读")

    def value_read_at(self, record: Notice) -> str:
        return "未读" if record.read_at is None else f"{moment(record.read_at)} 已读"
