"""Ensembles and lists of scenarios on Dask: a local cluster of processes, or a remote one by its scheduler's address.

A task is a pure function of plain data (a scenario, the replicates it lives), so a lost worker costs time, not results: its tasks are
done again elsewhere and give the same bytes. Tasks are cut by replicate alone, never by the number of workers. A scenario travels
whole within its task and the answer comes back by the scheduler: a worker needs no network beyond it, and no files.
Packs hold shapes that cannot be pickled, so a worker reads the scenario itself, once for all tasks that share it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

import dask.config
from distributed import Client, LocalCluster, as_completed
from distributed.scheduler import KilledWorker

import qinglan
from qinglan.core.twin.ensemble import Progress, a_task, task
from qinglan.core.twin.gathering import Gathered, beside
from qinglan.core.twin.scenario import Scenario, run_of
from qinglan.core.twin.working import SpreadError

LOCAL = "local"
REPLICATES_A_TASK = (
    100  # of 2,241 people and ten years: well above the 0.2 s below which sending costs more than living
)
LOSSES = 20  # workers that one task may lose before it is thought to kill them itself
WAIT_SECONDS = 20
T = TypeVar("T")


class Spread:
    """A cluster to work on: `with Spread("local") as spread: spread.rehearse(scenario)`.

    `address`: "local" starts `workers` processes here (0: one a core) and ends them at the exit; else the scheduler's address, such as
    tcp://10.0.0.5:8786, whose workers stay. Raises SpreadError when nobody answers there or a worker has another version.
    """

    def __init__(self, address: str = LOCAL, workers: int = 0) -> None:
        self.address, self.workers = address, workers
        self._open = ExitStack()
        self.cluster: LocalCluster | None = None

    def __enter__(self) -> Spread:
        self._open.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": LOSSES}))
        try:
            if self.address == LOCAL:
                self.cluster = self._open.enter_context(
                    LocalCluster(
                        n_workers=self.workers or os.cpu_count() or 1,
                        threads_per_worker=1,
                        processes=True,
                        dashboard_address="127.0.0.1:0",
                        host="127.0.0.1",
                        silence_logs="CRITICAL",
                    )
                )
            self.client: Client = self._open.enter_context(
                Client(self.cluster or self.address, timeout=WAIT_SECONDS, set_as_default=False)
            )
            self._same_version()
        except (OSError, ValueError, TimeoutError) as error:
            self._open.close()
            raise SpreadError(
                f"连不上 Dask 调度器「{self.address}」（{type(error).__name__}）；请核对地址，如 tcp://10.0.0.5:8786，并确认它在运行。"
            ) from None
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _same_version(self) -> None:
        """Another version may live otherwise: the bytes would depend on who did the task."""
        for worker, version in self.client.run(_version).items():
            if version != qinglan.__version__:
                raise SpreadError(
                    f"工作机 {worker} 上的青蓝是 {version}，本机是 {qinglan.__version__}；版本不同，结果可能不同，请先装成一样的版本。"
                )

    def each(self, work: Callable[[Any], T], items: Sequence[Any]) -> Iterator[tuple[int, T]]:
        """(place in `items`, work(item)) as they are done, in any order. `work` is pure, it and the items can be pickled.

        Raises what `work` raises, and SpreadError when a task loses too many workers.
        """
        if self.address != LOCAL and not self.client.scheduler_info()["workers"]:
            raise SpreadError(f"Dask 调度器「{self.address}」那里没有工作机；请先启动工作机（dask worker）。")
        waiting = {
            self.client.submit(work, item, pure=False, priority=-number): number for number, item in enumerate(items)
        }
        try:
            for future in as_completed(list(waiting), loop=self.client.loop):
                yield waiting[future], future.result()
                future.release()
        except KilledWorker as error:
            raise SpreadError(
                f"同一份任务接连丢了 {LOSSES} 台工作机，多半是内存不够；请加内存，或少算几次。（{type(error).__name__}）"
            ) from None
        finally:
            self.client.cancel(list(waiting), force=True)

    def rehearse(
        self, scenario: Scenario, *, progress: Progress | None = None, size: int = REPLICATES_A_TASK
    ) -> Gathered:
        """The scenario lived to its horizon: the bytes of `ensemble.rehearse`. Raises NotInForce, PackError, TwinError, SpreadError."""
        cuts = [(first, min(first + size, scenario.replicates)) for first in range(0, scenario.replicates, size)]
        parts: dict[int, Gathered] = {}
        for number, part in self.each(partial(lived, scenario), cuts):
            parts[number] = part
            if progress:
                progress(len(parts), len(cuts))
        return beside([parts[number] for number in range(len(cuts))])

    def rehearse_many(
        self, scenarios: Sequence[Scenario], *, progress: Progress | None = None, size: int = REPLICATES_A_TASK
    ) -> list[Gathered]:
        """Many scenarios at once, as the districts of a country are: each as `rehearse` gives it."""
        cuts = [
            (number, one, (first, min(first + size, one.replicates)))
            for number, one in enumerate(scenarios)
            for first in range(0, one.replicates, size)
        ]
        parts: dict[int, Gathered] = {}
        for at, part in self.each(_lived_one, [(one, cut) for _, one, cut in cuts]):
            parts[at] = part
            if progress:
                progress(len(parts), len(cuts))
        return [
            beside([parts[at] for at, (number, _, _) in enumerate(cuts) if number == wanted])
            for wanted in range(len(scenarios))
        ]


def _version() -> str:
    return qinglan.__version__


def _lived_one(item: tuple[Scenario, tuple[int, int]]) -> Gathered:
    return lived(*item)


def lived(scenario: Scenario, cut: tuple[int, int]) -> Gathered:
    """Replicates `cut` of a scenario to its horizon, in goes that fit the memory of one task of the ensemble."""
    run, (first, last) = run_of(scenario), cut
    size = a_task(run)
    return beside([task(run, at, min(size, last - at), scenario.years).gathered for at in range(first, last, size)])
