"""The states of a run as a table: which move leads from which state to which, and who may make it (ADR 0008).

The database holds the same table as a trigger on Run; docs/reference/states.md is generated from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from qinglan.apps.people.permissions import COMPUTE_YEAR, PUBLISH_YEAR, SIGN_YEAR


class State(models.TextChoices):
    DRAFT = "draft", "草案"
    IN_REVIEW = "in_review", "审核中"
    SIGNED = "signed", "已签署"
    PUBLISHED = "published", "已公布"
    AMENDED = "amended", "已被更正"
    REPLACED = "replaced", "已被新的草案取代"


class Move(models.TextChoices):
    SUBMIT = "submit", "提交审核"
    RETURN = "return", "退回"
    SIGN = "sign", "签署"
    PUBLISH = "publish", "公布"


@dataclass(frozen=True)
class Step:
    """A move: from one of `sources` to `target`, by whoever has the capability `needs` and made none of `apart_from` on the run."""

    sources: tuple[State, ...]
    target: State
    needs: str
    apart_from: tuple[Move, ...] = ()
    note_needed: bool = False


STEPS: dict[Move, Step] = {
    Move.SUBMIT: Step((State.DRAFT,), State.IN_REVIEW, COMPUTE_YEAR),
    Move.RETURN: Step((State.IN_REVIEW, State.SIGNED), State.DRAFT, SIGN_YEAR, note_needed=True),
    Move.SIGN: Step((State.IN_REVIEW,), State.SIGNED, SIGN_YEAR, (Move.SUBMIT,)),
    Move.PUBLISH: Step((State.SIGNED,), State.PUBLISHED, PUBLISH_YEAR, (Move.SUBMIT, Move.SIGN)),
}
# Moves that follow from another run: a new draft replaces the draft before it, a new publication amends the one before.
FOLLOWING = ((State.DRAFT, State.REPLACED), (State.PUBLISHED, State.AMENDED))
TRANSITIONS = [(source.value, step.target.value) for step in STEPS.values() for source in step.sources] + [
    (source.value, target.value) for source, target in FOLLOWING
]
OPEN = (State.DRAFT, State.IN_REVIEW, State.SIGNED)
CLOSED = (State.SIGNED, State.PUBLISHED, State.AMENDED)  # verified for ever
SHOWN = (*OPEN, State.PUBLISHED)
