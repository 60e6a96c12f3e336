"""Two at once: the database lets one win, and nothing comes twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection
from tests.cast import TODAY
from tests.factories import organisation, posted, roster_rows

from qinglan.apps.people.actions import ActionError, postings, roster
from qinglan.apps.people.models import Organisation, Person, Posting, PostKind

pytestmark = pytest.mark.django_db(transaction=True)
CODE, OTHER = "990101001001", "990101001002"


def both(*works: object) -> list[object]:
    """Run two pieces of work at the same moment, each on its own connection; results or refusals."""
    barrier = Barrier(len(works))

    def one(work: object) -> object:
        try:
            barrier.wait(120)
            return work()  # type: ignore[operator]
        except ActionError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def test_the_same_roster_loaded_twice_at_once_adds_everybody_once() -> None:
    organisation(CODE)
    rows = list(roster_rows([CODE], 50))

    def load() -> object:
        return roster.apply(rows=rows, district="990101", on=TODAY, by=None, source="x").counts()

    results = both(load, load)
    assert sorted((r["added"], r["unchanged"]) for r in results) == [(0, 50), (50, 0)]  # type: ignore[index]
    assert Person.objects.count() == Posting.objects.count() == 50


def test_two_officers_assign_one_person_at_once() -> None:
    for code in (CODE, OTHER):
        organisation(code)
    someone = posted(CODE, since=date(2020, 1, 1))

    def assign(code: str) -> object:
        return postings.assign(person=someone, org_code=code, kind=PostKind.GRID, since=TODAY, by=None, today=TODAY)

    results = both(lambda: assign(CODE), lambda: assign(OTHER))
    assert sum(isinstance(r, ActionError) for r in results) == 1
    assert Posting.objects.main().filter(person=someone, span__contains=TODAY).count() == 1
    assert Organisation.objects.count() == 2
