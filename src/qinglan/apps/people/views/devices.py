"""Where one's account is signed in, and how to end it; for who keeps an account, the end of all its sessions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.people.actions import ActionError, sessions
from qinglan.apps.people.forms.fields import SureForm
from qinglan.apps.people.permissions import check_keep_account, get_account_for
from qinglan.apps.people.queries.sessions import open_sessions
from qinglan.apps.people.views.frame import done


@login_required
@never_cache
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """My sessions, this one first."""
    user: Any = request.user
    found = open_sessions(user, request.session.session_key)
    context = {
        "sessions": found, "others": any(not one.current for one in found), "path": [("总览", "/"), ("登录设备", "")],
    }  # fmt: skip
    return render(request, "people/devices.html", context)


@login_required
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End one of mine; a mark that is not among them is one that is over."""
    user: Any = request.user
    try:
        ended = sessions.end_one(mark=request.POST.get("mark", ""), by=user, current_key=request.session.session_key)
    except ActionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已结束，那台设备要重新登录。" if ended else "那个登录已经结束了。")
    return redirect("people:devices")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all of mine but this one."""
    user: Any = request.user
    ended = sessions.end_others(by=user, current_key=request.session.session_key)
    messages.success(request, f"已结束其他 {ended} 个登录。" if ended else "没有别的登录。")
    return redirect("people:devices")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def end_all(request: HttpRequest, user_id: int) -> HttpResponse:
    """End every session of an account that I keep."""
    one = get_account_for(request.user, user_id)
    check_keep_account(request.user, one)
    form = SureForm(request.POST if request.method == "POST" else None)
    back = reverse("people:account", args=[one.pk])
    title = f"{one.get_full_name() or one.username}：结束全部登录"
    if done(form, lambda: sessions.end_all(user=one, by=request.user)):
        messages.success(request, "全部登录已结束，本人要重新登录。")
        return redirect(back)
    context = {
        "form": form, "back": back, "title": title, "button": "结束全部登录", "danger": True,
        "lead": "密码和角色不变；各台设备下一次打开页面时要重新登录。",
        "path": [("总览", "/"), ("用户", "/users/"), (title, "")],
    }  # fmt: skip
    return render(request, "people/form.html", context)
