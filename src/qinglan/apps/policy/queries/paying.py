"""A month's pay for the pay app: worked out from today's facts and the closed months, frozen, and worked out again (ADR 0010)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from django.utils import timezone

from qinglan.apps.people.models import Person
from qinglan.apps.policy.models import PackText, PersonResult, Run
from qinglan.apps.policy.queries.packs import frozen, pack_for
from qinglan.apps.policy.queries.records import records_for
from qinglan.apps.policy.queries.results import lines_of, pairs
from qinglan.apps.policy.queries.results import names_of as names_of_rule
from qinglan.core.frame import freezing as tables
from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.month import MONTH
from qinglan.core.frame.records import Records
from qinglan.core.frame.units import CODE, say, to_date
from qinglan.core.packs import freezing as packs
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce, Pack
from qinglan.core.rules.registry import FAMILIES
from qinglan.core.year import ledgers, order, paying
from qinglan.core.year.canonical import names_of
from qinglan.core.year.months import CARRIED, PARTS
from qinglan.core.year.paying import Ledger, PaidMonth
from qinglan.core.year.rows import matrix

# Figures of a slip beside its steps: name → step.
SUMMARY = {
    "regular": "regular_pay",
    "arrears": "arrears_total",
    "gross": "gross_pay",
    "deductions": "deductions",
    "tax": "tax_due",
    "net": "net_pay",
    "owed": "owed_by_worker",
    "cost": "employer_cost",
}
# What stands in the way of working a month out; each says why in a sentence for people.
CANNOT = (PackError, NotInForce, order.RuleGone, paying.NotInOrder)
YEARS_OWED = 3  # arrears reach back so many years before this one
# What a damaged zip of tables or text of a pack raises when it is opened.
DAMAGED = (zipfile.BadZipFile, pl.exceptions.PolarsError, KeyError, ValueError, OSError)
HIDDEN = ("segment_owner", "segment_since")


class Closed(NamedTuple):
    """What a closed month paid: rows of `paying.SLIPS` and of `paying.ARREARS`."""

    year: int
    month: int
    slips: pl.DataFrame
    arrears: pl.DataFrame


@dataclass(frozen=True)
class Inputs:
    """What a month is worked out from. `records` and `ledger` are zips of Parquet files; `versions` of the rules."""

    year: int
    month: int
    pack: Pack
    records: Records
    ledger: Ledger
    versions: Mapping[str, str]


class Slip(NamedTuple):
    """One person's month: numbers in the order of the columns that the month names; `figures`: SUMMARY, None where missing."""

    person: int
    place: str
    frame: list[int]
    steps: list[int]
    segments: list[int]
    arrears: list[int]
    figures: dict[str, int | None]


