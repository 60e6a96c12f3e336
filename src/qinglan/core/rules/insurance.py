"""Injury route (pay.injury_pool), social insurance, housing fund and annuity (pay.annuity) of a month: worker and employer.

Base: declared, held between floor and ceiling of the local average wage (社会保险法; policy_facts §4). Each line is rounded
half up to the pack's unit. Nobody employed without insurance unless recorded so.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import InjuryRoute, Insurance
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled, plain
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import clamp, is_missing, share, share_to
from qinglan.core.rules.pay_parts import ANY
from qinglan.core.rules.shapes import Cap, Scalar, Table

RATE = Table(Insurance, units.PERCENT, maximum=3_000, every=True)
FUND_RATE = Scalar(units.PERCENT, minimum=500, maximum=1_200)
ITEMS = (
    Item("pay.injury_pool.route", "工伤保险途径", Scalar(units.CODE, InjuryRoute), "pay.injury_pool"),
    Item(
        "pay.injury_pool.rate", "工伤保险单位费率", Table(InjuryRoute, units.PERCENT, maximum=300, every=True), "pay.injury_pool"
    ),
    Item("pay.social_insurance.average_wage", "当地全口径月平均工资", Scalar(units.FEN, minimum=1), "pay.eight_items"),
    Item("pay.social_insurance.base_cap", "缴费基数上下限（占平均工资）", Cap(units.PERCENT), "pay.eight_items"),
    Item("pay.social_insurance.employee", "社会保险个人费率", RATE, "pay.eight_items"),
    Item("pay.social_insurance.employer", "社会保险单位费率", RATE, "pay.eight_items"),
    Item("pay.social_insurance.round_to", "每项保险费取整到", Scalar(units.FEN, minimum=1, maximum=100), "pay.eight_items"),
    Item("pay.housing_fund.employee", "住房公积金个人缴存比例", FUND_RATE, "pay.eight_items"),
    Item("pay.housing_fund.employer", "住房公积金单位缴存比例", FUND_RATE, "pay.eight_items"),
    Item("pay.housing_fund.base_cap", "公积金缴存基数上下限", Cap(units.FEN), "pay.eight_items"),
    Item("pay.housing_fund.round_to", "公积金取整到", Scalar(units.FEN, minimum=1, maximum=100), "pay.eight_items"),
    Item("pay.annuity.employee", "职业年金个人比例", Scalar(units.PERCENT, maximum=1_200), "pay.annuity"),
    Item("pay.annuity.employer", "职业年金单位比例", Scalar(units.PERCENT, maximum=1_200), "pay.annuity"),
    Item("pay.annuity.deductible", "职业年金个人部分税前扣除上限", Scalar(units.PERCENT, maximum=1_200), "pay.annuity"),
)  # fmt: skip


# --- injury: the route and its rate ---


class InjuryInputs(NamedTuple):
    employed: int
    insured: int
    injury_route_recorded: int


class InjurySteps(NamedTuple):
    injury_insured: int
    injury_route: int
    injury_rate: int
    injury_alert: int
    injury_row: int


class InjuryTables(NamedTuple):
    route: int
    rate: object


INJURY_WIDTH = len(InjuryInputs._fields)


def injury_tables(pack: PackOnDate) -> InjuryTables:
    return InjuryTables(pack["pay.injury_pool.route"], pack["pay.injury_pool.rate"])


@compiled
def injury_kernel(x, t):
    insured = 1 if x.employed == 1 and x.insured != 0 else 0
    alert = 1 if x.employed == 1 and insured == 0 else 0
    route = t.route if is_missing(x.injury_route_recorded) else x.injury_route_recorded
    rate = t.rate[route] if insured == 1 else 0
    shown = route if insured == 1 else ANY
    return InjurySteps(insured, shown, rate, alert, route)


@compiled
def injury_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, injury_kernel(InjuryInputs(*row(columns[:, index], INJURY_WIDTH)), t))


INJURY_POOL = Family(
    id="pay.injury_pool",
    label="工伤保险途径",
    mechanisms=("pay.injury_pool",),
    inputs=InjuryInputs,
    outputs=InjurySteps,
    steps={
        "injury_insured": Step("已参加工伤保险", units.FLAG),
        "injury_route": Step("工伤参保途径", units.CODE, "pay.injury_pool.route", codes=InjuryRoute.labels()),
        "injury_rate": Step("工伤保险费率", units.PERCENT, "pay.injury_pool.rate", "injury_row"),
        "injury_alert": Step("在职未参保，须补办", units.FLAG),
        "injury_row": Step("途径行", units.ROW, hidden=True),
    },
    kernel=injury_kernel,
    run=injury_run,
    tables=injury_tables,
)


# --- social insurance ---


class Inputs(NamedTuple):
    employed: int
    insured: int
    contribution_base: int
    regular_pay: int
    injury_rate: int


class Steps(NamedTuple):
    base_declared: int
    base_floor: int
    base_ceiling: int
    insurance_base: int
    pension_employee: int
    medical_employee: int
    unemployment_employee: int
    insurance_employee: int
    pension_employer: int
    medical_employer: int
    unemployment_employer: int
    injury_employer: int
    insurance_employer: int


class Tables(NamedTuple):
    floor: int
    ceiling: int
    employee: object
    employer: object
    round_to: int


WIDTH = len(Inputs._fields)


def tables(pack: PackOnDate) -> Tables:
    average, cap = pack["pay.social_insurance.average_wage"], pack["pay.social_insurance.base_cap"]
    return Tables(
        plain(share)(average, cap.floor),
        plain(share)(average, cap.ceiling),
        pack["pay.social_insurance.employee"],
        pack["pay.social_insurance.employer"],
        pack["pay.social_insurance.round_to"],
    )


@compiled
def line(base, percent, unit):
    """One contribution: nothing without a base (不适用), missing if the base is missing for another reason."""
    if base == ANY:
        return 0
    return base if is_missing(base) else share_to(base, percent, unit)


@compiled
def kernel(x, t):
    declared = x.regular_pay if is_missing(x.contribution_base) else x.contribution_base
    if x.employed != 1 or x.insured == 0:
        declared = ANY
    base = declared if is_missing(declared) else clamp(declared, t.floor, t.ceiling)
    pension = line(base, t.employee[1], t.round_to)
    medical = line(base, t.employee[2], t.round_to)
    unemployment = line(base, t.employee[3], t.round_to)
    pension_employer = line(base, t.employer[1], t.round_to)
    medical_employer = line(base, t.employer[2], t.round_to)
    unemployment_employer = line(base, t.employer[3], t.round_to)
    injury = line(base, x.injury_rate, t.round_to)
    employee = pension
    employer = injury
    if not is_missing(pension):
        employee = pension + medical + unemployment
        employer = pension_employer + medical_employer + unemployment_employer + injury
    return Steps(
        declared, t.floor, t.ceiling, base, pension, medical, unemployment, employee,
        pension_employer, medical_employer, unemployment_employer, injury, employer,
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


EMPLOYEE, EMPLOYER = "pay.social_insurance.employee", "pay.social_insurance.employer"
SOCIAL_INSURANCE = Family(
    id="pay.social_insurance",
    label="社会保险",
    mechanisms=("pay.eight_items",),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "base_declared": Step("申报缴费基数", units.FEN),
        "base_floor": Step("基数下限", units.FEN, "pay.social_insurance.base_cap"),
        "base_ceiling": Step("基数上限", units.FEN, "pay.social_insurance.base_cap"),
        "insurance_base": Step("缴费基数", units.FEN, "pay.social_insurance.average_wage"),
        "pension_employee": Step("养老保险（个人）", units.FEN, EMPLOYEE, 1),
        "medical_employee": Step("医疗保险（个人）", units.FEN, EMPLOYEE, 2),
        "unemployment_employee": Step("失业保险（个人）", units.FEN, EMPLOYEE, 3),
        "insurance_employee": Step("社会保险个人合计", units.FEN),
        "pension_employer": Step("养老保险（单位）", units.FEN, EMPLOYER, 1),
        "medical_employer": Step("医疗保险（单位）", units.FEN, EMPLOYER, 2),
        "unemployment_employer": Step("失业保险（单位）", units.FEN, EMPLOYER, 3),
        "injury_employer": Step("工伤保险（单位）", units.FEN, "pay.injury_pool.rate"),
        "insurance_employer": Step("社会保险单位合计", units.FEN),
    },
    kernel=kernel,
    run=run,
    tables=tables,
    headline="insurance_employee",
)


# --- housing fund ---


class FundInputs(NamedTuple):
    employed: int
    fund_member: int
    fund_base: int
    contribution_base: int
    regular_pay: int


class FundSteps(NamedTuple):
    fund_base_used: int
    fund_employee: int
    fund_employer: int


class FundTables(NamedTuple):
    employee: int
    employer: int
    base_cap: object
    round_to: int


FUND_WIDTH = len(FundInputs._fields)


def fund_tables(pack: PackOnDate) -> FundTables:
    return FundTables(
        pack["pay.housing_fund.employee"],
        pack["pay.housing_fund.employer"],
        pack["pay.housing_fund.base_cap"],
        pack["pay.housing_fund.round_to"],
    )


@compiled
def fund_kernel(x, t):
    base = x.fund_base
    if is_missing(base):
        base = x.contribution_base
    if is_missing(base):
        base = x.regular_pay
    if x.employed != 1 or x.fund_member == 0:
        base = ANY
    if not is_missing(base):
        base = clamp(base, t.base_cap.floor, t.base_cap.ceiling)
    return FundSteps(base, line(base, t.employee, t.round_to), line(base, t.employer, t.round_to))


@compiled
def fund_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, fund_kernel(FundInputs(*row(columns[:, index], FUND_WIDTH)), t))


HOUSING_FUND = Family(
    id="pay.housing_fund",
    label="住房公积金",
    mechanisms=("pay.eight_items",),
    inputs=FundInputs,
    outputs=FundSteps,
    steps={
        "fund_base_used": Step("公积金缴存基数", units.FEN, "pay.housing_fund.base_cap"),
        "fund_employee": Step("住房公积金（个人）", units.FEN, "pay.housing_fund.employee"),
        "fund_employer": Step("住房公积金（单位）", units.FEN, "pay.housing_fund.employer"),
    },
    kernel=fund_kernel,
    run=fund_run,
    tables=fund_tables,
    headline="fund_employee",
)


# --- annuity ---


class AnnuityInputs(NamedTuple):
    insurance_base: int
    annuity_member: int


class AnnuitySteps(NamedTuple):
    annuity_employee: int
    annuity_employer: int
    annuity_deductible: int


class AnnuityTables(NamedTuple):
    employee: int
    employer: int
    deductible: int


ANNUITY_WIDTH = len(AnnuityInputs._fields)


def annuity_tables(pack: PackOnDate) -> AnnuityTables:
    return AnnuityTables(pack["pay.annuity.employee"], pack["pay.annuity.employer"], pack["pay.annuity.deductible"])


@compiled
def annuity_kernel(x, t):
    base = ANY if x.annuity_member == 0 else x.insurance_base
    return AnnuitySteps(
        line(base, t.employee, 1), line(base, t.employer, 1), line(base, min(t.employee, t.deductible), 1)
    )


@compiled
def annuity_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, annuity_kernel(AnnuityInputs(*row(columns[:, index], ANNUITY_WIDTH)), t))


ANNUITY = Family(
    id="pay.annuity",
    label="社区工作者职业年金（探索）",
    mechanisms=("pay.annuity",),
    inputs=AnnuityInputs,
    outputs=AnnuitySteps,
    steps={
        "annuity_employee": Step("职业年金（个人）", units.FEN, "pay.annuity.employee"),
        "annuity_employer": Step("职业年金（单位）", units.FEN, "pay.annuity.employer"),
        "annuity_deductible": Step("职业年金税前扣除", units.FEN, "pay.annuity.deductible"),
    },
    kernel=annuity_kernel,
    run=annuity_run,
    tables=annuity_tables,
    headline="annuity_employee",
)

FAMILIES = (INJURY_POOL, SOCIAL_INSURANCE, HOUSING_FUND, ANNUITY)
