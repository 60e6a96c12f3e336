"""The fewest new centres that serve everybody, with a bound: reduced, annealed, relaxed, and proved by branch and cut, part by part of the map."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from qinglan.core.matching.annealing import annealed
from qinglan.core.matching.places import pairs
from qinglan.core.matching.proving import Proof, fewer, relaxed
from qinglan.core.matching.reducing import Found, Part, smaller

ROUND = 10_000_000  # steps of annealing of a part of LARGE before a bound is asked for: some hundredths of a second; in proportion for others
LARGE, LEAST = 600, 50_000
FIRST, LATER = (3, 12), (24, 48, 96, 192)  # times as long: before the proof is tried, and beside it


def fewest(part: Part, until: float, workers: int) -> Found:
    """The best plan by `until` (time.monotonic)."""
    left = smaller(part)
    opened = part.existing | left.forced
    value = bound = int(left.forced.sum())
    begun = [_begun(one, until) for one, _ in left.parts]
    open_still = sum(
        one.pairs.clients for (one, _), found in zip(left.parts, begun, strict=True) if found.value > found.bound
    )
    pool = ThreadPoolExecutor(2)
    try:
        for (one, sites), first in zip(left.parts, begun, strict=True):
            found = first
            if found.value > found.bound:
                # Each part its share of the time that is left, so that a hard one does not starve the others.
                now = time.monotonic()
                share = min(1.0, 2.0 * one.pairs.clients / open_still)
                open_still -= one.pairs.clients
                found = _settled(one, first, now + (until - now) * share, pool if workers > 1 else None)
            opened[sites[found.open_sites]] = True
            value += found.value
            bound += found.bound
    finally:
        pool.shutdown(wait=False)  # a question that is no longer of interest ends by `until`
    return Found(opened, value, bound)


def compile_siting() -> None:
    """Compiles the search, or loads it."""
    at = np.array([[0.0, 0.0]])
    one = Part(pairs(at, at, 1.0), np.array([False]), np.array([1]))
    annealed(one, None, 0, 100, 1, np.zeros(1, bool))


def _begun(part: Part, until: float) -> Found:
    """A first plan and a first bound; there is a plan even where there is no time."""
    bound = part.counted
    plan = annealed(part, None, bound, _work(part), 1, np.zeros(1, bool))
    value = _new(part, plan)
    return Found(plan, value, max(bound, relaxed(part, until)) if value > bound else bound)


def _settled(part: Part, first: Found, until: float, pool: ThreadPoolExecutor | None) -> Found:
    """Better plans and better bounds until they meet, or until `until`; with a pool on two cores."""
    plan, bound = first.open_sites, first.bound
    plan = _longer(part, plan, bound, until, FIRST, pool)
    value = _new(part, plan)
    while value > bound and time.monotonic() < until:
        if pool is None:
            proof = fewer(part, value, until)
        else:
            asked = pool.submit(fewer, part, value, until)
            plan = _longer(part, plan, bound, until, LATER, None, asked)
            # A better plan makes it easier to refuse one better still: that is asked at once, whatever the other question comes to.
            better = _new(part, plan) < value and not asked.done()
            proof = fewer(part, _new(part, plan), until) if better else asked.result()
        if proof.better is not None and _new(part, proof.better) < _new(part, plan):
            plan = proof.better
        before, value = value, _new(part, plan)
        bound = max(bound, min(proof.bound, value))
        if value == before:
            break  # neither a better plan nor a proof: more of the same brings nothing
    return Found(plan, value, bound)


def _longer(
    part: Part,
    plan: np.ndarray,
    bound: int,
    until: float,
    rounds: Iterable[int],
    pool: ThreadPoolExecutor | None,
    asked: Future[Proof] | None = None,
) -> np.ndarray:
    """The plan after more rounds, each so many times as long as the first one; until the bound is met, the time is up or the proof has come.

    With a pool two searches go side by side, of equal plans the first is taken: the same on any machine that has the time for all rounds.
    """  # fmt: skip
    work, begun = _work(part), _new(part, plan)
    with _clock(until) as stop:
        if asked is not None:
            asked.add_done_callback(lambda _: stop.fill(True))
        for times in rounds:
            if stop[0] or _new(part, plan) <= bound or (asked is not None and _new(part, plan) < begun):
                break
            if pool is None:
                plan = annealed(part, plan, bound, times * work, 2 * times, stop)
                continue
            other = pool.submit(annealed, part, plan, bound, times * work, 2 * times + 1, stop)
            plan = annealed(part, plan, bound, times * work, 2 * times, stop)
            plan = min(plan, other.result(), key=lambda one: _new(part, one))
    return plan


def _work(part: Part) -> int:
    return max(ROUND * part.pairs.clients // LARGE, LEAST)


@contextmanager
def _clock(until: float) -> Iterator[np.ndarray]:
    """A flag that is set at `until`."""
    stop = np.zeros(1, bool)
    timer = threading.Timer(max(until - time.monotonic(), 0.0), stop.fill, (True,))
    timer.daemon = True
    timer.start()
    try:
        yield stop
    finally:
        timer.cancel()


def _new(part: Part, plan: np.ndarray) -> int:
    return int((plan & ~part.existing).sum())
