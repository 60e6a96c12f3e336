"""What the page of a claim shows beside it: what comes next, who may answer, her facts, the corrections since the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, Q, QuerySet, When
from django.urls import reverse
from django.utils import timezone

from qinglan.apps.facts.models import KINDS, Fact
from qinglan.apps.notices.queries import holders
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import ANSWER_CLAIMS
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.rights.models import Claim, ClaimAnswer, ClaimCorrection
from qinglan.apps.rights.permissions import reasons_against
from qinglan.apps.rights.queries.figures import year_of
from qinglan.apps.rights.states import WAITING

PERSONAL = [kind for kind in KINDS if kind != "figures"]
LAWFUL_WAYS = (
    ("调解", "向本单位或街道的劳动争议调解组织申请调解", "劳动争议调解仲裁法第五条、第十条"),
    (
        "仲裁",
        "自知道权利受到侵害之日起一年内，向劳动人事争议仲裁委员会申请；五日内决定是否受理，一般四十五日内裁决",
        "同法第二十七条、第二十九条、第四十三条",
    ),
    ("诉讼", "对裁决不服的，自收到裁决书之日起十五日内向人民法院起诉", "同法第五十条"),
)
NEXT = {
    Claim.State.RECEIVED: "等待指派。办理人与此事无关：没有计算、审核、公布过这个数，没有录入过有关事实。",
    Claim.State.ASSIGNED: "等待答复。可以在集中听取日到场说明，也可以随时撤回。",
    Claim.State.ANSWERED: "已有答复。接受的可以办结；不服的可以申请一次复核，由另一人办理。",
    Claim.State.CORRECTED: "已更正并公布，请看下面前后的不同。没有问题的可以办结；仍不服的可以申请一次复核。",
    Claim.State.CLOSED: "已办结。",
    Claim.State.WITHDRAWN: "已撤回，可以另行提出。",
}
NEXT_FOR_OFFICE = {
    Claim.State.RECEIVED: "请指派与此事无关的人办理：没有计算、审核、公布过这个数，没有录入过有关事实。",
    Claim.State.ASSIGNED: "等办理人答复。本人可以在集中听取日到场说明，也可以随时撤回。",
    Claim.State.ANSWERED: "已答复，等本人办结或者申请一次复核；复核由另一人办理。",
    Claim.State.CORRECTED: "已更正并公布，等本人看过前后的不同后办结或者申请一次复核。",
    Claim.State.CLOSED: "已办结。",
    Claim.State.WITHDRAWN: "本人已撤回。",
}


@dataclass(frozen=True)
class Answerer:
    """Somebody who may answer claims here; `why_not` when she is too near this one."""

    user: User
    name: str
    why_not: str


def next_of(claim: Claim, *, for_office: bool = False) -> str:
    """What comes next: said to the claimant, or to those who handle or audit claims."""
    if claim.state == Claim.State.ANSWERED:
        given = claim.answers.order_by("-level").first()
        if given is not None and given.to_correct:
            return "答复要求更正：先更正事实，再重新计算、审核、公布，然后在这里看前后的不同。"
        if claim.level > 1:
            return "复核已有答复，复核以一次为限。接受的可以办结；仍不服的，可以依法申请调解、仲裁或者起诉。"
    if for_office:
        return NEXT_FOR_OFFICE[Claim.State(claim.state)]
    return NEXT[Claim.State(claim.state)]


def answerers(claim: Claim, today: date) -> list[Answerer]:
    """Everybody who may answer claims of the place, those near this one with the reason."""
    users = list(holders(ANSWER_CLAIMS, claim.org_code, today).select_related("person"))
    against = reasons_against(claim, users)
    return [Answerer(user, user.get_full_name() or user.get_username(), against.get(user.pk, "")) for user in users]


def fact_words(kind: str, fact: Fact) -> str:
    return f"{KINDS[kind]._meta.verbose_name} {fact.valid_on.isoformat()}：{fact.summary()}"  # type: ignore[attr-defined]


def facts_of(claim: Claim) -> list[tuple[str, str]]:
    """(kind:id, words) of the facts that hold about her in the claim's year, or in the year before it was filed."""
    year = year_of(claim) or claim.received_on.year - 1
    found = []
    for kind in PERSONAL:
        rows: Any = KINDS[kind]._default_manager
        for fact in rows.filter(person=claim.person_id, valid_on__year=year).current()[:50]:
            found.append((f"{kind}:{fact.pk}", fact_words(kind, fact)))
    return found


