"""Stored results as people read them: the figures of a year by topic, and the steps of each with clause and source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, Case, F, QuerySet, Value, When
from django.db.models.functions import ExtractYear
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from qinglan.apps.policy.queries import rules
from qinglan.apps.policy.queries.packs import frozen, pack, pack_for
from qinglan.core.frame.codes import Colour, ExitReason, UnitAction
from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import SCORE, say, to_date
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.registry import FAMILIES
from qinglan.core.year.explaining import Line, explain

# Topics in the order of the life cycle; a family belongs to the first whose prefix its id has.
TOPICS = (
    ("层级与能力", ("diagnose.",)),
    ("训练与学时", ("train.", "credit.")),
    ("考核与等次", ("assess.",)),
    ("星级", ("pay.star_rating",)),
    ("职级与晋升", ("career.",)),
    ("薪酬", ("pay.",)),
    ("荣誉", ("honour.",)),
    ("提示与建议（由人决定）", ("exit.",)),
)
OTHER = "其他"
GRADE_SCORE = "grade_score"
LIGHT = "assess.traffic_light"


@dataclass(frozen=True)
class Figure:
    """A family's result: the step that answers for it, and where its steps are."""

    family: str
    label: str
    line: Line
    version: str
    note: str = ""  # what to know of a rule that is another by now (queries.rules)


@dataclass(frozen=True)
class Topic:
    title: str
    figures: list[Figure]


def pairs(columns: Sequence[Sequence[Any]], numbers: Sequence[int]) -> dict[str, dict[str, int]]:
    """{family: {step: number}} from stored columns and numbers."""
    found, place = {}, 0
    for family, steps in columns:
        found[family] = dict(zip(steps, numbers[place : place + len(steps)], strict=True))
        place += len(steps)
    return found


def year_steps(result: PersonResult) -> dict[str, dict[str, int]]:
    return pairs(result.run.step_columns, result.steps)


def month_steps(result: PersonResult, month: int) -> dict[str, dict[str, int]]:
    """The steps of one month (1–12)."""
    width = sum(len(steps) for _, steps in result.run.month_columns)
    return pairs(result.run.month_columns, result.months[(month - 1) * width : month * width])


def segment_steps(result: PersonResult, month: int) -> list[tuple[date, dict[str, dict[str, int]]]]:
    """(first day, steps) of each segment of one month."""
    columns = result.run.segment_columns
    width = sum(len(steps) for _, steps in columns)
    found = []
    for place in range(0, len(result.segments) if width else 0, width or 1):
        steps = pairs(columns, result.segments[place : place + width])
        since = to_date(next(iter(steps.values()))["segment_since"])
        if since.month == month:
            own = {name: {k: v for k, v in values.items() if not k.startswith("segment_since") and k != "segment_person"}
                   for name, values in steps.items()}  # fmt: skip
            found.append((since, own))
    return found


def district_steps(run: Run) -> dict[str, dict[str, int]]:
    """The district's sums in the order of the rules (JSON keeps none); those of rules that are gone at the end."""
    order = {family: place for place, family in enumerate(FAMILIES)}
    names = sorted(run.district_steps, key=lambda family: (order.get(family, len(order)), family))
    return {family: run.district_steps[family] for family in names}


def pack_of(run: Run, day: date | None = None) -> PackOnDate:
    """The pack that the run went by, as it was then, as of a day (default: the end of its year)."""
    then = frozen(run.pack_text_id) if run.pack_text_id else pack(run.pack)
    return then.on(day or date(run.year, 12, 31))


def pack_changed(run: Run) -> bool:
    """Whether the pack that the district goes by for this year says something else by now than when the run was computed."""
    try:
        return pack_for(run.org_code, date(run.year, 12, 31)).hash != run.pack_hash
    except (PackError, ValidationError):  # it is gone, or no longer good
        return True


def topics(result: PersonResult) -> list[Topic]:
    """Every figure of the year by topic, each with its value in words."""
    on = pack_of(result.run)
    steps = year_steps(result)
    return [
        Topic(title, [figure(family, steps[family], on, result.run) for family in families])
        for title, families in topic_titles(steps)
    ]


def topic_titles(families: Iterable[str]) -> list[tuple[str, list[str]]]:
    """(topic, its families) in reading order."""
    grouped: dict[str, list[str]] = {title: [] for title in (*dict(TOPICS), OTHER)}
    for family in families:
        grouped[topic_of(family)].append(family)
    return [(title, names) for title, names in grouped.items() if names]


def topic_of(family: str) -> str:
    return next((title for title, prefixes in TOPICS if family.startswith(prefixes)), OTHER)


def figure(family: str, values: Mapping[str, int], on: PackOnDate, run: Run) -> Figure:
    rule = rules.told(family, values, run.rule_versions)
    line = next(one for one in _lines(rule, values, on) if one.name == rule.result)
    return Figure(family, rule.label, line, rule.version, rule.note)


def _lines(rule: rules.Told, values: Mapping[str, int], on: PackOnDate) -> list[Line]:
    """What `explain` says of stored steps; a family as they were computed by, or one that only names them."""
    return explain(cast(Any, rule), values, on)


