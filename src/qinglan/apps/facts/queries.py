"""Reads of facts, and what an import needs to know of the district: its people, its organisations, what a row would do."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from qinglan.apps.base.models import blind_index
from qinglan.apps.facts.models import (
    KINDS,
    NAMES,
    AwardLevel,
    Fact,
    FactQuerySet,
    HeaderWord,
    ScoreSource,
    TrainingKind,
    WarningKind,
)
from qinglan.apps.people.models import Employment, Person
from qinglan.apps.people.permissions import IMPORT_FACTS, codes_for, people_for
from qinglan.apps.people.queries import organisations as places
from qinglan.core.intake import Organisations
from qinglan.core.intake import Person as Known
from qinglan.core.intake.text import chinese_number, compact

ABILITIES = ("serve", "mobilise", "deliberate", "operate", "coordinate", "innovate")
GRADE = re.compile(
    r"(?:[^0-9一二三四五六七八九十]*(?:\d+|[一二三四五六七八九十]+)级)?(?P<grade>\d+|[一二三四五六七八九十]+)(?P<unit>档|级)?"
)
RANKS, MOST_GRADES = 5, 40  # ranks of 五级九档; the longest ladder known has forty steps (五岗20级40档)


def organisations_of(district: str, day: date) -> Organisations:
    """The district's tree on a day, as the intake looks names up: aliases count as names."""
    rows = places.choices(district, day)
    found = []
    for one in rows:
        names = [name for name in (one.short_name, *one.aliases) if name and name != one.name]
        found += [(one.code, name, one.level, one.parent_code) for name in names]
        found.append((one.code, one.name, one.level, one.parent_code))  # last: it is the name that results carry
    return Organisations(found)


class Register:
    """The people whom `user` may import facts of in a district, found by ID number (blind index) or by name."""

    def __init__(self, user: Any, district: str) -> None:
        people: Any = Person.objects.living_records() if user is None else people_for(user, IMPORT_FACTS)
        self._by_mark: dict[str, Known] = {}
        self._by_name: defaultdict[str, list[Known]] = defaultdict(list)
        rows = people.within(district).values_list("pk", "name", "org_code", "id_number_index")
        for pk, name, org_code, mark in rows.order_by("pk"):
            known = Known(pk, name, org_code)
            if mark:
                self._by_mark[mark] = known
            self._by_name[name].append(known)

    def by_id(self, number: str) -> Known | None:
        return self._by_mark.get(blind_index(number, "person.id_number"))

    def by_name(self, name: str) -> Iterable[Known]:
        return self._by_name.get(name, ())

    @property
    def orgs(self) -> dict[int, str]:
        return {known.key: known.org for same in self._by_name.values() for known in same}


def scopes(user: Any, capability: str) -> list[str]:
    """The codes in which a user has a capability; none for the system itself, which needs none."""
    return codes_for(user, capability) if user is not None else []


def ladder_grade(words: str | None) -> int | None:
    """The grade that 三级五档, 五档, 5档, 十二级 or 5 mean: the number before 档, else the only number. ValueError when unclear.

    A 级 alone up to five is refused: in 五级九档 it is a rank of several grades, in 三岗十八级 it is the grade itself.
    """
    text = compact(words)
    if not text:
        return None
    match = GRADE.fullmatch(text)
    number = _number(match["grade"]) if match else None
    if number is None or not 1 <= number <= MOST_GRADES or (match and match["unit"] == "级" and number <= RANKS):
        raise ValueError(f"看不懂职级「{words}」，请写成 5 或 三级五档")
    return number


def _number(digits: str) -> int | None:
    return int(digits) if digits.isdecimal() else chinese_number(digits)


def _whole(hundredths: int | None) -> int | None:
    return None if hundredths is None else (2 * hundredths + 100) // 200


def _label(choices: Any, words: str | None) -> Any:
    return next((one.value for one in choices if one.label == words), None)


TRAINING = {"年度": TrainingKind.ANNUAL, "岗前": TrainingKind.ONBOARDING, "继续教育": TrainingKind.CONTINUING}

