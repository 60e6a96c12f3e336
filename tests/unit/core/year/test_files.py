"""`qinglan calc`: files to files says exactly what the database stores; wrong files are refused whole, each place named."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from qinglan.apps.policy.queries.packs import pack_for
from qinglan.apps.policy.queries.records import figures_for, records_for
from qinglan.commands.calc import calc
from qinglan.core.frame.missing import MISSING
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import Pack
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year.files import FilesError, calculate, calculating, describing, layout, outputs, reading
from qinglan.core.year.files.outputs import REASON
from qinglan.demo import loading, places

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "calc.md"


@pytest.fixture(scope="module")
def taoyuan() -> Pack:
    return load("taoyuan", ITEMS)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Three people of two districts, written as an office would: labels for codes, 是/否 for flags."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "people.csv").write_text(
        "person,sex,birth,education,has_degree\n1,女,1990-01-02,本科,是\n2,男,1985-05-06,3,否\n3,2,1970-07-08,,\n",
        encoding="utf-8",
    )
    (folder / "employments.csv").write_text(
        "person,since,until\n1,2020-01-01,\n2,2025-03-10,\n3,2010-01-01,2025-09-01\n", encoding="utf-8"
    )
    (folder / "postings.csv").write_text(
        "person,organisation,post,since\n1,990101001001,社区工作者,2020-01-01\n2,990102001001,7,2025-03-10\n"
        "3,990101001002,党组织书记,2010-01-01\n",
        encoding="utf-8",
    )
    (folder / "grades.csv").write_text(
        "person,grade,since\n1,3,2020-01-01\n2,2,2025-03-10\n3,5,2020-01-01\n", encoding="utf-8"
    )
    return folder


def edit(folder: Path, table: str, change: Callable[[str], str]) -> None:
    path = folder / f"{table}.csv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def numbers(table: pl.DataFrame, names: list[str]) -> np.ndarray:
    """(rows, columns) as the computation has them: what is missing carries its reason."""
    columns = []
    for name in names:
        values, reasons = table[name], table[name + REASON].cast(pl.Int64)
        values = values.cast(pl.Int32).cast(pl.Int64) if values.dtype == pl.Date else values.cast(pl.Int64)
        columns.append(
            pl.select(pl.when(reasons.is_not_null()).then(MISSING - reasons).otherwise(values)).to_series().to_numpy()
        )
    return np.stack(columns, axis=1)


def flat(columns: list[list]) -> list[str]:
    return [step for _, steps in columns for step in steps]


def exported(folder: Path, year: int) -> None:
    """The facts of the fictional district as tables of CSV."""
    pack = pack_for(places.DISTRICT, date(year, 12, 31))
    records = records_for(places.DISTRICT, year, pack.on(date(year, 12, 31))["train.annual_days.hours_per_day"])
    folder.mkdir()
    for name, table in records.tables.items():
        table.write_csv(folder / f"{name}.csv")
    said = {"organisation": places.DISTRICT, **figures_for(places.DISTRICT, year)}
    pl.DataFrame([said]).write_csv(folder / "district.csv")


@pytest.mark.django_db
def test_files_say_what_the_database_stores(tmp_path, taoyuan):
    loading.load(say=lambda _: None, total=60, subdistricts=2)
    years.compute(district=places.DISTRICT, year=2024, by=None)
    exported(tmp_path / "in", 2025)
    run = years.compute(district=places.DISTRICT, year=2025, by=None)
    calculate(tmp_path / "in", tmp_path / "out", taoyuan, 2025)
    out = {name: pl.read_parquet(tmp_path / "out" / name / "*.parquet") for name in outputs.TABLES}

    stored = {one.person_id: one for one in PersonResult.objects.filter(run=run)}
    people = out["people"].sort("person")
    assert people["person"].to_list() == sorted(stored)
    assert len(stored) > 50
    assert people["organisation"].to_list() == [stored[one].org_code for one in people["person"]]
    frame = [name for name in run.frame_columns if name not in outputs.NUMBERED]
    kept = [run.frame_columns.index(name) for name in frame]
    assert (numbers(people, frame) == [[stored[one].frame[at] for at in kept] for one in people["person"]]).all()
    steps = flat(run.step_columns)
    assert (numbers(people, steps) == [stored[one].steps for one in people["person"]]).all()

    names = flat(run.month_columns)
    months = {(one, month): row for (one, month), row in zip(
        out["months"].select("person", "month").iter_rows(), numbers(out["months"], names), strict=True)}  # fmt: skip
    unpaid = 0
    for one, result in stored.items():
        for month, row in enumerate(np.array(result.months).reshape(12, len(names)), start=1):
            if (one, month) in months:
                assert (months.pop((one, month)) == row).all()
            else:  # no row: nothing was paid, and the database says 不适用 throughout
                assert (row == MISSING - 2).all()
                unpaid += 1
    assert not months
    assert unpaid > 0

    names = flat(run.segment_columns)
    own = [name for name in names if not name.startswith(("segment_person", "segment_since"))]
    at = [names.index(name) for name in own]
    segments = out["segments"].sort("person", "segment_since")
    rows = np.concatenate([np.array(stored[one].segments).reshape(-1, len(names))[:, at] for one in sorted(stored)])
    assert (numbers(segments, own) == rows).all()

    units = {one.org_code: one.steps for one in UnitResult.objects.filter(run=run)}
    assert (numbers(out["units"], flat(run.unit_columns)) == [units[one] for one in out["units"]["organisation"]]).all()
    district = {
        name: value for family in Run.objects.get(pk=run.pk).district_steps.values() for name, value in family.items()
    }
    assert numbers(out["district"], list(district)).tolist() == [list(district.values())]


def test_chunks_and_csv_say_the_same(small, tmp_path, taoyuan, monkeypatch):
    calculate(small, tmp_path / "whole", taoyuan, 2025)
    monkeypatch.setattr(calculating, "CHUNK", 1)
    calculate(small, tmp_path / "parts", taoyuan, 2025)
    calculate(small, tmp_path / "csv", taoyuan, 2025, fmt="csv")
    assert len(list((tmp_path / "parts" / "people").iterdir())) == 2
    for name, table in outputs.TABLES.items():
        key = [*table.keys, *(["segment_since"] if name == "segments" else [])]
        whole = pl.read_parquet(tmp_path / "whole" / name / "*.parquet").sort(key)
        parts = pl.read_parquet(tmp_path / "parts" / name / "*.parquet").sort(key)
        assert [one for one in whole.columns if not whole[one].equals(parts[one])] == [], name
        types = {one: pl.String if one.endswith(REASON) else kind for one, kind in whole.schema.items()}
        text = pl.read_csv(tmp_path / "csv" / f"{name}.csv", schema_overrides=types)
        plain = [one for one in text.columns if not one.endswith(REASON)]
        assert text.select(plain).sort(key).equals(whole.select(plain)), name
        assert {one for one in text.columns if one.endswith(REASON)} == {
            one for one in whole.columns if one.endswith(REASON) and whole[one].is_not_null().any()
        }


def test_only_the_families_asked_for(small, tmp_path, taoyuan):
    done = calculate(small, tmp_path / "out", taoyuan, 2025, families=["pay.income_tax"])
    months = pl.read_parquet(tmp_path / "out" / "months" / "*.parquet")
    assert "tax_due" in months.columns
    assert "net_pay" not in months.columns
    assert set(done.rows) == {"people", "months", "district"}
    with pytest.raises(FilesError, match="没有规则「tea」"):
        calculate(small, tmp_path / "other", taoyuan, 2025, families=["tea"])


def test_large_amounts_widen_the_columns(small, tmp_path, taoyuan):
    (small / "opening.csv").write_text("person,day,income\n1,2025-01-31,99999999999\n", encoding="utf-8")
    calculate(small, tmp_path / "out", taoyuan, 2025)
    months = pl.read_parquet(tmp_path / "out" / "months" / "*.parquet")
    assert months["income_to_date"].dtype == pl.Int64
    assert months["income_to_date"].max() > 99_999_999_999


WRONG = [
    ("postings", ("社区工作者", "书记助理"), "postings.csv 第 2 行「post」：「书记助理」不对；请写"),
    (
        "people",
        ("1990-01-02", "1990年1月2日"),
        "people.csv 第 2 行「birth」：「1990年1月2日」不对；请写日期，如 2025-07-01",
    ),
    ("people", ("是", "对"), "people.csv 第 2 行「has_degree」：「对」不对；请写是 或 否"),
    ("people", ("女", ""), "people.csv 第 2 行「sex」：空着；请写"),
    ("people", ("3,2,1970", "2,2,1970"), "people.csv 第 3 行「person」：「2」不止一行"),
    ("grades", ("1,3,", "1,3.5,"), "grades.csv 第 2 行「grade」：「3.5」不对；请写不带小数的非负整数"),
    ("grades", ("1,3,", "9,3,"), "grades.csv 第 2 行「person」：people 表里没有「9」这个人"),
    (
        "grades",
        ("person,grade", "person,rank"),
        "grades.csv：不认识「rank」这一列；可用的列：person、grade、since、until",
    ),
    ("grades", ("person,grade", "person,rank"), "grades.csv：缺「grade」"),
    ("employments", ("2025-09-01", "2009-09-01"), "employments.csv 第 4 行「until」：不晚于 since"),
    ("employments", ("2,2025-03-10", "1,2025-03-10"), "employments.csv 第 3 行「since」：同一个人的前一段还没有结束"),
]


@pytest.mark.parametrize(("table", "change", "said"), WRONG)
def test_a_wrong_place_is_named(small, tmp_path, taoyuan, table, change, said):
    edit(small, table, lambda text: text.replace(*change, 1))
    with pytest.raises(FilesError) as wrong:
        calculate(small, tmp_path / "out", taoyuan, 2025)
    assert any(problem.startswith(said) for problem in wrong.value.problems), wrong.value
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("pay", "person\n1\n", "pay.csv：没有叫「pay」的表"),
        ("training", "person,day,kind,hours\n1,2025-01-01,annual,一\n", "百分之一学时"),
    ],
)
def test_a_wrong_table_is_named(small, tmp_path, taoyuan, name, text, said):
    (small / f"{name}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(FilesError, match=said):
        calculate(small, tmp_path / "out", taoyuan, 2025)


def test_nothing_is_half_written_or_overwritten(small, tmp_path, taoyuan, monkeypatch):
    def broken(*_: object) -> int:
        raise OSError(28, "No space left on device", "x")

    with monkeypatch.context() as patch:
        patch.setattr(calculating.writing, "write_part", broken)
        with pytest.raises(OSError, match="No space"):
            calculate(small, tmp_path / "out", taoyuan, 2025)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]
    calculate(small, tmp_path / "out", taoyuan, 2025)
    with pytest.raises(FilesError, match="已经有内容，没有覆盖"):
        calculate(small, tmp_path / "out", taoyuan, 2025)


def test_the_command_says_what_it_wrote(small, tmp_path):
    arguments = [str(small), "--pack", "taoyuan", "--year", "2025", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(calc, arguments)
    assert done.exit_code == 0
    assert "已算好 3 人 2025 年" in done.output
    assert (tmp_path / "out" / "months.csv").is_file()
    again = CliRunner().invoke(calc, arguments)
    assert again.exit_code == 1
    assert "已经有内容" in again.output


def all_inputs() -> Iterator[tuple[str, str]]:
    for table, (_, columns) in layout.INPUTS.items():
        yield from ((table, column) for column in columns)


def test_the_layout_names_every_column_of_every_table():
    assert list(layout.INPUTS) == list(layout.SCHEMAS)
    assert list(all_inputs()) == [(table, column) for table, columns in layout.SCHEMAS.items() for column in columns]


def test_the_page_is_up_to_date():
    assert describing.page() in PAGE.read_text(encoding="utf-8"), "run: qinglan docs"


def test_parquet_reads_as_csv(small, tmp_path):
    told = reading.read(small).records
    for path in list(small.iterdir()):
        told[path.stem].write_parquet(path.with_suffix(".parquet"))
        path.unlink()
    again = reading.read(small).records
    assert all(again[name].equals(told[name]) for name in layout.INPUTS if name != layout.DISTRICT)
