"""敏感性分析: which assumption matters most for chosen outcomes, ranked by Morris' screening; Sobol's indices of the first few, if asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import django_tables2 as tables
from django import forms
from django.core.exceptions import ValidationError

from qinglan.apps.base.tables import Table
from qinglan.apps.rehearsal.actions.kinds.shape import Step, StudyForm, StudyKind, figure, measured
from qinglan.apps.rehearsal.models import Rehearsal, Study
from qinglan.apps.rehearsal.queries.scenarios import LEVERS
from qinglan.apps.rehearsal.queries.showing import said, titled
from qinglan.apps.rehearsal.queries.studying import scenario_of, sides_of
from qinglan.apps.rehearsal.states import Kind, State
from qinglan.core.twin.outcomes import INDICATORS, Indicator
from qinglan.core.twin.parameters import catalogue
from qinglan.core.twin.sensitivity import SWITCHES, factors, morris, points_of
from qinglan.core.twin.sobol import STRONGEST, sobol, strongest
from qinglan.core.twin.sobol import points_of as sobols_points_of

GROUPS = tuple(dict.fromkeys(one.group for one in catalogue().values() if one.name not in LEVERS))
USUAL_GROUPS = ["倦怠", "工作满意", "自愿离职"]
OUTCOMES = [(one.name, titled(one.label, one.unit)) for one in INDICATORS.values()]
USUAL_OUTCOMES = ["stability", "bill"]
MOST_POINTS = 1500
DRAWN = 6
SAMPLES = (16, 32, 64)  # of sobol.SAMPLES, those that a page can wait for
MOST_LISTED = 50  # rehearsals to compare with, the newest


class SensitivityForm(StudyForm):
    """What is looked at, what is moved, and how thoroughly."""

    outcomes = forms.MultipleChoiceField(
        label="看什么", choices=OUTCOMES, initial=USUAL_OUTCOMES, widget=forms.CheckboxSelectMultiple
    )
    groups = forms.MultipleChoiceField(
        label="动哪些假设",
        choices=[(one, one) for one in GROUPS],
        initial=USUAL_GROUPS,
        widget=forms.CheckboxSelectMultiple,
    )
    spread = forms.IntegerField(
        label="向可用范围两端各走百分之几", min_value=1, max_value=100, initial=25, help_text="100 就是走满可用范围"
    )
    years = forms.IntegerField(label="推演几年", min_value=1, max_value=10, initial=3, help_text="看这几年的平均")
    trajectories = forms.IntegerField(
        label="几条路径", min_value=4, max_value=50, initial=8, help_text="越多越准，用时越长；每条路径每个参数推演一次"
    )
    replicates = forms.IntegerField(label="每次重复几遍", min_value=1, max_value=50, initial=5)
    seed = forms.IntegerField(
        label="随机种子", min_value=0, max_value=999_999_999, initial=1, help_text="同一种子得同样的结果"
    )

    samples = forms.TypedChoiceField(
        label="再算方差份额（Sobol）", coerce=int, empty_value=None, required=False,
        choices=[("", "不算"), *((one, f"{one} 个样本") for one in SAMPLES)],
        help_text=f"把最要紧的 {STRONGEST} 条假设一起动，看结果的起伏各占几成；用时加倍以上",
    )  # fmt: skip
    against = forms.ChoiceField(
        label="看哪次推演与现行之差", required=False,
        help_text="不选：看现行的结果最靠哪条假设；选了：看那次推演的结论最靠哪条假设，推演次数加倍",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Rehearsal.objects.filter(run=self.run, state=State.DONE).order_by("-pk").values_list("pk", "name")
        listed = [(str(pk), f"{name}（第 {pk} 号）") for pk, name in known[:MOST_LISTED]]
        self.fields["against"].choices = [("", "不比较，看现行"), *listed]  # type: ignore[attr-defined]

    def inputs(self) -> dict[str, Any]:
        said = super().inputs()
        many, compared = _count(said["groups"]), bool(said["against"])
        count = points_of(many, said["trajectories"], compared) + _sobols(said, many, compared)
        if count > MOST_POINTS:
            raise ValidationError(
                f"这样要推演 {count:,} 次，多于 {MOST_POINTS:,} 次；请少选几组假设，或减少路径、样本。"
            )
        return said


def _count(groups: list[str]) -> int:
    return sum(one.group in groups and one.name not in (*LEVERS, *SWITCHES) for one in catalogue().values())


def _sobols(asked: dict[str, Any], many: int, compared: bool) -> int:
    """How many points Sobol's indices take: none where they are not asked for, as in older studies."""
    samples = asked.get("samples") or 0
    return sobols_points_of(min(many, STRONGEST), samples, compared) if samples else 0


class SensitivityTable(Table):
    """A row an outcome and assumption, the strongest first."""

    exportable = True
    caption = "敏感性分析"

    outcome = tables.Column(verbose_name="看什么")
    rank = tables.Column(verbose_name="名次")
    label = tables.Column(verbose_name="假设")
    range = tables.Column(verbose_name="试的范围")
    strength = tables.Column(verbose_name="影响大小")
    conf = tables.Column(verbose_name="± 95%")
    mu = tables.Column(verbose_name="方向")
    sigma = tables.Column(verbose_name="随其他假设而变")
    basis = tables.Column(verbose_name="出处或假设")
    first = tables.Column(verbose_name="方差份额：自己的（S1）")
    first_conf = tables.Column(verbose_name="± 95%")
    total = tables.Column(verbose_name="方差份额：连同与别的合起来的（ST）")
    total_conf = tables.Column(verbose_name="± 95%")

    class Meta(Table.Meta):
        sequence = (
            "outcome", "rank", "label", "range", "strength", "conf", "mu", "sigma", "basis", "first", "first_conf", "total",
            "total_conf",
        )  # fmt: skip


