"""Queues with known answers, by stable recursions: what the simulated desk is held against.

Rates per minute; `load` is arrivals × mean service (in Erlang); waits in the unit of the rates. Erlang (1917) for B and C, Palm for
abandonment (M/M/c+M), Pollaczek and Khinchine for one window with any service time.
"""

from math import inf


def erlang_b(load: float, servers: int) -> float:
    """Share lost where nobody may wait; by the recursion that neither over- nor underflows."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Share of those who must wait at all; 1 where the load exceeds the servers."""
    if load >= servers:
        return 1.0
    blocked = erlang_b(load, servers)
    return servers * blocked / (servers - load * (1.0 - blocked))


def mean_wait(arrivals: float, service: float, servers: int) -> float:
    """Mean wait of M/M/c with mean service time `service`; infinite where the load exceeds the servers."""
    load = arrivals * service
    return erlang_c(load, servers) * service / (servers - load) if load < servers else inf


def wait_of_any_service(arrivals: float, service: float, cv: float) -> float:
    """Mean wait at one window whose service times have this coefficient of variation (M/G/1)."""
    load = arrivals * service
    return load * service * (1.0 + cv * cv) / (2.0 * (1.0 - load)) if load < 1.0 else inf


def impatient(arrivals: float, service: float, servers: int, patience: float) -> tuple[float, float]:
    """M/M/c+M: the share that leaves before being served, and the mean wait of everybody, leavers too.

    States n = 0, 1, …; the chances are built upward from the most likely state so that none overflows.
    """
    rate, leave = 1.0 / service, 1.0 / patience

    def out(n: int) -> float:
        return min(n, servers) * rate + max(n - servers, 0) * leave

    start = 0
    while arrivals > out(start + 1):
        start += 1
    weights = {start: 1.0}
    n, weight = start, 1.0
    while weight > 1e-18:
        weight *= arrivals / out(n + 1)
        n += 1
        weights[n] = weight
    n, weight = start, 1.0
    while n > 0 and weight > 1e-18:
        weight *= out(n) / arrivals
        n -= 1
        weights[n] = weight
    total = sum(weights.values())
    queue = sum(max(n - servers, 0) * one for n, one in weights.items()) / total
    return queue * leave / arrivals, queue / arrivals
