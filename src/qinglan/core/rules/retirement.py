"""Retirement by the 2025 table: age, date, months to go, minimum contribution, earliest and latest by choice.

Source: 全国人大常委会关于实施渐进式延迟法定退休年龄的决定 (2024), in force 2025-01-01. A person reaches an age on her birthday.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import RetirementClass, Sex
from qinglan.core.frame.missing import MISSING
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import add_months, band_row, civil, clamp, divide_up, is_missing, whole_months
from qinglan.core.rules.shapes import Bands, Scalar, Table

MECHANISM = "exit.retire_subsidy"

ITEMS = (
    Item("exit.retirement.class_unrecorded", "没有记录退休类别的按", Table(Sex, units.CODE, RetirementClass), MECHANISM),
    Item("exit.retirement.original_age", "原法定退休年龄", Table(RetirementClass, units.MONTHS, every=True), MECHANISM),
    Item("exit.retirement.reform_since", "延迟从哪天开始", Scalar(units.DATE, minimum=None), MECHANISM),
    Item(
        "exit.retirement.months_per_step", "每几个月延迟一个月",
        Table(RetirementClass, units.MONTHS, minimum=1, every=True), MECHANISM,
    ),
    Item("exit.retirement.delay_cap", "最多延迟", Table(RetirementClass, units.MONTHS, every=True), MECHANISM),
    Item("exit.retirement.contribution", "最低缴费月数（按退休年份）", Bands(units.COUNT, units.MONTHS), MECHANISM),
    Item("exit.retirement.early", "自愿提前最多", Scalar(units.MONTHS), MECHANISM),
    Item("exit.retirement.late", "经协商延后最多", Scalar(units.MONTHS), MECHANISM),
)  # fmt: skip


class Inputs(NamedTuple):
    sex: int
    retirement_class: int
    birth_date: int
    pension_months: int
    as_of: int


class Steps(NamedTuple):
    retirement_kind: int
    retirement_age_before: int
    retirement_date_before: int
    retirement_months_after_reform: int
    retirement_delay: int
    retirement_age: int
    retirement_date: int
    months_to_retirement: int
    retirement_reached: int
    retirement_earliest: int
    retirement_latest: int
    pension_months_required: int
    pension_months_short: int
    retirement_sex_row: int
    pension_row: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    """Tables by class; `reform_since` in days; contribution as bands of the year of retirement."""

    unrecorded: object
    original_age: object
    reform_since: int
    months_per_step: object
    delay_cap: object
    contribution: object
    early: int
    late: int


def tables(pack: PackOnDate) -> Tables:
    prefix = "exit.retirement."
    names = (
        "class_unrecorded",
        "original_age",
        "reform_since",
        "months_per_step",
        "delay_cap",
        "contribution",
        "early",
        "late",
    )
    return Tables(*(pack[prefix + name] for name in names))


@compiled
def kernel(x, t):
    kind = x.retirement_class
    if is_missing(kind):
        kind = x.sex if is_missing(x.sex) else t.unrecorded[x.sex]
    absent = kind if is_missing(kind) else x.birth_date
    if is_missing(kind) or is_missing(x.birth_date):
        before, date_before, after, delay = absent, absent, absent, absent
        age, date, to_go, reached = absent, absent, absent, absent
        earliest, latest, required, short, pension_row = absent, absent, absent, absent, -1
    else:
        before = t.original_age[kind]
        date_before = add_months(x.birth_date, before)
        year, month, _ = civil(date_before)
        since_year, since_month, _ = civil(t.reform_since)
        after = clamp(year * 12 + month - since_year * 12 - since_month + 1, 0, 12_000)
        delay = clamp(divide_up(after, t.months_per_step[kind]), 0, t.delay_cap[kind])
        age = before + delay
        date = add_months(x.birth_date, age)
        to_go = whole_months(x.as_of + 1, date)
        reached = 1 if date <= x.as_of else 0
        earliest = add_months(x.birth_date, age - t.early if age - t.early > before else before)
        latest = add_months(x.birth_date, age + t.late)
        pension_row = band_row(t.contribution.lower, civil(date)[0])
        required = t.contribution.value[pension_row] if pension_row >= 0 else MISSING - 5
        short = x.pension_months
        if not is_missing(short) and not is_missing(required):
            short = required - short if required > short else 0
    return Steps(
        kind, before, date_before, after, delay, age, date, to_go, reached,
        earliest, latest, required, short, x.sex, pension_row,
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


FAMILY = Family(
    id="exit.retirement",
    label="退休",
    mechanisms=("exit.retire_subsidy", "career.rotation_15"),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "retirement_kind": Step(
            "退休类别", units.CODE, "exit.retirement.class_unrecorded", "retirement_sex_row",
            codes=RetirementClass.labels(),
        ),
        "retirement_age_before": Step(
            "原法定退休年龄", units.MONTHS, "exit.retirement.original_age", "retirement_kind"
        ),
        "retirement_date_before": Step("达到原年龄的日子", units.DATE),
        "retirement_months_after_reform": Step("该月是延迟开始后的第几个月", units.MONTHS, "exit.retirement.reform_since"),
        "retirement_delay": Step("延迟", units.MONTHS, "exit.retirement.months_per_step", "retirement_kind"),
        "retirement_age": Step("法定退休年龄", units.MONTHS, "exit.retirement.delay_cap", "retirement_kind"),
        "retirement_date": Step("法定退休日", units.DATE),
        "months_to_retirement": Step("距法定退休满几个月", units.MONTHS),
        "retirement_reached": Step("已到法定退休年龄", units.FLAG),
        "retirement_earliest": Step("自愿提前最早（届时须满最低缴费年限）", units.DATE, "exit.retirement.early"),
        "retirement_latest": Step("经协商延后最晚", units.DATE, "exit.retirement.late"),
        "pension_months_required": Step("最低缴费", units.MONTHS, "exit.retirement.contribution", "pension_row"),
        "pension_months_short": Step("缴费还差", units.MONTHS),
        "retirement_sex_row": Step("性别行", units.ROW, hidden=True),
        "pension_row": Step("缴费年份行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
    headline="retirement_date",
)  # fmt: skip
