"""Many replicates: tasks cut by replicate, lived by threads or processes, joined in order. The same bytes however they are cut."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from qinglan.core.twin.gathering import Gathered, Waiting, after, beside, gather, nothing, settle_waiting
from qinglan.core.twin.scenario import Scenario, run_of
from qinglan.core.twin.starting import Run, State, start
from qinglan.core.twin.year import Desks, begin, live

PEOPLE_A_TASK = 40_000  # enough that sending a task and joining its result cost little
PEOPLE_A_BLOCK = 5_000  # as many as stay in a core's cache while a year is worked out
Cut = tuple[int, int]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Result:
    """What was lived, and where everybody stands after it."""

    gathered: Gathered
    state: State


def lived_on(run: Run, state: State, years: int) -> Result:
    """`years` more years of these replicates: a pure function of its arguments (the state given is left as it is)."""
    blocks = [(one, partial(cut, state, *one)) for one in _blocks(run, len(state))]
    return _by_blocks(run, blocks, state.year, years)


def task(run: Run, first: int, count: int, years: int) -> Result:
    """Replicates `first` … `first + count − 1` from the start."""

    def begun(start_at: int, stop: int) -> State:
        state = start(run, first + start_at, stop - start_at)
        begin(run, state)
        return state

    return _by_blocks(run, [(one, partial(begun, *one)) for one in _blocks(run, count)], run.people.year, years)


def _blocks(run: Run, count: int) -> list[Cut]:
    """Replicates whose people stay in the processor's cache together."""
    size = max(1, PEOPLE_A_BLOCK // max(run.start.shape[1], 1))
    return [(first, min(first + size, count)) for first in range(0, count, size)]


def _by_blocks(run: Run, blocks: Sequence[tuple[Cut, Callable[[], State]]], year: int, years: int) -> Result:
    """Each block lived for all the years, one after another; what they come to, and where they stand."""
    desks, waiting, states = Desks.new(), Waiting(), []
    got: Gathered | None = None
    for (first, _), make in blocks:
        state = make()
        got = nothing(run, blocks[-1][0][1], years) if got is None else got
        for at in range(years):
            gather(run, live(run, state, desks), state, got, first, at, waiting)
        states.append(state)
    assert got is not None
    settle_waiting(run, year + 1, got, waiting)
    return Result(got, joined(states))


def cut(state: State, start_at: int, stop: int) -> State:
    """Some of a state's replicates."""
    arrays = (getattr(state, name)[start_at:stop].copy() for name in ("whole", "real", "pool", "colour", "ability"))
    return State(state.first + start_at, state.year, *arrays)


def joined(states: list[State]) -> State:
    """States of neighbouring replicates as one."""
    whole, real, pool, colour, ability = (
        np.concatenate([getattr(one, name) for one in states])
        for name in ("whole", "real", "pool", "colour", "ability")
    )
    moved = [moves for one in states for moves in one.moved]
    return State(states[0].first, states[0].year, whole, real, pool, colour, ability, moved)


def a_task(run: Run) -> int:
    """How many replicates make one task: by the size of the population alone, never by the workers."""
    return max(1, PEOPLE_A_TASK // max(run.start.shape[1], 1))


def rehearse(
    scenario: Scenario,
    *,
    workers: int = 1,
    processes: bool = False,
    until: int = 0,
    before: Result | None = None,
    progress: Progress | None = None,
) -> Result:
    """The scenario lived up to month `until` (0 = its horizon), from the start or on from `before` (a checkpoint's).

    Processes are sent the scenario and read it themselves. Raises NotInForce, PackError, TwinError.
    """
    run = run_of(scenario)
    years = (until or scenario.months) // 12
    done = 0 if before is None else before.state.year - scenario.year
    go = partial(_by_scenario, scenario) if processes else partial(_one, run)
    state = None if before is None else before.state
    result = ensemble(
        run, scenario.replicates, max(years - done, 0), workers=workers, go=go, processes=processes, state=state,
        progress=progress,
    )  # fmt: skip
    return result if before is None else Result(after([before.gathered, result.gathered]), result.state)


def ensemble(
    run: Run,
    replicates: int,
    years: int,
    *,
    workers: int = 1,
    go: Callable[..., Result] | None = None,
    processes: bool = False,
    state: State | None = None,
    progress: Progress | None = None,
) -> Result:
    """`replicates` lived for `years`, from the start or on from `state`. `progress(done, all)` is called after every task.

    `go` does one task: (first, last, years, state) → Result. Raises what a task raises: NotInForce, TwinError.
    """
    go = go or partial(_one, run)
    size = a_task(run)
    cuts = [(first, min(first + size, replicates)) for first in range(0, replicates, size)]
    if workers == 1:
        results = []
        for number, (first, last) in enumerate(cuts, start=1):
            results.append(go(first, last, years, None if state is None else cut(state, first, last)))
            if progress:
                progress(number, len(cuts))
        return _result(results)
    pool: Executor = (
        ProcessPoolExecutor(workers, mp_context=get_context("spawn")) if processes else ThreadPoolExecutor(workers)
    )
    with pool:
        waiting: list[Future[Result]] = [
            pool.submit(go, first, last, years, None if state is None else cut(state, first, last))
            for first, last in cuts
        ]
        try:
            for number, done in enumerate(as_completed(waiting), start=1):
                done.result()
                if progress:
                    progress(number, len(cuts))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return _result([one.result() for one in waiting])


def _one(run: Run, first: int, last: int, years: int, state: State | None) -> Result:
    return task(run, first, last - first, years) if state is None else lived_on(run, state, years)


def _by_scenario(scenario: Scenario, first: int, last: int, years: int, state: State | None) -> Result:
    return _one(run_of(scenario), first, last, years, state)


def _result(results: list[Result]) -> Result:
    return Result(beside([one.gathered for one in results]), joined([one.state for one in results]))
