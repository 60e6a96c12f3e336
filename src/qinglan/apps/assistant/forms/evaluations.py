"""Which set of questions is asked, a file of questions taken in, which evaluations and which of their questions are shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.html import format_html

from qinglan.apps.assistant.actions.evaluating import MOST
from qinglan.apps.assistant.models import Evaluation
from qinglan.apps.assistant.queries.measuring import CHANGES, DEVELOPMENT, development, sets_of
from qinglan.apps.assistant.states import Measuring
from qinglan.core.intake.model import IntakeError
from qinglan.core.intake.sheets import read_workbook
from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.evaluating import COLUMNS, Question, QuestionsError, read_questions
from qinglan.core.retrieval.guarding import guard

MOST_BYTES = 4 * 2**20
MOST_PROBLEMS = 40
# How an office may head the columns.
HEADS = {"问题": "question", "应为": "expected", "城市": "city", "上一句": "context"}


def questions_in(data: bytes, filename: str, cards: Sequence[Card]) -> list[Question]:
    """The questions of a CSV or a workbook's first sheet with anything in it. QuestionsError names each line that is wrong."""
    try:
        book = read_workbook(data, filename)
    except IntakeError as error:
        raise QuestionsError([f"{filename}：{error.sentence}。"]) from None
    rows = next((sheet.rows for sheet in book.sheets if any(map(any, sheet.rows))), [])
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    for number, row in enumerate(rows):
        cells = [_word(cell) for cell in row]
        writer.writerow([HEADS.get(one, one.lower()) for one in cells] if not number else cells)
    found = read_questions(written.getvalue(), cards)
    if len(found) > MOST:
        raise QuestionsError([f"文件里有 {len(found):,} 个问题，一次最多 {MOST:,} 个；请分成几份。"])
    told = [guarded for one in found for text in (one.question, one.context) if (guarded := guard(text)).masked]
    if told:  # a set is kept for good
        raise QuestionsError(
            [f"“{one.text[:40]}”里像有身份证号、手机号或账号；问题集会长期保存，请改掉再传。" for one in told]
        )
    return found


def _word(cell: Any) -> str:
    """A cell as somebody wrote it: 35 and not 35.0, in one line (a line of the file is a row of the sheet)."""
    if cell is None:
        return ""
    return f"{cell:g}" if isinstance(cell, float) else " ".join(str(cell).split())


class SetForm(forms.Form):
    """A set that is there, or a file. `district`: whose; `cards`: what its questions may expect."""

    chosen = forms.ChoiceField(label="问题集", required=False)
    file = forms.FileField(
        label="或者上传一份新的问题（xlsx 或 csv）", required=False,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )  # fmt: skip
    name = forms.CharField(
        label="新问题集的名称", required=False, max_length=80, help_text="不填就用文件名；同一个名称以后可以再评"
    )

    def __init__(self, *args: Any, district: str, cards: Sequence[Card], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.district, self.cards = district, cards
        own = [(str(number), f"{name}（{size} 题）") for number, name, size in sets_of(district)]
        self.fields["chosen"].choices = [("development", f"{DEVELOPMENT}（{len(development())} 题）"), *own]  # type: ignore[attr-defined]
        self.fields["file"].help_text = format_html(
            "每行一个问题，表头是 {}（也可以写{}）：expected 写应答的卡片编号（如 35、S3、W4）或“拒答”；后两列可以空着。一次最多 {} 个。"
            '<a href="{}">下载开发集作样表</a>',
            "、".join(COLUMNS), "、".join(HEADS), f"{MOST:,}", reverse_lazy("assistant:evaluation-sample"),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        upload = said.get("file")
        if upload is not None:
            said["questions"], said["set"] = self._uploaded(upload, said["name"].strip())
        elif said["chosen"] in ("", "development"):
            said["questions"], said["set"] = development(), DEVELOPMENT
        else:
            kept = Evaluation.objects.get(pk=said["chosen"], org_code=self.district)
            said["questions"], said["set"] = [Question(*one) for one in kept.questions], kept.name
        return said

    def _uploaded(self, upload: Any, name: str) -> tuple[list[Question], str]:
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(f"文件超过 {MOST_BYTES // 2**20} MB；请只留一张表再传。")
        name = name or Path(upload.name).stem[:80]
        try:
            questions = questions_in(upload.read(), upload.name, self.cards)
        except QuestionsError as error:
            more = len(error.problems) - MOST_PROBLEMS
            told = [*error.problems[:MOST_PROBLEMS], *([f"还有 {more} 处；请先改上面的。"] if more > 0 else [])]
            raise forms.ValidationError(told) from None
        if not questions:
            raise forms.ValidationError("文件里没有问题；表头下面每行写一个。")
        rows = [[one.question, one.expected, one.city, one.context] for one in questions]
        same = Evaluation.objects.filter(org_code=self.district, name=name).order_by("-pk").first()
        if name == DEVELOPMENT or (same is not None and same.questions != rows):
            raise forms.ValidationError(f"已有名为“{name}”的问题集，内容不同；请换一个名称，前后才好比较。")
        return questions, name


class EvaluationListForm(forms.Form):
    """Which evaluations are shown."""

    q = forms.CharField(label="问题集", required=False, max_length=80)
    of = forms.ChoiceField(
        label="评测什么", required=False, choices=[("", "全部"), ("now", "现行的卡片"), ("draft", "卡片草稿")]
    )
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Measuring.choices])


class LineForm(forms.Form):
    """Which questions of an evaluation are shown; `drafted`: there is a draft to compare with."""

    q = forms.CharField(label="问题里有", required=False, max_length=80)
    show = forms.ChoiceField(label="看哪些", required=False)

    def __init__(self, *args: Any, drafted: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        changes = list(CHANGES.items()) if drafted else []
        first = ("", "没有答对和有变化的" if drafted else "没有答对的")
        self.fields["show"].choices = [first, *changes, ("all", "全部")]  # type: ignore[attr-defined]
