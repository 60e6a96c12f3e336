"""Pages that write to people's records: one small page a change, each with its date, all through one view."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qinglan.apps.people.actions import certificates, employment, persons, postings
from qinglan.apps.people.forms import people as asking
from qinglan.apps.people.models import Organisation, Person
from qinglan.apps.people.permissions import CHANGE_PEOPLE, check_anywhere, codes_for, get_person_for
from qinglan.apps.people.views.frame import crumbs, done


def _places(user: Any, on: date, within: str = "") -> list[Organisation]:
    """Where the user may put people: the organisations of her scope, of one district if told."""
    found = Organisation.objects.as_of(on).within_any(codes_for(user, CHANGE_PEOPLE))
    if within:
        found = found.within(within)
    return list(found.filter(code__regex=r"^[0-9]{6}").order_by("code").only("code", "name"))


@dataclass(frozen=True)
class Change:
    """One kind of change of a person: its page's title, the words of its button, its form and action.

    `dated`: the action asks which day today is. `more`: what else its form needs, given user, person and today."""

    title: str
    button: str
    form: type[forms.Form]
    act: Callable[..., Any]
    dated: bool = False
    more: Callable[[Any, Person, date], dict[str, Any]] = lambda user, person, today: {}


def _fields(user: Any, person: Person, today: date) -> dict[str, Any]:
    names = ("name", "sex", "birth", "nation", "party", "education", "sw_major", "willing")
    return {"person": person, "today": today, "initial": {name: getattr(person, name) for name in names}}


def _post(user: Any, person: Person, today: date) -> dict[str, Any]:
    places = _places(user, today, person.district_code)
    return {"places": places, "initial": {"org_code": person.org_code, "since": today}}


def _begin(user: Any, person: Person, today: date) -> dict[str, Any]:
    codes = [person.district_code, person.org_code[:9]]
    employers = Organisation.objects.as_of(today).filter(code__in=codes).order_by("code")
    return {"employers": list(employers), "initial": {"entry_date": today, "recognised_months": 0}}


def _status(user: Any, person: Person, today: date) -> dict[str, Any]:
    return {"places": _places(user, today, person.district_code), "initial": {"since": today}}


def _from_today(name: str) -> Callable[[Any, Person, date], dict[str, Any]]:
    return lambda user, person, today: {"initial": {name: today}}


CHANGES = {
    "fields": Change("更正基本情况", "保存", asking.PersonFieldsForm, persons.update, True, _fields),
    "post": Change("登记任职", "登记任职", asking.PostForm, postings.assign, True, _post),
    "begin": Change("办理入职", "登记入职", asking.BeginForm, employment.begin, more=_begin),
    "leave": Change("办理离任", "登记离任", asking.LeaveForm, employment.end, more=_from_today("last_day")),
    "status": Change("登记状态", "登记状态", asking.StatusForm, employment.set_status, more=_status),
    "certificate": Change("登记证书", "登记证书", asking.CertificateForm, certificates.add),
    "schooling": Change("登记学历", "登记学历", asking.SchoolingForm, certificates.add_schooling),
    "grade": Change("登记等级", "登记等级", asking.GradeForm, employment.hold_grade, more=_from_today("since")),
}


def _page(request: HttpRequest, person: Person, form: forms.Form, title: str, button: str) -> HttpResponse:
    back = reverse("people:person", args=[person.pk])
    context = {
        "form": form,
        "title": f"{person.name}：{title}",
        "button": button,
        "back": back,
        "path": [*crumbs(request.user, person.org_code, timezone.localdate()), (person.name, back), (title, "")],
    }
    return render(request, "people/form.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, person_id: int, what: str) -> HttpResponse:
    """One change of one person's record, as CHANGES says."""
    today = timezone.localdate()
    person = get_person_for(request.user, person_id, CHANGE_PEOPLE)
    if what not in CHANGES:
        raise Http404
    kind = CHANGES[what]
    form = kind.form(request.POST or None, **kind.more(request.user, person, today))

    def act(**data: Any) -> None:
        kind.act(person=person, by=request.user, **data, **({"today": today} if kind.dated else {}))

    if done(form, act):
        messages.success(request, f"已保存：{kind.title}。")
        return redirect("people:person", person.pk)
    return _page(request, person, form, kind.title, kind.button)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def end_post(request: HttpRequest, person_id: int, posting_id: int) -> HttpResponse:
    """The end of one running post."""
    person = get_person_for(request.user, person_id, CHANGE_PEOPLE)
    posting = get_object_or_404(person.postings, pk=posting_id)
    form = asking.EndPostForm(request.POST or None, initial={"on": timezone.localdate()})
    if done(form, lambda on: postings.end(posting=posting, on=on, by=request.user)):
        messages.success(request, f"已登记：{posting.label}任职结束。")
        return redirect("people:person", person.pk)
    return _page(request, person, form, f"结束任职（{posting.label}，{posting.since} 起）", "登记结束")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, person_id: int, certificate_id: int) -> HttpResponse:
    """A certificate registered again."""
    person = get_person_for(request.user, person_id, CHANGE_PEOPLE)
    certificate = get_object_or_404(person.certificates, pk=certificate_id)
    form = asking.RenewForm(request.POST or None, initial={"registered_until": certificate.registered_until})
    if done(form, lambda **data: certificates.renew(certificate=certificate, by=request.user, **data)):
        messages.success(request, "已延长证书登记的有效期。")
        return redirect("people:person", person.pk)
    return _page(request, person, form, f"再登记（{certificate.get_level_display()}）", "保存")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new record by hand; many at once come by the roster's import."""
    check_anywhere(request.user, CHANGE_PEOPLE)
    today = timezone.localdate()
    places = _places(request.user, today)
    form = asking.NewPersonForm(
        request.POST or None, today=today, places=places, initial={"org_code": request.GET.get("org", "")}
    )
    opened: list[Person] = []

    def act(**data: Any) -> None:
        opened.append(employment.take_on(by=request.user, today=today, **data))

    if done(form, act):
        messages.success(request, f"已为{opened[0].name}建档。")
        return redirect("people:person", opened[0].pk)
    people = reverse("people:persons")
    context = {
        "form": form,
        "title": "新增人员",
        "lead": "一次增加多人，用花名册导入更快。",
        "button": "建档",
        "back": people,
        "path": [("总览", "/"), ("人员", people), ("新增", "")],
    }
    return render(request, "people/form.html", context)
