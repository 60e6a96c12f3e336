"""The program's card changed after a district had written its own: it is pointed out, taken over or kept, and then no more."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from tests.factories import deciders
from tests.factories.cards import drafted, measured, mended, outgrown, released, shipped_card

from qinglan.apps.assistant.actions import cards
from qinglan.apps.assistant.models import CardVersion
from qinglan.apps.assistant.queries import card_content
from qinglan.apps.assistant.queries import cards as queries
from qinglan.apps.assistant.queries.updates import taken_over, update_of
from qinglan.core.retrieval.cards import Card

pytestmark = pytest.mark.django_db
A, B = "990101", "990102"


def standing(key: str = "35", district: str = A) -> queries.Standing:
    found = queries.standing_of(district, key, timezone.localdate())
    assert found is not None
    return found


def test_only_a_card_that_the_program_changed_since_is_pointed_out(cast):
    outgrown("35")
    released(mended("36", fee="不收费"))
    rows = queries.standings(A, timezone.localdate())
    assert [one.key for one in queries.narrowed(rows, {"show": "updated"}, timezone.localdate())] == ["35"]
    assert not standing(district=B).updated


def test_what_the_program_changed_is_told_and_not_what_the_district_did(cast):
    outgrown(
        "35",
        card=mended("35", fee="本区不收费", next="请到本区的窗口。", limit="三日"),
        next="请到社区问。",
        limit="三日",
        helps="无",
    )
    one = standing()
    assert one.shipped is not None
    found = update_of(one.seen, one.card, one.shipped)
    assert found.known
    assert [(each.label, each.before) for each in found.changes] == [("下一步", ("请到社区问。",)), ("时限", ("三日",))]
    assert found.both == {"下一步"}


def test_taken_over_it_keeps_what_the_district_changed(cast):
    outgrown()
    row = cards.take_over(district=A, key="35", by=deciders(A)[0])
    card = queries.card_of(row)
    assert (card.next, card.fee) == (shipped_card().next, "本区不收费")
    assert row.state == "draft"
    assert standing().updated, "nothing is settled before the second person releases it"
    cards.submit(version=row, by=deciders(A)[0])
    with pytest.raises(ValidationError, match="评测"):
        cards.release(version=row, by=deciders(A)[1])
    measured(row)
    cards.release(version=row, by=deciders(A)[1])
    assert not standing().updated
    assert standing().card == card


def test_kept_it_stays_as_it_is_and_is_pointed_out_no_more(cast):
    own = outgrown()
    row = cards.keep_own(district=A, key="35", by=deciders(A)[0])
    assert row.state == "submitted"
    assert queries.card_of(row) == queries.card_of(own)
    with pytest.raises(PermissionDenied, match="另一人"):
        cards.release(version=row, by=deciders(A)[0])
    cards.release(version=row, by=deciders(A)[1])  # nobody needs to measure what changes nothing
    assert standing().own == row
    assert not standing().updated


def test_another_change_of_the_card_does_not_settle_it(cast):
    outgrown()
    row = drafted(Card.model_validate(standing().card.model_dump() | {"limit": "十日"}))
    cards.submit(version=row, by=deciders(A)[0])
    cards.release(version=row, by=deciders(A)[1])
    assert standing().card.limit == "十日"
    assert standing().updated


def test_where_nothing_was_updated_there_is_nothing_to_take_or_keep(cast):
    released()
    for work in (cards.take_over, cards.keep_own):
        with pytest.raises(ValidationError, match="没有要看的更新"):
            work(district=A, key="35", by=deciders(A)[0])
        with pytest.raises(PermissionDenied):
            work(district=A, key="35", by=deciders(B)[0])


def test_one_who_came_late_is_told(cast):
    outgrown()
    mark = standing().mark
    cards.release(version=cards.keep_own(district=A, key="35", by=deciders(A)[0]), by=deciders(A)[1])
    with pytest.raises(ValidationError, match="没有要看的更新"):
        cards.take_over(district=A, key="35", by=deciders(A)[2], base=mark)


def test_a_version_that_does_not_say_what_it_was_written_beside_is_pointed_out(cast):
    """An old content: it is not known what the program's card said then, so the two are shown side by side and may be settled."""
    own = released()
    old = CardVersion(pk=own.pk, org_code=A, key="35", content=own.content["card"], since=own.since)
    one = queries.Standing("35", queries.card_of(old), old, shipped_card())
    assert one.seen is None
    assert one.updated
    assert not update_of(one.seen, one.card, shipped_card()).known
    assert taken_over(one.seen, one.card, shipped_card()) == shipped_card()
    assert not queries.Standing("35", shipped_card(), old, shipped_card()).updated, "it says what the program says"


def test_a_district_that_had_written_what_the_program_says_now_is_not_asked(cast):
    outgrown(card=shipped_card())
    assert not standing().updated


def test_that_it_was_only_checked_again_is_no_update(cast):
    outgrown(checked="2025-01-01")
    assert not standing().updated


BASE = {
    "materials": ["甲", "乙", "丙"], "law": [{"name": "甲法", "articles": ["1"]}, {"name": "乙法"}], "checked": "2026-01-01",
    "questions": {**shipped_card().questions, "plain": ["问一", "问二"], "word": ["问词"]},
}  # fmt: skip


def _card(**changes: object) -> Card:
    return Card.model_validate(shipped_card().model_dump() | BASE | changes)


def test_lists_are_put_together_line_by_line():
    asked = BASE["questions"]
    ours = _card(
        materials=["甲", "丙", "丁"], law=[{"name": "甲法", "articles": ["1", "2"]}, {"name": "乙法"}],
        questions={**asked, "plain": ["问一"], "word": ["问词", "问二"]}, checked="2026-03-01",
    )  # fmt: skip
    theirs = _card(
        materials=["甲", "乙", "戊"], law=[{"name": "甲法", "articles": ["1"]}, {"name": "丙法"}],
        questions={**asked, "plain": ["问一", "问二", "问三"], "elder": ["老问"]}, checked="2026-02-01",
    )  # fmt: skip
    found = taken_over(_card(), ours, theirs)
    assert found.materials == ("甲", "戊", "丁"), "乙 was taken out by the district, 丙 by the program"
    assert [(one.name, one.articles) for one in found.law] == [("甲法", ("1", "2")), ("丙法", ())]
    assert found.questions["plain"] == ("问一", "问三")
    assert found.questions["word"] == ("问词", "问二")
    assert found.questions["elder"] == ("老问",)
    assert found.checked == date(2026, 3, 1)
    assert len(found.asked) == len(set(found.asked))
    assert taken_over(_card(), _card(), theirs) == theirs.model_copy(update={"checked": date(2026, 2, 1)})
    assert taken_over(_card(), ours, _card()) == ours


def test_the_content_says_what_was_looked_at(cast):
    outgrown()
    other = cards.draft(district=A, card=mended("35", fee="五元"), since=timezone.localdate(), by=deciders(A)[2])
    taken = cards.take_over(district=A, key="35", by=deciders(A)[0])
    assert card_content.read(taken.content).shipped == shipped_card()
    assert card_content.read(other.content).shipped == standing().seen
