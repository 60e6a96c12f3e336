"""The three layouts of a desk as the kernels read them: separate windows, one general queue, a general counter with a back office."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from qinglan.core.twin.desk.case import Case
from qinglan.core.twin.desk.parameters import Behaviour


class Layout(StrEnum):
    SEPARATE = "separate"
    GENERAL = "general"
    COUNTER = "counter"


LABELS = {
    Layout.SEPARATE: "分窗（各办各的）",
    Layout.GENERAL: "一窗（全科社工，一条队）",
    Layout.COUNTER: "综合柜台加后台（人多时后台出来支援）",
}
SHORT = {Layout.SEPARATE: "分窗", Layout.GENERAL: "一窗", Layout.COUNTER: "柜台加后台"}
NONE = -1


@dataclass(frozen=True)
class Plan:
    """One layout. K kinds, G groups of people, Q queues, J people, M months.

    home, back (K): queue on arrival, after a hand-over. hand (K): its chance. groups (J). factors (M, G, K). special (G, K).
    takes, least (G, Q): queues in order, −1 none; how many must wait there. ways: intake's share, minutes of a hand-over, share that goes home.
    """

    home: np.ndarray
    back: np.ndarray
    hand: np.ndarray
    groups: np.ndarray
    factors: np.ndarray
    special: np.ndarray
    takes: np.ndarray
    least: np.ndarray
    ways: np.ndarray
    names: tuple[str, ...]
    queues: int

    @property
    def people(self) -> int:
        return len(self.groups)


def plan_of(layout: Layout, case: Case, values: Behaviour | None = None) -> Plan:
    """The layout with the case's people and the parameters' ways."""
    values = values or case.values()
    if layout is Layout.SEPARATE:
        return _separate(case, values)
    return _general(case, values) if layout is Layout.GENERAL else _counter(case, values)


def _separate(case: Case, values: Behaviour) -> Plan:
    teams, kinds = len(case.teams), len(case.kinds)
    takes = np.full((teams, teams), NONE, np.int64)
    takes[:, 0] = np.arange(teams)
    own = np.array([kind.team for kind in case.kinds], np.int64)
    groups = [number for number, team in enumerate(case.teams) for _ in range(team.windows)]
    return _plan(
        case, values, home=own, back=np.full(kinds, NONE, np.int64), groups=groups,
        factors=np.ones((case.months, teams, kinds)), special=np.ones((teams, kinds), np.int64), takes=takes,
        least=np.ones_like(takes), names=tuple(team.name for team in case.teams),
    )  # fmt: skip


def _general(case: Case, values: Behaviour) -> Plan:
    kinds = len(case.kinds)
    factors = np.empty((case.months, 1, kinds))
    for month in range(case.months):
        factors[month] = values.general(month)
    none = np.zeros((1, kinds), np.int64)
    return _plan(
        case, values, home=np.zeros(kinds, np.int64), back=np.full(kinds, NONE, np.int64), groups=[0] * case.general,
        factors=factors, special=none, takes=np.zeros((1, 1), np.int64), least=np.ones((1, 1), np.int64), names=("综合窗口",),
    )  # fmt: skip


def _counter(case: Case, values: Behaviour) -> Plan:
    """Group and queue 0: the counter. Behind it the teams that have people there; others hand nothing over."""
    behind = [number for number, team in enumerate(case.teams) if team.back]
    place = {team: at for at, team in enumerate(behind, start=1)}
    size, kinds = len(behind) + 1, len(case.kinds)
    own = np.array([place.get(kind.team, NONE) for kind in case.kinds], np.int64)
    special = np.zeros((size, kinds), np.int64)
    for k, at in enumerate(own):
        if at > 0:
            special[at, k] = 1
    factors = np.ones((case.months, size, kinds))
    for month in range(case.months):
        factors[month][special == 0] = values.general(month)
    takes = np.full((size, size), NONE, np.int64)
    least = np.ones((size, size), np.int64)
    takes[0, 0] = 0
    for at in range(1, size):
        takes[at, 0] = at
        if values.overflow_length >= 1 and size > 1:
            takes[at, 1] = 0
            least[at, 1] = int(values.overflow_length)
    groups = [0] * case.front + [at for at, team in enumerate(behind, start=1) for _ in range(case.teams[team].back)]
    names = ("综合柜台", *(f"{case.teams[team].name}后台" for team in behind))
    return _plan(
        case, values, home=np.zeros(kinds, np.int64), back=own, groups=groups, factors=factors, special=special,
        takes=takes, least=least, names=names,
    )  # fmt: skip


def _plan(
    case: Case,
    values: Behaviour,
    *,
    home: np.ndarray,
    back: np.ndarray,
    groups: list[int],
    factors: np.ndarray,
    special: np.ndarray,
    takes: np.ndarray,
    least: np.ndarray,
    names: tuple[str, ...],
) -> Plan:
    hand = np.array([values.handover_share if kind.handover is None else kind.handover for kind in case.kinds])
    ways = np.array([values.intake_share, values.handover_minutes, values.later_share])
    return Plan(
        home, back, hand, np.array(groups, np.int64), factors, special, takes, least, ways, names, takes.shape[1]
    )
