"""A person erased: nothing in the database names her, what was decided is as it was, the chain says so and still finds tampering."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.cast import Cast
from tests.factories import posted
from tests.unit.erasure.life import ACCOUNT, EAST, NAME, Life, hits, lived, officer, secrets_of

from qinglan.apps.audit.actions import chain
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.audit.queries.verifying import on_purpose, verify
from qinglan.apps.erasure.actions import asking, carrying
from qinglan.apps.erasure.models import Erasure
from qinglan.apps.pay.models import PayMonth
from qinglan.apps.pay.queries import verify as pay_verify
from qinglan.apps.people.models import Person, User
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.policy.queries.verifying import verify as years_verify
from qinglan.apps.rights.models import Claim

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def module_life(module_cast: Cast, django_db_blocker: Any) -> Life:
    with django_db_blocker.unblock():
        made = lived(module_cast)
        chain.seal()
        return made


@pytest.fixture(autouse=True)
def aside(settings: Any, tmp_path: Path) -> None:
    settings.QINGLAN_ERASED = tmp_path / "keys" / "erased.jsonl"


@pytest.fixture
def known(module_life: Life) -> dict[str, str]:
    return secrets_of(module_life)


def confirmed(life: Life) -> Erasure:
    """Her erasure, asked by one and confirmed by another."""
    one, two = officer("asks"), officer("confirms")
    person = Person.objects.get(pk=life.person.pk)
    asked = asking.ask(person=person, ground="withdrawn", reason="本人书面申请，第 7 号", by=one)
    return asking.confirm(erasure=asked, by=two)


def test_nothing_names_her_any_more(cast: Cast, module_life: Life, known: dict[str, str]) -> None:
    before = hits(known)
    assert set().union(*before.values()) == set(known.values()) - {"password"}, (
        "the search finds each thing while it is there"
    )
    done = carrying.carry_out(erasure=confirmed(module_life))
    assert done.state == Erasure.State.DONE
    assert hits(known) == {}
    person = Person.objects.get(pk=module_life.person.pk)
    assert person.name == "已删除人员"
    assert person.erased_at is not None
    assert not User.objects.get(pk=module_life.account.pk).is_active
    assert done.counts["people_person"] == 2
    assert done.left == []


LEFT_BY = {"rows": "people_person.id_number", "log": "audit_auditevent.after", "files": "facts_importbatch.content"}


@pytest.mark.parametrize("without", LEFT_BY)
def test_without_one_of_the_steps_she_is_found(
    cast: Cast, module_life: Life, known: dict[str, str], monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    monkeypatch.setitem(carrying.STEPS, without, lambda of, rows, needles: {})
    carrying.carry_out(erasure=confirmed(module_life))
    assert LEFT_BY[without] in hits(known)


def test_without_the_search_through_all_words_she_is_found(
    cast: Cast, module_life: Life, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying.sweeping, "sweep", lambda of, needles: ({}, []))
    carrying.carry_out(erasure=confirmed(module_life))
    left = hits(known)
    assert {
        "facts_shadowingrecord.mentor",
        "rights_claim.text",
        "facts_headerword.by_name",
        "pghistory_context.metadata",
    } & set(left)
    assert not {place for place in left if place.startswith("people_")}


@pytest.mark.parametrize("unsigned", [True, False])
def test_with_a_namesake_what_she_signed_goes_by_number_and_the_namesake_stays(
    cast: Cast, module_life: Life, known: dict[str, str], monkeypatch: pytest.MonkeyPatch, unsigned: bool
) -> None:
    namesake = posted(EAST, name=NAME)
    if not unsigned:
        monkeypatch.setitem(carrying.STEPS, "signatures", lambda of, rows, needles: {})
    carrying.carry_out(erasure=confirmed(module_life))
    left = {place for place, what in hits(known).items() if "name" in what}
    assert ("rights_claimstep.by_name" in left) != unsigned
    assert "people_person.name" in left
    namesake.refresh_from_db()
    assert namesake.name == NAME
    assert list(verify()) == []


def test_decided_years_and_the_chain_stay_whole(cast: Cast, module_life: Life) -> None:
    assert list(verify()) == []
    carrying.carry_out(erasure=confirmed(module_life))
    assert list(verify()) == []
    chain.seal()
    assert list(verify()) == []
    assert years_verify(module_life.run) == []
    assert [sentence for month in PayMonth.objects.all() for sentence in pay_verify(month)] == []
    assert PersonResult.objects.filter(run=module_life.run, person=module_life.person).exists()
    noted = {table for _, table, _, why in on_purpose() if why == f"删除个人信息：档案 {module_life.person.pk}"}
    assert {"people_personevent", "audit_auditevent", "facts_trainingrecord", "rights_claimanswer"} <= noted


def test_tampering_is_still_found(cast: Cast, module_life: Life) -> None:
    carrying.carry_out(erasure=confirmed(module_life))
    chain.seal()
    for table, column in (
        ("facts_trainingrecord", "course"),
        ("audit_auditevent", "by_name"),
        ("people_personevent", "name"),
    ):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SAVEPOINT one")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET {column} = %s", [NAME])
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            assert any(table in said for said in verify()), table
            cursor.execute("ROLLBACK TO one")


def test_the_act_itself_is_told_by_number_alone(cast: Cast, module_life: Life) -> None:
    carrying.carry_out(erasure=confirmed(module_life))
    log = AuditEvent.objects.filter(action__startswith="erasure.").order_by("pk")
    assert [one.action for one in log] == ["erasure.ask", "erasure.confirm", "erasure.carry_out"]
    assert all(one.target_key == str(module_life.person.pk) for one in log)
    assert ACCOUNT not in str(list(log.values()))


def test_her_evidence_is_gone_from_its_page(cast: Cast, module_life: Life) -> None:
    claim = Claim.objects.get(person=module_life.person)
    address = f"/rights/{claim.pk}/files/{claim.files.get().pk}/"
    client = Client()
    client.force_login(cast.users["district_a"])
    assert client.get(address).status_code == 200
    carrying.carry_out(erasure=confirmed(module_life))
    assert client.get(address).status_code == 404
    assert NAME not in client.get(f"/rights/{claim.pk}/").content.decode()
    assert client.get(f"/people/{module_life.person.pk}/").status_code == 404
    assert NAME not in client.get(f"/results/people/?run={module_life.run.pk}").content.decode()
    assert NAME not in client.get("/facts/?q=欧阳").content.decode().replace("value=", "")
