"""Whether a card may be kept: by itself, and beside the others that answer on the days from which it would hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from qinglan.apps.assistant.queries.card_words import LABELS
from qinglan.apps.assistant.queries.cards import cards_on, later_days
from qinglan.core.retrieval.cards import NOT_A_NUMBER, Card, CardError, problems_between, read_card

Problem = tuple[str, str]  # (field of the card or "", what is wrong and how to mend it)
LONGEST = {
    "next": 300, "decides": 200, "accepts": 200, "helps": 200, "limit": 200, "fee": 200, "basis": 200, "must_not": 300, "changed": 200,
}  # fmt: skip
MOST_QUESTIONS, LONGEST_QUESTION = 400, 200
MOST_LINES, LONGEST_LINE = 30, 120  # of materials, laws, fields
# What turns the reading direction or is not seen: a text would look other than it is.
UNSEEN = {"Cc", "Cs", "Co", "Cn"}
TURNING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_WHERE = re.compile(r"^：(?P<field>[a-z_]+)(?: 第 (?P<number>\d+) 项)?(?: (?P<part>[a-z]+)(?: 第 \d+ 项)?)? ?(?P<wrong>.*)$")  # fmt: skip
_NAMES = {"kind: answer": "类型“直接回答”", "questions ": "", "law ": "依据", "from_pack ": "", "emergency ": ""}


def read(raw: object) -> tuple[Card | None, list[Problem]]:
    """A card from plain data with what is wrong with it, each at its field."""
    try:
        card = read_card(raw, "")
    except CardError as error:
        return None, [_placed(one) for one in error.problems]
    return card, list(alone(card))


def _placed(problem: str) -> Problem:
    """A sentence of core.retrieval.cards at the field that it names, in the words of the page."""
    found = _WHERE.match(problem)
    field = found["field"] if found else ""
    if found is None or field not in LABELS:
        said = problem.removeprefix("：")
        field = "questions" if "种问法" in said else "law" if "law 应为空" in said else ""
        return field, _said(said)
    wrong = found["wrong"] or "写得不对。"
    number = f"第 {found['number']} 项" if found["number"] else ""
    return field, _said(f"{number}{wrong}")


def _said(text: str) -> str:
    for name, word in _NAMES.items():
        text = text.replace(name, word)
    return text


def invisible(text: str) -> bool:
    """Whether a text holds characters that are not seen or turn the reading direction."""
    return bool(TURNING.search(text)) or any(unicodedata.category(one) in UNSEEN for one in text)


def alone(card: Card) -> Iterator[Problem]:
    """What is wrong with a card by itself, beyond what core.retrieval.cards asks."""
    for field, most in LONGEST.items():
        if len(getattr(card, field)) > most:
            yield field, f"太长（{len(getattr(card, field))} 字），请不超过 {most} 字。"
    for field, text in _texts(card):
        shown = text if len(text) <= 20 else f"{text[:20]}…"
        if invisible(text):
            yield (
                field,
                f"“{''.join(one for one in shown if not invisible(one))}”里有看不见的字符（多半是从别处粘贴来的），请删去重写。",
            )
        if NOT_A_NUMBER.search(text):
            yield field, "里面像有身份证号或账号；卡片里不得写个人信息。"
    for field, lines in (("materials", card.materials), ("law", card.law), ("city", card.city)):
        if len(lines) > MOST_LINES:
            yield field, f"有 {len(lines)} 项，最多 {MOST_LINES} 项。"
    if any(len(one) > LONGEST_LINE for one in (*card.materials, *(law.name for law in card.law))):
        yield "materials", f"每一项请不超过 {LONGEST_LINE} 字。"
    if any(len(one.label) > 60 or len(one.unit) > 20 for one in card.city):
        yield "city", "名称请不超过 60 字，单位不超过 20 字。"
    if len(card.asked) > MOST_QUESTIONS:
        yield "questions", f"有 {len(card.asked)} 种问法，最多 {MOST_QUESTIONS} 种。"
    long = [one for one in card.asked if len(one) > LONGEST_QUESTION]
    if long:
        yield "questions", f"“{long[0][:20]}…”太长，一种问法请不超过 {LONGEST_QUESTION} 字。"


def _texts(card: Card) -> Iterator[tuple[str, str]]:
    for field in ("title", "answer", *LONGEST):
        yield field, getattr(card, field)
    yield from (("materials", one) for one in card.materials)
    yield from (("law", one.name) for one in card.law)
    yield from (("city", f"{one.label}{one.unit}") for one in card.city)
    yield from (("questions", one) for one in card.asked)


def beside(card: Card, district: str, since: date) -> list[Problem]:
    """What would be wrong between this card and those that answer with it, on its first day and whenever another one begins."""
    found: dict[Problem, None] = {}
    for day in later_days(district, since):
        others = list(cards_on(district, day, without=card.key).values())
        said = list(problems_between([*others, card]))
        before = (
            set(problems_between(others)) if said else set()
        )  # what others have among themselves is not hers to mend
        for one in said:
            if one not in before:
                found[_field_of(one), one] = None
    return list(found)


def _field_of(problem: str) -> str:
    if "标题不能重复" in problem:
        return "title"
    if "城市字段" in problem:
        return "city"
    return "questions" if "问法" in problem else ""
