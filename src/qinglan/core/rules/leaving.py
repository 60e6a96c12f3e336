"""What a person who leaves is owed and how her leaving is counted: severance (art. 46–47), kinds of exit, retirement subsidy.

exit.upward keeps promotion out apart from loss (S1: 1 + 4 + 10); exit.retire_subsidy is a table by years of service (S1 names it,
gives no amount).
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import ExitReason
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.ladders import NOT_APPLICABLE
from qinglan.core.rules.numbers import add_months, band_row, divide_half_up, is_missing, or_zero, times, whole_months
from qinglan.core.rules.shapes import Bands, Scalar, Table

SEVERANCE = "exit.unfit.severance"
UPWARD = "exit.upward"
SUBSIDY = "exit.retire_subsidy"
AVERAGE = "pay.social_insurance.average_wage"

ITEMS = (
    Item(f"{SEVERANCE}.wage_cap", "补偿工资不超过当地平均工资的", Scalar(units.COEFFICIENT), "exit.unfit"),
    Item(f"{SEVERANCE}.years_cap", "超过该线的，补偿年限最多", Scalar(units.YEARS), "exit.unfit"),
    Item(f"{SEVERANCE}.since", "按本法计算补偿年限的起始日", Scalar(units.DATE, minimum=None), "exit.unfit"),
    Item(f"{UPWARD}.counts_as_loss", "计作流失的离岗原因", Table(ExitReason, units.FLAG, every=True), UPWARD),
    Item(f"{SUBSIDY}.amounts", "退休补贴（按服务年数，每月）", Bands(units.YEARS, units.FEN), SUBSIDY),
    Item(f"{SUBSIDY}.count_recognised", "退休补贴计入认定的以往服务", Scalar(units.FLAG), SUBSIDY),
)


class SeveranceInputs(NamedTuple):
    unfit_proposal: int
    xuhui_proposal: int
    entry_date: int
    as_of: int
    average_wage_12m: int
    last_month_wage: int


class SeveranceSteps(NamedTuple):
    severance_applies: int
    severance_service: int
    severance_months_full: int
    severance_wage_line: int
    severance_over_line: int
    severance_months: int
    severance_wage: int
    severance_amount: int
    severance_notice_pay: int
    severance_before_law: int


SEVERANCE_WIDTH = len(SeveranceInputs._fields)


class SeveranceTables(NamedTuple):
    average: int
    wage_cap: int
    years_cap: int
    since: int


def severance_tables(pack: PackOnDate) -> SeveranceTables:
    return SeveranceTables(
        pack[AVERAGE], pack[f"{SEVERANCE}.wage_cap"], pack[f"{SEVERANCE}.years_cap"], pack[f"{SEVERANCE}.since"]
    )


@compiled
def severance_kernel(x, t):
    """Half months of pay: 2 a full year, 2 for six months or more of a year, 1 for less; both caps only above the line."""
    applies = 1 if x.unfit_proposal == 5 or x.xuhui_proposal == 5 else 0
    line = times(t.average, t.wage_cap)
    service, full, over, halves = NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE
    wage, amount, notice, before = NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE
    if applies == 1 and not is_missing(x.entry_date):
        service = whole_months(x.entry_date, x.as_of + 1)
        rest = service % 12
        full = service // 12 * 2
        if rest >= 6:
            full += 2
        elif rest > 0 or add_months(x.entry_date, service) <= x.as_of:
            full += 1
        before = 1 if x.entry_date < t.since else 0
        wage, amount, over, halves = x.average_wage_12m, x.average_wage_12m, x.average_wage_12m, full
        if not is_missing(wage):
            over = 1 if wage > line else 0
            wage = line if over == 1 else wage
            halves = 2 * t.years_cap if over == 1 and full > 2 * t.years_cap else full
            amount = divide_half_up(wage * halves, 2)
        notice = x.last_month_wage
    return SeveranceSteps(applies, service, full, line, over, halves, wage, amount, notice, before)


@compiled
def severance_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, severance_kernel(SeveranceInputs(*row(columns[:, index], SEVERANCE_WIDTH)), t))


SEVERANCE_FAMILY = Family(
    id=SEVERANCE,
    label="经济补偿（如解除）",
    mechanisms=("exit.unfit",),
    inputs=SeveranceInputs,
    outputs=SeveranceSteps,
    steps={
        "severance_applies": Step("有解除建议（第四十六条第三项）", units.FLAG),
        "severance_service": Step("在本单位工作满几个月", units.MONTHS),
        "severance_months_full": Step("每满一年一个月，半年以上算一年，不足半年算半个月", units.HALF_MONTHS),
        "severance_wage_line": Step("当地平均工资的三倍", units.FEN, f"{SEVERANCE}.wage_cap"),
        "severance_over_line": Step("月工资高于三倍", units.FLAG),
        "severance_months": Step("补偿月数", units.HALF_MONTHS, f"{SEVERANCE}.years_cap"),
        "severance_wage": Step("补偿用的月工资", units.FEN, f"{SEVERANCE}.wage_cap"),
        "severance_amount": Step("经济补偿", units.FEN),
        "severance_notice_pay": Step("不提前通知的，另付上月工资", units.FEN, "exit.unfit.notice_days"),
        "severance_before_law": Step("有2008年以前的工龄，该段按当时规定另算", units.FLAG, f"{SEVERANCE}.since"),
    },
    kernel=severance_kernel,
    run=severance_run,
    tables=severance_tables,
    headline="severance_amount",
)


class UpwardInputs(NamedTuple):
    exit_reason: int
    exit_date: int
    year_start: int
    as_of: int


class UpwardSteps(NamedTuple):
    exit_kind: int
    exit_in_year: int
    exit_is_upward: int
    exit_counts_as_loss: int


UPWARD_WIDTH = len(UpwardInputs._fields)


class UpwardTables(NamedTuple):
    loss: object


def upward_tables(pack: PackOnDate) -> UpwardTables:
    return UpwardTables(pack[f"{UPWARD}.counts_as_loss"])


@compiled
def upward_kernel(x, t):
    kind = 0 if is_missing(x.exit_reason) else x.exit_reason
    in_year = 0
    if kind > 0:
        in_year = x.exit_date
        if not is_missing(x.exit_date):
            in_year = 1 if x.year_start <= x.exit_date <= x.as_of else 0
    upward = 1 if in_year == 1 and kind == 4 else 0
    loss = 1 if in_year == 1 and t.loss[kind] == 1 else 0
    if is_missing(in_year):
        upward, loss = in_year, in_year
    return UpwardSteps(kind, in_year, upward, loss)


@compiled
def upward_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, upward_kernel(UpwardInputs(*row(columns[:, index], UPWARD_WIDTH)), t))


UPWARD_FAMILY = Family(
    id=UPWARD,
    label="离岗与向上流出",
    mechanisms=(UPWARD, "assess.stability"),
    inputs=UpwardInputs,
    outputs=UpwardSteps,
    steps={
        "exit_kind": Step("离岗原因", units.CODE, codes=ExitReason.labels()),
        "exit_in_year": Step("本年离岗", units.FLAG),
        "exit_is_upward": Step("向上流出（公务员、事业编制、提任）", units.FLAG),
        "exit_counts_as_loss": Step("计作流失", units.FLAG, f"{UPWARD}.counts_as_loss", "exit_kind"),
    },
    kernel=upward_kernel,
    run=upward_run,
    tables=upward_tables,
    headline="exit_kind",
)


class SubsidyInputs(NamedTuple):
    entry_date: int
    earlier_service_months: int
    recognised_months: int
    exit_reason: int
    as_of: int


class SubsidySteps(NamedTuple):
    subsidy_service: int
    subsidy_years: int
    subsidy_by_years: int
    subsidy_due: int
    retire_subsidy: int
    subsidy_row: int


SUBSIDY_WIDTH = len(SubsidyInputs._fields)


class SubsidyTables(NamedTuple):
    amounts: object
    recognised: int


def subsidy_tables(pack: PackOnDate) -> SubsidyTables:
    return SubsidyTables(pack[f"{SUBSIDY}.amounts"], pack[f"{SUBSIDY}.count_recognised"])


@compiled
def subsidy_kernel(x, t):
    service, years, by_years, taken = x.entry_date, x.entry_date, x.entry_date, -1
    due = 1 if x.exit_reason == 3 else 0
    if not is_missing(x.entry_date):
        service = whole_months(x.entry_date, x.as_of + 1) + or_zero(x.earlier_service_months)
        if t.recognised == 1:
            service += or_zero(x.recognised_months)
        years = service // 12
        taken = band_row(t.amounts.lower, years)
        by_years = t.amounts.value[taken] if taken >= 0 else 0
    return SubsidySteps(service, years, by_years, due, by_years if due == 1 else 0, taken)


@compiled
def subsidy_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, subsidy_kernel(SubsidyInputs(*row(columns[:, index], SUBSIDY_WIDTH)), t))


SUBSIDY_FAMILY = Family(
    id=SUBSIDY,
    label="退休补贴",
    mechanisms=(SUBSIDY, "pay.eight_items"),
    inputs=SubsidyInputs,
    outputs=SubsidySteps,
    steps={
        "subsidy_service": Step("服务合计", units.MONTHS, f"{SUBSIDY}.count_recognised"),
        "subsidy_years": Step("满几年", units.YEARS),
        "subsidy_by_years": Step("按年数的补贴（每月）", units.FEN, f"{SUBSIDY}.amounts", "subsidy_row"),
        "subsidy_due": Step("本年退休", units.FLAG),
        "retire_subsidy": Step("退休补贴（每月）", units.FEN, f"{SUBSIDY}.amounts", "subsidy_row"),
        "subsidy_row": Step("年数行", units.ROW, hidden=True),
    },
    kernel=subsidy_kernel,
    run=subsidy_run,
    tables=subsidy_tables,
)

FAMILIES = (SEVERANCE_FAMILY, UPWARD_FAMILY, SUBSIDY_FAMILY)
