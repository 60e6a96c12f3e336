"""What a year's result opens or calls for (assess.flow_by_result, S2 三（三））: proposals, within the limits of law.

S2: 对优秀的实行交流轮岗、外出学习、提升职级；对不胜任、不称职的进行岗位调整、降低职级或者予以淘汰.
"""

from typing import Any, NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Grade
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import is_missing
from qinglan.core.rules.shapes import Col, Rows

M = "assess.flow_by_result"

ITEMS = (
    Item(
        f"{M}.actions", "各等次的考核结果运用",
        Rows(
            {
                "grade": Col("等次", units.CODE, Grade),
                "rotation": Col("交流轮岗", units.FLAG),
                "study": Col("外出学习", units.FLAG),
                "grade_up": Col("提升职级", units.FLAG),
                "change_post": Col("岗位调整", units.FLAG),
                "grade_down": Col("降低职级", units.FLAG),
                "eliminate": Col("予以淘汰", units.FLAG),
            },
            ascending="grade",
        ),
        M,
    ),
)  # fmt: skip


class Inputs(NamedTuple):
    grade: int
    bound_by_election: int
    rotation_candidate: int
    ladder_eligible: int
    unfit_proposal: int


class Steps(NamedTuple):
    flow_bound: int
    flow_rotation: int
    flow_study: int
    flow_grade_up: int
    flow_change_post: int
    flow_grade_down: int
    flow_eliminate: int
    flow_row: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    """`rows` (n, 7): grade, then the six flags."""

    rows: object


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{M}.actions"])


@compiled
def kernel(x, t):
    taken = -1
    for index in range(t.rows.shape[0]):
        if t.rows[index, 0] == x.grade:
            taken = index
    bound = 1 if x.bound_by_election == 1 else 0
    rotation, study, up, change, down, out = 0, 0, 0, 0, 0, 0
    if is_missing(x.grade):
        rotation, study, up, change, down, out = x.grade, x.grade, x.grade, x.grade, x.grade, x.grade
    elif taken >= 0:
        acts = t.rows[taken]
        rotation = acts[1] if x.rotation_candidate == 1 else 0
        study = acts[2]
        up = acts[3] if x.ladder_eligible == 1 else 0
        change = acts[4] if x.unfit_proposal == 3 or x.unfit_proposal == 4 or x.unfit_proposal == 6 else 0
        down = acts[5] if x.unfit_proposal == 3 else 0
        out = acts[6] if x.unfit_proposal == 5 else 0
    return Steps(bound, rotation, study, up, change, down, out, taken)


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


CITE: dict[str, Any] = {"item": f"{M}.actions", "row": "flow_row"}

FAMILY = Family(
    id=M,
    label="考核结果运用（建议）",
    mechanisms=(M,),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "flow_bound": Step("选举产生：调岗、降级、淘汰不适用", units.FLAG, "exit.unfit.elected_posts"),
        "flow_rotation": Step("可优先交流轮岗", units.FLAG, **CITE),
        "flow_study": Step("可优先外出学习", units.FLAG, **CITE),
        "flow_grade_up": Step("可提升职级（条件已够）", units.FLAG, **CITE),
        "flow_change_post": Step("建议岗位调整", units.FLAG, **CITE),
        "flow_grade_down": Step("建议降低职级", units.FLAG, **CITE),
        "flow_eliminate": Step("建议淘汰（须依劳动合同法第四十条第二项）", units.FLAG, **CITE),
        "flow_row": Step("等次行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
    headline="flow_grade_up",
)

FAMILIES = (FAMILY,)
