"""Secretaries: 头雁计划 (at least 20% of them, the best by score, S1) and 一肩挑 (one post-holder a community, S1)."""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Grade, Post
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.groups import GroupFamily, QuotaTable
from qinglan.core.rules.numbers import divide_half_up, divide_up, is_missing
from qinglan.core.rules.shapes import Quota, Scalar, Table

GOOSE = "career.head_goose"
DUAL = "career.yijiantiao"
NOT_APPLICABLE = missing(Reason.NOT_APPLICABLE)

ITEMS = (
    Item(f"{GOOSE}.posts", "属于社区党组织书记的岗位", Table(Post, units.FLAG, every=True), GOOSE),
    Item(f"{GOOSE}.result", "入选的本年等次不低于", Scalar(units.CODE, Grade), GOOSE),
    Item(f"{GOOSE}.quota", "头雁名额（占书记人数）", Quota(), GOOSE),
    Item(f"{DUAL}.target", "一肩挑社区占比目标", Scalar(units.PERCENT, maximum=10_000), DUAL),
)


class Inputs(NamedTuple):
    post: int
    exit_reason: int
    grade: int


class Steps(NamedTuple):
    is_secretary: int
    is_dual_post: int
    goose_counted: int
    goose_result_required: int
    goose_result_met: int
    goose_candidate: int
    goose_post_row: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    posts: object
    result: int


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{GOOSE}.posts"], pack[f"{GOOSE}.result"])


@compiled
def kernel(x, t):
    secretary = 0 if is_missing(x.post) else t.posts[x.post]
    dual = 1 if x.post == 1 else 0
    counted = 1 if secretary == 1 and (is_missing(x.exit_reason) or x.exit_reason == 0) else 0
    met = 1 if not is_missing(x.grade) and x.grade <= t.result else 0
    candidate = 1 if counted == 1 and met == 1 else 0
    return Steps(secretary, dual, counted, t.result, met, candidate, x.post)


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


CANDIDATE = Family(
    id=f"{GOOSE}.candidate",
    label="书记与头雁人选",
    mechanisms=(GOOSE, DUAL),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "is_secretary": Step("社区党组织书记", units.FLAG, f"{GOOSE}.posts", "goose_post_row"),
        "is_dual_post": Step("一肩挑", units.FLAG),
        "goose_counted": Step("年末在岗的书记，计入名额基数", units.FLAG),
        "goose_result_required": Step("等次要求不低于", units.CODE, f"{GOOSE}.result", codes=Grade.labels()),
        "goose_result_met": Step("等次够", units.FLAG, f"{GOOSE}.result"),
        "goose_candidate": Step("可入选头雁", units.FLAG),
        "goose_post_row": Step("岗位行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
)


def quota(pack: PackOnDate) -> QuotaTable:
    return pack[f"{GOOSE}.quota"]


HEAD_GOOSE = GroupFamily(
    id=GOOSE,
    label="头雁计划（建议名单）",
    mechanisms=(GOOSE,),
    prefix="goose",
    group="district",
    counted="goose_counted",
    eligible="goose_candidate",
    keys=("composite",),
    item=f"{GOOSE}.quota",
    quota=quota,
)


class DualInputs(NamedTuple):
    communities: int
    dual_post_secretaries: int


class DualSteps(NamedTuple):
    dual_communities: int
    dual_count: int
    dual_share: int
    dual_target: int
    dual_short: int
    dual_met: int


DUAL_WIDTH = len(DualInputs._fields)


class DualTables(NamedTuple):
    target: int


def dual_tables(pack: PackOnDate) -> DualTables:
    return DualTables(pack[f"{DUAL}.target"])


@compiled
def dual_kernel(x, t):
    """Share of communities whose secretary also heads the residents' committee; a vacant post counts against it."""
    absent = x.communities if is_missing(x.communities) else x.dual_post_secretaries
    if not is_missing(x.communities) and x.communities == 0:
        absent = NOT_APPLICABLE
    if is_missing(absent):
        percent, short, met = absent, absent, absent
    else:
        percent = divide_half_up(x.dual_post_secretaries * 10_000, x.communities)
        wanted = divide_up(x.communities * t.target, 10_000)
        short = wanted - x.dual_post_secretaries if wanted > x.dual_post_secretaries else 0
        met = 1 if short == 0 else 0
    return DualSteps(x.communities, x.dual_post_secretaries, percent, t.target, short, met)


@compiled
def dual_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, dual_kernel(DualInputs(*row(columns[:, index], DUAL_WIDTH)), t))


YIJIANTIAO = Family(
    id=DUAL,
    label="一肩挑",
    mechanisms=(DUAL,),
    inputs=DualInputs,
    outputs=DualSteps,
    steps={
        "dual_communities": Step("社区数", units.COUNT),
        "dual_count": Step("一肩挑的社区", units.COUNT),
        "dual_share": Step("一肩挑占比", units.PERCENT),
        "dual_target": Step("目标", units.PERCENT, f"{DUAL}.target"),
        "dual_short": Step("还差几个社区", units.COUNT, f"{DUAL}.target"),
        "dual_met": Step("达到目标", units.FLAG, f"{DUAL}.target"),
    },
    kernel=dual_kernel,
    run=dual_run,
    tables=dual_tables,
)

FAMILIES = (CANDIDATE, HEAD_GOOSE)
UNIT_FAMILIES = (YIJIANTIAO,)
