"""The six abilities held against the tier (diagnose.tier3_ability6), and the three talent grades (diagnose.talent_grading).

S0 pairs two abilities with each tier. Lower tiers' abilities stay required with a floor of their own; those of higher tiers
are not required yet. Ratings run from 0 to 100. Talent grades go to certified workers by interview, within quotas (S2).
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Ability, Certificate, Talent, Tier
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.groups import GroupFamily, QuotaTable
from qinglan.core.rules.numbers import divide_half_up, is_missing
from qinglan.core.rules.shapes import Col, Quota, Rows, Scalar, Table

MODEL, TALENT = "diagnose.tier3_ability6", "diagnose.talent_grading"
NO_POST = missing(Reason.NO_POST)
NOT_APPLICABLE = missing(Reason.NOT_APPLICABLE)

ITEMS = (
    Item(
        f"{MODEL}.floors", "各层级的能力要求",
        Rows(
            {
                "tier": Col("层级", units.CODE, Tier),
                "ability": Col("能力", units.CODE, Ability),
                "floor": Col("不低于", units.SCORE),
                "focus": Col("重点能力", units.FLAG),
            }
        ), MODEL, help="没有写的能力该层级不要求；升到上一层级后，下面层级的能力仍须保持，所以也写在上一层级里",
    ),
    Item(f"{TALENT}.certificate", "人才选拔要求的最低资格", Scalar(units.CODE, Certificate), TALENT),
    Item(f"{TALENT}.scores", "三类人才的面试分数线", Table(Talent, units.SCORE), TALENT),
    Item(f"{TALENT}.leader_quota", "领军人才名额", Quota(), TALENT),
    Item(f"{TALENT}.upper_quota", "领军与骨干人才合计名额", Quota(), TALENT),
)  # fmt: skip


class Inputs(NamedTuple):
    ability_serve: int
    ability_mobilise: int
    ability_deliberate: int
    ability_project: int
    ability_coordinate: int
    ability_innovate: int
    tier: int


class Steps(NamedTuple):
    focus_first: int
    focus_second: int
    floor_serve: int
    floor_mobilise: int
    floor_deliberate: int
    floor_project: int
    floor_coordinate: int
    floor_innovate: int
    gap_serve: int
    gap_mobilise: int
    gap_deliberate: int
    gap_project: int
    gap_coordinate: int
    gap_innovate: int
    abilities_required: int
    abilities_rated: int
    abilities_met: int
    largest_gap: int
    largest_gap_ability: int
    ability_overall: int
    abilities_ready: int
    row_serve: int
    row_mobilise: int
    row_deliberate: int
    row_project: int
    row_coordinate: int
    row_innovate: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    floors: object


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{MODEL}.floors"])


@compiled
def row_of(ability, tier, floors):
    """The row that asks the tier for the ability; -1 when none does."""
    for index in range(floors.shape[0]):
        if floors[index, 0] == tier and floors[index, 1] == ability:
            return index
    return -1


@compiled
def floor_of(taken, tier, floors):
    """The floor of the row; nothing is asked of other tiers' abilities, nor of who has no tier."""
    if tier < 1:
        return NO_POST
    return floors[taken, 2] if taken >= 0 else NOT_APPLICABLE


@compiled
def gap_of(rating, floor):
    """Points below the floor; missing when nothing is required or nobody rated."""
    if is_missing(floor):
        return floor
    if is_missing(rating):
        return rating
    return floor - rating if floor > rating else 0


@compiled
def summarise(x, floors, gaps):
    """(asked, rated, met, largest gap, its ability, mean of all ratings, ready). Of equal gaps the first ability."""
    required = rated = met = total = known = 0
    unrated = largest = worst = NOT_APPLICABLE
    for index in range(6):
        if not is_missing(x[index]):
            total += x[index]
            known += 1
        if not is_missing(floors[index]):
            required += 1
            if is_missing(gaps[index]):
                unrated = gaps[index]
            else:
                rated += 1
                met += 1 if gaps[index] == 0 else 0
                if is_missing(largest) or gaps[index] > largest:
                    largest = gaps[index]
                    worst = index + 1 if gaps[index] > 0 else NOT_APPLICABLE
    overall = x[0] if known == 0 else divide_half_up(total, known)
    if required == 0:
        ready = floors[0]
    elif met < rated:
        ready = 0
    else:
        ready = unrated if rated < required else 1
    if required > 0 and rated == 0:
        largest = unrated
    return required, rated, met, largest, worst, overall, ready


