"""What a month pays: arrears (pay.arrears), project allowance, settling-in grant, gross pay, and net pay at the end.

Amounts that are not recorded are nothing due: X is paid on a record, never by guess. A missing regular amount (no post, no
row in the scale) makes the month missing, with its reason.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Festival, Level
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import day_number, days_in_month, first_missing, is_missing, or_zero, share
from qinglan.core.rules.pay_parts import ANY
from qinglan.core.rules.shapes import Col, Rows, Scalar, Table

FESTIVALS = {
    "festival": Col("节日", units.CODE, Festival),
    "month": Col("发放月份", units.COUNT, minimum=1),
    "amount": Col("金额", units.FEN),
}

ITEMS = (
    Item(
        "pay.project_allowance.rate", "项目津贴占项目资金的比例",
        Table(Level, units.PERCENT, maximum=10_000), "pay.project_allowance",
    ),
    Item("pay.project_allowance.cap", "项目津贴每人每年上限", Scalar(units.FEN, maximum=10**10), "pay.project_allowance"),
    Item("pay.settling_grant.amount", "安家补贴", Scalar(units.FEN, maximum=10**10), "pay.settling_grant"),
    Item("pay.settling_grant.bond", "领安家补贴后的服务期", Scalar(units.MONTHS, maximum=240), "pay.settling_grant"),
    Item("pay.eight_items.festivals", "双节慰问", Rows(FESTIVALS), "pay.eight_items"),
)  # fmt: skip


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


# --- project allowance ---


class ProjectInputs(NamedTuple):
    prize_money_province: int
    prize_money_city: int
    prize_money_district: int
    project_allowance_before: int


class ProjectSteps(NamedTuple):
    project_province: int
    project_city: int
    project_district: int
    project_before_cap: int
    project_cap_left: int
    project_allowance: int


class ProjectTables(NamedTuple):
    rate: object
    cap: int


PROJECT_WIDTH = len(ProjectInputs._fields)


def project_tables(pack: PackOnDate) -> ProjectTables:
    return ProjectTables(pack["pay.project_allowance.rate"], pack["pay.project_allowance.cap"])


@compiled
def prize_share(money, rate):
    """The allowance for one level; nothing without money, missing where the pack names no rate."""
    if or_zero(money) == 0:
        return 0
    return rate if is_missing(rate) else share(money, rate)


@compiled
def project_kernel(x, t):
    province = prize_share(x.prize_money_province, t.rate[2])
    city = prize_share(x.prize_money_city, t.rate[3])
    district = prize_share(x.prize_money_district, t.rate[4])
    left = max(t.cap - or_zero(x.project_allowance_before), 0)
    total = first_missing((province, city, district))
    allowance = total
    if not is_missing(total):
        total = province + city + district
        allowance = min(total, left)
    return ProjectSteps(province, city, district, total, left, allowance)


@compiled
def project_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, project_kernel(ProjectInputs(*row(columns[:, index], PROJECT_WIDTH)), t))


PROJECT_ALLOWANCE = Family(
    id="pay.project_allowance",
    label="项目津贴",
    mechanisms=("pay.project_allowance",),
    inputs=ProjectInputs,
    outputs=ProjectSteps,
    steps={
        "project_province": Step("省级获奖项目津贴", units.FEN, "pay.project_allowance.rate", 2),
        "project_city": Step("市级获奖项目津贴", units.FEN, "pay.project_allowance.rate", 3),
        "project_district": Step("区级获奖项目津贴", units.FEN, "pay.project_allowance.rate", 4),
        "project_before_cap": Step("封顶前项目津贴", units.FEN),
        "project_cap_left": Step("本年封顶余额", units.FEN, "pay.project_allowance.cap"),
        "project_allowance": Step("项目津贴", units.FEN, "pay.project_allowance.cap"),
    },
    kernel=project_kernel,
    run=project_run,
    tables=project_tables,
)


# --- settling-in grant: once in a life, with a bond ---


class SettlingInputs(NamedTuple):
    month: int
    settling_approved: int
    settling_paid_before: int


class SettlingSteps(NamedTuple):
    settling_grant: int
    settling_bond_until: int


class SettlingTables(NamedTuple):
    amount: int
    bond: int


SETTLING_WIDTH = len(SettlingInputs._fields)


def settling_tables(pack: PackOnDate) -> SettlingTables:
    return SettlingTables(pack["pay.settling_grant.amount"], pack["pay.settling_grant.bond"])


@compiled
def settling_kernel(x, t):
    grant = 0
    until = ANY
    if x.settling_approved == 1 and x.settling_paid_before != 1:
        grant = t.amount
        last = x.month + t.bond
        year, month = last // 12, last % 12 + 1
        until = day_number(year, month, days_in_month(year, month))
    return SettlingSteps(grant, until)


@compiled
def settling_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, settling_kernel(SettlingInputs(*row(columns[:, index], SETTLING_WIDTH)), t))


SETTLING_GRANT = Family(
    id="pay.settling_grant",
    label="专项安家补贴",
    mechanisms=("pay.settling_grant",),
    inputs=SettlingInputs,
    outputs=SettlingSteps,
    steps={
        "settling_grant": Step("安家补贴", units.FEN, "pay.settling_grant.amount"),
        "settling_bond_until": Step("服务期至", units.DATE, "pay.settling_grant.bond"),
    },
    kernel=settling_kernel,
    run=settling_run,
    tables=settling_tables,
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
    festivals: object


GROSS_WIDTH = len(GrossInputs._fields)


def gross_tables(pack: PackOnDate) -> GrossTables:
    return GrossTables(pack["pay.eight_items.festivals"])


@compiled
def gross_kernel(x, t):
    gift = 0
    gift_row = -1
    if x.employed == 1:
        for index in range(t.festivals.shape[0]):
            if t.festivals[index, 1] == x.month % 12 + 1:
                gift += t.festivals[index, 2]
                gift_row = index
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
)

FAMILIES = (ARREARS, PROJECT_ALLOWANCE, SETTLING_GRANT, GROSS, NET)
