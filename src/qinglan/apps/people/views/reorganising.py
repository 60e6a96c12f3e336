"""Pages that change the tree: add, rename, merge, split, move, close; each with its day and the document it stands on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from qinglan.apps.people.actions import organisations
from qinglan.apps.people.forms import organisations as asking
from qinglan.apps.people.models import Level, Organisation
from qinglan.apps.people.permissions import CHANGE_ORGANISATIONS, check, get_organisation_for
from qinglan.apps.people.queries.organisations import free_codes
from qinglan.apps.people.views.frame import crumbs, done

_SMALL = frozenset({Level.COMMUNITY, Level.GRID, Level.BODY})
_DIVISIONS = frozenset(Level) - {Level.GRID, Level.BODY}


@dataclass(frozen=True)
class Step:
    """One kind of change of the tree: title, form, the action given the organisation, and at which levels it is offered.

    `more`: what else its form needs. `sure`: what to ask before it is done."""

    title: str
    form: type[asking.AboutOne]
    act: Callable[..., Any]
    levels: frozenset[Level] = frozenset(Level)
    more: Callable[[Organisation, date], dict[str, Any]] = lambda one, on: {}
    sure: str = ""


def _add(one: Organisation, by: Any, **data: Any) -> None:
    organisations.add(by=by, synthetic=one.synthetic, **data)


def _add_body(one: Organisation, by: Any, **data: Any) -> None:
    organisations.add_body(scope=one.code, by=by, synthetic=one.synthetic, **data)


def _rename(one: Organisation, by: Any, **data: Any) -> None:
    organisations.rename(code=one.code, by=by, **data)


def _merge(one: Organisation, by: Any, **data: Any) -> None:
    organisations.merge(by=by, **data)


def _split(one: Organisation, by: Any, **data: Any) -> None:
    organisations.split(code=one.code, by=by, **data)


def _move(one: Organisation, by: Any, **data: Any) -> None:
    organisations.move(code=one.code, by=by, **data)


def _close(one: Organisation, by: Any, **data: Any) -> None:
    organisations.close(code=one.code, by=by, **data)


def _next_child(one: Organisation, on: date) -> dict[str, Any]:
    return {"initial": {"code": next(iter(free_codes(one.code)), "")}}


def _today(one: Organisation, on: date) -> dict[str, Any]:
    return {"initial": {"on": on}}


def _same_level(one: Organisation, on: date) -> list[Organisation]:
    rows = Organisation.objects.as_of(on).within(one.code[:6]).filter(level=one.level).exclude(code=one.code)
    return list(rows.order_by("code"))


def _others(one: Organisation, on: date) -> dict[str, Any]:
    return {"others": _same_level(one, on), "initial": {"into": one.code, "on": on}}


def _parts(one: Organisation, on: date) -> dict[str, Any]:
    return {"codes": free_codes(one.parent_code, like=one.code, n=asking.PARTS - 1), "initial": {"on": on}}


def _parents(one: Organisation, on: date) -> dict[str, Any]:
    rows = Organisation.objects.as_of(on).within(one.code[:6]).exclude(code=one.parent_code)
    if one.level == Level.BODY:
        rows = rows.filter(level__in=_DIVISIONS)
    else:
        rows = rows.filter(level=Level.SUBDISTRICT if one.level == Level.COMMUNITY else Level.COMMUNITY)

    def free(parent: str) -> str:
        return free_codes(parent, like=one.code)[0]

    return {"parents": list(rows.order_by("code")), "free": free, "initial": {"on": on}}


_CARRIED = "在任人员和角色会从生效日起归到新代码；之前的记录留在原处。这一步不能撤销，只能再办一次变更。"
STEPS = {
    "add": Step("添加下级机构", asking.AddForm, _add, _DIVISIONS, _next_child),
    "body": Step("添加单位", asking.BodyForm, _add_body, _DIVISIONS),
    "rename": Step("更名", asking.RenameForm, _rename, more=_today),
    "merge": Step("合并", asking.MergeOrganisationsForm, _merge, _SMALL, _others, f"确定合并？{_CARRIED}"),
    "split": Step("拆分", asking.SplitForm, _split, _SMALL, _parts, f"确定拆分？{_CARRIED}"),
    "move": Step("划转", asking.MoveForm, _move, _SMALL, _parents, f"确定划转？{_CARRIED}"),
    "close": Step("撤销机构", asking.CloseForm, _close, more=_today, sure="确定撤销这个机构？沿革会保留，但不能恢复。"),
}


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """One change at one organisation, as STEPS says."""
    on = timezone.localdate()
    one = get_organisation_for(request.user, code, on)
    check(request.user, CHANGE_ORGANISATIONS, code)
    if what not in STEPS or one.level not in STEPS[what].levels:
        raise Http404
    step = STEPS[what]
    form = step.form(request.POST or None, one=one, **step.more(one, on))
    back = reverse("people:organisation", args=[code])
    if done(form, lambda **data: step.act(one, request.user, **data)):
        messages.success(request, f"已登记：{step.title}。")
        return redirect(back)
    context = {
        "form": form,
        "title": f"{one.name}：{step.title}",
        "button": step.title,
        "back": back,
        "sure": step.sure,
        "path": [("组织", reverse("people:organisations")), *crumbs(request.user, code, on), (step.title, "")],
    }
    return render(request, "people/form.html", context)
