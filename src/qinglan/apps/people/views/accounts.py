"""Accounts: the list, one account with its roles, opening, one-time passwords, shutting, granting and ending roles."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from qinglan.apps.base.tables import page_of
from qinglan.apps.people.actions import roles
from qinglan.apps.people.forms.accounts import AccountForm, EndGrantForm, GrantForm
from qinglan.apps.people.forms.browsing import AccountFilterForm
from qinglan.apps.people.forms.fields import SureForm
from qinglan.apps.people.models import Organisation, Person, RoleGrant, User
from qinglan.apps.people.permissions import (
    GRANT_ROLES,
    accounts_for,
    can_keep_account,
    check_anywhere,
    check_keep_account,
    codes_for,
    get_account_for,
    get_grant_for,
    get_person_to_open_for,
    people_for,
)
from qinglan.apps.people.queries import accounts as account_queries
from qinglan.apps.people.queries import organisations as organisation_queries
from qinglan.apps.people.queries.sessions import open_sessions
from qinglan.apps.people.tables import AccountTable
from qinglan.apps.people.views.frame import done

_PATH = [("总览", "/"), ("用户", "/users/")]


def _places(user: Any, on: date) -> list[Organisation] | None:
    """Where the user may grant roles; None = anywhere, too many to list."""
    if user.is_superuser:
        return None
    found = Organisation.objects.as_of(on).within_any(codes_for(user, GRANT_ROLES))
    return list(found.order_by("code").only("code", "name"))


@login_required
@never_cache
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """The accounts that the user looks after."""
    check_anywhere(request.user, GRANT_ROLES)
    on = timezone.localdate()
    form = AccountFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = account_queries.filtered(
        accounts_for(request.user),
        on=on,
        text=asked.get("q", ""),
        role=asked.get("role", ""),
        state=asked.get("state", ""),
    )
    table = page_of(request, AccountTable(account_queries.for_list(found, on), names={}, request=request))
    shown = {grant.org_code for row in table.paginated_rows for grant in row.record.in_force}
    table.names = organisation_queries.names(shown, on)
    context = {"table": table, "form": form, "asked": any(asked.values()), "path": [("总览", "/"), ("用户", "")]}
    return render(request, "people/accounts.html", context)


@login_required
@never_cache
@require_GET
def account(request: HttpRequest, user_id: int) -> HttpResponse:
    """One account: its roles over time and what may be done with it."""
    one = get_account_for(request.user, user_id)
    return _show(request, one)


def _show(request: HttpRequest, one: User, password: str = "") -> HttpResponse:
    on = timezone.localdate()
    scope = codes_for(request.user, GRANT_ROLES)
    grants = one.grants.order_by("-span")
    if not request.user.is_superuser:
        grants = grants.within_any(scope)
    rows = list(grants)
    names = organisation_queries.names({row.org_code for row in rows}, on)
    may_keep = can_keep_account(request.user, one) and one.pk != request.user.pk
    context = {
        "account": one,
        "person": people_for(request.user).filter(pk=one.person_id).first() if one.person_id else None,
        "grants": [
            {"row": row, "place": names.get(row.org_code, row.org_code), "running": _running(row, on)} for row in rows
        ],
        "password": password,
        "may_keep": may_keep,
        "sessions": open_sessions(one) if may_keep else [],
        "own": one.pk == request.user.pk,
        "path": [*_PATH, (one.username, "")],
    }
    return render(request, "people/account.html", context)


def _running(grant: RoleGrant, on: date) -> bool:
    return grant.span.upper is None or grant.span.upper > on


def _form_page(request: HttpRequest, form: forms.Form, back: str, **context: Any) -> HttpResponse:
    context = {"form": form, "back": back, "path": [*_PATH, (context["title"], "")], **context}
    return render(request, "people/form.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def open_account(request: HttpRequest) -> HttpResponse:
    """A new account, for a person of the roster (`?person=`) or an officer from outside it; its password is shown once."""
    check_anywhere(request.user, GRANT_ROLES)
    today = timezone.localdate()
    person: Person | None = None
    if asked := request.GET.get("person", ""):
        if not asked.isdigit():
            raise Http404
        person = get_person_to_open_for(request.user, int(asked))
    start = {"username": person.initials, "org_code": person.org_code} if person else {}
    form = AccountForm(request.POST or None, person=person, places=_places(request.user, today), initial=start)
    opened: list[tuple[User, str]] = []

    def act(**data: Any) -> None:
        name = data.pop("name", "") or (person.name if person else "")
        opened.append(roles.open_with_password(name=name, person=person, since=today, by=request.user, **data))

    if done(form, act):
        return _show(request, *opened[0])
    title = f"为{person.name}开账号" if person else "新开账号"
    lead = "" if person else "在册人员的账号，由看得到本人的区级管理员从人员页面开。"
    return _form_page(request, form, reverse("people:accounts"), title=title, lead=lead, button="开账号")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def hand_out_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """A one-time password, shown once."""
    one = get_account_for(request.user, user_id)
    check_keep_account(request.user, one)
    form = SureForm(request.POST if request.method == "POST" else None)
    handed: list[str] = []
    if done(form, lambda: handed.append(roles.hand_out_password(user=one, by=request.user))):
        one.refresh_from_db()
        return _show(request, one, handed[0])
    return _form_page(
        request,
        form,
        reverse("people:account", args=[one.pk]),
        title=f"{one.get_full_name()}：重设密码",
        lead="系统给出一个一次性密码，只显示一次；本人登录后须马上换成自己的。正在登录的会话会结束。",
        button="给出一次性密码",
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest, user_id: int, what: str) -> HttpResponse:
    """Shut an account, or open it again."""
    one = get_account_for(request.user, user_id)
    check_keep_account(request.user, one)
    shut = what == "deactivate"
    act = roles.deactivate if shut else roles.reactivate
    form = SureForm(request.POST if request.method == "POST" else None)
    back = reverse("people:account", args=[one.pk])
    if done(form, lambda: act(user=one, by=request.user)):
        messages.success(request, "账号已停用，正在登录的会话随即结束。" if shut else "账号已恢复。")
        return redirect(back)
    return _form_page(
        request,
        form,
        back,
        title=f"{one.get_full_name()}：{'停用' if shut else '恢复'}账号",
        lead="停用后不能登录，正在登录的会话随即结束；角色保留，随时可以恢复。" if shut else "恢复后按现有角色登录。",
        button="停用" if shut else "恢复",
        danger=shut,
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest, user_id: int) -> HttpResponse:
    """A role for an account."""
    one = get_account_for(request.user, user_id)
    today = timezone.localdate()
    start = {"since": today, "org_code": one.person.org_code if one.person else ""}
    form = GrantForm(request.POST or None, places=_places(request.user, today), initial=start)
    back = reverse("people:account", args=[one.pk])
    if done(form, lambda **data: roles.grant(user=one, by=request.user, **data)):
        messages.success(request, "角色已授予，下次打开页面即生效。")
        return redirect(back)
    return _form_page(request, form, back, title=f"{one.get_full_name()}：授予角色", button="授予")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def end_grant(request: HttpRequest, grant_id: int) -> HttpResponse:
    """The end of a role."""
    row = get_grant_for(request.user, grant_id)
    form = EndGrantForm(request.POST or None, initial={"on": timezone.localdate()})
    back = reverse("people:account", args=[row.user_id])
    if done(form, lambda on: roles.end(grant=row, on=on, by=request.user)):
        messages.success(request, "角色已收回。")
        return redirect(back)
    return _form_page(
        request, form, back, title=f"{row.user.get_full_name()}：收回“{row.get_role_display()}”", button="收回"
    )
