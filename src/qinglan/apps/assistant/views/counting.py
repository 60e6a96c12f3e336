"""The page of counts: what was asked by day, card, channel and place, how much of it was answered, and whether it helped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from qinglan.apps.assistant.forms.learning import CountForm
from qinglan.apps.assistant.models import Tally
from qinglan.apps.assistant.queries import counting
from qinglan.apps.assistant.queries.measuring import cards_of
from qinglan.apps.assistant.tables.counting import CountTable
from qinglan.apps.assistant.views.frame import district_of, districts_of, trail
from qinglan.apps.base.tables import page_of, workbook
from qinglan.apps.people.queries.organisations import codes_above, names

DISTRICT_DIGITS = 6
LAST = 30  # days that are shown at first


@login_required
@never_cache
@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """Counts of one district. `export`: the table as a workbook."""
    districts, today = districts_of(request), timezone.localdate()
    district = district_of(request, districts)
    rows = Tally.objects.within(district)
    codes = set(rows.order_by().values_list("org_code", flat=True).distinct())
    places = {code for one in codes for code in codes_above(one) if len(code) > DISTRICT_DIGITS}
    called = names({*codes, *places}, today)
    first = {"since": str(today - timedelta(days=LAST - 1)), "until": str(today)}
    given = {} if request.GET.get("until") else first
    chosen = CountForm(
        given | {name: said for name, said in request.GET.items() if said}, today=today, places={code: called.get(code, code) for code in sorted(places)}
    )  # fmt: skip
    if chosen.is_valid():
        said = chosen.cleaned_data
    else:
        fresh = CountForm({}, today=today, places={})
        fresh.is_valid()
        said = fresh.cleaned_data
    since, until, by = said["since"], said["until"], said["by"] or "day"
    rows = rows.within(said["place"] or district).filter(day__gte=since, day__lte=until)
    rows = rows.filter(**{key: said[key] for key in ("channel", "outcome") if said[key]})
    if by == "card_key":
        called |= {card.key: card.title for card in cards_of(district, today)}
    table = page_of(request, CountTable(counting.rows_by(rows, by), by=by, called=called, request=request))
    if request.GET.get("export"):
        return workbook(table, "提问统计", f"{districts[district]}，{since} 至 {until}；只有次数，不含提问人和提问内容")
    context = {
        "table": table, "chosen": chosen, "stats": _stats(counting.totals(rows)), "chart": counting.over_time(rows, since, until),
        "since": since, "until": until, "district": district, "districts": districts, "path": trail(district, "提问统计"),
    }  # fmt: skip
    return render(request, "assistant/learning/counts.html", context)


def _stats(total: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(label, value, unit, remark) of the figures at the top."""
    share = "—" if total["share"] is None else f"{total['share']:.1%}"
    rated = total["up"] + total["down"]
    return [
        ("提问", f"{total['asked']:,}", "个", ""),
        ("已回答", share, "", f"{total['n_answered']:,} 个；另请补充 {total['n_asks_back']:,} 个"),
        ("转人工", f"{total['n_handed_over']:,}", "个", f"未作答 {total['n_refused']:,} 个"),
        (
            "有帮助",
            f"{total['up'] / rated:.1%}" if rated else "—",
            "",
            f"{rated:,} 人评价，{total['down']:,} 人说没有帮助",
        ),
    ]
