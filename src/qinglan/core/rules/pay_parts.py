"""What a stretch of a month earns: days (pay.prorating), 3+X from scale and stars (pay.three_plus_x), pay.cert_allowance.

A segment is a stretch of one month with the same post, grade, certificate and star. Full-month amounts are found first, then
the part for the segment's days. Rounding: full-month amounts to the pack's unit, parts to the fen by running sums.
"""

from typing import Any, NamedTuple

import numpy as np

from qinglan.core.frame import units
from qinglan.core.frame.codes import Certificate, DayBasis, Post
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import (
    civil,
    days_in_month,
    is_missing,
    part_of,
    share_to,
    times_to,
    weekdays,
)
from qinglan.core.rules.shapes import Col, Rows, Scalar, Table

ANY = missing(Reason.NOT_APPLICABLE)
NO_POST = missing(Reason.NO_POST)
NOT_IN_PACK = missing(Reason.NOT_IN_PACK)
SCALE = {
    "post": Col("岗位", units.CODE, Post, any=True),
    "grade": Col("职级（档）", units.COUNT, any=True),
    "coefficient": Col("系数", units.COEFFICIENT, any=True),
    "basic": Col("基本工资", units.FEN, any=True),
    "performance": Col("绩效工资", units.FEN, any=True),
}

ITEMS = (
    Item("pay.prorating.basis", "不足整月按什么天数折算", Scalar(units.CODE, DayBasis), "pay.three_plus_x"),
    Item(
        "pay.prorating.divisor", "月计薪天数", Scalar(units.PART_DAYS, minimum=100, maximum=3100), "pay.three_plus_x",
        help="按计薪天数折算、且不满月时的除数",
    ),
    Item(
        "pay.three_plus_x.scale", "工资标准表", Rows(SCALE, kind="ladder"), "pay.three_plus_x",
        help="每行写 coefficient（起点工资 × 系数）或 basic 和 performance（定额）；岗位、职级不写即不限；取第一个相符的行",
    ),
    Item("pay.three_plus_x.start_level", "起点工资（月）", Scalar(units.FEN, maximum=10**8), "pay.three_plus_x"),
    Item(
        "pay.three_plus_x.performance_share", "绩效工资占比", Scalar(units.PERCENT, maximum=10_000), "pay.three_plus_x",
        help="只用于按系数计算的行",
    ),
    Item("pay.three_plus_x.subsidy", "专项补贴（月）", Table(Post, units.FEN, maximum=10**8), "pay.three_plus_x"),
    Item("pay.three_plus_x.round_to", "月标准取整到", Scalar(units.FEN, minimum=1, maximum=10_000), "pay.three_plus_x"),
    Item(
        "pay.eight_items.communications", "通讯交通津贴（月）", Table(Post, units.FEN, maximum=10**8), "pay.eight_items"
    ),
    Item(
        "pay.cert_allowance.amount", "职称（资格）津贴（月）", Table(Certificate, units.FEN, maximum=10**8),
        "pay.cert_allowance", help="只发最高一级，不累加",
    ),
)  # fmt: skip


# --- days ---


class DayInputs(NamedTuple):
    segment_since: int
    segment_until: int
    segment_paid: int


class DaySteps(NamedTuple):
    segment_days: int
    month_full_days: int


class DayTables(NamedTuple):
    basis: int


DAY_WIDTH = len(DayInputs._fields)


def day_tables(pack: PackOnDate) -> DayTables:
    return DayTables(pack["pay.prorating.basis"])


@compiled
def day_kernel(x, t):
    year, month, day = civil(x.segment_since)
    days = x.segment_until - x.segment_since + 1
    full = days_in_month(year, month)
    if t.basis == 2:
        first = x.segment_since - day + 1
        days = weekdays(x.segment_since, x.segment_until)
        full = weekdays(first, first + full - 1)
    if x.segment_paid == 0:
        days = 0
    return DaySteps(days, full)


@compiled
def day_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, day_kernel(DayInputs(*row(columns[:, index], DAY_WIDTH)), t))


PRORATING = Family(
    id="pay.prorating",
    label="计薪天数",
    mechanisms=("pay.three_plus_x",),
    inputs=DayInputs,
    outputs=DaySteps,
    steps={
        "segment_days": Step("本段计薪天数", units.DAYS, "pay.prorating.basis"),
        "month_full_days": Step("全月天数", units.DAYS, "pay.prorating.basis"),
    },
    kernel=day_kernel,
    run=day_run,
    tables=day_tables,
    headline="segment_days",
)


