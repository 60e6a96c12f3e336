"""The number of queries of each list page, committed; the same with few rows and with many. Re-record: UPDATE_QUERY_COUNTS=1."""

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qinglan.apps.people.models import Certificate, CertificateLevel
from tests.factories import posted

LEDGER = Path(__file__).with_name("query_counts.json")
AT_MOST = 15
COMMUNITIES = ("990101001001", "990101001002", "990101002001")
LISTS = ["/", "/organisations/", "/organisations/990101001/", "/people/", "/people/?q=l&org=990101001&post=worker"]

pytestmark = pytest.mark.django_db


def _count(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    # reading the session and the user is every page's own
    return len([query for query in captured if "django_session" not in query["sql"]])


def _more_people(n: int) -> None:
    for i in range(n):
        someone = posted(COMMUNITIES[i % len(COMMUNITIES)])
        Certificate.objects.create(person=someone, level=CertificateLevel.JUNIOR)


@pytest.fixture
def counts(cast, client):
    """Address -> queries with the cast alone, and with sixty people more (more than a page of the list)."""
    client.force_login(cast.users["district_a"])
    client.get("/people/")  # whatever is read once a process is read now
    few = {address: _count(client, address) for address in LISTS}
    _more_people(60)
    many = {address: _count(client, address) for address in LISTS}
    return few, many


def test_counts_do_not_grow_with_rows_and_match_the_ledger(counts):
    few, many = counts
    assert few == many
    assert max(many.values()) <= AT_MOST
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        LEDGER.write_text(json.dumps(many, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(LEDGER.read_text(encoding="utf-8"))
