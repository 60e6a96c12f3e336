"""The search: it finds a known front, keeps its limits, is the same with any number of workers, and its points can be lived again."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tests.unit.core.twin.scenarios import frozen, scenario

from qinglan.commands.twin import twin
from qinglan.core.twin import search as under
from qinglan.core.twin.objectives import measured
from qinglan.core.twin.scenario import Scenario, read_scenario, run_of
from qinglan.core.twin.search import COST, LeverError, Limit, Search, lever_of, scenario_of, search, tried, written
from qinglan.core.twin.working import here

ALLOWANCE = "pay.cert_allowance.amount"


@cache
def small() -> Scenario:
    return scenario(60, 1, months=12, replicates=3)


def last(base: Scenario, moved: dict[str, tuple[float, float]], limits: list[Limit], **more: object) -> Search:
    levers = [lever_of(base, name, *ends) for name, ends in moved.items()]
    return list(search(base, levers, limits, **more))[-1][2]  # type: ignore[arg-type]


def test_a_known_front_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retention grows with x and falls with y, cost with both: the front is y = its least, x whatever the budget allows."""

    def made_up(item: tuple) -> np.ndarray:
        _, _, mix, names = item
        x, y = mix["mentees_per_mentor"], mix["training_budget"] / 100
        values = {
            "stability": 0.8 + 0.02 * x - 0.01 * (y - 1) ** 2,
            "cost": 1e6 * x + 2e5 * (y - 1) ** 2,
            "bill": 1e6 * x,
        }
        return np.array([[values.get(name, 0.0)] * 3 for name in names])

    monkeypatch.setattr(under, "_valued", made_up)
    moved = {"mentees_per_mentor": (1.0, 6.0), "training_budget": (50.0, 400.0)}
    found = last(small(), moved, [Limit("bill", 4e6)], trials=96, each=here(1))
    by_number = {one.number: one for one in found.points}
    front = [by_number[number] for number in found.front]
    assert len(front) >= 5
    assert all(one.levers["mentees_per_mentor"] <= 4 for one in front)
    assert front[-1].levers["mentees_per_mentor"] > 3.8  # the budget is used up where retention is dearest
    assert abs(np.median([one.levers["training_budget"] for one in front]) - 100) < 25
    assert any(one.broken for one in found.points)
    for cheap, dear in pairwise(front):
        assert cheap.cost < dear.cost
        assert cheap.values["stability"] < dear.values["stability"]
    for one in found.points:  # nobody is beaten who stands on the front, and everybody else is
        beaten = any(
            not other.broken and other.cost <= one.cost and other.values["stability"] >= one.values["stability"]
            for other in found.points
            if other is not one
        )
        assert (one.number in found.front) == (not one.broken and not beaten)