# --- 3+X: basic, performance × star, special subsidy; communications by post ---


class Inputs(NamedTuple):
    segment_post: int
    segment_grade: int
    segment_star_coefficient: int
    segment_days: int
    month_full_days: int
    segment_days_before: int
    segment_days_paid: int


class Steps(NamedTuple):
    standard_basic: int
    standard_performance: int
    star_applied: int
    full_basic: int
    full_performance: int
    full_subsidy: int
    full_communications: int
    days_divisor: int
    segment_basic: int
    segment_performance: int
    segment_subsidy: int
    segment_communications: int
    scale_row: int
    pay_post_row: int


class Tables(NamedTuple):
    """`rows` (posts + 1, grades + 1): the row of the scale for a post and grade; the last ones are "any other or none".

    `standards` (n_rows, 2): basic and performance pay of each row, worked out once for the pack's day.
    """

    rows: object
    standards: object
    subsidy: object
    communications: object
    round_to: int
    scope: int
    basis: int
    divisor: int


WIDTH = len(Inputs._fields)


def tables(pack: PackOnDate) -> Tables:
    scale, round_to = pack["pay.three_plus_x.scale"], pack["pay.three_plus_x.round_to"]
    start, percent = pack["pay.three_plus_x.start_level"], pack["pay.three_plus_x.performance_share"]
    return Tables(
        rows_of(scale),
        np.array([standard_of(line, start, percent, round_to) for line in scale], np.int64).reshape(len(scale), 2),
        pack["pay.three_plus_x.subsidy"],
        pack["pay.eight_items.communications"],
        round_to,
        pack["pay.star_rating.base"],
        pack["pay.prorating.basis"],
        pack["pay.prorating.divisor"],
    )


def standard_of(line: np.ndarray, start_level: int, percent: int, round_to: int) -> tuple[int, int]:
    """(basic, performance) of a row: the start level × its coefficient, parted; or the fixed amounts it names."""
    _, _, coefficient, basic, performance = (int(cell) for cell in line)
    if coefficient == ANY:
        fixed = basic != ANY and performance != ANY
        return (basic, performance) if fixed else (NOT_IN_PACK, NOT_IN_PACK)
    total = times_to(start_level, coefficient, round_to)
    merit = share_to(total, percent, round_to)
    return total - merit, merit


def rows_of(scale: np.ndarray) -> np.ndarray:
    """The first row of the scale that fits each post and grade, -1 where none does; no search is left for the kernel."""
    post, grade = scale[:, 0, None, None], scale[:, 1, None, None]
    posts, grades = np.append(np.arange(max(Post) + 1), -1), np.append(np.arange(max(scale[:, 1].max(), 0) + 1), -1)
    fits = ((post == ANY) | (post == posts[:, None])) & ((grade == ANY) | (grade == grades))
    return np.where(fits.any(axis=0), fits.argmax(axis=0), -1)


@compiled
def place(value, size):
    """Where `value` stands in a table of `size`; the last place is for those out of it, the missing among them."""
    return value if 0 <= value < size - 1 else size - 1


@compiled
def standard(x, t, index):
    """(basic, performance) of a full month before stars; missing with its reason when the scale does not tell."""
    if is_missing(x.segment_post):
        return NO_POST, NO_POST
    if index < 0:
        reason = x.segment_grade if is_missing(x.segment_grade) else NOT_IN_PACK
        return reason, reason
    return t.standards[index, 0], t.standards[index, 1]


@compiled
def divisor_of(paid, full, basis, divisor):
    """What a full month counts, in hundredths of a day: all its days when all are paid; else the pack's divisor, if larger."""
    if basis != 2 or paid == full:
        return full * 100
    return max(divisor, paid * 100)


@compiled
def part(amount, days, before, divisor):
    """The segment's part of a full-month amount; nothing for no days, missing if the amount is."""
    if days == 0:
        return 0
    if is_missing(amount) or days * 100 == divisor:
        return amount  # the whole month, as it mostly is: no division
    return part_of(amount, before * 100, days * 100, divisor)


