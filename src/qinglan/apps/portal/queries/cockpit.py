"""The cockpit of a district: its people by every way of `policy.queries.slices`, its units' colours, its pay bill.

All counts come from the rows of one run that the viewer may read, so each number leads to a list of as many rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse

from qinglan.apps.base.models import is_within
from qinglan.apps.people.queries import hiding
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.permissions import in_scope, results_for, runs_for, sees_whole_district, units_for
from qinglan.apps.policy.queries import results, slices
from qinglan.apps.policy.queries.slices import HERE, LEFT, MET, WAYS, Row
from qinglan.apps.policy.states import State
from qinglan.core.frame.codes import Ability, Certificate, Colour, Grade
from qinglan.core.frame.missing import MISSING

GROWTH = "pay.growth_8"
STRUCTURE = ("sex", "age", "education", "party", "certificate")
ABILITY, TASKS, JUDGED = "abilities", ("annual", "onboarding", "shadowing", "continuing"), ("tier", "grade", "star")
LEVEL_DIGITS = {6: 9, 9: 12, 12: 15}
LEVEL_NAMES = {9: "街道", 12: "社区"}
FEN_OF_YUAN = 100


@dataclass(frozen=True)
class Cell:
    """One number: how many, of what share (hundredths of a percent; None of nothing), and where its list is."""

    label: str
    count: int
    url: str
    share: int | None = None
    whole: int | None = None  # of the whole district, where the page compares; None where it is not told


@dataclass(frozen=True)
class Block:
    """The numbers of one way to divide; `chart` for the chart part, None where a table says it better."""

    key: str
    title: str
    cells: list[Cell]
    note: str = ""
    chart: dict[str, Any] | None = None


@dataclass(frozen=True)
class Line:
    """One organisation below the chosen one: its numbers in the order of HEADS."""

    name: str
    url: str
    cells: list[Cell]
    gross: int
    average: int | None
    paid: str


@dataclass(frozen=True)
class Rating:
    """One ability: its average (hundredths), rated people, and those at or below what their tier asks."""

    label: str
    average: int | None
    rated: Cell
    enough: Cell
    gap: Cell

    @property
    def cells(self) -> tuple[Cell, Cell, Cell]:
        return self.rated, self.enough, self.gap


@dataclass(frozen=True)
class Cockpit:
    """Everything the page shows of one run within one organisation."""

    run: Run
    org: str
    place: str
    heads: list[Cell]
    blocks: dict[str, Block]
    ratings: list[Rating]
    radar: dict[str, Any]
    colours: list[Block]
    lines: list[Line]
    places_chart: dict[str, Any] | None
    gross: int
    unpaid: Cell
    average: int | None
    paid: str  # the list of those in the bill
    compared: bool  # beside numbers of the whole district
    growth: list[dict[str, Any]] = field(default_factory=list)
    growth_chart: dict[str, Any] | None = None
    growth_met: bool | None = None

    @property
    def tasks(self) -> list[Block]:
        return [self.blocks[key] for key in TASKS]

    @property
    def wall(self) -> list[Block]:
        """What the wall tells in numbers alone."""
        return [self.blocks[key] for key in ("certificate", "education", "annual")]

    @property
    def growth_rows(self) -> list[tuple[str, str]]:
        """The bars of the growth chart in words."""
        chart = self.growth_chart or {"labels": [], "series": [{"values": []}]}
        return [
            (label, f"{value:,.2f}") for label, value in zip(chart["labels"], chart["series"][0]["values"], strict=True)
        ]


HEADS = ("年末在岗", "持证", "优秀", "年度培训达标")


def chosen_run(user: Any, year: str, district: str) -> Run | None:
    """The run of the year asked for, or of the newest year that is over; a published one before a draft."""
    found = runs_for(user).shown().order_by(*results.whole_years_first(), "org_code", "-created_at")
    if district:
        found = found.filter(org_code=district)
    runs = list(found.defer("exceptions", "month_columns", "segment_columns"))
    asked = [run for run in runs if str(run.year) == year] or runs
    if not asked:
        return None
    first = asked[0]
    same = [run for run in asked if (run.org_code, run.year) == (first.org_code, first.year)]
    return next((run for run in same if run.state == State.PUBLISHED), first)


def cockpit(user: Any, run: Run, names: Mapping[str, str], org: str = "") -> Cockpit:
    """The figures of `run` within `org` (default: all that the user may read of it). Two queries (three with the whole district beside), however many people.

    `names`: code → name of the organisations in the year of the run.
    """
    everybody = slices.divided(results_for(user).filter(run=run), run)
    rows = [row for row in everybody if not org or is_within(row.org_code, org)]
    here = [row for row in rows if row.at["here"] == HERE]
    link = _Link(run, org)
    roots = [org] if org else _roots(user, run, names)
    whole = sees_whole_district(user, run.org_code)
    compared = {} if whole else _whole(run, everybody)
    blocks = {key: _block(key, here, link, compared.get(key)) for key in (*STRUCTURE, *JUDGED, *TASKS)}
    lines = _lines(roots, names, rows, run)
    gross, paid = _bill(rows)
    growth = _growth(run) if whole and org in ("", run.org_code) else {}
    ratings = _ratings(here, link)
    return Cockpit(
        run=run,
        org=org,
        place=names.get(org or (roots[0] if len(roots) == 1 else run.org_code), ""),
        heads=_heads(rows, here, link),
        blocks=blocks,
        ratings=ratings,
        radar=_radar(ratings),
        colours=_colours(user, run, org, link),
        lines=lines,
        places_chart=_bar([one.name for one in lines], [one.cells[0].count for one in lines])
        if len(lines) > 1
        else None,
        gross=gross,
        unpaid=Cell("没有算出工资", len(rows) - paid, link(paid=0)),
        average=_average(gross, paid),
        paid=link(paid=1),
        compared=not whole,
        **growth,
    )


@dataclass(frozen=True)
class _Link:
    """Makes addresses of lists of this run within the chosen organisation."""

    run: Run
    org: str
    exact: bool = False

    def __call__(self, **asked: int) -> str:
        return self._address("policy:people", asked)

    def units(self, **asked: int) -> str:
        return self._address("policy:units", asked)

    def _address(self, view: str, asked: Mapping[str, int]) -> str:
        place = [f"org={self.org}", *(["exact=1"] if self.exact else [])] if self.org else []
        parts = [f"run={self.run.pk}", *place, *(f"{key}={one}" for key, one in asked.items())]
        return f"{reverse(view)}?{'&'.join(parts)}"


def _share(part: int, whole: int) -> int | None:
    return (part * 20_000 + whole) // (2 * whole) if whole else None


def _average(total: int, count: int) -> int | None:
    return (2 * total + count) // (2 * count) if count else None


def _heads(rows: Sequence[Row], here: Sequence[Row], link: _Link) -> list[Cell]:
    left = sum(row.at["here"] == LEFT for row in rows)
    return [
        Cell("年末在岗", len(here), link(here=HERE)),
        Cell("年内离岗", left, link(here=LEFT)),
        *(Cell(f"持{label}证书", sum(row.at["certificate"] == number for row in here), link(here=HERE, certificate=number))
          for number, label in Certificate.labels().items() if number),
    ]  # fmt: skip


def _whole(run: Run, known: Sequence[Row]) -> dict[str, dict[int, int | None]]:
    """{way: {number: people of the whole district}} as far as it may be told to who reads the rows `known`. One query."""
    rows = slices.divided(PersonResult.objects.filter(run=run), run)
    found = {}
    for key in (*STRUCTURE, *JUDGED, *TASKS):
        all_of, hers = (Counter(row.at[key] for row in part if row.at["here"] == HERE) for part in (rows, known))
        found[key] = hiding.told(all_of, hers, settings.LEAST_CELL)
    return found


def _block(key: str, here: Sequence[Row], link: _Link, whole: Mapping[int, int | None] | None) -> Block:
    way = WAYS[key]
    counts = Counter(row.at[key] for row in here)
    order = [*way.labels, *sorted((set(counts) | set(whole or ())) - set(way.labels))]
    cells = [
        Cell(
            way.label_of(number),
            counts[number],
            link(here=HERE, **{key: number}),
            _share(counts[number], len(here)),
            (whole or {}).get(number),
        )
        for number in order
        if counts[number] or number in (whole or ())
    ]
    chart = (
        _bar([one.label for one in cells], [one.count for one in cells]) if key in ("age", "grade", "tier") else None
    )
    return Block(key, way.label, cells, "按现在的记录" if way.live else "", chart)


def _bar(labels: list[str], values: list[int], name: str = "人数", unit: str = "人") -> dict[str, Any]:
    return {"kind": "bar", "labels": labels, "series": [{"name": name, "values": values}], "unit": unit}


def _ratings(here: Sequence[Row], link: _Link) -> list[Rating]:
    found = []
    for place, (name, one) in enumerate(zip(slices.ABILITIES, Ability, strict=True)):
        rated = [row.ratings[place] for row in here if row.ratings[place] is not None]
        counts = Counter(row.at[f"ability_{name}"] for row in here)
        key = f"ability_{name}"
        found.append(
            Rating(
                one.label,
                _average(sum(rated), len(rated)),  # type: ignore[arg-type]
                Cell("已评定", len(rated), link(here=HERE, **{f"rated_{name}": 1})),
                Cell("达到", counts[slices.ENOUGH], link(here=HERE, **{key: slices.ENOUGH})),
                Cell("低于", counts[slices.GAP], link(here=HERE, **{key: slices.GAP})),
            )
        )
    return found


def _radar(ratings: Iterable[Rating]) -> dict[str, Any]:
    known = [(one.label, one.average) for one in ratings]
    values = [None if average is None else average / 100 for _, average in known]
    return {"kind": "radar", "labels": [label for label, _ in known], "series": [{"name": "平均", "values": values}], "max": 100, "unit": "分"}  # fmt: skip


def _colours(user: Any, run: Run, org: str, link: _Link) -> list[Block]:
    """Units by colour, sub-districts and communities apart. One query."""
    units = units_for(user).filter(run=run)
    if org:
        units = units.within(org)  # type: ignore[attr-defined]
    counts: dict[int, Counter[int]] = {digits: Counter() for digits in LEVEL_NAMES}
    for code, colour in units.order_by().values_list("org_code", "colour"):
        if len(code) in counts:
            counts[len(code)][colour or 0] += 1
    labels = {**Colour.labels(), 0: "没有颜色"}
    blocks = []
    for digits, count in counts.items():
        cells = [
            Cell(label, count[number], link.units(level=digits, colour=number), _share(count[number], count.total()))
            for number, label in labels.items()
            if count[number]
        ]
        if cells:
            blocks.append(Block(f"colour-{digits}", f"{LEVEL_NAMES[digits]}颜色", cells))
    return blocks


def _roots(user: Any, run: Run, names: Mapping[str, str]) -> list[str]:
    """The outermost organisations of the run that the user may read."""
    codes = [code for code, _ in in_scope(user, names)]
    return [code for code in codes if not any(is_within(code, outer) for outer in codes if outer != code)]


def _lines(roots: Sequence[str], names: Mapping[str, str], rows: Sequence[Row], run: Run) -> list[Line]:
    """The organisations one level below the chosen ones, those with people."""
    lines = []
    for root in roots:
        digits = LEVEL_DIGITS.get(len(root), 0)
        below: dict[str, list[Row]] = {}
        for row in rows:
            if is_within(row.org_code, root):
                below.setdefault(row.org_code[:digits] if digits else root, []).append(row)
        lines += [
            _line(code, names.get(code, code), below[code], run, own=code == root and len(below) > 1)
            for code in sorted(below)
        ]
    return lines


def _line(code: str, name: str, rows: Sequence[Row], run: Run, own: bool) -> Line:
    """`own`: the organisation's own people, without those of the organisations below it."""
    link = _Link(run, code, exact=own)
    here = [row for row in rows if row.at["here"] == HERE]
    certified = [number for number in Certificate.labels() if number]
    gross, paid = _bill(rows)
    cells = [
        Cell(HEADS[0], len(here), link(here=HERE)),
        Cell(HEADS[1], sum(row.at["certificate"] in certified for row in here), link(here=HERE, certified=1)),
        Cell(
            HEADS[2],
            sum(row.at["grade"] == Grade.EXCELLENT for row in here),
            link(here=HERE, grade=int(Grade.EXCELLENT)),
        ),
        Cell(HEADS[3], sum(row.at["annual"] == MET for row in here), link(here=HERE, annual=MET)),
    ]
    return Line(
        name=f"{name}（本级）" if own else name,
        url=f"?year={run.year}&district={run.org_code}&org={code}",
        cells=cells,
        gross=gross,
        average=_average(gross, paid),
        paid=link(paid=1),
    )


