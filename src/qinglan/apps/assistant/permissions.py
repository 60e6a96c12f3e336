"""Who answers hand-overs, keeps cards and releases them. Residents need no account: their talk is reached by its key alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import rules
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from qinglan.apps.assistant.models import CardVersion, CityValue, Evaluation, HandOver, Question, Talk
from qinglan.apps.base.models import RELEASE_STEPS, ReleaseMove
from qinglan.apps.people.models import Level, Organisation
from qinglan.apps.people.permissions import ANSWER_QUESTIONS, KEEP_CARDS, RELEASE_CARDS, can, codes_for
from qinglan.apps.people.queries.handed import HANDED_RELEASE, handed_between

DISTRICT_DIGITS = 6
CARD_NEEDS = {
    ReleaseMove.SUBMIT: KEEP_CARDS,
    ReleaseMove.WITHDRAW: KEEP_CARDS,
    ReleaseMove.RETURN: RELEASE_CARDS,
    ReleaseMove.RELEASE: RELEASE_CARDS,
}


def districts_to_keep(user: Any) -> list[str]:
    """The districts whose cards, city values and evaluations she keeps."""
    return sorted({code for code in codes_for(user, KEEP_CARDS) if len(code) == DISTRICT_DIGITS})


@rules.predicate
def can_keep(user: Any) -> bool:
    """Keeps cards somewhere. Every page's navigation asks it: no query beside that of the grants."""
    return bool(districts_to_keep(user))


@rules.predicate
def can_answer(user: Any) -> bool:
    """Answers hand-overs somewhere. The navigation asks it."""
    return bool(codes_for(user, ANSWER_QUESTIONS))


rules.set_perm("assistant.keep", can_keep)
rules.set_perm("assistant.answer", can_answer)


def talk_of(key: str) -> Talk | None:
    """The talk that this key opens."""
    return Talk.objects.filter(key=key).first() if key else None


def hand_overs_for(user: Any) -> QuerySet[HandOver]:
    """Those of the places for which she answers."""
    return HandOver.objects.within_any(codes_for(user, ANSWER_QUESTIONS))


def get_hand_over_for(user: Any, number: int) -> HandOver:
    """One hand-over, or 404."""
    return get_object_or_404(hand_overs_for(user).select_related("taken_by", "asked_by"), pk=number)


def versions_for(user: Any) -> QuerySet[CardVersion]:
    """All versions of the districts whose cards she keeps."""
    return CardVersion.objects.within_any(districts_to_keep(user))


def get_version_for(user: Any, number: int) -> CardVersion:
    """One version, or 404."""
    return get_object_or_404(versions_for(user), pk=number)


def card_moves(user: Any, row: CardVersion) -> list[dict[str, str]]:
    """The moves that the version's state allows and the user's duties hold: {move, label, why_not}."""
    found = []
    for move, (sources, _) in RELEASE_STEPS.items():
        if row.state not in sources or not can(user, CARD_NEEDS[move], row.org_code):
            continue
        why_not = ""
        if CARD_NEEDS[move] == RELEASE_CARDS and user.pk in row.hands():
            why_not = f"这一版是您拟稿或提交的，须由另一人{move.label}。"
        elif move == ReleaseMove.RELEASE and handed_between(user, row.hands()):
            why_not = HANDED_RELEASE
        found.append({"move": move.value, "label": move.label, "why_not": why_not})
    return found


def city_values_for(user: Any) -> QuerySet[CityValue]:
    """What her districts have filled in, the old ones too."""
    return CityValue.objects.within_any(districts_to_keep(user))


def evaluations_for(user: Any) -> QuerySet[Evaluation]:
    """The evaluations of her districts."""
    return Evaluation.objects.within_any(districts_to_keep(user))


def get_evaluation_for(user: Any, number: int) -> Evaluation:
    """One evaluation, or 404."""
    return get_object_or_404(evaluations_for(user), pk=number)


# A district, a sub-district, a community: where residents ask.
POSTED_DIGITS = (6, 9, 12)


def codes_to_post(user: Any) -> list[str]:
    """Where she may have residents ask: whose questions she answers or whose cards she keeps."""
    return sorted({*codes_for(user, ANSWER_QUESTIONS), *codes_for(user, KEEP_CARDS)})


def places_to_post_for(user: Any, on: date) -> QuerySet[Organisation]:
    """The districts, sub-districts and communities of those codes that stand on a day."""
    levels = (Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY)
    return Organisation.objects.as_of(on).within_any(codes_to_post(user)).filter(level__in=levels)


def get_place_to_post_for(user: Any, code: str, on: date) -> Organisation:
    """One of them, or 404."""
    return get_object_or_404(places_to_post_for(user, on), code=code)


def questions_for(user: Any) -> QuerySet[Question]:
    """What was asked in her districts and is not yet forgotten."""
    talks = Talk.objects.within_any(districts_to_keep(user))
    return Question.objects.filter(talk__in=talks)
