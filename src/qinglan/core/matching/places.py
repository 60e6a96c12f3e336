"""Places and how far they lie apart: metres on a plan, or longitude and latitude made into metres."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

EARTH = 6_371_008.8  # metres, mean radius


def metres(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """(n, 2) metres east and north of the middle; for a city the error stays below one in a thousand."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    middle = lat.mean() if len(lat) else 0.0
    return np.column_stack([EARTH * np.cos(middle) * (lon - lon.mean()), EARTH * (lat - lat.mean())])


@dataclass(frozen=True)
class Pairs:
    """Who may be served from where: client i from site j at `far` metres. Sorted by client, then distance, then site."""

    i: np.ndarray
    j: np.ndarray
    far: np.ndarray
    clients: int
    sites: int

    def __len__(self) -> int:
        return len(self.i)

    def components(self) -> tuple[int, np.ndarray, np.ndarray]:
        """Parts of the map that share no pair: how many, and the part of each client and of each site."""
        size = self.clients + self.sites
        graph = coo_array((np.ones(len(self.i)), (self.i, self.clients + self.j)), shape=(size, size))
        count, part = connected_components(graph, directed=False)
        return count, part[: self.clients], part[self.clients :]

    def within(self, clients: np.ndarray, sites: np.ndarray) -> "Pairs":
        """Those among some clients and sites (indices), renumbered."""
        new_i, new_j = np.full(self.clients, -1), np.full(self.sites, -1)
        new_i[clients], new_j[sites] = np.arange(len(clients)), np.arange(len(sites))
        keep = (new_i[self.i] >= 0) & (new_j[self.j] >= 0)
        return Pairs(new_i[self.i[keep]], new_j[self.j[keep]], self.far[keep], len(clients), len(sites))


def pairs(clients: np.ndarray, sites: np.ndarray, radius: float) -> Pairs:
    """All pairs within `radius` metres in a straight line. clients (n, 2), sites (m, 2)."""
    if not len(clients) or not len(sites):
        none = np.empty(0, np.int64)
        return Pairs(none, none, np.empty(0), len(clients), len(sites))
    found = cKDTree(sites).query_ball_point(clients, radius * (1 + 1e-12))
    i = np.repeat(np.arange(len(clients)), [len(one) for one in found])
    j = np.fromiter((one for each in found for one in each), np.int64, len(i))
    far = np.hypot(*(clients[i] - sites[j]).T) if len(i) else np.empty(0)
    order = np.lexsort((j, far, i))
    return Pairs(i[order], j[order], far[order], len(clients), len(sites))
