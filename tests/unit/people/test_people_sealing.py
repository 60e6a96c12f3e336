"""ID numbers and phones: encrypted wherever they lie, found by index, shown by nobody's accident."""

import base64
import json
import stat
from pathlib import Path

import pytest
from django.core import serializers
from django.db import connection
from tests import cast as cast_data
from tests.cast import Cast
from tests.factories import id_number, person

from qinglan.apps.base.models import (
    KeyFingerprint,
    KeyringError,
    Sealed,
    blind_index,
    class_of,
    keyring,
    settle_keys,
)
from qinglan.apps.people.actions import persons
from qinglan.apps.people.models import Person
from qinglan.apps.people.queries import people as read

pytestmark = pytest.mark.django_db
CODE = "990101001001"


def every_text_of_the_database() -> str:
    """All rows of all tables as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        parts = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            parts.append(cursor.fetchone()[0])
    return "\n".join(parts)


def test_no_table_holds_a_plain_number(cast: Cast) -> None:
    someone = cast.people["worker_a"]
    by = cast.users["district_a"]
    number, phone = someone.id_number.open(), someone.phone.open()
    persons.update(person=someone, by=by, today=cast_data.TODAY, phone="13800009999", nation="回族")
    persons.reveal(person=someone, field="id_number", reason="核对参保", by=by)
    text = every_text_of_the_database()
    assert someone.name in text  # the search does search
    assert someone.id_number_index in text
    for plain in (number, phone, "13800009999", number[:17]):
        assert plain not in text


def test_round_trip_mask_and_look_up() -> None:
    number = id_number(7)
    someone = person(CODE, id_number=number)
    stored = Person.objects.get(pk=someone.pk).id_number
    assert stored.open() == number
    assert stored.masked() == f"990***********{number[-4:]}"
    assert stored.token.startswith(f"A256GCM:{keyring().current}:")
    assert read.search(Person.objects.all(), f" {number[:6]} {number[6:]} ").get() == someone
    assert read.search(Person.objects.all(), "13911112222").count() == 0


def test_printing_logging_and_serialising_show_nothing() -> None:
    number = id_number(8)
    someone = Person.objects.get(pk=person(CODE, id_number=number).pk)
    shown = f"{someone.id_number} {someone.id_number!r} {vars(someone)} {serializers.serialize('json', [someone])}"
    shown += str(list(Person.objects.values("id_number")))
    assert number not in shown
    assert number[6:14] not in shown


def test_saving_again_keeps_the_ciphertext() -> None:
    someone = Person.objects.get(pk=person(CODE).pk)
    token = someone.id_number.token
    someone.save()
    assert Person.objects.get(pk=someone.pk).id_number.token == token


def test_clearing_a_number_clears_its_index() -> None:
    someone = person(CODE)
    someone.phone = ""
    someone.save()
    someone.refresh_from_db()
    assert (someone.phone, someone.phone_index) == (None, None)


def test_ciphertext_moved_or_tampered_with_does_not_open() -> None:
    sealed = Sealed.of("13900001111", "person.phone")
    with pytest.raises(KeyringError, match="不符"):
        Sealed(sealed.token, "person.id_number").open()
    head, body = sealed.token.rsplit(":", 1)
    with pytest.raises(KeyringError, match="不符"):
        Sealed(f"{head}:{_flip(body)}", sealed.purpose).open()
    with pytest.raises(KeyringError, match="恢复"):
        Sealed(sealed.token.replace(keyring().current, "kffffff"), sealed.purpose).open()
    with pytest.raises(KeyringError, match="不认识的加密算法"):
        Sealed(sealed.token.replace("A256GCM", "ROT13"), sealed.purpose).open()


def _flip(body: str) -> str:
    return body[:20] + ("B" if body[20] == "A" else "A") + body[21:]


def test_index_depends_on_purpose_and_key_not_on_spelling() -> None:
    assert blind_index("11010519491231002x", "a") == blind_index(" 11010519491231002X", "a")
    assert blind_index("11010519491231002X", "a") != blind_index("11010519491231002X", "b")


class TestKeyFile:
    """Made once, private, and never silently replaced."""

    @pytest.fixture(autouse=True)
    def _own_file(self, settings: object, tmp_path: Path) -> None:
        self.path = tmp_path / "elsewhere" / "fields.json"
        settings.QINGLAN_KEYS = self.path  # type: ignore[attr-defined]

    def test_first_start_makes_it_for_its_owner_alone(self) -> None:
        ring = settle_keys()
        assert stat.S_IMODE(self.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(self.path.parent.stat().st_mode) == 0o700
        assert set(KeyFingerprint.objects.values_list("key_id", flat=True)) == {ring.current, "index"}
        assert settle_keys() == ring  # a second start finds them
        secret = json.loads(self.path.read_text())
        text = every_text_of_the_database()
        assert not any(key in text for key in (*secret["keys"].values(), secret["index"]))

    def test_lost_file_is_told_and_not_replaced(self) -> None:
        settle_keys()
        self.path.unlink()
        with pytest.raises(KeyringError, match="从备份恢复"):
            settle_keys()
        assert not self.path.exists()

    def test_file_of_another_database_is_refused(self) -> None:
        settle_keys()
        content = json.loads(self.path.read_text())
        content["index"] = base64.b64encode(bytes(32)).decode()
        self.path.write_text(json.dumps(content))
        with pytest.raises(KeyringError, match="不配套"):
            settle_keys()

    @pytest.mark.parametrize("content", ["", "{}", "[]", '{"current": "k", "keys": {}, "index": ""}', "\x00"])
    def test_broken_file_is_told(self, content: str) -> None:
        self.path.parent.mkdir()
        self.path.write_text(content)
        with pytest.raises(KeyringError, match="损坏"):
            settle_keys()


def test_sealed_fields_are_classified_sensitive() -> None:
    for name in ("id_number", "id_number_index", "phone", "phone_index"):
        assert class_of(Person, name).name == "SENSITIVE"
