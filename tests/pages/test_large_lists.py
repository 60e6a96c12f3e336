"""Every list page at 5,000 people and at 50,000: at most 15 queries, and the same number at both (slow suite).

The counts at these sizes are committed beside the ledger of the small ones; UPDATE_QUERY_COUNTS=1 writes them anew. How long a page takes
is measured in benchmarks, never here.
"""

import json
import os
from datetime import date
from pathlib import Path
from random import Random

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qinglan.apps.facts.actions import recording
from qinglan.apps.people.actions import roles
from qinglan.apps.people.models import Person, Role
from qinglan.apps.policy.actions import adoption, years
from qinglan.demo import loading, places, workforce

LEDGER = Path(__file__).with_name("query_counts_large.json")
AT_MOST = 15
LISTS = (
    "/", "/organisations/", "/organisations/990101001/", "/people/", "/people/?q=l&post=worker", "/people/?per_page=100",
    "/results/", "/results/?grade=2", "/results/runs/", "/facts/", "/facts/?kind=awards", "/imports/", "/packs/",
)  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def district(total: int, taken: set[str]) -> None:
    """桃源区 with `total` people, one training fact each, and one year computed."""
    random = Random(total)
    workers = workforce.people(places.communities(), total, random, taken)
    people = loading._people(workers)
    rows = [
        {
            "person_id": person.pk, "org_code": person.org_code, "valid_on": date(2025, 3, 3), "kind": "annual",
            "course": "年度培训", "hours": 800, "days": None, "recorder": "演示", "evidence": "合成数据", "sheet_row": "",
        }
        for person in people.values()
    ]  # fmt: skip
    recording.record_many(kind="training", rows=rows, by=None, org_code=places.DISTRICT)
    years.compute(district=places.DISTRICT, year=2025, by=None)


def counted(client) -> dict[str, int]:
    found = {}
    for address in LISTS:
        client.get(address)  # what is read once a process is read now
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200, address
        found[address] = len([query for query in captured if "django_session" not in query["sql"]])
    return found


def test_lists_ask_as_often_at_fifty_thousand_as_at_five_thousand(client) -> None:
    loading._organisations(len(places.SUBDISTRICTS))
    adoption.adopt(district=places.DISTRICT, pack="taoyuan", since=date(2023, 1, 1), by=None)
    user = roles.open_account(username="qu", name="区级", by=None, password=None)
    roles.grant(user=user, role=Role.DISTRICT_OFFICER, org_code=places.DISTRICT, since=date(2023, 1, 1), by=None)
    client.force_login(get_user_model().objects.get(username="qu"))
    taken: set[str] = set()
    district(5_000, taken)
    small = counted(client)
    assert Person.objects.count() >= 5_000
    district(45_000, taken)
    large = counted(client)
    assert Person.objects.count() >= 50_000
    assert small == large
    assert max(large.values()) <= AT_MOST, large
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        LEDGER.write_text(json.dumps(large, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert large == json.loads(LEDGER.read_text(encoding="utf-8"))
