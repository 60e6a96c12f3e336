"""What the next grade asks, what the person has and what is missing (career.job_requirements); who fits the yearly quota.

S2 二（二）3: 明确各职级的任职资格和晋升条件. Each condition gives three steps: asked, actual, met. A rise is proposed, never made;
to who holds no post on the day it does not apply.
"""

from typing import Any, NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Certificate, Grade, LadderProfile
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.groups import GroupFamily, QuotaTable
from qinglan.core.rules.ladders import NOT_APPLICABLE
from qinglan.core.rules.numbers import is_missing, or_zero, whole_months
from qinglan.core.rules.shapes import Col, Quota, Rows

M = "career.job_requirements"

ITEMS = (
    Item(
        f"{M}.conditions", "晋升到各档的条件",
        Rows(
            {
                "profile": Col("体系", units.CODE, LadderProfile),
                "grade": Col("自第几档起", units.COUNT, minimum=1),
                "months_in_grade": Col("任现职级不少于", units.MONTHS, any=True),
                "service_months": Col("入职不少于", units.MONTHS, any=True),
                "certificate": Col("资格证书不低于", units.CODE, Certificate, any=True),
                "result": Col("本年和上年等次不低于", units.CODE, Grade, any=True),
                "excellent_years": Col("累计优秀不少于", units.YEARS, any=True),
                "score": Col("综合分不低于", units.SCORE, any=True),
                "by_formula": Col("按年限学历证书公式应到该级", units.FLAG, any=True),
            },
            kind="eligibility",
        ),
        M, help="取体系相同、起始档不高于拟晋升档的最后一行；没写的格就是不作要求",
    ),
    Item(f"{M}.quota", "每年晋升名额（占同档在岗人数）", Quota(), M),
)  # fmt: skip


class Inputs(NamedTuple):
    district: int
    ladder_profile: int
    ladder_grade_now: int
    ladder_next_grade: int
    ladder_months: int
    eighteen_grade: int
    entry_date: int
    as_of: int
    exit_reason: int
    post: int
    certificate: int
    grade: int
    last_grade: int
    excellent_years: int
    composite: int


class Steps(NamedTuple):
    asked_grade_months: int
    actual_grade_months: int
    met_grade_months: int
    asked_service: int
    actual_service: int
    met_service: int
    asked_certificate: int
    actual_certificate: int
    met_certificate: int
    asked_result: int
    actual_result: int
    met_result: int
    asked_excellent: int
    actual_excellent: int
    met_excellent: int
    asked_score: int
    actual_score: int
    met_score: int
    asked_formula: int
    actual_formula: int
    met_formula: int
    conditions_missing: int
    promotion_counted: int
    ladder_eligible: int
    promotion_ranked: int
    promotion_group: int
    conditions_row: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    """`rows` (n, 9): profile, grade, then the seven conditions (missing = no condition)."""

    rows: object


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{M}.conditions"])


@compiled
def meets(asked, actual):
    """1 when nothing is asked, or the actual value is known and not below it."""
    if is_missing(asked):
        return 1
    return 1 if not is_missing(actual) and actual >= asked else 0


@compiled
def condition_row(rows, profile, grade):
    """The last row of the profile whose starting grade is not above `grade`; -1 if none."""
    taken = -1
    for index in range(rows.shape[0]):
        if rows[index, 0] == profile and rows[index, 1] <= grade:
            taken = index
    return taken