def last_day(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def inputs_for(
    district: str,
    year: int,
    month: int,
    last: Closed | None,
    before: bytes | None,
    closings: Mapping[int, datetime] | None = None,
) -> Inputs:
    """Today's facts, the pack in force, and the ledger: that of the last closed month (`before`) with what it paid itself (`last`).

    `closings`: when the last month of each year was closed; a publication of facts older than that owes nothing. Stars and grades of
    earlier years count once people have published them. ValidationError without a pack; CANNOT as `work_out`.
    """
    pack = pack_for(district, last_day(year, month))
    hours_per_day = pack.on(last_day(year, 12))["train.annual_days.hours_per_day"]
    ledger = Ledger()
    if last is not None and before is not None:
        ledger = paying.after(ledgers.thaw(before), last.year, last.month, last.slips, last.arrears)
    kept = {
        name: ledger[name].filter(pl.col("year") >= year - YEARS_OWED) if "year" in columns else ledger[name]
        for name, columns in paying.TABLES.items()
    }
    earlier = sorted({one for one in kept["closed"]["year"].to_list() if one < year})
    ledger = paying.merged(Ledger({**kept, "due": _due(district, earlier, closings or {})}), _merged_into())
    versions = {family.id: family.version for family in FAMILIES.values()}
    return Inputs(year, month, pack, records_for(district, year, hours_per_day, published=True), ledger, versions)


def _merged_into() -> dict[int, int]:
    """{dropped record: the record kept}, through however many merges."""
    into = dict(Person.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id"))
    found = {}
    for person in into:
        end = person
        while end in into:
            end = into[end]
        found[person] = end
    return found


def thawed(year: int, month: int, text: PackText, records: bytes, ledger: bytes, versions: Mapping[str, str]) -> Inputs:
    """The inputs of a month that was kept."""
    facts, _ = tables.thaw(records)
    return Inputs(year, month, frozen(text.pk), facts, ledgers.thaw(ledger), versions)


def frozen_records(district: str, inputs: Inputs) -> bytes:
    return tables.freeze(inputs.records, district, {})


def frozen_ledger(inputs: Inputs) -> bytes:
    return ledgers.freeze(inputs.ledger)


def tables_hash(inputs: Inputs) -> str:
    """The fingerprints of both sets of tables."""
    return f"{tables.digest(inputs.records, {})} {ledgers.digest(inputs.ledger)}"


def text_is_whole(text: PackText) -> bool:
    return packs.digest(text.files) == text.digest


def work_out(inputs: Inputs) -> PaidMonth:
    """The month. Raises NotInForce, PackError, RuleGone, paying.NotInOrder: sentences for people."""
    rules = order.NOW.at(inputs.versions)
    return paying.pay_month(inputs.records, inputs.year, inputs.month, inputs.pack, inputs.ledger, rules)


def columns_of(month: PaidMonth) -> dict[str, Any]:
    """What a stored month names: its columns, and fingerprints."""
    return {
        "frame_columns": list(month.given),
        "step_columns": names_of(month.steps),
        "segment_columns": [[family, [name for name in steps if name != HIDDEN[0]]] for family, steps in month.segments.items()],
        "arrears_columns": [name for name in paying.ARREARS if name != "person"],
        "inputs_hash": paying.inputs_hash(month),
        "results_hash": paying.results_hash(month),
        "exceptions": paying.exceptions(month),
        "pack_hash": month.pack.hash,
    }  # fmt: skip


def slips_of(month: PaidMonth) -> Iterator[Slip]:
    """One row a person, by number."""
    count = len(month.people)
    frame = matrix(list(month.given.values()), count)
    flat = {name: column for steps in month.steps.values() for name, column in steps.items()}
    steps = matrix(list(flat.values()), count)
    owner = next((steps["segment_owner"] for steps in month.segments.values()), np.empty(0, np.int64))
    columns = [values for steps in month.segments.values() for name, values in steps.items() if name != HIDDEN[0]]
    segments = matrix(columns, len(owner))
    bounds = np.searchsorted(owner, np.arange(count + 1))
    late: dict[int, list[int]] = {}
    for person, *rest in month.arrears.iter_rows():
        late.setdefault(person, []).extend(rest)
    for row, person in enumerate(month.people.tolist()):
        figures = {name: int(flat[step][row]) for name, step in SUMMARY.items()}
        yield Slip(
            person, month.organisations[row], frame[row].tolist(), steps[row].tolist(),
            segments[bounds[row] : bounds[row + 1]].ravel().tolist(), late.get(person, []),
            {name: None if value <= MISSING else value for name, value in figures.items()},
        )  # fmt: skip


def closed_month(
    year: int, month: int, frame_columns: Sequence[str], step_columns: Sequence[Sequence[Any]],
    rows: Iterable[tuple[int, str, list[int], list[int], list[int]]],
) -> Closed:  # fmt: skip
    """A closed month as later ones need it, from its stored slips: (person, place, frame, steps, arrears) each."""
    step_names = [step for _, names in step_columns for step in names]
    slips: list[list[Any]] = []
    arrears: list[list[int]] = []
    width = len(paying.ARREARS) - 1
    for person, place, frame, steps, late in rows:
        given, made = dict(zip(frame_columns, frame, strict=True)), dict(zip(step_names, steps, strict=True))
        if made["gross_pay"] <= MISSING:
            continue  # not paid: the next months owe it
        slips.append(
            [
                person,
                place,
                *(given[column] for column in PARTS),
                *(made[step] for step in CARRIED.values()),
                given["project_allowance_before"] + made["project_allowance"],
                given["settling_paid_before"] | (made["settling_grant"] > 0),
            ]
        )
        arrears += [[person, *late[at : at + width]] for at in range(0, len(late), width)]
    return Closed(
        year, month, pl.DataFrame(slips, schema=paying.SLIPS, orient="row"),
        pl.DataFrame(arrears, schema=paying.ARREARS, orient="row"),
    )  # fmt: skip


def _due(district: str, years: Sequence[int], closings: Mapping[int, datetime]) -> pl.DataFrame:
    """What the published years say that each month's regular pay was, for `years`: rows of the ledger's table due.

    Only of years computed after they were over and after their last month was closed: an older one knows less than was paid by.
    """
    parts = []
    for run in Run.objects.filter(org_code=district, year__in=years, state=Run.State.PUBLISHED):
        if (
            run.created_at < closings.get(run.year, run.created_at)
            or timezone.localdate(run.created_at).year <= run.year
        ):
            continue
        names = [name for _, steps in run.segment_columns for name in steps]
        since = names.index("segment_since")
        items = [names.index(step) for step, _ in PARTS.values()]
        rows = (
            PersonResult.objects.filter(run=run).order_by("person_id").values_list("person_id", "org_code", "segments")
        )
        for person, place, numbers in rows.iterator(chunk_size=500):
            matrix = np.array(numbers, np.int64).reshape(-1, len(names))
            months = matrix[:, since].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
            for month in np.unique(months):
                sums = [_sum(matrix[months == month, item]) for item in items]
                parts.append([person, run.year, int(month), *sums, place])
    return pl.DataFrame(parts, schema=paying.TABLES["due"], orient="row")


def _sum(values: np.ndarray) -> int:
    """Missing when one is missing, as core.year.months groups parts."""
    low = int(values.min())
    return low if low <= MISSING else int(values.sum())


# --- a slip as people read it ---


@dataclass(frozen=True)
class Part:
    """A family of a slip: its name, its steps as the page's step table takes them."""

    family: str
    label: str
    lines: list[dict[str, Any]]


def parts_of(
    text_id: int, day: date, steps: Mapping[str, Mapping[str, int]], versions: Mapping[str, str] | None = None
) -> list[Part]:
    """The steps of a slip, family by family, with clause and source as of a day; `versions` of the rules of its month."""
    on = frozen(text_id).on(day)
    return [
        Part(name, names_of_rule(name, values, versions)[0], lines_of(name, values, on, versions))
        for name, values in steps.items()
    ]


def segments_of(
    text_id: int,
    columns: Sequence[Sequence[Any]],
    numbers: Sequence[int],
    versions: Mapping[str, str] | None = None,
) -> list[tuple[date, list[Part]]]:
    """(first day, its steps) of each stretch of a slip, those of earlier months that owe something included."""
    width = sum(len(steps) for _, steps in columns)
    found = []
    for place in range(0, len(numbers) if width else 0, width or 1):
        steps = pairs(columns, numbers[place : place + width])
        since = to_date(next(iter(steps.values()))["segment_since"])
        own = {name: {k: v for k, v in values.items() if k not in HIDDEN} for name, values in steps.items()}
        found.append((since, parts_of(text_id, since, own, versions)))
    return found


def inputs_in_words(frame_columns: Sequence[str], numbers: Sequence[int]) -> list[tuple[str, str]]:
    """(label, value) of what a slip was worked out from, but for what was not recorded."""
    found = []
    for name, number in zip(frame_columns, numbers, strict=True):
        column = MONTH.get(name)
        if column is None or number <= MISSING or (column.unit is CODE and column.codes is None) or name == "month":
            continue
        found.append((column.label, say(number, column.unit, column.codes.labels() if column.codes else None)))
    return found


ITEM_LABELS = {item: MONTH[column].label for column, (_, item) in PARTS.items()}


class Owed(NamedTuple):
    """An item of an earlier month in fen: what it should have been, what was had, and the difference."""

    label: str
    due: int
    had: int
    change: int


@dataclass(frozen=True)
class Late:
    """What one earlier month still owed, item by item."""

    year: int
    month: int
    items: list[Owed]

    @property
    def change(self) -> int:
        return sum(one.change for one in self.items)


def late_of(columns: Sequence[str], numbers: Sequence[int]) -> list[Late]:
    """The earlier months that a slip settles, the items that differ."""
    found = []
    for place in range(0, len(numbers), len(columns)):
        row = dict(zip(columns, numbers[place : place + len(columns)], strict=True))
        pairs_ = [(label, row[f"due_{item}"], row[f"paid_{item}"]) for item, label in ITEM_LABELS.items()]
        items = [Owed(label, due, had, due - had) for label, due, had in pairs_ if due != had]
        found.append(Late(row["year"], row["month"], items))
    return found


def told(family: str, step: str) -> str:
    """What a step is called."""
    return FAMILIES[family].steps[step].label


# What a printed slip lists: (group, its lines as (family or "" for the month's parts, name)).
PRINTED = (
    ("应发", (*(("", part) for part in PARTS), ("pay.gross", "x_pay"), ("pay.arrears", "arrears_total"), ("pay.gross", "gross_pay"))),
    (
        "扣减",
        (
            ("pay.social_insurance", "insurance_employee"), ("pay.housing_fund", "fund_employee"),
            ("pay.annuity", "annuity_employee"), ("pay.income_tax", "tax_due"),
        ),
    ),
)  # fmt: skip


def printed(
    frame_columns: Sequence[str], frame: Sequence[int], columns: Sequence[Sequence[Any]], steps: Sequence[int]
) -> list[tuple[str, list[tuple[str, int | None]]]]:
    """(group, its lines (label, fen or None where missing)) of a printed slip; lines of nothing are left out."""
    given, made = dict(zip(frame_columns, frame, strict=True)), pairs(columns, steps)
    groups = []
    for title, names in PRINTED:
        lines = []
        for family, name in names:
            if family and family not in made:
                continue
            value = made[family][name] if family else given[name]
            label = told(family, name) if family else MONTH[name].label
            if value:
                lines.append((label, None if value <= MISSING else value))
        groups.append((title, lines))
    return groups