def corrected_since(claim: Claim, answer: ClaimAnswer) -> list[tuple[str, str]]:
    """(kind:id, words) of the facts about her, or about the units she stood in, that were corrected or withdrawn since the answer."""
    units = [claim.org_code[:length] for length in range(6, len(claim.org_code) + 1)]
    found = []
    for kind in PERSONAL:
        rows: Any = KINDS[kind]._default_manager
        here = Q(person=claim.person_id) | Q(person=None, org_code__in=units)
        for fact in rows.filter(here, supersedes__isnull=False, recorded_at__gte=answer.at).order_by("pk")[:50]:
            withdrawn = "（撤销）" if fact.withdrawn else ""
            found.append((f"{kind}:{fact.pk}", f"{fact_words(kind, fact)}{withdrawn}"))
    return found


def fact_named(named: tuple[str, int] | None) -> Fact | None:
    """The fact of a (kind, id), if there is one."""
    if named is None or named[0] not in KINDS:
        return None
    found: Fact | None = KINDS[named[0]]._default_manager.filter(pk=named[1]).first()
    return found


@dataclass(frozen=True)
class Corrected:
    """A correction in words, with the page that shows it."""

    row: ClaimCorrection
    words: str
    url: str


def corrections_of(claim: Claim) -> list[Corrected]:
    """What came of the claim, oldest first."""
    found = []
    for row in claim.corrections.select_related("run"):
        if row.run is not None:
            words = f"{row.run.year} 年度更正后的结果已公布"
            hers = (
                PersonResult.objects.filter(run=row.run, person=claim.result.person_id).first()
                if claim.result
                else None
            )
            found.append(Corrected(row, words, reverse("policy:result", args=[hers.pk]) if hers else ""))
        elif row.fact_id is not None:
            fact = KINDS[row.fact_kind]._default_manager.get(pk=row.fact_id)
            url = reverse("facts:fact", args=[row.fact_kind, fact.pk])
            found.append(Corrected(row, fact_words(row.fact_kind, fact), url))
        else:
            found.append(Corrected(row, row.note, ""))
    return found


def for_list(rows: QuerySet[Claim]) -> QuerySet[Claim]:
    """With what a list row shows."""
    return rows.select_related("person", "assigned_to")


def owed_first(rows: QuerySet[Claim]) -> QuerySet[Claim]:
    """Those that wait for an answer first, the nearest term in front; then the others, newest first."""
    owed = Case(When(state__in=WAITING, then=0), default=1)
    due = Case(When(state__in=WAITING, then=F("due_on")), default=None)
    return rows.order_by(owed, due.asc(nulls_last=True), "-pk")


def names_for(codes: Iterable[str]) -> dict[str, str]:
    """Code -> name today."""
    return places.names(codes, timezone.localdate())


def places_of(rows: QuerySet[Claim]) -> list[tuple[str, str]]:
    """(code, name) of the organisations that have claims and the sub-districts above them, in the order of the tree."""
    codes = set(rows.order_by().values_list("org_code", flat=True).distinct())
    codes |= {code[:9] for code in codes if len(code) > 9}
    return sorted(names_for(codes).items())


def hearing(rows: QuerySet[Claim], day: date) -> QuerySet[Claim]:
    """Those to be heard on a rights day: gathered for it or left from an earlier one, and not answered."""
    return rows.filter(state__in=WAITING, hearing_on__lte=day).order_by("org_code", "pk")
