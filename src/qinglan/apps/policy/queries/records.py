"""Hands a district's people and facts to the frame builder: one query a table, whatever the number of people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import models
from django.db.models import F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower, Upper

from qinglan.apps.base.models import code_range
from qinglan.apps.facts.models import (
    AbilityRating,
    Award,
    DistrictFigure,
    EvaluationScore,
    ExamRecord,
    OpeningBalance,
    ProjectRecord,
    ScoreSource,
    ShadowingRecord,
    TrainingRecord,
    WarningRecord,
)
from qinglan.apps.people.models import (
    Certificate,
    CertificateLevel,
    EducationLevel,
    Employment,
    ExitReason,
    GradeHolding,
    Person,
    Posting,
    PostKind,
    Sex,
    StatusKind,
    StatusPeriod,
    Track,
)
from qinglan.apps.policy.models import PersonResult, Run, UnitResult
from qinglan.apps.policy.queries.packs import pack_for
from qinglan.core.frame import codes
from qinglan.core.frame.records import TABLES, Records
from qinglan.core.frame.spells import without
from qinglan.core.packs.pack import Pack

SEX = {Sex.MALE: codes.Sex.MALE, Sex.FEMALE: codes.Sex.FEMALE}
EDUCATION = {
    EducationLevel.JUNIOR: None,
    EducationLevel.SENIOR: codes.Education.SECONDARY,
    EducationLevel.COLLEGE: codes.Education.COLLEGE,
    EducationLevel.BACHELOR: codes.Education.BACHELOR,
    EducationLevel.MASTER: codes.Education.MASTER,
    EducationLevel.DOCTOR: codes.Education.DOCTOR,
}
CERTIFICATE = {
    CertificateLevel.JUNIOR: codes.Certificate.ASSISTANT,
    CertificateLevel.MIDDLE: codes.Certificate.INTERMEDIATE,
    CertificateLevel.SENIOR: codes.Certificate.SENIOR,
}
POST = {
    PostKind.SECRETARY_DIRECTOR: codes.Post.SECRETARY_DIRECTOR,
    PostKind.SECRETARY: codes.Post.SECRETARY,
    PostKind.DIRECTOR: codes.Post.DIRECTOR,
    PostKind.DEPUTY_SECRETARY: codes.Post.DEPUTY_SECRETARY,
    PostKind.DEPUTY_DIRECTOR: codes.Post.DEPUTY_DIRECTOR,
    PostKind.COMMITTEE: codes.Post.COMMITTEE_MEMBER,
    PostKind.WORKER: codes.Post.WORKER,
    PostKind.GRID: codes.Post.GRID_WORKER,
    PostKind.STUDIO: codes.Post.STUDIO_WORKER,
}
EXIT = {
    ExitReason.VOLUNTARY: codes.ExitReason.VOLUNTARY,
    ExitReason.DISMISSED: codes.ExitReason.DISMISSED,
    ExitReason.RETIRED: codes.ExitReason.RETIRED,
    ExitReason.UPWARD: codes.ExitReason.PROMOTED_OUT,
    ExitReason.DIED: codes.ExitReason.DECEASED,
    ExitReason.EXPIRED: codes.ExitReason.OTHER,
    ExitReason.TRANSFERRED: codes.ExitReason.OTHER,
}
TRACK = {Track.MANAGEMENT: codes.Track.MANAGEMENT, Track.PROFESSIONAL: codes.Track.PROFESSIONAL}


def coded(field: str, mapping: Mapping[Any, int | None]) -> models.Case:
    """The frame's number for a word of ours; a word without one is not recorded."""
    return models.Case(
        *(
            models.When(**{field: word}, then=Value(int(number)))
            for word, number in mapping.items()
            if number is not None
        ),
        default=None,
        output_field=IntegerField(null=True),
    )


