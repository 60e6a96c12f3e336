"""The tree as of a day, headcounts, and the way from old codes to new ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, Count, F, Max, Q, QuerySet, When
from django.db.models.functions import Left

from qinglan.apps.base.models import code_range

from ..models import ChangeKind, Organisation, OrganisationChange, OrganisationMapping, Posting, parent_of
from ..models.organisations import BODY_LETTERS

_CHILD_LENGTH = {0: 2, 2: 4, 4: 6, 6: 9, 9: 12, 12: 15, 15: 15}


@dataclass(frozen=True)
class Branch:
    """One organisation of a tree page with the people whose main post is in its subtree on the day."""

    organisation: Organisation
    headcount: int


def headcounts(parent: str, on: date) -> dict[str, int]:
    """Child code -> people with a main post in its subtree on `on`. One query, whatever the number of children."""
    if not parent.isdigit():
        return {}
    letters = "".join(BODY_LETTERS.values())
    child = Case(
        When(org_code__regex=rf"^.{{{len(parent)}}}[{letters}]", then=Left("org_code", len(parent) + 4)),
        default=Left("org_code", _CHILD_LENGTH[len(parent)]),
    )
    rows = (
        Posting.objects.within(parent)
        .main()
        .on(on)
        .filter(person__merged_into__isnull=True)
        .annotate(child=child)
        .order_by()
        .values("child")
        .annotate(people=Count("person"))
    )
    return {row["child"]: row["people"] for row in rows}


def branches(parent: str, on: date) -> list[Branch]:
    """The children of `parent` as of `on` with headcounts. Two queries."""
    counts = headcounts(parent, on)
    children = Organisation.objects.as_of(on).children_of(parent).order_by("code")
    return [Branch(organisation, counts.get(organisation.code, 0)) for organisation in children]


def headcount(code: str, on: date) -> int:
    """People with a main post in the subtree of `code` on `on`."""
    return Posting.objects.within(code).main().on(on).filter(person__merged_into__isnull=True).count()


def codes_above(code: str) -> list[str]:
    """The codes on the way down to `code`, itself last."""
    way = [code]
    while parent := parent_of(way[0]):
        way.insert(0, parent)
    return way


def path(code: str, on: date) -> list[Organisation]:
    """The organisations on the way down to `code` as of `on`: the breadcrumb. One query."""
    return list(Organisation.objects.as_of(on).filter(code__in=codes_above(code)).order_by("code"))


def names(codes: Iterable[str], on: date) -> dict[str, str]:
    """Code -> name as of `on`, for lists that show many organisations. One query."""
    return dict(Organisation.objects.as_of(on).filter(code__in=set(codes)).values_list("code", "name"))


def names_in_year(scope: str, year: int) -> dict[str, str]:
    """Code -> name of what stood in the subtree on any day of the year, by its last name in it. One query."""
    start, after = date(year, 1, 1), date(year + 1, 1, 1)
    stood = Organisation.objects.within(scope).filter(valid__overlap=DateRange(start, after)).order_by("valid")
    return dict(stood.values_list("code", "name"))


def choices(scope: str, on: date) -> QuerySet[Organisation]:
    """What a file of this scope may name: code, parent, name, short name and aliases of its whole subtree."""
    return (
        Organisation.objects.as_of(on)
        .within(scope)
        .only("code", "parent_code", "level", "name", "short_name", "aliases")
    )


def history(code: str) -> QuerySet[Organisation]:
    """All rows of one code, oldest first: its names over time."""
    return Organisation.objects.filter(code=code).order_by("valid")


@dataclass(frozen=True)
class _Change:
    """What one change did: its day, and each code with where it went."""

    on: date
    pairs: list[tuple[str, str]]


def _changes(cities: set[str], after: date, until: date) -> list[_Change]:
    """The changes in (after, until] within these cities, in order of time. One query a city."""
    found: dict[tuple[date, int], list[tuple[str, str]]] = defaultdict(list)
    for city in cities:
        rows = OrganisationMapping.objects.filter(
            change__on__gt=after, change__on__lte=until, from_code__startswith=city
        ).values_list("change__on", "change_id", "from_code", "to_code")
        for on, change, from_code, to_code in rows:
            found[on, change].append((from_code, to_code))
    return [_Change(on, found[on, change]) for on, change in sorted(found)]


def _follow(code: str, changes: list[_Change], from_day: date, to_day: date) -> list[str]:
    """The codes at `to_day` of what was `code` at `from_day`, in either direction of time."""
    back = to_day < from_day
    first, last = sorted((from_day, to_day))
    codes = {code}
    for change in reversed(changes) if back else changes:
        if first < change.on <= last:
            goals: dict[str, set[str]] = defaultdict(set)
            for from_code, to_code in change.pairs:
                goals[to_code if back else from_code].add(from_code if back else to_code)
            codes = {goal for one in codes for goal in goals.get(one, {one})}
    return sorted(codes)


def map_code(code: str, from_day: date, to_day: date) -> list[str]:
    """The codes at `to_day` of what was `code` at `from_day`: one as a rule, several after a split.

    Looking back (`to_day` earlier) gives what it came from: several before a merge. One query.
    """
    first, last = sorted((from_day, to_day))
    return _follow(code, _changes({code[:4]}, first, last), from_day, to_day)


def totals(values: Mapping[tuple[str, date], int], to_day: date) -> dict[str, int]:
    """Sums of recorded values by the tree of `to_day`; the sum over all codes never changes.

    `values`: (code, day) -> amount as recorded. What was recorded at a code that was split since cannot be divided
    fairly: it counts at the nearest organisation above the parts. One query a city, whatever the number of values.
    """
    days = [to_day, *(day for _, day in values)]
    changes = _changes({code[:4] for code, _ in values}, min(days), max(days))
    result: dict[str, int] = defaultdict(int)
    for (code, day), amount in values.items():
        goals = _follow(code, changes, day, to_day)
        result[goals[0] if len(goals) == 1 else common_parent(goals)] += amount
    return dict(result)


def common_parent(codes: Iterable[str]) -> str:
    """The nearest organisation above all of `codes` (or the one code itself)."""
    shared = [steps[0] for steps in zip(*map(codes_above, codes), strict=False) if len(set(steps)) == 1]
    if not shared:
        raise ValueError("这些机构不在同一个省级行政区内。")
    return shared[-1]


def subtree_count(code: str, on: date) -> int:
    """How many organisations stand in the subtree of `code` on `on`, itself included."""
    return Organisation.objects.within(code).as_of(on).count()


def find(scope: str, text: str, on: date) -> QuerySet[Organisation]:
    """Organisations of the scope by name or by the beginning of the code."""
    found = Organisation.objects.within(scope).as_of(on)
    text = text.strip()
    if text.isascii() and text[:1].isdigit():
        return found.filter(code__startswith=text).order_by("code")
    return found.filter(name__contains=text).order_by(F("code"))


def free_codes(parent: str, like: str = "", n: int = 1) -> list[str]:
    """The next `n` codes never used one level below `parent`, of the shape of the code `like` (a body's letter kept); fewer
    when the numbers run out."""
    letter = "" if not like or like.isdigit() else like[-4]
    digits = 3 if letter or len(parent) >= 6 else 2
    used = Organisation.objects.within(f"{parent}{letter}").filter(code__regex=rf"^{parent}{letter}[0-9]{{{digits}}}$")
    last = used.aggregate(last=Max("code"))["last"]
    first = int(last[-digits:]) + 1 if last else 1
    return [f"{parent}{letter}{serial:0{digits}d}" for serial in range(first, min(first + n, 10**digits))]


def changes(code: str) -> QuerySet[OrganisationChange]:
    """The changes of an organisation and of all below it, the newest first, with their mappings."""
    own = Q(org_code=code, kind__in=[ChangeKind.RENAME, ChangeKind.CLOSE])
    concerned = own | Q(mappings__from_code=code) | Q(mappings__to_code=code) | code_range(code)
    return OrganisationChange.objects.filter(concerned).distinct().prefetch_related("mappings").order_by("-on", "-pk")
