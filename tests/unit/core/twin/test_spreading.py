"""Work on Dask: the same bytes as in one process, whatever the workers, also when one of them is killed in the middle."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tests.unit.core.twin.scenarios import frozen, scenario

from qinglan.commands.twin import twin
from qinglan.core.twin import spreading
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.spreading import Spread
from qinglan.core.twin.working import SpreadError


@pytest.fixture(scope="module")
def spread() -> Iterator[Spread]:
    with Spread(workers=2) as made:
        yield made


def nap(number: int) -> tuple[int, int]:
    """A task that lasts long enough to lose its worker."""
    time.sleep(0.15)
    return number * number, os.getpid()


def killing(spread: Spread, after: int) -> Callable[[int], None]:
    """Kills one of the workers, once, when `after` tasks are done."""
    done: list[int] = []

    def kill(pid: int) -> None:
        done.append(pid)
        if len(done) == after:
            os.kill(pid, signal.SIGKILL)

    return kill


def test_a_killed_worker_costs_time_not_results(spread: Spread) -> None:
    kill = killing(spread, 3)
    found = {}
    for number, (value, pid) in spread.each(nap, list(range(12))):
        found[number] = value
        kill(pid)
    assert found == {number: number * number for number in range(12)}


@pytest.mark.slow
def test_the_bytes_of_one_process(spread: Spread) -> None:
    one = scenario(months=24, replicates=5)
    seen: list[tuple[int, int]] = []
    got = spread.rehearse(one, size=2, progress=lambda done, every: seen.append((done, every)))
    assert got.digest == rehearse(one).gathered.digest
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_nobody_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "WAIT_SECONDS", 0.3)
    with pytest.raises(SpreadError, match="连不上 Dask 调度器"), Spread("tcp://127.0.0.1:9"):
        pass


def test_another_version_is_refused(spread: Spread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading.qinglan, "__version__", "0.0.0")
    with pytest.raises(SpreadError, match=r"本机是 0\.0\.0；版本不同"):
        spread._same_version()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 8])
def test_the_same_bytes_with_a_worker_killed_in_the_middle(workers: int) -> None:
    """600 people, three years, 400 replicates in eight tasks; a worker dies when the first of them is done."""
    one = scenario(600, 8, months=36, replicates=400)
    whole = rehearse(one, workers=2).gathered.digest
    with Spread(workers=workers) as spread:
        killed: list[int] = []

        def kill(done: int, every: int) -> None:
            if not killed:
                killed.extend(spread.client.run(os.getpid).values())
                os.kill(killed[0], signal.SIGKILL)

        got = spread.rehearse(one, progress=kill, size=50)
    assert killed
    assert got.digest == whole


@pytest.mark.slow
def test_districts_of_a_country_each_come_out_as_alone() -> None:
    districts = [scenario(120 + 40 * number, 2, months=24, replicates=3, seed=number + 1) for number in range(4)]
    with Spread(workers=2) as spread:
        found = spread.rehearse_many(districts, size=2)
    assert [one.digest for one in found] == [rehearse(one).gathered.digest for one in districts]
    assert len({one.digest for one in found}) == 4
    assert all(np.isfinite(one.bill).all() for one in found)


@pytest.mark.slow
def test_the_command_says_the_same_on_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "people.zip").write_bytes(frozen())
    text = "name: 现行\npopulation: people.zip\nyear: 2025\npack: taoyuan\nmonths: 24\nreplicates: 4\n"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    digests = []
    for more in ([], ["--dask", "local", "--workers", "2"]):
        done = CliRunner().invoke(twin, ["run", str(tmp_path / "a.yaml"), "--json", *more])
        assert done.exit_code == 0, done.output
        digests.append(json.loads(done.output.strip().splitlines()[-1])["digest"])
    assert digests[0] == digests[1]
    refused = CliRunner().invoke(twin, ["run", str(tmp_path / "a.yaml"), "--dask", "local", "--processes"])
    assert "请只选一种" in refused.output
