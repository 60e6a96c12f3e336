"""From what an officer chose to what the twin lives: two scenarios that differ by the diff and by the levers, nothing else.

Values of the pack are tried by the what-if's own diff. Of the behavioural parameters some are levers (somebody decides them: posts,
training budget, mentors, recruitment): those change the candidate alone. The others are assumptions and change both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import yaml

from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries.rehearsing import diff_text, words
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.core.twin import starting
from qinglan.core.twin.parameters import Parameter, ParameterError, behaviour, catalogue
from qinglan.core.twin.scenario import Scenario, run_of

__all__ = ["ParameterError", "diff_text"]

MOST_YEARS, MOST_REPLICATES, MOST_SEED = 20, 200, 999_999_999
LEVERS = (
    "staffing_ratio", "training_budget", "training_capacity", "mentor_share", "mentees_per_mentor", "mentee_months",
    "recruit_delay", "pool_inflow", "rise_uptake", "dismissal_uptake",
)  # fmt: skip
MONTHS = 12


@dataclass(frozen=True)
class Chosen:
    """A scenario as it is stored: `diff` the values of the pack by item id, `parameters` what differs from the defaults."""

    name: str
    year: int
    place: str
    pack: str
    diff: Mapping[str, object]
    parameters: Mapping[str, float]
    months: int
    replicates: int
    seed: int

    @property
    def text(self) -> str:
        """YAML with the keys of a scenario file of `qinglan twin` (population: the frozen tables of the run)."""
        rows = {
            "name": self.name, "population": "population.zip", "year": self.year, "place": self.place, "pack": self.pack,
            "diff": dict(self.diff), "parameters": dict(self.parameters), "months": self.months,
            "replicates": self.replicates, "seed": self.seed,
        }  # fmt: skip
        return yaml.safe_dump(rows, allow_unicode=True, sort_keys=False)

    @property
    def diff_text(self) -> str:
        return yaml.safe_dump(dict(self.diff), allow_unicode=True, sort_keys=False) if self.diff else ""


def chosen_of(row: Rehearsal) -> Chosen:
    """The stored scenario."""
    data = yaml.safe_load(row.scenario)
    return Chosen(**{name: data[name] for name in Chosen.__dataclass_fields__})


def scenarios(chosen: Chosen, run: Run) -> tuple[Scenario, Scenario]:
    """(baseline, candidate) on the run's own frozen facts and pack."""
    assert run.pack_text is not None
    assumed = {name: value for name, value in chosen.parameters.items() if name not in LEVERS}
    base = Scenario(
        name="现行", population=bytes(run.input.tables), year=chosen.year, pack_name=run.pack_text.name,
        pack=tuple(sorted(run.pack_text.files.items())), place=chosen.place, parameters=tuple(sorted(assumed.items())),
        months=chosen.months, replicates=chosen.replicates, seed=chosen.seed,
    )  # fmt: skip
    parameters = tuple(sorted(chosen.parameters.items()))
    return base, base.with_(name=chosen.name, diff=chosen.diff_text, parameters=parameters)


def pair(chosen: Chosen, run: Run) -> tuple[starting.Run, starting.Run]:
    """Both made ready to live. Raises NotInForce, PackError, ParameterError.

    The hazard of leaving is anchored on the baseline: what a lever changes, it changes against this district as it is.
    """
    base, other = scenarios(chosen, run)
    ours = run_of(base)
    if other.key == base.key:
        return ours, ours
    return ours, replace(run_of(other), anchor=ours.anchor)


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


def diff_words(chosen: Chosen, run: Run) -> list[dict[str, Any]]:
    """{label, left, right}: the pack's values that the candidate has otherwise, in words, as of the last lived day."""
    return words(run, chosen.diff_text or "{}", date(chosen.year + chosen.months // MONTHS, 12, 31))


def lever_words(chosen: Chosen) -> list[dict[str, Any]]:
    """The levers moved, like `diff_words`."""
    return [
        {"label": f"{one.label}（{one.unit}）", "left": [("", f"{one.default:g}")], "right": [("", f"{chosen.parameters[one.name]:g}")]}
        for one in levers()
        if one.name in chosen.parameters
    ]  # fmt: skip
