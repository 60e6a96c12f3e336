"""Back-test: the third year with its band, fitted on two; nothing of the shown year is seen; the demo's generator is a stranger."""

import os
import re
import subprocess
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tests.unit.core.twin.people import demo
from tests.unit.core.twin.scenarios import scenario

import qinglan
from qinglan.core.frame.freezing import freeze
from qinglan.core.frame.records import Records
from qinglan.core.twin.backtest import POINTS, SHOWN, Backtest, backtest, recorded
from qinglan.core.twin.drawing import svg
from qinglan.core.twin.scenario import Scenario
from qinglan.core.twin.working import here


def last(start: Scenario, records: Records, **more: int) -> Backtest:
    made = None
    for done, every, found in backtest(start, records, each=here(1), **more):
        assert done <= every
        made = found or made
    assert made is not None
    return made


@pytest.fixture(scope="module")
def small() -> Backtest:
    """120 people: `least` lowered, so that their two years count as a history."""
    start = scenario(120, 2, months=12, replicates=18).with_(year=2024)
    return last(start, demo(120, 2), least=5, least_each=4)


def test_every_shown_indicator_has_its_band_and_its_record(small: Backtest) -> None:
    assert (small.shown, small.fitted, small.replicates) == (2025, (2023, 2024), 18)
    assert [row.name for row in small.rows] == list(SHOWN)
    for row in small.rows:
        assert row.low <= row.middle <= row.high, row.name
        assert row.recorded is not None, row.name
    assert "8 项" in small.sentences[0] or "9 项里" in small.sentences[0]


def test_the_rate_is_taken_over_its_interval(small: Backtest) -> None:
    """One rate alone gives a narrower band than the points of its interval."""
    assert len(POINTS) == 9
    assert sum(POINTS) == pytest.approx(0, abs=1e-6)
    assert (
        small.parameters["exit_rate"] == next(one for one in small.calibration.figures if one.name == "exit_rate").value
    )


def test_nothing_of_the_shown_year_is_seen(small: Backtest) -> None:
    """The same people with nothing written of 2025: the same parameters and bands, to the last digit."""
    table = demo(120, 2)
    end = date(2025, 1, 1)
    employments = table["employments"].filter(pl.col("since") < end).with_columns(
        until=pl.when(pl.col("until") > end).then(None).otherwise("until"),
        exit_reason=pl.when(pl.col("until") > end).then(None).otherwise("exit_reason"),
    )  # fmt: skip
    tables = dict(table.tables) | {"employments": employments}
    for name in ("training", "shadowing", "scores", "abilities", "awards", "warnings", "projects"):
        tables[name] = tables[name].filter(pl.col("day") < end)
    blind = Records(tables)
    start = scenario(120, 2, months=12, replicates=18, population=freeze(blind, "", {})).with_(year=2024)
    made = last(start, blind, least=5, least_each=4)
    assert made.parameters == small.parameters
    assert [(row.low, row.middle, row.high) for row in made.rows] == [
        (row.low, row.middle, row.high) for row in small.rows
    ]  # fmt: skip
    assert made.rows[1].recorded == 0
    assert small.rows[1].recorded is not None
    assert small.rows[1].recorded > 0


def test_what_was_recorded_adds_up() -> None:
    """People in are people out and people there, counted from the records alone."""
    months = recorded(demo(600, 8), 2025, "")
    exits = [sum(months[name][at] for name in ("voluntary", "dismissed", "retired", "promoted")) for at in range(12)]
    gone = months["heads"][0] + sum(months["recruits"][1:]) - months["heads"][-1] - sum(exits[:-1])
    assert 0 <= gone <= months["others"][0]  # others leave too, in a month that is not kept apart


def test_a_thin_history_is_lived_with_the_defaults() -> None:
    start = scenario(120, 2, months=12, replicates=4).with_(year=2024)
    made = last(start, demo(120, 2))
    assert made.parameters == {}
    assert made.replicates == 4
    assert any("不用本区数字" in one for one in made.sentences)


def test_the_demo_and_the_twin_share_no_code() -> None:
    """What wrote the demo's years imports nothing of the twin, nor of the rules."""
    for name in ("workforce", "happenings", "places"):
        text = (Path(qinglan.__file__).parent / "demo" / f"{name}.py").read_text(encoding="utf-8")
        assert not re.search(r"qinglan\.core\.(twin|rules|year)", text), name
    code = "import sys; import qinglan.demo.happenings; print([m for m in sys.modules if m.startswith('qinglan.core.twin')])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


@pytest.mark.slow
def test_the_third_year_of_the_demo() -> None:
    """Fitted on 2023 and 2024, 2025 of all 2,241: who leaves by her own will lies in the band, and where the band misses, it is said why."""
    start = scenario(2241, 30, months=12, replicates=180).with_(year=2024)
    made = last(start, demo(2241, 30))
    inside = {row.name: row.inside for row in made.rows}
    assert inside["voluntary"]
    assert inside["promoted"]
    stability = next(row for row in made.rows if row.name == "stability")
    assert abs(stability.middle - (stability.recorded or 0)) < 0.01
    assert made.calibration.left == 68
    assert made.parameters["exit_rate"] == pytest.approx(0.0152, abs=0.001)
    assert any("按法定退休年龄表" in one for one in made.sentences)
    assert asdict(made) == asdict(last(start, demo(2241, 30)))


FIGURE = Path(__file__).parents[4] / "docs" / "explanation" / "twin-backtest.svg"


@pytest.mark.slow
def test_the_figure_in_the_docs_is_this_backtest() -> None:
    """Re-record with UPDATE_FIGURES=1."""
    start = scenario(2241, 30, months=12, replicates=180).with_(year=2024)
    drawn = svg(last(start, demo(2241, 30)))
    if os.environ.get("UPDATE_FIGURES"):
        FIGURE.write_text(drawn, encoding="utf-8")
    assert FIGURE.read_text(encoding="utf-8") == drawn
