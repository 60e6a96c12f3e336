"""The page of what was asked and not answered, by meaning: a group becomes ways of asking of a card, a card, or is left."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qinglan.apps.assistant import permissions
from qinglan.apps.assistant.actions import learning as actions
from qinglan.apps.assistant.forms.learning import OpenForm
from qinglan.apps.assistant.models import Question
from qinglan.apps.assistant.queries import clusters
from qinglan.apps.assistant.queries.knowledge import known
from qinglan.apps.assistant.states import Outcome, Thumb
from qinglan.apps.assistant.views.frame import district_of, districts_of, number_in, trail
from qinglan.apps.base.tables import workbook
from qinglan.apps.base.templatetags.figures import moment
from qinglan.core.retrieval.deciding import Answerer

GROUPS = 10  # a page
SHOWN = 8  # questions of a group that stand open
MOST_TAKEN = 200  # questions that one draft takes up
COLOURS = {Outcome.ANSWERED: "good", Outcome.ASKS: "info", Outcome.REFUSED: "plain", Outcome.HANDED_OVER: "warn"}


@login_required
@never_cache
@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    """Groups of open questions, the largest first. `export`: every question with its group."""
    districts = districts_of(request)
    district = district_of(request, districts)
    chosen = OpenForm(request.GET)
    words, days = chosen.said
    answerer = known(district, timezone.localdate()).answerer
    index = answerer.index
    rows = clusters.open_questions(permissions.questions_for(request.user), district, index, days)
    found = clusters.grouped(rows, index)
    if words:
        found = [one for one in found if any(words in each.text for each in one)]
    if request.GET.get("export"):
        return workbook(
            _rows(found), "没有答好的提问", f"{districts[district]}，最近 {days} 天；提问已隐去号码，不含提问人"
        )
    page = Paginator(found, GROUPS).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "chosen": chosen, "page": page, "groups": [_shown(number, one, answerer) for number, one in enumerate(page, start=page.start_index())],
        "count": sum(map(len, found)), "titles": [card.title for card in index.cards], "days": days, "words": words,
        "district": district, "districts": districts, "path": trail(district, "没有答好的提问"), "full": len(rows) >= clusters.MOST,
    }  # fmt: skip
    return render(request, "assistant/learning/groups.html", context)


def _shown(number: int, group: list[Question], answerer: Answerer) -> dict[str, Any]:
    rows = [
        {
            "row": row, "outcome": row.get_outcome_display(), "colour": COLOURS[Outcome(row.outcome)],
            "down": row.thumb == Thumb.DOWN, "guess": row.card_title,
        }
        for row in group
    ]  # fmt: skip
    return {
        "number": number,
        "near": clusters.nearest(group, answerer),
        "first": rows[:SHOWN],
        "rest": rows[SHOWN:],
        "size": len(rows),
    }


def _rows(found: list[list[Question]]) -> list[list[Any]]:
    lines: list[list[Any]] = [["组", "组内问题数", "问题", "结果", "评价", "时间"]]
    for number, group in enumerate(found, start=1):
        lines += [
            [number, len(group), row.text, row.get_outcome_display(), row.get_thumb_display(), moment(row.at)]
            for row in group
        ]
    return lines


@login_required
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """What is done with the chosen questions: `move` is card (with its title or number in `card`), new or leave; or `to` is the number
    of a card that was offered."""
    districts = districts_of(request)
    district = request.POST.get("district", "")
    if district not in districts:
        raise Http404
    numbers = _chosen(request, district)
    back = redirect(f"{reverse('assistant:learning')}?{urlencode({'district': district})}")
    move = request.POST.get("move", "")
    if not numbers:
        messages.error(request, "请先勾选至少一个问题。")
        return back
    if move == "leave":
        count = actions.leave(district=district, numbers=numbers, by=request.user)
        messages.success(request, f"已移出 {count} 个问题，以后不再列出。")
        return back
    if len(numbers) > MOST_TAKEN:
        messages.warning(request, f"一次最多放进 {MOST_TAKEN} 个问题，其余的留在原处。")
    query = urlencode({"district": district, "questions": ",".join(map(str, numbers[:MOST_TAKEN]))})
    if move == "new":
        return redirect(f"{reverse('assistant:card-new')}?{query}")
    named = request.POST.get("to") or request.POST.get("card", "")
    key = clusters.card_named(named, known(district, timezone.localdate()).answerer.index)
    if not key:
        messages.error(request, "没有这张卡片；请从列表里选一个标题，或写卡片编号。")
        return back
    return redirect(f"{reverse('assistant:card-edit', args=[key])}?{query}")


def _chosen(request: HttpRequest, district: str) -> list[int]:
    """Those of the ticked questions that are there and hers."""
    asked = [number for one in request.POST.getlist("q") if (number := number_in(one)) is not None]
    rows: Any = permissions.questions_for(request.user).filter(
        pk__in=asked[: clusters.MOST], talk__org_code__startswith=district
    )
    found = Question.objects.filter(pk__in=rows).order_by("pk").values_list("pk", flat=True)
    return list(found)
