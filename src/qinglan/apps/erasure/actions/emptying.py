"""Empty what is about the erased: her rows field by field, her account, her name under what she signed, the log about her.

As the tables' owner, triggers of history and append-only tables off for these updates alone; rows of chained tables are noted as
rewritten. Run within the transaction of `carrying`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pgtrigger
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q
from django.utils import timezone

from qinglan.apps.audit.actions import chain
from qinglan.apps.audit.models import AccessRecord, AuditEvent, chained_models
from qinglan.apps.erasure.queries.fates import NEUTRAL, REMOVED, emptied, has_table, is_ours, signature_number
from qinglan.apps.erasure.queries.hers import Rows, Whole
from qinglan.apps.exchange.models import Token
from qinglan.apps.people.models import Person, RoleGrant, User

WHY = "删除个人信息：档案 {number}"
BATCH = 2000
Counts = dict[str, int]


def why(of: Whole) -> str:
    """What the chain says of a rewritten row."""
    return WHY.format(number=of.persons[0].pk)


def rewrite(model: type[models.Model], keys: Iterable[Any], values: dict[str, Any], reason: str) -> int:
    """Set columns of rows past the triggers, and note it in the chain where the table hangs in it."""
    listed = sorted(keys)
    with pgtrigger.ignore():
        for at in range(0, len(listed), BATCH):
            model._base_manager.filter(pk__in=listed[at : at + BATCH]).update(**values)
    note(model, listed, reason)
    return len(listed)


def note(model: type[models.Model], keys: list[Any], reason: str) -> None:
    """Note rows of a chained table as rewritten."""
    if keys and model in set(chained_models()):
        for at in range(0, len(keys), chain.BLOCK):
            chain.rewritten(model, keys[at : at + chain.BLOCK], reason)


def close_account(of: Whole) -> Counts:
    """Shut her account while its history is still written: no session, no token, no role lives on."""
    accounts = of.account_ids
    now, today = timezone.now(), timezone.localdate()
    for user in User.objects.filter(pk__in=accounts):
        user.is_active = user.is_staff = user.is_superuser = user.password_temporary = False
        user.session_epoch += 1
        user.save(update_fields=["is_active", "is_staff", "is_superuser", "password_temporary", "session_epoch"])
    Token.objects.filter(user__in=accounts, revoked_at__isnull=True).update(revoked_at=now)
    for grant in RoleGrant.objects.filter(user__in=accounts).on(today):
        if grant.span.lower < today:
            grant.span = type(grant.span)(grant.span.lower, today)
            grant.save(update_fields=["span"])
        else:
            grant.delete()
    ended = [one.pk for one in Session.objects.all() if _account_of(one) in accounts]
    Session.objects.filter(pk__in=ended).delete()
    return {"django_session": len(ended)} if ended else {}


def _account_of(session: Session) -> int | None:
    number = session.get_decoded().get("_auth_user_id", "")
    return int(number) if str(number).isdigit() else None


def mark_erased(of: Whole) -> Counts:
    """Say on her records when they were erased; their histories hold that row too."""
    Person.objects.filter(pk__in=of.person_ids, erased_at__isnull=True).update(erased_at=timezone.now())
    return {}


def empty_rows(of: Whole, rows: Rows) -> Counts:
    """Each row of hers, field by field as `fates` says; rows that are hers alone go as a whole."""
    counts: Counts = {}
    for model, keys in rows.items():
        if model._meta.label in REMOVED:
            continue
        values = emptied(model) if is_ours(model) else {}
        if values:
            counts[model._meta.db_table] = rewrite(model, keys, values, why(of))
    for model, keys in rows.items():
        if model._meta.label in REMOVED:
            with pgtrigger.ignore():
                counts[model._meta.db_table] = model._base_manager.filter(pk__in=keys).delete()[0]
    return counts


def unsign(of: Whole, rows: Rows) -> Counts:
    """Her name under what she did in her account: the number stays, the name goes."""
    counts: Counts = {}
    if not of.accounts:
        return counts
    for model in apps.get_models():
        if not is_ours(model) or not has_table(model):
            continue
        for one in model._meta.concrete_fields:
            number = signature_number(model, one)
            if number is None:
                continue
            signed = model._base_manager.filter(**{f"{number}__in": of.account_ids}).exclude(**{one.attname: ""})
            keys = set(signed.values_list("pk", flat=True))
            if keys:
                told = counts.get(model._meta.db_table, 0)
                counts[model._meta.db_table] = told + rewrite(model, keys, {one.attname: NEUTRAL}, why(of))
    return counts


def empty_log(of: Whole, rows: Rows) -> Counts:
    """What the log says of her: states before and after of her rows, why her numbers were looked at. That it happened stays."""
    about = Q(pk__in=[])
    for model, keys in rows.items():
        if model is not AuditEvent and is_ours(model):
            about |= Q(target_type=model._meta.label_lower, target_key__in=[str(key) for key in keys])
    told = AuditEvent.objects.filter(about).exclude(action__startswith="erasure.")
    events = told.exclude(before__isnull=True, after__isnull=True).values_list("pk", flat=True)
    looks = AccessRecord.objects.filter(person_id__in=of.person_ids).values_list("pk", flat=True)
    return {
        "audit_auditevent": rewrite(AuditEvent, set(events), {"before": None, "after": None}, why(of)),
        "audit_accessrecord": rewrite(AccessRecord, set(looks), {"reason": "（已删除）"}, why(of)),
    }
