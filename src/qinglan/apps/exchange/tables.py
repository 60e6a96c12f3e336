"""The lists of tokens, of conflicts under keys, of addresses to be told and of what they were told."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.base.tables import DayColumn, NumberColumn, Table
from qinglan.apps.base.templatetags.figures import moment
from qinglan.apps.base.templatetags.parts import badge
from qinglan.apps.exchange.models import Delivery, KeyConflict, Token, Webhook

_DESK_ONLY = {"td": {"class": "ql-desk-only"}}


class TokenTable(Table):
    """Tokens with whose they are; `on` is the day by which they are in force, `places` code -> name."""

    exportable = True
    caption = "令牌"

    name = tables.Column(verbose_name="用途")
    prefix = tables.Column(verbose_name="编号", attrs={"td": {"class": "ql-code"}})
    user = tables.Column(verbose_name="账号", accessor="user__username")
    org_code = tables.Column(verbose_name="限于机构", attrs=_DESK_ONLY)
    scopes = tables.Column(verbose_name="可以做的事", orderable=False, attrs=_DESK_ONLY)
    expires_on = DayColumn(verbose_name="有效至")
    used = tables.Column(verbose_name="最近使用", empty_values=(), orderable=False)
    state = tables.Column(verbose_name="状态", empty_values=(), orderable=False)
    act = tables.Column(verbose_name="操作", empty_values=(), orderable=False, exclude_from_export=True)

    class Meta(Table.Meta):
        sequence = ("name", "prefix", "user", "org_code", "scopes", "expires_on", "used", "state", "act")
        empty_text = "没有符合条件的令牌。其他系统要读写数据时，请在这里新建一个。"

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = on

    def _open(self, token: Token) -> bool:
        return token.revoked_at is None and token.expires_on >= self.on and token.user.is_active

    def render_scopes(self, record: Token) -> str:
        return "、".join(record.words())

    def render_used(self, record: Token) -> str:
        use = getattr(record, "use", None)
        return moment(use.last_used_at) if use else "从未使用"

    def value_state(self, record: Token) -> str:
        if record.revoked_at is not None:
            return "已停用"
        if not record.user.is_active:
            return "账号已停用"
        return "有效" if self._open(record) else "已到期"

    def render_state(self, record: Token) -> SafeString:
        return badge(self.value_state(record), "good" if self._open(record) else "plain")

    def render_act(self, record: Token) -> SafeString | str:
        if record.revoked_at is not None:
            return ""
        return format_html(
            '<a class="btn btn-sm btn-outline-danger" href="{}">停用<span class="visually-hidden">{}</span></a>',
            reverse("exchange:revoke", args=[record.pk]),
            record.name,
        )

    def value_act(self, record: Token) -> str:
        return ""


class ConflictTable(Table):
    """Submissions refused because their key had been used for something else."""

    exportable = True
    caption = "键冲突"

    at = tables.Column(verbose_name="时间", attrs={"td": {"class": "ql-nowrap"}})
    key = tables.Column(verbose_name="幂等键", accessor="answer__key", attrs={"td": {"class": "ql-code"}})
    first = tables.Column(verbose_name="先前的提交", accessor="answer__operation", orderable=False)
    operation = tables.Column(verbose_name="这次的提交", orderable=False)
    look = tables.Column(verbose_name="操作", empty_values=(), orderable=False, exclude_from_export=True)

    class Meta(Table.Meta):
        sequence = ("at", "key", "first", "operation", "look")
        empty_text = "没有冲突。同一个键用于两次不同的提交时，第二次会被拒绝并留在这里。"

    def __init__(self, *args: Any, own: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = own

    def render_at(self, value: Any) -> str:
        return moment(value)

    def render_look(self, record: KeyConflict) -> SafeString | str:
        if record.answer.by_id != self.own:
            return "由提交的账号查看"
        address = reverse("exchange:conflict", args=[record.pk])
        return format_html('<a class="btn btn-sm" href="{}">查看内容</a>', address)

    def value_look(self, record: KeyConflict) -> str:
        return ""


class WebhookTable(Table):
    """Addresses that are told of events."""

    caption = "通知地址"

    name = tables.Column(verbose_name="用途")
    url = tables.Column(verbose_name="地址", attrs={"td": {"class": "ql-code"}})
    org_code = tables.Column(verbose_name="范围")
    wanted = tables.Column(verbose_name="事件", orderable=False)
    state = tables.Column(verbose_name="状态", empty_values=(), orderable=False)

    class Meta(Table.Meta):
        sequence = ("name", "url", "org_code", "wanted", "state")
        empty_text = "还没有通知地址。需要在公布、选用政策包或导入完成时通知其他系统的，请新建一个。"

    def render_wanted(self, record: Webhook) -> str:
        return "、".join(record.words())

    def render_state(self, record: Webhook) -> SafeString:
        if record.stopped_at is not None:
            return badge("已停用", "plain")
        return format_html(
            '{} <a class="btn btn-sm btn-outline-danger" href="{}">停用<span class="visually-hidden">{}</span></a>',
            badge("启用", "good"),
            reverse("exchange:stop-webhook", args=[record.pk]),
            record.name,
        )


class DeliveryTable(Table):
    """The log of what was told."""

    exportable = True
    caption = "送达记录"

    created_at = tables.Column(verbose_name="时间", attrs={"td": {"class": "ql-nowrap"}})
    name = tables.Column(verbose_name="通知的系统", accessor="webhook__name")
    event = tables.Column(verbose_name="事件")
    attempts = NumberColumn(verbose_name="次数")
    answer = tables.Column(verbose_name="对方答复", default="—")
    problem = tables.Column(verbose_name="问题", orderable=False, attrs=_DESK_ONLY)
    state = tables.Column(verbose_name="状态")

    class Meta(Table.Meta):
        sequence = ("created_at", "name", "event", "attempts", "answer", "problem", "state")
        empty_text = "没有符合条件的送达记录。"

    def render_created_at(self, value: Any) -> str:
        return moment(value)

    def render_event(self, record: Delivery) -> str:
        return record.event_word()

    def render_state(self, record: Delivery) -> SafeString:
        kinds = {Delivery.State.DELIVERED: "good", Delivery.State.GIVEN_UP: "bad"}
        mark = badge(record.get_state_display(), kinds.get(Delivery.State(record.state), "info"))
        if record.state != Delivery.State.GIVEN_UP or record.webhook.stopped_at is not None:
            return mark
        return format_html(
            '{} <form method="post" action="{}" class="d-inline"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
            '<button class="btn btn-sm" type="submit">重发</button></form>',
            mark,
            reverse("exchange:again", args=[record.pk]),
            get_token(self.request),
        )

    def value_state(self, record: Delivery) -> str:
        return record.get_state_display()
