"""Reads of facts, and what an import needs to know of the district: its people, its organisations, what a row would do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from qinglan.apps.base.models import blind_index
from qinglan.apps.facts.models import KINDS, AwardLevel, ScoreSource, TrainingKind, WarningKind
from qinglan.apps.people.models import Employment, Person
from qinglan.apps.people.permissions import IMPORT_FACTS, codes_for, people_for
from qinglan.apps.people.queries import organisations as places
from qinglan.core.intake import Organisations
from qinglan.core.intake import Person as Known

ABILITIES = ("serve", "mobilise", "deliberate", "operate", "coordinate", "innovate")
DIGITS = "一二三四五六七八九"


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
    """The grade that 三级五档, 五档, 5档 or 5 mean: the number before 档. ValueError when there is none."""
    if not words:
        return None
    text = words.strip().removesuffix("档")
    last = text[-1:] if not text.isdigit() else text
    if last.isdigit():
        return int(last if not text.isdigit() else text)
    if last in DIGITS and last:
        return DIGITS.index(last) + 1
    raise ValueError(f"看不懂职级「{words}」，请写成 5 或 三级五档")


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
        "favourable": None,
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
        "training_hours": v["hours"] or 0,
        "onboarding_hours": 0,
        "shadowing_hours": 0,
        "service_months": v["service"],
        "ladder_grade": ladder_grade(v["grade"]),
        "additional_monthly": v["special_additional"] or 0,
    },
}


def months_employed(person_ids: Iterable[int], until: Mapping[int, date]) -> dict[int, int]:
    """Months of the year up to the given day in which each person was employed, by her last entry."""
    entries = dict(
        Employment.objects.filter(person__in=list(person_ids)).order_by("span").values_list("person", "span")
    )
    found = {}
    for person, day in until.items():
        span = entries.get(person)
        first = span.lower.month if span is not None and span.lower.year == day.year else 1
        found[person] = day.month - first + 1
    return found


def facts_of_person(person: Person) -> list[tuple[str, list[Any]]]:
    """(kind's name, current facts newest first) of a person, for her page; one query a kind."""
    found = []
    for model in KINDS.values():
        rows = list(model._default_manager.current().filter(person=person).order_by("-valid_on", "-pk")[:50])
        if rows:
            found.append((str(model._meta.verbose_name), rows))
    return found
