"""A card is mended: the form of the whole card, a file of cards, submit, return, release, withdraw, retire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qinglan.apps.assistant import permissions
from qinglan.apps.assistant.actions import cards as actions
from qinglan.apps.assistant.forms import drafts as forms
from qinglan.apps.assistant.models import CardVersion, HandOver, Question
from qinglan.apps.assistant.queries import card_checks, card_files, cards, city
from qinglan.apps.assistant.states import Handing
from qinglan.apps.assistant.views.cards import standing_or_404
from qinglan.apps.assistant.views.frame import district_of, districts_of, number_in, trail
from qinglan.apps.base.models import ReleaseMove
from qinglan.apps.people.views.frame import attempt
from qinglan.core.retrieval.cards import LEAST_QUESTIONS, Card

MOVES: Mapping[ReleaseMove, Callable[..., CardVersion]] = {
    ReleaseMove.SUBMIT: actions.submit,
    ReleaseMove.RETURN: actions.send_back,
    ReleaseMove.RELEASE: actions.release,
    ReleaseMove.WITHDRAW: actions.withdraw,
}
SAID = {
    ReleaseMove.SUBMIT: "已提交，请另一人看过不同之处后发布。",
    ReleaseMove.RETURN: "已退回为草稿，拟稿人已收到消息。",
    ReleaseMove.RELEASE: "已发布，助手从起始日起照它回答。",
    ReleaseMove.WITHDRAW: "已撤回。",
}
MOST_TAKEN = 200  # questions in an address


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A card of the district's own, begun from nothing, from an answer given by a person, or from what was asked."""
    districts = districts_of(request)
    district = _named(request, districts) or district_of(request, districts)
    hand_over, questions = _answered(request, district), _asked(request, district)
    initial = forms.initial_of(None, timezone.localdate())
    if hand_over is not None:
        initial |= {"answer": hand_over.answer, "q_plain": hand_over.text, "basis": f"人工答复 {hand_over.pk}"}
    if questions:
        initial["q_plain"] = "\n".join(dict.fromkeys(one.text for one in questions))
    return _draft(request, district, districts[district], None, initial, hand_over, questions)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, card_key: str) -> HttpResponse:
    """A card of the district, begun from her own draft, from a version that the address names, or from what stands."""
    district, place, one = standing_or_404(request, card_key)
    hand_over, questions = _answered(request, district), _asked(request, district)
    begun = _begun(request, one)
    initial = forms.initial_of(cards.card_of(begun) if begun else one.card, timezone.localdate())
    asked = [hand_over.text] if hand_over else []
    asked += [question.text for question in questions]
    if asked:
        initial["q_plain"] = "\n".join(dict.fromkeys([*initial["q_plain"].splitlines(), *asked]))
    return _draft(request, district, place, one, initial, hand_over, questions, begun)


def _begun(request: HttpRequest, one: cards.Standing) -> CardVersion | None:
    """The version that is written on: the one asked for, else her own draft unless another version came in between."""
    asked = request.GET.get("version", "")
    if asked:
        rows = permissions.versions_for(request.user).filter(key=one.key)
        return get_object_or_404(rows, pk=number_in(asked))
    hers = [row for row in one.waiting if row.state == "draft" and row.made_by_id == request.user.pk]
    return hers[0] if hers and not hers[0].retired and cards.overtaken(hers[0]) is None else None


def _named(request: HttpRequest, districts: Mapping[str, str]) -> str:
    """The district of the hand-over that the address names; "" where it names none or says the district itself."""
    number = number_in(request.GET.get("hand_over", ""))
    if number is None or request.GET.get("district"):
        return ""
    row = permissions.hand_overs_for(request.user).filter(pk=number).first()
    return row.org_code[:6] if row is not None and row.org_code[:6] in districts else ""


