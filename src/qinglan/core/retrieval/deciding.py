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
from qinglan.core.retrieval.guarding import Guarded, guard, unknown_amount
from qinglan.core.retrieval.index import Index
from qinglan.core.retrieval.ranking import Ranked, Weights, rank
from qinglan.core.retrieval.refusals import Refusal
from qinglan.core.retrieval.text import normalise

CHOICES = 3
READ = 300  # characters; the encoder's time grows with the square of the length
OLD = 365  # days after which a card says that it was last checked long ago (questions.md §U 5)
# What a follow-up asks about; what is left of it when these are taken out says whether it stands by itself.
ASPECTS = {
    "materials": re.compile(
        r"(要|需要|得|该)?(带|拿|准备|交|提供|备)(些|点|哪些|什么|啥|几样)*(材料|资料|证件|东西|手续)?(什么|啥|哪些)?"
        r"|什么(材料|资料|证件|手续)|啥(材料|证件|手续)|(材料|资料|证件|手续)"
    ),
    "limit": re.compile(
        r"多久|多长时间|几天|几个月|多少天|啥时候|什么时候|何时|时限|期限|等多长|快不快|办好|办下来|批下来|下来|拿到"
    ),
    "fee": re.compile(r"(要|收|花|交)?(多少)?(钱|费用|手续费|收费)(吗|不|么|多少)?|免费|收费"),
    "where": re.compile(
        r"(在|去|到|上|找)?(哪里|哪儿|哪个地方|哪个窗口|哪个部门|哪办|哪|谁)(办理|办|交|申请|找|领)?|地址|窗口"
    ),
    "online": re.compile(r"(能|可以)?(网上|手机|线上|微信|app|小程序)(上)?(能|可以)?(办|申请|弄)?"),
    "agent": re.compile(
        r"(能|可以)?(别人|家里人|家人|孩子|子女|亲戚|我儿子|我女儿)?(帮我|替我|代)(办|领|去|交)*|代办|委托"
    ),
    "refused": re.compile(r"不给(办|批|发|开)|被拒|拒绝|不(同意|批准|受理|通过)|没(通过|批)|批不下来|不行(的话)?"),
    "law": re.compile(r"(什么|哪条|哪个|有)?(依据|法律|规定|条文|哪一条)"),
}
FILLER = re.compile(
    r"[那这它呢吗么啊呀吧的了，。？！?!、\s]|如果|要是|请问|还|也|又|办这个|这个|那个|我|要|能|是|有|会|可以|需要|应该|怎么|办|申请|一下|大概|一般|一共|就|得"
)
FOLLOWS = re.compile(
    r"^(那|这|它|还有|另外|如果|要是|然后|再问|具体|我爸|我妈|我爷|我奶|我老婆|我老公|我孩子|孩子呢)|呢[？?]?$"
)
SHORT = 14  # characters of a follow-up that may hang on what was asked before
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
        guarded = guard(shortened(question))
        if not normalise(guarded.text):
            return Reply(Outcome.ASKS, "请写下您想问的事，一句话就行。", guarded.text, asks="question")
        if guarded.refused:
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
        if kept is None and ranked.certain < self.weights.refuse:
            return self._refuse(guarded, self._outside(ranked), ranked.certain)
        if card.kind == "certificate":
            return self._said(Outcome.REFUSED, guarded, card, ranked, today, city, pack)
        if kept is None and ranked.certain < self.weights.answer:
            return self._unsure(guarded, card, ranked)
        if unknown_amount(guarded.text, _all(card)):
            return self._refuse(guarded, self._kind("premise"), ranked.certain, card)
        if card.kind == "handover":
            return self._said(Outcome.HANDED_OVER, guarded, card, ranked, today, city, pack)
        if kept is None and self._tied(ranked):
            return self._choose(guarded, ranked)
        if card.city and city is None and ASKS_VALUE.search(guarded.text):
            return self._said(Outcome.ASKS, guarded, card, ranked, today, city, pack)
        return self._said(Outcome.ANSWERED, guarded, card, ranked, today, city, pack)

    def _ranked(self, text: str, before: Sequence[Turn]) -> tuple[Ranked, Card | None]:
        """The ranking, and the card of the turn before where the question only asks more about it."""
        alone = self._rank(text)
        if not before:
            return alone, None
        last = before[-1]
        held = next((card for card in self.index.cards if card.title == last.title), None)
        if held is not None and only_aspects(text):
            return alone, held
        if FOLLOWS.search(text) or len(text) <= SHORT:
            joined = self._rank(f"{last.question}，{text}")
            if alone.certain < self.weights.answer or joined.certain > alone.certain:
                return joined, None
        return alone, None

    def _rank(self, text: str) -> Ranked:
        plain = normalise(text)
        return rank(self.index, self.weights, plain, self.encoder.vectors([plain])[0])

    def _tied(self, ranked: Ranked) -> bool:
        return len(ranked.scores) > 1 and bool(ranked.scores[0] - ranked.scores[1] < self.weights.tie)

    def _kind(self, kind: str) -> Refusal:
        return next(one for one in self.index.refusals if one.kind == kind)

    def _outside(self, ranked: Ranked) -> Refusal:
        return self.index.refusals[ranked.nearest_refusal]

    def _refuse(self, guarded: Guarded, kind: Refusal, certain: float = 0.0, card: Card | None = None) -> Reply:
        choices = (card,) if card else ()
        return Reply(
            Outcome(kind.outcome), kind.says, guarded.text, refusal=kind, choices=choices, certain=certain,
            emergency=_called(guarded, card), masked=guarded.masked,
        )  # fmt: skip

    def _unsure(self, guarded: Guarded, card: Card, ranked: Ranked) -> Reply:
        return Reply(
            Outcome.HANDED_OVER, f"这个问题我没有把握，已经可以转给社区工作人员。您想问的也可能是“{card.title}”，可以先看看。",
            guarded.text, card=card, choices=self._best(ranked), certain=ranked.certain,
            emergency=_called(guarded, card), masked=guarded.masked,
        )  # fmt: skip

    def _choose(self, guarded: Guarded, ranked: Ranked) -> Reply:
        cards = self._best(ranked)
        return Reply(
            Outcome.ASKS, "您想问的是：" + "；".join(f"{number}. {one.title}" for number, one in enumerate(cards, start=1)) + "？",
            guarded.text, card=cards[0], choices=cards, asks="choice", certain=ranked.certain,
            emergency=_called(guarded, cards[0]), masked=guarded.masked,
        )  # fmt: skip

    def _best(self, ranked: Ranked) -> tuple[Card, ...]:
        near = ranked.scores[0] - ranked.scores <= 4 * self.weights.tie
        return tuple(self.index.cards[int(card)] for card in ranked.order[near][:CHOICES])

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
        lines.sort(key=lambda line: line[0] != first)
        asks = "city" if card.city and city is None else ""
        if outcome is Outcome.ASKS:
            text = f"各地不一样，请问您在哪个市、哪个区？全国一样的是：{card.answer}"
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


