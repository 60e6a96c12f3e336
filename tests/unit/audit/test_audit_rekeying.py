"""Keys rotate: everything is sealed anew, a run that was cut off goes on, the old key goes only when nothing needs it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner
from django.apps import apps
from django.db import connection, models
from tests.cast import TODAY
from tests.factories import id_number, organisation, person

from qinglan.apps.audit.actions import chain, rekeying
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.audit.queries.verifying import verify
from qinglan.apps.base.models import KeyringError, Privacy, Sealed, class_of, keyring, settle_keys
from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.people.actions import persons
from qinglan.apps.people.models import Person, User
from qinglan.apps.people.queries import people as read
from qinglan.commands.keys import SEALED_BYTES, keys, places
from qinglan.config.accounts import SealedFactors

CODE = "990103001001"


@pytest.fixture
def keyfile(settings: Any, tmp_path: Path, db: None) -> Path:
    """A key file of the test's own, and rows sealed under it: people with histories, a file, a second factor."""
    settings.QINGLAN_KEYS = str(tmp_path / "fields.json")
    settings.QINGLAN_AUDIT_HEADS = tmp_path / "heads.jsonl"
    with connection.cursor() as cursor:  # fingerprints of the run's own keys mean nothing here
        cursor.execute("ALTER TABLE base_keyfingerprint DISABLE TRIGGER USER; DELETE FROM base_keyfingerprint")
        cursor.execute("ALTER TABLE base_keyfingerprint ENABLE TRIGGER USER; SELECT 1")
        cursor.execute("ALTER TABLE audit_chainlink DISABLE TRIGGER USER; DELETE FROM audit_chainlink")
        cursor.execute("ALTER TABLE audit_chainlink ENABLE TRIGGER USER; DELETE FROM audit_chainpending")
    settle_keys()
    organisation(CODE)
    for n in range(7):
        someone = person(CODE, id_number=id_number(20 + n), phone=f"1390001000{n}")
        persons.update(person=someone, by=None, today=TODAY, nation="回族", phone=f"1390002000{n}")
    user = User.objects.create(username="sealed")
    token = Sealed.of("aGVsbG8=", SEALED_BYTES["facts.ImportBatch.content"]).token
    ImportBatch.objects.create(org_code="990103", kind="training", filename="x", state="tried", content=token.encode())
    secret = Sealed.of("SECRET", SealedFactors.PURPOSE).token
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret, "n": 1})
    chain.seal()
    return Path(settings.QINGLAN_KEYS)


def everything_opens() -> bool:
    """Whether each person's number and its look-up, the file and the secret are what they were."""
    for n in range(7):
        found = read.search(Person.objects.all(), id_number(20 + n)).get()
        if (found.id_number.open(), found.phone.open()) != (id_number(20 + n), f"1390002000{n}"):
            return False
    content = bytes(ImportBatch.objects.get().content).decode()
    secret = Authenticator.objects.get().data["secret"]
    return (
        Sealed(content, SEALED_BYTES["facts.ImportBatch.content"]).open() == "aGVsbG8="
        and Sealed(secret, SealedFactors.PURPOSE).open() == "SECRET"
    )


def whole() -> bool:
    return list(verify()) == []


def test_everything_goes_over_to_the_new_key(keyfile: Path) -> None:
    old = keyring().current
    histories = Person.pgh_event_model.objects.count()
    assert rekeying.remaining(places()) == 0
    new = rekeying.rotate(places())
    assert new != old
    assert not rekeying._used(old)
    assert everything_opens()
    assert whole()
    assert Person.pgh_event_model.objects.count() == histories  # nothing happened to anybody
    assert AuditEvent.objects.get(action="keys.rotate").after["密钥"] == new
    assert keyfile.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("after", range(4))
