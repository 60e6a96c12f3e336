"""Who answers hand-overs, keeps cards and releases them. Residents need no account: their talk is reached by its key alone."""

from __future__ import annotations

from typing import Any

import rules
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from qinglan.apps.assistant.models import CardVersion, CityValue, Evaluation, HandOver, Question, Talk
from qinglan.apps.people.permissions import ANSWER_QUESTIONS, KEEP_CARDS, codes_for

DISTRICT_DIGITS = 6


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


def city_values_for(user: Any) -> QuerySet[CityValue]:
    """What her districts have filled in, the old ones too."""
    return CityValue.objects.within_any(districts_to_keep(user))


def evaluations_for(user: Any) -> QuerySet[Evaluation]:
    """The evaluations of her districts."""
    return Evaluation.objects.within_any(districts_to_keep(user))


def get_evaluation_for(user: Any, number: int) -> Evaluation:
    """One evaluation, or 404."""
    return get_object_or_404(evaluations_for(user), pk=number)


def questions_for(user: Any) -> QuerySet[Question]:
    """What was asked in her districts and is not yet forgotten."""
    talks = Talk.objects.within_any(districts_to_keep(user))
    return Question.objects.filter(talk__in=talks)
