"""The chain sees every write, hangs rows whatever their order of commit, and names each row that was tampered with."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from procrastinate.contrib.django import app
from tests.factories import organisation, posted, published
from tests.unit.audit.tampering import Tamperer, tampered
from tests.unit.policy.test_policy_years import compute, settle

from qinglan.apps.audit.actions import chain, entry_row, heads, record, saw
from qinglan.apps.audit.models import AuditEvent, ChainLink, ChainPending, chained_models
from qinglan.apps.audit.queries import chain as links
from qinglan.apps.audit.queries.verifying import verify
from qinglan.apps.audit.tasks import seal
from qinglan.apps.base.actions import copy_in
from qinglan.apps.people.actions import persons
from qinglan.apps.people.models import Person, Role, RoleGrant, User
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.commands.audit import audit

CODE = "990103001001"
TODAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def own_heads(settings: Any, tmp_path: Path) -> Path:
    settings.QINGLAN_AUDIT_HEADS = tmp_path / "keys" / "heads.jsonl"
    return settings.QINGLAN_AUDIT_HEADS


def said(number: int, **more: Any) -> AuditEvent:
    return entry_row(
        "test.chain", by=None, target=None, org_code=CODE, after={"n": number, "name": '仇 "英"\\\n'}, **more
    )


@pytest.fixture
def life(db: None) -> Person:
    """A little of everything in the tables that only grow."""
    organisation(CODE)
    someone = posted(CODE)
    user = User.objects.create(username="chained", last_name="李", person=someone)
    persons.update(person=someone, by=None, today=TODAY, nation="回族", phone="13812345678")
    for n in range(3):
        saw(by=user, person_id=someone.pk, org_code=CODE, field="phone", reason=f"核对{n}")
    AuditEvent.objects.bulk_create([said(n) for n in range(5)])
    return someone


@pytest.fixture
def year(life: Person) -> Run:
    """A published year: inputs, results, marks and decisions."""
    settle()
    return published(compute())


def test_every_table_that_only_grows_is_watched(db: None) -> None:
    assert {
        "audit_auditevent",
        "audit_accessrecord",
        "policy_personresult",
        "policy_runevent",
        "people_personevent",
    } <= {model._meta.db_table for model in chained_models()}
    assert list(verify()) == []


@pytest.mark.parametrize("how", ["save", "bulk", "copy", "raw"])
def test_each_way_of_writing_is_noted(db: None, how: str) -> None:
    if how == "save":
        said(1).save()
    elif how == "bulk":
        AuditEvent.objects.bulk_create([said(n) for n in range(3)])
    elif how == "copy":
        copy_in(AuditEvent, [said(n) for n in range(2500)])
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_auditevent (action, by_name, target_type, target_key, org_code)"
                " VALUES ('test.raw', '', '', '', '99')"
            )
    noted = [len(one.keys) for one in ChainPending.objects.filter(table_name="audit_auditevent").order_by("id")]
    assert noted == {"save": [1], "bulk": [3], "copy": [1000, 1000, 500], "raw": [1]}[how]
    assert chain.seal() == len(noted)
    assert not ChainPending.objects.exists()
    assert list(verify([links.head()])) == []  # type: ignore[list-item]


def test_python_computes_the_same_hashes_as_the_database(life: Person) -> None:
    chain.seal()
    previous = links.START
    kept = list(ChainLink.objects.order_by("number"))
    assert [one.number for one in kept] == list(range(1, len(kept) + 1))
    for one in kept:
        previous = links.link_hash(previous, one)
        assert bytes(one.hash) == previous


def test_other_sessions_settings_change_no_digest(life: Person) -> None:
    chain.seal()
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL timezone = 'Asia/Shanghai'; SET LOCAL datestyle = 'German'; SET LOCAL bytea_output = 'escape'"
        )
        cursor.execute(
            "INSERT INTO audit_auditevent (action, by_name, target_type, target_key, org_code)"
            " VALUES ('test.raw', '', '', '', '99')"
        )
        cursor.execute("SET LOCAL datestyle = 'ISO'")
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_who_commits_late_is_sealed_later_and_nobody_waits_for_her() -> None:
    open_, go = Event(), Event()

    def late() -> None:
        try:
            with transaction.atomic():
                said(1).save()
                open_.set()
                go.wait(120)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(late)
        assert open_.wait(120)
        said(2).save()
        assert chain.seal() == 1  # while the first is still open
        go.set()
        waiting.result(120)
    assert chain.seal() == 1
    assert [one.keys for one in ChainLink.objects.order_by("number")] == [
        [str(pk)] for pk in AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)
    ]
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_chain() -> None:
    AuditEvent.objects.bulk_create([said(n) for n in range(3)])
    for n in range(40):
        said(n).save()
    barrier = Barrier(2)

    def work() -> int:
        try:
            barrier.wait(120)
            return chain.seal()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(lambda _: work(), range(2))) == 41
    assert list(ChainLink.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 42))
    assert list(verify()) == []


def test_each_kind_of_tampering_is_said_in_words(life: Person) -> None:
    chain.seal()
    first, second = AuditEvent.objects.filter(action="test.chain").order_by("pk")[:2]
    head = links.head()
    assert head is not None

    def found(*statements: str) -> list[str]:
        with by_hand(*statements):
            return list(verify([head]))

    row = f"操作记录（audit_auditevent） 第 {first.pk} 行"
    assert any(
        row in s and "被改动" in s for s in found(f"UPDATE audit_auditevent SET by_name = 'x' WHERE id = {first.pk}")
    )
    assert any(row in s and "被删除" in s for s in found(f"DELETE FROM audit_auditevent WHERE id = {first.pk}"))
    assert any(
        "被绕过系统插入" in s
        for s in found(
            "INSERT INTO audit_auditevent (action, by_name, target_type, target_key, org_code) VALUES ('x', '', '', '', '99')"
        )
    )
    number = ChainLink.objects.filter(table_name="audit_accessrecord").order_by("number")[0].number
    assert found(f"DELETE FROM audit_chainlink WHERE number = {number}")[0] == f"哈希链缺少第 {number} 节：被删除。"
    swapped = found(
        f"UPDATE audit_chainlink SET number = -1 WHERE number = {number}",
        f"UPDATE audit_chainlink SET number = {number} WHERE number = {number + 1}",
        f"UPDATE audit_chainlink SET number = {number + 1} WHERE number = -1",
    )
    assert "次序被调换" in swapped[0]
    tail = found(
        f"DELETE FROM {ChainLink.objects.get(number=head.number).table_name} WHERE id::text = ANY"
        f" ((SELECT keys FROM audit_chainlink WHERE number = {head.number})::text[])",
        f"DELETE FROM audit_chainlink WHERE number = {head.number}",
    )
    assert tail == [f"哈希链只到第 {head.number - 1} 节，而 {head.at} 已导出过第 {head.number} 节：链尾被截去。"]
    assert any(
        "与它最后一条历史不同" in s for s in found(f"UPDATE people_person SET nation = 'x' WHERE id = {life.pk}")
    )
    assert any("密文被改动" in s for s in found(f"UPDATE people_person SET phone = id_number WHERE id = {life.pk}"))
    assert any("触发器被停用" in s for s in found("DROP TRIGGER audit_chain ON audit_accessdenied"))
    assert second.pk > first.pk
    assert list(verify([head])) == []  # all of it is rolled back


def test_rows_in_use_changed_past_their_history_are_found(year: Run) -> None:
    """A role given, a result's fingerprint or a state changed by SQL with the triggers off."""
    chain.seal()
    user = User.objects.get(username="chained")
    for statement, said_ in (
        (
            "INSERT INTO people_rolegrant (user_id, role, org_code, span)"
            f" VALUES ({user.pk}, 'district_officer', '990101', '[2020-01-01,)')",
            "角色授权（people_rolegrant）",
        ),
        (f"UPDATE policy_run SET results_hash = reverse(results_hash) WHERE id = {year.pk}", "年度计算（policy_run）"),
        (f"UPDATE policy_run SET state = 'signed' WHERE id = {year.pk}", "年度计算（policy_run）"),
        (f"DELETE FROM people_rolegrant WHERE id = {RoleGrant.objects.order_by('pk')[0].pk}", "被绕过系统删除"),
    ):
        with by_hand(statement):
            assert any(said_ in sentence for sentence in verify()), statement
    assert list(verify()) == []


