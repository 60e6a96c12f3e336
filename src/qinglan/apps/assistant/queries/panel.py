"""The worker's panel: where she stands, and where her own figures are. It knows her organisation and nothing else about her: what is
answered comes from cards, and her own numbers stay on her own pages."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.db.models import QuerySet

from qinglan.apps.assistant.models import HandOver
from qinglan.apps.assistant.queries.places import COMMUNITY_DIGITS, Place, place_of
from qinglan.apps.people.permissions import grants_of

DIGITS = re.compile(r"[0-9]*", re.ASCII)
SHOWN = 20  # of her own hand-overs, the newest
# What a question of her own is about, and the page on which she finds hers.
PAGES = (
    (re.compile(r"工资|薪|津贴|补贴|奖金|扣款|个税|公积金|社保|到手|发多少|钱"), "pay:own", "我的工资条"),
    (re.compile(r"等级|几档|几级|晋升|考核|得分|分数|学时|培训|证书|轮岗|星级|层级|等次"), "portal:growth", "我的成长"),
    (re.compile(r"异议|申诉|诉求|投诉|算错|少算|维权"), "rights:mine", "我的诉求"),
)


def place_for(user: Any, on: date) -> Place:
    """The place of her nearest role in force, without one that of her post; without either none is known. At most two queries."""
    codes = sorted((grant.org_code for grant in grants_of(user)), key=len, reverse=True)
    if not codes and user.person_id:
        codes = [user.person.org_code]
    found = DIGITS.match(codes[0]) if codes else None
    code = found.group()[:COMMUNITY_DIGITS] if found else ""
    return place_of(code, on) or place_of(code[:6], on) or Place()


def own_pages(user: Any, question: str) -> list[tuple[str, str]]:
    """(view, label) of her own pages that a question is about; nothing is read for it."""
    if not user.person_id:
        return []
    return [(view, label) for pattern, view, label in PAGES if pattern.search(question)]


def asked_by(user: Any) -> QuerySet[HandOver]:
    """What she handed over herself and is not yet forgotten, the newest first."""
    return HandOver.objects.filter(asked_by=user).select_related("taken_by").order_by("-pk")[:SHOWN]
