"""From what an officer chose to what the twin lives: two scenarios that differ by the diff and by the levers, nothing else.

Values of the pack are tried by the what-if's own diff. Of the behavioural parameters some are levers (somebody decides them: posts,
training budget, mentors, recruitment): those change the candidate alone. The others are assumptions and change both.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from math import ceil
from typing import Any

import yaml

from qinglan.apps.policy.models import PackText, Run
from qinglan.apps.policy.queries.packs import adoption_for, differences, frozen
from qinglan.apps.policy.queries.rehearsing import diff_text, words
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.core.twin import starting
from qinglan.core.twin.ensemble import task
from qinglan.core.twin.parameters import LEVERS, Parameter, ParameterError, behaviour, catalogue
from qinglan.core.twin.scenario import KEYS, Scenario, anchored, run_of

__all__ = ["LEVERS", "ParameterError", "diff_text"]

MOST_YEARS, MOST_REPLICATES, MOST_SEED = 20, 200, 999_999_999
MONTHS = 12
DISTRICT_DIGITS = 6
WARMED = 10  # years that a rehearsal mostly looks ahead
BASELINE = "现行"
WHOLE_MONTHS = "recruit_delay"


@dataclass(frozen=True)
class Chosen:
    """A scenario as it is stored: `diff` the values of the pack by item id, `parameters` what differs from the defaults.

    `base`: the levers of the baseline that differ from the defaults; they are no part of the candidate's scenario file.
    """

    name: str
    year: int
    place: str
    pack: str
    diff: Mapping[str, object]
    parameters: Mapping[str, float]
    months: int
    replicates: int
    seed: int
    base: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """YAML with the keys of a scenario file of `qinglan twin` (population: the frozen tables of the run)."""
        return _written(self, self.diff, self.parameters)

    @property
    def base_text(self) -> str:
        """The same of the baseline."""
        return _written(replace(self, name=BASELINE), {}, {**_assumed(self.parameters), **self.base})

    @property
    def diff_text(self) -> str:
        return yaml.safe_dump(dict(self.diff), allow_unicode=True, sort_keys=False) if self.diff else ""


def _written(chosen: Chosen, diff: Mapping[str, object], parameters: Mapping[str, float]) -> str:
    rows = {
        "name": chosen.name, "population": "population.zip", "year": chosen.year, "place": chosen.place, "pack": chosen.pack,
        "diff": dict(diff), "parameters": dict(parameters), "months": chosen.months, "replicates": chosen.replicates,
        "seed": chosen.seed,
    }  # fmt: skip
    return yaml.safe_dump(rows, allow_unicode=True, sort_keys=False)


def _assumed(parameters: Mapping[str, float]) -> dict[str, float]:
    """What both sides share."""
    return {name: value for name, value in parameters.items() if name not in LEVERS}


def chosen_of(row: Rehearsal) -> Chosen:
    """The stored scenario."""
    data = yaml.safe_load(row.scenario)
    return Chosen(**{name: data[name] for name in Chosen.__dataclass_fields__ if name in KEYS}, base=row.base_levers)


@dataclass(frozen=True)
class Texts:
    """The packs of both sides as they were when it was asked for."""

    base: PackText
    other: PackText


def texts_of(row: Rehearsal) -> Texts:
    """The run's own pack on both sides unless others were chosen."""
    assert row.run.pack_text is not None
    base = row.base_text or row.run.pack_text
    return Texts(base, row.other_text or base)


def under(run: Run, text: PackText) -> Run:
    """The run as if it had been computed by another pack, for what reads values; it is never saved."""
    if text.pk == run.pack_text_id:
        return run
    other = copy(run)
    other.pack_text = text
    return other


def scenarios(chosen: Chosen, run: Run, texts: Texts) -> tuple[Scenario, Scenario]:
    """(baseline, candidate) on the run's own frozen facts."""
    base = Scenario(
        name=BASELINE, population=bytes(run.input.tables), year=chosen.year, pack_name=texts.base.name,
        pack=tuple(sorted(texts.base.files.items())), place=chosen.place,
        parameters=tuple(sorted({**_assumed(chosen.parameters), **chosen.base}.items())),
        months=chosen.months, replicates=chosen.replicates, seed=chosen.seed,
    )  # fmt: skip
    parameters = tuple(sorted(chosen.parameters.items()))
    other = base.with_(name=chosen.name, diff=chosen.diff_text, parameters=parameters)
    if texts.other.pk != texts.base.pk:
        other = other.with_(pack_name=texts.other.name, pack=tuple(sorted(texts.other.files.items())))
    return base, other


def key_of(chosen: Chosen, run: Run, texts: Texts) -> str:
    """The fingerprint of both sides."""
    base, other = scenarios(chosen, run, texts)
    return sha256(f"{base.key} {other.key}".encode()).hexdigest()


def pair(chosen: Chosen, run: Run, texts: Texts) -> tuple[starting.Run, starting.Run]:
    """Both made ready to live. Raises NotInForce, PackError, ParameterError.

    What a lever changes on either side, it changes against this district as it is (core.twin.scenario.anchored). Both sides start
    with the same people; equal sides are the same run.
    """
    base, other = scenarios(chosen, run, texts)
    ours = run_of(anchored(base, base))
    return ours, ours if other.key == base.key else run_of(anchored(other, base))


