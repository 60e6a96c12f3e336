"""Append-only facts with evidence, valid time and recorded time, and the files that brought them."""

from .base import Fact, FactQuerySet
from .figures import FIGURES, NAMES, DistrictFigure
from .imports import HeaderWord, ImportBatch
from .kinds import (
    AbilityRating,
    Award,
    AwardLevel,
    EvaluationScore,
    ExamRecord,
    OpeningBalance,
    ProjectRecord,
    ScoreSource,
    ShadowingRecord,
    TrainingKind,
    TrainingRecord,
    WarningKind,
    WarningRecord,
)

KINDS: dict[str, type[Fact]] = {
    "training": TrainingRecord,
    "shadowing": ShadowingRecord,
    "exams": ExamRecord,
    "scores": EvaluationScore,
    "abilities": AbilityRating,
    "awards": Award,
    "warnings": WarningRecord,
    "projects": ProjectRecord,
    "openings": OpeningBalance,
    "figures": DistrictFigure,
}

__all__ = [
    "FIGURES",
    "KINDS",
    "NAMES",
    "AbilityRating",
    "Award",
    "AwardLevel",
    "DistrictFigure",
    "EvaluationScore",
    "ExamRecord",
    "Fact",
    "FactQuerySet",
    "HeaderWord",
    "ImportBatch",
    "OpeningBalance",
    "ProjectRecord",
    "ScoreSource",
    "ShadowingRecord",
    "TrainingKind",
    "TrainingRecord",
    "WarningKind",
    "WarningRecord",
]
