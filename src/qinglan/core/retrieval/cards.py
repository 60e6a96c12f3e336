"""Knowledge cards: what the assistant knows, each an answer in our own words with its law, its bodies and how people ask for it.

Cards are data files (YAML, a list of cards a file). A card never holds a figure that varies by city: it names the field, a district
fills it with a date (`CityField`). Sources: shared specification `questions.md` (items 1-120, S1-S20, W1-W24).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Loose = Annotated[str, StringConstraints(strip_whitespace=True)]

# How people ask; every card has at least one question of each.
WAYS = {
    "plain": "一般说法", "elder": "老年人", "young": "年轻人", "migrant": "外来人口", "clerk": "办事员", "dialect": "方言",
    "typo": "打错字", "pinyin": "拼音", "voice": "语音转写", "word": "一个词",
}  # fmt: skip
LEAST_QUESTIONS = 12
PACK_PARTS = (
    "allowance", "hours", "newcomer", "post_grade", "step", "pay", "evaluation", "rotation", "rights_day", "promotion",
    "care_fund",
)  # fmt: skip
EMERGENCY = {
    "110": "报警", "119": "火警", "120": "急救", "12345": "政务服务热线", "12338": "妇女维权热线", "12355": "青少年服务热线",
    "12356": "心理援助热线",
}  # fmt: skip
NOT_A_NUMBER = re.compile(r"\d{15,}")


class CardError(Exception):
    """Cards that cannot be used. `problems`: one sentence each: file, card, field, what is wrong, how to mend it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Law(Part):
    """A law by its name without 《》, and its articles as numbers ("10", "12-1")."""

    name: Text
    articles: tuple[Annotated[str, StringConstraints(pattern=r"^\d{1,4}([-–]\d{1,3})?$")], ...] = ()

    def __str__(self) -> str:
        name = self.name if self.name.startswith("民发") else f"《{self.name}》"
        return name + "、".join(f"第{one}条" for one in self.articles)


class CityField(Part):
    """What varies by city: the district fills it with a date, or the answer says who knows."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    label: Text
    unit: Loose = ""


class Card(Part):
    """One answer. `items`: its numbers in questions.md, or N and a number for a district's own new card; `key` names it for good.

    `part`: 2 for the second card of the same first item (120).
    """

    items: tuple[Annotated[str, StringConstraints(pattern=r"^[SWN]?\d{1,3}$")], ...] = Field(min_length=1)
    part: Annotated[int, Field(ge=1, le=9)] = 1
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=30)]
    audience: Literal["resident", "worker", "both"]
    kind: Literal["answer", "certificate", "handover"]
    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=20, max_length=600)]
    next: Text
    decides: Loose
    accepts: Loose
    helps: Loose
    materials: tuple[Text, ...] = ()
    limit: Loose = ""
    fee: Loose = ""
    law: tuple[Law, ...] = ()
    basis: Text
    city: tuple[CityField, ...] = ()
    must_not: Loose = ""
    emergency: tuple[str, ...] = ()
    changed: Loose = ""
    from_pack: Loose = ""
    checked: date
    questions: dict[str, tuple[Text, ...]]

    @property
    def key(self) -> str:
        """Its first item; two cards of one item (120) are told apart by their part."""
        return self.items[0] if self.part == 1 else f"{self.items[0]}-{self.part}"

    @property
    def asked(self) -> list[str]:
        """All its questions, way by way."""
        return [one for way in WAYS for one in self.questions.get(way, ())]

    @property
    def digest(self) -> str:
        said = self.model_dump_json(exclude={"part"} if self.part == 1 else None)
        return hashlib.sha256(said.encode()).hexdigest()


def read_card(raw: object, where: str) -> Card:
    """A card from plain data. CardError names `where`, the field and what is wrong."""
    try:
        card = Card.model_validate(raw)
    except ValidationError as error:
        raise CardError([f"{where}：{_field(one['loc'])}{_wrong(one)}" for one in error.errors()]) from None
    problems = list(_problems(card))
    if problems:
        raise CardError([f"{where}：{one}" for one in problems])
    return card


def read_cards(folder: Path) -> list[Card]:
    """All cards of a folder's *.yaml, in the order of files and lines. CardError lists everything wrong at once."""
    cards: list[Card] = []
    problems: list[str] = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            raw = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            problems.append(f"{file.name}：不是有效的 YAML（{' '.join(str(error).split())}）；请改正后再读。")
            continue
        if not isinstance(raw, list):
            problems.append(f"{file.name}：应是卡片的列表（每张以“- items:”开头）。")
            continue
        for number, one in enumerate(raw, start=1):
            title = one.get("title") if isinstance(one, dict) else ""
            try:
                cards.append(read_card(one, f"{file.name} 第 {number} 张（{title}）"))
            except CardError as error:
                problems += error.problems
    problems += list(problems_between(cards))
    if problems:
        raise CardError(problems)
    return cards


