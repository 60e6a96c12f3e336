"""The ways of a claim and of a proposal as tables: which move leads from which state to which.

Who may make a move stands in `permissions`; the database holds the same tables as triggers; docs/reference/states.md is made from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class Claim(models.TextChoices):
    RECEIVED = "received", "已收到，待指派"
    ASSIGNED = "assigned", "办理中"
    ANSWERED = "answered", "已答复"
    CORRECTED = "corrected", "已更正"
    CLOSED = "closed", "已办结"
    WITHDRAWN = "withdrawn", "本人已撤回"


class ClaimMove(models.TextChoices):
    FILE = "file", "提出"
    ASSIGN = "assign", "指派"
    WITHDRAW = "withdraw", "撤回"
    ANSWER = "answer", "答复"
    REVIEW = "review", "申请复核"
    CORRECT = "correct", "更正完成"
    CLOSE = "close", "办结"


class Outcome(models.TextChoices):
    UPHELD = "upheld", "成立"
    PARTLY = "partly", "部分成立"
    REJECTED = "rejected", "不成立"


@dataclass(frozen=True)
class Step:
    """A move: from one of `sources` to `target`."""

    sources: tuple[models.TextChoices, ...]
    target: models.TextChoices


CLAIM_STEPS: dict[ClaimMove, Step] = {
    ClaimMove.ASSIGN: Step((Claim.RECEIVED, Claim.ASSIGNED), Claim.ASSIGNED),
    ClaimMove.WITHDRAW: Step((Claim.RECEIVED, Claim.ASSIGNED), Claim.WITHDRAWN),
    ClaimMove.ANSWER: Step((Claim.ASSIGNED,), Claim.ANSWERED),
    ClaimMove.REVIEW: Step((Claim.ANSWERED, Claim.CORRECTED), Claim.RECEIVED),
    ClaimMove.CORRECT: Step((Claim.ANSWERED,), Claim.CORRECTED),
    ClaimMove.CLOSE: Step((Claim.ANSWERED, Claim.CORRECTED), Claim.CLOSED),
}
WAITING = (Claim.RECEIVED, Claim.ASSIGNED)  # somebody owes an answer
OPEN = (*WAITING, Claim.ANSWERED, Claim.CORRECTED)


class Proposal(models.TextChoices):
    OPEN = "open", "拟议"
    INFORMED = "informed", "已告知本人，待陈述"
    HEARD = "heard", "已听取陈述"
    CONFIRMED = "confirmed", "已确认，由人依法办理"
    DROPPED = "dropped", "不采纳"
    REVOKED = "revoked", "已撤销"


class ProposalMove(models.TextChoices):
    PROPOSE = "propose", "拟议"
    INFORM = "inform", "告知本人"
    HEAR = "hear", "听取陈述"
    CONFIRM = "confirm", "确认"
    DROP = "drop", "不采纳"
    REVOKE = "revoke", "撤销"


PROPOSAL_STEPS: dict[ProposalMove, Step] = {
    ProposalMove.INFORM: Step((Proposal.OPEN,), Proposal.INFORMED),
    ProposalMove.HEAR: Step((Proposal.INFORMED, Proposal.HEARD), Proposal.HEARD),
    ProposalMove.CONFIRM: Step((Proposal.HEARD,), Proposal.CONFIRMED),
    ProposalMove.DROP: Step((Proposal.OPEN, Proposal.INFORMED, Proposal.HEARD), Proposal.DROPPED),
    ProposalMove.REVOKE: Step((Proposal.CONFIRMED,), Proposal.REVOKED),
}
PROPOSED = (Proposal.OPEN, Proposal.INFORMED, Proposal.HEARD)  # not decided yet
STANDING = (*PROPOSED, Proposal.CONFIRMED)


def transitions(steps: dict[ClaimMove, Step] | dict[ProposalMove, Step]) -> list[tuple[str, str]]:
    """(from, to) of every move that changes the state: what the trigger lets through."""
    pairs = {(str(source), str(step.target)) for step in steps.values() for source in step.sources}
    return sorted(pair for pair in pairs if pair[0] != pair[1])
