"""Where lists of scenarios are worked off: in this process by threads; `spreading.Spread.each` does the same on a cluster.

Both take a pure function and plain items, and give (place, result) in any order: what is made of them must not hang on it.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
MOST_THREADS = 4


class SpreadError(RuntimeError):
    """Why work cannot be spread over a cluster, in a sentence for people."""


class Each(Protocol):
    """Does the work for every item; each result as it is ready, with the item's place."""

    def __call__(self, work: Callable[[Any], T], items: Sequence[Any]) -> Iterator[tuple[int, T]]: ...


def here(workers: int = 0) -> Each:
    """In this process, by `workers` threads (0: one a core, at most four); the compiled loops run beside each other."""
    count = workers or max(1, min(MOST_THREADS, os.cpu_count() or 1))

    def each(work: Callable[[Any], T], items: Sequence[Any]) -> Iterator[tuple[int, T]]:
        if count == 1 or len(items) < 2:
            for number, item in enumerate(items):
                yield number, work(item)
            return
        with ThreadPoolExecutor(count) as pool:
            waiting = {pool.submit(work, item): number for number, item in enumerate(items)}
            try:
                for done in as_completed(waiting):
                    yield waiting[done], done.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    return each
