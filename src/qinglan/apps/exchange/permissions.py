"""Who makes tokens and addresses to be told, whose she sees; the getters."""

from __future__ import annotations

from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from qinglan.apps.base.models import is_within
from qinglan.apps.exchange.models import Delivery, KeyConflict, Token, Webhook
from qinglan.apps.people.permissions import GRANT_ROLES, accounts_for, can, codes_for, grants_of

DISTRICT_DIGITS = 6


def places_of(user: Any) -> list[str]:
    """The codes of a user's own roles, the outermost only: what a token of hers can be limited to, or to a part of."""
    codes = sorted({grant.org_code for grant in grants_of(user)})
    return [code for code in codes if not any(is_within(code, outer) for outer in codes if outer != code)]


def check_place(user: Any, org_code: str) -> None:
    """Raise PermissionDenied unless `org_code` lies within the user's roles: a token reaches no further than its owner."""
    if not any(is_within(org_code, place) for place in places_of(user)):
        raise PermissionDenied("令牌的机构范围须在您自己的角色范围之内。")


def tokens_for(user: Any) -> QuerySet[Token]:
    """Her own, and those of the accounts that she looks after, as far as they reach into her scope."""
    tokens = Token.objects.select_related("user", "use")
    if not user.is_authenticated or not user.is_active:
        return tokens.none()
    kept = tokens.filter(user__in=accounts_for(user))
    if not user.is_superuser:
        kept = kept.within_any(codes_for(user, GRANT_ROLES))
    return kept | tokens.filter(user_id=user.pk)


def get_token_for(user: Any, token_id: int) -> Token:
    """One token, or 404."""
    return get_object_or_404(tokens_for(user), pk=token_id)


def conflicts_for(user: Any) -> QuerySet[KeyConflict]:
    """The refused submissions under keys used before, of the tokens that she sees."""
    return KeyConflict.objects.filter(token_id__in=tokens_for(user).values("pk")).select_related("answer")


def get_conflict_for(user: Any, conflict_id: int) -> KeyConflict:
    """One refused submission of her own, or 404: what it says is for whoever sent it."""
    return get_object_or_404(conflicts_for(user).filter(answer__by_id=user.pk), pk=conflict_id)


def webhook_places(user: Any) -> list[str]:
    """Where a user may have other systems told: the districts and streets in which she grants roles."""
    return codes_for(user, GRANT_ROLES)


def check_webhook(user: Any, org_code: str) -> None:
    """Raise PermissionDenied unless the user may have other systems told of events within `org_code`."""
    if user.is_superuser or not can(user, GRANT_ROLES, org_code):
        raise PermissionDenied("事件通知地址由区级管理员或安全管理员设置。")


def webhooks_for(user: Any) -> QuerySet[Webhook]:
    return Webhook.objects.within_any(webhook_places(user))


def get_webhook_for(user: Any, webhook_id: int) -> Webhook:
    """One address, or 404."""
    return get_object_or_404(webhooks_for(user), pk=webhook_id)


def deliveries_for(user: Any) -> QuerySet[Delivery]:
    """What was told to the addresses that she keeps."""
    return Delivery.objects.filter(webhook__in=webhooks_for(user)).select_related("webhook")


def get_delivery_for(user: Any, delivery_id: int) -> Delivery:
    """One telling, or 404."""
    return get_object_or_404(deliveries_for(user), pk=delivery_id)


@rules.predicate
def can_have_tokens(user: Any) -> bool:
    """Has a role that a token could stand for, or keeps accounts of others."""
    return bool(grants_of(user))


@rules.predicate
def can_keep_webhooks(user: Any) -> bool:
    return bool(webhook_places(user))


rules.set_perm("exchange.have_tokens", can_have_tokens)
rules.set_perm("exchange.keep_webhooks", can_keep_webhooks)
