"""The number of queries of each list page, committed; the same with few rows and with many. Re-record: UPDATE_QUERY_COUNTS=1."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qinglan.apps.assistant.models import CardVersion, CityValue, Evaluation, HandOver, Question, Talk, Tally
from qinglan.apps.base.models import span
from qinglan.apps.erasure.models import Erasure
from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.models import HeaderWord, ImportBatch
from qinglan.apps.people.models import Certificate, CertificateLevel, Person, Role, RoleGrant, User
from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.models import Rehearsal, Study
from tests.factories import posted
from tests.factories.cards import new_card, shipped_card

LEDGER = Path(__file__).with_name("query_counts.json")
AT_MOST = 15
COMMUNITIES = ("990101001001", "990101001002", "990101002001")
LISTS = [
    "/",
    "/organisations/",
    "/organisations/990101001/",
    "/people/",
    "/people/?q=l&org=990101001&post=worker",
    "/people/duplicates/",
    "/users/",
    "/users/?q=w&role=worker&state=active",
    "/audit/",
    "/audit/?q=a&action=facts.&org=990101001",
    "/audit/looks/",
    "/audit/denied/",
    "/facts/",
    "/facts/?kind=scores",
    "/facts/?kind=training&q=l",
    "/imports/",
    "/imports/words/",
    "/notices/",
    "/rights/desk/",
    "/rights/day/",
    "/rights/proposals/",
    "/erasures/",
    "/rehearsals/",
    "/studies/",
    "/assistant/qr/",
    "/assistant/desk/",
    "/assistant/cards/",
    "/assistant/cards/?q=35&show=own",
    "/assistant/cards/35/",
    "/assistant/city/",
    "/assistant/evaluations/",
    "/assistant/learning/",
    "/assistant/counts/?by=org_code",
]

pytestmark = pytest.mark.django_db


def _count(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    # reading the session and the user is every page's own
    return len([query for query in captured if "django_session" not in query["sql"]])


def _more_people(n: int) -> None:
    """People with certificates and accounts; each two of one name and birth date, as if entered twice."""
    first = User.objects.count()
    run, _ = Run.objects.get_or_create(
        org_code="990101", year=2024, state="draft",
        defaults={"rule_versions": {}, "frame_columns": [], "step_columns": [], "month_columns": [], "segment_columns": [],
                  "unit_columns": [], "people": 0},
    )  # fmt: skip
    for i in range(n):
        code = COMMUNITIES[i % len(COMMUNITIES)]
        someone = posted(code, name=f"李同{first + i // 2}", birth=date(1991, 2, 3))
        Certificate.objects.create(person=someone, level=CertificateLevel.JUNIOR)
        user = User.objects.create(username=f"w{first + i}", last_name="李", person=someone)
        RoleGrant.objects.create(user=user, role=Role.WORKER, org_code=code, span=span(date(2020, 1, 1)))
        _more_facts(someone, i)
        Rehearsal.objects.create(
            org_code=code, run=run, year=run.year, name="津贴", scenario="", key="", years=1, replicates=2
        )  # fmt: skip
        _more_cards(first + i)
        _more_asked(code, first + i)
        HandOver.objects.create(org_code=code, text="楼上漏水找谁", state="taken", taken_by=user)
        Study.objects.create(kind="calibration", org_code=code, run=run, year=run.year, name="校准", inputs={})
        Erasure.objects.create(
            person=someone, org_code=code, ground="other", reason="书面申请", asked_by_id=1, asked_by_name="李"
        )  # fmt: skip


def _more_cards(i: int) -> None:
    """A released card of the district's own, a draft of a shipped one, a value that was changed once more."""
    own, shipped = new_card(f"菜园{i}", items=[f"N{i % 900 + 1}"]), shipped_card("35")
    for card, state in ((own, "released"), (shipped, "draft")):
        CardVersion.objects.create(
            org_code="990101", key=card.key, title=card.title, content=card.model_dump(mode="json"), digest=card.digest, state=state,
            since=date(2026, 1, 1), made_by_id=1, made_by_name="李",
        )  # fmt: skip
    CityValue.objects.create(
        org_code="990101", field="gaoling_age", text=str(i), since=date(2026, 1, 1), source="李", by_id=1, by_name="李"
    )


def _more_asked(code: str, i: int) -> None:
    """An evaluation, a question that nobody answered (each means something else), and a count."""
    Evaluation.objects.create(org_code=code, name=f"题{i}", questions=[], state="done", outcome={"shares": []})
    vector = bytes([1 + i % 100, 1, *([0] * 382)])
    Question.objects.create(
        talk=Talk.objects.create(key=f"k{i}", org_code=code, channel="page"), text=f"问{i}", outcome="handed_over",
        reply={"refusal": "near"}, vector=vector,
    )  # fmt: skip
    Tally.objects.get_or_create(
        day=timezone.localdate(),
        org_code=code,
        channel="page",
        outcome="answered",
        card_key=f"N{i}",
        defaults={"asked": 1},
    )


def _more_facts(someone: Person, i: int) -> None:
    """A training of a person, a score of her community, a file brought in and a header word."""
    about = {"person_id": someone.pk, "org_code": someone.org_code, "valid_on": date(2025, 6, 12)}
    course = {"kind": "annual", "course": "社区治理实务", "hours": 800, "days": None}
    recording.record_many(kind="training", rows=[about | course], by=None, org_code="990101")
    unit = {"person_id": None, "org_code": someone.org_code, "valid_on": date(1960 + i, 12, 31)}
    score = {"source": 2, "score": 80, "ballots": None, "favourable": None}
    recording.record_many(kind="scores", rows=[unit | score], by=None, org_code="990101")
    ImportBatch.objects.create(org_code="990101", kind="training", filename=f"{i}.xlsx", state="applied", content=b"x")
    HeaderWord.objects.create(org_code="990101", kind="training", field="course", word=f"词{someone.pk}")


@pytest.fixture
def counts(cast, client):
    """Address -> queries with a few people, and with sixty more (more than a page of the list)."""
    client.force_login(cast.users["district_a"])
    _more_people(4)
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