def lines_of(
    family: str, values: Mapping[str, int], on: PackOnDate, versions: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The steps of one family as the page's step table takes them; `versions` of the run that they were stored with."""
    return [
        {
            "family": family,
            "name": line.name,
            "label": line.label,
            "value": line.text,
            **_applied(line),
            "source": line.source,
            "missing": line.missing,
        }
        for line in _lines(rules.told(family, values, versions), values, on)
    ]


def _applied(line: Line) -> dict[str, str]:
    """The item with what of it was applied: a single number behind its name, a row of a table below it."""
    if line.applied and "：" not in line.applied:
        return {"item": f"{line.item_label}：{line.applied}", "applied": ""}
    return {"item": line.item_label, "applied": line.applied}


def names_of(
    family: str, values: Mapping[str, int] | None = None, versions: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """What a family is called, and the step that answers for it; of stored `values` as the run's `versions` call them."""
    rule = rules.told(family, FAMILIES[family].steps if values is None else values, versions)
    return rule.label, rule.steps[rule.result].label


def opened(family: str, values: Mapping[str, int], on: PackOnDate, run: Run) -> dict[str, Any]:
    """A figure with its steps, as the run computed them: what a page opens it by."""
    return {"figure": figure(family, values, on, run), "lines": lines_of(family, values, on, run.rule_versions)}


def blocks_of(
    families: Mapping[str, Mapping[str, int]], on: PackOnDate, run: Run
) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """(family, the step that answers for it, its steps) of stored steps, in the words of the run's rules."""
    versions = run.rule_versions
    return [
        (*names_of(name, values, versions), lines_of(name, values, on, versions)) for name, values in families.items()
    ]


def unit_steps(unit: UnitResult) -> dict[str, dict[str, int]]:
    return pairs(unit.run.unit_columns, unit.steps)


def unfinished(run: Run) -> bool:
    """Whether the year was not over when it was computed: months to come were taken as worked in full."""
    return timezone.localdate(run.created_at).year <= run.year


def whole_years_first(run: str = "") -> list[Any]:
    """The order in which a year is taken when none is asked for: those over when computed, the newest first.

    `run` is the path to the run ("run__").
    """
    over = When(**{f"{run}year__lt": ExtractYear(f"{run}created_at")}, then=0)
    return [Case(over, default=1), f"-{run}year"]


def with_grade_score(rows: QuerySet[PersonResult], run: Run) -> QuerySet[PersonResult]:
    """Rows of `run` with `grade_score` (hundredths; None when missing): the number that the grade goes by."""
    names = [step for _, steps in run.step_columns for step in steps]
    if GRADE_SCORE not in names:
        return rows.annotate(grade_score=Value(None, output_field=BigIntegerField()))
    number = F(f"steps__{names.index(GRADE_SCORE)}")
    return rows.annotate(grade_score=Case(When(GreaterThan(number, MISSING), then=number), default=None))


def with_leaving(rows: QuerySet[PersonResult], run: Run) -> QuerySet[PersonResult]:
    """Rows of `run` with `left_on` (days since 1970; None for who was still there at the year's end)."""
    if not {"exit_reason", "exit_date"} <= set(run.frame_columns):
        return rows.annotate(left_on=Value(None, output_field=BigIntegerField()))
    reason, day = (F(f"frame__{run.frame_columns.index(name)}") for name in ("exit_reason", "exit_date"))
    gone = GreaterThan(reason, int(ExitReason.NONE)) & GreaterThan(day, MISSING)
    return rows.annotate(left_on=Case(When(gone, then=day), default=None))


@dataclass(frozen=True)
class ColourWords:
    """One colour as the pack has it: the scores that get it, what is then proposed, and where that stands."""

    code: int
    label: str
    scores: str
    actions: list[str]
    sources: list[str]


def colour_words(on: PackOnDate) -> list[ColourWords]:
    """What blue, yellow and red mean by the pack, best first; nothing where the pack has no colours."""
    names = ("bands", "actions", "yellow_years", "yellow_action")
    if not all(on.has(f"{LIGHT}.{name}") for name in names):
        return []
    bands, actions, years, again = (on[f"{LIGHT}.{name}"] for name in names)
    known = dict.fromkeys(str(on.source(f"{LIGHT}.{name}")) for name in names)
    found = []
    for place, code in enumerate(bands.value.tolist()):
        low = say(int(bands.lower[place]), SCORE)
        high = say(int(bands.lower[place + 1]), SCORE) if place + 1 < len(bands.value) else ""
        scores = f"{low}及以上" if not high else f"不到 {high}" if not bands.lower[place] else f"{low}至不到 {high}"
        acts = [UnitAction.labels()[int(actions[code])]] if actions[code] else []
        if code == Colour.YELLOW and again:
            acts.append(f"连续 {years} 年：{UnitAction.labels()[int(again)]}")
        found.append(ColourWords(code, Colour.labels()[code], scores, acts, list(known)))
    return sorted(found, key=lambda one: one.code)


def latest_result(person_id: int) -> PersonResult | None:
    """A person's published result that is shown when no year is asked for."""
    found = PersonResult.objects.filter(person_id=person_id, run__state=Run.State.PUBLISHED)
    return found.select_related("run", "person").order_by(*whole_years_first("run__")).first()
