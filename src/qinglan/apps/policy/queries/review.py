"""What a reviewer looks at before she signs: the sample of a run, the marks on it, the decisions so far."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db.models import OuterRef, Q, QuerySet, Subquery

from qinglan.apps.policy.models import PersonResult, ReviewItem, ReviewMark, Run, RunDecision
from qinglan.apps.policy.queries.results import year_steps
from qinglan.apps.policy.states import Move
from qinglan.core.frame.missing import MISSING

NOT_FINE = Q(fine=False) | Q(fine=None)
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


def round_of(run: Run) -> list[RunDecision]:
    """The decisions since the run was last submitted, that one included; those of earlier rounds count no more."""
    found: list[RunDecision] = []
    for decision in run.decisions.all():
        found = [decision] if decision.move == Move.SUBMIT else [*found, decision]
    return found


def sample(run: Run) -> Iterator[tuple[PersonResult, list[str]]]:
    """(row, why) of every changed grade, every proposal, and two in a hundred drawn by the run's fingerprint."""
    rows = PersonResult.objects.filter(run=run).defer("months", "segments").order_by("org_code", "person_id")
    for row in rows.iterator(chunk_size=500):
        row.run = run
        reasons = _reasons(row)
        if reasons:
            yield row, reasons


def items(run: Run) -> QuerySet[ReviewItem]:
    """The rows to look at in the round of review under way, each with `fine`, `comment` and `marked_by` of its newest mark."""
    submission = run.decisions.filter(move=Move.SUBMIT).order_by("-pk").values("pk")[:1]
    newest = ReviewMark.objects.filter(item=OuterRef("pk")).order_by("-pk")
    return (
        ReviewItem.objects.filter(submission=Subquery(submission))
        .select_related("result__person")
        .defer("result__frame", "result__steps", "result__months", "result__segments")
        .annotate(
            fine=Subquery(newest.values("fine")[:1]),
            comment=Subquery(newest.values("comment")[:1]),
            marked_by=Subquery(newest.values("by_name")[:1]),
        )
    )


def unmarked(run: Run) -> int:
    """How many rows of the sample have no mark, or a newest mark that doubts them."""
    return items(run).filter(NOT_FINE).count()


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
