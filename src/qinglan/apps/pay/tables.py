"""The lists of months, of a month's slips, and of one's own slips."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.base.tables import MoneyColumn, NumberColumn, Table
from qinglan.apps.base.templatetags.parts import badge
from qinglan.apps.pay.models import PayMonth, PaySlip
from qinglan.apps.pay.states import State

STATE_KINDS = {State.OPEN: "info", State.CLOSED: "good", State.REPLACED: "plain"}


class MonthTable(Table):
    """Months with their sums; rows come from queries.with_sums."""

    exportable = True
    caption = "工资月份"

    month = tables.Column(verbose_name="月份", order_by=("year", "month"))
    state = tables.Column(verbose_name="状态")
    people = NumberColumn(verbose_name="人数")
    sum_gross = MoneyColumn(verbose_name="应发合计")
    late = NumberColumn(verbose_name="补发人数")
    sum_arrears = MoneyColumn(verbose_name="其中补发")
    sum_net = MoneyColumn(verbose_name="实发合计")
    sum_cost = MoneyColumn(verbose_name="单位成本")
    by_name = tables.Column(verbose_name="计算人")

    class Meta(Table.Meta):
        sequence = (
            "month",
            "state",
            "people",
            "sum_gross",
            "late",
            "sum_arrears",
            "sum_net",
            "sum_cost",
            "by_name",
        )
        empty_text = "还没有计算过月度工资。选好月份后点“计算”，由另一人核对后关账。"

    def render_month(self, record: PayMonth) -> SafeString:
        return format_html(
            '<a href="{}">{} 年 {} 月</a>', reverse("pay:month", args=[record.pk]), record.year, record.month
        )

    def value_month(self, record: PayMonth) -> str:
        return f"{record.year} 年 {record.month} 月"

    def render_state(self, record: PayMonth) -> SafeString:
        return badge(record.get_state_display(), STATE_KINDS[State(record.state)])

    def value_state(self, record: PayMonth) -> str:
        return record.get_state_display()


class SlipTable(Table):
    """The slips of a month. Give `names` (organisation code → name); rows come from queries.slips."""

    exportable = True
    caption = "工资条"

    person = tables.Column(verbose_name="姓名", order_by="person__pinyin")
    org_code = tables.Column(verbose_name="社区")
    regular = MoneyColumn(verbose_name="经常性工资")
    arrears = MoneyColumn(verbose_name="补发（扣回）")
    gross = MoneyColumn(verbose_name="应发")
    gross_change = MoneyColumn(verbose_name="比上月")
    deductions = MoneyColumn(verbose_name="代扣")
    tax = MoneyColumn(verbose_name="个税")
    net = MoneyColumn(verbose_name="实发")
    owed = MoneyColumn(verbose_name="须补缴")

    class Meta(Table.Meta):
        sequence = (
            "person",
            "org_code",
            "regular",
            "arrears",
            "gross",
            "gross_change",
            "deductions",
            "tax",
            "net",
            "owed",
        )
        empty_text = "没有符合条件的工资条，可以放宽上面的条件。"

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_person(self, record: PaySlip) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("pay:slip", args=[record.pk]), record.person.name)

    def value_person(self, record: PaySlip) -> str:
        return record.person.name

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)


class OwnTable(Table):
    """One's own slips."""

    exportable = True
    caption = "我的工资条"

    month = tables.Column(verbose_name="月份", order_by=("month__year", "month__month"))
    gross = MoneyColumn(verbose_name="应发")
    arrears = MoneyColumn(verbose_name="其中补发")
    deductions = MoneyColumn(verbose_name="代扣")
    tax = MoneyColumn(verbose_name="个税")
    net = MoneyColumn(verbose_name="实发")

    class Meta(Table.Meta):
        sequence = ("month", "gross", "arrears", "deductions", "tax", "net")
        empty_text = "还没有关账的工资条；每月关账后在这里查看。"

    def render_month(self, record: PaySlip) -> SafeString:
        month = record.month
        return format_html(
            '<a href="{}">{} 年 {} 月</a>', reverse("pay:slip", args=[record.pk]), month.year, month.month
        )

    def value_month(self, record: PaySlip) -> str:
        return f"{record.month.year} 年 {record.month.month} 月"
