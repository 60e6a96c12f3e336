"""The fictional district has claims in every state, and its residents have asked: each page about them has something to show."""

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from qinglan.apps.assistant.models import CityValue, HandOver, Question, Tally
from qinglan.apps.assistant.states import Handing, Outcome, Thumb
from qinglan.apps.people.models import User
from qinglan.apps.policy.actions import years
from qinglan.apps.rights.models import Claim
from qinglan.demo import disputes, loading, places, questions

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 3)


@pytest.fixture(scope="module")
def module_claims(module_db: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The claims of a small 桃源区, as demo-data makes them around the correction of 2024."""
    with django_db_blocker.unblock():
        path: Path = tmp_path_factory.mktemp("demo") / "accounts.json"
        loading.load(say=lambda sentence: None, total=189, subdistricts=1)
        loading.accounts(path)
        loading.publish(years.compute(district=places.DISTRICT, year=2024, by=None))
        doubt = disputes.doubt(year=2024)
        loading.certify_late()
        disputes.note_correction(doubt)
        loading.publish(years.compute(district=places.DISTRICT, year=2024, by=None))
        disputes.settle(doubt)
        assert disputes.others(today=TODAY) == 7


@pytest.fixture
def told(module_claims: None, db: None) -> list[Claim]:
    return list(Claim.objects.order_by("pk"))


def test_every_state_is_there(told: list[Claim]) -> None:
    assert {claim.state for claim in told} == set(Claim.State.values)
    assert len(told) == 8
    assert {claim.level for claim in told} == {1, 2}
    assert {claim.kind for claim in told} == {"figure", "general"}


def test_all_of_it_is_marked_as_invented(told: list[Claim]) -> None:
    for claim in told:
        assert claim.text.endswith(disputes.MARK)
        assert claim.person.synthetic
        assert all(disputes.MARK in answer.reasons for answer in claim.answers.all())


def test_one_is_past_its_day_and_some_are_gathered_for_the_tenth(told: list[Claim]) -> None:
    waiting = [claim for claim in told if claim.state in ("received", "assigned")]
    late = [claim for claim in waiting if claim.due_on and claim.due_on < TODAY]
    assert {(claim.state, claim.level) for claim in late} == {("received", 1), ("received", 2)}
    assert len([claim for claim in waiting if claim.hearing_on == date(2026, 11, 10)]) == 2


def test_the_correction_shows_its_difference(told: list[Claim], client: Client) -> None:
    (corrected,) = [claim for claim in told if claim.state == "corrected"]
    client.force_login(User.objects.get(username="shegong"))
    page = client.get(f"/rights/{corrected.pk}/").content.decode()
    assert "更正前后的不同" in page
    assert "→" in page.split('id="difference"')[1]
    assert corrected.corrections.filter(run__isnull=False).count() == 1


def test_loading_again_adds_nothing(told: list[Claim]) -> None:
    assert disputes.others(today=TODAY) == 0
    assert Claim.objects.count() == len(told)


def test_residents_have_asked_once_and_what_is_invented_says_so(module_claims: None, db: None) -> None:
    count, handed = questions.asked(today=TODAY)
    rows = list(Question.objects.order_by("pk"))
    assert (count, handed) == (len(rows), HandOver.objects.count())
    assert {row.outcome for row in rows} >= {Outcome.ANSWERED, Outcome.REFUSED}
    assert {row.thumb for row in rows} == set(Thumb)
    assert sum(Tally.objects.values_list("asked", flat=True)) == count
    assert set(HandOver.objects.values_list("state", flat=True)) == {Handing.WAITING, Handing.ANSWERED}
    filled = CityValue.objects.within(places.DISTRICT)
    assert filled.count() == len(questions.CITY)
    assert all("合成数据" in one.source for one in filled)
    old = next(row for row in rows if "八十" in row.text)
    assert any("100元/月" in line["text"] for line in old.reply["details"])
    assert questions.asked(today=TODAY) == (0, 0)
