"""What a fact of each kind says, in the units in which it is kept: hours and scores in hundredths, money in fen.

A field that is not listed is refused, not ignored: what a caller meant and we do not know must not get lost in silence.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict, StringConstraints, model_validator

from qinglan.apps.base.api import writable
from qinglan.apps.facts.models import FIGURES, AwardLevel, ScoreSource, TrainingKind, WarningKind

Hundredths = Annotated[int, Field(ge=0, le=100_000_000)]
Points = Annotated[int, Field(ge=0, le=10_000, description="百分之一分，0–10000")]
Fen = Annotated[int, Field(ge=0, le=10**14, description="分")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


def line(most: int, least: int = 0) -> type[str]:
    """A text of one line that fits the field it goes to."""
    shape = StringConstraints(min_length=least, max_length=most, strip_whitespace=True)
    return Annotated[str, shape, AfterValidator(writable)]  # type: ignore[return-value]


class Said(Schema):
    """The fields of one kind."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class Training(Said):
    """Hours or days, one of the two."""

    kind: TrainingKind
    course: line(120, 1)  # type: ignore[valid-type]
    hours: Hundredths | None = None
    days: Hundredths | None = None

    @model_validator(mode="after")
    def hours_or_days(self) -> Self:
        if (self.hours is None) == (self.days is None):
            raise ValueError("学时和天数请填其中一项")
        return self


class Shadowing(Said):
    mentor: line(60, 1)  # type: ignore[valid-type]
    hours: Hundredths


class Exam(Said):
    level: Literal["初级", "中级", "高级"]
    subject: line(40) = ""  # type: ignore[valid-type]
    score: Annotated[int, Field(ge=0, le=100_000)] | None = None
    passed: bool | None = None
    certificate_number: line(40) = ""  # type: ignore[valid-type]


class Score(Said):
    source: ScoreSource
    score: Points | None = None
    ballots: Count | None = None
    favourable: Count | None = None

    @model_validator(mode="after")
    def something_said(self) -> Self:
        if self.source == ScoreSource.SATISFACTION:
            if self.ballots is None or self.favourable is None or self.favourable > self.ballots:
                raise ValueError("满意度要写有效票数和满意票数，满意票数不能多于有效票数")
        elif self.score is None:
            raise ValueError("请写得分")
        return self


class Abilities(Said):
    """In the order 为民服务力 居民动员力 协商议事力 项目运营力 统筹协调力 治理创新力; null = not rated."""

    ratings: Annotated[list[Points | None], Field(min_length=6, max_length=6)]


class AwardSaid(Said):
    title: line(120, 1)  # type: ignore[valid-type]
    level: AwardLevel
    issuer: line(80) = ""  # type: ignore[valid-type]


class Warned(Said):
    kind: WarningKind
    cause: line(300, 1)  # type: ignore[valid-type]


class Project(Said):
    title: line(120, 1)  # type: ignore[valid-type]
    role: line(20) = ""  # type: ignore[valid-type]
    prize_level: AwardLevel | None = None
    fund: Fen = 0
    volume: Count | None = None
    quality: Points | None = None


class Opening(Said):
    """What a district that starts in mid-year brings along."""

    income: Fen = 0
    special_deductions: Fen = 0
    additional_deductions: Fen = 0
    tax_withheld: Fen = 0
    months_employed: Annotated[int, Field(ge=0, le=12)] = 0
    training_hours: Hundredths | None = None
    onboarding_hours: Hundredths | None = None
    shadowing_hours: Hundredths | None = None
    service_months: Annotated[int, Field(ge=0, le=720)] | None = None
    ladder_grade: Annotated[int, Field(ge=1, le=40)] | None = None
    additional_monthly: Fen = 0


def _known(name: str) -> str:
    if name not in FIGURES:
        raise ValueError(f"没有这个项目，可用的有：{'、'.join(FIGURES)}")
    return name


class FigureSaid(Said):
    """A figure of the whole district; `amount` in fen, people or 0/1, as the name asks."""

    name: Annotated[str, StringConstraints(max_length=40), AfterValidator(_known)]
    amount: Fen


SAID: dict[str, type[Said]] = {
    "training": Training,
    "shadowing": Shadowing,
    "exams": Exam,
    "scores": Score,
    "abilities": Abilities,
    "awards": AwardSaid,
    "warnings": Warned,
    "projects": Project,
    "openings": Opening,
    "figures": FigureSaid,
}
KindName = Literal[
    "training", "shadowing", "exams", "scores", "abilities", "awards", "warnings", "projects", "openings", "figures"
]
AnySaid = Training | Shadowing | Exam | Score | Abilities | AwardSaid | Warned | Project | Opening | FigureSaid
# These stand at the end of a month, however they are dated; figures are of the whole district.
AT_MONTH_END = frozenset({"scores", "openings", "figures"})
