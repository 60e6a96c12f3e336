"""Facts are added, corrected, withdrawn; never changed. What held on a day stays knowable."""

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from psycopg.errors import CheckViolation
from tests.cast import Cast
from tests.factories import organisation, posted

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.models import KINDS, ShadowingRecord, TrainingRecord
from qinglan.apps.people.actions import ActionError
from qinglan.apps.people.models import Person

DISTRICT, CODE = "990101", "990101001001"


def row(person: Person, **values: Any) -> dict[str, Any]:
    return {
        "person_id": person.pk, "org_code": person.org_code, "valid_on": date(2025, 6, 12), "kind": "annual",
        "course": "社区治理实务", "hours": 800, "days": None, "recorder": "李四", "evidence": "签到表2025-031", "sheet_row": "表 第 3 行",
    } | values  # fmt: skip


def record(*rows: dict[str, Any], by: Any = None) -> list[str]:
    return list(recording.record_many(kind="training", rows=rows, by=by, org_code=DISTRICT))


@pytest.mark.django_db
class TestRecording:
    @pytest.fixture(autouse=True)
    def _cast(self, cast: Cast) -> None:
        self.cast = cast
        self.worker = cast.people["worker_a"]

    def one(self) -> TrainingRecord:
        return TrainingRecord.objects.current().get(person=self.worker)

    def test_new_then_known_then_corrected(self) -> None:
        assert record(row(self.worker)) == ["added"]
        assert record(row(self.worker, sheet_row="另一张表")) == ["unchanged"]
        assert TrainingRecord.objects.count() == 1
        assert record(row(self.worker, hours=600)) == ["corrected"]
        first, second = TrainingRecord.objects.order_by("pk")
        assert (first.hours, second.hours, second.supersedes_id) == (800, 600, first.pk)
        assert self.one() == second

    def test_plan_says_what_recording_does(self) -> None:
        record(row(self.worker))
        rows = [row(self.worker), row(self.worker, hours=100), row(self.worker, course="消防安全")]
        planned = recording.plan("training", rows)
        assert planned == ["unchanged", "corrected", "added"]
        assert TrainingRecord.objects.count() == 1
        assert record(*rows) == planned

    def test_rows_of_one_call_follow_each_other(self) -> None:
        outcomes = record(*(row(self.worker, hours=hours) for hours in (800, 700, 700, 800)))
        assert outcomes == ["added", "corrected", "unchanged", "corrected"]
        chain = list(TrainingRecord.objects.order_by("pk"))
        assert [one.hours for one in chain] == [800, 700, 800]
        assert [one.supersedes_id for one in chain] == [None, chain[0].pk, chain[1].pk]
        assert self.one() == chain[2]

    def test_other_person_course_or_day_is_another_fact(self) -> None:
        record(row(self.worker))
        others = [
            row(self.cast.people["colleague_a"]),
            row(self.worker, course="消防安全"),
            row(self.worker, valid_on=date(2025, 6, 13)),
            row(self.worker, kind="onboarding"),
        ]
        assert record(*others) == ["added"] * 4

    def test_withdrawal_is_a_fact_and_counts_no_more(self) -> None:
        record(row(self.worker))
        made = recording.withdraw(fact=self.one(), by=self.cast.users["district_a"], reason=" 没有参加 ")
        assert (made.withdrawn, made.reason, made.by_id) == (True, "没有参加", self.cast.users["district_a"].pk)
        assert TrainingRecord.objects.count() == 2
        assert not TrainingRecord.objects.current().exists()
        assert AuditEvent.objects.get(action="facts.withdraw").after["reason"] == "没有参加"

    def test_withdrawn_said_again_is_restored_openly(self) -> None:
        record(row(self.worker))
        recording.withdraw(fact=self.one(), by=None, reason="没有参加")
        assert recording.plan("training", [row(self.worker)]) == ["restored"]
        assert record(row(self.worker)) == ["restored"]
        assert self.one().hours == 800
        assert TrainingRecord.objects.count() == 3

    def test_correction_keeps_the_identity(self) -> None:
        record(row(self.worker))
        made = recording.correct(fact=self.one(), by=None, reason="漏记", hours=1000, evidence="补正说明")
        assert (made.hours, made.evidence, made.identity) == (1000, "补正说明", self.one().identity)
        event = AuditEvent.objects.get(action="facts.correct")
        assert (event.before["hours"], event.after["hours"], event.after["reason"]) == (800, 1000, "漏记")
        assert record(row(self.worker, hours=1000, evidence="补正说明")) == ["unchanged"]

    @pytest.mark.parametrize(("reason", "values"), [("  ", {"hours": 1}), ("漏记", {"hours": 800}), ("漏记", {})])
    def test_correction_needs_reason_and_change(self, reason: str, values: dict[str, int]) -> None:
        record(row(self.worker))
        with pytest.raises(ActionError):
            recording.correct(fact=self.one(), by=None, reason=reason, **values)
        assert TrainingRecord.objects.count() == 1

    def test_what_a_fact_is_about_cannot_be_corrected(self) -> None:
        record(row(self.worker))
        with pytest.raises(TypeError, match="valid_on"):
            recording.correct(fact=self.one(), by=None, reason="记错", valid_on=date(2025, 6, 13))

    def test_only_the_newest_can_be_corrected_or_withdrawn(self) -> None:
        record(row(self.worker))
        old = self.one()
        recording.correct(fact=old, by=None, reason="漏记", hours=900)
        with pytest.raises(ActionError, match="已经被更正"):
            recording.correct(fact=old, by=None, reason="漏记", hours=950)
        with pytest.raises(ActionError, match="已经被更正"):
            recording.withdraw(fact=old, by=None, reason="没有")
        gone = recording.withdraw(fact=self.one(), by=None, reason="没有")
        with pytest.raises(ActionError, match="已经撤销"):
            recording.withdraw(fact=gone, by=None, reason="没有")

    @pytest.mark.parametrize(
        "name", ["district_b", "subdistrict_a2", "secretary_a", "worker_a", "nobody", "administrator"]
    )
    def test_correction_is_for_those_of_the_place(self, name: str) -> None:
        record(row(self.worker))
        for work in (recording.correct, recording.withdraw):
            more = {"hours": 1} if work is recording.correct else {}
            with pytest.raises(PermissionDenied):
                work(fact=self.one(), by=self.cast.users[name], reason="漏记", **more)
        assert TrainingRecord.objects.count() == 1

    def test_every_recording_is_audited(self) -> None:
        record(row(self.worker), by=self.cast.users["district_a"])
        event = AuditEvent.objects.get(action="facts.record_many")
        assert event.after == {"kind": "training", "added": 1, "corrected": 0, "restored": 0, "unchanged": 0}

    @pytest.mark.parametrize("statement", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}"])
    def test_database_refuses_to_change_a_fact(self, statement: str) -> None:
        record(row(self.worker))
        with (
            pytest.raises(DatabaseError, match="Cannot update or delete"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format("facts_trainingrecord"))
        assert all(model.append_only for model in KINDS.values())

    def test_database_holds_a_happening_once(self) -> None:
        record(row(self.worker))
        same = self.one()
        same.pk = None
        with pytest.raises(IntegrityError, match="recorded_once"), transaction.atomic():
            same.save(force_insert=True)

    def test_database_refuses_a_withdrawal_of_nothing(self) -> None:
        with pytest.raises(CheckViolation, match="withdraws_something"), transaction.atomic():
            record(row(self.worker, withdrawn=True))


@pytest.mark.django_db(transaction=True)
def test_what_was_known_at_a_moment_stays_knowable() -> None:
    """Each write in a transaction of its own: the moment of recording is the transaction's."""
    organisation(CODE)
    worker = posted(CODE)
    beginning = timezone.now()
    record(row(worker))
    before = timezone.now()
    record(row(worker, hours=600))
    between = timezone.now()
    recording.withdraw(fact=TrainingRecord.objects.current().get(), by=None, reason="没有参加")
    known = TrainingRecord.objects.current
    assert [one.hours for one in known(before)] == [800]
    assert [one.hours for one in known(between)] == [600]
    assert not known().exists()
    assert not known(beginning).exists()


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    """Real threads, each with a connection of its own."""

    def both(self, work: Any) -> list[Any]:
        barrier, results = Barrier(2), []

        def one() -> None:
            try:
                barrier.wait(120)
                results.append(work())
            except Exception as error:  # what went wrong is what the test looks at
                results.append(error)
            finally:
                connection.close()

        threads = [Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return results

    def test_same_rows_are_recorded_once(self) -> None:
        organisation(CODE)
        people = [posted(CODE) for _ in range(20)]
        results = self.both(lambda: record(*(row(someone) for someone in people)))
        assert sorted(results) == [["added"] * 20, ["unchanged"] * 20]
        assert TrainingRecord.objects.count() == 20

    def test_two_corrections_of_one_fact_end_as_one(self) -> None:
        organisation(CODE)
        record(row(posted(CODE)))
        fact = TrainingRecord.objects.get()
        results = self.both(lambda: recording.correct(fact=fact, by=None, reason="漏记", hours=100))
        assert sorted(isinstance(one, ActionError) for one in results) == [False, True]
        assert TrainingRecord.objects.count() == 2
        assert ShadowingRecord.objects.count() == 0
