"""The district's knowledge cards: the list, a card as it stands and as a resident reads it, its versions and where two differ."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from qinglan.apps.assistant import permissions
from qinglan.apps.assistant.forms.cards import CardFilterForm
from qinglan.apps.assistant.models import CardVersion
from qinglan.apps.assistant.queries import card_content, card_words, cards, city
from qinglan.apps.assistant.queries.knowledge import city_of, pack_of
from qinglan.apps.assistant.queries.measuring import changes_nothing, measured, summary
from qinglan.apps.assistant.queries.updates import Update, update_of
from qinglan.apps.assistant.tables.cards import CardTable
from qinglan.apps.assistant.views.frame import district_of, districts_of, number_in, trail
from qinglan.apps.base.models import ReleaseState
from qinglan.apps.base.tables import page_of, workbook
from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.deciding import preview


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All cards of a district, with filters and export."""
    districts = districts_of(request)
    district, today = district_of(request, districts), timezone.localdate()
    chosen = CardFilterForm(request.GET or None, districts=districts)
    rows = cards.standings(district, today)
    found = cards.narrowed(rows, chosen.given(), today)
    table = page_of(request, CardTable(found, district=district, today=today, request=request))
    if request.GET.get("export"):
        return workbook(table, "知识卡", f"{districts[district]}，截至 {today.isoformat()}")
    sums = [
        ("全部卡片", len(rows), ""),
        ("本区改过", sum(one.own is not None for one in rows), "own"),
        ("程序已更新", sum(one.updated for one in rows), "updated"),
        ("因地而异未填", sum(one.unfilled > 0 and one.answers for one in rows), "unfilled"),
        ("超过一年未核对", sum(one.old(today) for one in rows), "old"),
        ("有草稿或待发布", sum(bool(one.waiting) for one in rows), "waiting"),
    ]
    context = {
        "table": table, "chosen": chosen, "district": district, "place": districts[district], "sums": sums,
        "path": trail(district),
    }  # fmt: skip
    return render(request, "assistant/cards.html", context)


def standing_or_404(request: HttpRequest, card_key: str) -> tuple[str, str, cards.Standing]:
    """(district, its name, the card); 404 where the district has no such card."""
    districts = districts_of(request)
    district = district_of(request, districts)
    found = cards.standing_of(district, card_key, timezone.localdate())
    if found is None:
        raise Http404
    return district, districts[district], found


@login_required
@require_GET
def card(request: HttpRequest, card_key: str) -> HttpResponse:
    """One card: in words, as it is read, what varies by city, its versions."""
    district, place, one = standing_or_404(request, card_key)
    today = timezone.localdate()
    versions = list(cards.versions_of(district, one.key))
    words = card_words.in_words(one.card)
    context = {
        "one": one, "card": one.card, "district": district, "place": place, "old": one.old(today),
        "words": words, "unwritten": [label for label, lines in words.items() if not lines], "update": _update(one),
        "settling": _settling(one), "ways": card_words.ways(one.card),
        "reply": preview(one.card, today=today, city=city_of(district, today), pack=pack_of(district, today)),
        "fields": city.fields_of(one.card, district, today),
        "versions": [_version_row(version, one) for version in versions],
        "path": trail(district, one.card.title),
    }  # fmt: skip
    return render(request, "assistant/card.html", context)


def _update(one: cards.Standing) -> Update | None:
    """What the program's card says anew and the district has not looked at yet."""
    return update_of(one.seen, one.card, one.shipped) if one.updated and one.shipped is not None else None


def _settling(one: cards.Standing) -> CardVersion | None:
    """The version on its way that was written with that update before its maker."""
    return next((row for row in one.waiting if one.updated and settles(row, one)), None)


def settles(row: CardVersion, one: cards.Standing) -> bool:
    return card_content.read(row.content).shipped == one.shipped


def _version_row(version: CardVersion, one: cards.Standing) -> dict[str, Any]:
    kinds = {
        ReleaseState.DRAFT: "plain", ReleaseState.SUBMITTED: "warn", ReleaseState.RELEASED: "good",
        ReleaseState.WITHDRAWN: "bad",
    }  # fmt: skip
    current = one.own is not None and one.own.pk == version.pk
    return {"version": version, "kind": kinds[ReleaseState(version.state)], "current": current}


@login_required
@require_GET
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version of a card: what it says, where it differs from another, who did what, what may be done."""
    row = permissions.get_version_for(request.user, version_id)
    today = timezone.localdate()
    one = cards.standing_of(row.org_code, row.key, today)
    if one is None:
        raise Http404
    shown, others = cards.card_of(row), cards.versions_of(row.org_code, row.key).exclude(pk=row.pk)
    chosen, against, other = _against(request, row, one)
    moves = permissions.card_moves(request.user, row)
    waiting = row.state in cards.OPEN
    context = {
        "row": row, "one": one, "card": shown, "district": row.org_code, "others": others, "against": against, "chosen": chosen,
        "changes": card_words.compared(other, None if row.retired else shown), "shipped": one.shipped is not None,
        "reply": preview(shown, today=today, city=city_of(row.org_code, today), pack=pack_of(row.org_code, today)),
        "overtaken": cards.overtaken(row) if waiting else None,
        "moves": moves, "blocked": any(each["why_not"] for each in moves),
        "waiting": waiting, "same": waiting and changes_nothing(row, today),
        "update": _update(one) if waiting and settles(row, one) else None,
        "measured": summary(measured(row, today)) if waiting else None,
        "path": trail(row.org_code, (shown.title, _card_address(row)), f"第 {row.pk} 版"),
    }  # fmt: skip
    return render(request, "assistant/version.html", context)


def _card_address(row: CardVersion) -> str:
    return f"{reverse('assistant:card', args=[row.key])}?district={row.org_code}"


def _against(request: HttpRequest, row: CardVersion, one: cards.Standing) -> tuple[str, str, Card | None]:
    """(what asks for it, name, card) of what a version is held against: the one asked for, else what stood before it."""
    asked = request.GET.get("against", "")
    if asked == "shipped":
        return asked, "随系统的卡片", one.shipped
    rows = cards.versions_of(row.org_code, row.key).exclude(pk=row.pk)
    if asked:
        other = rows.filter(pk=number_in(asked) or 0).first()
    elif row.state in cards.OPEN:
        other = one.own if one.own is not None and one.own.pk != row.pk else None
    else:
        other = rows.filter(state=ReleaseState.RELEASED, pk__lt=row.pk).first()
    if other is not None:
        return str(other.pk), f"第 {other.pk} 版", None if other.retired else cards.card_of(other)
    return ("shipped", "随系统的卡片", one.shipped) if one.shipped is not None else ("", "", None)
