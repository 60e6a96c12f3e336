"""Tokens and addresses to be told: the lists, making and shutting, what was told."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.exchange import permissions, queries
from qinglan.apps.exchange.actions import tokens as token_actions
from qinglan.apps.exchange.actions import webhooks as webhook_actions
from qinglan.apps.exchange.forms import DeliveryFilterForm, TokenFilterForm, TokenForm, WebhookForm
from qinglan.apps.exchange.models import Token, Webhook
from qinglan.apps.exchange.tables import ConflictTable, DeliveryTable, TokenTable, WebhookTable
from qinglan.apps.people.forms.fields import SureForm
from qinglan.apps.people.views.frame import refused

_TOKENS = [("总览", "/"), ("令牌", "/tokens/")]
_WEBHOOKS = [("总览", "/"), ("事件通知", "/webhooks/")]


def _checked_tokens(request: HttpRequest) -> None:
    user: Any = request.user
    if not (permissions.can_have_tokens(user) or user.is_superuser):
        raise PermissionDenied("没有角色的账号不能使用令牌，请联系本区管理员授予角色。")


def _checked_webhooks(request: HttpRequest) -> None:
    if not permissions.can_keep_webhooks(request.user):
        raise PermissionDenied("事件通知由区级管理员或安全管理员设置。")


@login_required
@never_cache
@require_GET
def tokens(request: HttpRequest) -> HttpResponse:
    """Her own tokens, and those of the accounts that she looks after."""
    _checked_tokens(request)
    on = timezone.localdate()
    form = TokenFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = queries.tokens(
        permissions.tokens_for(request.user), on=on, text=asked.get("q", ""), state=asked.get("state", "")
    )
    table = TokenTable(rows, on=on, request=request)
    if request.GET.get("export"):
        return workbook(page_of(request, table), "接口令牌")
    context = {
        "table": page_of(request, table),
        "form": form,
        "asked": any(asked.values()),
        "may_make": bool(permissions.places_of(request.user)),
        "may_hook": permissions.can_keep_webhooks(request.user),
        "path": [("总览", "/"), ("令牌", "")],
    }
    return render(request, "exchange/tokens.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new_token(request: HttpRequest) -> HttpResponse:
    """A new token; its secret is on the page that answers, and never again."""
    places = permissions.places_of(request.user)
    if not places:
        raise PermissionDenied("没有角色的账号不能使用令牌，请联系本区管理员授予角色。")
    form = TokenForm(request.POST or None, places=places)
    if request.method == "POST" and form.is_valid():
        user: Any = request.user
        try:
            token, secret = token_actions.make(by=user, today=timezone.localdate(), **form.cleaned_data)
        except PermissionDenied as error:
            refused(request)
            form.add_error("org_code", str(error))
        except ValidationError as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, error.messages)
        else:
            return render(
                request, "exchange/made.html", {"what": "令牌", "row": token, "secret": secret, "back": "/tokens/"}
            )
    return _form(
        request, form, "新建令牌", "令牌代替您本人：能看到和能做的不会多于您自己，账号停用它也停用。", "建立", _TOKENS
    )


def _form(
    request: HttpRequest,
    form: Any,
    title: str,
    lead: str,
    button: str,
    path: list[tuple[str, str]],
    danger: bool = False,
) -> HttpResponse:
    context = {
        "form": form, "title": title, "lead": lead, "button": button, "back": path[-1][1], "danger": danger,
        "path": [*path, (title, "")],
    }  # fmt: skip
    return render(request, "exchange/form.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Shut a token for ever."""
    token: Token = permissions.get_token_for(request.user, token_id)
    form = SureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        token_actions.revoke(token=token, by=request.user)
        messages.success(request, f"令牌「{token.name}」已停用，用它的系统从现在起进不来。")
        return redirect("exchange:tokens")
    return _form(
        request, form, f"停用令牌「{token.name}」", "停用后不能恢复；用它的系统随即进不来。", "停用", _TOKENS, True
    )


@login_required
@never_cache
@require_GET
def conflicts(request: HttpRequest) -> HttpResponse:
    """Submissions refused because their key had been used for something else."""
    _checked_tokens(request)
    table = ConflictTable(permissions.conflicts_for(request.user), own=int(request.user.pk or 0), request=request)
    if request.GET.get("export"):
        return workbook(page_of(request, table), "键冲突")
    context = {"table": page_of(request, table), "path": [*_TOKENS, ("键冲突", "")]}
    return render(request, "exchange/conflicts.html", context)


@login_required
@never_cache
@require_GET
def conflict(request: HttpRequest, conflict_id: int) -> HttpResponse:
    """What came, for whoever sent it."""
    one = permissions.get_conflict_for(request.user, conflict_id)
    path = [*_TOKENS, ("键冲突", reverse("exchange:conflicts")), ("内容", "")]
    text = one.body.open() if one.body else ""
    return render(request, "exchange/conflict.html", {"conflict": one, "text": text, "path": path})


@login_required
@never_cache
@require_GET
def webhooks(request: HttpRequest) -> HttpResponse:
    """The addresses that are told of events, and the log of what they were told."""
    _checked_webhooks(request)
    form = DeliveryFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = queries.deliveries(
        permissions.deliveries_for(request.user), text=asked.get("q", ""), state=asked.get("state", ""),
        event=asked.get("event", ""),
    )  # fmt: skip
    log = DeliveryTable(rows, request=request)
    if request.GET.get("export"):
        return workbook(page_of(request, log), "送达记录")
    hooks = WebhookTable(permissions.webhooks_for(request.user), request=request, prefix="hooks-")
    context = {
        "hooks": page_of(request, hooks),
        "log": page_of(request, log),
        "form": form,
        "asked": any(asked.values()),
        "path": [("总览", "/"), ("事件通知", "")],
    }
    return render(request, "exchange/webhooks.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new_webhook(request: HttpRequest) -> HttpResponse:
    """A new address to be told; the secret that signs is on the page that answers, and never again."""
    _checked_webhooks(request)
    form = WebhookForm(request.POST or None, places=permissions.webhook_places(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            webhook, secret = webhook_actions.register(by=request.user, **form.cleaned_data)
        except PermissionDenied:
            refused(request)
            form.add_error("org_code", "范围须在您的角色范围之内。")
        except ValidationError as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, error.messages)
        else:
            context = {"what": "签名密钥", "row": webhook, "secret": secret, "back": "/webhooks/"}
            return render(request, "exchange/made.html", context)
    return _form(
        request,
        form,
        "新建通知地址",
        "事件里只有编号和年度，没有姓名和数额；要看内容，对方再用令牌来取。",
        "建立",
        _WEBHOOKS,
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def stop_webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Tell an address nothing more."""
    webhook: Webhook = permissions.get_webhook_for(request.user, webhook_id)
    form = SureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        webhook_actions.stop(webhook=webhook, by=request.user)
        messages.success(request, f"已不再通知「{webhook.name}」。")
        return redirect("exchange:webhooks")
    lead = "停用后不再通知这个地址，还没有送达的也不再送。"
    return _form(request, form, f"停用通知地址「{webhook.name}」", lead, "停用", _WEBHOOKS, True)


@login_required
@require_POST
def again(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Try once more to tell what was given up."""
    delivery = permissions.get_delivery_for(request.user, delivery_id)
    try:
        webhook_actions.again(delivery=delivery, by=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "已放回待送达，由后台任务再送。")
    return redirect("exchange:webhooks")
