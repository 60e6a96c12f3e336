"""Small desks for tests."""

from typing import Any

from qinglan.core.twin.desk.case import Case, Kind, Team

HOURS = tuple(range(9 * 60, 17 * 60, 60))


def small(**changes: Any) -> Case:
    """Two windows, three matters, a back office of one; a month, few replicates."""
    said: dict[str, Any] = {
        "name": "小窗口", "teams": (Team("社保", 2, 1), Team("民政", 1, 0)),
        "kinds": (Kind("参保", 0, 12.0), Kind("退休", 0, 25.0, 0.5, 0.4), Kind("低保", 1, 15.0)), "hours": HOURS,
        "arrivals": ((3.0, 1.0, 2.0),) * len(HOURS), "general": 3, "front": 2, "months": 2, "days": 5, "replicates": 5, "seed": 3,
    }  # fmt: skip
    return Case(**(said | changes))


def loaded(teams: tuple[Team, ...], minutes: tuple[float, ...], loads: tuple[float, ...], **changes: Any) -> Case:
    """A window a matter, each with this load a server, over very long days without impatience."""
    hours = tuple(range(0, 400 * 60, 60))
    an_hour = tuple(load * team.windows * 60.0 / each for team, each, load in zip(teams, minutes, loads, strict=True))
    kinds = tuple(Kind(team.name, at, each) for at, (team, each) in enumerate(zip(teams, minutes, strict=True)))
    windows = sum(team.windows for team in teams)
    given = {"patience": 0.0, "day_spread": 0.0, "general_start": 1.0, "general_factor": 1.0}
    given |= changes.pop("parameters", {})
    return Case(
        "长日", teams, kinds, hours, (an_hour,) * len(hours), windows, windows, 1, 1, 10, 2, "指数", tuple(sorted(given.items())), **changes,
    )  # fmt: skip
