"""Everything that is held about one person, found by following the models, so that no table can be forgotten (PIPL arts. 45, 50).

From her record and her own account downwards: each row that refers to one of hers by a foreign key, in every app, histories
included; who looked at her full numbers; what was done to her record. Secrets of the site (hashes, look-up marks) stay out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from qinglan.apps.audit.actions import plain
from qinglan.apps.audit.models import AccessRecord, AuditEvent
from qinglan.apps.audit.models.words import words_of
from qinglan.apps.base.models import Privacy, Sealed, SealedTextField, class_of

from ..models import Person, User

# What belongs to the keeping of accounts and not to her: grants refer to accounts of officers too, which are found by `user`.
LEFT_OUT = frozenset({"people.FormerPassword"})
# Links to rows that are somebody else's: what she works on for others, and a card of the district written after her question.
NOT_HERS = frozenset({"rights.Claim.assigned_to", "assistant.HandOver.taken_by", "assistant.CardVersion.hand_over"})


@dataclass
class Section:
    """One kind of rows: its name in words, the label of its model, column names in words, rows ready for JSON."""

    title: str
    label: str
    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)

    def as_dicts(self) -> list[dict[str, Any]]:
        """Rows with the names of their columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def _ours(model: type[models.Model]) -> bool:
    return model.__module__.startswith("qinglan.apps.") and model._meta.managed and not model._meta.proxy


def _title(model: type[models.Model]) -> str:
    tracked = getattr(model, "pgh_tracked_model", None)
    return str(model._meta.verbose_name) if tracked is None else f"{tracked._meta.verbose_name}（历史）"


def _shown(model: type[models.Model]) -> list[models.Field]:
    """The fields that are hers to read: all but hashes, look-up marks and files."""
    found = []
    for one in model._meta.concrete_fields:
        secret = class_of(model, one.name) >= Privacy.SENSITIVE and not isinstance(one, SealedTextField)
        if not secret and not isinstance(one, models.BinaryField):
            found.append(one)
    return found


def _value(row: models.Model, one: models.Field) -> Any:
    value = getattr(row, one.attname)
    if isinstance(value, Sealed):
        return value.open()
    if one.choices and value is not None:
        return str(dict(one.flatchoices).get(value, value))
    return plain(value)


def references(parent: type[models.Model]) -> Iterator[tuple[type[models.Model], models.ForeignKey]]:
    """The models of ours that refer to `parent`, with the field by which they do."""
    for model in apps.get_models():
        if not _ours(model) or model._meta.label in LEFT_OUT:
            continue
        for one in model._meta.concrete_fields:
            hers = f"{model._meta.label}.{one.name}" not in NOT_HERS
            if hers and isinstance(one, models.ForeignKey) and one.remote_field.model is parent:
                yield model, one


def _found(person: Person) -> dict[type[models.Model], set[Any]]:
    """Model -> keys of the rows that are about her, downwards from her record and her account."""
    found: dict[type[models.Model], set[Any]] = {Person: {person.pk}}
    account = User.objects.filter(person=person).values_list("pk", flat=True)
    if account:
        found[User] = set(account)
    waiting = list(found)
    while waiting:
        parent = waiting.pop()
        for model, one in references(parent):
            keys = set(
                model._base_manager.filter(**{f"{one.attname}__in": list(found[parent])}).values_list("pk", flat=True)
            )
            fresh = keys - found.get(model, set())
            if fresh:
                found.setdefault(model, set()).update(fresh)
                if model not in (Person, User):
                    waiting.append(model)
    found[Person] = {person.pk}  # records merged into hers are told by the merge, not opened as hers
    return found


def everything(person: Person) -> list[Section]:
    """All that is held about her, one section a model, her own record first."""
    found = _found(person)
    sections = []
    for model in sorted(found, key=lambda one: (one is not Person, one._meta.label)):
        fields = _shown(model)
        section = Section(_title(model), model._meta.label, [str(one.verbose_name) for one in fields])
        section.columns = _distinct(section.columns, [one.name for one in fields])
        for row in model._base_manager.filter(pk__in=found[model]).order_by("pk"):
            section.rows.append([_value(row, one) for one in fields])
        sections.append(section)
    return [*sections, _looks(person), _done(person)]


def _distinct(labels: list[str], names: list[str]) -> list[str]:
    """Column names of which none stands twice."""
    return [
        label if labels.count(label) == 1 else f"{label}（{name}）" for label, name in zip(labels, names, strict=True)
    ]


def _looks(person: Person) -> Section:
    rows = AccessRecord.objects.filter(person_id=person.pk).order_by("pk")
    section = Section("谁看过完整证件号或手机号", "audit.AccessRecord", ["时间", "查看人", "字段", "理由"])
    section.rows = [[plain(row.at), row.by_name, row.field, row.reason] for row in rows]
    return section


def _done(person: Person) -> Section:
    about = Q(target_type=Person._meta.label_lower, target_key=str(person.pk))
    rows = AuditEvent.objects.filter(about).order_by("pk")
    section = Section("对本人档案的操作", "audit.AuditEvent", ["时间", "操作", "操作人", "之前", "之后"])
    section.rows = [[plain(row.at), words_of(row.action), row.by_name, row.before, row.after] for row in rows]
    return section
