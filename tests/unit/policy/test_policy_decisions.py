"""A draft goes to publication by three people, once; what is decided computes the same for ever and refuses change."""

import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from threading import Barrier

import polars as pl
import pytest
from click.testing import CliRunner
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from tests.unit.policy.test_policy_years import DISTRICT, EAST, WEST, compute, settle

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import span
from qinglan.apps.facts.actions import recording
from qinglan.apps.people.actions import organisations
from qinglan.apps.people.models import Person, Posting, PostKind, Role, RoleGrant, User
from qinglan.apps.policy import states
from qinglan.apps.policy.actions import adoption, decisions, years
from qinglan.apps.policy.models import PersonResult, Run, RunDecision
from qinglan.apps.policy.permissions import results_for
from qinglan.apps.policy.queries import records, review
from qinglan.apps.policy.queries.verifying import verify
from qinglan.commands.runs import verify_runs
from qinglan.core.frame.records import TABLES

State = Run.State


def officer(name: str, code: str = DISTRICT, person: Person | None = None, role: Role = Role.DISTRICT_OFFICER) -> User:
    user = User.objects.create(username=name, last_name=name, person=person)
    RoleGrant.objects.create(user=user, role=role, org_code=code, span=span(date(2020, 1, 1)))
    return user


@pytest.fixture(scope="module")
def module_run(module_db: None, django_db_blocker) -> int:
    """A draft of the year, once for the module."""
    with django_db_blocker.unblock():
        settle()
        return compute().pk


@pytest.fixture
def run(module_run: int, db: None) -> Run:
    return Run.objects.get(pk=module_run)


@pytest.fixture
def people(run: Run) -> list[User]:
    return [officer(name) for name in ("preparer", "reviewer", "publisher")]


def look_at_all(run: Run, by: User) -> None:
    rows = list(review.items(run).values_list("pk", flat=True))
    decisions.mark(run=run, items=rows, fine=True, comment="", by=by)


def decide(run: Run, people: list[User], upto: State = State.PUBLISHED) -> Run:
    preparer, reviewer, publisher = people
    run = decisions.submit(run=run, by=preparer)
    if upto != State.IN_REVIEW:
        look_at_all(run, reviewer)
        run = decisions.sign(run=run, by=reviewer)
    if upto == State.PUBLISHED:
        run = decisions.publish(run=run, by=publisher, note="区委会议通过")
    return run


