"""Pay months and slips as JSON: the same getters and queries as the pages. A machine computes; closing stays with people at the site."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from qinglan.apps.base.api import Asked, DistrictCode, Id, Paged, Year, answers, page
from qinglan.apps.exchange.api import once
from qinglan.apps.pay import actions, permissions
from qinglan.apps.pay.models import PaySlip
from qinglan.apps.pay.states import State
from qinglan.apps.people.permissions import COMPUTE_PAY, check
from qinglan.apps.policy.queries import paying
from qinglan.apps.policy.queries.results import pairs

router = Router(tags=["月度工资"])
_LONG = ("exceptions", "frame_columns", "step_columns", "segment_columns", "arrears_columns", "rule_versions")
Month = Annotated[int, Field(ge=1, le=12)]


class MonthOut(Schema):
    """A month of a district's pay. The fingerprints are those that `qinglan run verify` compares."""

    id: int
    org_code: str
    year: int
    month: int
    state: State
    pack: str
    pack_title: str
    pack_version: str
    inputs_hash: str
    results_hash: str
    created_at: datetime


class Months(Paged):
    items: list[MonthOut]


class AskedMonths(Asked):
    year: Year | None = None
    state: State | None = None


@router.get("/months", response=answers(Months), summary="工资月份列表", url_name="pay-months")
def list_months(request: HttpRequest, asked: Query[AskedMonths]) -> dict[str, Any]:
    """The months of the districts in scope, the newest first."""
    rows = permissions.months_for(request.user).defer(*_LONG)
    if asked.year:
        rows = rows.filter(year=asked.year)
    if asked.state:
        rows = rows.filter(state=asked.state)
    return page(rows.order_by("-year", "-month", "-pk"), asked, lambda one: one)


class MonthIn(Schema):
    model_config = ConfigDict(extra="forbid")

    district: DistrictCode
    year: Year
    month: Month


@router.post("/months", response=answers(MonthOut, 201), summary="计算一个月", url_name="pay-compute")
@once()
def compute(request: HttpRequest, body: MonthIn) -> MonthOut:
    """Compute a month; an open computation of it is replaced. Closing is a person's, at the site."""
    check(request.user, COMPUTE_PAY, body.district)
    made = actions.compute(district=body.district, year=body.year, month=body.month, by=request.user)
    return MonthOut.model_validate({name: getattr(made, name) for name in MonthOut.model_fields})


class SlipOut(Schema):
    """One person's month in fen; null where it could not be worked out."""

    id: int
    month_id: int
    person_id: int
    org_code: str
    regular: int | None
    arrears: int | None
    gross: int | None
    deductions: int | None
    tax: int | None
    net: int | None
    owed: int | None
    cost: int | None


class Slips(Paged):
    items: list[SlipOut]


class AskedSlips(Asked):
    month: Id


class OwedOut(Schema):
    """An item of an earlier month, in fen."""

    year: int
    month: int
    label: str
    due: int
    had: int
    change: int


class SlipWithSteps(SlipOut):
    """`steps` {family: {step: number}} as stored; missing values are −2^62 and below. `late`: what earlier months owed."""

    steps: dict[str, dict[str, int]]
    late: list[OwedOut]


@router.get("/slips", response=answers(Slips), summary="一个月的工资条", url_name="pay-slips")
def list_slips(request: HttpRequest, asked: Query[AskedSlips]) -> dict[str, Any]:
    """The slips of one month within the token's scope."""
    rows = permissions.slips_for(request.user).filter(month=asked.month)
    return page(
        rows.defer("frame", "steps", "segments", "late").order_by("org_code", "person_id"), asked, lambda one: one
    )


@router.get("/slips/{slip_id}", response=answers(SlipWithSteps), summary="一张工资条", url_name="pay-slip")
def one_slip(request: HttpRequest, slip_id: Id) -> dict[str, Any]:
    """One slip with every step, and what earlier months owed."""
    slip: PaySlip = permissions.get_slip_for(request.user, slip_id)
    late = [
        {"year": one.year, "month": one.month, **owed._asdict()}
        for one in paying.late_of(slip.month.arrears_columns, slip.late)
        for owed in one.items
    ]
    fields = {name: getattr(slip, name) for name in SlipOut.model_fields}
    return fields | {"steps": pairs(slip.month.step_columns, slip.steps), "late": late}