@contextmanager
def by_hand(*statements: str) -> Iterator[None]:
    """These statements of the owner; undone afterwards."""

    def run() -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    with tampered(run):
        yield


def test_a_chain_rewritten_as_a_whole_is_told_by_the_exported_head_alone(life: Person) -> None:
    chain.seal()
    head = links.head()
    assert head is not None
    with tampered(Tamperer(random.Random(1)).rewrite_all):
        assert list(verify()) == []  # the control: consistent in itself
        assert any("整体改写" in sentence for sentence in verify([head]))


def test_random_tamperings_by_the_owner_are_all_found(life: Person, year: Run) -> None:
    tamper_at_random(24, seed=20261122)


@pytest.mark.slow
def test_a_thousand_random_tamperings_by_the_owner_are_all_found(life: Person, year: Run) -> None:
    tamper_at_random(1000, seed=7)


def tamper_at_random(times: int, seed: int) -> None:
    RoleGrant.objects.create(
        user=User.objects.get(username="chained"), role=Role.WORKER, org_code=CODE, span=(TODAY, None)
    )
    chain.seal()
    exported = [links.head()]
    said(99).save()  # and some rows that are not sealed yet
    assert list(verify(exported)) == []  # type: ignore[arg-type]
    choice = random.Random(seed)
    kinds: set[str] = set()
    for number in range(times):
        with tampered(Tamperer(choice).once) as what:
            kinds.add(what.split()[0])
            assert list(verify(exported)), f"seed {seed}, number {number}: {what} was not found"  # type: ignore[arg-type]
    assert list(verify(exported)) == []  # type: ignore[arg-type]
    assert PersonResult.objects.count() >= 10
    assert kinds >= {"update", "delete", "insert", "swap", "truncate-tail", "rewrite-chain", "link"}


