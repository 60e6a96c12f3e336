"""预算内寻优: the best mixes of chosen levers within limits, retention against cost; each opens as a new rehearsal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

import django_tables2 as tables
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from qinglan.apps.base.tables import Table
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries import rehearsing
from qinglan.apps.rehearsal.actions.kinds.shape import Step, StudyForm, StudyKind, figure, measured
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.queries.filling import CANDIDATE, plain
from qinglan.apps.rehearsal.queries.scenarios import LEVERS
from qinglan.apps.rehearsal.queries.showing import said
from qinglan.apps.rehearsal.queries.studying import base_of, scenario_of
from qinglan.apps.rehearsal.states import Kind
from qinglan.core.twin.parameters import catalogue
from qinglan.core.twin.scenario import Scenario
from qinglan.core.twin.search import TIMES_HIGH, TIMES_LOW, Lever, LeverError, Limit, lever_of, search, tried

VALUES = 3  # how many values of the pack can be moved at once
PAY = "pay."
WAN = 10_000
USUAL = {"mentees_per_mentor": "1–5", "training_budget": "100–400"}


class SearchForm(StudyForm):
    """Which levers, from where to where; which limits."""

    bill = forms.FloatField(
        label="每年应发工资不超过（万元）", min_value=1, required=False, help_text="推演各年的平均；空着就不限"
    )
    heads = forms.FloatField(label="平均在岗人数不超过", min_value=1, required=False, help_text="编制数；空着就不限")
    stability = forms.FloatField(
        label="队伍稳定性不低于（%）", min_value=0, max_value=100, required=False, help_text="空着就不限"
    )
    years = forms.IntegerField(label="推演几年", min_value=1, max_value=10, initial=5, help_text="看这几年的平均")
    trials = forms.IntegerField(
        label="试几组", min_value=16, max_value=400, initial=64, help_text="越多越接近最好，用时越长"
    )
    replicates = forms.IntegerField(label="每组重复几遍", min_value=2, max_value=100, initial=10)
    seed = forms.IntegerField(
        label="随机种子", min_value=0, max_value=999_999_999, initial=1, help_text="同一种子得同样的结果"
    )

    def __init__(self, *args: Any, places: Mapping[str, str], run: Run | None, **kwargs: Any) -> None:
        super().__init__(*args, places=places, run=run, **kwargs)
        for name in LEVERS:
            one = catalogue()[name]
            self.fields[name] = forms.CharField(
                label=f"{one.label}（{one.unit}）：从–到", required=False, initial=USUAL.get(name, ""),
                help_text=f"现在 {one.default:g}，可在 {one.low:g}–{one.high:g} 之间；空着就不动",
            )  # fmt: skip
        items = [("", "不动"), *(_pack_items(run) if run else [])]
        for number in range(1, VALUES + 1):
            self.fields[f"item_{number}"] = forms.ChoiceField(
                label=f"政策包的值 {number}", choices=items, required=False
            )
            self.fields[f"times_{number}"] = forms.CharField(
                label=f"政策包的值 {number}：现值的几倍到几倍", required=False,
                help_text=f"如 0.8–1.5，可在 {TIMES_LOW:g}–{TIMES_HIGH:g} 之间；表里的每个数都乘这个倍数",
            )  # fmt: skip

        last = ("bill", "heads", "stability", "years", "trials", "replicates", "seed")
        self.order_fields([name for name in self.fields if name not in last] + list(last))

    def inputs(self) -> dict[str, Any]:
        said = self.cleaned_data
        asked = [(name, said[name]) for name in LEVERS if said[name].strip()]
        asked += [(said[f"item_{n}"], said[f"times_{n}"]) for n in range(1, VALUES + 1) if said[f"item_{n}"]]
        if not asked:
            raise ValidationError("没有选要动的做法；至少在一项写上“从–到”，或选一个政策包的值。")
        assert self.run is not None
        base, problems, levers = base_of(self.run, said["place"]), [], []
        for name, text in asked:
            try:
                levers.append(asdict(lever_of(base, name, *_ends(text))))
            except LeverError as error:
                problems += error.problems
        if len({name for name, _ in asked}) < len(asked):
            problems.append("同一个政策包的值选了两次；各选一次。")
        if problems:
            raise ValidationError(problems)
        limits = [("bill", WAN, True), ("heads", 1, True), ("stability", 0.01, False)]
        return {name: said[name] for name in ("years", "trials", "replicates", "seed")} | {
            "levers": levers,
            "limits": [
                {"outcome": name, "value": said[name] * scale, "at_most": most}
                for name, scale, most in limits
                if said[name] is not None
            ],
        }  # fmt: skip


def _pack_items(run: Run) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the pack pays, by the groups of the what-if page."""
    groups = ((group, [one for one in items if one[0].startswith(PAY)]) for group, items in rehearsing.items_of(run))
    return [(group, items) for group, items in groups if items]


def _ends(text: str) -> tuple[float, float]:
    for mark in ("–", "—", "~", "～", "至", "到", "-"):
        low, found, high = text.partition(mark)
        if found:
            try:
                return float(low), float(high)
            except ValueError:
                break
    raise LeverError([f"「{text[:20]}」写法不对；写成从–到，如 1–5。"])


