"""How pay grows in a district: the start level with the average wage (pay.growth_mechanism), the bill by ≥ 8 % (pay.growth_8).

Growth is checked on the bill and per head, each year and compounded over three years (open decision 11). Targets are rounded
half up to the fen year by year; growth rates are shown half up in hundredths of a percent and decide nothing.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import clamp, divide_half_up, first_missing, is_missing, times_to
from qinglan.core.rules.pay_parts import ANY
from qinglan.core.rules.shapes import Cap, Scalar

ITEMS = (
    Item("pay.growth_8.floor", "薪酬支出年增长下限", Scalar(units.PERCENT, maximum=10_000), "pay.growth_8"),
    Item("pay.growth_mechanism.cap", "起点工资年调整幅度的下限和上限", Cap(units.PERCENT), "pay.growth_mechanism"),
    Item(
        "pay.growth_mechanism.round_to", "调整后的起点工资取整到", Scalar(units.FEN, minimum=1, maximum=10_000),
        "pay.growth_mechanism",
    ),
)  # fmt: skip


@compiled
def grown(amount, percent):
    """`amount` one year on at `percent` (hundredths of a percent), half up to the part."""
    return times_to(amount, 10_000 + percent, 1)


@compiled
def growth(now, before):
    """Growth in hundredths of a percent, half up; missing as its parts, 不适用 from nothing."""
    absent = first_missing((now, before))
    if is_missing(absent):
        return absent
    return ANY if before <= 0 else divide_half_up((now - before) * 10_000, before)


@compiled
def compound(now, base):
    """The largest yearly rate (hundredths of a percent) by which `base` grows to at most `now` in three years."""
    absent = first_missing((now, base))
    if is_missing(absent):
        return absent
    if base <= 0:
        return ANY
    low, high = -10_000, 100_000
    while low < high:
        middle = (low + high + 1) // 2
        if grown(grown(grown(base, middle), middle), middle) <= now:
            low = middle
        else:
            high = middle - 1
    return low


@compiled
def reached(now, target):
    """1 if the target is reached; missing if either is."""
    absent = first_missing((now, target))
    if is_missing(absent):
        return absent
    return 1 if now >= target else 0


@compiled
def after(base, percent, years):
    """The amount to reach after some years."""
    if is_missing(base):
        return base
    for _ in range(years):
        base = grown(base, percent)
    return base


@compiled
def per_head(bill, heads):
    """Bill per head, half up to the fen."""
    absent = first_missing((bill, heads))
    if is_missing(absent):
        return absent
    return ANY if heads <= 0 else divide_half_up(bill, heads)


# --- growth of the bill ---


class Inputs(NamedTuple):
    pay_bill: int
    pay_bill_last: int
    pay_bill_base: int
    pay_heads: int
    pay_heads_last: int
    pay_heads_base: int


class Steps(NamedTuple):
    bill_target: int
    bill_growth: int
    bill_grew: int
    bill_target_3: int
    bill_compound: int
    bill_grew_3: int
    head_pay: int
    head_target: int
    head_growth: int
    head_grew: int
    head_target_3: int
    head_compound: int
    head_grew_3: int
    growth_flag: int


class Tables(NamedTuple):
    floor: int


WIDTH = len(Inputs._fields)


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack["pay.growth_8.floor"])


@compiled
def kernel(x, t):
    target = after(x.pay_bill_last, t.floor, 1)
    target_3 = after(x.pay_bill_base, t.floor, 3)
    head = per_head(x.pay_bill, x.pay_heads)
    head_last = per_head(x.pay_bill_last, x.pay_heads_last)
    head_base = per_head(x.pay_bill_base, x.pay_heads_base)
    head_target = after(head_last, t.floor, 1)
    head_target_3 = after(head_base, t.floor, 3)
    grew_3 = reached(x.pay_bill, target_3)
    head_grew_3 = reached(head, head_target_3)
    flag = first_missing((grew_3, head_grew_3))
    if grew_3 == 0 or head_grew_3 == 0:
        flag = 1
    return Steps(
        target, growth(x.pay_bill, x.pay_bill_last), reached(x.pay_bill, target),
        target_3, compound(x.pay_bill, x.pay_bill_base), grew_3,
        head, head_target, growth(head, head_last), reached(head, head_target),
        head_target_3, compound(head, head_base), head_grew_3, flag,
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


FLOOR = "pay.growth_8.floor"
GROWTH_8 = Family(
    id="pay.growth_8",
    label="薪酬支出年均增长",
    mechanisms=("pay.growth_8",),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "bill_target": Step("总额应达到（比上年）", units.FEN, FLOOR),
        "bill_growth": Step("总额比上年增长", units.PERCENT),
        "bill_grew": Step("总额当年达标", units.FLAG, FLOOR),
        "bill_target_3": Step("总额应达到（比三年前）", units.FEN, FLOOR),
        "bill_compound": Step("总额三年年均增长", units.PERCENT),
        "bill_grew_3": Step("总额三年达标", units.FLAG, FLOOR),
        "head_pay": Step("本年人均", units.FEN),
        "head_target": Step("人均应达到（比上年）", units.FEN, FLOOR),
        "head_growth": Step("人均比上年增长", units.PERCENT),
        "head_grew": Step("人均当年达标", units.FLAG, FLOOR),
        "head_target_3": Step("人均应达到（比三年前）", units.FEN, FLOOR),
        "head_compound": Step("人均三年年均增长", units.PERCENT),
        "head_grew_3": Step("人均三年达标", units.FLAG, FLOOR),
        "growth_flag": Step("三年年均低于下限（总额或人均）", units.FLAG, FLOOR),
    },
    kernel=kernel,
    run=run,
    tables=tables,
)


# --- the start level moves with the average wage ---


class StartInputs(NamedTuple):
    average_wage: int
    average_wage_last: int
    start_level_now: int


class StartSteps(NamedTuple):
    wage_growth: int
    growth_applied: int
    start_level_next: int


class StartTables(NamedTuple):
    cap: object
    round_to: int


START_WIDTH = len(StartInputs._fields)


def start_tables(pack: PackOnDate) -> StartTables:
    return StartTables(pack["pay.growth_mechanism.cap"], pack["pay.growth_mechanism.round_to"])


@compiled
def start_kernel(x, t):
    wage = growth(x.average_wage, x.average_wage_last)
    applied = wage if is_missing(wage) else clamp(wage, t.cap.floor, t.cap.ceiling)
    level = first_missing((applied, x.start_level_now))
    if not is_missing(level):
        level = times_to(x.start_level_now, 10_000 + applied, t.round_to)
    return StartSteps(wage, applied, level)


@compiled
def start_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, start_kernel(StartInputs(*row(columns[:, index], START_WIDTH)), t))


GROWTH_MECHANISM = Family(
    id="pay.growth_mechanism",
    label="报酬正常增长机制",
    mechanisms=("pay.growth_mechanism",),
    inputs=StartInputs,
    outputs=StartSteps,
    steps={
        "wage_growth": Step("社会平均工资增长", units.PERCENT),
        "growth_applied": Step("起点工资调整幅度", units.PERCENT, "pay.growth_mechanism.cap"),
        "start_level_next": Step("调整后的起点工资", units.FEN, "pay.growth_mechanism.round_to"),
    },
    kernel=start_kernel,
    run=start_run,
    tables=start_tables,
)

FAMILIES = (GROWTH_MECHANISM, GROWTH_8)