@contextmanager
def without_guards(table: str) -> Iterator[None]:
    """What the owner of the tables could do."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_three_people_publish_a_year_and_each_step_is_kept(run: Run, people: list[User]) -> None:
    done = decide(run, people)
    assert done.state == State.PUBLISHED
    kept = list(RunDecision.objects.filter(run=run).values_list("move", "state_from", "state_to", "by_name", "note"))
    assert kept == [
        ("submit", "draft", "in_review", "preparer", ""),
        ("sign", "in_review", "signed", "reviewer", ""),
        ("publish", "signed", "published", "publisher", "区委会议通过"),
    ]
    said = AuditEvent.objects.get(action="policy.publish")
    assert (said.before, said.after["state"], said.by_name) == ({"state": "signed"}, "published", "publisher")


@pytest.mark.parametrize(
    ("upto", "who", "move", "sentence"),
    [
        (State.IN_REVIEW, 0, decisions.sign, "是您提交审核的，须由另一人签署"),
        (State.SIGNED, 0, decisions.publish, "是您提交审核的，须由另一人公布"),
        (State.SIGNED, 1, decisions.publish, "是您签署的，须由另一人公布"),
    ],
)
def test_nobody_decides_twice(run: Run, people: list[User], upto: State, who: int, move, sentence: str) -> None:
    state = decide(run, people, upto).state
    with pytest.raises(PermissionDenied, match=sentence):
        move(run=run, by=people[who])
    run.refresh_from_db()
    assert run.state == state


def test_nobody_decides_on_a_run_that_judges_herself(run: Run, people: list[User]) -> None:
    judged = officer("judged", person=Person.objects.within(EAST).first())
    with pytest.raises(PermissionDenied, match="有您本人的结果"):
        decisions.submit(run=run, by=judged)
    decisions.submit(run=run, by=people[0])
    with pytest.raises(PermissionDenied, match="有您本人的结果"):
        look_at_all(run, judged)


@pytest.mark.parametrize(("code", "role"), [("990102", Role.DISTRICT_OFFICER), ("990101001", Role.SUBDISTRICT_OFFICER)])
def test_only_officers_of_the_district_decide(run: Run, code: str, role: Role) -> None:
    stranger = officer("stranger", code, role=role)
    for move in (decisions.submit, decisions.sign, decisions.publish):
        with pytest.raises(PermissionDenied):
            move(run=run, by=stranger)
    with pytest.raises(PermissionDenied):
        decisions.send_back(run=run, by=stranger, note="不对")


def test_signing_waits_for_every_row_of_the_sample(run: Run, people: list[User]) -> None:
    preparer, reviewer, _ = people
    decisions.submit(run=run, by=preparer)
    rows = list(review.items(run).values_list("pk", flat=True))
    assert len(rows) == len(list(review.sample(run))) > 0
    with pytest.raises(PermissionDenied, match="由另一人签署"):
        decisions.mark(run=run, items=rows, fine=True, comment="", by=preparer)
    with pytest.raises(ValidationError, match=f"还有 {len(rows)} 人没有核对"):
        decisions.sign(run=run, by=reviewer)
    look_at_all(run, reviewer)
    with pytest.raises(ValidationError, match="写明疑问"):
        decisions.mark(run=run, items=rows[:1], fine=False, comment=" ", by=reviewer)
    decisions.mark(run=run, items=rows[:1], fine=False, comment="票数少了一张", by=reviewer)
    with pytest.raises(ValidationError, match="还有 1 人没有核对，或还有疑问"):
        decisions.sign(run=run, by=reviewer)
    decisions.mark(run=run, items=rows[:1], fine=True, comment="已核实", by=reviewer)
    assert decisions.sign(run=run, by=reviewer).state == State.SIGNED


def test_a_run_sent_back_is_reviewed_afresh(run: Run, people: list[User]) -> None:
    preparer, reviewer, _ = people
    decide(run, people, State.SIGNED)
    with pytest.raises(ValidationError, match="写明退回的原因"):
        decisions.send_back(run=run, by=reviewer, note="  ")
    assert decisions.send_back(run=run, by=reviewer, note="群众评议少录一份").state == State.DRAFT
    decisions.submit(run=run, by=reviewer)  # the roles may change in a new round
    assert review.unmarked(run) == review.items(run).count() > 0
    look_at_all(run, preparer)
    assert decisions.sign(run=run, by=preparer).state == State.SIGNED


def test_the_sample_is_the_same_for_everybody_and_names_why(run: Run) -> None:
    first = [(row.person_id, reasons) for row, reasons in review.sample(run)]
    assert first == [(row.person_id, reasons) for row, reasons in review.sample(run)]
    drawn = [person for person, reasons in first if reasons == ["抽查"]]
    assert len(drawn) < run.people
    proposed = {person for person, reasons in first if "晋升建议" in reasons}
    names = [step for _, steps in run.step_columns for step in steps]
    place = names.index("promotion_selected")
    assert proposed == {one.person_id for one in PersonResult.objects.filter(run=run) if one.steps[place] == 1}


def test_a_worker_reads_her_year_when_it_is_published(run: Run, people: list[User]) -> None:
    person = Posting.objects.within(EAST).get(kind=PostKind.WORKER).person
    worker = User.objects.create(username="worker", person=person)
    assert not results_for(worker).exists()
    decide(run, people, State.SIGNED)
    assert not results_for(worker).exists()
    decisions.publish(run=run, by=people[2])
    assert results_for(worker).get().person == person


def test_a_year_that_people_decide_on_is_not_computed_under_their_hands(run: Run, people: list[User]) -> None:
    decisions.submit(run=run, by=people[0])
    with pytest.raises(ValidationError, match="审核中，不能重新计算"):
        years.compute(district=DISTRICT, year=2025, by=people[0])


def test_a_published_year_is_corrected_by_another_run(run: Run, people: list[User]) -> None:
    decide(run, people)
    someone = Posting.objects.within(WEST).get(kind=PostKind.GRID).person
    recording.record_many(
        kind="warnings", rows=[{"person_id": someone.pk, "org_code": WEST, "valid_on": date(2025, 6, 1), "recorder": "测试",
                                "evidence": "补录", "kind": "warning", "cause": "迟到"}], by=None, org_code=DISTRICT,
    )  # fmt: skip
    draft = compute()
    run.refresh_from_db()
    assert (run.state, draft.state) == (State.PUBLISHED, State.DRAFT)
    assert draft.inputs_hash != run.inputs_hash
    history = records.records_for(DISTRICT, 2026, 800)["history"]
    assert history.height == run.people  # by the published run, not the draft beside it
    decide(draft, people)
    run.refresh_from_db()
    assert run.state == State.AMENDED
    assert Run.objects.get(state=State.PUBLISHED) == draft
    assert verify(Run.objects.get(pk=run.pk)) == []


def test_a_decision_sent_twice_is_made_once(run: Run, people: list[User]) -> None:
    preparer, reviewer, _ = people
    assert decisions.submit(run=run, by=preparer).state == decisions.submit(run=run, by=preparer).state
    assert RunDecision.objects.filter(run=run).count() == 1
    with pytest.raises(ValidationError, match="现在是「审核中」，不能提交审核"):
        decisions.submit(run=run, by=reviewer)


RACERS = 4


def _race(move, run: Run, users: list[User]) -> list[str]:
    barrier = Barrier(len(users))

    def one(user: User) -> str:
        barrier.wait()
        try:
            return move(run=run, by=user).state
        except ValidationError as error:
            return error.messages[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(users)) as pool:
        return list(pool.map(one, users))


@pytest.mark.django_db(transaction=True)
def test_racing_submissions_have_one_effect() -> None:
    settle()
    run = compute()
    users = [officer(f"officer{number}") for number in range(RACERS)]
    said = _race(decisions.submit, run, users)
    assert sum(answer == State.IN_REVIEW for answer in said) == 1
    assert sum("不能提交审核" in answer for answer in said) == RACERS - 1
    assert RunDecision.objects.filter(run=run).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_race_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: without the lock more than one submission is written down."""
    settle()
    run = compute()
    users = [officer(f"officer{number}") for number in range(RACERS)]
    read = Barrier(RACERS)

    def unlocked(self: QuerySet, *args: object, **kwargs: object) -> QuerySet:
        return self.all()

    def slow(user: User, *args: object) -> None:
        read.wait()  # everybody has read the draft before anybody writes

    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    monkeypatch.setattr(decisions, "check_apart", slow)
    _race(decisions.submit, run, users)
    assert RunDecision.objects.filter(run=run).count() > 1


