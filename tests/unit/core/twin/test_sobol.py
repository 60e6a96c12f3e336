"""Sobol's indices: those of a function that has them in closed form, the same numbers every time; and what is wrong is said."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tests.unit.core.twin.scenarios import frozen, scenario

from qinglan.commands.twin import twin
from qinglan.core.twin import sensitivity as under
from qinglan.core.twin.scenario import Scenario
from qinglan.core.twin.sensitivity import Effect, Factor, Item, Sensitivity, factors
from qinglan.core.twin.sobol import Variances, points_of, sobol, strongest
from qinglan.core.twin.working import here

NAMES = ("exit_rate", "exit_burnout", "exit_new")
A, B = 7.0, 0.1  # of Ishigami & Homma (1990)


def last(base: Scenario, moved: list[Factor], outcomes: list[str], **more: object) -> Variances:
    *_, (_, _, found) = sobol(base, moved, outcomes, **more)  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.fixture
def ishigami(monkeypatch: pytest.MonkeyPatch) -> list[Factor]:
    """sin x + A sin² y + B z⁴ sin x for x, y, z even in ±π, each parameter's range stretched to that."""
    moved = {one.name: one for one in factors(scenario(), list(NAMES), 0.5)}

    def valued(item: Item) -> np.ndarray:
        x, y, z = (
            (2 * (value - moved[name].low) / (moved[name].high - moved[name].low) - 1) * np.pi
            for name, value in sorted(item[3], key=lambda one: NAMES.index(one[0]))
        )
        return np.array([np.sin(x) + A * np.sin(y) ** 2 + B * z**4 * np.sin(x), 1.0])

    monkeypatch.setattr(under, "valued", valued)
    return list(moved.values())


def test_ishigamis_function_has_its_own_indices(ishigami: list[Factor]) -> None:
    found = last(scenario(), ishigami, ["stability", "bill"], samples=1024, each=here(1))
    alone = 0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8, 0.0
    joint = B**2 * np.pi**8 * (1 / 18 - 1 / 50)  # of x and z together
    whole = sum(alone) + joint
    total = alone[0] + joint, alone[1], joint
    shares = {one.name: one for one in found.shares["stability"]}
    for name, first, all_ in zip(NAMES, alone, total, strict=True):
        one = shares[name]
        assert one.first == pytest.approx(first / whole, abs=min(one.first_conf, 0.08))
        assert one.total == pytest.approx(all_ / whole, abs=min(one.total_conf, 0.08))
    assert [one.name for one in found.shares["stability"]] == list(NAMES)
    assert found.scatter["stability"] == pytest.approx(np.sqrt(whole), rel=0.02)
    assert found.points == points_of(3, 1024, False) == 5120
    assert {(one.first, one.total) for one in found.shares["bill"]} == {
        (0.0, 0.0)
    }  # nothing scatters, nothing is shared


def test_of_the_twin_itself_and_again() -> None:
    """Who leaves hangs on the leaving rate, not on the residents' votes; one thread and two say the same."""
    one = scenario(120, 2, months=12, replicates=4)
    moved = factors(one, ["exit_rate", "resident_noise"], 0.5)
    first = last(one, moved, ["voluntary"], samples=16, each=here(1))
    strong, weak = first.shares["voluntary"]
    assert (strong.name, weak.total) == ("exit_rate", 0.0)
    assert 0.8 < strong.total < 1.2
    assert asdict(last(one, moved, ["voluntary"], samples=16, each=here(2))) == asdict(first)


def test_morris_first_ones_are_taken() -> None:
    moved = factors(scenario(), list(NAMES), 0.5)
    stars = {"stability": (3.0, 1.0, 0.0), "bill": (100.0, 900.0, 10.0)}
    effects = {
        outcome: [Effect(name, 0.0, star, 0.0, 0.0) for name, star in zip(NAMES, row, strict=True)]
        for outcome, row in stars.items()
    }
    found = Sensitivity(moved, effects, {}, 4, 16, compared=False)
    assert [one.name for one in strongest(found, 2)] == ["exit_burnout", "exit_rate"]
    assert len(strongest(found)) == 3


def test_what_is_wrong() -> None:
    moved = factors(scenario(), ["exit_rate"], 0.5)
    with pytest.raises(ValueError, match="样本数"):
        next(sobol(scenario(), moved, ["bill"], samples=100))
    with pytest.raises(ValueError, match="各选至少一项"):
        next(sobol(scenario(), [], ["bill"]))


def test_the_command_goes_on_with_the_first_ones(tmp_path: Path) -> None:
    (tmp_path / "people.zip").write_bytes(frozen())
    text = "name: 现行\npopulation: people.zip\nyear: 2025\npack: taoyuan\nmonths: 12\nreplicates: 1\n"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    asked = [
        "sensitivity",
        str(tmp_path / "a.yaml"),
        "--outcomes",
        "voluntary",
        "--factors",
        "exit_rate,resident_noise",
    ]
    asked += ["--trajectories", "2", "--sobol", "16"]
    printed = CliRunner().invoke(twin, asked)
    assert printed.exit_code == 0, printed.output
    assert "各占方差几成（Sobol，16 个样本）" in printed.output
    found = json.loads(CliRunner().invoke(twin, [*asked, "--json"]).stdout)
    assert found["sobol"]["points"] == 16 * (2 + 2)
    assert found["sobol"]["shares"]["voluntary"][0]["name"] == "exit_rate"
