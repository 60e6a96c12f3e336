"""A person's year in the order in which she asks: what is missing for the next step, hours, gaps, honours, proposals, months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qinglan.apps.policy.models import PersonResult
from qinglan.apps.policy.queries import rules
from qinglan.apps.policy.queries.results import lines_of, month_steps, pack_of, topic_titles, year_steps
from qinglan.core.frame.codes import Ability, HourState, Level
from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import say

REQUIREMENTS = "career.job_requirements"
CONDITIONS = ("grade_months", "service", "certificate", "result", "excellent", "score", "formula")
ABILITIES = ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")
# Ledger: its family, the hours in the frame, and the steps that say what is asked, missing and where it stands.
LEDGERS = (
    ("train.annual_days", "annual_hours", "annual_hours_required", "annual_shortfall", ""),
    ("train.onboarding_30h", "onboarding_hours", "onboarding_required", "onboarding_shortfall", "onboarding_state"),
    ("train.shadowing_200h", "shadowing_hours", "shadowing_required", "shadowing_shortfall", "shadowing_state"),
    ("credit.continuing_education", "continuing_hours", "continuing_required", "continuing_shortfall", "continuing_state"),
)  # fmt: skip
HONOURS = {
    Level.NATIONAL: "awards_national",
    Level.PROVINCE: "awards_province",
    Level.CITY: "awards_city",
    Level.DISTRICT: "awards_district",
    Level.SUBDISTRICT: "awards_subdistrict",
}
# Steps that propose something when they are more than nothing; none of them decides anything.
PROPOSALS = (
    ("career.job_requirements.quota", "promotion_selected"),
    ("career.head_goose", "goose_selected"),
    ("career.rotation_15", "rotation_selected"),
    ("career.dual_track", "track_may_switch"),
    ("diagnose.talent_grading", "talent"),
    ("honour.medal_30", "medal_due"),
    ("assess.flow_by_result", "flow_rotation"),
    ("assess.flow_by_result", "flow_study"),
    ("assess.flow_by_result", "flow_grade_up"),
    ("assess.flow_by_result", "flow_change_post"),
    ("assess.flow_by_result", "flow_grade_down"),
    ("assess.flow_by_result", "flow_eliminate"),
    ("assess.xh_monthly", "monthly_action"),
    ("exit.xuhui", "xuhui_proposal"),
    ("exit.unfit", "unfit_proposal"),
)
MONTHS = ("gross_pay", "tax_due", "net_pay")


@dataclass(frozen=True)
class Condition:
    """One condition of the next grade in words."""

    label: str
    asked: str
    actual: str
    met: bool


@dataclass(frozen=True)
class Ledger:
    """Hours asked, had and still missing, in words; `kind` is the badge of `state`."""

    family: str
    label: str
    had: str
    asked: str
    short: str
    state: str
    kind: str


class Reading:
    """One result opened: every step by its name, ready to be said."""

    def __init__(self, result: PersonResult) -> None:
        self.result = result
        self.versions: Mapping[str, str] = result.run.rule_versions
        self.families = year_steps(result)
        self.steps = {name: value for family in self.families.values() for name, value in family.items()}
        self.frame = dict(zip(result.run.frame_columns, result.frame, strict=True))

    def value(self, name: str) -> int | None:
        """A step's number; None when it is missing or unknown to the run."""
        number = self.steps.get(name, MISSING)
        return None if number <= MISSING else number

    def words(self, family: str, name: str) -> str:
        """A step as it is printed."""
        step = self.rule(family).steps.get(name)
        if step is None:
            return ""
        return say(self.steps.get(name, MISSING), step.unit, dict(step.codes) if step.codes else None)

    def rule(self, family: str) -> rules.Told:
        """A rule in the version that the run was computed by."""
        return rules.told(family, self.families.get(family, ()), self.versions)

    def next_step(self) -> dict[str, Any]:
        """What stands between her and the next grade: grades, conditions, quota, clause."""
        grade, following = self.value("ladder_grade_now"), self.value("ladder_next_grade")
        asking = self.rule(REQUIREMENTS)
        conditions = [
            Condition(
                asking.steps[f"asked_{name}"].label.removeprefix("要求：").removesuffix("不低于"),
                self.words(REQUIREMENTS, f"asked_{name}"),
                self.words(REQUIREMENTS, f"actual_{name}"),
                self.value(f"met_{name}") == 1,
            )
            for name in CONDITIONS
            if self.value(f"asked_{name}") is not None and f"asked_{name}" in asking.steps
        ]
        told = self.families.get(REQUIREMENTS, {})
        lines = lines_of(REQUIREMENTS, told, pack_of(self.result.run), self.versions) if told else []
        return {
            "recorded": self.value("ladder_recorded") == 1,
            "grade": grade,
            "next": following,
            "rank": self.words("career.five_rank_nine_grade", "ladder_next_rank"),
            "conditions": conditions,
            "unmet": sum(not one.met for one in conditions),
            "source": next((line["source"] for line in lines if line["source"]), ""),
            "quota": {
                name: self.value(f"promotion_{name}")
                for name in ("headcount", "capacity", "position", "selected", "tied")
            },
        }

    def ledgers(self) -> list[Ledger]:
        """The hours that are asked of her."""
        found = []
        for family, column, asked, short, state in LEDGERS:
            if self.value(asked) is None or (state and self.value(state) == HourState.NOT_DUE):
                continue
            rule = self.rule(family)
            step = rule.steps.get(short)
            if step is None:
                continue
            missing = self.value(short)
            done = missing is not None and missing <= 0
            kind = "plain" if missing is None else "good" if done else "warn"
            word = self.words(family, state) if state else "已达标" if done else "还没达标"
            if state and self.value(state) == HourState.OVERDUE:
                kind = "bad"
            found.append(
                Ledger(
                    family, rule.label, say(self.frame[column], step.unit),
                    self.words(family, asked), self.words(family, short) if not done else "", word, kind,
                )
            )  # fmt: skip
        return found

    def gaps(self) -> list[dict[str, Any]]:
        """The six abilities: rated, asked by the tier, gap (in hundredths)."""
        rows = []
        for label, name in zip((one.label for one in Ability), ABILITIES, strict=True):
            rated = self.frame[f"ability_{name}"]
            rows.append(
                {
                    "label": label,
                    "rated": None if rated <= MISSING else rated,
                    "asked": self.value(f"floor_{name}"),
                    "gap": self.value(f"gap_{name}"),
                }
            )
        return rows

    def honours(self) -> list[tuple[str, str]]:
        """(level, how many) of the awards on record."""
        return [
            (f"{level.label}级", f"{self.frame[name]} 项") for level, name in HONOURS.items() if self.frame[name] > 0
        ]

    def proposals(self) -> list[dict[str, str]]:
        """What the rules propose; a person decides."""
        rows = []
        for family, name in PROPOSALS:
            number = self.value(name)
            if number is None or number <= 0:
                continue
            rule = self.rule(family)
            step = rule.steps.get(name)
            if step is None:
                continue
            said = "" if step.unit.name == "flag" else self.words(family, name)
            rows.append({"family": family, "label": rule.label, "step": step.label, "said": said})
        return rows

    def months(self) -> list[dict[str, Any]]:
        """Gross, tax and net of each month that was computed (fen; None when missing)."""
        rows = []
        for month in range(1, 13):
            steps = {name: v for family in month_steps(self.result, month).values() for name, v in family.items()}
            figures = [steps.get(name, MISSING) for name in MONTHS]
            rows.append({"month": month, "figures": [None if one <= MISSING else one for one in figures]})
        return rows


def neighbours(families: Mapping[str, object], family: str) -> tuple[str, str]:
    """The families before and after this one in the order of the topics; "" at the ends."""
    order: Sequence[str] = [name for _, names in topic_titles(families) for name in names]
    at = order.index(family)
    return (order[at - 1] if at else ""), (order[at + 1] if at + 1 < len(order) else "")
