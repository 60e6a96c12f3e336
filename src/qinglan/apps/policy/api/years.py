"""Runs, results and packs as JSON: the same getters, queries and actions as the pages.

A machine computes, submits and sends back; signing and publishing stay with people at the site, who show a second factor there.
"""

from datetime import datetime
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AfterValidator, ConfigDict, StringConstraints, WithJsonSchema

from qinglan.apps.base.api import (
    ApiError,
    Asked,
    DistrictCode,
    Id,
    OrgCode,
    Paged,
    Year,
    answers,
    page,
    writable,
)
from qinglan.apps.exchange.api import once
from qinglan.apps.people.permissions import COMPUTE_YEAR, check
from qinglan.apps.policy import permissions, states
from qinglan.apps.policy.actions import decisions, years
from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from qinglan.apps.policy.queries import results as queries
from qinglan.apps.policy.states import Move, State
from qinglan.core.frame.codes import Colour, Grade, Star, Tier
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce

runs = Router(tags=["年度计算"])
results = Router(tags=["年度结果"])

# Said in place: pay has states of the same name, and a description holds one definition a name.
Stage = Annotated[State, WithJsonSchema({"type": "string", "enum": State.values})]
_WIDE = ("frame", "steps", "months", "segments")
_LONG = ("exceptions", "step_columns", "month_columns", "segment_columns", "unit_columns", "frame_columns")


class RunOut(Schema):
    """One computation of a district's year. The fingerprints are those that `qinglan run verify` compares."""

    id: int
    org_code: str
    year: int
    state: Stage
    pack: str
    pack_title: str
    pack_version: str
    people: int
    inputs_hash: str
    results_hash: str
    created_at: datetime


class Runs(Paged):
    items: list[RunOut]


class ExceptionOut(Schema):
    """What needs a person's eye, and whom it concerns (ids)."""

    key: str
    label: str
    mend: str
    people: list[int]


class RunWithExceptions(RunOut):
    """Exceptions are told to those who read the whole district; null for others."""

    exceptions: list[ExceptionOut] | None


class AskedRuns(Asked):
    year: Year | None = None
    district: DistrictCode | None = None
    state: Stage | None = None


@runs.get("", response=answers(Runs), summary="年度计算列表", url_name="runs")
def list_runs(request: HttpRequest, asked: Query[AskedRuns]) -> dict[str, Any]:
    """The computations of the districts in scope, the newest year first."""
    rows = permissions.runs_for(request.user).defer(*_LONG)
    if asked.year:
        rows = rows.filter(year=asked.year)
    if asked.district:
        rows = rows.filter(org_code=asked.district)
    if asked.state:
        rows = rows.filter(state=asked.state)
    return page(rows.order_by("-year", "-created_at", "-pk"), asked, lambda one: one)


@runs.get("/{run_id}", response=answers(RunWithExceptions), summary="一次年度计算", url_name="run")
def one_run(request: HttpRequest, run_id: Id) -> dict[str, Any]:
    """One computation with its exceptions."""
    one = permissions.get_run_for(request.user, run_id)
    whole = permissions.sees_whole_district(request.user, one.org_code)
    fields = {name: getattr(one, name) for name in RunOut.model_fields}
    return fields | {"exceptions": one.exceptions if whole else None}


class ComputeIn(Schema):
    model_config = ConfigDict(extra="forbid")

    district: DistrictCode
    year: Year


class RunState(Schema):
    """A run and where it stands now."""

    id: int
    org_code: str
    year: int
    state: Stage
    people: int
    results_hash: str


def _state(run: Run) -> RunState:
    return RunState.model_validate({name: getattr(run, name) for name in RunState.model_fields})


@runs.post("", response=answers(RunState, 201), summary="计算年度", url_name="compute-run")
@once()
def compute_run(request: HttpRequest, body: ComputeIn) -> RunState:
    """Compute a year as a draft; the draft before it is kept as replaced."""
    if body.year > timezone.localdate().year:
        raise ApiError(422, "invalid", "还没有到的年度不能计算。", "year")
    check(request.user, COMPUTE_YEAR, body.district)
    try:
        return _state(years.compute(district=body.district, year=body.year, by=request.user))
    except (NotInForce, PackError) as error:
        raise ApiError(422, "refused", str(error)) from None


class DecisionOut(Schema):
    move: Move
    state_from: Stage
    state_to: Stage
    note: str
    by_name: str
    at: datetime


class Decisions(Schema):
    """The moves of a run, the oldest first."""

    items: list[DecisionOut]


@runs.get("/{run_id}/decisions", response=answers(Decisions), summary="一次计算的办理", url_name="decisions")
def list_decisions(request: HttpRequest, run_id: Id) -> dict[str, Any]:
    """Who moved the run, when and with what words: for those who read the whole district."""
    one = permissions.get_run_for(request.user, run_id)
    if not permissions.sees_whole_district(request.user, one.org_code):
        raise PermissionDenied("办理经过由能查看全区结果的人查看。")
    return {"items": list(one.decisions.all())}


class DecisionIn(Schema):
    """`sign` and `publish` are known words, but refused here: people do that at the site."""

    model_config = ConfigDict(extra="forbid")

    move: Move
    note: Annotated[str, StringConstraints(max_length=decisions.TOO_LONG), AfterValidator(writable)] = ""


