"""Answer, ask back, refuse or hand over: one question in, one reply out. A reply says only what stands in its card or its refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

import numpy as np

from qinglan.core.retrieval.cards import EMERGENCY, Card
from qinglan.core.retrieval.encoding import Encoder
from qinglan.core.retrieval.following import ASPECTS, SAME, bare, hanging, may_follow, of_kin, only_aspects
from qinglan.core.retrieval.guarding import HEARSAY, Guarded, guard, unknown_amount, unknown_claim
from qinglan.core.retrieval.index import Index
from qinglan.core.retrieval.ranking import Ranked, Weights, rank
from qinglan.core.retrieval.refusals import Refusal
from qinglan.core.retrieval.text import normalise

CHOICES = 3
HANGS = 1.2  # log-odds: what hangs on an answered question is answered with so much less certainty
READ = 300  # characters; the encoder's time grows with the square of the length
A_WORD = 2  # characters; so few may mean many things, so it offers what they are
ALIKE = 0.95  # cosine from which a question is like a refused example in more than its subject
GREETING = re.compile(
    r"(你好|您好|hello|hi|哈喽|在吗|在不在|有人吗|谢谢|多谢|谢了|感谢|好的|好|嗯+|哦+|知道了|明白了|"
    r"再见|拜拜|你是谁|你叫什么|你是机器人|你能做什么|你会什么)[你您了啊呀吗呢哈啦哦。！!？?~～ ]*"
)
WELCOME = "您好，我是社区问答助手，照核对过的知识卡回答办事的问题，没有把握的可以转给社区工作人员。请写下您想问的事，一句话就行。"
OLD = 365  # days after which a card says that it was last checked long ago (questions.md §U 5)
ASKS_VALUE = re.compile(r"多少|几岁|几块|几百|几千|标准|金额|每月|每年|一个月|数额|额度|补几|多大岁数|比例|名额|几级")


class Outcome(StrEnum):
    ANSWERED = "answered"
    ASKS = "asks_back"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True)
class Value:
    """What a district has filled in for a field of a card, and when."""

    text: str
    since: date


@dataclass(frozen=True)
class City:
    """`name` as the asker reads it; `values` by the field's name."""

    name: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """What was asked before in the same talk, and the card that answered it (its title)."""

    question: str
    title: str = ""