@pytest.mark.parametrize(
    "change",
    [
        "state = 'published'", "state = 'signed'", "people = people + 1", "results_hash = repeat('0', 64)", "year = 2024",
        "exceptions = '[]'::jsonb || '[1]'::jsonb",
    ],
)  # fmt: skip
def test_the_database_refuses_what_the_table_of_states_does_not_have(run: Run, change: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE policy_run SET {change} WHERE id = %s", [run.pk])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM policy_run WHERE id = %s", [run.pk])


def test_every_transition_of_the_table_is_in_the_database(run: Run, people: list[User]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosrc FROM pg_proc JOIN pg_trigger ON tgfoid = pg_proc.oid"
            " WHERE tgrelid = 'policy_run'::regclass AND proname LIKE 'pgtrigger_states_%%'"
        )
        ((source,),) = cursor.fetchall()
    for before, after in states.TRANSITIONS:
        assert f"{before}:{after}" in source


def test_a_run_computes_the_same_whatever_happened_since(run: Run, people: list[User]) -> None:
    decide(run, people)
    adoption.adopt(district=DISTRICT, pack="jianghan", since=date(2025, 1, 1), by=None)
    Posting.objects.within(EAST).filter(kind=PostKind.GRID).update(span=span(date(2020, 1, 1), date(2025, 3, 1)))
    organisations.merge(codes=[EAST, WEST], into=WEST, on=date(2025, 7, 1), by=None)
    someone = Person.objects.within(WEST).first()
    Person.objects.filter(pk=someone.pk).update(name="改了名")
    recording.record_many(
        kind="scores", rows=[{"person_id": someone.pk, "org_code": WEST, "valid_on": date(2025, 12, 11), "recorder": "测试",
                              "evidence": "更正", "source": 1, "score": 9_900, "ballots": 60, "favourable": None}],
        by=None, org_code=DISTRICT,
    )  # fmt: skip
    assert verify(Run.objects.get(pk=run.pk)) == []
    done = CliRunner().invoke(verify_runs, [])
    assert (done.exit_code, "一致" in done.output, "不一致" in done.output) == (0, True, False), done.output


