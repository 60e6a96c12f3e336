"""Two lines upward (career.dual_track, S3): 管理序列 社区书记→街道领导, 专业序列 社工师→首席顾问; one at a time.

The steps between the ends are the district's. What is computed is the highest step whose conditions hold, as a nomination;
posts in sub-districts are filled by the organisation department.
"""

from typing import Any, NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import CareerStep, Certificate, Grade, Track
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.ladders import NOT_APPLICABLE
from qinglan.core.rules.numbers import is_missing, whole_months
from qinglan.core.rules.requirements import meets
from qinglan.core.rules.shapes import Col, Rows, Scalar

M = "career.dual_track"

ITEMS = (
    Item(
        f"{M}.steps", "两个序列的各步和条件",
        Rows(
            {
                "track": Col("序列", units.CODE, Track),
                "step": Col("步", units.CODE, CareerStep),
                "secretary": Col("任社区书记", units.FLAG, any=True),
                "post_months": Col("任现岗位不少于", units.MONTHS, any=True),
                "certificate": Col("资格证书不低于", units.CODE, Certificate, any=True),
                "service_months": Col("入职不少于", units.MONTHS, any=True),
                "excellent_years": Col("累计优秀不少于", units.YEARS, any=True),
            },
            kind="ladder",
        ),
        M, help="每个序列从低到高写；要到上一步，先要够下面各步",
    ),
    Item(f"{M}.switch_months", "换序列前在现序列不少于", Scalar(units.MONTHS), M),
    Item(f"{M}.switch_result", "换序列要求的本年等次不低于", Scalar(units.CODE, Grade), M),
)  # fmt: skip


class Inputs(NamedTuple):
    track: int
    track_since: int
    is_secretary: int
    post_since: int
    certificate: int
    actual_service: int
    actual_excellent: int
    grade: int
    as_of: int


class Steps(NamedTuple):
    management_step: int
    management_next: int
    professional_step: int
    professional_next: int
    track_both: int
    track_now: int
    track_step: int
    track_next: int
    track_months: int
    track_months_required: int
    track_result_required: int
    track_result_met: int
    track_may_switch: int
    management_row: int
    professional_row: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    rows: object
    months: int
    result: int


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{M}.steps"], pack[f"{M}.switch_months"], pack[f"{M}.switch_result"])


@compiled
def climb(rows, track, x, post_months):
    """(step reached, the next one, row of the step reached) on one line; a step needs all those below it."""
    reached, following, taken = 0, NOT_APPLICABLE, -1
    stopped = 0
    for index in range(rows.shape[0]):
        if rows[index, 0] == track and stopped == 0:
            met = meets(rows[index, 2], x.is_secretary) + meets(rows[index, 3], post_months)
            met += meets(rows[index, 4], x.certificate) + meets(rows[index, 5], x.actual_service)
            met += meets(rows[index, 6], x.actual_excellent)
            if met == 5:
                reached, taken = rows[index, 1], index
            else:
                following, stopped = rows[index, 1], 1
    return reached, following, taken


@compiled
def kernel(x, t):
    post_months = x.post_since if is_missing(x.post_since) else whole_months(x.post_since, x.as_of + 1)
    management, above_management, management_row = climb(t.rows, 1, x, post_months)
    professional, above_professional, professional_row = climb(t.rows, 2, x, post_months)
    both = 1 if management > 0 and professional > 0 else 0
    own, above, other = x.track, x.track, 0
    if x.track == 1:
        own, above, other = management, above_management, professional
    elif x.track == 2:
        own, above, other = professional, above_professional, management
    months = x.track_since if is_missing(x.track_since) else whole_months(x.track_since, x.as_of + 1)
    result = 1 if not is_missing(x.grade) and x.grade <= t.result else 0
    may = 1 if other > 0 and months >= t.months and result == 1 else 0
    return Steps(
        management, above_management, professional, above_professional, both, x.track, own, above,
        months, t.months, t.result, result, may, management_row, professional_row,
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


STEP: dict[str, Any] = {"codes": CareerStep.labels()}

FAMILY = Family(
    id=M,
    label="双轨制",
    mechanisms=(M,),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "management_step": Step("管理序列够到的一步", units.CODE, f"{M}.steps", "management_row", **STEP),
        "management_next": Step("管理序列的下一步", units.CODE, f"{M}.steps", **STEP),
        "professional_step": Step("专业序列够到的一步", units.CODE, f"{M}.steps", "professional_row", **STEP),
        "professional_next": Step("专业序列的下一步", units.CODE, f"{M}.steps", **STEP),
        "track_both": Step("两个序列都够条件（只能在一个）", units.FLAG),
        "track_now": Step("所在序列", units.CODE, codes=Track.labels()),
        "track_step": Step("在本序列的一步", units.CODE, f"{M}.steps", **STEP),
        "track_next": Step("本序列的下一步", units.CODE, f"{M}.steps", **STEP),
        "track_months": Step("在现序列满几个月", units.MONTHS),
        "track_months_required": Step("换序列要求满", units.MONTHS, f"{M}.switch_months"),
        "track_result_required": Step("换序列要求等次", units.CODE, f"{M}.switch_result", codes=Grade.labels()),
        "track_result_met": Step("等次够", units.FLAG, f"{M}.switch_result"),
        "track_may_switch": Step("可申请换到另一序列", units.FLAG, f"{M}.switch_months"),
        "management_row": Step("管理序列行", units.ROW, hidden=True),
        "professional_row": Step("专业序列行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
    headline="track_step",
)

FAMILIES = (FAMILY,)
