"""A desk as its office knows it: matters, how long each takes, who comes at what hour, how many people it has. Plain data."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from qinglan.core.matching.tables import TableError
from qinglan.core.twin.desk.parameters import Behaviour, behaviour
from qinglan.core.twin.desk.queueing import EXPONENTIAL, FIXED, LOGNORMAL

SHAPES = {"对数正态": LOGNORMAL, "指数": EXPONENTIAL, "定长": FIXED}
HOUR, DAY = 60, 24 * 60
MOST_KINDS, MOST_PEOPLE = 60, 60
MOST_RESIDENTS = 3_000  # a day
MOST_WORK = 40_000_000  # residents over all days and replicates
RANGES = {
    "general": (1, MOST_PEOPLE), "front": (1, MOST_PEOPLE), "months": (1, 36), "days": (1, 31), "replicates": (2, 1000),
    "seed": (0, (1 << 63) - 1),
}  # fmt: skip
WORDS = {
    "name": "名称", "general": "综合窗口人数", "front": "综合柜台人数", "months": "月数", "days": "每月天数",
    "replicates": "重复次数", "seed": "随机种子", "shape": "办理时间分布",
}  # fmt: skip
DEFAULTS = {"months": 12, "days": 21, "replicates": 40, "seed": 1, "shape": "对数正态"}


@dataclass(frozen=True)
class Team:
    """One separate window and its people; of them `back` work in the back office when there is a general counter."""

    name: str
    windows: int
    back: int


@dataclass(frozen=True)
class Kind:
    """A matter: its window (index of the team), minutes a specialist takes, spread and hand-overs where they differ."""

    name: str
    team: int
    minutes: float
    cv: float | None = None
    handover: float | None = None


@dataclass(frozen=True)
class Case:
    """All that a run needs. hours: minute of the day at which each begins (60 minutes each); arrivals (hours × kinds): residents."""

    name: str
    teams: tuple[Team, ...]
    kinds: tuple[Kind, ...]
    hours: tuple[int, ...]
    arrivals: tuple[tuple[float, ...], ...]
    general: int
    front: int
    months: int = DEFAULTS["months"]  # type: ignore[assignment]
    days: int = DEFAULTS["days"]  # type: ignore[assignment]
    replicates: int = DEFAULTS["replicates"]  # type: ignore[assignment]
    seed: int = DEFAULTS["seed"]  # type: ignore[assignment]
    shape: str = DEFAULTS["shape"]  # type: ignore[assignment]
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def windows(self) -> int:
        return sum(team.windows for team in self.teams)

    @property
    def back(self) -> int:
        return sum(team.back for team in self.teams)

    @property
    def residents(self) -> float:
        """How many come on a day."""
        return sum(map(sum, self.arrivals))

    @property
    def minutes_open(self) -> int:
        return HOUR * len(self.hours)

    def load(self, kinds: list[int] | None = None) -> float:
        """Hours of specialists' work that come in an hour, on average over the day."""
        chosen = range(len(self.kinds)) if kinds is None else kinds
        work = sum(row[k] * self.kinds[k].minutes for row in self.arrivals for k in chosen)
        return work / self.minutes_open

    def values(self) -> Behaviour:
        return behaviour(dict(self.parameters))

    def with_(self, **changes: Any) -> "Case":
        return replace(self, **changes)

    @property
    def key(self) -> str:
        """SHA-256 of everything but the name."""
        said = asdict(self) | {"name": ""}
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it; `case_of` reads it back."""
        return asdict(self)


def case_of(plain: dict[str, Any]) -> Case:
    """The case that `plain()` wrote."""
    said = {one.name: plain[one.name] for one in fields(Case)}
    said["teams"] = tuple(Team(**one) for one in plain["teams"])
    said["kinds"] = tuple(Kind(**one) for one in plain["kinds"])
    said["hours"] = tuple(plain["hours"])
    said["arrivals"] = tuple(tuple(row) for row in plain["arrivals"])
    said["parameters"] = tuple((name, value) for name, value in plain["parameters"])
    return Case(**said)


def checked(case: Case) -> Case:
    """The case, when it makes sense as a whole. Raises TableError (ParameterError for coefficients)."""
    problems = []
    for name, (low, high) in RANGES.items():
        value = getattr(case, name)
        if not low <= value <= high:
            problems.append(f"「{WORDS[name]}」须是 {low} 到 {high} 的整数，写的是 {value}。")
    if case.shape not in SHAPES:
        problems.append(f"「{WORDS['shape']}」须是{'、'.join(SHAPES)}之一，写的是「{case.shape}」。")
    if case.windows > MOST_PEOPLE or case.front + case.back > MOST_PEOPLE:
        problems.append(f"一处服务台最多 {MOST_PEOPLE} 人；人更多时请分几处推演。")
    if case.residents <= 0:
        problems.append("各时段来人都是 0，没有可推演的；请填各事项每小时来几人。")
    if case.residents > MOST_RESIDENTS:
        problems.append(
            f"一天来人共 {case.residents:,.0f}，最多 {MOST_RESIDENTS:,}；请核对是否把一周或一月的人数填成了每小时。"
        )
    elif case.residents * case.months * case.days * case.replicates > MOST_WORK:
        problems.append("来人 × 天数 × 重复次数太多，算不完；请减少月数或重复次数。")
    if problems:
        raise TableError(problems)
    case.values()
    return case
