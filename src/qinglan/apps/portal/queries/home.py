"""The figures of the home page: people by place, post and certificate, all within what the user may see."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from qinglan.apps.people.models import CertificateLevel, Person, Posting, PostKind
from qinglan.apps.people.permissions import VIEW_PEOPLE, codes_for, organisations_for
from qinglan.apps.people.queries import organisations


@dataclass(frozen=True)
class Tally:
    """A figure of the home page: its name, how many people, and the value that the list of people filters by."""

    label: str
    people: int
    value: str


def _in_post(user: Any, on: date) -> QuerySet[Posting]:
    return (
        Posting.objects.main()
        .on(on)
        .within_any(codes_for(user, VIEW_PEOPLE))
        .filter(person__merged_into__isnull=True)
        .order_by()
    )


def headcount(user: Any, on: date) -> int:
    """People in a main post within the user's scope on the day."""
    return _in_post(user, on).count()


def by_place(user: Any, on: date) -> list[Tally]:
    """Sub-districts of a district, communities of a sub-district: one level below each root of the user."""
    tallies = []
    for root in codes_for(user, VIEW_PEOPLE):
        for branch in organisations.branches(root, on):
            tallies.append(Tally(branch.organisation.name, branch.headcount, branch.organisation.code))
    return tallies


def by_post(user: Any, on: date) -> list[Tally]:
    """People by post, in the order of the closed list; posts that nobody holds are left out."""
    counts = dict(_in_post(user, on).values_list("kind").annotate(people=Count("person")))
    return [Tally(kind.label, counts[kind.value], kind.value) for kind in PostKind if kind.value in counts]


def by_certificate(user: Any, on: date) -> list[Tally]:
    """People in post by each level of certificate that they hold (one who holds two levels counts at both)."""
    people = Person.objects.filter(pk__in=_in_post(user, on).values("person"))
    counts = dict(
        people.order_by().filter(certificates__isnull=False).values_list("certificates__level").annotate(n=Count("id"))
    )
    return [Tally(level.label, counts.get(level.value, 0), level.value) for level in CertificateLevel]


def roots(user: Any, on: date) -> list[tuple[str, str]]:
    """(code, name) of the organisations that the user answers for."""
    codes = codes_for(user, VIEW_PEOPLE)
    return list(organisations_for(user, on).filter(code__in=codes).order_by("code").values_list("code", "name"))