def test_without_the_chain_the_same_tamperings_go_unseen(life: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it is the digests that find them, not something that happens to be broken by tampering."""
    chain.seal()
    with by_hand("UPDATE audit_auditevent SET by_name = 'x' WHERE action = 'test.chain'"):
        assert list(verify())
        monkeypatch.setattr("qinglan.apps.audit.queries.verifying.rows", lambda model: iter(()))
        assert list(verify()) == []


def test_rows_written_before_the_chain_are_adopted_and_shown(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; DROP TRIGGER audit_chain ON audit_auditevent")
    said(1).save()
    assert any("触发器被停用" in sentence for sentence in verify())
    chain.install()
    assert list(verify()) == []
    assert ChainPending.objects.get(table_name="audit_auditevent").kind == ChainPending.Kind.ADOPTED
    chain.install()  # again: nothing more to do
    assert ChainPending.objects.filter(table_name="audit_auditevent").count() == 1


def test_a_rewrite_on_purpose_is_noted_and_shown(life: Person) -> None:
    chain.seal()
    first, second = AuditEvent.objects.filter(action="test.chain").order_by("pk")[:2]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_auditevent SET by_name = '' WHERE id = %s", [first.pk])
        cursor.execute("DELETE FROM audit_auditevent WHERE id = %s", [second.pk])
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER USER")
    assert len(list(verify())) == 2
    chain.rewritten(AuditEvent, [first.pk, second.pk], "本人申请删除")
    assert list(verify()) == []
    chain.seal()
    assert list(verify()) == []
    shown = CliRunner().invoke(audit, ["verify"])
    assert shown.exit_code == 0, shown.output
    assert "改写（有据可查） audit_auditevent 1 行，本人申请删除" in shown.output


def test_a_column_added_later_leaves_old_digests_whole(life: Person) -> None:
    chain.seal()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE audit_auditevent ADD COLUMN device text")
        said(7).save()
        told = list(verify())  # the model does not know the column yet: those rows cannot be checked, and that is said
        assert len(told) == 1
        assert "已没有列 device，1 行无法核对" in told[0]
        assert "device" in ChainPending.objects.get(table_name="audit_auditevent").columns


def test_heads_are_exported_once_and_bind(life: Person, own_heads: Path) -> None:
    head = heads.seal_and_export()
    heads.seal_and_export()
    assert own_heads.read_text().count("\n") == 1
    assert own_heads.stat().st_mode & 0o077 == 0
    assert links.read_heads(own_heads) == [head]
    run = CliRunner()
    assert run.invoke(audit, ["verify"]).exit_code == 0
    with own_heads.open("a") as file:
        file.write('{"number": 99999, "hash": "00", "at": "2026-01-01"}\n')
    refused = run.invoke(audit, ["verify"])
    assert refused.exit_code == 1
    assert "链尾被截去" in refused.output
    heads.note_restore()  # as `qinglan restore` does
    told = run.invoke(audit, ["verify"])
    assert told.exit_code == 0
    assert "恢复过备份" in told.output
    own_heads.write_text("{")
    assert "第 1 行读不懂" in run.invoke(audit, ["verify"]).output


def test_the_job_of_each_minute_seals_and_exports(life: Person, own_heads: Path) -> None:
    seal(timestamp=0)
    assert not ChainPending.objects.exists()
    assert links.read_heads(own_heads) == [links.head()]
    assert {"audit.seal", "audit.check", "audit.tidy", "people.sweep"} <= {
        one.task.name for one in app.periodic_registry.periodic_tasks.values()
    }


def test_what_fails_is_not_noted(db: None) -> None:
    def fail() -> None:
        with transaction.atomic(), record("test.fail", by=None, org_code=CODE):
            said(1).save()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert not ChainPending.objects.exists()