@runs.post("/{run_id}/decisions", response=answers(RunState, 201), summary="办理一次计算", url_name="decide-run")
@once()
def decide_run(request: HttpRequest, run_id: Id, body: DecisionIn) -> RunState:
    """Submit a draft to its reviewers, or send a run back."""
    one = permissions.get_run_for(request.user, run_id)
    check(request.user, states.STEPS[body.move].needs, one.org_code)
    if body.move in (Move.SIGN, Move.PUBLISH):
        raise PermissionDenied("签署和公布须由本人登录网站办理，不能由其他系统代办。")
    act = decisions.submit if body.move == Move.SUBMIT else decisions.send_back
    return _state(act(run=one, by=request.user, note=body.note))


class ResultOut(Schema):
    """One person's year in short; scores in hundredths, money in fen, null = could not be computed (never 0 instead)."""

    id: int
    run_id: int
    year: int
    state: Stage
    person_id: int
    person_name: str
    org_code: str
    tier: int | None
    tier_label: str | None
    score: int | None
    grade: int | None
    grade_label: str | None
    star: int | None
    star_label: str | None
    ladder_grade: int | None
    gross: int | None
    tax: int | None
    net: int | None


class Results(Paged):
    items: list[ResultOut]


class StepOut(Schema):
    """One step as the page "为什么是这个数" prints it: the value in words, the item of the pack applied, its source."""

    label: str
    value: str
    item: str
    applied: str
    source: str
    missing: bool


class FigureOut(Schema):
    """A figure of the year, and the steps that made it."""

    family: str
    label: str
    rule_version: str
    steps: list[StepOut]


class TopicOut(Schema):
    title: str
    figures: list[FigureOut]


class ResultWithSteps(ResultOut):
    topics: list[TopicOut]


class AskedResults(Asked):
    """Without `run` those that stand for their year: drafts too, which `state` names as such."""

    run: Id | None = None
    year: Year | None = None
    person: Id | None = None
    org: OrgCode | None = None


def _result(one: PersonResult) -> dict[str, Any]:
    fields = (
        "id",
        "run_id",
        "person_id",
        "org_code",
        "tier",
        "score",
        "grade",
        "star",
        "ladder_grade",
        "gross",
        "tax",
        "net",
    )
    return {name: getattr(one, name) for name in fields} | {
        "year": one.run.year,
        "state": one.run.state,
        "person_name": one.person.name,
        "tier_label": Tier.labels().get(one.tier) if one.tier is not None else None,
        "grade_label": Grade.labels().get(one.grade) if one.grade is not None else None,
        "star_label": Star.labels().get(one.star) if one.star is not None else None,
    }


@results.get("", response=answers(Results), summary="年度结果列表", url_name="results")
def list_results(request: HttpRequest, asked: Query[AskedResults]) -> dict[str, Any]:
    """People's years within the token's scope."""
    rows = permissions.results_for(request.user).select_related("run", "person").defer(*_WIDE)
    rows = rows.filter(run=asked.run) if asked.run else rows.filter(run__state__in=states.SHOWN)
    if asked.year:
        rows = rows.filter(run__year=asked.year)
    if asked.person:
        rows = rows.filter(person=asked.person)
    if asked.org:
        rows = rows.within(asked.org)  # type: ignore[attr-defined]
    return page(rows.order_by("-run__year", "-run_id", "org_code", "person_id"), asked, _result)


class UnitOut(Schema):
    """One unit's year: a community or a street."""

    id: int
    run_id: int
    org_code: str
    score: int | None
    colour: int | None
    colour_label: str | None


class Units(Paged):
    items: list[UnitOut]


class AskedUnits(Asked):
    run: Id


@results.get("/units", response=answers(Units), summary="单位年度结果", url_name="units")
def list_units(request: HttpRequest, asked: Query[AskedUnits]) -> dict[str, Any]:
    """The units of one run within the token's scope."""
    rows = permissions.units_for(request.user).filter(run=asked.run).defer("frame", "steps").order_by("org_code")

    def unit(one: UnitResult) -> dict[str, Any]:
        fields = {name: getattr(one, name) for name in ("id", "run_id", "org_code", "score", "colour")}
        return fields | {"colour_label": Colour.labels().get(one.colour) if one.colour is not None else None}

    return page(rows, asked, unit)


@results.get("/{result_id}", response=answers(ResultWithSteps), summary="一个人的年度结果", url_name="result")
def one_result(request: HttpRequest, result_id: Id) -> dict[str, Any]:
    """One person's year with every step of every figure, by the pack as it was then."""
    one = permissions.get_result_for(request.user, result_id)
    on, steps = queries.pack_of(one.run), queries.year_steps(one)
    topics = [
        {
            "title": title,
            "figures": [
                {
                    "family": family,
                    "label": queries.names_of(family, steps[family], one.run.rule_versions)[0],
                    "rule_version": one.run.rule_versions.get(family, "1"),
                    "steps": [
                        {name: line[name] or "" for name in ("label", "value", "item", "applied", "source")}
                        | {"missing": bool(line["missing"])}
                        for line in queries.lines_of(family, steps[family], on, one.run.rule_versions)
                    ],
                }
                for family in families
            ],
        }
        for title, families in queries.topic_titles(steps)
    ]
    return _result(one) | {"topics": topics}
