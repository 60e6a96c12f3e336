"""What the district's own records say of leaving, beside what a rehearsal assumes: a default of another place is not passed over in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.models import Rehearsal, Study
from qinglan.apps.rehearsal.queries.filling import CANDIDATE
from qinglan.apps.rehearsal.queries.scenarios import chosen_of
from qinglan.apps.rehearsal.states import Kind, State
from qinglan.core.twin.parameters import catalogue

RATE = "exit_rate"


@dataclass(frozen=True)
class Own:
    """The newest calibration of the run's year. `parameters`: what it found by name, empty where the history is too thin."""

    study: int
    parameters: Mapping[str, float]
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        return self.parameters.get(RATE)


def own_of(run: Run) -> Own | None:
    """None where nobody has had it reckoned: of the whole district before one of a street."""
    asked = Study.objects.filter(
        kind=Kind.CALIBRATION, state=State.DONE, run__org_code=run.org_code, year=run.year, outcome__isnull=False
    )
    row = asked.order_by("org_code", "-pk").first()
    if row is None:
        return None
    found = row.outcome or {}
    figure: dict[str, Any] = next((one for one in found["figures"] if one["name"] == RATE and one["used"]), {})
    return Own(row.pk, found["parameters"], figure.get("low", 0.0), figure.get("high", 0.0))


def put(given: QueryDict, own: Own) -> QueryDict:
    """The form's fields with the district's own figures in them."""
    data = given.copy()
    for name, value in own.parameters.items():
        data[CANDIDATE + name] = f"{value:.6g}"
    return data


def leaving(run: Run, own: Own | None, used: float) -> dict[str, Any]:
    """{words, apart: whether the assumption lies outside the district's own interval or was never held to it, offer: whether there are
    own figures to take, address: of the calibration, label: of that link}."""
    known = catalogue()[RATE]
    assumed = f"{'默认' if used == known.default else '填的'} {_percent(used)}"
    if own is None:
        ask = f"{reverse('rehearsal:study-new')}?{urlencode({'kind': Kind.CALIBRATION.value, 'run': run.pk})}"
        words = (
            f"每年自愿离职的比例用的是{assumed}{'（假设）' if used == known.default else ''}，还没有同本区的记录对过。"
        )
        return {"words": words, "apart": True, "offer": False, "address": ask, "label": "由本区记录算一次"}
    found = {"address": reverse("rehearsal:study", args=[own.study]), "label": "看离职率校准"}
    if own.rate is None:
        words = f"每年自愿离职的比例用的是{assumed}；本区记录太少，算不出自己的数。"
        return {"words": words, "apart": False, "offer": False, **found}
    ours = f"{_percent(own.rate)}（95% 区间 {_percent(own.low)}–{_percent(own.high)}）"
    if own.low <= used <= own.high:
        return {
            "words": f"每年自愿离职的比例用 {_percent(used)}，与本区记录 {ours} 相符。",
            "apart": False,
            "offer": False,
            **found,
        }
    words = f"本区记录每年自愿离职 {ours}，这里用的是{assumed}：离职、空岗、招聘和钱数都会偏离本区的实际，方案与现行之差也会。"
    return {"words": words, "apart": True, "offer": True, **found}


def of_rehearsal(row: Rehearsal) -> dict[str, Any]:
    """The same of a rehearsal that was asked for."""
    used = chosen_of(row).parameters.get(RATE, catalogue()[RATE].default)
    return leaving(row.run, own_of(row.run), used)


def _percent(share: float) -> str:
    return f"{share * 100:.1f}".removesuffix(".0") + "%"
