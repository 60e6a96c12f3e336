"""Packs in force, runs and their results, the decisions of people on them."""

from .decisions import ReviewMark, RunDecision
from .packs import PackAdoption, PackText
from .runs import PersonResult, Run, RunInput, UnitResult

__all__ = [
    "PackAdoption",
    "PackText",
    "PersonResult",
    "ReviewMark",
    "Run",
    "RunDecision",
    "RunInput",
    "UnitResult",
]
