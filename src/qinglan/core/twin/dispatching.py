"""Events of a neighbourhood and the people who go: first in first out, or matched, lived over the same events. Response times.

An event needs a skill; who lacks it takes `unskilled` times as long. People walk, and stay where the last event was. First in first out: the
oldest event goes to who has been free longest. Matched: whenever somebody or something is free, all waiting events and free people are
matched at the smallest sum of way, loss by lacking skill and load, less how long the event has waited (core.matching.dispatch).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from qinglan.core.matching.dispatch import match
from qinglan.core.twin.chance import reach
from qinglan.core.twin.maths import log
from qinglan.core.twin.random import draw, uniform

EVENT = 80  # purpose of the draws; the twin's own and the desk's lie below
TAILS = (0.5, 0.9, 0.95, 0.99)
NOTE = "这不是预测：事件照平均数随机发生，走路速度、没有对口技能时慢多少多为假设；区间只含偶然。每次派单都是当时的最优（差距 0），一天合起来不保证。"
DEFAULTS = {
    "days": 20,
    "replicates": 10,
    "seed": 1,
    "hours": 8.0,
    "speed": 70.0,
    "unskilled": 1.5,
    "load": 0.1,
    "patience": 1.0,
}
RANGES = {
    "days": (1, 250), "replicates": (2, 200), "seed": (0, 2**31), "hours": (1, 24), "speed": (10, 1000), "unskilled": (1, 10), "load": (0, 10),
    "patience": (0, 10),
}  # fmt: skip
WORDS = {
    "days": "天数", "replicates": "重复次数", "seed": "随机种子", "hours": "每天几小时", "speed": "路上每分钟几米", "unskilled": "没有对口技能时慢几倍",
    "load": "多干一分钟抵几分钟的路", "patience": "多等一分钟抵几分钟的路",
}  # fmt: skip
WHOLE = ("days", "replicates", "seed")
# figure → (label, what it is printed times)
FIGURES = {
    "events": ("每天件数", 1.0), "response": ("平均响应（分钟）", 1.0), "p50": ("半数响应不超过（分钟）", 1.0), "p90": ("九成响应不超过（分钟）", 1.0),
    "p95": ("九成半响应不超过（分钟）", 1.0), "p99": ("百件中九十九件不超过（分钟）", 1.0), "way": ("每件走路（米）", 1.0),
    "fit": ("技能对口（%）", 100.0), "busiest": ("最忙的人是平均的几倍", 1.0),
}  # fmt: skip
MOST_EVENTS = 400_000


@dataclass(frozen=True)
class Field:
    """people, places (n, 2) metres; skilled (people, kinds) bool; weights (places): households; rates (kinds): events a day; minutes (kinds)."""

    people: np.ndarray
    skilled: np.ndarray
    places: np.ndarray
    weights: np.ndarray
    rates: np.ndarray
    minutes: np.ndarray
    days: int = 10
    replicates: int = 8
    seed: int = 1
    hours: float = 8.0
    speed: float = 70.0
    unskilled: float = 1.5
    load: float = 0.1
    patience: float = 1.0

    @property
    def events(self) -> float:
        return float(self.rates.sum()) * self.days * self.replicates


@dataclass(frozen=True)
class Events:
    """A day's: minute, kind, place, minutes of work with the skill."""

    at: np.ndarray
    kind: np.ndarray
    place: np.ndarray
    work: np.ndarray


def happening(field: Field, replicate: int, day: int) -> Events:
    """The same events for every way of dispatching: counted by replicate, day and number."""
    kinds, places = np.cumsum(field.rates), np.cumsum(np.maximum(field.weights, 1))
    rate = kinds[-1] / (field.hours * 60.0)
    rows, now, number = [], 0.0, 0
    while True:
        words = draw(field.seed, replicate, number, 0, day, EVENT)
        gap, which, where, long = (float(uniform(one)) for one in words)
        now -= float(log(gap)) / rate
        if now >= field.hours * 60.0:
            break
        kind = int(np.searchsorted(kinds, which * kinds[-1], side="right"))
        place = int(np.searchsorted(places, where * places[-1], side="right"))
        rows.append((now, kind, place, -float(log(long)) * field.minutes[kind]))
        number += 1
    table = np.array(rows, float).reshape(-1, 4)
    return Events(table[:, 0], table[:, 1].astype(np.int64), table[:, 2].astype(np.int64), table[:, 3])