def _run(study: Study) -> Iterator[Step]:
    asked = study.inputs
    given = {"months": 12 * asked["years"], "replicates": asked["replicates"], "seed": asked["seed"]}
    base, candidate = scenario_of(study, **given), None
    if asked.get("against"):
        base, candidate = sides_of(study, int(asked["against"]), **given)
    moved = factors(base, asked["groups"], asked["spread"] / 100, LEVERS)
    steps = morris(
        base, moved, asked["outcomes"], candidate=candidate, trajectories=asked["trajectories"], seed=asked["seed"]
    )
    more = _sobols(asked, len(moved), candidate is not None)
    made = None
    for done, every, found in steps:
        made = found or made
        yield Step(done, every + more, None if found is None else asdict(found))
    if not more or made is None:
        return
    parts = sobol(
        base, strongest(made), asked["outcomes"], candidate=candidate, samples=asked["samples"], seed=asked["seed"]
    )
    for done, every, shared in parts:
        outcome = None if shared is None else asdict(made) | {"sobol": asdict(shared)}
        yield Step(made.points + done, made.points + every, outcome)


def rows(found: dict[str, Any], outcomes: list[str], say: Callable[[Any, str], Any] = said) -> list[dict[str, Any]]:
    """As they are printed, or as `say` says numbers, in the order of the outcomes asked for (JSON in the database keeps none)."""
    known = {one["name"]: one for one in found.get("factors", [])}
    printed = []
    for name in outcomes:
        one, effects = INDICATORS[name], found["effects"][name]
        shares = {share["name"]: share for share in (found.get("sobol") or {"shares": {name: []}})["shares"][name]}
        for rank, effect in enumerate(effects, start=1):
            factor = known[effect["name"]]
            printed.append({
                "name": name, "outcome": titled(one.label, one.unit), "rank": rank, "label": f"{factor['label']}（{factor['unit']}）",
                "range": f"{factor['low']:.3g} 至 {factor['high']:.3g}", "basis": factor["basis"],
                "strength": say(effect["mu_star"], one.unit), "conf": say(effect["conf"], one.unit),
                "mu": say(effect["mu"], one.unit), "sigma": say(effect["sigma"], one.unit), **_share(shares.get(effect["name"]), say is not said),
            })  # fmt: skip
    return printed


SHARES = ("first", "first_conf", "total", "total_conf")


def _share(share: dict[str, Any] | None, numbers: bool = False) -> dict[str, Any]:
    if numbers:
        return {name: None if share is None else figure(share[name], 2) for name in SHARES}
    return {name: "—" if share is None else f"{share[name]:.2f}" for name in SHARES}


def _shown(study: Study) -> dict[str, Any]:
    found = study.outcome or {}
    printed = rows(found, study.inputs["outcomes"])
    groups = []
    for name in study.inputs["outcomes"]:
        one, effects = INDICATORS[name], found["effects"][name]
        labels = {factor["name"]: factor["label"] for factor in found["factors"]}
        drawn = effects[:DRAWN]
        scale = 100 if one.unit == "比例" else 1e-4 if one.unit == "元" else 1
        unit = {"比例": "个百分点", "元": "万元"}.get(one.unit, one.unit)
        data = {
            "kind": "bar", "unit": unit, "labels": [labels[effect["name"]] for effect in drawn],
            "series": [{"name": "影响大小", "values": [round(effect["mu_star"] * scale, 3) for effect in drawn]}],
        }  # fmt: skip
        groups.append({
            "name": name, "label": titled(one.label, one.unit), "middle": said(found["middle"][name], one.unit),
            "rows": [row for row in printed if row["name"] == name], "data": data,
            "first": labels[drawn[0]["name"]] if drawn else "", **_scattered(found, one, labels),
        })  # fmt: skip
    against = study.inputs.get("against")
    return {"groups": groups, "against": against and Rehearsal.objects.only("name").get(pk=int(against))}


def _scattered(found: dict[str, Any], one: Indicator, labels: dict[str, str]) -> dict[str, Any]:
    """Sobol's shares as the page prints them, and how far the outcome scatters; nothing where they were not asked for."""
    shared = found.get("sobol")
    if not shared:
        return {}
    shares = [{"label": labels[share["name"]], **_share(share)} for share in shared["shares"][one.name]]
    return {"shares": shares, "scatter": said(shared["scatter"][one.name], one.unit), "samples": shared["samples"]}


KIND = StudyKind(
    kind=Kind.SENSITIVITY,
    about="把行为假设一条条在可用范围里移动，看哪条最影响结果：先去弄准那几条。",
    form=SensitivityForm,
    runner=_run,
    table=lambda study: SensitivityTable(
        rows(study.outcome or {}, study.inputs["outcomes"] if study.outcome else [], measured)
    ),
    shown=_shown,
)