def _bill(rows: Iterable[Row]) -> tuple[int, int]:
    """(yearly gross of those whose pay could be computed, how many they are)."""
    known = [row.gross for row in rows if row.gross is not None]
    return sum(known), len(known)


def _growth(run: Run) -> dict[str, Any]:
    """The growth rule's steps as the run stored them, and the bill beside what it should have come to."""
    steps = results.district_steps(run).get(GROWTH)
    if steps is None:
        return {}
    lines = results.lines_of(GROWTH, steps, results.pack_of(run), run.rule_versions)
    frame = run.district_frame
    bars = [
        ("三年前", frame.get("pay_bill_base", MISSING)),
        ("上年", frame.get("pay_bill_last", MISSING)),
        ("本年应达到", steps["bill_target"]),
        ("本年", frame.get("pay_bill", MISSING)),
    ]
    known = [(label, fen) for label, fen in bars if fen is not None and fen > MISSING]
    chart = {
        "kind": "bar",
        "labels": [label for label, _ in known],
        "series": [{"name": "薪酬支出", "values": [round(fen / FEN_OF_YUAN / 10_000, 2) for _, fen in known]}],
        "unit": "万元",
    }
    flag = steps["bill_grew"]
    return {"growth": lines, "growth_chart": chart, "growth_met": None if flag <= MISSING else flag == 1}
