"""Have other systems told of events: keep their addresses, note what is to be told, tell it signed.

An event is noted in the transaction of what happened (never told of what was rolled back) and told by a job with retries.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.base.models import is_within
from qinglan.apps.exchange.actions.sending import NotAllowed, check_address, send
from qinglan.apps.exchange.models import Delivery, Event, Webhook
from qinglan.apps.exchange.permissions import check_webhook
from qinglan.apps.people.actions import ActionError

MOST_ATTEMPTS = 8
SECONDS = 10  # to wait for an answer
TASK = "exchange.deliver"


@transaction.atomic
def register(*, name: str, url: str, events: Sequence[str], org_code: str, by: Any) -> tuple[Webhook, str]:
    """This will have the address told of these events within `org_code`; returned with the secret that signs, shown once.

    ActionError for a host that the site does not allow.
    """
    check_webhook(by, org_code)
    wanted = [event for event in Event.values if event in set(events)]
    if not name.strip():
        raise ActionError("请写明通知哪个系统。", "name")
    if not wanted or set(events) - set(wanted):
        raise ActionError("请选择要通知的事件。", "events")
    try:
        check_address(url)
    except NotAllowed as error:
        raise ActionError(str(error), "url") from None
    secret = secrets.token_urlsafe(32)
    with record("webhooks.register", by=by, org_code=org_code) as entry:
        webhook = Webhook.objects.create(
            name=name.strip(), url=url, wanted=wanted, org_code=org_code, secret=secret, by_id=by.pk
        )
        entry.target, entry.after = webhook, snapshot(webhook)
    return webhook, secret


@transaction.atomic
def stop(*, webhook: Webhook, by: Any) -> Webhook:
    """This will tell the address nothing more. Stopping it again changes nothing."""
    webhook = Webhook.objects.select_for_update().get(pk=webhook.pk)
    check_webhook(by, webhook.org_code)
    if webhook.stopped_at is None:
        with record(
            "webhooks.stop", by=by, target=webhook, org_code=webhook.org_code, before=snapshot(webhook)
        ) as entry:
            webhook.stopped_at = timezone.now()
            webhook.save(update_fields=["stopped_at"])
            entry.after = snapshot(webhook)
    return webhook


@transaction.atomic
def announce(*, event: Event, org_code: str, **about: Any) -> int:
    """This will note for every address that wants it that `event` happened at `org_code`; returns to how many it goes.

    `about`: ids, years and names of packs, never anything of a person. Part of the action that it tells of.
    """
    told = 0
    for webhook in Webhook.objects.filter(stopped_at=None, wanted__contains=[event]):
        if not is_within(org_code, webhook.org_code):
            continue
        payload = {"event": str(event), "org_code": org_code, **about}
        made = Delivery.objects.create(webhook=webhook, org_code=webhook.org_code, event=event, payload=payload)
        _defer(made)
        told += 1
    return told


def _defer(delivery: Delivery) -> None:
    """In the same transaction: rolled back with it, taken up after it."""
    jobs.configure_task(TASK, queue="exchange").defer(delivery_id=delivery.pk)


@transaction.atomic
def again(*, delivery: Delivery, by: Any) -> Delivery:
    """This will try once more to tell what was given up."""
    delivery = Delivery.objects.select_for_update().select_related("webhook").get(pk=delivery.pk)
    check_webhook(by, delivery.webhook.org_code)
    if delivery.state != Delivery.State.GIVEN_UP or delivery.webhook.stopped_at is not None:
        raise ActionError("只有停止重试的通知可以重发，且地址未停用。")
    with record("webhooks.again", by=by, target=delivery, org_code=delivery.org_code):
        delivery.state, delivery.attempts = Delivery.State.WAITING, 0
        delivery.save(update_fields=["state", "attempts"])
        _defer(delivery)
    return delivery


def signature(secret: str, moment: int, body: bytes) -> str:
    """What the header Qinglan-Signature says: `t=<seconds since 1970>,v1=<HMAC-SHA256 of "t.body", hex>`."""
    mark = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={mark}"


def deliver(*, delivery_id: int) -> bool:
    """This will tell one event to its address once; whether it is settled (taken, or not to be tried again).

    Told at least once: an answer that got lost leads to a second telling, with the same id.
    """
    delivery = Delivery.objects.select_related("webhook").filter(pk=delivery_id, state=Delivery.State.WAITING).first()
    if delivery is None:
        return True
    webhook = delivery.webhook
    if webhook.stopped_at is not None:
        _note(delivery, Delivery.State.GIVEN_UP, None, "地址已停用")
        return True
    body = json.dumps(
        {"id": str(delivery.uid), "at": delivery.created_at.isoformat(), **delivery.payload}, ensure_ascii=False
    ).encode()
    moment = int(time.time())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Qinglan-Event": delivery.event,
        "Qinglan-Delivery": str(delivery.uid),
        "Qinglan-Signature": signature(webhook.secret.open(), moment, body),
    }
    try:
        answer, problem = send(webhook.url, body, headers, timeout=SECONDS)
    except NotAllowed as error:
        _note(delivery, Delivery.State.GIVEN_UP, None, str(error))
        return True
    if answer is not None and 200 <= answer < 300:
        _note(delivery, Delivery.State.DELIVERED, answer, "")
        return True
    last = delivery.attempts + 1 >= MOST_ATTEMPTS
    _note(delivery, Delivery.State.GIVEN_UP if last else Delivery.State.WAITING, answer, problem)
    return last


def _note(delivery: Delivery, state: Delivery.State, answer: int | None, problem: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, answer=answer, problem=problem[:200], attempts=F("attempts") + 1, tried_at=Now()
    )
