"""The lists of claims and proposals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.base.tables import DayColumn, Table
from qinglan.apps.base.templatetags.figures import day
from qinglan.apps.base.templatetags.parts import badge
from qinglan.apps.rights.models import Claim, Proposal
from qinglan.apps.rights.states import WAITING

CLAIM_KINDS = {
    Claim.State.RECEIVED: "info",
    Claim.State.ASSIGNED: "info",
    Claim.State.ANSWERED: "warn",
    Claim.State.CORRECTED: "good",
}
PROPOSAL_KINDS = {
    Proposal.State.OPEN: "info",
    Proposal.State.INFORMED: "info",
    Proposal.State.HEARD: "warn",
    Proposal.State.CONFIRMED: "bad",
}


def is_overdue(claim: Claim, today: date) -> bool:
    """Whether an answer is owed since before today."""
    return claim.state in WAITING and claim.due_on is not None and claim.due_on < today


class ClaimTable(Table):
    """Claims. Give `names` (organisation code → name) and `today`; the person's column can be left out."""

    exportable = True
    caption = "诉求"

    number = tables.Column(verbose_name="编号", attrs={"td": {"class": "ql-nowrap"}})
    person = tables.Column(
        verbose_name="提出人", accessor="person__name", order_by="person__pinyin", attrs={"td": {"class": "ql-nowrap"}}
    )
    org_code = tables.Column(verbose_name="社区")
    kind = tables.Column(verbose_name="种类")
    figure = tables.Column(verbose_name="哪个数")
    received_on = DayColumn(verbose_name="提出")
    due_on = tables.Column(verbose_name="答复截止", empty_values=(), attrs={"td": {"class": "ql-nowrap"}})
    hearing_on = DayColumn(verbose_name="听取日")
    state = tables.Column(verbose_name="状态")
    assigned_to = tables.Column(verbose_name="办理人", orderable=False)

    class Meta(Table.Meta):
        sequence = (
            "number", "person", "org_code", "kind", "figure", "received_on", "due_on", "hearing_on", "state", "assigned_to",
        )  # fmt: skip
        empty_text = "没有诉求。工作者可以在“我的诉求”里提出，也可以由街道代为登记。"

    def __init__(self, *args: Any, names: Mapping[str, str], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names, self.today = names, today

    def render_number(self, record: Claim) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("rights:claim", args=[record.pk]), record.number)

    def value_number(self, record: Claim) -> str:
        return record.number

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)

    def render_kind(self, record: Claim) -> str:
        again = "（复核）" if record.level > 1 else ""
        return f"{record.get_kind_display()}{again}"

    def render_due_on(self, record: Claim) -> SafeString | str:
        if is_overdue(record, self.today):
            return format_html("{} {}", day(record.due_on), badge("逾期", "bad"))
        return day(record.due_on) if record.due_on else "待放假安排公布"

    def value_due_on(self, record: Claim) -> str:
        return f"{day(record.due_on)}{'（逾期）' if is_overdue(record, self.today) else ''}"

    def render_state(self, record: Claim) -> SafeString:
        return badge(record.get_state_display(), CLAIM_KINDS.get(Claim.State(record.state), "plain"))

    def value_state(self, record: Claim) -> str:
        return str(record.get_state_display())

    def render_assigned_to(self, value: Any) -> str:
        return value.get_full_name() or value.get_username()


class ProposalTable(Table):
    """Proposals. Give `names` (organisation code → name)."""

    exportable = True
    caption = "处置建议"

    number = tables.Column(verbose_name="编号", attrs={"td": {"class": "ql-nowrap"}})
    person = tables.Column(
        verbose_name="人员", accessor="person__name", order_by="person__pinyin", attrs={"td": {"class": "ql-nowrap"}}
    )
    org_code = tables.Column(verbose_name="社区")
    kind = tables.Column(verbose_name="种类")
    created_on = DayColumn(verbose_name="拟议")
    by_name = tables.Column(verbose_name="拟议人")
    state = tables.Column(verbose_name="状态")

    class Meta(Table.Meta):
        sequence = ("number", "person", "org_code", "kind", "created_on", "by_name", "state")
        empty_text = "没有处置建议。已公布的年度结果里有解除或降级建议的，会列在上面，由人拟议。"

    def __init__(self, *args: Any, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_number(self, record: Proposal) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("rights:proposal", args=[record.pk]), record.number)

    def value_number(self, record: Proposal) -> str:
        return record.number

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)

    def render_kind(self, record: Proposal) -> str:
        return str(record.get_kind_display())

    def render_state(self, record: Proposal) -> SafeString:
        return badge(record.get_state_display(), PROPOSAL_KINDS.get(Proposal.State(record.state), "plain"))

    def value_state(self, record: Proposal) -> str:
        return str(record.get_state_display())