def test_cut_off_anywhere_it_goes_on_with_the_same_key(
    keyfile: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(rekeying, "BATCH", 3)
    batch, calls = rekeying._batch, iter(range(10**6))

    def dying(*given: Any) -> int:
        if next(calls) == after:
            raise KeyboardInterrupt
        return batch(*given)

    monkeypatch.setattr(rekeying, "_batch", dying)
    with pytest.raises(KeyboardInterrupt):
        rekeying.rotate(places())
    begun = keyring().current
    assert everything_opens()  # half under the one, half under the other
    assert whole()
    monkeypatch.setattr(rekeying, "_batch", batch)
    assert rekeying.rotate(places()) == begun
    assert rekeying.remaining(places()) == 0
    assert everything_opens()
    assert len(json.loads(keyfile.read_text())["keys"]) == 2


def test_the_old_key_goes_only_when_nothing_needs_it_and_comes_back_for_an_old_backup(
    keyfile: Path, tmp_path: Path
) -> None:
    old = keyring().current
    before = Person.objects.order_by("pk")[0].id_number
    assert rekeying.retire(tmp_path / "none.json") == []
    rekeying.rotate(places())
    stray = User.objects.create(username="stray", last_name=Sealed(before.token, "x").token[:20])
    assert rekeying.unneeded() == []  # somewhere, whoever wrote it, the old key is still named
    stray.delete()
    with connection.cursor() as cursor:  # its history still speaks of it; that is not what we are after
        cursor.execute("ALTER TABLE people_userevent DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM people_userevent WHERE username = 'stray'")
        cursor.execute("ALTER TABLE people_userevent ENABLE TRIGGER USER")
    aside = tmp_path / "old.json"
    assert rekeying.retire(aside) == [old]
    assert old not in keyfile.read_text()
    assert aside.stat().st_mode & 0o077 == 0
    settle_keys()  # the database knows that it is gone for good
    assert everything_opens()
    with pytest.raises(KeyringError, match=old):
        before.open()  # as an old backup would hold it
    assert rekeying.bring_back(aside) == [old]
    assert before.open()


def test_a_lost_key_is_still_told(keyfile: Path) -> None:
    rekeying.rotate(places())
    data = json.loads(keyfile.read_text())
    data["keys"].pop(next(one for one in data["keys"] if one != data["current"]))
    keyfile.write_text(json.dumps(data))
    with pytest.raises(KeyringError, match="缺少或不符"):
        settle_keys()


def test_the_look_up_key_changes_too(keyfile: Path) -> None:
    marks = set(Person.objects.values_list("id_number_index", flat=True))
    index = keyring().index
    rekeying.reindex()
    assert keyring().index != index
    assert not marks & set(Person.objects.values_list("id_number_index", flat=True))
    assert everything_opens()
    assert whole()
    assert "index_next" not in json.loads(keyfile.read_text())


def test_cut_off_between_database_and_file_the_next_start_ends_it(
    keyfile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rekeying.settle_keys
    asked: list[int] = []

    def dying() -> Any:
        asked.append(1)
        if len(asked) == 3:  # the last one: the database has gone over, the file has not
            raise KeyboardInterrupt
        return real()

    monkeypatch.setattr(rekeying, "settle_keys", dying)
    with pytest.raises(KeyboardInterrupt):
        rekeying.reindex()
    assert "index_next" in json.loads(keyfile.read_text())
    settle_keys()
    assert everything_opens()


def test_the_command_says_what_it_did(keyfile: Path, tmp_path: Path) -> None:
    run = CliRunner()
    done = run.invoke(keys, ["rotate", "--index"])
    assert done.exit_code == 0, done.output
    assert "旧密钥还在" in done.output
    assert "已取出" in run.invoke(keys, ["retire", "--to", str(tmp_path / "aside.json")]).output
    assert "没有可以取出的旧密钥" in run.invoke(keys, ["retire", "--to", str(tmp_path / "other.json")]).output
    assert "已放回" in run.invoke(keys, ["add", str(tmp_path / "aside.json")]).output
    assert everything_opens()


def test_every_sealed_file_is_known_to_the_rotation() -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("qinglan.")
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and class_of(model, field.name) is Privacy.SENSITIVE
    }
    assert found == set(SEALED_BYTES) & {f"{m._meta.label}.content" for m in apps.get_models()}


def test_running_processes_take_the_new_key_without_a_restart(keyfile: Path) -> None:
    ring = keyring()
    data = json.loads(keyfile.read_text())
    data["keys"]["kother"] = data["keys"][ring.current]
    data["current"] = "kother"
    keyfile.write_text(json.dumps(data))
    os.utime(keyfile, ns=(1, 10**18))
    assert keyring().current == "kother"


def test_help_is_there() -> None:
    assert "rotate" in CliRunner().invoke(keys, ["--help"]).output
