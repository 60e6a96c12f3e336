"""Several at once: another process answers by a released version with its next question, and by nothing that is not committed; two
officers releasing or beginning cards at the same moment do not get in each other's way unseen."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from tests.factories import deciders, organisation
from tests.factories.cards import drafted, measured, mended, new_card, released, submitted

from qinglan.apps.assistant.actions import cards, city
from qinglan.apps.assistant.models import CardVersion
from qinglan.apps.assistant.queries.knowledge import city_of, in_force

pytestmark = pytest.mark.django_db(transaction=True)
A = "990101"
# A web process: told a line, it asks as the pages do and says which version of which card answered, with which text.
ASKING = """
import json, sys
import django
django.setup()
from django.utils import timezone
from qinglan.apps.assistant.queries.knowledge import city_of, known
for line in sys.stdin:
    today = timezone.localdate()
    knows = known("990101", today)
    reply = knows.answerer.ask(line.strip(), today=today, city=city_of("990101", today))
    print(json.dumps([knows.version(reply.card), reply.text, dict(reply.lines)]), flush=True)
"""


@pytest.fixture(autouse=True)
def fictional() -> None:
    """A district that asks for no second factor."""
    organisation(A)


def elsewhere(work: Callable[[], Any]) -> Any:
    """The result of some work on a connection of its own."""

    def one() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(one).result(60)


def both(*works: Callable[[], Any]) -> list[Any]:
    """Two pieces of work at the same moment, each on its own connection; results or refusals."""
    barrier = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait(120)
            return work()
        except ValidationError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def test_another_connection_sees_a_version_with_the_next_question_and_no_sooner():
    today, row = timezone.localdate(), submitted()
    first, second = deciders(A)[:2]
    assert elsewhere(lambda: in_force(A, today)) == []
    with transaction.atomic():
        cards.release(version=row, by=second)
        city.fill(district=A, field="gaoling_age", text="80", since=today, source="公告", by=first)
        assert elsewhere(lambda: (in_force(A, today), city_of(A, today).values)) == ([], {})
    assert elsewhere(lambda: in_force(A, today)) == [("35", row.pk)]
    assert elsewhere(lambda: city_of(A, today).values["gaoling_age"].text) == "80"


def test_of_two_versions_released_at_once_one_is_refused():
    rows = [drafted(mended(fee="不收费")), cards.draft(
        district=A, card=mended(limit="十五天"), since=timezone.localdate(), by=deciders(A)[2]
    )]  # fmt: skip
    measured(rows[1])
    for row in rows:
        cards.submit(version=row, by=deciders(A)[0])
    came = both(*(lambda row=row: cards.release(version=row, by=deciders(A)[1]) for row in rows))
    assert sorted(type(one).__name__ for one in came) == ["CardVersion", "ValidationError"]
    assert CardVersion.objects.filter(state="released").count() == 1


def test_two_cards_begun_at_once_have_a_number_each():
    users, today = deciders(A), timezone.localdate()
    made = both(*(
        lambda about=about, user=user: cards.draft(district=A, card=new_card(about), since=today, by=user)
        for about, user in (("甲", users[0]), ("乙", users[1]))
    ))  # fmt: skip
    assert {one.key for one in made} == {"N1", "N2"}


@pytest.mark.slow
def test_two_web_processes_take_a_new_version_with_the_next_question():
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    environment["QINGLAN_TEST_DATABASE"] = connection.settings_dict["NAME"]
    start = f"from qinglan.config import settings\nsettings.DATABASES['default']['NAME'] = {connection.settings_dict['NAME']!r}\n"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", start + ASKING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(2)
    ]  # fmt: skip

    def ask() -> list[Any]:
        said = []
        for one in processes:
            assert one.stdin is not None
            assert one.stdout is not None
            one.stdin.write("高龄津贴怎么申请\n")
            one.stdin.flush()
            said.append(json.loads(one.stdout.readline()))
        return said

    try:
        before = ask()
        assert before[0] == before[1]
        assert not before[0][0].startswith("第")
        row = released()
        after = ask()
        assert after[0] == after[1]
        assert after[0][0] == f"第{row.pk}版"
        assert row.content["card"]["answer"] in after[0][1]
        city.fill(
            district=A, field="gaoling_age", text="80", since=timezone.localdate(), source="公告", by=deciders(A)[0]
        )
        assert all(lines["高龄津贴从几岁起发"].startswith("80岁") for _, _, lines in ask())
    finally:
        for one in processes:
            one.kill()
            one.communicate()
