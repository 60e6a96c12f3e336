"""Find people: by name, pinyin, initials, code, ID number; filter them; find records that may be one person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Prefetch, Q, QuerySet

from qinglan.apps.base.models import blind_index, code_range

from ..models import Certificate, Employment, Person, Posting, StatusPeriod


def search(people: QuerySet[Person], text: str) -> QuerySet[Person]:
    """Those of `people` whom `text` means: part of a name, the beginning of its pinyin or initials, the beginning of an
    organisation's code, or a whole ID number or phone (compared by blind index, nothing is decrypted)."""
    text = "".join(text.split())
    if not text:
        return people
    if text.isascii() and text[:-1].isdigit():
        if len(text) == 18:
            return people.filter(id_number_index=blind_index(text, "person.id_number"))
        if len(text) == 11:
            return people.filter(phone_index=blind_index(text, "person.phone"))
        return people.filter(code_range(text)) if text.isdigit() else people.none()
    if text.isascii():
        letters = text.replace("'", "").lower()
        return people.filter(Q(pinyin__startswith=letters) | Q(initials__startswith=letters))
    return people.filter(name__contains=text)


def filtered(
    people: QuerySet[Person],
    *,
    on: date,
    text: str = "",
    org_code: str = "",
    post: str = "",
    certificate: str = "",
    education: str = "",
    party: str = "",
    status: str = "",
) -> QuerySet[Person]:
    """`people` narrowed by what a list page offers; post and status as of `on`. Empty = not asked."""
    people = search(people, text)
    if org_code:
        people = people.filter(code_range(org_code))
    if post:
        people = people.filter(pk__in=Posting.objects.main().on(on).filter(kind=post).values("person"))
    if certificate:
        people = people.filter(pk__in=Certificate.objects.filter(level=certificate).values("person"))
    if education:
        people = people.filter(education=education)
    if party:
        people = people.filter(party=party)
    if status:
        people = people.filter(pk__in=StatusPeriod.objects.filter(kind=status, span__contains=on).values("person"))
    return people


def for_list(people: QuerySet[Person], on: date) -> QuerySet[Person]:
    """With what a list row shows: `.main_posts` (of `on`) and `.certificates`. Three queries for any number of rows."""
    return people.prefetch_related(
        Prefetch("postings", Posting.objects.main().on(on), to_attr="main_posts"), "certificates"
    )


def identity_ids(person: Person) -> list[int]:
    """The ids of all records that are this person: her own and those merged into it. For facts that keep old ids."""
    return [person.pk, *Person.objects.filter(merged_into=person).values_list("pk", flat=True)]


@dataclass(frozen=True)
class Profile:
    """A person's dated histories, newest first; records left on a merged duplicate included."""

    person: Person
    postings: list[Posting]
    employments: list[Employment]
    statuses: list[StatusPeriod]
    certificates: list[Certificate]


def profile(person: Person) -> Profile:
    """Everything a person's page shows of `people`. Five queries."""
    ids = identity_ids(person)
    return Profile(
        person=person,
        postings=list(Posting.objects.filter(person__in=ids).order_by("-span")),
        employments=list(Employment.objects.filter(person__in=ids).order_by("-span")),
        statuses=list(StatusPeriod.objects.filter(person__in=ids).order_by("-span")),
        certificates=list(Certificate.objects.filter(person__in=ids).order_by("-issued")),
    )


def duplicates(people: QuerySet[Person]) -> list[list[Person]]:
    """Groups of records that may be one person: same ID number (possible across districts), or same name and birth
    date. Each group at least two, the oldest record first."""
    people = people.order_by()
    by_id = people.exclude(id_number_index=None).values("id_number_index").annotate(n=Count("id"), first=Min("id"))
    same_id = [row["id_number_index"] for row in by_id.filter(n__gt=1)]
    by_name = people.values("name", "birth").annotate(n=Count("id"))
    same_name = {(row["name"], row["birth"]) for row in by_name.filter(n__gt=1)}
    candidates = people.filter(
        Q(id_number_index__in=same_id) | Q(name__in=[n for n, _ in same_name], birth__in=[b for _, b in same_name])
    ).order_by("id")
    groups: dict[object, list[Person]] = defaultdict(list)
    for person in candidates:
        if person.id_number_index in same_id:
            groups[person.id_number_index].append(person)
        elif (person.name, person.birth) in same_name:
            groups[(person.name, person.birth)].append(person)
    return [group for group in groups.values() if len(group) > 1]
