"""The pages on which an update of the program's card is seen beside the district's own version and settled."""

import pytest
from django.test import Client

from qinglan.apps.assistant.models import CardVersion
from tests.factories.cards import mended, outgrown, released, shipped_card

pytestmark = pytest.mark.django_db
LIST, CARD, UPDATE = "/assistant/cards/", "/assistant/cards/35/", "/assistant/cards/35/update/"
SAYS = "程序附带的卡片已更新"


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def last() -> CardVersion:
    return CardVersion.objects.latest("pk")


def test_the_list_says_which_and_narrows_to_them(officer: Client):
    outgrown("35")
    released(mended("36", fee="不收费"))
    found = officer.get(LIST, {"show": "updated"}).context["table"]
    assert [row.record.key for row in found.rows] == ["35"]
    rows = {row.record.key: row for row in officer.get(LIST, {"show": "own"}).context["table"].rows}
    assert "程序已更新" in rows["35"].get_cell("origin")
    assert "程序已更新" not in rows["36"].get_cell("origin")


def test_the_card_shows_what_changed_and_two_ways_on(officer: Client):
    outgrown("35")
    page = text(officer.get(CARD))
    assert SAYS in page
    assert "<div>请到社区问。</div>" in page
    assert shipped_card().next in page
    assert "取用更新，存为草稿" in page
    assert "仍用本区的" in page
    assert SAYS not in text(officer.get("/assistant/cards/36/"))


def test_it_is_taken_over_as_a_draft(officer: Client, sign_in):
    own = outgrown("35")
    answer = officer.post(UPDATE, {"move": "take", "base": str(own.pk)}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/assistant/cards/versions/{last().pk}/"
    assert "已存为草稿" in text(answer)
    assert "还没有评测" in text(answer)
    assert SAYS in text(answer), "the second person reads what the program changed"
    page = text(officer.get(CARD))
    assert "已在办理" in page
    assert "取用更新，存为草稿" not in page


def test_keeping_ones_own_goes_to_a_second_person_without_an_evaluation(officer: Client, sign_in):
    own = outgrown("35")
    answer = text(officer.post(UPDATE, {"move": "keep"}, follow=True))
    assert last().state == "submitted"
    assert "没有不同：看过程序的更新" in answer
    assert "还没有评测" not in answer
    assert "须由另一人发布" in answer
    assert f'<option value="{own.pk}" selected>' in answer, "it says what it is compared with"


def test_whoever_came_late_reads_why_nothing_was_done(officer: Client):
    own = released()
    answer = text(officer.post(UPDATE, {"move": "keep"}, follow=True))
    assert "没有要看的更新" in answer
    outgrown("36")
    answer = text(officer.post("/assistant/cards/36/update/", {"move": "take", "base": str(own.pk)}, follow=True))
    assert "已换了新的版本" in answer
    assert last().state == "released"


def test_a_version_of_another_kind_shows_no_update(officer: Client):
    row = released(mended("36", fee="不收费"))
    assert SAYS not in text(officer.get(f"/assistant/cards/versions/{row.pk}/"))
