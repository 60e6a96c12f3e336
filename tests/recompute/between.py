"""The steps between, which tests.reference leaves out: rows of the pack that applied, and its values repeated beside the result.

{family: row, values → the steps}; `row` holds the inputs and all steps of the family that the reference gives, which win.
A row number counts from 0; -1 where none applies. A step that has no meaning for somebody says why it is absent.
"""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

from tests.recompute.items import LISTS
from tests.reference.exact import NOT_APPLICABLE, NOT_RECORDED, absent, day, half_up, later
from tests.reference.exams import judge
from tests.reference.ladders import served
from tests.reference.pay import total, zero

Row = dict[str, int]
Rows = list[dict[str, int]]
ABILITIES = ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")
LEVELS = ("national", "province", "city", "district", "subdistrict")


def place(rows: Rows, fits: Callable[[dict[str, int]], bool]) -> int:
    """The last row that fits; -1 when none does."""
    return max((at for at, one in enumerate(rows) if fits(one)), default=-1)


def band(bands: Rows, value: int) -> int:
    return -1 if absent(value) else place(bands, lambda one: one["lower"] <= value)


def months(row: Row, since: str) -> int:
    found = served(row, since)
    return row[since] if found is None else found


def tier(row: Row, values: Any) -> Row:
    table, post = values["diagnose.tier_entry.pillar_posts"], row["post"]
    least, so_far = values["diagnose.tier_entry.backbone_months"], months(row, "entry_date")
    return {
        "months_since_entry": so_far,
        "post_is_leading": 0 if absent(post) else int(named(table, "Post", post) == 1),
        "backbone_months_required": least,
        "months_suffice": int(so_far >= least),
        "is_willing": int(row["willing"] == 1),
        "pillar_row": post,
    }


def named(table: dict[str, int], names: str, code: int) -> int | None:
    """The table's value for a code of a closed list."""
    label = next(label for label, number in LISTS[names].items() if number == code)
    return table.get(label, table.get("其余"))


def retirement(row: Row, values: Any) -> Row:
    known = (
        "age_before",
        "date_before",
        "months_after_reform",
        "delay",
        "age",
        "date",
        "reached",
        "earliest",
        "latest",
    )
    lacking = row["retirement_kind"] if absent(row["retirement_kind"]) else row["birth_date"]
    due = row["retirement_date"]
    return {
        **{f"retirement_{name}": lacking for name in known},
        "pension_months_required": lacking,
        "pension_months_short": lacking,
        "retirement_sex_row": row["sex"],
        "pension_row": -1 if absent(due) else band(values["exit.retirement.contribution"], day(due).year),
    }


def grade_score(row: Row, values: Any) -> Row:
    weights = values["assess.jh_grades.weights"]
    return {
        "weight_everyday": weights["平时动态考核"],
        "weight_yearly": weights["年度综合考核"],
        "grade_days_required": values["assess.jh_grades.least_days"],
        "grade_row": band(values["assess.jh_grades.bands"], row["grade_score"]),
    }


def grade(row: Row, values: Any) -> Row:
    competent = place(values["assess.jh_grades.bands"], lambda one: one["value"] == 2)
    return {"grade_final_row": competent if row["moved_by_quota"] and competent >= 0 else row["grade_row"]}


def eighteen(row: Row, values: Any) -> Row:
    service = months(row, "entry_date")
    recognised = values["career.five_rank_nine_grade.eighteen_recognised"]
    education, graduate = row["education"], row["has_degree"] == 1
    extra = steps = certified = 0
    item = "career.five_rank_nine_grade.eighteen_"
    if not absent(education) and graduate:
        steps = named(values[item + "education"], "Education", education)
    elif not absent(education):
        extra = named(values[item + "education_months"], "Education", education)
    if not absent(row["certificate"]):
        certified = named(values[item + "certificate"], "Certificate", row["certificate"])
    if recognised and not absent(service):
        service += zero(row, "recognised_months")
    years = service if absent(service) else floor(Fraction(service + extra, values[item + "step_months"]))
    return {
        "eighteen_start": row["eighteen_band"],
        "eighteen_top": row["eighteen_band"],
        "eighteen_service": service,
        "eighteen_education_months": extra,
        "eighteen_year_steps": years,
        "eighteen_education_steps": steps,
        "eighteen_certificate_steps": certified,
        "eighteen_post_row": row["post"],
        "eighteen_education_row": education,
        "eighteen_certificate_row": row["certificate"],
    }


def ladder(row: Row, values: Any) -> Row:
    rows, profile = values["career.five_rank_nine_grade.ladder"], row["ladder_profile"]

    def of(grade: int) -> int:
        return next((at for at, one in enumerate(rows) if (one["profile"], one["grade"]) == (profile, grade)), -1)

    return {"ladder_row": of(row["ladder_grade_now"]), "ladder_next_row": of(row["ladder_next_grade"])}


