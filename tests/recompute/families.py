"""The families of each frame in their order, worked by the references; each row then holds all steps so far."""

from collections.abc import Callable, Iterable
from typing import Any

from tests.recompute.between import BETWEEN
from tests.recompute.frame import Ints
from tests.reference import REFERENCES
from tests.reference.exact import NOT_RECORDED

PERSON_YEAR = (
    "exit.retirement", "diagnose.tier_entry", "assess.four_in_one", "assess.jh_grades.score", "assess.jh_grades.quota",
    "assess.jh_grades", "pay.star_rating.score", "pay.star_rating.quota", "pay.star_rating",
    "career.five_rank_nine_grade.eighteen", "career.five_rank_nine_grade", "career.job_requirements",
    "career.job_requirements.quota", "train.annual_days", "train.onboarding_30h", "train.shadowing_200h",
    "credit.continuing_education", "exit.unfit.limits", "career.head_goose.candidate", "career.head_goose",
    "career.rotation_15.candidate", "career.rotation_15", "career.dual_track", "assess.xh_monthly",
    "assess.volume_vs_quality", "assess.cz_annual_tier", "honour.medal_30", "honour.file", "exit.xuhui", "exit.unfit",
    "exit.unfit.severance", "exit.upward", "exit.retire_subsidy", "assess.flow_by_result",
    "train.exam_coaching.eligibility", "train.exam_coaching.pass", "credit.continuing_education.registration",
    "diagnose.tier3_ability6", "diagnose.talent_grading.candidates", "diagnose.talent_grading.leaders",
    "diagnose.talent_grading.upper", "diagnose.talent_grading",
)  # fmt: skip
UNIT_YEAR = (
    "assess.four_in_one.unit", "career.yijiantiao", "assess.traffic_light", "assess.satisfaction", "assess.stability",
    "assess.jh_three_index",
)  # fmt: skip
SEGMENT_DAYS = ("pay.prorating",)
SEGMENT = ("pay.three_plus_x", "pay.cert_allowance")
ARREARS = ("pay.arrears",)
MONTH = (
    "pay.project_allowance", "pay.settling_grant", "pay.gross", "pay.injury_pool", "pay.social_insurance",
    "pay.housing_fund", "pay.annuity", "pay.income_tax", "pay.net",
)  # fmt: skip
PAY_YEAR = ("pay.eight_items", "pay.max_yijiantiao", "pay.effort_gap")
DISTRICT_YEAR = (
    "pay.growth_mechanism", "pay.growth_8", "budget.pay_line", "budget.training_50k", "budget.illness",
    "budget.innovation_fund", "budget.prize_fund",
)  # fmt: skip

Steps = dict[str, list[Ints]]


def work(families: Iterable[str], rows: list[Ints], values: Any) -> Steps:
    """{family: the steps of each row}; `rows` gain the steps, for the families after."""
    found: Steps = {}
    for family in families:
        between: Callable[[Ints, Any], Ints] = BETWEEN.get(family, lambda row, values: {})
        steps = REFERENCES[family]([Reading(row) for row in rows], values) if rows else []
        for row, own in zip(rows, steps, strict=True):
            for name, one in between(Reading(row | own), values).items():
                own.setdefault(name, one)
            row |= own
        found[family] = steps
    return found


class Reading(dict[str, int]):
    """A row in which a column that nobody gave is absent."""

    def __missing__(self, name: str) -> int:
        return NOT_RECORDED
