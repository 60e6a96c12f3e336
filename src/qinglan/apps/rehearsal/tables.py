"""The lists of rehearsals and of studies, the figures by year, the groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qinglan.apps.base.tables import NumberColumn, Table
from qinglan.apps.base.templatetags.figures import moment
from qinglan.apps.base.templatetags.parts import badge
from qinglan.apps.rehearsal.models import Rehearsal, Study
from qinglan.apps.rehearsal.queries.showing import PLACES

KINDS = {
    Rehearsal.State.QUEUED: "warn", Rehearsal.State.RUNNING: "info", Rehearsal.State.DONE: "good",
    Rehearsal.State.FAILED: "bad",
}  # fmt: skip


class _Asked(Table):
    """What somebody asked and how far it is: rehearsals and studies alike. Give `names` (organisation code -> name)."""

    exportable = True
    address = ""  # of a row

    name = tables.Column(verbose_name="名称")
    org_code = tables.Column(verbose_name="范围")
    year = tables.Column(verbose_name="自哪年末起")
    state = tables.Column(verbose_name="状态")
    made_at = tables.Column(verbose_name="时间", attrs={"td": {"class": "ql-nowrap"}})

    def __init__(self, *args: Any, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def render_name(self, record: Rehearsal | Study) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse(self.address, args=[record.pk]), record.name)

    def value_name(self, record: Rehearsal | Study) -> str:
        return record.name

    def render_org_code(self, value: str) -> str:
        return self.names.get(value, value)

    def render_year(self, value: int) -> str:
        return str(value)

    def render_made_at(self, value: Any) -> str:
        return moment(value)

    def render_state(self, record: Rehearsal | Study) -> SafeString:
        return badge(record.get_state_display(), KINDS.get(Rehearsal.State(record.state), "plain"))

    def value_state(self, record: Rehearsal | Study) -> str:
        return str(record.get_state_display())


class RehearsalTable(_Asked):
    """Rehearsals."""

    caption = "推演"
    address = "rehearsal:rehearsal"

    years = NumberColumn(verbose_name="推演年数")
    replicates = NumberColumn(verbose_name="重复次数")
    made_by_name = tables.Column(verbose_name="推演人")

    class Meta(Table.Meta):
        sequence = ("name", "org_code", "year", "years", "replicates", "state", "made_by_name", "made_at")
        empty_text = "还没有推演。点「新的推演」，改几个值，看五年、十年后可能怎样。"


class StudyTable(_Asked):
    """Studies."""

    caption = "专题研究"
    address = "rehearsal:study"

    kind = tables.Column(verbose_name="种类")
    made_by_name = tables.Column(verbose_name="提出人")

    class Meta(Table.Meta):
        sequence = ("name", "kind", "org_code", "year", "state", "made_by_name", "made_at")
        empty_text = "还没有研究。在上面选一种，看推演靠不靠得住、哪条假设要紧、预算内怎样配最好。"


class Bands(Table):
    """An indicator on both sides, each with its band."""

    indicator = tables.Column(verbose_name="指标")
    base_mid = tables.Column(verbose_name="现行 中位")
    base_low = tables.Column(verbose_name="现行 5%")
    base_first = tables.Column(verbose_name="现行 25%")
    base_third = tables.Column(verbose_name="现行 75%")
    base_high = tables.Column(verbose_name="现行 95%")
    other_mid = tables.Column(verbose_name="方案 中位")
    other_low = tables.Column(verbose_name="方案 5%")
    other_first = tables.Column(verbose_name="方案 25%")
    other_third = tables.Column(verbose_name="方案 75%")
    other_high = tables.Column(verbose_name="方案 95%")


class YearTable(Bands):
    """Every indicator by year: for the workbook."""

    exportable = True
    caption = "推演逐年结果"

    year = tables.Column(verbose_name="年")
    apart_mean = tables.Column(verbose_name="平均差")
    apart_low = tables.Column(verbose_name="差的区间下限")
    apart_high = tables.Column(verbose_name="差的区间上限")
    above = tables.Column(verbose_name="方案较高的次数（%）")

    class Meta(Table.Meta):
        sequence = ("indicator", "year", "base_mid", "...")


class MonthTable(Bands):
    """What is known by month: for the workbook."""

    exportable = True
    caption = "推演逐月结果"

    month = tables.Column(verbose_name="月")

    class Meta(Table.Meta):
        sequence = ("indicator", "month", "base_mid", "...")


class FigureColumn(NumberColumn):
    """A figure as it is rounded where it is made; what may not be told, or is not known, is a dash. Workbooks hold the number."""

    def __init__(self, *args: Any, places: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places

    def render(self, value: Any) -> str:
        return f"{value:,.{self.places}f}"

    def value(self, **kwargs: Any) -> Any:
        return kwargs["value"]


class GroupTable(Table):
    """Groups in one year."""

    exportable = True
    caption = "推演分组结果"

    name = tables.Column(verbose_name="组", attrs={"td": {"class": "ql-nowrap"}})
    base = NumberColumn(verbose_name="现行")
    other = NumberColumn(verbose_name="方案")
    apart = NumberColumn(verbose_name="差")
    low = NumberColumn(verbose_name="差的区间下限")
    high = NumberColumn(verbose_name="差的区间上限")

    class Meta(Table.Meta):
        sequence = ("name", "base", "other", "apart", "low", "high")
        empty_text = "没有可以显示的组：这样分的组都太小，或没有找到这个名称。可换一种分法，或清空「找组」。"

    def _figure(self, value: float, record: Mapping[str, Any]) -> str:
        return f"{value:,.{PLACES.get(record['unit'], 2)}f}"

    def _number(self, value: float) -> float:
        return value

    render_base = render_other = render_apart = render_low = render_high = _figure
    value_base = value_other = value_apart = value_low = value_high = _number


class GroupYears(Table):
    """Every group, measure and year: for the workbook."""

    by = tables.Column(verbose_name="分法")
    name = tables.Column(verbose_name="组")
    measure = tables.Column(verbose_name="指标")
    year = tables.Column(verbose_name="年")
    base = tables.Column(verbose_name="现行")
    other = tables.Column(verbose_name="方案")
    apart = tables.Column(verbose_name="差")
    low = tables.Column(verbose_name="差的区间下限")
    high = tables.Column(verbose_name="差的区间上限")


class WinnerTable(Table):
    """Who wins and who loses, by group of the start."""

    exportable = True
    caption = "推演得失"

    name = tables.Column(verbose_name="组", attrs={"td": {"class": "ql-nowrap"}})
    people = FigureColumn(verbose_name="起始人数")
    gain = FigureColumn(verbose_name="薪酬多的人")
    same = FigureColumn(verbose_name="差不多的人")
    lose = FigureColumn(verbose_name="薪酬少的人")
    pay_base = FigureColumn(verbose_name="人均月应发 现行")
    pay_other = FigureColumn(verbose_name="人均月应发 方案")
    pay_apart = FigureColumn(verbose_name="差（元）")
    rises_base = FigureColumn(verbose_name="每百人晋升 现行", places=1)
    rises_other = FigureColumn(verbose_name="每百人晋升 方案", places=1)
    rises_apart = FigureColumn(verbose_name="差（次）", places=1)
    left_base = FigureColumn(verbose_name="每百人自愿离职 现行", places=1)
    left_other = FigureColumn(verbose_name="每百人自愿离职 方案", places=1)
    left_apart = FigureColumn(verbose_name="差（人）", places=1)

    class Meta(Table.Meta):
        empty_text = "没有可以显示的组：这样分的组都太小，或没有找到这个名称。可换一种分法，或清空「找组」。"


class WinnerYears(WinnerTable):
    """Every way to group and every year: for the workbook."""

    by = tables.Column(verbose_name="分法")
    year = tables.Column(verbose_name="到哪一年末")

    class Meta(WinnerTable.Meta):
        sequence = ("by", "name", "year", "...")


class AssumptionTable(Table):
    """What a rehearsal assumed: for the workbook."""

    group = tables.Column(verbose_name="类别")
    label = tables.Column(verbose_name="名称")
    base = tables.Column(verbose_name="现行用")
    other = tables.Column(verbose_name="方案用")
    default = tables.Column(verbose_name="默认")
    range = tables.Column(verbose_name="可用范围")
    basis = tables.Column(verbose_name="出处或假设")


class ParameterTable(Table):
    """The behavioural parameters."""

    exportable = True
    caption = "行为参数"

    group = tables.Column(verbose_name="类别")
    label = tables.Column(verbose_name="名称")
    name = tables.Column(verbose_name="代号", attrs={"td": {"class": "ql-nowrap"}})
    default = FigureColumn(verbose_name="默认")
    range = tables.Column(verbose_name="可用范围", orderable=False, attrs={"td": {"class": "ql-nowrap"}})
    kind = tables.Column(verbose_name="用法")
    basis = tables.Column(verbose_name="出处或假设")

    class Meta(Table.Meta):
        empty_text = "没有找到这样的参数；可换个词，或清空查询。"

    def render_default(self, value: float) -> str:
        return f"{value:g}"
