"""What a month pays: arrears (pay.arrears), gross pay with what comes beside the three parts, and net pay at the end.

Amounts that are not recorded are nothing due: X is paid on a record, never by guess. A missing regular amount (no post, no
row in the scale) makes the month missing, with its reason.
"""

from typing import NamedTuple

import numpy as np

from qinglan.core.frame import units
from qinglan.core.frame.codes import Festival
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import first_missing, is_missing, or_zero
from qinglan.core.rules.shapes import Col, Rows

FESTIVALS = {
    "festival": Col("节日", units.CODE, Festival),
    "month": Col("发放月份", units.COUNT, minimum=1, maximum=12),
    "amount": Col("金额", units.FEN),
}

ITEMS = (Item("pay.eight_items.festivals", "双节慰问", Rows(FESTIVALS), "pay.eight_items"),)


# --- arrears: the difference by item between what past months should have paid and what they paid ---


class ArrearsInputs(NamedTuple):
    due_basic: int
    paid_basic: int
    due_performance: int
    paid_performance: int
    due_subsidy: int
    paid_subsidy: int
    due_communications: int
    paid_communications: int
    due_certificate: int
    paid_certificate: int


class ArrearsSteps(NamedTuple):
    arrears_basic: int
    arrears_performance: int
    arrears_subsidy: int
    arrears_communications: int
    arrears_certificate: int
    arrears_total: int


class NoTables(NamedTuple):
    none: int


ARREARS_WIDTH = len(ArrearsInputs._fields)


def no_tables(pack: PackOnDate) -> NoTables:
    return NoTables(0)


@compiled
def difference(due, paid):
    """due − paid; missing if either is."""
    absent = first_missing((due, paid))
    return absent if is_missing(absent) else due - paid


@compiled
def arrears_kernel(x, t):
    basic = difference(x.due_basic, x.paid_basic)
    performance = difference(x.due_performance, x.paid_performance)
    subsidy = difference(x.due_subsidy, x.paid_subsidy)
    communications = difference(x.due_communications, x.paid_communications)
    certificate = difference(x.due_certificate, x.paid_certificate)
    total = first_missing((basic, performance, subsidy, communications, certificate))
    if not is_missing(total):
        total = basic + performance + subsidy + communications + certificate
    return ArrearsSteps(basic, performance, subsidy, communications, certificate, total)


@compiled
def arrears_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, arrears_kernel(ArrearsInputs(*row(columns[:, index], ARREARS_WIDTH)), t))


ARREARS = Family(
    id="pay.arrears",
    label="补发（扣回）",
    mechanisms=("pay.three_plus_x",),
    inputs=ArrearsInputs,
    outputs=ArrearsSteps,
    steps={
        "arrears_basic": Step("补发基本工资", units.FEN),
        "arrears_performance": Step("补发绩效工资", units.FEN),
        "arrears_subsidy": Step("补发专项补贴", units.FEN),
        "arrears_communications": Step("补发通讯交通津贴", units.FEN),
        "arrears_certificate": Step("补发资格津贴", units.FEN),
        "arrears_total": Step("补发（扣回）合计", units.FEN),
    },
    kernel=arrears_kernel,
    run=arrears_run,
    tables=no_tables,
)


# --- gross pay: 3 + X ---


class GrossInputs(NamedTuple):
    month: int
    employed: int
    basic_pay: int
    performance_pay: int
    special_subsidy: int
    communications_pay: int
    certificate_pay: int
    project_allowance: int
    settling_grant: int
    exam_reward: int
    other_pay: int
    arrears_total: int


class GrossSteps(NamedTuple):
    regular_pay: int
    festival_gift: int
    x_pay: int
    gross_pay: int
    festival_row: int


class GrossTables(NamedTuple):
    """`gifts` (13, 2): what each month (1 … 12) gives for its festivals, and the last row that says so; -1 for none."""

    gifts: object


GROSS_WIDTH = len(GrossInputs._fields)


def gross_tables(pack: PackOnDate) -> GrossTables:
    gifts = np.full((13, 2), (0, -1), np.int64)
    for line, (_, month, amount) in enumerate(pack["pay.eight_items.festivals"]):
        gifts[month] = gifts[month, 0] + amount, line
    return GrossTables(gifts)