def _answered(request: HttpRequest, district: str) -> HandOver | None:
    """The answered hand-over that the address names; 404 when there is none, None when it names none."""
    asked = request.GET.get("hand_over", "")
    if not asked:
        return None
    rows = permissions.hand_overs_for(request.user).filter(org_code__startswith=district)
    return get_object_or_404(rows, pk=number_in(asked), state=Handing.ANSWERED, forgotten=False)


def _asked(request: HttpRequest, district: str) -> list[Question]:
    """The questions that the address names and that she may read; those forgotten meanwhile are left out."""
    named = map(number_in, request.GET.get("questions", "").split(","))
    numbers = [one for one in named if one is not None]
    if not numbers:
        return []
    rows = permissions.questions_for(request.user).filter(pk__in=numbers[:MOST_TAKEN])
    return list(rows.filter(talk__org_code__startswith=district).order_by("pk"))


def _draft(
    request: HttpRequest, district: str, place: str, one: cards.Standing | None, initial: dict[str, Any],
    hand_over: HandOver | None, questions: list[Question], begun: CardVersion | None = None,
) -> HttpResponse:  # fmt: skip
    shown = (cards.card_of(begun) if begun else one.card) if one else None
    form = forms.CardForm(request.POST or None, card=shown, initial=initial | {"base": one.mark if one else ""})
    laws = forms.LawForms(request.POST or None, prefix="law", initial=forms.law_rows(shown))
    fields = forms.FieldForms(request.POST or None, prefix="city", initial=forms.field_rows(shown))
    if request.method == "POST":
        made = _saved(request, district, form, laws, fields, hand_over, questions)
        if made is not None:
            messages.success(request, "已存为草稿。请看不同之处，再提交给另一人发布。")
            return redirect("assistant:card-version", made.pk)
    context = {
        "form": form, "laws": laws, "fields": fields, "one": one, "district": district, "place": place, "begun": begun,
        "hand_over": hand_over, "questions": questions, "least": LEAST_QUESTIONS,
        "path": trail(district, *_path(one, district), "修改" if one else "新建卡片"),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "assistant/draft.html", context, status=status)


def _path(one: cards.Standing | None, district: str) -> list[tuple[str, str]]:
    return [(one.card.title, f"{reverse('assistant:card', args=[one.key])}?district={district}")] if one else []


def _saved(
    request: HttpRequest, district: str, form: forms.CardForm, laws: Any, fields: Any, hand_over: HandOver | None,
    questions: list[Question],
) -> CardVersion | None:  # fmt: skip
    """The draft; None when something is wrong, which then stands beside its field."""
    if not all([form.is_valid(), laws.is_valid(), fields.is_valid()]):
        return None
    known = {one.label: one.name for one in city.fields(district, timezone.localdate())}
    card, problems = card_checks.read(form.plain(forms.laws_of(laws), forms.fields_of(fields, known)))
    form.place(problems)
    if card is None or problems:
        return None
    given = form.cleaned_data
    try:
        return actions.draft(
            district=district, card=card, since=given["since"], by=request.user, base=given["base"], note=given["note"],
            hand_over=hand_over, questions=questions,
        )  # fmt: skip
    except ValidationError as error:
        form.refuse(error)
        return None


@login_required
@require_POST
def move(request: HttpRequest, version_id: int) -> HttpResponse:
    """Make one move of a version."""
    row = permissions.get_version_for(request.user, version_id)
    form = forms.VersionMoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请从页面上的按钮办理；说明不超过 500 字。")
        return redirect("assistant:card-version", row.pk)
    asked = ReleaseMove(form.cleaned_data["move"])
    attempt(
        request, lambda: MOVES[asked](version=row, by=request.user, note=form.cleaned_data["note"]), SAID[asked]
    )  # fmt: skip
    return redirect("assistant:card-version", row.pk)


