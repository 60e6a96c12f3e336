"""回测: fitted on the years before, the twin rehearses the last recorded year; its bands beside what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import django_tables2 as tables
from django import forms

from qinglan.apps.base.tables import Table
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.states import SHOWN
from qinglan.apps.rehearsal.actions.kinds.shape import Step, StudyForm, StudyKind, measured
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.queries.scenarios import MOST_REPLICATES
from qinglan.apps.rehearsal.queries.showing import said, titled
from qinglan.apps.rehearsal.queries.studying import records_of, scenario_of
from qinglan.apps.rehearsal.states import Kind
from qinglan.core.twin.backtest import backtest
from qinglan.core.twin.calibration import LEAST, LEAST_EACH
from qinglan.core.twin.scenario import Scenario

SEED = 1


class BacktestForm(StudyForm):
    """How often the year is lived."""

    replicates = forms.IntegerField(
        label="重复几次", min_value=9, max_value=MOST_REPLICATES, initial=90, help_text=f"9 到 {MOST_REPLICATES}"
    )
    least = forms.IntegerField(
        label="至少多少人自愿离职才用本区数字", min_value=10, max_value=100_000, initial=LEAST,
        help_text=f"本区设定，默认 {LEAST} 人；不到就用默认值，并说明",
    )  # fmt: skip


class BacktestTable(Table):
    """A row an indicator."""

    exportable = True
    caption = "回测"

    label = tables.Column(verbose_name="指标")
    recorded = tables.Column(verbose_name="记录")
    low = tables.Column(verbose_name="推演 5%")
    middle = tables.Column(verbose_name="推演 中位")
    high = tables.Column(verbose_name="推演 95%")
    inside = tables.Column(verbose_name="落在区间")

    class Meta(Table.Meta):
        sequence = ("label", "recorded", "low", "middle", "high", "inside")


def _start(study: Study) -> Scenario:
    """The place at the end of the year before: from what that year was computed from, else from this year's facts cut off there."""
    given = {"months": 12, "replicates": study.inputs["replicates"], "seed": SEED}
    run = study.run
    assert run is not None
    before = Run.objects.filter(
        org_code=run.org_code, year=run.year - 1, state__in=SHOWN, input__isnull=False, pack_text__isnull=False
    ).first()
    one = scenario_of(study, **given)
    if before is None or before.pack_text is None:
        return one.with_(year=run.year - 1)
    return one.with_(
        year=before.year, population=bytes(before.input.tables), pack_name=before.pack_text.name,
        pack=tuple(sorted(before.pack_text.files.items())),
    )  # fmt: skip


def _run(study: Study) -> Iterator[Step]:
    for done, every, found in backtest(
        _start(study), records_of(study), least=study.inputs["least"], least_each=LEAST_EACH
    ):
        yield Step(done, every, None if found is None else asdict(found) | {"inside": found.inside})


def rows(found: dict[str, Any], say: Callable[[Any, str], Any] = said) -> list[dict[str, Any]]:
    """As they are printed, or as `say` says numbers; `fits` None: nothing is recorded."""
    printed = []
    for one in found["rows"]:
        inside = None if one["recorded"] is None else one["low"] <= one["recorded"] <= one["high"]
        printed.append({
            "label": titled(one["label"], one["unit"]), "fits": inside,
            "inside": {True: "是", False: "否", None: "没有记录"}[inside],
            **{name: say(one[name], one["unit"]) for name in ("recorded", "low", "middle", "high")},
        })  # fmt: skip
    return printed


def _shown(study: Study) -> dict[str, Any]:
    found = study.outcome or {}
    charts = [_chart(one, found["shown"]) for one in found["lines"]]
    return {"rows": rows(found), "charts": charts, "known": sum(one["recorded"] is not None for one in found["rows"])}


def _chart(line: dict[str, Any], year: int) -> dict[str, Any]:
    names = (("记录", "recorded"), ("推演 中位", "middle"), ("推演 5%", "low"), ("推演 95%", "high"))
    series = [{"name": name, "values": [round(value, 1) for value in line[key]]} for name, key in names]
    labels = [f"{month} 月" for month in range(1, 13)]
    data = {"kind": "line", "unit": line["unit"], "labels": labels, "series": series, "zero": False, "places": 1}
    return {"name": f"chart-{line['name']}", "title": f"{year} 年{line['label']}", "data": data}


KIND = StudyKind(
    kind=Kind.BACKTEST,
    about="用前几年的记录定参数，推演最近一年，再与这一年的记录比：推演靠不靠得住，偏在哪里。",
    form=BacktestForm,
    runner=_run,
    table=lambda study: BacktestTable(rows(study.outcome or {"rows": []}, measured)),
    shown=_shown,
)
