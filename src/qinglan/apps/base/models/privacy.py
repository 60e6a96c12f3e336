"""Says of every field how private it is, so that masking, exports and logs need not guess.

A model carries `privacy = {"field": Privacy.X, ...}` for each of its concrete and many-to-many fields. `unclassified`
walks models and names what is missing or stale; a guard test fails the build on any answer.
History models (written by triggers) take the classes of the model that they follow.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from django.db import models


class Privacy(enum.IntEnum):
    """How private a field is; the order is meant: a higher class includes the duties of the lower ones."""

    PUBLIC = 1  # may hang on the wall: names of organisations, published rules
    INTERNAL = 2  # office matter without a person in it: row ids, times, states
    PERSONAL = 3  # about a person: shown to those in whose scope she stands
    SENSITIVE = 4  # ID number, phone, secrets: sealed or hashed at rest, masked on screen, each look recorded


def _field_names(model: type[models.Model]) -> set[str]:
    return {field.name for field in (*model._meta.concrete_fields, *model._meta.many_to_many)}


def _declared(model: type[models.Model]) -> dict[str, Privacy]:
    """All classes declared for `model`: its own, those of its abstract bases, those of the model it follows."""
    declared: dict[str, Privacy] = {}
    tracked = getattr(model, "pgh_tracked_model", None)
    if tracked is not None:
        declared |= {name: Privacy.INTERNAL for name in _field_names(model) if name.startswith("pgh_")}
        declared |= {k: v for k, v in _declared(tracked).items() if k in _field_names(model)}
    for base in reversed(model.__mro__):
        declared |= vars(base).get("privacy", {})
    return declared


def class_of(model: type[models.Model], field: str) -> Privacy:
    """The privacy class of one field; a KeyError names a field that nobody classified."""
    try:
        return _declared(model)[field]
    except KeyError:
        raise KeyError(f"{model._meta.label}.{field} has no privacy class") from None


def unclassified(all_models: Iterable[type[models.Model]]) -> list[str]:
    """What is wrong: `app.Model.field` without a class, or a class for a field that does not exist. Empty = good."""
    wrong = []
    for model in all_models:
        names, declared = _field_names(model), _declared(model)
        wrong += [f"{model._meta.label}.{name}: no privacy class" for name in sorted(names - set(declared))]
        wrong += [f"{model._meta.label}.{name}: no such field" for name in sorted(set(declared) - names)]
    return wrong
