"""The golden runs, and districts with awkward facts, computed twice: by the package, and independently. Every number is the same."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from qinglan.core.frame import freezing
from qinglan.core.frame.records import TABLES, Records
from qinglan.core.packs import freezing as packs
from qinglan.core.packs.loading import shipped
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year import order
from qinglan.core.year.canonical import input_names, names_of
from qinglan.core.year.canonical import inputs_hash as theirs_of_inputs
from qinglan.core.year.canonical import results_hash as theirs_of_results
from qinglan.core.year.computing import Year, compute_year
from tests.recompute import pack, year
from tests.recompute.awkward import District
from tests.recompute.holding import inputs_hash, results_hash

GOLDEN = sorted(path.parent for path in (Path(__file__).parents[1] / "data" / "golden").glob("*/run.json"))
COMPLETE = [name for name in shipped() if name not in ("national",)]
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 40))]


def names(computed: Year) -> tuple[list, list, list, list]:
    return tuple(
        names_of(one)
        for one in ({**computed.person, **computed.pay_year}, computed.months, computed.segments, computed.unit)
    )  # type: ignore[return-value]


def first_difference(computed: Year, mine: year.Year) -> str:
    """Where the two part, in words; the fingerprints only say that they do."""
    for name, column in computed.frame.columns.items():
        for person, theirs, ours in zip(mine.people, column.tolist(), mine.frame, strict=True):
            if theirs != ours[name]:
                return f"person {person}, {name}: {theirs} computed, {ours[name]} recomputed"
    steps = mine.steps | mine.pay_steps
    for family, columns in {**computed.person, **computed.pay_year}.items():
        for name, column in columns.items():
            for person, theirs, ours in zip(mine.people, column.tolist(), steps[family], strict=True):
                if theirs != ours.get(name):
                    return f"person {person}, {family}, {name}: {theirs} computed, {ours.get(name)} recomputed"
    for family, columns in computed.unit.items():
        for name, column in columns.items():
            for code, theirs, ours in zip(mine.codes, column.tolist(), mine.unit_steps[family], strict=True):
                if theirs != ours.get(name):
                    return f"unit {code}, {family}, {name}: {theirs} computed, {ours.get(name)} recomputed"
    for family, columns in computed.segments.items():
        rows = [one for person in mine.pay for one in person.parts.get(family, [])]
        for name in (one for one in columns if one != "segment_person"):
            theirs, ours = columns[name].tolist(), [row.get(name) for row in rows]
            for row, one, other in zip(rows, theirs, ours, strict=True):
                if one != other:
                    return f"{family}, {name}: {one} computed, {other} recomputed of {row}"
    for family, columns in computed.months.items():
        for name, column in columns.items():
            for at, person in enumerate(mine.pay):
                for month in range(1, 13):
                    ours = person.steps.get(family, {}).get(month, {}).get(name)
                    if ours is not None and int(column[month - 1, at]) != ours:
                        return f"person {mine.people[at]}, {month}, {name}: {column[month - 1, at]} computed, {ours}"
    if computed.district != mine.district_steps:
        return f"district: {computed.district} computed, {mine.district_steps} recomputed"
    return ""


@pytest.mark.parametrize("folder", GOLDEN, ids=[one.name for one in GOLDEN])
def test_a_golden_run_is_recomputed_to_its_fingerprints(folder: Path) -> None:
    """The stored fingerprints come out of plain Python: every input, step, month, segment, unit and figure of the district."""
    kept = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    frozen = (folder / "tables.zip").read_bytes()
    mine = year.compute(frozen, kept["year"], pack.read(kept["files"], kept["pack"]))
    records, figures = freezing.thaw(frozen)
    rules = order.NOW.at(kept["rule_versions"])
    computed = compute_year(records, kept["year"], packs.thaw(kept["files"], kept["pack"], ITEMS), figures, rules)
    assert len(mine.people) == kept["people"]
    assert first_difference(computed, mine) == ""
    assert inputs_hash(mine, kept["columns"], kept["pack_hash"]) == kept["inputs_hash"]
    assert results_hash(mine, *names(computed)) == kept["results_hash"]


def frozen_district(seed: int, people: int, of: int, opened: float) -> bytes:
    made = District(seed, people, of, opened)
    records = Records(
        {
            name: pl.DataFrame([{column: row.get(column) for column in TABLES[name]} for row in rows], TABLES[name])
            for name, rows in made.tables.items()
        }
    )
    return freezing.freeze(records, "990101", made.figures)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", COMPLETE)
def test_a_district_with_awkward_facts_is_recomputed(name: str, seed: int) -> None:
    files = packs.freeze(name)
    of = (2025, 2024)[seed % 2]
    frozen = frozen_district(seed * 100 + len(name), 40, of, 0.15 if seed % 3 else 0.8)
    loaded = packs.thaw(files, name, ITEMS)
    records, figures = freezing.thaw(frozen)
    computed = compute_year(records, of, loaded, figures)
    mine = year.compute(frozen, of, pack.read(files, name))
    assert mine.people == computed.frame.people.tolist()
    assert first_difference(computed, mine) == ""
    assert inputs_hash(mine, input_names(computed), loaded.hash) == theirs_of_inputs(computed, input_names(computed))
    assert results_hash(mine, *names(computed)) == theirs_of_results(computed)


SETTINGS = {
    "评定次年": "评定当年",
    "只乘绩效工资": "乘基本工资和绩效工资",
    "按日历天数": "按计薪天数",
    "五级九档\n": "三岗十八级\n",
}


@pytest.mark.parametrize("setting", [*SETTINGS, "all"])
def test_a_pack_set_the_other_way_is_recomputed(setting: str) -> None:
    """The settings of a pack that none of the shipped ones uses, or few: the text is changed, both read it."""
    chosen = SETTINGS if setting == "all" else {setting: SETTINGS[setting]}
    files = packs.freeze("taoyuan")
    for old, new in chosen.items():
        changed = {name: text.replace(f"value: {old}", f"value: {new}") for name, text in files.items()}
        assert changed != files
        files = changed
    frozen = frozen_district(11, 40, 2025, 0.15)
    records, figures = freezing.thaw(frozen)
    computed = compute_year(records, 2025, packs.thaw(files, "taoyuan", ITEMS), figures)
    mine = year.compute(frozen, 2025, pack.read(files, "taoyuan"))
    assert first_difference(computed, mine) == ""
    assert results_hash(mine, *names(computed)) == theirs_of_results(computed)


def test_a_fact_of_another_day_is_another_year() -> None:
    """The control: what is held against it can differ, and is told by person and step."""
    files = packs.freeze("taoyuan")
    frozen = frozen_district(7, 40, 2025, 0.15)
    records, figures = freezing.thaw(frozen)
    earlier = records["people"].with_columns(pl.col("birth").dt.offset_by("-1mo"))
    other = Records({**records.tables, "people": earlier})
    computed = compute_year(other, 2025, packs.thaw(files, "taoyuan", ITEMS), figures)
    mine = year.compute(frozen, 2025, pack.read(files, "taoyuan"))
    assert "birth_date" in first_difference(computed, mine)
    assert results_hash(mine, *names(computed)) != theirs_of_results(computed)


def test_the_pack_reads_the_same_values_on_every_day_of_change() -> None:
    """Every item of every shipped pack on every day on which anything changes."""
    for name in shipped():
        files = packs.freeze(name)
        theirs, mine = packs.thaw(files, name, ITEMS), pack.read(files, name)
        assert theirs.change_days() == mine.change_days()
        for day in (*theirs.change_days(), date(2030, 1, 1)):
            for item in theirs.entries:
                if theirs.on(day).has(item):
                    value = theirs.on(day).dated(item).value
                    plain = value.model_dump() if hasattr(value, "model_dump") else value
                    if isinstance(plain, list):
                        plain = [one.model_dump() if hasattr(one, "model_dump") else one for one in plain]
                    assert mine.on(day)[item] == plain, (name, item, day)