@dataclass(frozen=True)
class Reply:
    """`card`: what the reply rests on (a guess where it hands over); `choices`: cards to choose from; `lines`: (label, text) below the text."""

    outcome: Outcome
    text: str
    question: str
    card: Card | None = None
    refusal: Refusal | None = None
    choices: tuple[Card, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    emergency: tuple[tuple[str, str], ...] = ()
    asks: str = ""  # what it asks back: "city" or "choice"
    masked: bool = False
    certain: float = 0.0
    vector: np.ndarray | None = field(
        default=None, compare=False, repr=False
    )  # (D,) of the question; None where a rule decided

    @property
    def citations(self) -> tuple[str, ...]:
        return tuple(str(law) for law in self.card.law) if self.card else ()


@dataclass(frozen=True)
class Answerer:
    """Index, weights and encoder together; safe for threads, since nothing in it changes."""

    index: Index
    weights: Weights
    encoder: Encoder

    def ask(
        self,
        question: str,
        *,
        today: date,
        city: City | None = None,
        before: Sequence[Turn] = (),
        pack: Mapping[str, str] | None = None,
    ) -> Reply:
        """`before`: earlier turns, oldest first. `pack`: what the district's pack in force says, by the part's name (cards.PACK_PARTS)."""
        typed = guard(shortened(question))
        heard = self.index.heard(typed.text)
        reply = self._answered(typed if heard == typed.text else guard(heard), today, city, before, pack)
        return replace(reply, question=typed.text, masked=typed.masked)

    def _answered(
        self,
        guarded: Guarded,
        today: date,
        city: City | None,
        before: Sequence[Turn],
        pack: Mapping[str, str] | None,
    ) -> Reply:
        if not normalise(guarded.text):
            return Reply(Outcome.ASKS, "请写下您想问的事，一句话就行。", guarded.text, asks="question")
        if GREETING.fullmatch(normalise(guarded.text)):
            return Reply(Outcome.ASKS, WELCOME, guarded.text, asks="question")
        # Whoever is in danger is heard, whatever else her words look like.
        if guarded.refused and (not guarded.danger or guarded.refused == "orders"):
            return self._refuse(guarded, self._kind(guarded.refused))
        ranked, kept = self._ranked(guarded.text, before)
        return replace(self._judged(guarded, ranked, kept, today, city, pack), vector=ranked.vector)

    def _judged(
        self,
        guarded: Guarded,
        ranked: Ranked,
        kept: Card | None,
        today: date,
        city: City | None,
        pack: Mapping[str, str] | None,
    ) -> Reply:
        """What comes of the ranking; `kept`: the card of the turn before, where the question only asks more about it."""
        card = kept or self.index.cards[int(ranked.order[0])]
        same = ranked.near >= SAME > ranked.refused_near  # word for word a question that the card has
        if kept is None and not same and ranked.known < self.weights.refuse:
            return (
                self._urgent(guarded)
                if guarded.danger
                else self._refuse(guarded, self._outside(guarded, ranked), ranked.certain)
            )
        if kept is None and not same and len(normalise(guarded.text)) <= A_WORD and not guarded.danger:
            return self._choose(guarded, ranked, self._first(ranked))
        if card.kind == "certificate":
            return self._said(Outcome.REFUSED, guarded, card, ranked, today, city, pack)
        limit = self.weights.answer - (HANGS if ranked.favoured else 0)
        if kept is None and ranked.certain < limit:
            if (
                guarded.refused
            ):  # danger, and no card for it: others' data, a pending case or an errand is not what matters now
                return self._urgent(guarded)
            known = same or ranked.known >= self.weights.sure
            return self._choose(guarded, ranked, self._best(ranked)) if known else self._unsure(guarded, card, ranked)
        if unknown_amount(guarded.text, _all(card)) or unknown_claim(guarded.text, _all(card)):
            return self._refuse(guarded, self._kind("premise"), ranked.certain, card)
        if card.kind == "handover":
            return self._said(Outcome.HANDED_OVER, guarded, card, ranked, today, city, pack)
        if kept is None and self._tied(ranked):
            return self._choose(guarded, ranked, self._best(ranked))
        if card.city and city is None and ASKS_VALUE.search(guarded.text):
            return self._said(Outcome.ASKS, guarded, card, ranked, today, city, pack)
        said = self._said(Outcome.ANSWERED, guarded, card, ranked, today, city, pack)
        return said if kept is None else _shortly(said, card, aspect(guarded.text))

    def _ranked(self, text: str, before: Sequence[Turn]) -> tuple[Ranked, Card | None]:
        """The ranking, and the card of the turn before where the question only asks more about it."""
        if not before or not may_follow(text):
            return self._rank(text), None
        last, aspects = before[-1], only_aspects(text)
        last = replace(last, question=self.index.heard(last.question))
        held = next((at for at, card in enumerate(self.index.cards) if card.title == last.title), None)
        if held is None:  # what came before was not known; nothing is kept of it but its words
            alone = self._rank(text)
            joins = aspects and alone.certain < self.weights.answer
            return (self._rank(f"{last.question}，{text}") if joins else alone), None
        if aspects:
            return self._aspect(text, f"{last.question}，{text}", held)
        plain = bare(normalise(text))
        alone = self._rank(plain)
        found = hanging(self.index, plain, alone, held)
        # By itself it must be refused, or answered; what is neither rather goes on with what was asked.
        outside = found.outside > 0 and alone.known < self.weights.refuse
        changed = found.changed > 0 and alone.certain >= self.weights.answer - HANGS
        if not of_kin(text) and (outside or changed):
            return alone, None
        return self._rank(f"{last.question}，{text}", held), None

    def _aspect(self, text: str, joined: str, held: int) -> tuple[Ranked, Card | None]:
        """What names only an aspect stays with the card before; where that says nothing of it and a card of the same matter does, with that one."""
        card, label = self.index.cards[held], aspect(text)
        if not label or label in dict(_lines(card, None, None)):
            return self._rank(text), card
        ranked = self._rank(joined)
        other = self.index.cards[int(ranked.order[0])]
        beside = ranked.certain >= self.weights.answer and label in dict(_lines(other, None, None))
        return ranked, None if beside and other.kind == "answer" else card

    def _rank(self, text: str, favoured: int | None = None) -> Ranked:
        plain = normalise(text)
        return rank(self.index, self.weights, plain, self.encoder.vectors([plain])[0], favoured)

    def _tied(self, ranked: Ranked) -> bool:
        return len(ranked.scores) > 1 and bool(ranked.scores[0] - ranked.scores[1] < self.weights.tie)

    def _kind(self, kind: str) -> Refusal:
        return next(one for one in self.index.refusals if one.kind == kind)

    def _outside(self, guarded: Guarded, ranked: Ranked) -> Refusal:
        """The kind of the nearest refused example; what only sounds a little like a rumour, an order or a case is told nothing of it."""
        nearest = self.index.refusals[ranked.nearest_refusal]
        heard = nearest.kind == "premise" and HEARSAY.search(guarded.text)
        alike = nearest.kind in ("outside", "near") or ranked.refused_near >= ALIKE
        return nearest if alike or heard else self._kind("near")

    def _urgent(self, guarded: Guarded) -> Reply:
        """Danger, and no card that is sure to be meant: whom to call, and nothing that keeps from it."""
        return Reply(
            Outcome.HANDED_OVER, f"{_hurry(guarded)}说清在哪里、什么人、什么情况，照接线员说的做。打完电话，可以再转给社区工作人员。",
            guarded.text, emergency=_called(guarded, None), masked=guarded.masked,
        )  # fmt: skip

    def _refuse(self, guarded: Guarded, kind: Refusal, certain: float = 0.0, card: Card | None = None) -> Reply:
        choices = (card,) if card else ()
        return Reply(
            Outcome(kind.outcome), kind.says, guarded.text, refusal=kind, choices=choices, certain=certain,
            emergency=_called(guarded, card), masked=guarded.masked,
        )  # fmt: skip

    def _unsure(self, guarded: Guarded, card: Card, ranked: Ranked) -> Reply:
        return Reply(
            Outcome.HANDED_OVER,
            f"{_hurry(guarded)}这个问题我没有把握，可以转给社区工作人员来答。您想问的也可能是“{card.title}”，可以先看看。",
            guarded.text, card=card, choices=self._best(ranked), certain=ranked.certain,
            emergency=_called(guarded, card), masked=guarded.masked,
        )  # fmt: skip

    def _choose(self, guarded: Guarded, ranked: Ranked, cards: tuple[Card, ...]) -> Reply:
        return Reply(
            Outcome.ASKS, f"{_hurry(guarded)}您想问的是：" + "；".join(f"{number}. {one.title}" for number, one in enumerate(cards, start=1)) + "？",
            guarded.text, card=cards[0], choices=cards, asks="choice", certain=ranked.certain,
            emergency=_called(guarded, cards[0]), masked=guarded.masked,
        )  # fmt: skip

    def _best(self, ranked: Ranked) -> tuple[Card, ...]:
        near = ranked.scores[0] - ranked.scores <= 4 * self.weights.tie
        return tuple(self.index.cards[int(card)] for card in ranked.order[near][:CHOICES])

    def _first(self, ranked: Ranked) -> tuple[Card, ...]:
        return tuple(self.index.cards[int(card)] for card in ranked.order[:CHOICES])

    def _said(
        self,
        outcome: Outcome,
        guarded: Guarded,
        card: Card,
        ranked: Ranked,
        today: date,
        city: City | None,
        pack: Mapping[str, str] | None,
    ) -> Reply:
        text = f"{card.answer} {card.next}"
        lines = list(_lines(card, city, pack))
        first = aspect(guarded.text)
        filled = _filled(card, city)
        lines.sort(key=lambda line: line[0] != first and line not in filled)
        asks = "city" if card.city and city is None else ""
        if outcome is Outcome.ASKS:
            text = f"各地不一样，请问您在哪个市、哪个区？全国一样的是：{card.answer}"
        elif filled and ASKS_VALUE.search(guarded.text):  # who asks how much is told so first
            text = f"{'；'.join(f'{label}：{value}' for label, value in filled)}。{text}"
        lines += _reminder(card, today)
        return Reply(
            outcome, text, guarded.text, card=card, lines=tuple(lines), asks=asks, certain=ranked.certain,
            emergency=_called(guarded, card), masked=guarded.masked,
        )  # fmt: skip


def preview(card: Card, *, today: date, city: City | None = None, pack: Mapping[str, str] | None = None) -> Reply:
    """What a card says by itself, as an asker would read it: for those who mend cards."""
    outcome = {"certificate": Outcome.REFUSED, "handover": Outcome.HANDED_OVER}.get(card.kind, Outcome.ANSWERED)
    return Reply(
        outcome, f"{card.answer} {card.next}", card.title, card=card, lines=(*_lines(card, city, pack), *_reminder(card, today)),
        emergency=tuple((number, EMERGENCY[number]) for number in card.emergency), certain=1.0,
    )  # fmt: skip


def _shortly(said: Reply, card: Card, label: str) -> Reply:
    """Who asks a second time about one part of a card hears that part first; the answer that she has read stands below."""
    if not label:
        return said
    part = dict(said.lines).get(label)
    if part is None:
        return replace(said, text=f"卡片里没有写{label}，请向受理窗口问清楚。{said.text}")
    rest = tuple(line for line in said.lines if line[0] != label)
    return replace(said, text=f"{label}：{part.rstrip('。')}。{card.next}", lines=(("这件事", card.answer), *rest))


def _reminder(card: Card, today: date) -> list[tuple[str, str]]:
    """That it was checked long ago, where it was."""
    if (today - card.checked).days <= OLD:
        return []
    return [("提醒", f"这张卡片最后核对于{card.checked:%Y年%-m月%-d日}，已超过一年，请再向受理窗口核实。")]


def shortened(question: str) -> str:
    """A question as it is read: of a very long one the beginning and the end, where the matter mostly stands."""
    return question if len(question) <= READ else f"{question[: READ // 3]}，{question[-2 * READ // 3 :]}"


LABELS = {
    "materials": "材料", "papers": "材料", "limit": "时限", "fee": "费用", "decides": "决定", "hands": "协助", "where": "受理", "law": "依据",
}  # fmt: skip


def aspect(question: str) -> str:
    """The label of what a question asks about, or ""."""
    return next((LABELS[name] for name, pattern in ASPECTS.items() if name in LABELS and pattern.search(question)), "")


def _called(guarded: Guarded, card: Card | None) -> tuple[tuple[str, str], ...]:
    numbers = dict.fromkeys((*guarded.danger, *(card.emergency if card else ())))
    return tuple((number, EMERGENCY[number]) for number in numbers)


def _hurry(guarded: Guarded) -> str:
    """What comes before everything else where there is danger."""
    numbers = "、".join(f"{number}（{EMERGENCY[number]}）" for number in guarded.danger)
    return f"急事请马上拨打{numbers}。" if numbers else ""


def _all(card: Card) -> str:
    return " ".join((card.answer, card.next, card.limit, card.fee, card.changed, *card.materials))


def _lines(card: Card, city: City | None, pack: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """(label, text) of everything else that stands in the card."""
    said = [
        ("受理", card.accepts), ("决定", card.decides), ("协助", card.helps), ("材料", "；".join(card.materials)),
        ("时限", card.limit), ("费用", card.fee), ("依据", "；".join(map(str, card.law))), ("社区不能做", card.must_not),
        ("变化", card.changed),
    ]  # fmt: skip
    said += _filled(card, city)
    for one in card.city:
        if city is not None and one.name not in city.values:
            said.append((one.label, f"{city.name}还没有填写，请向{card.decides or card.accepts or '受理窗口'}询问。"))
    if card.from_pack:
        told = (pack or {}).get(card.from_pack)
        said.append(("本区政策包", told or "没有读到本区政策包，请向本区社会工作部门询问。"))
    return [(label, text) for label, text in said if text]


def _filled(card: Card, city: City | None) -> list[tuple[str, str]]:
    """(label, value with who filled it in and from when) of the card's fields that the district has filled in."""
    if city is None:
        return []
    values = [(one, city.values[one.name]) for one in card.city if one.name in city.values]
    return [
        (one.label, f"{value.text}{one.unit}（{city.name}填写，{value.since:%Y年%-m月%-d日}）") for one, value in values
    ]
