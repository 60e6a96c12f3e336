"""Read the log: what was done to a row, who looked at a person, who was refused; and what an action changed, in words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from qinglan.apps.base.models import code_range
from qinglan.apps.base.templatetags.figures import moment

from ..models import AccessDenied, AccessRecord, AuditEvent
from ..models.words import NOTED


def events_of(target: models.Model) -> QuerySet[AuditEvent]:
    """All actions on one row, newest first."""
    return AuditEvent.objects.filter(target_type=target._meta.label_lower, target_key=str(target.pk)).order_by(
        "-at", "-id"
    )


def looks_at(person_id: int) -> QuerySet[AccessRecord]:
    """Everyone who saw a full sensitive value of this person, newest first."""
    return AccessRecord.objects.filter(person_id=person_id).order_by("-at", "-id")


def seen_from(codes: list[str], model: type[models.Model], accounts: QuerySet[Any]) -> QuerySet[Any]:
    """The rows of the log that belong to the subtrees `codes`; of those that belong to no place, what `accounts` did."""
    condition = Q(org_code="", by_id__in=accounts.values("pk"))
    for code in codes:
        condition |= code_range(code)
    return model._default_manager.filter(condition) if codes else model._default_manager.none()


def _at(day: date) -> Any:
    """The first moment of a day, local time."""
    return timezone.make_aware(timezone.datetime(day.year, day.month, day.day))  # type: ignore[attr-defined]


def within_days(rows: QuerySet[Any], since: date | None, until: date | None) -> QuerySet[Any]:
    """Rows from the day `since` to the end of the day `until`."""
    if since:
        rows = rows.filter(at__gte=_at(since))
    if until:
        rows = rows.filter(at__lt=_at(until + timedelta(days=1)))
    return rows


def filtered(
    events: QuerySet[AuditEvent], *, text: str = "", who: str = "", action: str = "", target: str = "", org: str = ""
) -> QuerySet[AuditEvent]:
    """`events` narrowed: part of what stood before or after, of the actor's name; an action or ("roles.") all of a
    subject; `target` as "app.model" or "app.model:key"; a subtree of organisations."""
    if who := "".join(who.split()):
        events = events.filter(by_name__icontains=who)
    if action:
        events = events.filter(action__startswith=action) if action.endswith(".") else events.filter(action=action)
    if target:
        kind, _, key = target.partition(":")
        events = events.filter(target_type=kind, **({"target_key": key} if key else {}))
    if org:
        events = events.filter(code_range(org))
    if text := text.strip():
        said = Cast("before", TextField()), Cast("after", TextField())
        events = events.annotate(was=said[0], became=said[1])
        events = events.filter(Q(was__icontains=text) | Q(became__icontains=text) | Q(target_key=text))
    return events


def by_person(rows: QuerySet[Any], *, text: str = "", org: str = "") -> QuerySet[Any]:
    """Looks or refusals narrowed: part of the name of who it was, of the reason or address; a subtree."""
    if text := text.strip():
        other = "path" if rows.model is AccessDenied else "reason"
        rows = rows.filter(Q(by_name__icontains=text) | Q(**{f"{other}__icontains": text}))
    return rows.filter(code_range(org)) if org else rows


def targets() -> list[tuple[str, str]]:
    """Choices of the filter: kinds of rows that actions are about, in words."""
    found = {
        model._meta.label_lower: str(model._meta.verbose_name)
        for model in apps.get_models()
        if model.__module__.startswith("qinglan.apps.") and not hasattr(model, "pgh_tracked_model")
    }
    return sorted(found.items(), key=lambda one: one[1])


def target_word(label: str) -> str:
    """The kind of row in words; a model that is gone by its name."""
    try:
        return str(apps.get_model(label)._meta.verbose_name) if label else ""
    except (LookupError, ValueError):
        return label


def _in_words(value: Any, field: models.Field | None) -> str:
    if value is None or value == "":
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    chosen = dict(field.flatchoices) if field is not None else {}
    if isinstance(value, str | int) and value in chosen:
        return str(chosen[value])
    if isinstance(value, list):
        return (
            " 至 ".join("…" if one is None else str(one) for one in value)
            if len(value) == 2
            else "、".join(map(str, value))
        )
    if isinstance(field, models.DateTimeField) and isinstance(value, str):
        at = parse_datetime(value)
        return value if at is None else moment(at)
    if isinstance(value, dict):
        return "；".join(f"{key}：{_in_words(one, None)}" for key, one in value.items())
    return str(value)


def differences(event: AuditEvent) -> list[dict[str, Any]]:
    """What the action changed, field by field: label, before, after (None = was not there), changed."""
    try:
        model = apps.get_model(event.target_type) if event.target_type else None
    except (LookupError, ValueError):
        model = None
    fields = {} if model is None else {f.name: f for f in model._meta.concrete_fields}
    before, after = event.before or {}, event.after or {}
    rows = []
    for name in dict.fromkeys([*before, *after]):
        field = fields.get(name)
        label = str(field.verbose_name) if field is not None else name
        if label.isascii():  # a field that Django named by itself
            label = NOTED.get(name, label)
        if name.endswith("_index"):
            label = f"{label}（加密，只显示标记）"
        rows.append(
            {
                "label": label,
                "before": _in_words(before[name], field) if name in before else None,
                "after": _in_words(after[name], field) if name in after else None,
                "changed": before.get(name) != after.get(name) or (name in before) != (name in after),
            }
        )
    return rows
