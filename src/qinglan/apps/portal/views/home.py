"""The home page and the first run of an empty system."""

import csv
from functools import cache

import rules
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from qinglan.apps.people.actions.organisation_load import DISTRICTS
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import VIEW_PEOPLE, codes_for
from qinglan.apps.portal import actions
from qinglan.apps.portal.forms import FirstRunForm
from qinglan.apps.portal.queries import home as queries

# What a first run offers; the rest of a pack's life has its own pages.
PACKS = [
    ("jianghan", "江汉区"),
    ("xuhui", "徐汇区"),
    ("wangzhuang", "新吴区旺庄街道"),
    ("chengzhong", "城中区"),
    ("blueprint", "路径蓝图（通用）"),
    ("taoyuan", "桃源区（虚构，试用）"),
]


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where everybody arrives: an office sees its people in figures, a worker her own page, an empty system its set-up."""
    if not request.user.is_authenticated:
        return redirect_to_login("/") if User.objects.exists() else redirect("portal:setup")
    user = request.user
    if not codes_for(user, VIEW_PEOPLE):
        if user.person_id is not None:
            return redirect("portal:growth")
        return render(request, "portal/nothing.html", {})
    on = timezone.localdate()
    places = queries.by_place(user, on)
    context = {
        "on": on,
        "roots": queries.roots(user, on),
        "people": queries.headcount(user, on),
        "places": places,
        "posts": queries.by_post(user, on),
        "certificates": queries.by_certificate(user, on),
        "import_url": reverse("facts:imports") if rules.has_perm("facts.import", user) else "",
    }
    return render(request, "portal/home.html", context)


@cache
def _districts() -> list[tuple[str, str]]:
    """The shipped districts as (code, full name)."""
    with DISTRICTS.open(encoding="utf-8-sig", newline="") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    return [
        (code, f"{names.get(code[:2], '')}{names[code[:4]] if names.get(code[:4]) != '市辖区' else ''}{name}")
        for code, name in names.items()
        if len(code) == 6
    ]


@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """The first run: only while nobody has an account; afterwards this page does not exist."""
    if User.objects.exists():
        raise Http404
    form = FirstRunForm(request.POST or None, districts=_districts(), packs=PACKS)
    if form.is_valid():
        data = form.cleaned_data
        try:
            user = actions.first_run(
                username=data["username"],
                name=data["name"],
                password=data["password"],
                district=data["district"],
                pack=data["pack"],
                today=timezone.localdate(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            messages.success(request, "系统已经建好。接下来导入本区的花名册。")
            return redirect("portal:home")
    return render(request, "portal/setup.html", {"form": form})
