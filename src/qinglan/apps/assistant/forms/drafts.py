"""The form of a whole card, with its laws and its fields that vary by city as rows; and a file of cards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone

from qinglan.apps.assistant.actions.cards import MOST_DAYS, NEW_KEY
from qinglan.apps.assistant.forms.lengths import say_lengths
from qinglan.apps.assistant.queries.card_checks import LONGEST, LONGEST_LINE, Problem
from qinglan.apps.assistant.queries.card_words import AUDIENCES, KINDS, LABELS, PACK_PARTS
from qinglan.core.retrieval.cards import EMERGENCY, WAYS, Card

MOST_ROWS = 14  # of a box in which lines are written
ARTICLE = re.compile(r"\d{1,4}([-–]\d{1,3})?")
EXAMPLES = {
    "plain": "高龄津贴怎么申请", "elder": "我今年八十二了，听说政府给钱，上哪儿领啊", "young": "我奶奶80+了有没有什么福利能领",
    "migrant": "我妈跟我从老家过来住的，满八十了能在这边领吗", "clerk": "高龄津贴申领条件及发放标准", "dialect": "俺爹八十咧，那个老龄钱咋弄",
    "typo": "高岭津贴怎么申请", "pinyin": "gaoling jintie zenme ling", "voice": "高龄经贴怎么灵", "word": "高龄津贴",
}  # fmt: skip


def _lines(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CardForm(forms.Form):
    """A card but for its laws and city fields. `card`: what it begins with."""

    title = forms.CharField(label="标题", min_length=2, max_length=30, help_text="说清是什么事，30 字以内。")
    audience = forms.ChoiceField(label="对谁说", choices=list(AUDIENCES.items()))
    kind = forms.ChoiceField(
        label="类型", choices=list(KINDS.items()), help_text="“不得开具的证明”只说明不能开、谁能帮忙。"
    )
    answer = forms.CharField(
        label="答复", min_length=20, max_length=600, widget=_lines(6),
        help_text="用平常话，先说结论，20 到 600 字。各地不一样的数不写在这里，列在“因地而异的内容”里。",
    )  # fmt: skip
    next = forms.CharField(
        label="下一步", max_length=LONGEST["next"], widget=_lines(2), help_text="一句话：带什么、到哪里、办什么。"
    )
    decides = forms.CharField(label="谁决定", max_length=LONGEST["decides"], required=False)
    accepts = forms.CharField(label="谁受理", max_length=LONGEST["accepts"], required=False)
    helps = forms.CharField(label="谁协助", max_length=LONGEST["helps"], required=False)
    materials = forms.CharField(label="材料", required=False, widget=_lines(), help_text="一行一样。")
    limit = forms.CharField(label="时限", max_length=LONGEST["limit"], required=False)
    fee = forms.CharField(label="费用", max_length=LONGEST["fee"], required=False, help_text="有依据的才写“不收费”。")
    must_not = forms.CharField(label="社区不能做", max_length=LONGEST["must_not"], required=False, widget=_lines(2))
    changed = forms.CharField(label="近期变化", max_length=LONGEST["changed"], required=False)
    emergency = forms.MultipleChoiceField(
        label="先显示的紧急电话", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(number, f"{number} {label}") for number, label in EMERGENCY.items()],
    )  # fmt: skip
    from_pack = forms.ChoiceField(label="取自本区政策包", required=False, choices=[("", "不取"), *PACK_PARTS.items()])
    basis = forms.CharField(
        label="内容出处", max_length=LONGEST["basis"], help_text="文件名和文号、办事指南，或哪次人工答复。居民看不到，核对的人要看。"
    )  # fmt: skip
    checked = forms.DateField(label="最近核对", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    since = forms.DateField(
        label="自哪天起用", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="由另一人发布后，从这一天起照它回答。",
    )  # fmt: skip
    note = forms.CharField(label="为什么改", max_length=500, required=False, help_text="给发布的人看。")
    base = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    FACTS = ("title", "audience", "kind", "answer", "next")
    BODIES = ("decides", "accepts", "helps", "must_not")
    PAPERS = ("materials", "limit", "fee", "changed", "from_pack", "emergency")
    KEEPING = ("basis", "checked", "since", "note")

    def __init__(self, *args: Any, card: Card | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.card = card
        for way, label in WAYS.items():
            self.fields[f"q_{way}"] = forms.CharField(
                label=label, required=False, widget=_lines(), help_text=f"一行一句，例如：{EXAMPLES[way]}"
            )
        for name in ("materials", *(f"q_{way}" for way in WAYS)):
            lines = str(self.initial.get(name, "")).count("\n") + 2
            self.fields[name].widget.attrs["rows"] = min(max(lines, 3), MOST_ROWS)
        say_lengths(self)
        self.fields["since"].widget.attrs |= {"min": timezone.localdate().isoformat()}

    def group(self, names: Iterable[str]) -> list[forms.BoundField]:
        return [self[name] for name in names]

    def facts(self) -> list[forms.BoundField]:
        return self.group(self.FACTS)

    def bodies(self) -> list[forms.BoundField]:
        return self.group(self.BODIES)

    def papers(self) -> list[forms.BoundField]:
        return self.group(self.PAPERS)

    def keeping(self) -> list[forms.BoundField]:
        return self.group(self.KEEPING)

    def ways(self) -> list[forms.BoundField]:
        return self.group(f"q_{way}" for way in WAYS)

    def clean_checked(self) -> date:
        day: date = self.cleaned_data["checked"]
        if day > timezone.localdate():
            raise ValidationError("核对的日期不能在今天以后。")
        return day

    def clean_since(self) -> date:
        day, today = self.cleaned_data["since"], timezone.localdate()
        if not today <= day <= today + timedelta(days=MOST_DAYS):
            raise ValidationError("起始日须是今天或以后一年之内。")
        return day

    def plain(self, laws: list[dict[str, Any]], fields: list[dict[str, str]]) -> dict[str, Any]:
        """The card as plain data, as a file has it."""
        given = self.cleaned_data
        kept = ("title", "audience", "kind", "answer", "next", *LONGEST, "from_pack", "checked")
        items = list(self.card.items) if self.card else [NEW_KEY]
        part = {"part": self.card.part} if self.card and self.card.part > 1 else {}
        return {
            "items": items, **part, **{name: given[name] for name in kept}, "materials": _split(given["materials"]),
            "emergency": given["emergency"], "law": laws, "city": fields,
            "questions": {way: _split(given[f"q_{way}"]) for way in WAYS},
        }  # fmt: skip

    def place(self, problems: Iterable[Problem]) -> None:
        """Put what is wrong with the card beside its fields; what belongs to none of them on top."""
        for field, sentence in problems:
            known = field in self.fields
            self.add_error(field if known else None, sentence if known else _named(field, sentence))

    def refuse(self, error: ValidationError) -> None:
        """Put a refusal of the action beside its fields."""
        if not hasattr(error, "error_dict"):
            self.place(("", one) for one in error.messages)
            return
        said = error.message_dict
        self.place(("" if field == NON_FIELD_ERRORS else field, one) for field, many in said.items() for one in many)


def _named(field: str, sentence: str) -> str:
    return f"{LABELS[field]}：{sentence}" if field in LABELS else sentence


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class LawForm(forms.Form):
    """One law; a row left empty is no law."""

    name = forms.CharField(label="法律法规全称", max_length=LONGEST_LINE, required=False)
    articles = forms.CharField(label="第几条", max_length=100, required=False)

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).strip("《》 ")

    def clean_articles(self) -> list[str]:
        numbers = [one for one in re.split(r"[、,，;；\s]+", self.cleaned_data["articles"]) if one]
        wrong = [one for one in numbers if not ARTICLE.fullmatch(one)]
        if wrong:
            raise ValidationError(f"“{wrong[0]}”请写阿拉伯数字，例如 33，几条之间用顿号隔开；第十二条之一写 12-1。")
        return numbers

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("articles") and not given.get("name"):
            self.add_error("name", "写了第几条，还要写是哪部法。")
        return given


class FieldForm(forms.Form):
    """One field that varies by city; a row left empty is none. `name` is the system's, and stays."""

    name = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    label = forms.CharField(label="什么因地而异", max_length=60, required=False)
    unit = forms.CharField(label="单位", max_length=20, required=False)