def warm(run: Run) -> None:
    """Reads the year's people, the compiled kernels and what the pack pays in the years ahead into this process, so that a rehearsal
    asked for next begins at once."""
    assert run.pack_text is not None
    chosen = Chosen(BASELINE, run.year, run.org_code, run.pack_text.name, {}, {}, MONTHS * WARMED, 1, 1)
    task(run_of(scenarios(chosen, run, Texts(run.pack_text, run.pack_text))[0]), 0, 1, WARMED)


def check_parameters(given: Mapping[str, float]) -> None:
    """ParameterError with every sentence."""
    behaviour(given)


def parameters() -> list[Parameter]:
    """All of them, in the file's order."""
    return list(catalogue().values())


def levers() -> list[Parameter]:
    return [catalogue()[name] for name in LEVERS]


def assumptions() -> list[tuple[str, list[Parameter]]]:
    """(group, its parameters) of all that are no levers."""
    grouped: dict[str, list[Parameter]] = {}
    for one in parameters():
        if one.name not in LEVERS:
            grouped.setdefault(one.group, []).append(one)
    return list(grouped.items())


def last_day(year: int, years: int) -> date:
    """The last day that is lived of `years` years after the end of `year`."""
    return date(year + years, 12, 31)


def diff_words(chosen: Chosen, run: Run, texts: Texts) -> list[dict[str, Any]]:
    """{id, label, left, right}: the pack's values that the candidate has otherwise, in words: a row a value and the day from which it holds.

    Where the sides go by different packs, what these differ in on the last lived day is told too.
    """
    last = last_day(chosen.year, chosen.months // MONTHS)
    rows = dated_words(chosen.diff, run, texts, last)
    if texts.base.pk == texts.other.pk:
        return rows
    told = {row["id"] for row in rows}
    between = differences(frozen(texts.base.pk), frozen(texts.other.pk), last)
    return [*rows, *(row for row in between if row["id"] not in told)]


def dated_words(diff: Mapping[str, Any], run: Run, texts: Texts, last: date | None = None) -> list[dict[str, Any]]:
    """The rows of a diff upon `texts.other`, day by day; left is what `texts.base` has on that day. `last`: what begins later says so."""
    text = yaml.safe_dump(dict(diff), allow_unicode=True, sort_keys=False) if diff else "{}"
    by_item: dict[str, list[dict[str, Any]]] = {item: [] for item in diff}
    for day in sorted({str(dated["since"]) for entry in diff.values() for dated in entry["values"]}):
        on = date.fromisoformat(day)
        found = {row["id"]: row for row in words(under(run, texts.other), text, on)}
        apart: dict[str, dict[str, Any]] = {}
        if texts.base.pk != texts.other.pk:
            apart = {row["id"]: row for row in differences(frozen(texts.base.pk), frozen(texts.other.pk), on)}
        late = f"，推演到 {last} 为止，用不到" if last is not None and on > last else ""
        for item, entry in diff.items():
            if item in found and any(str(dated["since"]) == day for dated in entry["values"]):
                row = found[item]
                left = apart[item]["left"] if item in apart else row["left"]
                by_item[item].append({**row, "left": left, "label": f"{row['label']}（自 {day}{late}）"})
    return [row for rows in by_item.values() for row in rows]


def begun_by(diff: Mapping[str, Any], since: date, setting: str) -> dict[str, Any]:
    """The values with their ground; none begins before the pack does, and of those that then begin together the last stands."""
    found: dict[str, Any] = {}
    for item, entry in diff.items():
        by_day = {}
        for dated in sorted(entry["values"], key=lambda one: str(one["since"])):
            day = max(str(dated["since"]), since.isoformat())
            by_day[day] = {"since": day, "setting": setting, "value": dated["value"]}
        found[item] = {"values": list(by_day.values())}
    return found


def draft_words(row: Rehearsal, since: date) -> tuple[str, list[dict[str, Any]]]:
    """(the name of the pack in force on `since`, the rows of the values that a draft from that day on would have otherwise)."""
    here = adoption_for(row.org_code[:DISTRICT_DIGITS], since)
    text = here.text if here is not None and here.text is not None else texts_of(row).other
    title = (here.title or here.pack) if here is not None else text.name
    diff = begun_by(chosen_of(row).diff, since, "试算")
    return title, dated_words(diff, row.run, Texts(text, text))


def lever_words(chosen: Chosen) -> list[dict[str, Any]]:
    """The levers moved on either side, like `diff_words`."""
    rows = []
    for one in levers():
        base, other = (side.get(one.name, one.default) for side in (chosen.base, chosen.parameters))
        if base != one.default or other != one.default:
            rows.append(
                {"label": titled(one), "left": [("", number_of(one, base))], "right": [("", number_of(one, other))]}
            )
    return rows


def titled(one: Parameter) -> str:
    """A parameter's name with its unit, once."""
    return one.label if not one.unit or one.label.endswith("）") else f"{one.label}（{one.unit}）"


def number_of(one: Parameter, value: float) -> str:
    """A parameter's value as people read it, and what the twin makes of it where that is another number: posts are filled on the first of
    a month."""
    used = f"（按 {ceil(value):g} 个月算）" if one.name == WHOLE_MONTHS and value != ceil(value) else ""
    return f"{value:g}{used}"
