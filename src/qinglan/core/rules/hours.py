"""Hours owed: three separate ledgers of training, and continuing education (mechanisms §3, decision 7).

The yearly days (train.annual_days), the newcomer's 30 学时 (train.onboarding_30h) and the 200 hours of shadowing
(train.shadowing_200h) never count toward one another. A term counted from the entry does not count the entry day itself
(民法典 第二百零一条): 90 days after 1 March end on 30 May, six months after 31 August on the last day of February.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Certificate, HourState, Post
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import add_months, day_number, divide_half_up, is_missing
from qinglan.core.rules.shapes import Scalar, Table

ANNUAL, ONBOARDING, SHADOWING = "train.annual_days", "train.onboarding_30h", "train.shadowing_200h"
CONTINUING = "credit.continuing_education"
NO_POST = missing(Reason.NO_POST)
NOT_APPLICABLE = missing(Reason.NOT_APPLICABLE)

ITEMS = (
    Item(f"{ANNUAL}.days", "每年培训天数", Table(Post, units.DAYS), ANNUAL),
    Item(f"{ANNUAL}.hours_per_day", "一天折合学时", Scalar(units.HOURS, minimum=1), ANNUAL),
    Item(
        f"{ANNUAL}.minutes_per_hour", "一学时的分钟数", Scalar(units.COUNT, minimum=1), ANNUAL,
        help="只有起止时间的签到记录按它折成学时",
    ),
    Item(f"{ANNUAL}.pro_rata", "在岗不满一年按天数折算", Scalar(units.FLAG), ANNUAL),
    Item(f"{ONBOARDING}.hours", "岗前培训学时", Scalar(units.HOURS), ONBOARDING),
    Item(f"{ONBOARDING}.within_days", "岗前培训期限（入职之日起）", Scalar(units.DAYS), ONBOARDING),
    Item(
        f"{ONBOARDING}.first_entry", "岗前培训适用于何日起入职的人", Scalar(units.DATE), ONBOARDING,
        help="此前入职的不算新招聘人员",
    ),
    Item(f"{SHADOWING}.hours", "跟岗实训小时", Scalar(units.CLOCK_HOURS), SHADOWING),
    Item(f"{SHADOWING}.within_months", "跟岗实训期限（入职之日起）", Scalar(units.MONTHS), SHADOWING),
    Item(f"{SHADOWING}.first_entry", "跟岗实训适用于何日起入职的人", Scalar(units.DATE), SHADOWING),
    Item(f"{CONTINUING}.hours", "每个登记周期的继续教育小时", Table(Certificate, units.CLOCK_HOURS), CONTINUING),
    Item(f"{CONTINUING}.period_months", "登记周期", Scalar(units.MONTHS, minimum=1), CONTINUING),
)  # fmt: skip


class AnnualInputs(NamedTuple):
    year: int
    post: int
    employed_days: int
    annual_hours: int


class AnnualSteps(NamedTuple):
    annual_days_required: int
    annual_hours_full: int
    annual_year_days: int
    annual_hours_required: int
    annual_shortfall: int
    annual_met: int
    annual_post_row: int


ANNUAL_WIDTH = len(AnnualInputs._fields)


class AnnualTables(NamedTuple):
    days: object
    hours_per_day: int
    pro_rata: int


def annual_tables(pack: PackOnDate) -> AnnualTables:
    return AnnualTables(*(pack[f"{ANNUAL}.{name}"] for name in ("days", "hours_per_day", "pro_rata")))


@compiled
def annual_kernel(x, t):
    year_days = day_number(x.year + 1, 1, 1) - day_number(x.year, 1, 1)
    days = NO_POST if is_missing(x.post) else t.days[x.post]
    full = days
    required = days
    if not is_missing(days):
        full = days * t.hours_per_day
        required = divide_half_up(full * x.employed_days, year_days) if t.pro_rata == 1 else full
    shortfall = required
    met = required
    if not is_missing(required):
        if is_missing(x.annual_hours):
            shortfall = x.annual_hours
            met = x.annual_hours
        else:
            shortfall = required - x.annual_hours if required > x.annual_hours else 0
            met = 1 if shortfall == 0 else 0
    return AnnualSteps(days, full, year_days, required, shortfall, met, x.post)


@compiled
def annual_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, annual_kernel(AnnualInputs(*row(columns[:, index], ANNUAL_WIDTH)), t))


ANNUAL_FAMILY = Family(
    id=ANNUAL,
    label="年度培训天数",
    mechanisms=(ANNUAL,),
    inputs=AnnualInputs,
    outputs=AnnualSteps,
    steps={
        "annual_days_required": Step("全年应培训天数", units.DAYS, f"{ANNUAL}.days", "annual_post_row"),
        "annual_hours_full": Step("全年应培训学时", units.HOURS, f"{ANNUAL}.hours_per_day"),
        "annual_year_days": Step("本年天数", units.DAYS),
        "annual_hours_required": Step("按在岗天数应培训学时", units.HOURS, f"{ANNUAL}.pro_rata"),
        "annual_shortfall": Step("年度培训还差学时", units.HOURS),
        "annual_met": Step("年度培训达标", units.FLAG, f"{ANNUAL}.days", "annual_post_row"),
        "annual_post_row": Step("岗位行", units.ROW, hidden=True),
    },
    kernel=annual_kernel,
    run=annual_run,
    tables=annual_tables,
)


@compiled
def stand(bound, as_of, hours, reached, required, deadline):
    """(HourState, hours still lacking) of a duty that ends on day `deadline` (included)."""
    lacking = required - hours if required > hours else 0
    if bound == 0:
        return 0, NOT_APPLICABLE
    if is_missing(hours):
        return hours, hours
    if lacking == 0:
        return (4 if not is_missing(reached) and reached > deadline else 2), lacking
    return (3 if as_of > deadline else 1), lacking


class OnboardingInputs(NamedTuple):
    entry_date: int
    as_of: int
    onboarding_hours: int
    onboarding_reached: int


class OnboardingSteps(NamedTuple):
    onboarding_bound: int
    onboarding_required: int
    onboarding_deadline: int
    onboarding_shortfall: int
    onboarding_state: int


class ShadowingInputs(NamedTuple):
    entry_date: int
    as_of: int
    shadowing_hours: int
    shadowing_reached: int


class ShadowingSteps(NamedTuple):
    shadowing_bound: int
    shadowing_required: int
    shadowing_deadline: int
    shadowing_shortfall: int
    shadowing_state: int


class TermTables(NamedTuple):
    hours: int
    term: int
    first_entry: int


TERM_WIDTH = len(OnboardingInputs._fields)


def onboarding_tables(pack: PackOnDate) -> TermTables:
    return TermTables(*(pack[f"{ONBOARDING}.{name}"] for name in ("hours", "within_days", "first_entry")))


def shadowing_tables(pack: PackOnDate) -> TermTables:
    return TermTables(*(pack[f"{SHADOWING}.{name}"] for name in ("hours", "within_months", "first_entry")))


@compiled
def onboarding_kernel(x, t):
    bound = 1 if x.entry_date >= t.first_entry else 0
    deadline = x.entry_date + t.term
    state, lacking = stand(bound, x.as_of, x.onboarding_hours, x.onboarding_reached, t.hours, deadline)
    return OnboardingSteps(bound, t.hours, deadline, lacking, state)


@compiled
def shadowing_kernel(x, t):
    bound = 1 if x.entry_date >= t.first_entry else 0
    deadline = add_months(x.entry_date, t.term)
    state, lacking = stand(bound, x.as_of, x.shadowing_hours, x.shadowing_reached, t.hours, deadline)
    return ShadowingSteps(bound, t.hours, deadline, lacking, state)


@compiled
def onboarding_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, onboarding_kernel(OnboardingInputs(*row(columns[:, index], TERM_WIDTH)), t))


@compiled
def shadowing_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, shadowing_kernel(ShadowingInputs(*row(columns[:, index], TERM_WIDTH)), t))


ONBOARDING_FAMILY = Family(
    id=ONBOARDING,
    label="新招聘人员岗前培训",
    mechanisms=(ONBOARDING,),
    inputs=OnboardingInputs,
    outputs=OnboardingSteps,
    steps={
        "onboarding_bound": Step("属于新招聘人员", units.FLAG, f"{ONBOARDING}.first_entry"),
        "onboarding_required": Step("岗前培训应有学时", units.HOURS, f"{ONBOARDING}.hours"),
        "onboarding_deadline": Step("岗前培训截止日（含）", units.DATE, f"{ONBOARDING}.within_days"),
        "onboarding_shortfall": Step("岗前培训还差学时", units.HOURS),
        "onboarding_state": Step("岗前培训状态", units.CODE, f"{ONBOARDING}.hours", codes=HourState.labels()),
    },
    kernel=onboarding_kernel,
    run=onboarding_run,
    tables=onboarding_tables,
)

SHADOWING_FAMILY = Family(
    id=SHADOWING,
    label="跟岗实训",
    mechanisms=(SHADOWING,),
    inputs=ShadowingInputs,
    outputs=ShadowingSteps,
    steps={
        "shadowing_bound": Step("须跟岗实训", units.FLAG, f"{SHADOWING}.first_entry"),
        "shadowing_required": Step("跟岗实训应有小时", units.CLOCK_HOURS, f"{SHADOWING}.hours"),
        "shadowing_deadline": Step("跟岗实训截止日（含）", units.DATE, f"{SHADOWING}.within_months"),
        "shadowing_shortfall": Step("跟岗实训还差小时", units.CLOCK_HOURS),
        "shadowing_state": Step("跟岗实训状态", units.CODE, f"{SHADOWING}.hours", codes=HourState.labels()),
    },
    kernel=shadowing_kernel,
    run=shadowing_run,
    tables=shadowing_tables,
)


class ContinuingInputs(NamedTuple):
    certificate: int
    registered_since: int
    as_of: int
    continuing_hours: int


class ContinuingSteps(NamedTuple):
    continuing_required: int
    continuing_period_end: int
    continuing_shortfall: int
    continuing_state: int
    continuing_row: int


CONTINUING_WIDTH = len(ContinuingInputs._fields)


class ContinuingTables(NamedTuple):
    hours: object
    period_months: int


def continuing_tables(pack: PackOnDate) -> ContinuingTables:
    return ContinuingTables(pack[f"{CONTINUING}.hours"], pack[f"{CONTINUING}.period_months"])


@compiled
def continuing_kernel(x, t):
    required = NOT_APPLICABLE
    end = NOT_APPLICABLE
    bound = 0
    if not is_missing(x.certificate) and x.certificate > 0:
        required = t.hours[x.certificate]
        if not is_missing(x.registered_since) and not is_missing(required):
            bound = 1
            end = add_months(x.registered_since, t.period_months) - 1
    state, lacking = stand(bound, x.as_of, x.continuing_hours, NOT_APPLICABLE, required, end)
    return ContinuingSteps(required, end, lacking, state, x.certificate)


@compiled
def continuing_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, continuing_kernel(ContinuingInputs(*row(columns[:, index], CONTINUING_WIDTH)), t))


CONTINUING_FAMILY = Family(
    id=CONTINUING,
    label="继续教育",
    mechanisms=(CONTINUING,),
    inputs=ContinuingInputs,
    outputs=ContinuingSteps,
    steps={
        "continuing_required": Step("登记周期应有小时", units.CLOCK_HOURS, f"{CONTINUING}.hours", "continuing_row"),
        "continuing_period_end": Step("登记周期最后一天", units.DATE, f"{CONTINUING}.period_months"),
        "continuing_shortfall": Step("继续教育还差小时", units.CLOCK_HOURS),
        "continuing_state": Step(
            "继续教育状态", units.CODE, f"{CONTINUING}.hours", "continuing_row", codes=HourState.labels()
        ),
        "continuing_row": Step("证书行", units.ROW, hidden=True),
    },
    kernel=continuing_kernel,
    run=continuing_run,
    tables=continuing_tables,
)

FAMILIES = (ANNUAL_FAMILY, ONBOARDING_FAMILY, SHADOWING_FAMILY, CONTINUING_FAMILY)
