"""Two officers at once: one request, one confirmation, one line in the list; the process of the owner does what the site may not."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection
from tests.factories import deciders, organisation, posted

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import Sealed, span
from qinglan.apps.erasure import tasks
from qinglan.apps.erasure.actions import asking, carrying, listing
from qinglan.apps.erasure.models import Erasure
from qinglan.apps.people.models import Employment, ExitReason, Person, Posting
from qinglan.commands import serve as serving
from qinglan.commands.erasure import after_restore, erase
from qinglan.config.database import application_role
from qinglan.server import ServerError

pytestmark = pytest.mark.django_db(transaction=True)
DISTRICT, EAST = "990101", "990101001001"


@pytest.fixture
def gone(settings: Any, tmp_path: Path) -> Person:
    settings.QINGLAN_ERASED = tmp_path / "erased.jsonl"
    for code in (DISTRICT, "990101001", EAST):
        organisation(code)
    someone = posted(EAST, name="慕容旧人")
    ended = span(date(2010, 1, 1), date(2012, 1, 1))
    Employment.objects.filter(person=someone).update(span=ended, exit_reason=ExitReason.RETIRED)
    Posting.objects.filter(person=someone).update(span=ended)
    return someone


def both(*works: Any) -> list[Any]:
    """Do them at the same moment, each on a connection of its own: results or refusals."""
    barrier = Barrier(len(works))

    def one(work: Any) -> Any:
        try:
            barrier.wait(120)
            return work()
        except ValidationError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def asked(person: Person) -> Erasure:
    return asking.ask(person=person, ground="expired", reason="保存期满", by=deciders(DISTRICT)[0])


def sampled(name: str) -> list[tuple[str, str]]:
    """(table, column) whose statistics in PostgreSQL hold a name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, attname FROM pg_stats WHERE schemaname = 'public'"
            " AND (most_common_vals::text LIKE %(name)s OR histogram_bounds::text LIKE %(name)s)",
            {"name": f"%{name}%"},
        )
        return list(cursor.fetchall())


def test_the_statistics_of_the_database_forget_her_too(gone: Person) -> None:
    posted(EAST, name="东方某人")
    posted(EAST, name="西门某人")
    erasure = asked(gone)
    asking.confirm(erasure=erasure, by=deciders(DISTRICT)[1])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert ("people_person", "name") in sampled("慕容旧人")
    assert carrying.all_that_is_due() == 1
    assert sampled("慕容旧人") == []
    assert ("people_person", "name") in sampled("东方某人")


def test_two_ask_at_once(gone: Person) -> None:
    users = deciders(DISTRICT)
    said = both(
        *(lambda by=by: asking.ask(person=gone, ground="expired", reason="保存期满", by=by) for by in users[:2])  # type: ignore[misc]
    )
    assert sum(isinstance(one, ValidationError) for one in said) == 1
    assert Erasure.objects.count() == 1


def test_two_confirm_at_once(gone: Person) -> None:
    erasure, users = asked(gone), deciders(DISTRICT)
    said = both(*(lambda by=by: asking.confirm(erasure=erasure, by=by) for by in users[1:]))  # type: ignore[misc]
    assert sum(isinstance(one, ValidationError) for one in said) == 1
    assert AuditEvent.objects.filter(action="erasure.confirm").count() == 1


def test_one_confirms_while_another_refuses(gone: Person) -> None:
    erasure, users = asked(gone), deciders(DISTRICT)
    said = both(
        lambda: asking.confirm(erasure=erasure, by=users[1]),
        lambda: asking.drop(erasure=erasure, note="不", by=users[2]),
    )
    assert sum(isinstance(one, ValidationError) for one in said) == 1
    done = AuditEvent.objects.filter(action__in=("erasure.confirm", "erasure.drop"))
    assert done.count() == 1


def test_carried_out_twice_at_once_is_once(gone: Person) -> None:
    erasure = asking.confirm(erasure=asked(gone), by=deciders(DISTRICT)[1])
    first, second = both(lambda: carrying.carry_out(erasure=erasure), lambda: carrying.carry_out(erasure=erasure))
    assert first.done_at == second.done_at
    assert len(listing.read()) == 1
    assert AuditEvent.objects.filter(action="erasure.carry_out").count() == 1


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it."""
    while error is not None:
        yield error
        error = error.__context__


@pytest.fixture
def as_the_site() -> Iterator[None]:
    """The role that serves pages."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {application_role()}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_the_site_itself_asks_and_confirms_but_cannot_carry_out(gone: Person, as_the_site: None) -> None:
    erasure = asking.confirm(erasure=asked(gone), by=deciders(DISTRICT)[1])
    with pytest.raises(DatabaseError) as refused:
        carrying.carry_out(erasure=erasure)
    assert any("permission denied" in str(one) for one in causes(refused.value))
    gone.refresh_from_db()
    assert gone.erased_at is None


def test_the_job_starts_the_owners_process_when_something_is_confirmed(
    gone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(tasks.subprocess, "run", lambda command, check: started.append(command))
    erasure = asked(gone)
    tasks.carry_out(timestamp=0)
    assert started == []
    asking.confirm(erasure=erasure, by=deciders(DISTRICT)[1])
    tasks.carry_out(timestamp=0)
    assert started == [[sys.executable, "-m", "qinglan.cli", "erase"]]


def test_restore_says_when_the_list_is_missing_or_not_whole(gone: Person, capsys: pytest.CaptureFixture[str]) -> None:
    after_restore()
    assert "没有找到已删除人员的名单" in capsys.readouterr().err
    carrying.carry_out(erasure=asking.confirm(erasure=asked(gone), by=deciders(DISTRICT)[1]))
    after_restore()
    assert capsys.readouterr().err == ""
    listing.path().write_text("")
    after_restore()
    assert "有 1 份已删除的档案不在名单上" in capsys.readouterr().err


def test_the_site_does_not_start_while_somebody_of_the_list_is_back(
    gone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = ((gone.pk, gone.created_at),)
    listing.add(listing.Line(named, (), EAST, "expired", 1, 2, gone.created_at))
    started: list[list[str]] = []
    monkeypatch.setattr(serving.subprocess, "run", lambda command: started.append(command))  # the owner's process fails
    said = CliRunner().invoke(serving.serve, ["--port", "0", "--no-jobs"])
    assert "名单上已删除的人还在数据库里" in str(said.exception)
    assert started == [[sys.executable, "-m", "qinglan.cli", "erase"]]
    assert CliRunner().invoke(erase).output == "删除了 1 人的个人信息。\n"
    assert CliRunner().invoke(erase).output == "没有待执行的删除。\n"


def test_a_key_that_is_not_there_stops_it_with_a_sentence(gone: Person, settings: Any, tmp_path: Path) -> None:
    """Without the keys nobody knows which words are hers."""
    listing.add(listing.Line(((gone.pk, gone.created_at),), (), EAST, "expired", 1, 2, gone.created_at))
    token = Sealed("A256GCM:lost:" + "A" * 40, "person.phone").token
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_person SET phone = %s WHERE id = %s", [token, gone.pk])
    with pytest.raises(ServerError, match="密钥"):
        after_restore()
    gone.refresh_from_db()
    assert gone.erased_at is None