@login_required
@require_POST
def retire(request: HttpRequest, card_key: str) -> HttpResponse:
    """Draft that the card is answered no more."""
    district, _, one = standing_or_404(request, card_key)
    form = forms.RetireForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请写明自哪天起停用；说明不超过 500 字。")
    else:
        given = form.cleaned_data
        attempt(
            request,
            lambda: actions.retire(district=district, key=one.key, since=given["since"], by=request.user, note=given["note"]),
            "已拟停用的草稿。请提交给另一人发布，发布前仍照原样回答。",
        )  # fmt: skip
    return redirect(f"{reverse('assistant:card', args=[one.key])}?district={district}")


@login_required
@require_POST
def update(request: HttpRequest, card_key: str) -> HttpResponse:
    """What is done with the program's update of a card that the district has changed: `move` is take (as a draft) or keep."""
    district, _, one = standing_or_404(request, card_key)
    given: dict[str, Any] = {"district": district, "key": one.key, "by": request.user, "base": request.POST.get("base")}
    keeps = request.POST.get("move") == "keep"
    made: list[CardVersion] = []
    attempt(
        request,
        lambda: made.append((actions.keep_own if keeps else actions.take_over)(**given)),
        "已提交，请另一人看过程序的更新后发布。" if keeps else "已存为草稿。请看不同之处，再提交给另一人发布。",
    )  # fmt: skip
    if made:
        return redirect("assistant:card-version", made[0].pk)
    return redirect(f"{reverse('assistant:card', args=[one.key])}?district={district}")


@login_required
@require_GET
def as_file(request: HttpRequest, card_key: str) -> HttpResponse:
    """The card as it stands as a file."""
    _, place, one = standing_or_404(request, card_key)
    return _yaml([one.card], f"知识卡 {one.key} {place}")


@login_required
@require_GET
def all_as_file(request: HttpRequest) -> HttpResponse:
    """All cards that answer in the district today as one file."""
    districts = districts_of(request)
    district = district_of(request, districts)
    rows = cards.cards_on(district, timezone.localdate())
    return _yaml(list(rows.values()), f"知识卡 {districts[district]}")


def _yaml(rows: list[Card], name: str) -> HttpResponse:
    response = HttpResponse(card_files.written(rows), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.yaml"
    return response


@login_required
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest) -> HttpResponse:
    """Bring a file of cards in as drafts: all of them, or none and everything that is wrong."""
    districts = districts_of(request)
    district = district_of(request, districts)
    form = forms.CardFileForm(request.POST or None, request.FILES or None)
    problems: list[card_files.Wrong] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = _brought(
                request, district, given["file"].name[:200], given["file"].read(), given["since"], given["note"]
            )
        except card_files.FileError as error:
            problems = error.problems
        else:
            messages.success(request, f"已存为 {len(made)} 份草稿，请逐份看过后提交。")
            return redirect(f"{reverse('assistant:cards')}?district={district}&show=waiting")
    context = {
        "form": form, "problems": problems, "district": district, "place": districts[district],
        "path": trail(district, "从文件导入"),
    }  # fmt: skip
    return render(request, "assistant/card_file.html", context, status=422 if problems or form.errors else 200)


def _brought(request: HttpRequest, district: str, name: str, raw: bytes, since: Any, note: str) -> list[CardVersion]:
    """The drafts of a file's cards that say something else than now. FileError with every card that may not be kept; then none is."""
    found = card_files.parsed(raw, name, actions.NEW_KEY)
    made, problems = [], []
    standing = cards.cards_on(district, timezone.localdate())
    changed = [(card, line) for card, line in found if standing.get(card.key) != card]
    if not changed:
        raise card_files.FileError([
            card_files.Wrong(name, 1, "", "文件里的卡片与现行的完全一样，没有要存的改动。", "改好要改的再传。")
        ])  # fmt: skip
    with transaction.atomic():
        for card, line in changed:
            try:
                made.append(actions.draft(district=district, card=card, since=since, by=request.user, note=note))
            except ValidationError as error:
                problems += [
                    card_files.Wrong(name, line, card.title, sentence, "改好后整个文件再传一次。")
                    for sentence in error.messages
                ]
        if problems:
            transaction.set_rollback(True)
    if problems:
        raise card_files.FileError(problems)
    return made
