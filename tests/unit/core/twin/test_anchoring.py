"""One district to compare in: levers and diffs do not move the constant of the leaving hazard; pages and the command ask one function."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.unit.core.twin.scenarios import frozen, scenario

from qinglan.commands.twin import twin
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.outcomes import INDICATORS, difference
from qinglan.core.twin.parameters import LEVERS, catalogue
from qinglan.core.twin.scenario import anchored, read_scenario, run_of

MENTORS = {"mentor_share": 1.0, "mentees_per_mentor": 20.0, "mentee_months": 600.0}
FILE = """
name: {name}
population: people.zip
year: 2025
pack: taoyuan
months: 24
replicates: 6
seed: 5
parameters: {parameters}
"""


def test_levers_do_not_move_the_constant() -> None:
    base, other = scenario(parameters={"exit_rate": 0.2}), scenario(parameters={"exit_rate": 0.2, **MENTORS})
    assert set(LEVERS) <= set(catalogue())
    assert run_of(other).anchor != run_of(base).anchor  # control: by itself each is made to lose the same share
    assert run_of(anchored(other, base)).anchor == run_of(base).anchor
    both = anchored(other, other), anchored(base, other)  # the baseline's own levers do not move it either
    assert run_of(both[0]).anchor == run_of(both[1]).anchor == run_of(base).anchor


def test_assumptions_do_and_nothing_else_of_a_scenario_changes() -> None:
    base, other = scenario(), scenario(parameters=MENTORS)
    dearer = anchored(scenario(parameters={"exit_rate": 0.2, **MENTORS}), base)
    assert run_of(dearer).anchor == run_of(scenario(parameters={"exit_rate": 0.2})).anchor != run_of(base).anchor
    assert anchored(base, base) == base
    assert anchored(base, base).key == base.key
    assert anchored(other, base).key != other.key
    assert run_of(anchored(other, base)).behaviour == run_of(other).behaviour


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "people.zip").write_bytes(frozen())
    for name, parameters in (("base", {}), ("more", MENTORS)):
        text = FILE.format(name=name, parameters=json.dumps(parameters))
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "base.yaml", tmp_path / "more.yaml"


def test_the_command_compares_in_one_district(files: tuple[Path, Path]) -> None:
    done = CliRunner().invoke(twin, ["compare", *map(str, files), "--json", "--workers", "1"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)["differences"]["voluntary"]["mean"]
    base, other = map(read_scenario, files)

    def apart(candidate) -> list[float]:
        runs = [(rehearse(one).gathered, run_of(one)) for one in (base, candidate)]
        years = [INDICATORS["voluntary"].of(*one).reshape(6, -1, 12).sum(axis=2) for one in runs]
        return difference(*years).mean.tolist()

    assert said == pytest.approx(apart(anchored(other, base)))
    assert said != pytest.approx(apart(other))  # control
