"""What a kind of study is made of: its form, its runner with steps, its rows for the workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from qinglan.apps.base.tables import Figure, Table
from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.models import Study
from qinglan.apps.rehearsal.queries.showing import PLACES, scaled
from qinglan.apps.rehearsal.states import Kind


class StudyProblem(ValueError):
    """Why a study cannot be answered, in a sentence for people: it becomes the study's message."""


def figure(value: float | None, places: int = 1) -> Figure | None:
    """A number of the workbook with so many places; nothing where there is none."""
    return (
        None if value is None else Figure(round(value, places) + 0.0, "#,##0" + ("." + "0" * places if places else ""))
    )


def percent(value: float | None) -> Figure | None:
    """A share of the workbook, shown in percent."""
    return None if value is None else Figure(round(value, 3) + 0.0, "0.0%")


def measured(value: float | None, unit: str) -> Figure | None:
    """What `showing.said` prints, as a number of the workbook."""
    return figure(scaled(value, unit), PLACES.get(unit, 2))


class StudyForm(forms.Form):
    """What every study asks; a kind adds its own fields. `places`: code → name; `run`: the year it starts from, None if it needs none."""

    name = forms.CharField(label="名称", max_length=80)
    place = forms.ChoiceField(label="范围")

    def __init__(self, *args: Any, places: Mapping[str, str], run: Run | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        self.fields["place"].choices = list(places.items())  # type: ignore[attr-defined]

    def inputs(self) -> dict[str, Any]:
        """What is stored as `Study.inputs`: JSON, no person in it. A kind whose fields are no JSON says here what is kept of them."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("name", "place")}


@dataclass(frozen=True)
class Step:
    """How far a study is. `outcome`: what is known so far, None while nothing is; the last step's is the answer."""

    done: int
    total: int
    outcome: dict[str, Any] | None = None


def _nothing(study: Study) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class StudyKind:
    """One kind.

    `about`: a sentence on the page that asks. `runner`: from a study (its inputs, place, run) to steps; it may be begun anew after a
    worker died and then gives the same; after each step a cancel is heard, so a step should not last longer than some seconds. It raises
    StudyProblem with a sentence. It must not write to the database. `shown`: more context for `template`, from the stored study alone.
    `table`: the rows of the workbook. `needs_run`: starts from a computed year; then a place of fewer people than LEAST_CELL is refused.
    `blank`: name and content of the workbook that an office fills in: an invented example with an explanation.
    """

    kind: Kind
    about: str
    form: type[StudyForm]
    runner: Callable[[Study], Iterator[Step]]
    table: Callable[[Study], Table]
    shown: Callable[[Study], dict[str, Any]] = _nothing
    needs_run: bool = True
    blank: tuple[str, Callable[[], bytes]] | None = None

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def template(self) -> str:
        return f"rehearsal/studies/{self.kind.value}.html"