def requirements(row: Row, values: Any) -> Row:
    following, rows = row["ladder_next_grade"], values["career.job_requirements.conditions"]
    asked = place(
        rows,
        lambda one: not absent(following) and one["profile"] == row["ladder_profile"] and one["grade"] <= following,
    )
    return {
        "actual_grade_months": row["ladder_months"],
        "actual_service": months(row, "entry_date"),
        "actual_certificate": row["certificate"],
        "actual_result": row["grade"],
        "actual_score": row["composite"],
        "actual_formula": NOT_APPLICABLE if row["ladder_profile"] != 2 else row["eighteen_grade"],
        "conditions_row": asked,
    }


def tracks(row: Row, values: Any) -> Row:
    steps = values["career.dual_track.steps"]

    def of(track: int, step: int) -> int:
        return place(steps, lambda one: one["track"] == track and one["step"] == step and step > 0)

    return {
        "track_months": months(row, "track_since"),
        "management_row": of(1, row["management_step"]),
        "professional_row": of(2, row["professional_step"]),
    }


def yearly_tier(row: Row, values: Any) -> Row:
    lacking = row["tier_score"]
    item = "assess.cz_annual_tier."
    part = Fraction(row["employed_days"], date(row["year"], 12, 31).timetuple().tm_yday)
    points = row["volume_counted"]
    if not absent(points):
        points = min(10_000, half_up(points / (values[item + "volume_norm"] * part) * 10_000))
    return {
        "volume_norm": values[item + "volume_norm"],
        "volume_points": points,
        "tier_reweighted": 0,
        "tier_amount_full": lacking,
        "tier_band_row": band(values[item + "bands"], lacking),
    }


def severance(row: Row, values: Any) -> Row:
    average, cap = values["pay.social_insurance.average_wage"], values["exit.unfit.severance.wage_cap"]
    lacking = NOT_RECORDED if row["severance_applies"] else NOT_APPLICABLE
    names = ("months_full", "over_line", "months", "wage", "before_law")
    return {
        **{f"severance_{name}": lacking for name in names},
        "severance_wage_line": half_up(Fraction(average * cap, 10_000)),
    }


def eligibility(row: Row, values: Any) -> Row:
    conditions = values["train.exam_coaching.eligibility"]
    held, got = zero(row, "certificate"), row["certificate_date"]
    since = NOT_APPLICABLE
    if held:
        since = got
        if not absent(got):
            new_year = date(row["year"] + 1, 1, 1)
            since = max(years for years in range(100) if later(day(got), 12 * years) <= new_year)
    rows = {}
    for level, name in enumerate(("assistant", "intermediate", "senior"), 1):
        fitting = [
            at for at, one in enumerate(conditions)
            if one["level"] == level and not absent(row["education"]) and judge(row, since, [one])[0]
        ]  # fmt: skip
        rows[f"{name}_row"] = min(fitting, default=-1)
    return {"years_since_certificate": since, **rows}


def exam(row: Row, values: Any) -> Row:
    item = "train.exam_coaching."
    return {
        "exam_pass_mark": values[item + "pass_mark"],
        **dict.fromkeys(("papers_passed", "exam_span", "exam_cycle", "result_until"), NOT_APPLICABLE),
        "papers_row": place(values[item + "papers"], lambda one: one["level"] == row["exam_level"]),
        "exam_level_row": row["exam_level"],
    }


def abilities(row: Row, values: Any) -> Row:
    floors = values["diagnose.tier3_ability6.floors"]
    nobody = NOT_APPLICABLE
    return {
        "largest_gap": nobody,
        "largest_gap_ability": nobody,
        **{
            f"row_{name}": place(floors, lambda one, at=at: (one["tier"], one["ability"]) == (row["tier"], at))
            for at, name in enumerate(ABILITIES, 1)
        },
    }


def scale(row: Row, values: Any) -> Row:
    """The first row of the scale that fits post and grade; a row without a post or grade asks for none."""
    post, grade = row["segment_post"], row["segment_grade"]
    fitting = [
        at for at, one in enumerate(values["pay.three_plus_x.scale"])
        if (absent(one["post"]) or one["post"] == post)
        and (absent(one["grade"]) or one["grade"] == grade)
    ]  # fmt: skip
    return {"scale_row": min(fitting, default=-1), "pay_post_row": post}


def injury(row: Row, values: Any) -> Row:
    recorded = row["injury_route_recorded"]
    return {"injury_row": values["pay.injury_pool.route"] if absent(recorded) else recorded}


def tax(row: Row, values: Any) -> Row:
    lacking, brackets = row["tax_to_date"], values["pay.income_tax.brackets"]
    names = ("income", "exempt", "months", "special", "additional", "other", "withheld")
    taxed = row["taxable_to_date"]
    return {
        **{f"{name}_to_date": lacking for name in names},
        **dict.fromkeys(("basic_deduction", "tax_rate", "quick_deduction", "tax_overpaid"), lacking),
        "tax_row": -1 if absent(taxed) else next(
            at for at, one in enumerate(brackets) if one["upto"] is None or taxed <= one["upto"]
        ),
    }  # fmt: skip


def festival(row: Row, values: Any) -> Row:
    month = row["month"] % 12 + 1
    return {
        "festival_row": place(
            values["pay.eight_items.festivals"], lambda one: row["employed"] == 1 and one["month"] == month
        )
    }


