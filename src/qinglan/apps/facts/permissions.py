"""Who may bring files in and read facts; the getters."""

from __future__ import annotations

from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from qinglan.apps.base.models import code_range
from qinglan.apps.facts.models import KINDS, Fact, FactQuerySet, HeaderWord, ImportBatch
from qinglan.apps.people.permissions import (
    IMPORT_FACTS,
    IMPORT_ROSTER,
    VIEW_PEOPLE,
    can,
    codes_for,
    people_for,
    scope_condition,
)

DISTRICT_DIGITS = 6
OF_THE_PERSON = ("exams",)  # they go with her wherever she serves, as certificates and schooling do


def import_districts(user: Any) -> list[str]:
    """The districts a user may bring files of: those that hold one of her scopes."""
    codes = [*codes_for(user, IMPORT_ROSTER), *codes_for(user, IMPORT_FACTS)]
    return sorted({code[:6] for code in codes})


def batches_for(user: Any) -> QuerySet[ImportBatch]:
    """A district officer sees her district's files, a sub-district officer her own: a file holds people of others.

    `kept`: whether the content is still there; the content itself (megabytes) is read when asked for.
    """
    whole = [code for code in codes_for(user, IMPORT_FACTS) if len(code) <= 6]
    own = ImportBatch.objects.filter(by_id=user.pk, org_code__in=import_districts(user))
    kept = ExpressionWrapper(Q(content__isnull=False), output_field=BooleanField())
    return (ImportBatch.objects.within_any(whole) | own).annotate(kept=kept).defer("content")


def get_batch_for(user: Any, batch_id: int) -> ImportBatch:
    """One file, or 404."""
    return get_object_or_404(batches_for(user), pk=batch_id)


def facts_for(user: Any, kind: str) -> FactQuerySet:
    """The facts of a kind that happened within a user's scope, and her own. Http404 for a kind that there is not."""
    if kind not in KINDS:
        raise Http404
    manager: Any = KINDS[kind]._default_manager
    rows: FactQuerySet = manager.filter(scope_condition(user, VIEW_PEOPLE) | _own(user))
    return rows


def _own(user: Any) -> Q:
    """What was recorded of the user herself; of nobody for an account without a person."""
    mine = getattr(user, "person_id", None)
    return Q(person=mine) | Q(person__merged_into=mine) if mine else Q(pk__in=[])


def person_facts_for(user: Any, kind: str) -> FactQuerySet:
    """The facts of a kind that a user may read of people whom she may see.

    What was recorded in another district stays with its officers (two districts never meet), but for exams: with the
    certificates they belong to the person. Her own she reads whole.
    """
    manager: Any = KINDS[kind]._default_manager
    if kind in OF_THE_PERSON:
        rows: FactQuerySet = manager.all()
        return rows
    here = Q(pk__in=[])
    for district in sorted({code[:DISTRICT_DIGITS] for code in codes_for(user, VIEW_PEOPLE)}):
        here |= code_range(district)
    rows = manager.filter(here | _own(user))
    return rows


def get_fact_for(user: Any, kind: str, fact_id: int) -> Any:
    """One fact that happened in scope, or that the user may read of a person whom she may see, or 404."""
    if kind not in KINDS:
        raise Http404
    people = people_for(user)
    hers = person_facts_for(user, kind).filter(Q(person__in=people) | Q(person__merged_into__in=people))
    rows = KINDS[kind]._default_manager.filter(scope_condition(user, VIEW_PEOPLE) | Q(pk__in=hers.values("pk")))
    return get_object_or_404(rows.select_related("person", "batch"), pk=fact_id)


def may_correct(user: Any, fact: Fact) -> bool:
    """Whether a user may correct or withdraw a fact: those who may bring facts of its place in."""
    return can(user, IMPORT_FACTS, fact.org_code)


def word_districts(user: Any) -> list[str]:
    """The districts whose header words a user may change: those that are hers whole."""
    return [code for code in import_districts(user) if can(user, IMPORT_FACTS, code)]


def check_district(user: Any, district: str) -> None:
    """Raise PermissionDenied unless a user may bring in what is said of the whole district."""
    if not can(user, IMPORT_FACTS, district):
        raise PermissionDenied("全区预算数由区级管理员导入，请联系区级管理员。")


def kinds_seen(user: Any) -> list[str]:
    """The kinds of fact that a list can hold for a user: figures of a whole district only for those whose district it is."""
    whole = any(len(code) <= DISTRICT_DIGITS for code in codes_for(user, VIEW_PEOPLE))
    return [kind for kind in KINDS if whole or kind != "figures"]


def get_word_for(user: Any, word_id: int) -> HeaderWord:
    """One header word that a user may change, or 404."""
    return get_object_or_404(HeaderWord.objects.filter(org_code__in=word_districts(user)), pk=word_id)


@rules.predicate
def can_import(user: Any) -> bool:
    return bool(import_districts(user))


rules.set_perm("facts.import", can_import)