LawForms = forms.formset_factory(LawForm, extra=2, max_num=30, absolute_max=40)
FieldForms = forms.formset_factory(FieldForm, extra=2, max_num=30, absolute_max=40)


def laws_of(rows: Any) -> list[dict[str, Any]]:
    """The laws of the rows that are filled in."""
    return [
        {"name": one["name"], "articles": one.get("articles", [])}
        for row in rows
        if (one := row.cleaned_data).get("name")
    ]


def fields_of(rows: Any, known: Mapping[str, str]) -> list[dict[str, str]]:
    """The city fields of the rows. A new one takes the name of the field that other cards call the same (`known`: label -> name), else a
    free one."""
    found, taken = [], set(known.values())
    for row in rows:
        given = row.cleaned_data
        label = given.get("label", "").strip()
        if not label:
            continue
        name = given.get("name") or known.get(label) or _free(taken)
        taken.add(name)
        found.append({"name": name, "label": label, "unit": given.get("unit", "").strip()})
    return found


def _free(taken: set[str]) -> str:
    number = 1
    while f"own_{number}" in taken:
        number += 1
    return f"own_{number}"


def initial_of(card: Card | None, since: date) -> dict[str, Any]:
    """What the form begins with."""
    if card is None:
        return {"checked": since, "since": since, "audience": "resident", "kind": "answer"}
    plain = {
        name: getattr(card, name) for name in ("title", "audience", "kind", "answer", "next", *LONGEST, "from_pack")
    }
    asked = {f"q_{way}": "\n".join(card.questions.get(way, ())) for way in WAYS}
    more = {
        "materials": "\n".join(card.materials),
        "emergency": list(card.emergency),
        "checked": card.checked,
        "since": since,
    }
    return plain | asked | more


def law_rows(card: Card | None) -> list[dict[str, str]]:
    return [{"name": one.name, "articles": "、".join(one.articles)} for one in card.law] if card else []


def field_rows(card: Card | None) -> list[dict[str, str]]:
    return [{"name": one.name, "label": one.label, "unit": one.unit} for one in card.city] if card else []


class VersionMoveForm(forms.Form):
    move = forms.ChoiceField(choices=[(one, one) for one in ("submit", "return", "release", "withdraw")])
    note = forms.CharField(max_length=500, required=False)


class RetireForm(forms.Form):
    since = forms.DateField()
    note = forms.CharField(max_length=500, required=False)


class CardFileForm(forms.Form):
    """A YAML file of cards."""

    MOST_BYTES = 2_000_000

    file = forms.FileField(label="卡片文件（.yaml）", help_text="与“导出为文件”同样的格式，一个文件里可以有几张。")
    since = forms.DateField(
        label="自哪天起用", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    note = forms.CharField(label="为什么改", max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".yaml,.yml"
        self.fields["since"].initial = timezone.localdate()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > self.MOST_BYTES:
            raise ValidationError(f"文件超过 {self.MOST_BYTES // 1_000_000} MB；请分成几个文件。")
        return file
