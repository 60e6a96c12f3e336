"""派单: the same events to the same people, first in first out against matched by skill, way and load; response times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_tables2 as tables
from django import forms

from qinglan.apps.base.tables import Table
from qinglan.apps.rehearsal.actions.kinds.shape import Step, StudyKind, figure
from qinglan.apps.rehearsal.actions.kinds.uploading import SheetForm
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.states import Kind
from qinglan.core.twin.dispatching import DEFAULTS, FIGURES, RANGES, WHOLE, WORDS, lived
from qinglan.core.twin.dispatching_sheets import changed, field_of, plain, read_field, template

HELP = {
    "days": "推演几天，每天从各人的驻点开始", "replicates": "重复多少次，次数越多区间越窄", "seed": "同一种子得同样的结果",
    "hours": "一天里派单几个小时", "speed": "步行约 70 米", "unskilled": "1 是一样快", "load": "0 是不看忙闲", "patience": "0 是不看等了多久",
}  # fmt: skip
TAILS = ("p50", "p90", "p95", "p99")


class DispatchForm(SheetForm):
    """People with their skills and places, kinds of events, neighbourhoods; and how it is dispatched."""

    kind = Kind.DISPATCH
    file = forms.FileField(
        label="人员、事件和小区的表（xlsx）",
        error_messages={"required": "请先下载样表，填好人员、事件和小区，再选文件上传。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (low, high) in RANGES.items():
            kind = forms.IntegerField if name in WHOLE else forms.FloatField
            self.fields[name] = kind(
                label=WORDS[name], min_value=low, max_value=high, required=False, initial=DEFAULTS[name],
                help_text=f"{low:,.12g} 到 {high:,.12g}；{HELP[name]}",
            )  # fmt: skip

    def read(self, data: bytes, name: str, uploaded: bool) -> Any:
        return changed(read_field(data, name), self.changed(DEFAULTS, uploaded), name)

    def inputs(self) -> dict[str, Any]:
        return {"field": plain(self.cleaned_data["sheet"])}


class DispatchTable(Table):
    """A row a figure, a column a way of dispatching."""

    exportable = True
    caption = "两种派法"

    label = tables.Column(verbose_name="指标")
    fifo = tables.Column(verbose_name="先来先办")
    fifo_low = tables.Column(verbose_name="先来先办：区间下限")
    fifo_high = tables.Column(verbose_name="先来先办：区间上限")
    matched = tables.Column(verbose_name="按技能、远近、忙闲匹配")
    matched_low = tables.Column(verbose_name="匹配：区间下限")
    matched_high = tables.Column(verbose_name="匹配：区间上限")

    class Meta(Table.Meta):
        sequence = ("label", "fifo", "fifo_low", "fifo_high", "matched", "matched_low", "matched_high")


def _run(study: Study) -> Iterator[Step]:
    for done, total, found in lived(field_of(study.inputs["field"])):
        yield Step(done, total, found)


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The comparison as it is printed."""
    said = []
    for name, (label, scale) in FIGURES.items() if found else ():
        row = {"label": label}
        for way in ("fifo", "matched"):
            mean, low, high = (one * scale for one in found[way][name])
            row |= {way: f"{mean:.1f}", f"{way}_band": f"{low:.1f}–{high:.1f}"}
        said.append(row)
    return said


def values(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The same for the workbook, as numbers."""
    numbered = []
    for name, (label, scale) in FIGURES.items() if found else ():
        row: dict[str, Any] = {"label": label}
        for way in ("fifo", "matched"):
            cells = (figure(one * scale) for one in found[way][name])
            row |= dict(zip((way, f"{way}_low", f"{way}_high"), cells, strict=True))
        numbered.append(row)
    return numbered


def _shown(study: Study) -> dict[str, Any]:
    found, field = study.outcome or {}, study.inputs["field"]
    tails = {
        "kind": "bar", "unit": "分钟", "head": "响应不超过", "labels": ["半数", "九成", "九成半", "百分之九十九"], "places": 1,
        "series": [
            {"name": name, "values": [found[way][one][0] for one in TAILS]}
            for way, name in (("fifo", "先来先办"), ("matched", "匹配"))
        ],
    }  # fmt: skip
    mean, low, high = found["saved"]
    words = f"匹配使平均响应{'缩短' if mean >= 0 else '延长'} {abs(mean):.1f} 分钟（95% 区间 {low:.1f} 至 {high:.1f}，正数是缩短）。"
    settings = [
        {"label": WORDS[name], "value": f"{field[name]:g}", "default": f"{DEFAULTS[name]:g}"} for name in RANGES
    ]
    return {
        "rows": rows(found),
        "tails": tails,
        "said": words,
        "settings": settings,
        "days": field["days"],
        "times": field["replicates"],
    }


KIND = StudyKind(
    kind=Kind.DISPATCH,
    about="事件来了派给谁：先来先办，还是按技能、远近、忙闲匹配；用同样的事件比较多久有人到。",
    form=DispatchForm,
    runner=_run,
    table=lambda study: DispatchTable(values(study.outcome or {})),
    shown=_shown,
    needs_run=False,
    blank=("派单样表.xlsx", template),
)
