"""An account's notices: the list, opening one, reading all."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.notices import actions, permissions
from qinglan.apps.notices.forms import NoticeFilterForm
from qinglan.apps.notices.tables import NoticeTable


@login_required
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """What the account was told, newest first."""
    chosen = NoticeFilterForm(request.GET)
    table = page_of(request, NoticeTable(chosen.narrow(permissions.notices_for(request.user)), request=request))
    if request.GET.get("export"):
        return workbook(table, "消息")
    return render(request, "notices/notices.html", {"table": table, "chosen": chosen})


@login_required
@require_POST
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Note that it was read, and go where it leads."""
    notice = actions.read(notice=permissions.get_notice_for(request.user, notice_id))
    return redirect(notice.link or "notices:list")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Note that all were read."""
    count = actions.read_all(by=request.user)
    messages.success(request, f"{count} 条消息记为已读。" if count else "没有未读的消息。")
    return redirect("notices:list")
