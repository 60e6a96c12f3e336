"""Packs in force, runs and their results, the decisions of people on them."""

from .decisions import ReviewItem, ReviewMark, RunDecision
from .packs import PackAdoption, PackRelease, PackText
from .runs import PersonResult, Run, RunInput, RunQuerySet, UnitResult

__all__ = [
    "PackAdoption",
    "PackRelease",
    "PackText",
    "PersonResult",
    "ReviewItem",
    "ReviewMark",
    "Run",
    "RunDecision",
    "RunInput",
    "RunQuerySet",
    "UnitResult",
]