def test_the_same_whoever_answers_and_in_whatever_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches are of one size and told as they were asked: answers that come backwards change nothing. Another seed does."""
    calls = []

    def made_up(item: tuple) -> np.ndarray:
        mix = item[2]
        calls.append(mix)
        return np.array(
            [[mix["mentees_per_mentor"] + 0.1 * at, mix["mentor_share"], 0.0] for at, _ in enumerate(item[3])]
        )

    def backwards(work: Callable, items: Sequence) -> Iterator[tuple]:
        for at in reversed(range(len(items))):
            yield at, work(items[at])

    monkeypatch.setattr(under, "_valued", made_up)
    moved = {"mentees_per_mentor": (1.0, 6.0), "mentor_share": (0.0, 1.0)}
    first = last(small(), moved, [Limit("heads", 4.0)], trials=44, each=here(1))
    assert asdict(last(small(), moved, [Limit("heads", 4.0)], trials=44, each=backwards)) == asdict(first)
    assert asdict(last(small(), moved, [Limit("heads", 4.0)], trials=44, each=here(3))) == asdict(first)
    assert asdict(last(small(), moved, [Limit("heads", 4.0)], trials=44, seed=2, each=here(1))) != asdict(first)
    assert len(calls) == 4 * 44


def test_a_mix_that_the_pack_refuses_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        under, "_valued", lambda item: None if item[2]["mentor_share"] > 0.5 else np.ones((len(item[3]), 3))
    )
    found = last(small(), {"mentor_share": (0.0, 1.0)}, [], trials=24, each=here(1))
    assert found.refused > 0
    assert found.refused + len(found.points) == 24


def test_each_point_can_be_lived_again_and_keeps_its_limit() -> None:
    base = small()
    limit = Limit("bill", float(measured(base, ["bill"]).mean()))
    first = last(base, {"mentees_per_mentor": (1.0, 6.0), ALLOWANCE: (0.2, 2.0)}, [limit], trials=8, each=here(2))
    assert first.front
    assert any(one.broken for one in first.points)
    point = next(one for one in first.points if one.number == first.front[-1])
    assert point.values["bill"] <= limit.value
    made = scenario_of(base, first.levers, point.levers)
    values = measured(made, ["stability", *COST], base).mean(axis=1)
    assert values[0] == point.values["stability"]
    assert values[1] + values[2] == pytest.approx(point.cost, rel=1e-12)
    assert all(one.number not in first.front for one in first.points if one.broken)


def test_a_value_of_the_pack_is_multiplied_as_it_is_written() -> None:
    base = small()
    lever = lever_of(base, ALLOWANCE, 0.5, 4.0)
    assert written(base, ALLOWANCE) == {"无": "0", "初级": "100", "中级": "200", "高级": "400"}
    assert tried(base, lever, 1.255) == {"无": "0", "初级": "126", "中级": "251", "高级": "502"}
    made = scenario_of(base, [lever], {ALLOWANCE: 2.0})
    assert run_of(made).pack.on(date(2026, 1, 1))[ALLOWANCE].tolist()[:4] == [0, 20_000, 40_000, 80_000]
    assert run_of(made).pack.on(date(2025, 12, 31))[ALLOWANCE].tolist()[:4] == [0, 10_000, 20_000, 40_000]
    same = scenario_of(base, [lever], {ALLOWANCE: 1.0})
    assert np.array_equal(measured(same, ["bill"], base), measured(base, ["bill"]))


@pytest.mark.parametrize(
    ("name", "ends", "words"),
    [
        ("mentees_per_mentor", (1, 100), "在 0 到 20 人之间"),
        ("mentees_per_mentor", (5, 1), "要从小到大"),
        ("mentees_per_mento", (1, 5), "政策包里也没有这一项"),
        (ALLOWANCE, (0.5, 40), "0.1 到 10 倍"),
        ("pay.star_rating.bands", (0.5, 2), "没有可以按倍数增减的数"),
    ],
)
def test_a_wrong_lever_is_said(name: str, ends: tuple[float, float], words: str) -> None:
    with pytest.raises(LeverError, match=words):
        lever_of(small(), name, *ends)


def test_nothing_to_move_is_said() -> None:
    with pytest.raises(LeverError, match="至少选一项"):
        list(search(small(), [], []))
    with pytest.raises(LeverError, match="没有指标「nothing」"):
        list(search(small(), [lever_of(small(), "mentor_share", 0, 1)], [Limit("nothing", 1)]))


def test_the_command_writes_scenarios_that_can_be_run(tmp_path: Path) -> None:
    (tmp_path / "people.zip").write_bytes(frozen(60, 1))
    text = "name: 现行\npopulation: people.zip\nyear: 2025\npack: taoyuan\nmonths: 12\nreplicates: 3\n"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")

    def said(*more: str, code: int = 0) -> str:
        done = CliRunner().invoke(twin, ["search", str(tmp_path / "a.yaml"), *more])
        assert done.exit_code == code, done.output
        return done.output

    levers = f"mentees_per_mentor=1..6,{ALLOWANCE}=0.5..3"
    shown = said("--levers", levers, "--trials", "8", "--budget", "100000000", "--json", "--out", str(tmp_path / "out"))
    found = json.loads(shown.strip().splitlines()[-1])
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == len(found["front"])
    assert min(each["number"] for each in found["points"]) == 1
    one = read_scenario(files[0])
    point = next(each for each in found["points"] if each["number"] == int(files[0].stem))
    assert dict(one.parameters)["mentees_per_mentor"] == point["levers"]["mentees_per_mentor"]
    assert run_of(one).pack.on(date(2026, 1, 1))[ALLOWANCE][1] == round(100 * point["levers"][ALLOWANCE]) * 100
    assert "写法不对" in said("--levers", "mentees_per_mentor=1-6", code=1)
    assert "写法不对" in said("--levers", levers, "--limit", "heads=3", code=1)