@pytest.mark.parametrize(
    ("table", "change", "whose"),
    [
        *(
            ("policy_personresult", f"{name}[7] = {name}[7] + 1", "人员")
            for name in ("frame", "steps", "months", "segments")
        ),
        *(("policy_personresult", f"{name} = 77", "人员") for name in ("grade", "star", "gross", "net")),
        ("policy_personresult", "org_code = '990101001009'", "人员"),
        *(("policy_unitresult", f"{name}[2] = {name}[2] + 1", "单位") for name in ("frame", "steps")),
        ("policy_unitresult", "colour = 77", "单位"),
        ("policy_run", "district_frame = jsonb_set(district_frame, '{headcount}', '77')", "全区"),
    ],
)
def test_a_number_changed_behind_our_back_is_found(
    run: Run, people: list[User], table: str, change: str, whose: str
) -> None:
    decide(run, people)
    with without_guards(table), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change} WHERE id = (SELECT max(id) FROM {table})")
    found = verify(Run.objects.get(pk=run.pk))
    assert len(found) == 1
    assert whose in found[0]
    done = CliRunner().invoke(verify_runs, ["--district", DISTRICT, "--year", "2025"])
    assert done.exit_code == 1
    assert "不一致" in done.output


def test_an_input_or_a_pack_changed_behind_our_back_is_found(run: Run, people: list[User]) -> None:
    decide(run, people)
    text = run.pack_text
    assert text is not None
    changed = {name: body.replace("40%", "41%") for name, body in text.files.items()}
    assert changed != text.files
    with without_guards("policy_packtext"), connection.cursor() as cursor:
        cursor.execute("UPDATE policy_packtext SET files = %s WHERE id = %s", [json.dumps(changed), text.pk])
    assert any("政策包原文与它的指纹不符" in one for one in verify(Run.objects.get(pk=run.pk)))


def test_the_frozen_tables_name_nobody(run: Run) -> None:
    archive = zipfile.ZipFile(BytesIO(bytes(run.input.tables)))
    texts = set()
    for name in archive.namelist():
        table = pl.read_parquet(BytesIO(archive.read(name)))
        if name != "district.parquet":
            assert set(table.columns) == set(TABLES[name.removesuffix(".parquet")])
        for column in table.select(pl.col(pl.String)).iter_columns():
            texts |= set(column.drop_nulls())
    for person in Person.objects.all():
        assert person.name not in texts
        assert str(person.id_number.reveal() if hasattr(person.id_number, "reveal") else person.id_number) not in texts
