"""Who moved to another district: what was recorded there stays with its officers; exams go with her; she reads all of it."""

from datetime import date
from typing import Any

import pytest

from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.models import ExamRecord, TrainingRecord, WarningRecord
from qinglan.apps.people.models import Person, Posting, RoleGrant
from tests import cast as casting

pytestmark = pytest.mark.django_db
BEFORE, AFTER = "990101001001", "990102001001"
KINDS = {"training": TrainingRecord, "warnings": WarningRecord, "exams": ExamRecord}


def put(person: Person, facts: str, where: str, day: date, **values: Any) -> None:
    row = {"person_id": person.pk, "org_code": where, "valid_on": day, "recorder": "李四", "evidence": "材料", **values}
    recording.record_many(kind=facts, rows=[row], by=None, org_code=where[:6])


@pytest.fixture
def moved(cast: casting.Cast) -> casting.Cast:
    """仇芳 served in 甲区 until the end of 2025 and in 乙区 since; in each she has a training, a warning and an exam."""
    person = cast.people["worker_a"]
    for where, day, told in ((BEFORE, date(2025, 5, 6), "甲"), (AFTER, date(2026, 5, 6), "乙")):
        put(person, "training", where, day, kind="annual", course=f"{told}区课程", hours=800, days=None)
        put(person, "warnings", where, day, kind="warning", cause=f"{told}区事由")
        put(person, "exams", where, day, level="初级", subject="实务", score=None, passed=True, certificate_number="")
    post = Posting.objects.get(person=person)
    Posting.objects.filter(pk=post.pk).update(span=(post.span.lower, date(2026, 1, 1)))
    Posting.objects.create(person=person, org_code=AFTER, kind="worker", span=(date(2026, 1, 1), None))
    Person.objects.filter(pk=person.pk).update(org_code=AFTER)
    RoleGrant.objects.filter(user=cast.users["worker_a"]).update(org_code=AFTER)
    return cast


def statuses(client: Any, cast: casting.Cast) -> dict[tuple[str, str], int]:
    """What each fact's own page answers, by kind and district."""
    person = cast.people["worker_a"]
    return {
        (kind, fact.org_code[:6]): client.get(f"/facts/{kind}/{fact.pk}/").status_code
        for kind, model in KINDS.items()
        for fact in model._default_manager.filter(person=person)
    }


@pytest.mark.parametrize("name", ["district_b", "subdistrict_b", "secretary_b"])
def test_new_district_reads_its_own_and_the_exams(name: str, moved: casting.Cast, client: Any) -> None:
    client.force_login(moved.users[name])
    page = client.get(f"/facts/people/{moved.people['worker_a'].pk}/").content.decode()
    assert "乙区课程" in page
    assert "乙区事由" in page
    assert "甲区课程" not in page
    assert "甲区事由" not in page
    assert "考试与证书（2）" in page
    assert {key for key, status in statuses(client, moved).items() if status == 200} == {
        ("training", "990102"), ("warnings", "990102"), ("exams", "990101"), ("exams", "990102"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["district_a", "subdistrict_a", "secretary_a"])
def test_old_district_keeps_what_it_recorded_and_sees_no_more(name: str, moved: casting.Cast, client: Any) -> None:
    client.force_login(moved.users[name])
    assert client.get(f"/facts/people/{moved.people['worker_a'].pk}/").status_code == 404
    assert {key for key, status in statuses(client, moved).items() if status == 200} == {
        ("training", "990101"), ("warnings", "990101"), ("exams", "990101"),
    }  # fmt: skip
    listed = client.get("/facts/?kind=warnings").content.decode()
    assert "甲区事由" in listed
    assert "乙区事由" not in listed


def test_exam_of_the_other_district_is_read_and_not_changed(moved: casting.Cast, client: Any) -> None:
    client.force_login(moved.users["district_b"])
    fact = ExamRecord.objects.get(org_code=BEFORE)
    assert client.get(f"/facts/exams/{fact.pk}/correct/").status_code == 403
    assert client.post(f"/facts/exams/{fact.pk}/withdraw/", {"reason": "试试"}).status_code == 403
    assert ExamRecord.objects.current().count() == 2


def test_she_herself_reads_all_of_it(moved: casting.Cast, client: Any) -> None:
    client.force_login(moved.users["worker_a"])
    page = client.get(f"/facts/people/{moved.people['worker_a'].pk}/").content.decode()
    for words in ("甲区课程", "乙区课程", "甲区事由", "乙区事由", "考试与证书（2）"):
        assert words in page
    assert set(statuses(client, moved).values()) == {200}


def test_within_a_district_facts_go_along(cast: casting.Cast, client: Any) -> None:
    person = cast.people["worker_a"]
    put(person, "training", BEFORE, date(2025, 5, 6), kind="annual", course="甲区课程", hours=800, days=None)
    Person.objects.filter(pk=person.pk).update(org_code="990101002001")
    client.force_login(cast.users["subdistrict_a2"])
    assert "甲区课程" in client.get(f"/facts/people/{person.pk}/").content.decode()
    assert client.get(f"/facts/training/{TrainingRecord.objects.get().pk}/").status_code == 200
