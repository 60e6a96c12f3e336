"""Packs as JSON: what there is, in words, what a district goes by; taking up a first one."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import ConfigDict, StringConstraints

from qinglan.apps.base.api import (
    ApiError,
    Asked,
    Day,
    DistrictCode,
    Paged,
    Word,
    answers,
    page,
)
from qinglan.apps.exchange.api import once
from qinglan.apps.people.permissions import ADOPT_PACK, VIEW_ORGANISATIONS, check, codes_for
from qinglan.apps.policy import permissions
from qinglan.apps.policy.actions import adoption
from qinglan.apps.policy.models import PackAdoption
from qinglan.apps.policy.queries import packs as pack_queries
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.loading import shipped

packs = Router(tags=["政策包"])


class PackOut(Schema):
    name: str
    title: str
    version: str
    hash: str
    inherits: list[str]


class Packs(Schema):
    items: list[PackOut]


class ValueOut(Schema):
    """One value in words, with its sources; `setting`: the district's own choice, no document fixes it."""

    id: str
    label: str
    lines: list[list[str]]
    sources: list[str]
    setting: bool
    since: date
    from_pack: str


class GroupOut(Schema):
    title: str
    values: list[ValueOut]


class PackInWords(PackOut):
    """A pack as of a day."""

    on: date
    groups: list[GroupOut]


class InForce(Schema):
    """The pack by which a district goes on a day, and since when."""

    district: str
    on: date
    pack: str
    title: str
    since: date


class AdoptionOut(Schema):
    id: int
    org_code: str
    pack: str
    since: date
    recorded_at: datetime


class Adoptions(Paged):
    items: list[AdoptionOut]


def _districts(user: Any) -> list[str]:
    """The districts in which the user has a role."""
    return sorted({code[: permissions.DISTRICT_DIGITS] for code in codes_for(user, VIEW_ORGANISATIONS)})


def _pack(name: str) -> dict[str, Any]:
    one = pack_queries.pack(name)
    return {
        "name": one.name,
        "title": one.title,
        "version": one.version,
        "hash": one.hash,
        "inherits": list(one.inherits),
    }


@packs.get("", response=answers(Packs), summary="政策包列表", url_name="packs")
def list_packs(request: HttpRequest) -> dict[str, Any]:
    """The packs that there are."""
    return {"items": [_pack(name) for name in shipped()]}


@packs.get("/in-force", response=answers(InForce), summary="在用的政策包", url_name="pack-in-force")
def pack_in_force(request: HttpRequest, district: DistrictCode, on: Day | None = None) -> dict[str, Any]:
    """The pack in force in a district on a day (today)."""
    day = on or timezone.localdate()
    found = pack_queries.adoption_for(district, day) if district in _districts(request.user) else None
    if found is None:
        raise Http404
    title = pack_queries.titles().get(found.pack, found.pack)
    return {"district": district, "on": day, "pack": found.pack, "title": title, "since": found.since}


@packs.get("/adoptions", response=answers(Adoptions), summary="选用记录", url_name="adoptions")
def list_adoptions(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """What the districts in scope took up, the newest first."""
    rows = PackAdoption.objects.filter(org_code__in=_districts(request.user)).order_by("-since", "-pk")
    return page(rows, asked, lambda one: one)


class AdoptIn(Schema):
    model_config = ConfigDict(extra="forbid")

    district: DistrictCode
    pack: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
    since: Day


@packs.post("/adoptions", response=answers(AdoptionOut, 201), summary="选用政策包", url_name="adopt-pack")
@once()
def adopt_pack(request: HttpRequest, body: AdoptIn) -> AdoptionOut:
    """Let a district go by a pack from the first day of a year."""
    check(request.user, ADOPT_PACK, body.district)
    if body.pack not in shipped() or body.pack == "national":
        raise ApiError(422, "invalid", "没有这个政策包，或它只供其他政策包继承。", "pack")
    today = timezone.localdate()
    if not today.year - 8 < body.since.year <= today.year + 1:
        raise ApiError(422, "invalid", f"可以从 {today.year - 7} 年到 {today.year + 1} 年的 1 月 1 日起选用。", "since")
    try:
        made = adoption.adopt(district=body.district, pack=body.pack, since=body.since, by=request.user)
    except PackError as error:
        raise ApiError(422, "refused", f"这个政策包不能用：{error}") from None
    made.refresh_from_db()
    return AdoptionOut.model_validate({name: getattr(made, name) for name in AdoptionOut.model_fields})


@packs.get("/{name}", response=answers(PackInWords), summary="一个政策包", url_name="pack")
def one_pack(
    request: HttpRequest,
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")],
    on: Day | None = None,
    q: Word = "",
) -> dict[str, Any]:
    """Every value of a pack in words, as of a day (today)."""
    if name not in shipped():
        raise Http404
    day = on or timezone.localdate()
    groups = pack_queries.in_words(pack_queries.pack(name), day, q)
    fields = ("id", "label", "sources", "setting", "since", "from_pack")
    return _pack(name) | {
        "on": day,
        "groups": [
            {
                "title": title,
                "values": [
                    {field: getattr(value, field) for field in fields} | {"lines": [list(line) for line in value.lines]}
                    for value in values
                ],
            }
            for title, values in groups
        ],
    }
