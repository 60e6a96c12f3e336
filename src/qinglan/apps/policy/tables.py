"""The lists of results, units and runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from qinglan.apps.base.tables import DayColumn, MoneyColumn, NumberColumn, ScoreColumn, Table
from qinglan.apps.base.templatetags.figures import day, moment
from qinglan.apps.base.templatetags.parts import badge
from qinglan.apps.policy.models import PackRelease, PersonResult, ReviewItem, Run, UnitResult
from qinglan.apps.policy.queries.differences import Cause
from qinglan.core.frame.codes import Colour, Grade, Star, Tier
from qinglan.core.frame.units import to_date

GRADE_KINDS: dict[int, str] = {
    Grade.EXCELLENT: "good",
    Grade.COMPETENT: "plain",
    Grade.BASIC: "warn",
    Grade.INCOMPETENT: "bad",
}
COLOUR_KINDS: dict[int, str] = {Colour.BLUE: "info", Colour.YELLOW: "warn", Colour.RED: "bad"}


def _left(record: Any) -> str:
    """离岗 with its day, for who left before the year's end; rows come from queries.with_leaving."""
    return "" if record.left_on is None else f"{day(to_date(record.left_on))} 离岗"


FINE_BADGES: dict[bool | None, tuple[str, str]] = {
    None: ("未核对", "plain"),
    True: ("无误", "good"),
    False: ("有疑问", "bad"),
}


class ResultTable(Table):
    """People's figures of a year; each leads to its steps. Give `names` (organisation code → name)."""

    exportable = True
    caption = "年度结果"

    person = tables.Column(verbose_name="姓名", order_by="person__pinyin")
    org_code = tables.Column(verbose_name="社区")
    tier = tables.Column(verbose_name="层级")
    score = ScoreColumn(verbose_name="综合分")
    grade_score = ScoreColumn(verbose_name="等次评分", orderable=False)
    grade = tables.Column(verbose_name="等次（拟）")
    star = tables.Column(verbose_name="星级")
    ladder_grade = NumberColumn(verbose_name="职级（档）")
    gross = MoneyColumn(verbose_name="全年应发")
    tax = MoneyColumn(verbose_name="个税")
    net = MoneyColumn(verbose_name="全年实发")

    class Meta(Table.Meta):
        sequence = (
            "person", "org_code", "tier", "score", "grade_score", "grade", "star", "ladder_grade", "gross", "tax", "net",
        )  # fmt: skip

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_person(self, record: PersonResult) -> SafeString:
        link = format_html('<a href="{}">{}</a>', reverse("policy:result", args=[record.pk]), record.person.name)
        left = _left(record)
        return format_html("{} {}", link, badge(left, "plain", "sign-out")) if left else link

    def value_person(self, record: PersonResult) -> str:
        left = _left(record)
        return f"{record.person.name}（{left}）" if left else record.person.name

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)

    def render_tier(self, value: int) -> str:
        return Tier.labels().get(value, "—")

    def render_grade(self, value: int) -> SafeString:
        return badge(Grade.labels().get(value, "—"), GRADE_KINDS.get(value, "plain"))

    def value_grade(self, value: int) -> str:
        return Grade.labels().get(value, "")

    def render_star(self, value: int) -> str:
        return Star.labels().get(value, "—")


class UnitTable(Table):
    """Units of a run."""

    exportable = True
    caption = "单位结果"

    org_code = tables.Column(verbose_name="单位")
    score = ScoreColumn(verbose_name="综合分")
    colour = tables.Column(verbose_name="颜色")

    class Meta(Table.Meta):
        sequence = ("org_code", "score", "colour")

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_org_code(self, record: UnitResult) -> SafeString:
        url = reverse("policy:unit", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, self.names.get(record.org_code, record.org_code))

    def value_org_code(self, record: UnitResult) -> str:
        return self.names.get(record.org_code, record.org_code)

    def render_colour(self, value: int) -> SafeString:
        return badge(Colour.labels()[value], COLOUR_KINDS[value])

    def value_colour(self, value: int) -> str:
        return Colour.labels()[value]


class RunTable(Table):
    """Computations of a district, newest first."""

    caption = "历次计算"

    created_at = tables.Column(verbose_name="时间")
    year = NumberColumn(verbose_name="年度")
    state = tables.Column(verbose_name="状态", accessor="get_state_display", order_by="state")
    people = NumberColumn(verbose_name="人数")
    pack_title = tables.Column(verbose_name="政策包")
    by_name = tables.Column(verbose_name="操作人")
    seconds = NumberColumn(verbose_name="用时（秒）")

    class Meta(Table.Meta):
        sequence = ("created_at", "year", "state", "people", "pack_title", "by_name", "seconds")

    def render_created_at(self, record: Run) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("policy:run", args=[record.pk]), moment(record.created_at))

    def render_year(self, value: int) -> str:
        return str(value)

    def render_seconds(self, value: float) -> str:
        return f"{value:.2f}"

    def render_pack_title(self, record: Run) -> str:
        return f"{record.pack_title} {record.pack_version}"


