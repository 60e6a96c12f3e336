"""Rotation across sub-districts, at least 15% a year (S3): who counts, who is left out and why, who goes first.

Mechanisms §3, decision 9: staff on 31 December without elected members in term, probation, pregnancy and nursing, and those near
retirement. Moves inside a sub-district do not count: time is counted in the sub-district. The list is a proposal. To who holds no
post on the day rotation does not apply.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import RotationExclusion
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.groups import GroupFamily, QuotaTable
from qinglan.core.rules.ladders import NOT_APPLICABLE
from qinglan.core.rules.numbers import is_missing, whole_months
from qinglan.core.rules.shapes import Quota, Scalar

M = "career.rotation_15"

ITEMS = (
    Item(f"{M}.quota", "每年跨街道交流的比例", Quota(), M),
    Item(f"{M}.near_retirement", "距退休不足几个月的不计", Scalar(units.MONTHS), M),
    Item(f"{M}.least_months", "在本街道满几个月才可交流", Scalar(units.MONTHS), M),
)


class Inputs(NamedTuple):
    exit_reason: int
    post: int
    bound_by_election: int
    in_probation: int
    in_protection: int
    months_to_retirement: int
    subdistrict_since: int
    entry_date: int
    year_start: int
    as_of: int


class Steps(NamedTuple):
    rotation_near_retirement: int
    rotation_exclusion: int
    rotation_counted: int
    rotation_moved: int
    rotation_days: int
    rotation_months: int
    rotation_least_months: int
    rotation_candidate: int
    rotation_ranked: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    near: int
    least: int


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{M}.near_retirement"], pack[f"{M}.least_months"])


@compiled
def kernel(x, t):
    near = 1 if not is_missing(x.months_to_retirement) and x.months_to_retirement < t.near else 0
    if not is_missing(x.exit_reason) and x.exit_reason != 0:
        exclusion = 1
    elif is_missing(x.post):
        exclusion = 6
    elif x.bound_by_election == 1:
        exclusion = 2
    elif x.in_probation == 1:
        exclusion = 3
    elif x.in_protection == 1:
        exclusion = 4
    elif near == 1:
        exclusion = 5
    else:
        exclusion = 0
    counted = 1 if exclusion == 0 else 0
    since = x.subdistrict_since
    days = since if is_missing(since) else x.as_of + 1 - since
    months = since if is_missing(since) else whole_months(since, x.as_of + 1)
    moved = 1 if not is_missing(x.entry_date) and since >= x.year_start and since > x.entry_date else 0
    ranked = 1 if counted == 1 and months >= t.least else 0
    candidate = NOT_APPLICABLE if exclusion == 6 else ranked
    return Steps(near, exclusion, counted, moved, days, months, t.least, candidate, ranked)


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


CANDIDATE = Family(
    id=f"{M}.candidate",
    label="轮岗交流人选",
    mechanisms=(M,),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "rotation_near_retirement": Step("临近退休", units.FLAG, f"{M}.near_retirement"),
        "rotation_exclusion": Step("不计入的原因", units.CODE, codes=RotationExclusion.labels()),
        "rotation_counted": Step("计入轮岗基数", units.FLAG),
        "rotation_moved": Step("本年已跨街道交流", units.FLAG),
        "rotation_days": Step("在本街道的天数", units.DAYS),
        "rotation_months": Step("在本街道满几个月", units.MONTHS),
        "rotation_least_months": Step("可交流的月数下限", units.MONTHS, f"{M}.least_months"),
        "rotation_candidate": Step("可列入交流", units.FLAG, f"{M}.least_months"),
        "rotation_ranked": Step("参加排名", units.FLAG, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
)


def quota(pack: PackOnDate) -> QuotaTable:
    return pack[f"{M}.quota"]


ROTATION = GroupFamily(
    id=M,
    label="轮岗交流（建议名单）",
    mechanisms=(M,),
    prefix="rotation",
    group="district",
    counted="rotation_counted",
    eligible="rotation_ranked",
    keys=("rotation_days",),
    item=f"{M}.quota",
    quota=quota,
)

FAMILIES = (CANDIDATE, ROTATION)
