"""Read the log: what was done to a row, who looked at a person."""

from __future__ import annotations

from django.db import models

from ..models import AccessRecord, AuditEvent


def events_of(target: models.Model) -> models.QuerySet[AuditEvent]:
    """All actions on one row, newest first."""
    return AuditEvent.objects.filter(target_type=target._meta.label_lower, target_key=str(target.pk)).order_by(
        "-at", "-id"
    )


def looks_at(person_id: int) -> models.QuerySet[AccessRecord]:
    """Everyone who saw a full sensitive value of this person, newest first."""
    return AccessRecord.objects.filter(person_id=person_id).order_by("-at", "-id")
