"""A year computed from files to files: whole districts by chunks of people, two at a time, without any database.

Districts are never cut: quotas and peers are found inside one, so each chunk says what the whole would say.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from qinglan.core.frame.building import Frame, homes
from qinglan.core.frame.district_year import DISTRICT_YEAR
from qinglan.core.frame.records import TABLES as RECORD_TABLES
from qinglan.core.frame.records import Records
from qinglan.core.frame.units_building import build_units
from qinglan.core.packs.pack import Pack
from qinglan.core.rules.families import Family
from qinglan.core.rules.groups import GroupFamily
from qinglan.core.year import order, pay_facts
from qinglan.core.year.computing import ABSENT, HELD, SAME_YEAR, district_frame, frame_of, star_coefficient, start_grade
from qinglan.core.year.files import outputs, writing
from qinglan.core.year.files.outputs import ALL_FAMILIES, chosen
from qinglan.core.year.files.reading import FilesError, read
from qinglan.core.year.months import Batch, PayYear, pay
from qinglan.core.year.pay_held import hold
from qinglan.core.year.running import Results, run

CHUNK = 25_000  # people; about 300 MB at work for each
PLACES = {"district": 6, "subdistrict": 9, "organisation": None}  # frame column → how much of the code numbers it
FORMATS = ("csv", "parquet")
Array = np.ndarray


@dataclass(frozen=True)
class Done:
    """What was written: rows a table, people computed."""

    rows: Mapping[str, int]
    people: int


@dataclass(frozen=True)
class _Job:
    pack: Pack
    year: int
    families: tuple[str, ...]
    folder: Path
    wide: bool

    @cached_property
    def person_families(self) -> list[Family | GroupFamily]:
        """Those of PERSON_YEAR asked for, and those whose steps they (or the pay of the year: this year's star) read."""
        same_year = self.pack.on(date(self.year, 12, 31))["pay.star_rating.paid_in"] == SAME_YEAR
        needed = {"star_coefficient"} if same_year else set()
        kept: list[Family | GroupFamily] = []
        for family in reversed(order.PERSON_YEAR):
            if chosen(family.id, self.families) or needed & set(family.steps):
                needed |= set(family.columns if isinstance(family, GroupFamily) else family.inputs._fields)
                kept.append(family)
        return kept[::-1]

    def write(self, name: str, keys: Mapping[str, object], columns: Mapping[str, Array], part: int = 1) -> int:
        rows = writing.frame(outputs.TABLES[name].chosen(self.families), keys, columns, self.wide or name == "district")
        writing.write_part(rows, self.folder / name, part)
        return rows.height


def calculate(
    source: Path, target: Path, pack: Pack, year: int, *, fmt: str = "parquet", families: Sequence[str] = ()
) -> Done:
    """Read `source`, compute `year` under `pack`, write the tables of outputs.TABLES into the new folder `target`.

    Raises FilesError (sentences) for wrong files, NotInForce when the pack lacks a value; then nothing is left behind.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FilesError([f"「{target}」已经有内容，没有覆盖；请换一个文件夹。"])
    unknown = [one for one in families if not any(chosen(family, [one]) for family in ALL_FAMILIES)]
    if unknown:
        raise FilesError(
            [f"没有规则「{one}」；可用：{'、'.join(ALL_FAMILIES)}，或它们的开头，如 pay。" for one in unknown]
        )
    inputs = read(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            done = _compute(inputs.records, inputs.figures, _Job(pack, year, tuple(families), draft, False))
        except writing.TooNarrow:
            shutil.rmtree(draft)
            done = _compute(inputs.records, inputs.figures, _Job(pack, year, tuple(families), draft, True))
        if fmt == "csv":
            for name in done.rows:
                writing.to_csv(draft / name, draft / f"{name}.csv", outputs.TABLES[name].chosen(families))
                shutil.rmtree(draft / name)
        about = {
            "year": year,
            "pack": pack.name,
            "pack_version": pack.version,
            "pack_hash": pack.hash,
            "rows": dict(done.rows),
        }
        (draft / "about.json").write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if target.exists():
            target.rmdir()
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return done


def _compute(records: Records, figures: pl.DataFrame, job: _Job) -> Done:
    job.folder.mkdir()
    where = homes(records, job.year).with_columns(pl.col("organisation").fill_null(""))
    places = _Places.of(where)
    with ThreadPoolExecutor(os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()) as pool:
        first = pool.submit(_units, records, job)
        parts = list(
            pool.map(
                lambda one: _chunk(one[1], job, places, one[0]), enumerate(_chunks(records, where, job.year), start=1)
            )
        )
        units = first.result()
    known = {code: sums for part in parts for code, sums in part.districts.items()}
    rows = {
        "people": sum(part.people for part in parts),
        "months": sum(part.months for part in parts),
        "segments": sum(part.segments for part in parts),
        "units": units,
        "district": _districts(known, figures, job),
    }
    return Done({name: count for name, count in rows.items() if (job.folder / name).exists()}, rows["people"])


def _chunks(records: Records, where: pl.DataFrame, year: int) -> Iterator[Records]:
    """The records by whole districts (of each person's last post), districts with the same first month to pay together."""
    where = where.with_columns(district=pl.col("organisation").str.slice(0, 6))
    brought = records["opening"].filter(pl.col("day").dt.year() == year).join(where, on="person")
    first = brought.group_by("district").agg(first=pl.col("day").dt.month().max())
    sizes = where.group_by("district").len().join(first, on="district", how="left").sort("first", "district")
    numbers: dict[str, int] = {}
    number, filled, before = 0, 0, None
    for district, size, month in sizes.iter_rows():
        if filled and (filled + size > CHUNK or month != before):
            number, filled = number + 1, 0
        numbers[district] = number
        filled, before = filled + size, month
    if len(set(numbers.values())) < 2:
        yield records
        return
    chunk = where.select("person", chunk=pl.col("district").replace_strict(numbers, return_dtype=pl.Int32))
    cut = {
        name: records[name].join(chunk, on="person", maintain_order="left").partition_by("chunk", as_dict=True, include_key=False)
        for name, columns in RECORD_TABLES.items()
        if "person" in columns and name in records.tables
    }  # fmt: skip
    for number in range(max(numbers.values()) + 1):
        yield Records({name: tables.pop((number,)) for name, tables in cut.items() if (number,) in tables})


@dataclass(frozen=True)
class _Part:
    people: int
    months: int
    segments: int
    districts: dict[str, dict[str, int]]


@dataclass(frozen=True)
class _Places:
    """The codes of all districts, sub-districts and organisations, sorted: the same number (序号) in every chunk."""

    codes: Mapping[str, Array]

    @classmethod
    def of(cls, where: pl.DataFrame) -> "_Places":
        code = where["organisation"]
        return cls({name: code.str.slice(0, length).unique().sort().to_numpy() for name, length in PLACES.items()})

    def number(self, frame: Frame) -> None:
        code = pl.Series(frame.organisations, dtype=pl.String)
        for name, length in PLACES.items():
            short = code.str.slice(0, length).to_numpy()
            frame.columns[name] = np.searchsorted(self.codes[name], short).astype(np.int64) + 1


def _chunk(records: Records, job: _Job, places: _Places, part: int) -> _Part:
    on = job.pack.on(date(job.year, 12, 31))
    frame = frame_of(records, job.year, on)
    places.number(frame)
    person = run(job.person_families, frame.columns, on)
    facts = pay_facts.build(
        records,
        frame,
        job.pack,
        star_coefficient(frame, person, on),
        start_grade(frame, person),
    )
    kept = _Batches()
    paid = pay(job.pack, facts, job.year, sink=kept)
    districts = _district_sums(frame, paid)
    given = {name: frame.columns[column] for name, column in HELD.items()}
    pay_year = hold(on, paid, given, frame.columns["district"])
    keys = {"person": frame.people, "organisation": frame.organisations}
    people = job.write("people", keys, frame.columns | _flat(person) | _flat(pay_year), part)
    del person, pay_year
    months = _rows(job, "months", frame, kept.taken("month"), part)
    by_month = np.argsort(facts.segments["segment_month"], kind="stable")
    by_month = by_month[facts.segments["segment_month"][by_month] >= job.year * 12 + facts.first_month - 1]
    sorted_frame = {name: column[by_month] for name, column in facts.segments.items()}
    segments = _rows(job, "segments", frame, sorted_frame | kept.taken("segment"), part)
    return _Part(people, months, segments, districts)


def _rows(job: _Job, name: str, frame: Frame, columns: dict[str, Array], part: int) -> int:
    if not columns or not any(chosen(one.family, job.families) for one in outputs.TABLES[name].columns if one.family):
        return 0
    keys = {"person": frame.people[columns.pop("row")], "month": columns.pop("of_month")}
    return job.write(name, keys, columns, part)


def _flat(results: Results) -> dict[str, Array]:
    return {name: values for steps in results.values() for name, values in steps.items()}


class _Batches:
    """A sink that keeps the steps of a year's pay, one row a person-month (or segment), months one after another."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, list[Array]]] = {"month": {}, "segment": {}}
        self.families: dict[str, str] = {}

    def __call__(self, batch: Batch) -> None:
        if batch.kind not in self.kept:
            return
        kept = self.kept[batch.kind]
        steps = dict(batch.steps)
        if self.families.setdefault(batch.kind, batch.family) == batch.family:
            steps |= {"row": batch.person, "of_month": np.full(len(batch.person), batch.month, np.int8)}
        for name, values in steps.items():
            kept.setdefault(name, []).append(values)

    def taken(self, kind: str) -> dict[str, Array]:
        """The columns, given away: what was kept is let go."""
        columns = self.kept.pop(kind)
        return {name: np.concatenate(columns.pop(name)) for name in list(columns)}


def _district_sums(frame: Frame, paid: PayYear) -> dict[str, dict[str, int]]:
    """The district frame of each district of the chunk, by its code."""
    number = frame.columns["district"]
    codes = {int(n): code[:6] for n, code in zip(number, frame.organisations, strict=True)}
    sums = {}
    for one, code in codes.items():
        rows = np.flatnonzero(number == one)
        months = {"gross_pay": paid.months["gross_pay"][:, rows]}
        own = Frame(frame.year, frame.people[rows], [], {})
        sums[code] = district_frame(own, PayYear(paid.year, months, paid.employed[:, rows], {}))
    return sums


def _districts(known: Mapping[str, Mapping[str, int]], figures: pl.DataFrame, job: _Job) -> int:
    said = {row["organisation"]: row for row in figures.iter_rows(named=True)}
    codes = sorted(code for code in known if code)
    if not codes:
        return 0

    def value(code: str, name: str) -> int:
        own = said.get(code, {}).get(name)
        return known[code].get(name, ABSENT) if own is None else own

    columns = {name: np.array([value(code, name) for code in codes], np.int64) for name in DISTRICT_YEAR}
    steps = run(order.DISTRICT_YEAR, columns, job.pack.on(date(job.year, 12, 31)))
    return job.write("district", {"organisation": codes}, columns | _flat(steps))


def _units(records: Records, job: _Job) -> int:
    units = build_units(records, job.year)
    if not units.organisations or not any(chosen(family.id, job.families) for family in order.UNIT_YEAR):
        return 0
    steps = run(order.UNIT_YEAR, units.columns, job.pack.on(date(job.year, 12, 31)))
    return job.write("units", {"organisation": units.organisations}, units.columns | _flat(steps))