@compiled
def kernel(x, t):
    r1, r2, r3 = row_of(1, x.tier, t.floors), row_of(2, x.tier, t.floors), row_of(3, x.tier, t.floors)
    r4, r5, r6 = row_of(4, x.tier, t.floors), row_of(5, x.tier, t.floors), row_of(6, x.tier, t.floors)
    f1, f2, f3 = floor_of(r1, x.tier, t.floors), floor_of(r2, x.tier, t.floors), floor_of(r3, x.tier, t.floors)
    f4, f5, f6 = floor_of(r4, x.tier, t.floors), floor_of(r5, x.tier, t.floors), floor_of(r6, x.tier, t.floors)
    g1, g2, g3 = gap_of(x[0], f1), gap_of(x[1], f2), gap_of(x[2], f3)
    g4, g5, g6 = gap_of(x[3], f4), gap_of(x[4], f5), gap_of(x[5], f6)
    rows = (r1, r2, r3, r4, r5, r6)
    first = NOT_APPLICABLE
    second = NOT_APPLICABLE
    for index in range(6):
        if rows[index] >= 0 and t.floors[rows[index], 3] == 1:
            if is_missing(first):
                first = index + 1
            elif is_missing(second):
                second = index + 1
    required, rated, met, largest, worst, overall, ready = summarise(
        x, (f1, f2, f3, f4, f5, f6), (g1, g2, g3, g4, g5, g6)
    )
    return Steps(
        first, second, f1, f2, f3, f4, f5, f6, g1, g2, g3, g4, g5, g6, required, rated, met, largest, worst, overall,
        ready, r1, r2, r3, r4, r5, r6,
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


FLOORS = f"{MODEL}.floors"
NAMES = tuple(zip(Ability, ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate"), strict=True))

FAMILY = Family(
    id=MODEL,
    label="三层级六能力",
    mechanisms=(MODEL,),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "focus_first": Step("本层级重点能力之一", units.CODE, FLOORS, codes=Ability.labels()),
        "focus_second": Step("本层级重点能力之二", units.CODE, FLOORS, codes=Ability.labels()),
        **{f"floor_{name}": Step(f"{one.label}要求", units.SCORE, FLOORS, f"row_{name}") for one, name in NAMES},
        **{f"gap_{name}": Step(f"{one.label}差距", units.SCORE) for one, name in NAMES},
        "abilities_required": Step("要求的能力项数", units.COUNT, FLOORS),
        "abilities_rated": Step("其中已评定", units.COUNT),
        "abilities_met": Step("其中已达到", units.COUNT),
        "largest_gap": Step("最大差距", units.SCORE),
        "largest_gap_ability": Step("差距最大的能力", units.CODE, codes=Ability.labels()),
        "ability_overall": Step("六能力平均（已评定的）", units.SCORE),
        "abilities_ready": Step("本层级能力齐备", units.FLAG),
        **{f"row_{name}": Step(f"{one.label}要求行", units.ROW, hidden=True) for one, name in NAMES},
    },
    kernel=kernel,
    run=run,
    tables=tables,
)


class CandidateInputs(NamedTuple):
    certificate: int
    interview_score: int


class CandidateSteps(NamedTuple):
    talent_certified: int
    talent_interviewed: int
    talent_by_score: int
    leader_candidate: int
    upper_candidate: int
    talent_score_row: int


CANDIDATE_WIDTH = len(CandidateInputs._fields)


class CandidateTables(NamedTuple):
    certificate: int
    scores: object


def candidate_tables(pack: PackOnDate) -> CandidateTables:
    return CandidateTables(pack[f"{TALENT}.certificate"], pack[f"{TALENT}.scores"])


@compiled
def candidate_kernel(x, t):
    certified = 1 if not is_missing(x.certificate) and x.certificate >= t.certificate else 0
    interviewed = 1 if certified == 1 and not is_missing(x.interview_score) else 0
    talent = 0
    if certified == 1 and interviewed == 0:
        talent = x.interview_score
    if interviewed == 1:
        for grade in range(3, 0, -1):
            if not is_missing(t.scores[grade]) and x.interview_score >= t.scores[grade]:
                talent = grade
    upper = 1 if talent == 1 or talent == 2 else 0
    return CandidateSteps(certified, interviewed, talent, 1 if talent == 1 else 0, upper, talent)


@compiled
def candidate_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, candidate_kernel(CandidateInputs(*row(columns[:, index], CANDIDATE_WIDTH)), t))


CANDIDATES = Family(
    id=f"{TALENT}.candidates",
    label="持证人才面试",
    mechanisms=(TALENT,),
    inputs=CandidateInputs,
    outputs=CandidateSteps,
    steps={
        "talent_certified": Step("持有要求的资格", units.FLAG, f"{TALENT}.certificate"),
        "talent_interviewed": Step("持证并参加面试", units.FLAG),
        "talent_by_score": Step(
            "按面试分的类别", units.CODE, f"{TALENT}.scores", "talent_score_row", codes=Talent.labels()
        ),
        "leader_candidate": Step("达到领军分数线", units.FLAG, f"{TALENT}.scores"),
        "upper_candidate": Step("达到骨干分数线", units.FLAG, f"{TALENT}.scores"),
        "talent_score_row": Step("分数线行", units.ROW, hidden=True),
    },
    kernel=candidate_kernel,
    run=candidate_run,
    tables=candidate_tables,
    headline="talent_by_score",
)


def leader_quota(pack: PackOnDate) -> QuotaTable:
    return pack[f"{TALENT}.leader_quota"]


def upper_quota(pack: PackOnDate) -> QuotaTable:
    return pack[f"{TALENT}.upper_quota"]


LEADERS = GroupFamily(
    id=f"{TALENT}.leaders",
    label="领军人才名额",
    mechanisms=(TALENT,),
    prefix="leader",
    group="district",
    counted="talent_interviewed",
    eligible="leader_candidate",
    keys=("interview_score",),
    item=f"{TALENT}.leader_quota",
    quota=leader_quota,
)

UPPER = GroupFamily(
    id=f"{TALENT}.upper",
    label="领军与骨干人才合计名额",
    mechanisms=(TALENT,),
    prefix="upper",
    group="district",
    counted="talent_interviewed",
    eligible="upper_candidate",
    keys=("interview_score",),
    item=f"{TALENT}.upper_quota",
    quota=upper_quota,
)


class TalentInputs(NamedTuple):
    talent_by_score: int
    leader_selected: int
    upper_selected: int


class TalentSteps(NamedTuple):
    talent_moved_by_quota: int
    talent: int


TALENT_WIDTH = len(TalentInputs._fields)


class TalentTables(NamedTuple):
    certificate: int


def talent_tables(pack: PackOnDate) -> TalentTables:
    return TalentTables(pack[f"{TALENT}.certificate"])


@compiled
def talent_kernel(x, t):
    """Whoever finds no place among the leaders is a backbone, and whoever finds none there a reserve."""
    talent = x.talent_by_score
    if talent == 1 and x.leader_selected == 0:
        talent = 2
    if talent == 2 and x.upper_selected == 0:
        talent = 3
    return TalentSteps(0 if talent == x.talent_by_score else 1, talent)


@compiled
def talent_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, talent_kernel(TalentInputs(*row(columns[:, index], TALENT_WIDTH)), t))


TALENTS = Family(
    id=TALENT,
    label="三类人才",
    mechanisms=(TALENT,),
    inputs=TalentInputs,
    outputs=TalentSteps,
    steps={
        "talent_moved_by_quota": Step("因名额降一类", units.FLAG, f"{TALENT}.leader_quota"),
        "talent": Step("拟定人才类别", units.CODE, f"{TALENT}.upper_quota", codes=Talent.labels()),
    },
    kernel=talent_kernel,
    run=talent_run,
    tables=talent_tables,
)

FAMILIES = (FAMILY, CANDIDATES, LEADERS, UPPER, TALENTS)
