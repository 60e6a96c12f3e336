"""Which rows are hers: her records, her account, and all that refers to them, in every app, histories included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pghistory.models
from django.apps import apps
from django.db import models
from django.db.models import Q

from qinglan.apps.people.models import Person, User

from .fates import AT_WORK, NOT_FOLLOWED, followed, has_table

Rows = dict[type[models.Model], set[Any]]


@dataclass
class Whole:
    """One person as she stands in the database: her records (the kept one first), her accounts, her rows by table."""

    persons: list[Person]
    accounts: list[User]
    rows: Rows = field(default_factory=dict)

    @property
    def person_ids(self) -> list[int]:
        return [one.pk for one in self.persons]

    @property
    def account_ids(self) -> list[int]:
        return [one.pk for one in self.accounts]


def records_of(person: Person) -> list[Person]:
    """Her record and those merged into it, at any depth."""
    found, waiting = [person], [person.pk]
    while waiting:
        merged = list(
            Person.objects.filter(merged_into__in=waiting).exclude(pk__in=[one.pk for one in found]).order_by("pk")
        )
        found += merged
        waiting = [one.pk for one in merged]
    return found


def whole(person: Person) -> Whole:
    """All that is hers, with the keys of her rows."""
    return of_records(records_of(person))


def of_records(persons: list[Person], also: Iterable[User] = ()) -> Whole:
    """The same, of records that are known to be one person, with accounts that are hers besides those linked to them."""
    linked = User.objects.filter(person__in=[one.pk for one in persons])
    accounts = list((linked | User.objects.filter(pk__in=[one.pk for one in also])).order_by("pk"))
    found = Whole(persons, accounts)
    found.rows = _rows(found)
    return found


def is_history(model: type[models.Model]) -> bool:
    """Whether it is a table that triggers write (pghistory)."""
    return issubclass(model, pghistory.models.Event)


def links(parent: type[models.Model]) -> Iterator[tuple[type[models.Model], models.ForeignKey]]:
    """The tables (no histories) whose rows are about the row of `parent` that they refer to, with the field."""
    for model in apps.get_models(include_auto_created=True):
        if not has_table(model) or is_history(model):
            continue
        for one in model._meta.concrete_fields:
            label = f"{model._meta.label}.{one.name}"
            if (
                isinstance(one, models.ForeignKey)
                and one.remote_field.model is parent
                and label not in AT_WORK | NOT_FOLLOWED
            ):
                yield model, one


def _rows(of: Whole) -> Rows:
    found: Rows = {Person: set(of.person_ids), User: set(of.account_ids)}
    waiting = [model for model, keys in found.items() if keys]
    while waiting:
        parent = waiting.pop()
        for model, one in links(parent):
            keys = model._base_manager.filter(**{f"{one.attname}__in": list(found[parent])}).values_list(
                "pk", flat=True
            )
            fresh = set(keys) - found.get(model, set())
            if fresh and model not in (Person, User):
                found.setdefault(model, set()).update(fresh)
                waiting.append(model)
    for model in apps.get_models():
        if is_history(model) and has_table(model):
            found[model] = set(_history(model, of, found))
    return {model: keys for model, keys in found.items() if keys}


def _history(model: type[models.Model], of: Whole, found: Rows) -> models.QuerySet:
    """The history of her rows; and of rows that are gone, what was of hers when they went."""
    tracked = followed(model)
    mine = Q(pgh_obj_id__in=list(found.get(tracked, set())))
    if tracked not in (Person, User):
        gone = ~Q(pgh_obj_id__in=tracked._base_manager.values("pk"))
        for one in model._meta.concrete_fields:
            if isinstance(one, models.ForeignKey) and f"{tracked._meta.label}.{one.name}" not in AT_WORK:
                parent = one.remote_field.model
                if parent in (Person, User):
                    mine |= gone & Q(**{f"{one.attname}__in": of.person_ids if parent is Person else of.account_ids})
    return model._base_manager.filter(mine).values_list("pk", flat=True)


def reachable() -> set[type[models.Model]]:
    """Every table that may hold rows of hers, whoever she is."""
    found: set[type[models.Model]] = {Person, User}
    waiting = list(found)
    while waiting:
        for model, _ in links(waiting.pop()):
            if model not in found:
                found.add(model)
                waiting.append(model)
    return found | {model for model in apps.get_models() if is_history(model) and followed(model) in found}