@compiled
def kernel(x, t):
    taken = -1 if is_missing(x.ladder_next_grade) else condition_row(t.rows, x.ladder_profile, x.ladder_next_grade)
    months, service, certificate, result = NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE
    excellent, score, formula = NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE
    if taken >= 0:
        months, service, certificate = t.rows[taken, 2], t.rows[taken, 3], t.rows[taken, 4]
        result, excellent, score, formula = t.rows[taken, 5], t.rows[taken, 6], t.rows[taken, 7], t.rows[taken, 8]
    served = x.entry_date if is_missing(x.entry_date) else whole_months(x.entry_date, x.as_of + 1)
    worst = x.last_grade if not is_missing(x.grade) and x.last_grade > x.grade else x.grade
    years = or_zero(x.excellent_years) + (1 if x.grade == 1 else 0)
    by_formula = x.eighteen_grade if x.ladder_profile == 2 else NOT_APPLICABLE
    if not is_missing(by_formula):
        by_formula = 1 if by_formula >= x.ladder_next_grade and not is_missing(x.ladder_next_grade) else 0
    # A grade's number is the higher the worse, so the result is compared the other way round.
    met_result = 1 if is_missing(result) or (not is_missing(worst) and worst <= result) else 0
    met_months, met_service = meets(months, x.ladder_months), meets(service, served)
    met_certificate, met_years = meets(certificate, x.certificate), meets(excellent, years)
    met_score, met_formula = meets(score, x.composite), meets(formula, by_formula)
    met = met_months + met_service + met_certificate + met_result + met_years + met_score + met_formula
    stayed = 1 if is_missing(x.exit_reason) or x.exit_reason == 0 else 0
    on_roster = 0 if is_missing(x.post) else stayed
    ranked = 1 if taken >= 0 and met == 7 and on_roster == 1 else 0
    eligible = NOT_APPLICABLE if stayed == 1 and on_roster == 0 else ranked
    grade_now = x.ladder_grade_now if not is_missing(x.ladder_grade_now) else 0
    return Steps(
        months, x.ladder_months, met_months, service, served, met_service,
        certificate, x.certificate, met_certificate, result, worst, met_result,
        excellent, years, met_years, score, x.composite, met_score, formula, by_formula, met_formula,
        7 - met, on_roster, eligible, ranked, x.district * 100 + grade_now, taken,
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


ITEM = f"{M}.conditions"
CITE: dict[str, Any] = {"item": ITEM, "row": "conditions_row"}
CERTIFICATES: dict[str, Any] = {"codes": Certificate.labels()}
GRADES: dict[str, Any] = {"codes": Grade.labels()}

FAMILY = Family(
    id=M,
    label="晋升条件",
    mechanisms=(M, "career.five_rank_nine_grade"),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "asked_grade_months": Step("要求：任现职级", units.MONTHS, **CITE),
        "actual_grade_months": Step("实际：任现职级", units.MONTHS),
        "met_grade_months": Step("任现职级年限够", units.FLAG, **CITE),
        "asked_service": Step("要求：入职", units.MONTHS, **CITE),
        "actual_service": Step("实际：入职", units.MONTHS),
        "met_service": Step("入职年限够", units.FLAG, **CITE),
        "asked_certificate": Step("要求：资格证书", units.CODE, **CITE, **CERTIFICATES),
        "actual_certificate": Step("实际：资格证书", units.CODE, **CERTIFICATES),
        "met_certificate": Step("证书够", units.FLAG, **CITE),
        "asked_result": Step("要求：本年和上年等次不低于", units.CODE, **CITE, **GRADES),
        "actual_result": Step("实际：两年中较低的等次", units.CODE, **GRADES),
        "met_result": Step("等次够", units.FLAG, **CITE),
        "asked_excellent": Step("要求：累计优秀", units.YEARS, **CITE),
        "actual_excellent": Step("实际：累计优秀（含本年）", units.YEARS),
        "met_excellent": Step("优秀年数够", units.FLAG, **CITE),
        "asked_score": Step("要求：综合分", units.SCORE, **CITE),
        "actual_score": Step("实际：综合分", units.SCORE),
        "met_score": Step("综合分够", units.FLAG, **CITE),
        "asked_formula": Step("要求：按公式应到该级", units.FLAG, **CITE),
        "actual_formula": Step("实际：按公式已到该级", units.FLAG),
        "met_formula": Step("公式够", units.FLAG, **CITE),
        "conditions_missing": Step("还差几项条件", units.COUNT),
        "promotion_counted": Step("年末在岗，计入名额基数", units.FLAG),
        "ladder_eligible": Step("符合晋升条件（只是建议，须经人决定）", units.FLAG, **CITE),
        "promotion_ranked": Step("参加排名", units.FLAG, hidden=True),
        "promotion_group": Step("同区同档（序号）", units.CODE, hidden=True),
        "conditions_row": Step("条件行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
    headline="ladder_eligible",
)


def quota(pack: PackOnDate) -> QuotaTable:
    return pack[f"{M}.quota"]


QUOTA = GroupFamily(
    id=f"{M}.quota",
    label="晋升名额（建议名单）",
    mechanisms=(M, "career.five_rank_nine_grade"),
    prefix="promotion",
    group="promotion_group",
    counted="promotion_counted",
    eligible="promotion_ranked",
    keys=("actual_score", "actual_grade_months"),
    item=f"{M}.quota",
    quota=quota,
)

FAMILIES = (FAMILY, QUOTA)
