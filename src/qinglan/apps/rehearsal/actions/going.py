"""How rehearsals and studies go in the background, and what their problems are in words."""

from __future__ import annotations

from qinglan.apps.audit.actions import record
from qinglan.apps.base.actions import Queued
from qinglan.apps.policy.queries.rehearsing import NotInForce, PackError
from qinglan.apps.rehearsal.actions.kinds.shape import StudyProblem
from qinglan.apps.rehearsal.models import Rehearsal, Study
from qinglan.core.twin.parameters import ParameterError
from qinglan.core.twin.scenario import ScenarioError
from qinglan.core.twin.year import TwinError

BROKEN = "计算时出了意外，没有算完。请再做一次；仍不行请告诉管理员。"


def _words(error: Exception) -> str | None:
    """What was foreseen to go wrong; None for what was not."""
    if isinstance(error, PackError):
        return "\n".join(f"{one.wrong}。{one.right}。" for one in error.problems)
    foreseen = (NotInForce, ParameterError, ScenarioError, StudyProblem, TwinError)
    return str(error) if isinstance(error, foreseen) else None


REHEARSALS: Queued[Rehearsal] = Queued(
    "rehearsal", called="这次推演", task="rehearsal.live", argument="rehearsal_id", broken=BROKEN, record=record, words=_words,
    logged=("key",),
)  # fmt: skip
STUDIES: Queued[Study] = Queued(
    "rehearsal.study", called="这项研究", task="rehearsal.study", argument="study_id", broken=BROKEN, record=record, words=_words,
)  # fmt: skip
