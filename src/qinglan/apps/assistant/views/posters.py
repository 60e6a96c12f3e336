"""The sheet that hangs at the door: the address of a place's question page as a code to scan."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import qrcode
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from qinglan.apps.assistant import permissions
from qinglan.apps.assistant.forms.posters import PlaceFilterForm
from qinglan.apps.assistant.queries.places import below
from qinglan.apps.assistant.tables.posters import PlaceTable
from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.models import Organisation
from qinglan.apps.people.queries.organisations import codes_above, names

_PATH = [("总览", "/"), ("提问二维码", "/assistant/qr/")]
MOST_SHEETS = 100
ONLY_HERE = ("localhost", "127.0.0.1", "::1", "[::1]")


@dataclass(frozen=True)
class Sheet:
    """`size` modules a side, the quiet zone included; `path` draws the dark ones, one unit each."""

    name: str
    above: str
    address: str
    size: int
    path: str


@login_required
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The places whose sheet she may print."""
    places = permissions.places_to_post_for(request.user, timezone.localdate())
    if not permissions.codes_to_post(request.user):
        raise PermissionDenied("提问二维码由区、街道、社区的工作人员打印。")
    asked = PlaceFilterForm(request.GET)
    text = asked.cleaned_data["q"].strip() if asked.is_valid() else ""
    if text:
        places = places.filter(Q(code__startswith=text) if text.isdigit() else Q(name__contains=text))
    table = page_of(request, PlaceTable(places.order_by("code"), home=_home(request), request=request))
    if request.GET.get("export"):
        return workbook(table, "提问地址")
    return render(
        request, "assistant/posters.html",
        {"table": table, "asked": asked, "only_here": _only_here(request), "path": [_PATH[0], (_PATH[1][0], "")]},
    )  # fmt: skip


@login_required
@require_GET
def sheet(request: HttpRequest, place: str) -> HttpResponse:
    """One sheet to print, or with ?below=1 one for each place right below."""
    today = timezone.localdate()
    one = permissions.get_place_to_post_for(request.user, place, today)
    several = request.GET.get("below") == "1"
    chosen = below(one.code, today)[:MOST_SHEETS] if several else [one]
    known = names({code for found in chosen for code in codes_above(found.code)}, today)
    context = {
        "place": one,
        "several": several,
        "sheets": [_sheet(request, found, known) for found in chosen],
        "more": not several and len(one.code) < max(permissions.POSTED_DIGITS) and bool(below(one.code, today)),
        "days": settings.ASSISTANT_DAYS,
        "only_here": _only_here(request),
        "path": [*_PATH, (one.name, "")],
    }
    return render(request, "assistant/poster.html", context)


def _home(request: HttpRequest) -> str:
    """The site's address as residents reach it: the one that is set, else the one by which this page was opened."""
    return settings.SITE_ADDRESS or request.build_absolute_uri("/").rstrip("/")


def _only_here(request: HttpRequest) -> str:
    """The address, if no other machine can reach it."""
    home = _home(request)
    return home if urlsplit(home).hostname in ONLY_HERE else ""


def _sheet(request: HttpRequest, place: Organisation, known: dict[str, str]) -> Sheet:
    address = _home(request) + reverse("assistant:resident", args=[place.code])
    above = [
        known[code] for code in codes_above(place.code)[:-1] if code in known and len(code) in permissions.POSTED_DIGITS
    ]
    return Sheet(place.name, " ".join(above), address, *drawn(address))


def drawn(text: str) -> tuple[int, str]:
    """A text as a QR code: modules a side with the quiet zone, and an SVG path of the dark ones. Correction M: 15 % may be lost."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    parts = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                parts.append(f"M{x} {y}h{run - x}v1h-{run - x}z")
            x = run + 1
    return len(rows), "".join(parts)
