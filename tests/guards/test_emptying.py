"""What a test commits is gone after it, and the tables are guarded as before."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.people.models import Person
from tests import cast as casting
from tests import emptying


def _rows() -> dict[str, bool]:
    return emptying.filled(connection)


def _emptied() -> None:
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("few", [emptying.FEW, 1], ids=["deleted", "truncated"])
def test_what_was_committed_is_gone_and_guarded_as_before(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emptying, "FEW", few)
    casting.build()
    AuditEvent.objects.create(action="test", by_name="测试", org_code="990101")
    said = emptying.statements(None, connection)
    assert any(one.startswith("TRUNCATE") for one in said) == (few == 1), "the way that is meant"
    assert {"people_person", "audit_auditevent"} <= _rows().keys()
    _emptied()
    assert not _rows()
    AuditEvent.objects.create(action="test", by_name="测试", org_code="990101")
    with pytest.raises(DatabaseError):
        AuditEvent.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_the_next_test_finds_nothing() -> None:
    assert not _rows()
    assert not Person.objects.exists()