def growth(row: Row, values: Any) -> Row:
    """What is not known of growth: for the first of its parts that is absent."""

    def head(when: str) -> int:
        bill, people = row[f"pay_bill{when}"], row[f"pay_heads{when}"]
        lacking = total([bill, people])
        return lacking if absent(lacking) else NOT_APPLICABLE if people <= 0 else half_up(Fraction(bill, people))

    return {
        "bill_growth": total([row["pay_bill"], row["pay_bill_last"]]),
        "bill_compound": total([row["pay_bill"], row["pay_bill_base"]]),
        "head_growth": total([head(""), head("_last")]),
        "head_compound": total([head(""), head("_base")]),
    }


def index(row: Row, values: Any) -> Row:
    weights = values["assess.jh_three_index.weights"]
    names = {
        "workers": "社区工作者专业化考核指数",
        "studio": "社区社会工作室考核指数",
        "residents": "社区居民组织化考核指数",
    }
    return {f"index_weight_{name}": weights.get(title, 0) for name, title in names.items()}


def stability(row: Row, values: Any) -> Row:
    return {
        "headcount_sum": row["headcount_start"] + row["headcount_end"],
        "stability_target": values["assess.stability.target"],
        "promoted_out_rate": row["exits_promoted"],
    }


BETWEEN: dict[str, Callable[[Row, Any], Row]] = {
    "diagnose.tier_entry": tier,
    "exit.retirement": retirement,
    "assess.jh_grades.score": grade_score,
    "assess.jh_grades": grade,
    "pay.star_rating.score": lambda row, values: {
        "star_band_row": band(values["pay.star_rating.bands"], row["composite"])
    },
    "pay.star_rating": lambda row, values: {"star_row": row["star"]},
    "career.five_rank_nine_grade.eighteen": eighteen,
    "career.five_rank_nine_grade": ladder,
    "career.job_requirements": requirements,
    "exit.unfit.limits": lambda row, values: {"limits_post_row": row["post"]},
    "career.head_goose.candidate": lambda row, values: {"goose_post_row": row["post"]},
    "career.rotation_15.candidate": lambda row, values: dict.fromkeys(
        ("rotation_days", "rotation_months"), row["subdistrict_since"]
    ),
    "career.dual_track": tracks,
    "career.yijiantiao": lambda row, values: {
        "dual_communities": row["communities"],
        "dual_count": row["dual_post_secretaries"],
        "dual_target": values["career.yijiantiao.target"],
    },
    "train.annual_days": lambda row, values: {"annual_hours_full": row["post"], "annual_post_row": row["post"]},
    "credit.continuing_education": lambda row, values: {"continuing_row": row["certificate"]},
    "credit.continuing_education.registration": lambda row, values: {"registration_until_year": NOT_APPLICABLE},
    "assess.xh_monthly": lambda row, values: {"monthly_pass_mark": values["assess.xh_monthly.pass_mark"]},
    "assess.volume_vs_quality": lambda row, values: {
        "volume_shown": row["work_volume"],
        "quality_shown": row["work_quality"],
        "quality_floor": values["assess.volume_vs_quality.quality_floor"],
    },
    "assess.cz_annual_tier": yearly_tier,
    "honour.file": lambda row, values: {f"honour_row_{name}": level for level, name in enumerate(LEVELS, 1)},
    "exit.xuhui": lambda row, values: {"xuhui_fails": row["worst_window_fails"]},
    "exit.unfit.severance": severance,
    "exit.upward": lambda row, values: {"exit_kind": zero(row, "exit_reason")},
    "exit.retire_subsidy": lambda row, values: {
        "subsidy_row": band(values["exit.retire_subsidy.amounts"], row["subsidy_years"])
    },
    "assess.flow_by_result": lambda row, values: {
        "flow_bound": row["bound_by_election"],
        "flow_row": place(values["assess.flow_by_result.actions"], lambda one: one["grade"] == row["grade"]),
    },
    "train.exam_coaching.eligibility": eligibility,
    "train.exam_coaching.pass": exam,
    "diagnose.tier3_ability6": abilities,
    "diagnose.talent_grading.candidates": lambda row, values: {"talent_score_row": row["talent_by_score"]},
    "assess.traffic_light": lambda row, values: {
        "colour_row": band(values["assess.traffic_light.bands"], row["unit_composite"])
    },
    "assess.satisfaction": lambda row, values: {
        "satisfaction_ballots_required": values["assess.satisfaction.least_ballots"]
    },
    "assess.stability": stability,
    "assess.jh_three_index": index,
    "pay.three_plus_x": scale,
    "pay.cert_allowance": lambda row, values: {"certificate_row": zero(row, "segment_certificate")},
    "pay.gross": festival,
    "pay.injury_pool": injury,
    "pay.income_tax": tax,
    "pay.net": lambda row, values: dict.fromkeys(("owed_by_worker", "employer_contributions"), row["deductions"]),
    "pay.growth_8": growth,
}
