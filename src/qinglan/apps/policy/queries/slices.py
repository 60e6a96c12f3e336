"""Ways to divide the people of a computed year: by sex, age, tier, grade, duty, … One definition serves a number and its list.

A slice is asked in the address as key=number (sex=2). `divided` tells every row's number by every way at once; `narrowed` gives the rows of one
number: both use the same expression, so that a list has exactly as many rows as the number that led to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual

from qinglan.apps.people.models import Party
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries.reading import ABILITIES
from qinglan.core.frame import codes
from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import days

UNKNOWN, HERE, LEFT = -1, 1, 0
NOT_RECORDED = "未记录"
AGES = ((0, "29 岁及以下", 29), (1, "30–39 岁", 39), (2, "40–49 岁", 49), (3, "50–59 岁", 59), (4, "60 岁及以上", 200))
MET, UNMET, FREE = 1, 0, 2
ENOUGH, GAP = 1, 2
PARTIES = list(Party)
Expression = Callable[[Run], Any]


@dataclass(frozen=True)
class Way:
    """One way to divide: `key` in the address, `labels` of its numbers in reading order (UNKNOWN is added where it occurs)."""

    key: str
    label: str
    labels: Mapping[int, str]
    expression: Expression
    live: bool = False  # told by today's record, not by what the year was computed from

    def label_of(self, number: int) -> str:
        return self.labels.get(number, NOT_RECORDED if number == UNKNOWN else str(number))


def _known(number: Combinable) -> Case:
    return Case(When(GreaterThan(number, MISSING), then=number), default=UNKNOWN, output_field=BigIntegerField())


def _number(run: Run, array: str, names: Sequence[str], name: str) -> Combinable:
    """An element of a stored array; missing where the run did not have it."""
    return F(f"{array}__{names.index(name)}") if name in names else Value(MISSING, output_field=BigIntegerField())


def frame_number(run: Run, name: str) -> Combinable:
    return _number(run, "frame", run.frame_columns, name)


def step_number(run: Run, name: str) -> Combinable:
    return _number(run, "steps", [step for _, steps in run.step_columns for step in steps], name)


def _frame(name: str) -> Expression:
    return lambda run: _known(frame_number(run, name))


def _column(name: str) -> Expression:
    return lambda run: Case(
        When(**{f"{name}__isnull": False}, then=F(name)), default=UNKNOWN, output_field=BigIntegerField()
    )


def _age(run: Run) -> Case:
    """Full years on 31 December, which is the year less the year of birth."""
    born = frame_number(run, "birth_date")
    cases = [When(GreaterThanOrEqual(born, days(date(run.year - most, 1, 1))), then=number) for number, _, most in AGES]
    return Case(*cases, default=UNKNOWN, output_field=BigIntegerField())


def _party(run: Run) -> Case:
    cases = [When(person__party=one.value, then=number) for number, one in enumerate(PARTIES)]
    return Case(*cases, default=UNKNOWN, output_field=BigIntegerField())


def _here(run: Run) -> Case:
    reason, day = frame_number(run, "exit_reason"), frame_number(run, "exit_date")
    gone = GreaterThan(reason, int(codes.ExitReason.NONE)) & GreaterThan(day, MISSING)
    return Case(When(gone, then=LEFT), default=HERE, output_field=BigIntegerField())


def _annual(run: Run) -> Case:
    met = step_number(run, "annual_met")
    return Case(When(GreaterThan(met, MISSING), then=met), default=FREE, output_field=BigIntegerField())


def _term(name: str) -> Expression:
    return lambda run: _known(step_number(run, name))


def _ability(name: str) -> Expression:
    """Rated and enough for the tier, rated below it, or not rated (or nothing asked)."""

    def expression(run: Run) -> Case:
        gap = step_number(run, f"gap_{name}")
        return Case(
            When(GreaterThan(gap, 0), then=GAP),
            When(GreaterThan(gap, MISSING), then=ENOUGH),
            default=UNKNOWN, output_field=BigIntegerField(),
        )  # fmt: skip

    return expression


def _rated(name: str) -> Expression:
    rating = f"ability_{name}"
    return lambda run: Case(
        When(GreaterThan(frame_number(run, rating), MISSING), then=1),
        default=0,
        output_field=BigIntegerField(),
    )


STATES = codes.HourState.labels()
WAYS: dict[str, Way] = {
    way.key: way
    for way in (
        Way("here", "年末在岗", {HERE: "年末在岗", LEFT: "年内离岗"}, _here),
        Way("sex", "性别", codes.Sex.labels(), _frame("sex")),
        Way("age", "年末年龄", {number: label for number, label, _ in AGES}, _age),
        Way("education", "学历", codes.Education.labels(), _frame("education")),
        Way("party", "政治面貌", {n: str(one.label) for n, one in enumerate(PARTIES)}, _party, live=True),
        Way("certificate", "社会工作证书", codes.Certificate.labels(), _frame("certificate")),
        Way("certified", "持证", {1: "有证书", 0: "没有证书"}, lambda run: Case(
            When(GreaterThan(frame_number(run, "certificate"), 0), then=1), default=0, output_field=BigIntegerField())),
        Way("tier", "层级", codes.Tier.labels(), _column("tier")),
        Way("grade", "等次", codes.Grade.labels(), _column("grade")),
        Way("star", "星级", codes.Star.labels(), _column("star")),
        Way("annual", "年度培训", {MET: "达标", UNMET: "没有达标", FREE: "没有要求"}, _annual),
        Way("onboarding", "岗前培训", STATES, _term("onboarding_state")),
        Way("shadowing", "跟岗实训", STATES, _term("shadowing_state")),
        Way("continuing", "继续教育", STATES, _term("continuing_state")),
        *(
            Way(f"ability_{name}", one.label, {ENOUGH: "达到层级要求", GAP: "低于层级要求"}, _ability(name))
            for name, one in zip(ABILITIES, codes.Ability, strict=True)
        ),
        *(
            Way(f"rated_{name}", one.label, {1: "已评定", 0: "没有评定"}, _rated(name))
            for name, one in zip(ABILITIES, codes.Ability, strict=True)
        ),
        Way("paid", "全年应发", {1: "已算出", 0: "没有算出"}, lambda run: Case(
            When(gross__isnull=False, then=1), default=0, output_field=BigIntegerField())),
    )
}  # fmt: skip


def asked(given: Mapping[str, Any]) -> dict[str, int]:
    """The slices that an address asks for; what makes no sense is left out."""
    found = {}
    for key, way in WAYS.items():
        text = str(given.get(key, ""))
        if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 4:
            number = int(text)
            if number in way.labels or number == UNKNOWN:
                found[key] = number
    return found


def narrowed(rows: QuerySet[PersonResult], run: Run, slices: Mapping[str, int]) -> QuerySet[PersonResult]:
    """The rows of `run` in all of the slices."""
    for key, number in slices.items():
        rows = rows.annotate(**{f"at_{key}": WAYS[key].expression(run)}).filter(Q(**{f"at_{key}": number}))
    return rows


@dataclass(frozen=True)
class Row:
    """One person as the cockpit counts her: where, the number of each way, yearly gross (fen), ability ratings (hundredths)."""

    org_code: str
    at: dict[str, int]
    gross: int | None
    ratings: tuple[int | None, ...]


def divided(rows: QuerySet[PersonResult], run: Run) -> list[Row]:
    """Every row with its number by each way. One query."""
    names = {f"at_{key}": way.expression(run) for key, way in WAYS.items()}
    ratings = {f"rating_{name}": frame_number(run, f"ability_{name}") for name in ABILITIES}
    values = rows.order_by().annotate(**names, **ratings).values_list("org_code", "gross", *ratings, *names)
    width = 2 + len(ratings)
    return [
        Row(
            org_code=one[0],
            at=dict(zip(WAYS, one[width:], strict=True)),
            gross=one[1],
            ratings=tuple(None if rating <= MISSING else rating for rating in one[2:width]),
        )
        for one in values
    ]
