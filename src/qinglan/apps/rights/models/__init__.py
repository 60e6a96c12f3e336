"""Claims of workers with their answers and corrections, and proposals that end or lower somebody."""

from .claims import Claim, ClaimAnswer, ClaimCorrection, ClaimFile, ClaimKind, ClaimStep
from .proposals import Proposal, ProposalCheck, ProposalKind, ProposalStep

__all__ = [
    "Claim",
    "ClaimAnswer",
    "ClaimCorrection",
    "ClaimFile",
    "ClaimKind",
    "ClaimStep",
    "Proposal",
    "ProposalCheck",
    "ProposalKind",
    "ProposalStep",
]