@compiled
def kernel(x, t):
    index = t.rows[place(x.segment_post, t.rows.shape[0]), place(x.segment_grade, t.rows.shape[1])]
    standard_basic, standard_performance = standard(x, t, index)
    star = 10_000 if is_missing(x.segment_star_coefficient) else x.segment_star_coefficient
    basic = standard_basic
    performance = standard_performance
    if not is_missing(performance):
        performance = times_to(performance, star, t.round_to)
        if t.scope == 2:
            basic = times_to(basic, star, t.round_to)
    subsidy = NO_POST
    communications = NO_POST
    if not is_missing(x.segment_post):
        subsidy = t.subsidy[x.segment_post]
        communications = t.communications[x.segment_post]
    divisor = divisor_of(x.segment_days_paid, x.month_full_days, t.basis, t.divisor)
    days, before = x.segment_days, x.segment_days_before
    return Steps(
        standard_basic, standard_performance, star, basic, performance, subsidy, communications, divisor,
        part(basic, days, before, divisor), part(performance, days, before, divisor),
        part(subsidy, days, before, divisor), part(communications, days, before, divisor),
        index, x.segment_post,
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


SCALE_CITED: dict[str, Any] = {"item": "pay.three_plus_x.scale", "row": "scale_row"}
THREE_PLUS_X = Family(
    id="pay.three_plus_x",
    label="“3+X”薪酬结构",
    mechanisms=("pay.three_plus_x", "pay.star_rating"),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "standard_basic": Step("基本工资标准（月）", units.FEN, **SCALE_CITED),
        "standard_performance": Step("绩效工资标准（月）", units.FEN, **SCALE_CITED),
        "star_applied": Step("星级系数（未评星为 1 倍）", units.COEFFICIENT, "pay.star_rating.base"),
        "full_basic": Step("基本工资（整月）", units.FEN),
        "full_performance": Step("绩效工资（整月，已乘系数）", units.FEN, "pay.star_rating.base"),
        "full_subsidy": Step("专项补贴（整月）", units.FEN, "pay.three_plus_x.subsidy", "pay_post_row"),
        "full_communications": Step(
            "通讯交通津贴（整月）", units.FEN, "pay.eight_items.communications", "pay_post_row"
        ),
        "days_divisor": Step("折算除数", units.PART_DAYS, "pay.prorating.basis"),
        "segment_basic": Step("本段基本工资", units.FEN),
        "segment_performance": Step("本段绩效工资", units.FEN),
        "segment_subsidy": Step("本段专项补贴", units.FEN),
        "segment_communications": Step("本段通讯交通津贴", units.FEN),
        "scale_row": Step("工资标准行", units.ROW, hidden=True),
        "pay_post_row": Step("岗位行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
)


# --- certificate allowance ---


class CertificateInputs(NamedTuple):
    segment_certificate: int
    segment_days: int
    segment_days_before: int
    days_divisor: int


class CertificateSteps(NamedTuple):
    full_certificate: int
    segment_certificate_pay: int
    certificate_row: int


class CertificateTables(NamedTuple):
    amount: object


CERTIFICATE_WIDTH = len(CertificateInputs._fields)


def certificate_tables(pack: PackOnDate) -> CertificateTables:
    return CertificateTables(pack["pay.cert_allowance.amount"])


@compiled
def certificate_kernel(x, t):
    held = 0 if is_missing(x.segment_certificate) else x.segment_certificate
    full = t.amount[held]
    return CertificateSteps(full, part(full, x.segment_days, x.segment_days_before, x.days_divisor), held)


@compiled
def certificate_run(columns, t, out):
    for index in range(columns.shape[1]):
        inputs = CertificateInputs(*row(columns[:, index], CERTIFICATE_WIDTH))
        store(out, index, certificate_kernel(inputs, t))


CERT_ALLOWANCE = Family(
    id="pay.cert_allowance",
    label="职称（资格）津贴",
    mechanisms=("pay.cert_allowance",),
    inputs=CertificateInputs,
    outputs=CertificateSteps,
    steps={
        "full_certificate": Step("资格津贴（整月）", units.FEN, "pay.cert_allowance.amount", "certificate_row"),
        "segment_certificate_pay": Step("本段资格津贴", units.FEN),
        "certificate_row": Step("资格行", units.ROW, hidden=True),
    },
    kernel=certificate_kernel,
    run=certificate_run,
    tables=certificate_tables,
)

FAMILIES = (PRORATING, THREE_PLUS_X, CERT_ALLOWANCE)
