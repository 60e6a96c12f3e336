"""Whose results a user may read, and the getters that are the only way to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.db.models.functions import Left
from django.shortcuts import get_object_or_404

from qinglan.apps.base.models import RELEASE_STEPS, ReleaseMove, is_within
from qinglan.apps.people.models import Person
from qinglan.apps.people.permissions import (
    ADOPT_PACK,
    COMPUTE_YEAR,
    RELEASE_PACK,
    VIEW_AUDIT,
    VIEW_RESULTS,
    can,
    codes_for,
    scope_condition,
)
from qinglan.apps.people.queries.handed import HANDED_RELEASE, handed_between, refuse_handed
from qinglan.apps.policy.models import (
    PackAdoption,
    PackRelease,
    PersonResult,
    Run,
    RunDecision,
    RunQuerySet,
    UnitResult,
)
from qinglan.apps.policy.states import STEPS, Move, State

DISTRICT_DIGITS = 6
PUBLIC = (State.PUBLISHED, State.AMENDED)  # what a worker reads of herself


def results_for(user: Any) -> QuerySet[PersonResult]:
    """Results of the people in scope (where they stood in the year), and her own once they are published."""
    own = getattr(user, "person_id", None)
    mine = Q(person_id=own, run__state__in=PUBLIC) if own else Q(pk__in=[])
    return PersonResult.objects.filter(scope_condition(user, VIEW_RESULTS) | mine)


def get_result_for(user: Any, result_id: int) -> PersonResult:
    """One result with its run and person, or 404."""
    return get_object_or_404(results_for(user).select_related("run", "person"), pk=result_id)


def in_scope(user: Any, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """(code, name) of those organisations whose results the user may read, in the order of the tree."""
    return in_scope_of(user, VIEW_RESULTS, names)


def in_scope_of(user: Any, capability: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """(code, name) of those organisations where the user has the capability, in the order of the tree."""
    roots = codes_for(user, capability)
    return [(code, name) for code, name in sorted(names.items()) if any(is_within(code, root) for root in roots)]


def units_for(user: Any) -> QuerySet[UnitResult]:
    return UnitResult.objects.filter(scope_condition(user, VIEW_RESULTS))


def get_unit_for(user: Any, unit_id: int) -> UnitResult:
    return get_object_or_404(units_for(user).select_related("run"), pk=unit_id)


def runs_for(user: Any) -> RunQuerySet:
    """Runs of the districts in which the user may see any results."""
    districts = {code[:6] for code in codes_for(user, VIEW_RESULTS)}
    return Run.objects.filter(org_code__in=districts)


def get_run_for(user: Any, run_id: int) -> Run:
    return get_object_or_404(runs_for(user), pk=run_id)


def sees_whole_district(user: Any, district: str) -> bool:
    """Whether the district's own sums and exceptions are hers to read."""
    return can(user, VIEW_RESULTS, district)


def districts_to_compute(user: Any) -> list[str]:
    return [code for code in codes_for(user, COMPUTE_YEAR) if len(code) == 6]


def districts_to_adopt(user: Any) -> list[str]:
    """The districts of her grants; for an administrator those that have people or have taken a pack up."""
    if user.is_active and user.is_superuser:
        people = Person.objects.living_records().annotate(district=Left("org_code", DISTRICT_DIGITS))
        peopled = people.order_by().values_list("district", flat=True).distinct()
        adopted = PackAdoption.objects.order_by().values_list("org_code", flat=True).distinct()
        return sorted(code for code in {*peopled, *adopted} if len(code) == DISTRICT_DIGITS)
    return [code for code in codes_for(user, ADOPT_PACK) if len(code) == 6]


def releases_for(user: Any) -> QuerySet[PackRelease]:
    """Proposed packs of the districts in which the user proposes, releases or audits."""
    codes = {code for need in (ADOPT_PACK, RELEASE_PACK, VIEW_AUDIT) for code in codes_for(user, need)}
    codes |= set(districts_to_adopt(user))
    return PackRelease.objects.filter(org_code__in={code for code in codes if len(code) == DISTRICT_DIGITS})


def get_release_for(user: Any, release_id: int) -> PackRelease:
    return get_object_or_404(releases_for(user).select_related("text"), pk=release_id)


def release_moves(user: Any, row: PackRelease) -> list[dict[str, str]]:
    """The moves that the proposal's state allows and the user's duties hold: {move, label, why_not}."""
    found = []
    for move, (sources, _) in RELEASE_STEPS.items():
        need = RELEASE_PACK if move in (ReleaseMove.RELEASE, ReleaseMove.RETURN) else ADOPT_PACK
        if row.state not in sources or not can(user, need, row.org_code):
            continue
        own = need == RELEASE_PACK and user.pk in row.hands()
        why_not = f"这一份是您拟稿或提交的，须由另一人{move.label}。" if own else ""
        if move == ReleaseMove.RELEASE and not own and handed_between(user, row.hands()):
            why_not = HANDED_RELEASE
        found.append({"move": move.value, "label": move.label, "why_not": why_not})
    return found


def check_apart(user: Any, run: Run, move: Move, decisions: Sequence[RunDecision]) -> None:
    """Raise PermissionDenied when `user` made a move of this round that keeps her from this one, lately had a password in common
    with who made it, or is judged by the run herself."""
    earlier = next((one for one in decisions if one.by_id == user.pk and one.move in STEPS[move].apart_from), None)
    if earlier is not None:
        raise PermissionDenied(f"这次计算是您{earlier.get_move_display()}的，须由另一人{move.label}。")
    before = [one.by_id for one in decisions if one.move in STEPS[move].apart_from]
    refuse_handed(user, before, who="前面办理的人", otherwise=f"须由另一人{move.label}。")
    if user.person_id and PersonResult.objects.filter(run=run, person=user.person_id).exists():
        raise PermissionDenied("这次计算里有您本人的结果，您不能提交、签署、公布或复核，须由其他人办理。")


@rules.predicate
def can_see_results_of(user: Any, person: Person) -> bool:
    """In scope, or herself."""
    return can(user, VIEW_RESULTS, person.org_code) or user.person_id == person.pk
