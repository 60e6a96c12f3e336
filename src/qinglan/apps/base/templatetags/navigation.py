"""The navigation along the life cycle. An entry stands here once; it shows when its page exists and the user may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rules
from django import template
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.urls import NoReverseMatch, reverse

register = template.Library()


@dataclass(frozen=True)
class Entry:
    """One place in the navigation: its page's name, its word and icon.

    `permission` is asked of the user alone, without a row. `within`: the page under whose place it stands, not in the first row."""

    view: str
    label: str
    icon: str
    permission: str = ""
    on_phone: bool = False
    own: bool = False  # only for those who have a person record of their own
    within: str = ""


# In the order of the life cycle; what stands around it first and last.
ENTRIES = (
    Entry("portal:home", "总览", "home", permission="people.list_people", on_phone=True),
    Entry("portal:growth", "我的成长", "person", own=True, on_phone=True),
    Entry("portal:cockpit", "概况", "chart", permission="portal.open_cockpit"),
    Entry("people:organisations", "组织", "organisation", on_phone=True),
    Entry("people:persons", "人员", "people", permission="people.list_people", on_phone=True),
    Entry("facts:list", "事实台账", "facts", permission="people.list_people"),
    Entry("facts:imports", "导入", "import", permission="facts.import"),
    Entry("policy:results", "年度结果", "results", permission="people.list_people", on_phone=True),
    Entry("pay:months", "月度工资", "money", permission="pay.see"),
    Entry("pay:own", "我的工资条", "money", own=True),
    Entry("rights:mine", "我的诉求", "flag", own=True),
    Entry("rights:desk", "诉求办理", "flag", permission="rights.desk"),
    Entry("assistant:panel", "问答助手", "help", on_phone=True),
    Entry("assistant:desk", "居民提问", "people", permission="assistant.answer", within="assistant:panel"),
    Entry("assistant:cards", "知识卡", "facts", permission="assistant.keep", within="assistant:panel"),
    Entry("assistant:city", "因地而异", "organisation", permission="assistant.keep", within="assistant:panel"),
    Entry("assistant:learning", "没答上的", "flag", permission="assistant.keep", within="assistant:panel"),
    Entry("assistant:evaluations", "评测", "results", permission="assistant.keep", within="assistant:panel"),
    Entry("assistant:counts", "提问统计", "chart", permission="assistant.keep", within="assistant:panel"),
    Entry("assistant:qr", "二维码", "print", permission="assistant.answer", within="assistant:panel"),
    Entry("policy:packs", "政策包", "pack"),
    Entry("policy:what-if", "试算", "calculator", permission="policy.rehearse"),
    Entry("rehearsal:list", "推演", "history", permission="rehearsal.see"),
    Entry("rehearsal:studies", "专题研究", "chart", permission="rehearsal.see"),
    Entry("people:accounts", "用户", "key", permission="people.keep_accounts"),
    Entry("exchange:tokens", "接口", "link", permission="exchange.keep_webhooks"),
    Entry("erasure:list", "信息删除", "lock", permission="erasure.see"),
    Entry("people:log", "审计", "audit", permission="people.view_log"),
)


def _url(view: str) -> str:
    """The address of a page, or nothing while it does not exist."""
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def entries_for(user: AbstractUser | AnonymousUser, current: str, within: str = "") -> list[dict[str, Any]]:
    """The entries that this user sees in the first row, or in the row under `within`; the one that holds the page `current` (a path)
    marked: that with the longest address."""
    if not user.is_authenticated:
        return []
    shown: list[dict[str, Any]] = []
    for entry in ENTRIES:
        url = _url(entry.view) if within in (entry.within, entry.view) else ""
        if not url or (entry.permission and not rules.has_perm(entry.permission, user)):
            continue
        if entry.own and getattr(user, "person_id", None) is None:
            continue
        shown.append({"entry": entry, "url": url, "here": False})
    fitting = [one for one in shown if current == one["url"] or (one["url"] != "/" and current.startswith(one["url"]))]
    if fitting:
        max(fitting, key=lambda one: len(one["url"]))["here"] = True
    return shown


def second_row(
    places: Sequence[dict[str, Any]], user: AbstractUser | AnonymousUser, current: str
) -> list[dict[str, Any]]:
    """The row under the place of `places` that holds this page; empty where nothing stands beside it."""
    here = next((one["entry"].view for one in places if one["here"]), "")
    if not any(entry.within == here for entry in ENTRIES if here):
        return []
    row = entries_for(user, current, here)
    return row if len(row) > 1 else []


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> Sequence[dict[str, Any]]:
    """The navigation of this request, for `{% navigation as places %}`."""
    request = context.get("request")
    user = context.get("user")
    if request is None or user is None:
        return []
    return entries_for(user, request.path)


@register.simple_tag(takes_context=True)
def beside(context: template.Context, places: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The second row of this request, for `{% beside places as row %}`."""
    request, user = context.get("request"), context.get("user")
    return [] if request is None or user is None else second_row(places, user, request.path)


@register.simple_tag
def address(view: str, *args: Any) -> str:
    """A page's address, empty when that part of the system is not there; lets a page link upwards without importing."""
    try:
        return reverse(view, args=args)
    except NoReverseMatch:
        return ""