class FrontTable(Table):
    """A row a mix on the front. Give `levers`: a column each."""

    exportable = True
    caption = "预算内寻优"

    number = tables.Column(verbose_name="组")
    stability = tables.Column(verbose_name="稳定性（%）")
    apart = tables.Column(verbose_name="比现行（个百分点）")
    apart_low = tables.Column(verbose_name="比现行：区间下限")
    apart_high = tables.Column(verbose_name="比现行：区间上限")
    cost = tables.Column(verbose_name="用工与培训（万元/年）")
    bill = tables.Column(verbose_name="应发工资（万元/年）")
    heads = tables.Column(verbose_name="在岗人数")
    levers = tables.Column(verbose_name="做法")

    class Meta(Table.Meta):
        sequence = ("number", "stability", "apart", "apart_low", "apart_high", "cost", "bill", "heads", "levers")


def _run(study: Study) -> Iterator[Step]:
    asked = study.inputs
    base = scenario_of(study, months=12 * asked["years"], replicates=asked["replicates"], seed=asked["seed"])
    levers = [Lever(**one) for one in asked["levers"]]
    limits = [Limit(**one) for one in asked["limits"]]
    yield Step(0, asked["trials"])
    for done, every, found in search(base, levers, limits, trials=asked["trials"], seed=asked["seed"]):
        yield Step(done, every, asdict(found))


def _wan(value: float) -> str:
    return f"{value / WAN:,.1f}"


def _points(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The baseline, then the front, cheapest first."""
    known = {one["number"]: one for one in found["points"]}
    return [found["baseline"], *(known[number] for number in found["front"])] if found else []


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """As they are printed; the baseline first."""
    printed = []
    for one in _points(found):
        values, apart = one["values"], [said(value, "比例") for value in one["apart"]["stability"]]
        now = one["number"] < 0
        printed.append({
            "number": "现行" if now else str(one["number"]), "stability": said(values["stability"], "比例"), "now": now,
            "apart": "—" if now else f"{apart[0]}（{apart[1]} 至 {apart[2]}）", "cost": _wan(values["cost"] + values["training_cost"]),
            "bill": _wan(values["bill"]), "heads": said(values["heads"], "人"), "broken": bool(one["broken"]),
            "levers": "；".join(f"{lever['label']} {one['levers'][lever['name']]:g}{'倍' if lever['item'] else lever['unit']}" for lever in found["levers"]),
        })  # fmt: skip
    return printed


def values(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The same for the workbook, as numbers."""
    numbered = []
    for row, one in zip(rows(found), _points(found), strict=True):
        known = one["values"]
        cells = {
            "stability": measured(known["stability"], "比例"), "cost": figure((known["cost"] + known["training_cost"]) / WAN),
            "bill": figure(known["bill"] / WAN), "heads": measured(known["heads"], "人"),
        }  # fmt: skip
        apart = [None] * 3 if row["now"] else [measured(value, "比例") for value in one["apart"]["stability"]]
        cells |= dict(zip(("apart", "apart_low", "apart_high"), apart, strict=True))
        numbered.append(row | cells | {"number": row["number"] if row["now"] else int(row["number"])})
    return numbered


def address(study: Study, base: Scenario, found: dict[str, Any], point: dict[str, Any]) -> str:
    """The page of a new rehearsal, filled with this mix."""
    fields: list[tuple[str, str]] = [
        ("run", str(study.run_id)), ("name", f"{study.name} 第 {point['number']} 组"[:80]), ("place", study.org_code),
        ("years", str(study.inputs["years"])), ("seed", str(study.inputs["seed"])),
    ]  # fmt: skip
    for one in found["levers"]:
        value = point["levers"][one["name"]]
        if one["item"]:
            fields += [
                ("item", one["name"]),
                ("since", f"{base.year + 1}-01-01"),
                ("value", plain(tried(base, Lever(**one), value))),
            ]
        else:
            fields.append((CANDIDATE + one["name"], f"{value:g}"))
    return f"{reverse('rehearsal:new')}?{urlencode(fields)}"


def _shown(study: Study) -> dict[str, Any]:
    found = study.outcome or {}
    base = scenario_of(study)
    points, printed = _points(found), rows(found)
    for row, point in zip(printed, points, strict=True):
        row["open"] = "" if row["now"] else address(study, base, found, point)
    front = points[1:]
    kept = sum(not one["broken"] for one in found["points"])
    limits = [_limit_words(one) for one in study.inputs["limits"]]
    return {"rows": printed, "data": chart(points), "front": front, "kept": kept, "limits": limits}


def chart(points: list[dict[str, Any]]) -> dict[str, Any]:
    """Stability by yearly cost: the front joined from the cheapest on, and what is in force."""
    height = [round(one["values"]["stability"] * 100, 2) for one in points]
    return {
        "kind": "xy", "unit": "%", "across": "万元/年", "zero": False,
        "labels": ["现行", *(f"第 {one['number']} 组" for one in points[1:])],
        "at": [round((one["values"]["cost"] + one["values"]["training_cost"]) / WAN, 1) for one in points],
        "series": [
            {"name": "前沿", "values": [None, *height[1:]]},
            {"name": "现行", "values": [*height[:1], *[None] * (len(points) - 1)]},
        ],
    }  # fmt: skip


def _limit_words(one: Mapping[str, Any]) -> str:
    value = one["value"]
    said_as = {
        "bill": f"每年应发工资 {_wan(value)} 万元",
        "heads": f"平均在岗 {value:,.0f} 人",
        "stability": f"队伍稳定性 {value:.1%}",
    }
    return f"{said_as[one['outcome']]}{'以内' if one['at_most'] else '以上'}"


KIND = StudyKind(
    kind=Kind.SEARCH,
    about="选几种做法、定一个预算，找留人最多、花钱最少的几组搭配；每组都可以再打开来推演。",
    form=SearchForm,
    runner=_run,
    table=lambda study: FrontTable(values(study.outcome or {})),
    shown=_shown,
)
