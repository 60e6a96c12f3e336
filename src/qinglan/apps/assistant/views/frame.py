"""What the officer's pages share: which district, the path above the heading, an action tried with its refusal told."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from qinglan.apps.assistant import permissions
from qinglan.apps.people.queries import organisations as places

Path = list[tuple[str, str]]


def districts_of(request: HttpRequest) -> dict[str, str]:
    """Code -> name of the districts whose cards she keeps. PermissionDenied when there is none."""
    codes = permissions.districts_to_keep(request.user)
    if not codes:
        raise PermissionDenied("知识卡由区级管理员维护。")
    names = places.names(codes, timezone.localdate())
    return {code: names.get(code, code) for code in codes}


def district_of(request: HttpRequest, districts: dict[str, str]) -> str:
    """The district that the address names, else her first. One that is not hers does not exist."""
    asked = request.GET.get("district") or next(iter(districts))
    if asked not in districts:
        raise Http404
    return asked


def number_in(text: str) -> int | None:
    """The row's number that an address names; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def trail(district: str, *last: tuple[str, str] | str) -> Path:
    """The path from the home page by the list of cards."""
    rest = [(one, "") if isinstance(one, str) else one for one in last]
    return [("总览", "/"), ("知识卡", f"{reverse('assistant:cards')}?district={district}" if rest else ""), *rest]