class ReviewTable(Table):
    """The rows of a review. Give `names` (organisation code → name)."""

    exportable = True
    caption = "复核名单"

    chosen = tables.Column(verbose_name="选", accessor="pk", orderable=False, exclude_from_export=True)
    person = tables.Column(verbose_name="姓名", accessor="result__person__name", order_by="result__person__pinyin")
    org_code = tables.Column(verbose_name="社区", accessor="result__org_code")
    reasons = tables.Column(verbose_name="为什么核对", orderable=False)
    score = ScoreColumn(verbose_name="综合分", accessor="result__score")
    grade = tables.Column(verbose_name="等次（拟）", accessor="result__grade")
    gross = MoneyColumn(verbose_name="全年应发", accessor="result__gross")
    fine = tables.Column(verbose_name="核对", empty_values=())
    comment = tables.Column(verbose_name="意见")
    marked_by = tables.Column(verbose_name="核对人")

    class Meta(Table.Meta):
        sequence = (
            "chosen",
            "person",
            "org_code",
            "reasons",
            "score",
            "grade",
            "gross",
            "fine",
            "comment",
            "marked_by",
        )

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_chosen(self, record: ReviewItem) -> SafeString:
        return format_html(
            '<input class="form-check-input" type="checkbox" name="item" value="{}" form="mark" aria-label="选{}">',
            record.pk,
            record.result.person.name,
        )

    def render_person(self, record: ReviewItem) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("policy:result", args=[record.result_id]), record.result.person.name
        )

    def value_person(self, record: ReviewItem) -> str:
        return record.result.person.name

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)

    def render_reasons(self, value: list[str]) -> str:
        return "、".join(value)

    def render_grade(self, value: int) -> SafeString:
        return badge(Grade.labels().get(value, "—"), GRADE_KINDS.get(value, "plain"))

    def value_grade(self, value: int) -> str:
        return Grade.labels().get(value, "")

    def render_fine(self, value: bool | None) -> SafeString:
        return badge(*FINE_BADGES[value])

    def value_fine(self, value: bool | None) -> str:
        return FINE_BADGES[value][0]


class DifferenceTable(Table):
    """Rows that two runs say differently. Give `names`; `begin` brings what the differences of this page begin with."""

    exportable = True
    caption = "两次计算的差异"

    person = tables.Column(verbose_name="姓名", order_by="person__pinyin", attrs={"td": {"class": "ql-nowrap"}})
    org_code = tables.Column(verbose_name="社区")
    grade = tables.Column(verbose_name="等次", empty_values=())
    star = tables.Column(verbose_name="星级", empty_values=())
    ladder_grade = tables.Column(verbose_name="职级（档）", empty_values=())
    old_gross = MoneyColumn(verbose_name="原全年应发")
    gross = MoneyColumn(verbose_name="现全年应发")
    gross_change = MoneyColumn(verbose_name="差额")
    begins = tables.Column(verbose_name="从哪里开始不同", accessor="pk", orderable=False, exclude_from_export=True)

    class Meta(Table.Meta):
        sequence = (
            "person",
            "org_code",
            "grade",
            "star",
            "ladder_grade",
            "old_gross",
            "gross",
            "gross_change",
            "begins",
        )

    def __init__(self, *args: Any, names: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        self.causes: Mapping[int, Sequence[Cause]] = {}

    def begin(self, causes: Mapping[int, Sequence[Cause]]) -> None:
        self.causes = causes

    def render_person(self, record: PersonResult) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("policy:result", args=[record.pk]), record.person.name)

    def value_person(self, record: PersonResult) -> str:
        return record.person.name

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)

    def render_grade(self, record: Any) -> str:
        return _from_to(record.old_grade, record.grade, Grade.labels())

    def render_star(self, record: Any) -> str:
        return _from_to(record.old_star, record.star, Star.labels())

    def render_ladder_grade(self, record: Any) -> str:
        return _from_to(record.old_ladder_grade, record.ladder_grade, {})

    def render_begins(self, record: Any) -> SafeString:
        if record.old_id is None:
            return badge("原来没有", "info")
        told = [
            (f"{one.month} 月，" if one.month else "", one.label, one.before, one.after)
            for one in self.causes.get(record.pk, ())
        ]
        return format_html_join(SafeString("<br>"), "{}{}：{} → {}", told) or SafeString("—")


def _from_to(before: int | None, after: int | None, labels: Mapping[int, str]) -> str:
    was, now = (("—" if one is None else labels.get(one, str(one))) for one in (before, after))
    return now if was == now else f"{was} → {now}"


class ReleaseTable(Table):
    """Proposed packs, newest first."""

    caption = "政策包的拟稿与发布"

    title = tables.Column(verbose_name="政策包")
    state = tables.Column(verbose_name="状态", accessor="get_state_display", order_by="state")
    since = DayColumn(verbose_name="自")
    made_by_name = tables.Column(verbose_name="拟稿人")
    made_at = tables.Column(verbose_name="拟稿时间")
    released_by_name = tables.Column(verbose_name="发布人")

    class Meta(Table.Meta):
        sequence = ("title", "state", "since", "made_by_name", "made_at", "released_by_name")
        empty_text = "还没有拟稿。要换政策包，在下面选用；要改几个值，上传一个文件。"

    def render_title(self, record: PackRelease) -> SafeString:
        url = reverse("policy:release", args=[record.pk])
        return format_html('<a href="{}">{} {}</a>', url, record.title, record.version)

    def render_made_at(self, value: Any) -> str:
        return moment(value)
