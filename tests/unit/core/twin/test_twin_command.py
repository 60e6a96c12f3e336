"""`qinglan twin` on files: bands, JSON, tables, differences; stopping and resuming; a sentence for what is wrong."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from tests.unit.core.twin.scenarios import frozen

from qinglan.commands.twin import twin
from qinglan.core.twin.outcomes import INDICATORS

TEXT = "name: {name}\npopulation: people.zip\nyear: 2025\npack: taoyuan\nmonths: 24\nreplicates: 4\n{more}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people.zip").write_bytes(frozen())
    (tmp_path / "a.yaml").write_text(TEXT.format(name="现行", more=""), encoding="utf-8")
    more = "parameters: {exit_rate: 0.2}\n"
    (tmp_path / "b.yaml").write_text(TEXT.format(name="离职多些", more=more), encoding="utf-8")
    return tmp_path


def said(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(twin, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_run_prints_bands_and_says_that_it_is_no_forecast(folder: Path) -> None:
    text = said("run", folder / "a.yaml")
    assert "现行：120 人，2025 年底起 24 个月，4 次" in text
    for indicator in INDICATORS.values():
        assert indicator.label[:6] in text, indicator.label
    assert "这不是预测" in text
    growth = next(line for line in text.splitlines() if "应发工资比上年" in line).split()
    assert growth[1] == "—"  # nobody lived the year before the first
    assert growth[2][0].isdigit() or growth[2][0] == "-"


def test_json_and_tables_say_the_same(folder: Path) -> None:
    text = said("run", folder / "a.yaml", "--json", "--out", folder / "out")
    found = json.loads(text.strip().splitlines()[-1])
    assert found["indicators"]["heads"]["by"] == "month"
    assert len(found["indicators"]["heads"]["mean"]) == 24
    table = pl.read_parquet(folder / "out" / "indicators.parquet").filter(pl.col("indicator") == "heads")
    assert table["mean"].to_list() == found["indicators"]["heads"]["mean"]
    assert json.loads((folder / "out" / "result.json").read_text(encoding="utf-8")) == found


def test_stopping_and_resuming_says_the_same(folder: Path) -> None:
    whole = json.loads(said("run", folder / "a.yaml", "--json").strip().splitlines()[-1])
    kept = folder / "kept.npz"
    half = json.loads(
        said("run", folder / "a.yaml", "--json", "--until", "12", "--checkpoint", kept).strip().splitlines()[-1]
    )
    rest = json.loads(said("run", folder / "a.yaml", "--json", "--checkpoint", kept).strip().splitlines()[-1])
    assert (half["months"], rest["months"]) == (12, 24)
    assert rest["digest"] == whole["digest"] != half["digest"]
    assert "须写" not in said("run", folder / "a.yaml", "--until", "12", code=1)
    assert "不是这个情景存下的" in said("run", folder / "b.yaml", "--checkpoint", kept, code=1)


def test_compare_says_nothing_changed_or_how_much(folder: Path) -> None:
    assert "每个数都相同" in said("compare", folder / "a.yaml", folder / "a.yaml")
    found = json.loads(said("compare", folder / "a.yaml", folder / "b.yaml", "--json").strip().splitlines()[-1])
    assert not found["same"]
    assert found["differences"]["voluntary"]["low"][0] > 0
    assert found["years"] == [2026, 2027]
    assert found["differences"]["bill_growth"]["mean"][0] is None
    once = [folder / f"once-{name}.yaml" for name in "ab"]
    for file, name in zip(once, "ab", strict=True):
        text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
        file.write_text(text.replace("replicates: 4", "replicates: 1"), encoding="utf-8")
    alone = said("compare", *once)  # one replicate has no interval
    assert "〔—〕" in alone
    assert "nan" not in alone
    other = folder / "c.yaml"
    other.write_text((folder / "a.yaml").read_text(encoding="utf-8") + "seed: 3\n", encoding="utf-8")
    assert "须相同，才能逐次相减" in said("compare", folder / "a.yaml", other, code=1)


def test_parameters_are_listed_with_source_or_assumption() -> None:
    text = said("parameters")
    assert "exit_burnout" in text
    assert "假设" in text


def test_what_is_wrong_is_one_sentence(folder: Path) -> None:
    (folder / "d.yaml").write_text(TEXT.format(name="丁", more="parameters: {exit_rat: 1}\n"), encoding="utf-8")
    assert "没有参数「exit_rat」" in said("run", folder / "d.yaml", code=1)
    (folder / "e.yaml").write_text(TEXT.format(name="戊", more="").replace("taoyuan", "national"), encoding="utf-8")
    assert "政策包「" in said("run", folder / "e.yaml", code=1)


@pytest.mark.parametrize(
    "command",
    [
        ("run", "A"),
        ("compare", "B", "A"),
        ("search", "A", "--levers", "mentees_per_mentor=1..5"),
        ("sensitivity", "A"),
        ("calibrate", "A"),
        ("backtest", "A"),
    ],
)
def test_nobody_to_rehearse_with_is_no_page_of_noughts(folder: Path, command: tuple[str, ...]) -> None:
    (folder / "n.yaml").write_text(TEXT.format(name="空", more='place: "320413"\n'), encoding="utf-8")
    files = {"A": folder / "n.yaml", "B": folder / "a.yaml"}
    arguments = [files.get(one, one) for one in command]
    assert "组织代码 320413 开头的范围 2025 年末没有在岗的人" in said(*arguments, code=1)


def test_people_without_posts_are_nobody_to_rehearse_with(folder: Path) -> None:
    (folder / "tables").mkdir()
    (folder / "tables" / "people.csv").write_text("person,birth,sex\n1,1990-01-01,2\n", encoding="utf-8")
    (folder / "n.yaml").write_text(TEXT.format(name="空", more="").replace("people.zip", "tables"), encoding="utf-8")
    assert "没有在岗的人" in said("run", folder / "n.yaml", code=1)