def records_for(
    district: str,
    year: int,
    hours_per_day: int,
    as_known: datetime | None = None,
    *,
    person: int | None = None,
    wanted: Collection[str] = tuple(TABLES),
    published: bool = False,
) -> Records:
    """Everything the year's frame of a district is built from, as known at a moment (None = now).
    `person`: of her alone; `wanted`: only these tables, the others stay empty; `published`: of earlier years only what was published.

    `hours_per_day`: 学时 of a day of training in hundredths, as the pack has it.
    People belong for the days on which their main post stood in the district's code range; time in a post of another district
    is that district's. Merged duplicates count with the record kept.
    """
    spans = {"since": Lower("span"), "until": Upper("span")}
    here = Person.objects.living_records().filter(postings__in=Posting.objects.within(district)).values("pk")
    if person is not None:
        here = here.filter(pk=person)
    of_person = {"person_id__in": here}
    # Facts stay under the record they were written for; those of a merged duplicate are hers whose record was kept.
    said = Q(person_id__in=here) | Q(person__merged_into_id__in=here)
    kept = Coalesce("person__merged_into_id", "person_id")
    runs = _published_runs(district) if published else _latest_runs(district)
    tables: dict[str, QuerySet] = {
        "people": Person.objects.filter(pk__in=here).values_list(
            "pk", coded("sex", SEX), "birth", coded("education", EDUCATION),
            models.Case(models.When(degree="", then=False), default=True, output_field=models.BooleanField()), "sw_major", "willing",
        ),
        "employments": Employment.objects.filter(**of_person).values_list(
            "person_id", *spans.values(), "recognised_months", "probation_until", coded("exit_reason", EXIT)
        ),
        "postings": Posting.objects.within(district).filter(**of_person, main=True).values_list(
            "person_id", "org_code", coded("kind", POST), "elected", coded("track", TRACK), *spans.values()
        ),
        "protections": StatusPeriod.objects.filter(
            **of_person, kind__in=(StatusKind.MATERNITY, StatusKind.SICK)
        ).values_list(
            "person_id", "kind", *spans.values()
        ),
        "certificates": Certificate.objects.filter(**of_person).values_list(
            "person_id", coded("level", CERTIFICATE), "issued", "registered_until"
        ),
        "grades": GradeHolding.objects.filter(**of_person).values_list("person_id", "grade", *spans.values()),
        "training": TrainingRecord.objects.current(as_known).filter(said).values_list(
            kept, "kind", "valid_on", Coalesce("hours", (F("days") * hours_per_day + 50) / 100)
        ),
        "shadowing": ShadowingRecord.objects.current(as_known).filter(said).values_list(
            kept, "valid_on", "hours"
        ),
        "exams": ExamRecord.objects.current(as_known).filter(said).values_list(
            kept, coded("level", codes.Certificate.by_label()), "subject", "valid_on", "score"
        ),
        "scores": EvaluationScore.objects.current(as_known).within(district)
        # Failed months count over twelve months, so those of the year before are needed too (assess.xh_monthly).
        .filter(Q(valid_on__year=year) | Q(valid_on__year=year - 1, source=ScoreSource.MONTHLY)).values_list(
            kept, "org_code", "source", "valid_on", "score", "ballots", "favourable"
        ),
        "abilities": AbilityRating.objects.current(as_known).filter(said).values_list(
            kept, "valid_on", *(Func(F("ratings"), template=f"(%(expressions)s)[{n}]", output_field=IntegerField())
                                       for n in range(1, 7))
        ),
        "awards": Award.objects.current(as_known).filter(said).values_list(kept, "level", "valid_on"),
        "warnings": WarningRecord.objects.current(as_known).filter(said).values_list(
            kept, "kind", "valid_on"
        ),
        "projects": ProjectRecord.objects.current(as_known).filter(said).values_list(
            kept, "prize_level", "fund", "volume", "quality", "valid_on"
        ),
        "opening": OpeningBalance.objects.current(as_known).filter(said).values_list(
            kept, "valid_on", *(name for name in TABLES["opening"] if name not in ("person", "day"))
        ),
        "history": PersonResult.objects.filter(
            said, run__in=runs, run__year__lt=year
        ).values_list(kept, "run__year", "grade", "star"),
        "unit_history": UnitResult.objects.filter(run__in=runs, run__year__lt=year).values_list(
            "org_code", "run__year", "colour"
        ),
    }  # fmt: skip
    read = {
        # Read whole: a cursor would be planned for its first rows, many times slower (2.6 s instead of 0.2 for the hours of a district).
        name: pl.DataFrame(list(rows.order_by("pk")), schema=TABLES[name], orient="row")
        for name, rows in tables.items()
        if name in wanted
    }
    away = Posting.objects.exclude(code_range(district)).filter(**of_person, main=True)
    spans_away = list(away.order_by("pk").values_list("person_id", *spans.values()))
    read["employments"] = without(read["employments"], spans_away, int(codes.ExitReason.OTHER))
    return Records(read)


def _published_runs(district: str) -> QuerySet:
    return Run.objects.filter(org_code=district, state=Run.State.PUBLISHED).values("pk")


def _latest_runs(district: str) -> QuerySet:
    """The run that stands for each year of the district: the published one, else the newest."""
    published = models.Case(models.When(state=Run.State.PUBLISHED, then=0), default=1)
    newest = Run.objects.filter(org_code=OuterRef("org_code"), year=OuterRef("year")).order_by(
        published, "-created_at", "-pk"
    )
    return Run.objects.filter(org_code=district, pk=Subquery(newest.values("pk")[:1])).values("pk")


def year_inputs(district: str, year: int) -> tuple[Records, dict[str, int], Pack]:
    """What a year is computed from as of now: records, the district's figures, and the pack in force at its end."""
    pack = pack_for(district, date(year, 12, 31))
    hours_per_day = pack.on(date(year, 12, 31))["train.annual_days.hours_per_day"]
    return records_for(district, year, hours_per_day), figures_for(district, year), pack


def figures_for(district: str, year: int) -> dict[str, int]:
    """Columns of the district-year frame: what its own earlier years came to, and what the district says."""
    known: dict[str, int] = {}
    earlier = Run.objects.filter(pk__in=_latest_runs(district), year__in=(year - 1, year - 3))
    for before, frame in earlier.values_list("year", "district_frame"):
        suffix = "last" if before == year - 1 else "base"
        known |= {f"{name}_{suffix}": frame[name] for name in ("pay_bill", "pay_heads") if name in frame}
    rows = DistrictFigure.objects.current().filter(org_code=district, person=None, valid_on__year=year)
    return known | dict(rows.order_by("valid_on", "pk").values_list("name", "amount"))