# How the canonical values of an intake row become the fields of a fact.
FIELDS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "training": lambda v: {
        "kind": TRAINING[v["kind"]],
        "course": v["course"],
        "hours": v["hours"] if v["unit"] == "学时" else None,
        "days": v["hours"] if v["unit"] == "天" else None,
    },
    "shadowing": lambda v: {"mentor": v["mentor"], "hours": v["hours"]},
    "exams": lambda v: {
        "level": v["exam"],
        "subject": v["subject"] or "",
        "score": v["score"],
        "passed": v["passed"],
        "certificate_number": v["cert_no"] or "",
    },
    "scores": lambda v: {
        "source": _label(ScoreSource, v["source"]),
        "score": v["score"],
        "ballots": v["ballots"],
        "favourable": v.get("favourable"),
    },
    "abilities": lambda v: {"ratings": [v[key] for key in ABILITIES]},
    "awards": lambda v: {"title": v["title"], "level": _label(AwardLevel, v["level"]), "issuer": v["issuer"] or ""},
    "warnings": lambda v: {"kind": _label(WarningKind, v["kind"]), "cause": v["reason"]},
    "projects": lambda v: {
        "title": v["project"],
        "role": v["role"] or "",
        "prize_level": _label(AwardLevel, v["prize"]),
        "fund": v["fund"] or 0,
        "volume": _whole(v["workload"]),
        "quality": v["quality"],
    },
    "openings": lambda v: {
        "income": v["income"],
        "special_deductions": v["deductions"],
        "additional_deductions": 0,
        "tax_withheld": v["tax"],
        "training_hours": v["hours"],  # a blank says nothing: what is on record then counts
        "onboarding_hours": v.get("onboarding"),
        "shadowing_hours": v.get("shadowing"),
        "service_months": v["service"],
        "ladder_grade": ladder_grade(v["grade"]),
        "additional_monthly": v["special_additional"] or 0,
    },
    "figures": lambda v: {"name": NAMES[v["item"]], "amount": v["amount"]},
}


def months_employed(until: Mapping[int, date]) -> dict[int, int]:
    """Person -> months of the year up to her given day in which she was employed here, by her last entry up to that day.

    A month begun counts whole (累计减除费用 counts 任职受雇月份). No employment known: the whole year so far.
    """
    entries: defaultdict[int, list[Any]] = defaultdict(list)
    for person, span in Employment.objects.filter(person__in=until).order_by("span").values_list("person", "span"):
        entries[person].append(span)
    found = {}
    for person, day in until.items():
        begun = [span for span in entries[person] if span.lower is None or span.lower <= day]
        first, last = 1, day.month
        if entries[person] and not begun:
            first = day.month + 1
        elif begun:
            if begun[-1].lower is not None and begun[-1].lower.year == day.year:
                first = begun[-1].lower.month
            left = begun[-1].upper  # the first day no longer employed
            if left is not None and left <= day:
                before = left - timedelta(days=1)
                last = before.month if before.year == day.year else 0
        found[person] = max(0, last - first + 1)
    return found


def facts_of_person(person: Person, readable: Callable[[str], FactQuerySet]) -> list[tuple[str, str, list[Any]]]:
    """(kind, its name, current facts newest first) of a person, for her page; one query a kind.

    `readable` gives the facts of a kind that whoever looks may read. What was recorded of a duplicate that was merged into her is hers too.
    """
    mine = Q(person=person) | Q(person__merged_into=person)
    found = []
    for kind, model in KINDS.items():
        rows = list(readable(kind).current().filter(mine).order_by("-valid_on", "-pk")[:50])
        if rows:
            found.append((kind, str(model._meta.verbose_name), rows))
    return found


def history_of(fact: Fact) -> list[Fact]:
    """Everything recorded of the same happening, the oldest first: what it was, each correction, a withdrawal."""
    return list(type(fact)._default_manager.filter(identity=fact.identity).order_by("pk"))


def synonyms_of(district: str, kind: str) -> dict[str, list[str]]:
    """Field key -> the header words that the district's officers added for a kind of file."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for field, word in HeaderWord.objects.filter(org_code=district, kind=kind).values_list("field", "word"):
        found[field].append(word)
    return dict(found)


def worker_seen() -> bool:
    """Whether somebody works on background jobs: its sign of life is written every ten seconds."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=timezone.now() - timedelta(seconds=30)).exists()
