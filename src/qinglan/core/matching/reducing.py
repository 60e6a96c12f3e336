"""Makes a siting problem smaller without changing its answer: what must be, what cannot help, and parts that do not touch.

The rules of set covering (dominated rows and columns), kept to where capacities cannot bite: a site is roomy when it could serve everybody in its
reach. In a thin town they leave half of the map, in many small parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qinglan.core.matching.places import Pairs


@dataclass(frozen=True)
class Part:
    """A part of the map in which everybody can be served. existing, capacity (sites); existing ones stand open and cost nothing."""

    pairs: Pairs
    existing: np.ndarray
    capacity: np.ndarray

    @property
    def counted(self) -> int:
        """The fewest new centres by counting room alone."""
        missing = self.pairs.clients - int(self.capacity[self.existing].sum())
        new = np.sort(self.capacity[~self.existing])[::-1].cumsum()
        return 0 if missing <= 0 else int(np.searchsorted(new, missing)) + 1


@dataclass(frozen=True)
class Found:
    """open_sites (sites) bool; `value`: new centres, or households served; no plan is better than `bound`."""

    open_sites: np.ndarray
    value: int
    bound: int


@dataclass(frozen=True)
class Smaller:
    """forced (sites) bool: new centres of every plan that is looked for. parts: what is left to choose, with the sites' numbers in the whole.

    The fewest of the whole = the number forced + the fewest of the parts; their sites and the forced ones serve everybody.
    """

    forced: np.ndarray
    parts: list[tuple[Part, np.ndarray]]


def smaller(part: Part) -> Smaller:
    """What is left of the part once all rules have been tried in turn until none helps."""
    left = _Left(part)
    while left.round():
        pass
    return Smaller(left.forced, list(left.parts()))


class _Left:
    """reach: the clients of each site that is left; sites: the sites of each client that is left; room: of each site, without those it must serve."""

    def __init__(self, part: Part) -> None:
        self.reach: dict[int, set[int]] = {}
        self.sites: dict[int, set[int]] = {i: set() for i in range(part.pairs.clients)}
        for i, j in zip(part.pairs.i.tolist(), part.pairs.j.tolist(), strict=True):
            self.reach.setdefault(j, set()).add(i)
            self.sites[i].add(j)
        self.room: list[int] = part.capacity.tolist()
        self.paid: list[bool] = part.existing.tolist()  # stands already, or must
        self.forced = np.zeros(part.pairs.sites, bool)

    def round(self) -> bool:
        """Tries every rule once; whether anything changed."""
        before = len(self.reach), len(self.sites)
        self._must()
        self._standing()
        self._dominated_sites()
        self._dominated_clients()
        return (len(self.reach), len(self.sites)) != before

    def roomy(self, j: int) -> bool:
        return len(self.reach[j]) <= self.room[j]

    def _must(self) -> None:
        """Whom only one site reaches is served there: the centre is built, and a place in it taken."""
        for i in sorted(self.sites):
            if len(self.sites[i]) != 1:
                continue
            (j,) = self.sites[i]
            self.forced[j] |= not self.paid[j]
            self.paid[j] = True
            self.room[j] -= 1
            self._serve(i)
            if self.room[j] == 0:
                self._drop(j)

    def _standing(self) -> None:
        """A roomy centre that stands serves all it reaches."""
        for j in sorted(self.reach):
            if self.paid[j] and self.roomy(j):
                for i in sorted(self.reach[j]):
                    self._serve(i)
        for j in [j for j, clients in self.reach.items() if not clients]:
            self._drop(j)

    def _dominated_sites(self) -> None:
        """Whoever is served at j could be served at k, roomy, that reaches all of them and costs no more."""
        for j in sorted(self.reach):
            i = min(self.reach[j], key=lambda one: (len(self.sites[one]), one))
            if any(
                k != j and self.roomy(k) and self.paid[k] >= self.paid[j] and self.reach[j] <= self.reach[k]
                for k in self.sites[i]
            ):
                self._drop(j)

    def _dominated_clients(self) -> None:
        """Wherever i is served, all of it roomy, k finds a place too: k need not be thought of."""
        for i in sorted(self.sites):
            if i not in self.sites or not all(self.roomy(j) for j in self.sites[i]):
                continue
            for k in sorted(set.intersection(*(self.reach[j] for j in self.sites[i])) - {i}):
                self._serve(k)

    def _serve(self, i: int) -> None:
        for j in self.sites.pop(i):
            self.reach[j].discard(i)

    def _drop(self, j: int) -> None:
        for i in self.reach.pop(j):
            self.sites[i].discard(j)

    def parts(self) -> Iterator[tuple[Part, np.ndarray]]:
        """Those that share no pair, the small ones first."""
        pairs = sorted((i, j) for i, sites in self.sites.items() for j in sites)
        of_i, of_j = (
            (np.array(one, np.int64) for one in zip(*pairs, strict=True)) if pairs else (np.empty(0, np.int64),) * 2
        )
        clients, i = np.unique(of_i, return_inverse=True)
        sites, j = np.unique(of_j, return_inverse=True)
        every = Pairs(i, j, np.zeros(len(i)), len(clients), len(sites))
        count, of_client, of_site = every.components()
        paid, room = np.array(self.paid, bool), np.array(self.room, np.int64)
        for one in np.argsort(np.bincount(of_client, minlength=count), kind="stable").tolist():
            here = np.flatnonzero(of_site == one)
            number = sites[here]
            yield Part(every.within(np.flatnonzero(of_client == one), here), paid[number], room[number]), number
