"""The lists of evaluations and of an evaluation's questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.assistant.models import Evaluation
from qinglan.apps.assistant.queries.measuring import CHANGES, Line, expected_of, shares_of
from qinglan.apps.assistant.states import Measuring, Outcome
from qinglan.apps.base.tables import NumberColumn, Table
from qinglan.apps.base.templatetags.figures import moment
from qinglan.apps.base.templatetags.parts import badge

STATES = {
    Measuring.QUEUED: "warn", Measuring.RUNNING: "info", Measuring.DONE: "good", Measuring.FAILED: "bad",
}  # fmt: skip
CHANGED = {"won": "good", "lost": "bad", "other": "warn"}
RIGHT = "正确且作了答"
GUESSED = "没有把握，猜的是"


def card_link(key: str, title: str) -> SafeString | str:
    """A card's title, leading to its page."""
    return format_html('<a href="{}">{}</a>', reverse("assistant:card", args=[key]), title) if key else title


def _guessed(record: Line) -> bool:
    """Whether the card was only named as a guess: a right guess is no answer, which the page must say."""
    return record.outcome == Outcome.HANDED_OVER and bool(record.key) and not record.right


class EvaluationTable(Table):
    """Evaluations; each row has `shares` of its outcome and `size`."""

    exportable = True
    caption = "助手评测"

    name = tables.Column(verbose_name="问题集")
    draft = tables.Column(verbose_name="评测什么", accessor="draft__title", orderable=False, empty_values=())
    size = NumberColumn(verbose_name="题数", orderable=False)
    right = tables.Column(
        verbose_name=RIGHT,
        empty_values=(),
        orderable=False,
        attrs={"td": {"class": "ql-num"}, "th": {"class": "ql-num"}},
    )
    state = tables.Column(verbose_name="状态")
    made_by_name = tables.Column(verbose_name="评测人")
    made_at = tables.Column(verbose_name="时间", attrs={"td": {"class": "ql-nowrap"}})

    class Meta(Table.Meta):
        sequence = ("name", "draft", "size", "right", "state", "made_by_name", "made_at")
        empty_text = "还没有评测。点「新的评测」，把开发集问一遍，看答对多少、哪些没答对。"

    def render_name(self, record: Evaluation) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("assistant:evaluation", args=[record.pk]), record.name)

    def value_name(self, record: Evaluation) -> str:
        return record.name

    def render_draft(self, record: Evaluation) -> str:
        return f"草稿：{record.draft.title}" if record.draft else "现行的卡片"

    def render_right(self, record: Any) -> str:
        share = shares_of({"shares": record.shares})[RIGHT] if record.shares else None
        return f"{share.value:.1%}" if share is not None and share.all else "—"

    def render_made_at(self, value: Any) -> str:
        return moment(value)

    def render_state(self, record: Evaluation) -> SafeString:
        return badge(record.get_state_display(), STATES[Measuring(record.state)])

    def value_state(self, record: Evaluation) -> str:
        return str(record.get_state_display())


class LineTable(Table):
    """An evaluation's questions (`queries.measuring.Line`), misses first. `titles`: item → (key, title) of the cards."""

    exportable = True
    caption = "评测的问题"

    question = tables.Column(verbose_name="问题", orderable=False)
    expected = tables.Column(verbose_name="应为", orderable=False)
    came = tables.Column(verbose_name="答成", orderable=False)
    before = tables.Column(verbose_name="没有草稿时", orderable=False)
    change = tables.Column(verbose_name="变化", orderable=False, empty_values=())

    class Meta(Table.Meta):
        sequence = ("question", "expected", "came", "before", "change")
        empty_text = "这里没有问题：都答对了，或没有含这个词的。可在「看哪些」里选全部。"

    def __init__(self, *args: Any, titles: Mapping[str, tuple[str, str]], drafted: bool, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if drafted else ("before", "change"), **kwargs)
        self.titles = dict(titles)

    def render_question(self, record: Line) -> SafeString:
        said = [f"上一句：{record.context}"] if record.context else []
        said += [f"城市：{record.city}"] if record.city else []
        more = format_html('<div class="ql-quiet">{}</div>', "；".join(said)) if said else ""
        return format_html("{}{}", record.question, more)

    def value_question(self, record: Line) -> str:
        said = f"{record.context} → " if record.context else ""
        return f"{said}{record.question}" + (f"（{record.city}）" if record.city else "")

    def render_expected(self, record: Line) -> SafeString | str:
        key, _ = self.titles.get(record.expected, ("", ""))
        return card_link(key, expected_of(record, self.titles))

    def value_expected(self, record: Line) -> str:
        return (
            f"{record.expected} {expected_of(record, self.titles)}"
            if record.expected in self.titles
            else record.expected
        )

    def render_came(self, record: Line) -> SafeString:
        sign = badge(Outcome(record.outcome).label, "good" if record.right else "bad")
        guess = GUESSED if _guessed(record) else ""
        return format_html("<div>{} {}{}</div>", sign, guess, card_link(record.key, record.came))

    def value_came(self, record: Line) -> str:
        return f"{Outcome(record.outcome).label}：{GUESSED if _guessed(record) else ''}{record.came}"

    def render_change(self, record: Line) -> SafeString | str:
        return badge(CHANGES[record.change], CHANGED[record.change]) if record.change else "没有变"

    def value_change(self, record: Line) -> str:
        return CHANGES.get(record.change, "")
