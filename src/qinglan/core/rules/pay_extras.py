"""X beside the three parts of pay: project allowance (S2) and the settling-in grant (S3). Paid on a record, never by guess."""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Level
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import day_number, days_in_month, first_missing, is_missing, or_zero, share
from qinglan.core.rules.pay_parts import ANY
from qinglan.core.rules.shapes import Scalar, Table

ITEMS = (
    Item(
        "pay.project_allowance.rate", "项目津贴占项目资金的比例",
        Table(Level, units.PERCENT, maximum=10_000), "pay.project_allowance",
    ),
    Item("pay.project_allowance.cap", "项目津贴每人每年上限", Scalar(units.FEN, maximum=10**10), "pay.project_allowance"),
    Item("pay.settling_grant.amount", "安家补贴", Scalar(units.FEN, maximum=10**10), "pay.settling_grant"),
    Item("pay.settling_grant.bond", "领安家补贴后的服务期", Scalar(units.MONTHS, maximum=240), "pay.settling_grant"),
)  # fmt: skip


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
    headline="settling_grant",
)

FAMILIES = (PROJECT_ALLOWANCE, SETTLING_GRANT)
