"""What the database itself refuses: overlaps, bad codes, a second record of one ID number, changed history."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.factories import organisation, person, posted

from qinglan.apps.base.models import span
from qinglan.apps.people.models import (
    Certificate,
    CertificateLevel,
    Employment,
    GradeHolding,
    Organisation,
    Person,
    Posting,
    PostKind,
    Role,
    RoleGrant,
    StatusKind,
    StatusPeriod,
    User,
)

pytestmark = pytest.mark.django_db
CODE = "990101001001"


def refused(*names: str) -> object:
    """The database refuses by a constraint of one of these names."""
    return pytest.raises(IntegrityError, match="|".join(names))


def test_one_code_cannot_stand_twice_on_a_day() -> None:
    organisation(CODE, valid=span(None, date(2026, 7, 1)))
    organisation(CODE, valid=span(date(2026, 7, 1)))  # touching is not overlapping
    with refused("people_org_no_overlap"), transaction.atomic():
        organisation(CODE, valid=span(date(2027, 1, 1)))


@pytest.mark.parametrize(
    "code", ["9", "99010", "9901010010", "990101X001", "990101B1", "990101b001", "", "99010100100１"]
)
def test_codes_of_no_level_are_refused_by_database_too(code: str) -> None:
    with refused("people_org_code_form"), transaction.atomic():
        Organisation.objects.bulk_create([Organisation(code=code, name="某", level="body", valid=span(None))])


def test_main_posts_of_one_person_do_not_overlap_but_others_may() -> None:
    someone = posted(CODE, since=date(2020, 1, 1))
    with refused("people_posting_no_overlap"), transaction.atomic():
        Posting.objects.create(person=someone, org_code=CODE, kind=PostKind.GRID, span=span(date(2026, 1, 1)))
    Posting.objects.create(person=someone, org_code=CODE, kind=PostKind.GRID, span=span(date(2026, 1, 1)), main=False)


def test_dated_histories_refuse_overlaps() -> None:
    someone = posted(CODE, since=date(2020, 1, 1))
    StatusPeriod.objects.create(person=someone, kind=StatusKind.SICK, span=span(date(2025, 1, 1), date(2025, 2, 1)))
    GradeHolding.objects.create(person=someone, ladder="five_nine", grade=3, span=span(date(2025, 1, 1)))
    GradeHolding.objects.create(person=someone, ladder="eighteen", grade=3, span=span(date(2025, 1, 1)))
    Certificate.objects.create(person=someone, level=CertificateLevel.JUNIOR)
    later = span(date(2025, 1, 31))
    for name, make in {
        "people_employment_no_overlap": lambda: Employment.objects.create(
            person=someone, org_code="990101", span=later
        ),
        "people_status_no_overlap": lambda: StatusPeriod.objects.create(
            person=someone, kind=StatusKind.NORMAL, span=later
        ),
        "people_grade_no_overlap": lambda: GradeHolding.objects.create(
            person=someone, ladder="five_nine", grade=4, span=later
        ),
        "people_certificate_once": lambda: Certificate.objects.create(person=someone, level=CertificateLevel.JUNIOR),
    }.items():
        with refused(name), transaction.atomic():
            make()


def test_leaving_needs_a_reason_and_a_reason_needs_leaving() -> None:
    someone = person(CODE)
    for fields in (
        {"span": span(date(2020, 1, 1), date(2021, 1, 1))},
        {"span": span(date(2020, 1, 1)), "exit_reason": "retired"},
    ):
        with refused("people_employment_exit_reason"), transaction.atomic():
            Employment.objects.create(person=someone, org_code="990101", **fields)


def test_one_id_number_once_a_district_and_unseen_by_the_next() -> None:
    first = person(CODE)
    number = first.id_number.open()
    with refused("people_person_id_once"), transaction.atomic():
        person("990101002001", id_number=number)
    person("990102001001", id_number=number)  # the other district neither knows nor is told


def test_sealed_value_cannot_lose_its_index() -> None:
    someone = person(CODE)
    with refused("people_person_id_indexed"), transaction.atomic():
        Person.objects.filter(pk=someone.pk).update(id_number_index=None)


def test_role_never_reaches_beyond_a_district() -> None:
    user = User.objects.create(username="u")
    with refused("people_grant_in_district"), transaction.atomic():
        RoleGrant.objects.create(user=user, role=Role.DISTRICT_OFFICER, org_code="9901", span=span(None))


def test_history_sees_bulk_and_raw_writes() -> None:
    someone = posted(CODE)
    Person.objects.filter(pk=someone.pk).update(nation="回族")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET degree = '学士' WHERE id = %s", [someone.pk])
    events = Person.pgh_event_model.objects.filter(pgh_obj_id=someone.pk).order_by("pgh_id")
    assert [(e.pgh_label, e.nation, e.degree) for e in events] == [
        ("insert", "", ""),
        ("update", "回族", ""),
        ("update", "回族", "学士"),
    ]
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        events.update(nation="汉族")
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        events.all().delete()