@dataclass(frozen=True)
class Day:
    """What a day gave: response (minutes), way (metres), fit (bool) of each event; worked (people) minutes."""

    response: np.ndarray
    way: np.ndarray
    fit: np.ndarray
    worked: np.ndarray


def live(field: Field, events: Events, matched: bool) -> Day:
    """One day, event by event; everybody begins at her own place."""
    count, crew = len(events.at), len(field.people)
    response, way, fit = np.zeros(count), np.zeros(count), np.zeros(count, bool)
    where, free_at, worked = field.people.astype(float).copy(), np.zeros(crew), np.zeros(crew)
    waiting: list[int] = []
    coming = 0
    while coming < count or waiting:
        now = events.at[coming] if coming < count else np.inf
        if waiting:
            now = min(now, max(float(free_at.min()), float(events.at[waiting[0]])))
        while coming < count and events.at[coming] <= now:
            waiting.append(coming)
            coming += 1
        free = np.flatnonzero(free_at <= now)
        if not len(free) or not waiting:
            continue
        spots = field.places[events.place[waiting]]
        far = np.hypot(spots[:, None, 0] - where[free][None, :, 0], spots[:, None, 1] - where[free][None, :, 1])
        fits = field.skilled[free][:, events.kind[waiting]].T
        if matched:
            lost = np.where(fits, 0.0, (field.unskilled - 1.0) * field.minutes[events.kind[waiting]][:, None])
            costs = far / field.speed + lost + field.load * worked[free][None, :]
            costs -= field.patience * (now - events.at[waiting])[:, None]
            pairs = match(costs)
        else:
            order = np.argsort(free_at[free], kind="stable")
            pairs = [(at, int(one)) for at, one in enumerate(order[: len(waiting)])]
        for e, p in pairs:
            event, person = waiting[e], int(free[p])
            travel = far[e, p] / field.speed
            work = events.work[event] * (1.0 if fits[e, p] else field.unskilled)
            response[event], way[event], fit[event] = now - events.at[event] + travel, far[e, p], fits[e, p]
            free_at[person] = now + travel + work
            worked[person] += travel + work
            where[person] = field.places[events.place[event]]
        gone = {waiting[e] for e, _ in pairs}
        waiting = [one for one in waiting if one not in gone]
    return Day(response, way, fit, worked)


def outcome(field: Field) -> dict[str, Any]:
    """Both ways over the same events: response times with their tails, ways, skills, how evenly people work; means and 95% intervals."""
    return [found for _, _, found in lived(field)][-1] or {}


def lived(field: Field) -> Iterator[tuple[int, int, dict[str, Any] | None]]:
    """(replicates lived, of how many, the outcome once all are)."""
    ways: dict[str, list[dict[str, float]]] = {"fifo": [], "matched": []}
    for replicate in range(field.replicates):
        days = [happening(field, replicate, day) for day in range(field.days)]
        for name, found in ways.items():
            found.append(_summed([live(field, one, name == "matched") for one in days]))
        if replicate < field.replicates - 1:
            yield replicate + 1, field.replicates, None
    figures = list(ways["fifo"][0])
    said = {name: {one: _interval([row[one] for row in found]) for one in figures} for name, found in ways.items()}
    saved = [a["response"] - b["response"] for a, b in zip(ways["fifo"], ways["matched"], strict=True)]
    found_of = {
        "fifo": said["fifo"],
        "matched": said["matched"],
        "saved": _interval(saved),
        "note": NOTE,
        "gap": 0.0,
        "people": len(field.people),
    }
    yield field.replicates, field.replicates, found_of


def _summed(days: list[Day]) -> dict[str, float]:
    response = np.sort(np.concatenate([one.response for one in days]))
    number = max(len(response), 1)
    worked = np.array([one.worked for one in days]).sum(0)
    tails = {
        f"p{round(q * 100)}": float(response[max(int(np.ceil(q * number)) - 1, 0)]) if len(response) else 0.0
        for q in TAILS
    }
    return {
        "events": len(response) / len(days), "response": float(response.sum()) / number, **tails,
        "way": float(sum(one.way.sum() for one in days)) / number, "fit": float(sum(one.fit.sum() for one in days)) / number,
        "busiest": float(worked.max() / worked.mean()) if worked.sum() > 0 else 1.0,
    }  # fmt: skip


def _interval(values: list[float]) -> list[float]:
    half = float(reach(np.array(values, dtype=float)))
    mean = float(np.mean(values))
    return [mean, mean - half, mean + half]
