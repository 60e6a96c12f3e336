"""选址: where centres should stand so that each serves four to five neighbourhoods within a kilometre (`service.linli_center`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import django_tables2 as tables
from django import forms

from qinglan.apps.base.tables import Table
from qinglan.apps.rehearsal.actions.kinds.shape import Step, StudyKind
from qinglan.apps.rehearsal.actions.kinds.uploading import SheetForm
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.states import Kind
from qinglan.core.matching.siting import plan
from qinglan.core.matching.siting_sheets import (
    DEFAULTS,
    RANGES,
    WORDS,
    Map,
    map_of,
    pasted,
    plain,
    read_map,
    setting_words,
    settings_rows,
    template,
    told,
)  # fmt: skip

MOST_SHOWN = 200  # rows a page; the workbook has all
HELP = {
    "radius": "小区到中心的直线距离不超过多少（闵行：约 1 公里）", "capacity": "一个中心服务几个小区为满（闵行：4–5 个），0 为不限",
    "least": "少于这个数的新建中心会标出来", "most_new": "不填：尽量少建，把够得着的都服务到；填了：就这么多，服务的户数最多",
    "seconds": "到时就停，给出当时最好的办法和差距",
}  # fmt: skip


class SitingForm(SheetForm):
    """A map (a file, or pasted) and what a centre may serve."""

    kind = Kind.SITING
    most = 5
    file = forms.FileField(label="小区的表，可写已有的中心（xlsx、csv 或 yaml）", required=False)
    pasted = forms.CharField(
        label="或者：从表格里复制，粘贴在这里", required=False, max_length=1_000_000, strip=False,
        widget=forms.Textarea(attrs={"rows": 7, "spellcheck": "false"}),
        help_text="第一行是表头：编码、名称、户数，和 x、y（米）或 经度、纬度，或 片区。现在的数是编的示例。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pasted"].initial = pasted()
        for name, (low, high) in RANGES.items():
            self.fields[name] = forms.IntegerField(
                label=WORDS[name], min_value=low, max_value=high, required=False, initial=DEFAULTS[name], help_text=HELP[name],
            )  # fmt: skip

    def read(self, data: bytes, name: str, uploaded: bool) -> Any:
        return read_map(data, name, self.changed({key: DEFAULTS[key] for key in RANGES}, uploaded))

    def inputs(self) -> dict[str, Any]:
        one: Map = self.cleaned_data["sheet"]
        return {"map": plain(one), "differ": list(self._differ(one))}

    def _differ(self, one: Map) -> Iterator[dict[str, str]]:
        """Settings of which file and form say different things, and which of the two was used."""
        for name, value in one.of_file.items():
            form = self.cleaned_data.get(name)
            if form is not None and form != value:
                words = {"file": value, "form": form, "used": one.used[name]}
                yield {"label": WORDS[name]} | {key: setting_words(name, each) for key, each in words.items()}


class SitingTable(Table):
    """A row a neighbourhood."""

    exportable = True
    caption = "各小区"

    code = tables.Column(verbose_name="编码")
    name = tables.Column(verbose_name="小区")
    households = tables.Column(verbose_name="户数")
    number = tables.Column(verbose_name="中心序号")
    centre_code = tables.Column(verbose_name="中心编码")
    centre = tables.Column(verbose_name="中心")
    kind = tables.Column(verbose_name="已有或新建")
    far = tables.Column(verbose_name="直线距离（米）")
    why = tables.Column(verbose_name="没有服务到的原因")

    class Meta(Table.Meta):
        sequence = ("code", "name", "households", "number", "centre_code", "centre", "kind", "far", "why")


def _run(study: Study) -> Iterator[Step]:
    one = map_of(study.inputs["map"])
    yield Step(1, 1, told(one, plan(one.problem, seconds=one.seconds, workers=max(1, min(2, os.cpu_count() or 1)))))


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Every neighbourhood with its centre, those without one first."""
    centres = {one["number"]: one for one in found.get("centres", [])}
    said = []
    for one in sorted(found.get("places", []), key=lambda each: (each["centre"], each["code"])):
        to = centres.get(one["centre"])
        said.append({
            "code": one["code"], "name": one["name"], "households": one["households"], "far": one["far"], "why": one["why"],
            "number": to["number"] if to else None, "centre": to["name"] if to else "", "centre_code": to["code"] if to else "",
            "kind": "" if to is None else "已有" if to["existing"] else "新建",
        })  # fmt: skip
    return said


def _shown(study: Study) -> dict[str, Any]:
    found = study.outcome or {}
    every = rows(found)
    return {
        "rows": every[:MOST_SHOWN], "more": max(len(every) - MOST_SHOWN, 0), "centres": found["centres"][:MOST_SHOWN],
        "more_centres": max(len(found["centres"]) - MOST_SHOWN, 0),
        "map": {name: found[name] for name in ("places", "centres", "radius", "schematic")},
        "settings": settings_rows(study.inputs["map"].get("used", {})), "differ": study.inputs.get("differ", []),
    }  # fmt: skip


KIND = StudyKind(
    kind=Kind.SITING,
    about="邻里中心设在哪里，让每个中心服务 4–5 个小区、1 公里以内；已有的中心算在内，说明离最好的办法最多还差多少。",
    form=SitingForm,
    runner=_run,
    table=lambda study: SitingTable(rows(study.outcome or {})),
    shown=_shown,
    needs_run=False,
    blank=("选址样表.xlsx", template),
)
