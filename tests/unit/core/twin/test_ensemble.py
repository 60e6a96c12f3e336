"""Ensembles: the same bytes for any cut, any number of workers, stopped and resumed; the empty diff is nothing at all."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.unit.core.twin.scenarios import scenario

from qinglan.core.twin import checkpoint, ensemble
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.outcomes import INDICATORS, difference
from qinglan.core.twin.scenario import Scenario, ScenarioError, run_of

RAISE = """
pay.cert_allowance.amount:
  values:
    - since: 2026-01-01
      setting: 试算
      value: {无: 0, 初级: 300, 中级: 500, 高级: 800}
"""


@pytest.fixture(scope="module")
def plain() -> Scenario:
    return scenario(months=36, replicates=6)


@pytest.fixture(scope="module")
def digest(plain: Scenario) -> str:
    return rehearse(plain).gathered.digest


@pytest.mark.parametrize("workers", [2, 8])
def test_any_number_of_workers(plain: Scenario, digest: str, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "PEOPLE_A_TASK", 120)  # six tasks instead of one
    seen = []
    result = rehearse(plain, workers=workers, progress=lambda done, every: seen.append((done, every)))
    assert result.gathered.digest == digest
    assert seen == [(number, 6) for number in range(1, 7)]


def test_processes_read_the_scenario_themselves(plain: Scenario, digest: str) -> None:
    assert rehearse(plain, workers=2, processes=True).gathered.digest == digest


def test_stopped_and_resumed(plain: Scenario, digest: str, tmp_path: Path) -> None:
    file = tmp_path / "run.npz"
    checkpoint.save(file, plain, rehearse(plain, until=12))
    assert rehearse(plain, before=checkpoint.load(file, plain)).gathered.digest == digest


def test_a_checkpoint_of_another_scenario_is_refused(plain: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "run.npz"
    checkpoint.save(file, plain, rehearse(plain, until=12))
    for other in (plain.with_(seed=6), plain.with_(diff=RAISE), plain.with_(parameters=(("exit_rate", 0.2),))):
        with pytest.raises(ScenarioError, match="不是这个情景存下的"):
            checkpoint.load(file, other)
    assert checkpoint.load(file, plain.with_(months=120, name="长些")).state.year == 2026
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ScenarioError, match="读不出来"):
        checkpoint.load(file, plain)


def test_another_seed_is_another_run(plain: Scenario, digest: str) -> None:
    assert rehearse(plain.with_(seed=6)).gathered.digest != digest


@pytest.mark.parametrize("diff", ["", "\n", "{}"])
def test_the_empty_diff_is_nothing(plain: Scenario, digest: str, diff: str) -> None:
    assert rehearse(plain.with_(diff=diff)).gathered.digest == digest


def test_a_diff_that_says_what_holds_already_is_nothing(plain: Scenario, digest: str) -> None:
    """The same value, set again: no number moves."""
    same = RAISE.replace("300", "100").replace("500", "200").replace("800", "400")
    held = run_of(plain).pack.on(run_of(plain).pack.change_days()[-1])["pay.cert_allowance.amount"]
    assert held.tolist()[:4] == [0, 10_000, 20_000, 40_000]
    assert rehearse(plain.with_(diff=same)).gathered.digest == digest


def test_a_raise_costs_and_keeps_people_and_leaves_replicates_paired(plain: Scenario) -> None:
    one = plain.with_(replicates=24)
    base, dear = rehearse(one), rehearse(one.with_(diff=RAISE))
    run = run_of(one)
    bill = INDICATORS["bill"].of
    apart = difference(bill(base.gathered, run), bill(dear.gathered, run))
    assert (apart.low > 0).all()
    # The first month has the same people in both: what differs is the allowance alone.
    assert np.array_equal(base.gathered.months[:, 0, 0], dear.gathered.months[:, 0, 0])
    with pytest.raises(ValueError, match="不能逐次相减"):
        difference(bill(base.gathered, run), bill(dear.gathered, run)[:3])


PRINT_DIGEST = """
from tests.unit.core.twin.scenarios import scenario
from qinglan.core.twin.ensemble import rehearse
print(rehearse(scenario({people}, 1, months=12, replicates=2)).gathered.digest)
"""


@pytest.mark.parametrize(
    ("people", "surroundings"),
    [(60, {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-AVX512F"}), (9, {"QINGLAN_UNCOMPILED": "1"})],
)
def test_the_same_bytes_on_a_poorer_cpu_and_as_plain_python(people: int, surroundings: dict[str, str]) -> None:
    """A C library without FMA and AVX changes nothing, nor does running the kernels uncompiled: no fused, no reordered arithmetic."""
    env = {**os.environ, **surroundings, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", PRINT_DIGEST.format(people=people)], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == rehearse(scenario(people, 1, months=12, replicates=2)).gathered.digest