def _problems(card: Card) -> Iterator[str]:
    strange = sorted(set(card.questions) - set(WAYS))
    if strange:
        yield f"questions 里没有这种问法：{'、'.join(strange)}；只有 {'、'.join(WAYS)}。"
    missing = [WAYS[way] for way in WAYS if not card.questions.get(way)]
    if missing:
        yield f"questions 缺少问法：{'、'.join(missing)}；每种至少写一句。"
    if len(card.asked) < LEAST_QUESTIONS:
        yield f"只有 {len(card.asked)} 种问法，至少要 {LEAST_QUESTIONS} 种。"
    if card.from_pack and card.from_pack not in PACK_PARTS:
        yield f"from_pack 没有“{card.from_pack}”；只有 {'、'.join(PACK_PARTS)}。"
    for number in card.emergency:
        if number not in EMERGENCY:
            yield f"emergency 里的“{number}”不在紧急电话表里；只有 {'、'.join(EMERGENCY)}。"
    if card.kind == "handover" and card.law:
        yield "转人工的卡片没有找到国家层面的依据，law 应为空；有依据请改为 kind: answer。"
    for text in (card.answer, card.next, *card.asked):
        if NOT_A_NUMBER.search(text):
            yield f"“{text[:20]}…”里像有身份证号或账号；卡片里不得写个人信息。"


def problems_between(cards: Iterable[Card]) -> Iterator[str]:
    """What is wrong between cards: a key or a title twice, a question on two cards, a city field with two labels."""
    cards = list(cards)
    for key, count in Counter(card.key for card in cards).items():
        if count > 1:
            yield f"编号 {key} 有 {count} 张卡片；第二张请写 part: 2。"
    for title, count in Counter(card.title for card in cards).items():
        if count > 1:
            yield f"“{title}”有 {count} 张卡片；标题不能重复，请合并或改名。"
    owner: dict[str, Card] = {}
    labels: dict[str, tuple[str, Card]] = {}
    for card in cards:
        for one in card.asked:
            if owner.setdefault(one, card) is not card:
                yield f"“{one}”既在“{owner[one].title}”又在“{card.title}”；一种问法只能属于一张卡片。"
        if len(set(card.asked)) < len(card.asked):
            twice = [one for one, count in Counter(card.asked).items() if count > 1]
            yield f"“{card.title}”里重复的问法：{'、'.join(twice)}；请删去一处。"
        for field in card.city:
            label, first = labels.setdefault(field.name, (field.label, card))
            if label != field.label:
                yield f"城市字段 {field.name} 在“{first.title}”与“{card.title}”里名称不同；请改成一样。"


def _field(loc: Iterable[object]) -> str:
    return "".join(f"{one} " if isinstance(one, str) else f"第 {int(str(one)) + 1} 项 " for one in loc)


def _wrong(error: object) -> str:
    """pydantic's finding as a sentence."""
    kind, found = error["type"], error.get("input")  # type: ignore[index,attr-defined]
    known = {
        "missing": "没有写；请补上。",
        "extra_forbidden": "不认识；请删去或改成正确的名称。",
        "string_too_short": "太短或是空的；请补全。",
        "string_too_long": "太长；请写得短些。",
        "string_pattern_mismatch": f"写成了“{found}”，格式不对。",
        "string_type": f"应是文字，却是 {found!r}；数字请加引号。",
        "literal_error": f"没有“{found}”这个选项。",
        "date_from_datetime_parsing": f"“{found}”不是日期（年-月-日）。",
    }
    return known.get(kind, f"写得不对（{found!r}）。")