@compiled
def gross_kernel(x, t):
    gift = 0
    gift_row = -1
    if x.employed == 1:
        gift = t.gifts[x.month % 12 + 1, 0]
        gift_row = t.gifts[x.month % 12 + 1, 1]
    regular = first_missing(
        (x.basic_pay, x.performance_pay, x.special_subsidy, x.communications_pay, x.certificate_pay)
    )
    if not is_missing(regular):
        regular = x.basic_pay + x.performance_pay + x.special_subsidy + x.communications_pay + x.certificate_pay
    extra = first_missing((x.project_allowance, x.settling_grant))
    if not is_missing(extra):
        extra = x.project_allowance + x.settling_grant + or_zero(x.exam_reward) + or_zero(x.other_pay) + gift
    gross = first_missing((regular, extra, x.arrears_total))
    if not is_missing(gross):
        gross = regular + extra + x.arrears_total
    return GrossSteps(regular, gift, extra, gross, gift_row)


@compiled
def gross_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, gross_kernel(GrossInputs(*row(columns[:, index], GROSS_WIDTH)), t))


GROSS = Family(
    id="pay.gross",
    label="应发合计",
    mechanisms=("pay.three_plus_x", "pay.eight_items"),
    inputs=GrossInputs,
    outputs=GrossSteps,
    steps={
        "regular_pay": Step("经常性工资（基本、绩效、补贴、津贴）", units.FEN),
        "festival_gift": Step("双节慰问", units.FEN, "pay.eight_items.festivals", "festival_row"),
        "x_pay": Step("X 合计（项目津贴、安家补贴、奖励、慰问、其他）", units.FEN),
        "gross_pay": Step("应发合计", units.FEN),
        "festival_row": Step("节日行", units.ROW, hidden=True),
    },
    kernel=gross_kernel,
    run=gross_run,
    tables=gross_tables,
)


# --- net pay ---


class NetInputs(NamedTuple):
    gross_pay: int
    insurance_employee: int
    fund_employee: int
    annuity_employee: int
    tax_due: int
    other_withheld: int
    insurance_employer: int
    fund_employer: int
    annuity_employer: int


class NetSteps(NamedTuple):
    deductions: int
    net_pay: int
    owed_by_worker: int
    employer_contributions: int
    employer_cost: int


NET_WIDTH = len(NetInputs._fields)


@compiled
def net_kernel(x, t):
    absent = first_missing((x.gross_pay, x.insurance_employee, x.fund_employee, x.annuity_employee, x.tax_due,
                            x.insurance_employer, x.fund_employer, x.annuity_employer))  # fmt: skip
    deductions = absent
    net = absent
    owed = absent
    contributions = absent
    cost = absent
    if not is_missing(absent):
        deductions = x.insurance_employee + x.fund_employee + x.annuity_employee + or_zero(x.other_withheld)
        net = x.gross_pay - deductions - x.tax_due
        owed = max(-net, 0)
        contributions = x.insurance_employer + x.fund_employer + x.annuity_employer
        cost = x.gross_pay + contributions
    return NetSteps(deductions, net, owed, contributions, cost)


@compiled
def net_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, net_kernel(NetInputs(*row(columns[:, index], NET_WIDTH)), t))


NET = Family(
    id="pay.net",
    label="实发与单位成本",
    mechanisms=("pay.three_plus_x",),
    inputs=NetInputs,
    outputs=NetSteps,
    steps={
        "deductions": Step("个人缴费和其他代扣", units.FEN),
        "net_pay": Step("实发（应发 − 代扣 − 个税）", units.FEN),
        "owed_by_worker": Step("不够扣、由本人补缴", units.FEN),
        "employer_contributions": Step("单位缴费合计", units.FEN),
        "employer_cost": Step("单位用工成本", units.FEN),
    },
    kernel=net_kernel,
    run=net_run,
    tables=no_tables,
    headline="net_pay",
)

FAMILIES = (ARREARS, GROSS, NET)
