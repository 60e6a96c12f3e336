"""What a reviewer looks at before she signs: the sample of a run, the marks on it, the decisions so far."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max

from qinglan.apps.policy.models import PersonResult, ReviewMark, Run, RunDecision
from qinglan.apps.policy.queries.results import year_steps
from qinglan.apps.policy.states import Move
from qinglan.core.frame.missing import MISSING

DRAWN_OF_10_000 = 200  # two in a hundred, beside all changes and proposals
# Steps that propose something for a person; 0 or missing proposes nothing.
PROPOSALS = {
    "unfit_proposal": "不称职处置建议",
    "xuhui_proposal": "警告与退出建议",
    "flow_change_post": "岗位调整建议",
    "flow_grade_down": "降低职级建议",
    "flow_eliminate": "淘汰建议",
    "promotion_selected": "晋升建议",
    "rotation_selected": "轮岗建议",
    "goose_selected": "头雁建议",
}


@dataclass(frozen=True)
class Sampled:
    """A row to look at: why, and the newest mark on it in this round of review."""

    result: PersonResult
    reasons: list[str]
    mark: ReviewMark | None


def round_of(run: Run) -> list[RunDecision]:
    """The decisions since the run was last submitted, that one included; those of earlier rounds count no more."""
    found: list[RunDecision] = []
    for decision in run.decisions.all():
        found = [decision] if decision.move == Move.SUBMIT else [*found, decision]
    return found


def sample(run: Run) -> list[Sampled]:
    """Every changed grade, every proposal, and two in a hundred drawn by the run's fingerprint: the same for everybody who asks."""
    rows = PersonResult.objects.filter(run=run).select_related("person").defer("months", "segments")
    chosen = []
    for row in rows.order_by("org_code", "person_id"):
        row.run = run
        reasons = _reasons(row)
        if reasons:
            chosen.append((row, reasons))
    marks = _marks(run)
    return [Sampled(row, reasons, marks.get(row.pk)) for row, reasons in chosen]


def unmarked(run: Run) -> int:
    """How many rows of the sample have no mark in this round, or a newest mark that doubts them."""
    return sum(1 for one in sample(run) if one.mark is None or not one.mark.fine)


def _marks(run: Run) -> Mapping[int, ReviewMark]:
    """The newest mark of each row since the run was last submitted."""
    since = run.decisions.filter(move=Move.SUBMIT).aggregate(at=Max("at"))["at"]
    if since is None:
        return {}
    return {mark.result_id: mark for mark in ReviewMark.objects.filter(result__run=run, at__gte=since).order_by("pk")}


def _reasons(row: PersonResult) -> list[str]:
    frame = dict(zip(row.run.frame_columns, row.frame, strict=True))
    steps = {name: value for family in year_steps(row).values() for name, value in family.items()}
    reasons = []
    last = frame.get("last_grade", MISSING)
    if row.grade is not None and last > MISSING and row.grade != last:
        reasons.append("等次变化")
    reasons += [label for name, label in PROPOSALS.items() if steps.get(name, MISSING) > 0]
    return reasons or (["抽查"] if _drawn(row.run, row.person_id) else [])


def _drawn(run: Run, person: int) -> bool:
    digest = hashlib.sha256(f"{run.results_hash} {person}".encode()).digest()
    return int.from_bytes(digest[:8]) % 10_000 < DRAWN_OF_10_000