def _reminder(card: Card, today: date) -> list[tuple[str, str]]:
    """That it was checked long ago, where it was."""
    if (today - card.checked).days <= OLD:
        return []
    return [("提醒", f"这张卡片最后核对于{card.checked:%Y年%-m月%-d日}，已超过一年，请再向受理窗口核实。")]


def shortened(question: str) -> str:
    """A question as it is read: of a very long one the beginning and the end, where the matter mostly stands."""
    return question if len(question) <= READ else f"{question[: READ // 3]}，{question[-2 * READ // 3 :]}"


LABELS = {"materials": "材料", "limit": "时限", "fee": "费用", "where": "受理", "law": "依据"}


def aspect(question: str) -> str:
    """The label of what a question asks about, or ""."""
    return next((LABELS[name] for name, pattern in ASPECTS.items() if name in LABELS and pattern.search(question)), "")


def only_aspects(question: str) -> bool:
    """Whether a question names nothing but an aspect (that the card before is asked about)."""
    plain = normalise(question)
    rest = plain
    for pattern in ASPECTS.values():
        rest = pattern.sub("", rest)
    return len(FILLER.sub("", rest)) <= 1 and rest != plain


def _called(guarded: Guarded, card: Card | None) -> tuple[tuple[str, str], ...]:
    numbers = dict.fromkeys((*guarded.danger, *(card.emergency if card else ())))
    return tuple((number, EMERGENCY[number]) for number in numbers)


def _all(card: Card) -> str:
    return " ".join((card.answer, card.next, card.limit, card.fee, card.changed, *card.materials))


def _lines(card: Card, city: City | None, pack: Mapping[str, str] | None) -> list[tuple[str, str]]:
    """(label, text) of everything else that stands in the card."""
    said = [
        ("受理", card.accepts), ("决定", card.decides), ("协助", card.helps), ("材料", "；".join(card.materials)),
        ("时限", card.limit), ("费用", card.fee), ("依据", "；".join(map(str, card.law))), ("社区不能做", card.must_not),
        ("变化", card.changed),
    ]  # fmt: skip
    for one in card.city:
        value = city.values.get(one.name) if city else None
        if value is not None and city is not None:
            said.append((one.label, f"{value.text}{one.unit}（{city.name}填写，{value.since:%Y年%-m月%-d日}）"))
        elif city is not None:
            said.append((one.label, f"{city.name}还没有填写，请问{card.decides or card.accepts or '受理窗口'}。"))
    if card.from_pack:
        told = (pack or {}).get(card.from_pack)
        said.append(("本区政策包", told or "没有读到本区政策包，请问本区社会工作部门。"))
    return [(label, text) for label, text in said if text]
