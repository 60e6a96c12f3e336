"""Questions that mean the same are put together, others are not; what may be learnt from is chosen; nobody's number is in it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from tests import cast as casting

from qinglan.apps.assistant.actions import asking, handing, learning
from qinglan.apps.assistant.models import CardVersion, Question, Talk
from qinglan.apps.assistant.permissions import questions_for
from qinglan.apps.assistant.queries import clusters
from qinglan.apps.assistant.states import Channel, Outcome, Thumb
from qinglan.apps.audit.models import AuditEvent
from qinglan.core.retrieval import grouping, shipped
from qinglan.core.retrieval.index import Index
from qinglan.core.retrieval.vectors import small

DISTRICT, PLACE = "990101", "990101001001"


def index() -> Index:
    """Built when first asked for, not when tests are collected."""
    return shipped.answerer().index


# --- the groups themselves ---


def unknown_cards(per: int = 8) -> tuple[list[int], np.ndarray, np.ndarray]:
    """(every fourth card, some of its ways of asking, whose they are)."""
    cards = list(range(0, len(index().cards), 4))
    chosen = [row for card in cards for row in range(index().starts[card], index().starts[card] + per)]
    return cards, index().rows[chosen], np.repeat(cards, per)


def figures(cut: float) -> tuple[float, float]:
    """(of two questions put together how many are of one card, of two of one card how many are put together)."""
    cards, vectors, whose = unknown_cards()
    label = np.empty(len(vectors), int)
    for number, rows in enumerate(grouping.groups(vectors, index(), grouping.rounding(index(), cards), cut)):
        label[rows] = number
    pairs = np.triu_indices(len(vectors), 1)
    same, put = (whose[:, None] == whose)[pairs], (label[:, None] == label)[pairs]
    return float((same & put).sum() / put.sum()), float((same & put).sum() / same.sum())


def test_questions_of_a_card_that_nobody_knows_fall_together_as_well_as_stated() -> None:
    pure, together = figures(grouping.CUT)
    assert pure >= 0.6
    assert together >= 0.4


@pytest.mark.parametrize("cut", [grouping.CUT - 0.25, grouping.CUT + 0.25])
def test_another_cut_would_not_do(cut: float) -> None:
    """The control of the figures: what is far from the cut fails one of them."""
    assert min(figures(cut)) < 0.2


def test_vectors_of_nothing_do_not_cluster() -> None:
    """The control: what lies in all directions stays alone."""
    noise = np.random.default_rng(7).standard_normal((400, index().rows.shape[1])).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    found = grouping.groups(noise, index(), grouping.rounding(index()))
    assert len(found[0]) <= 3
    assert len(found) > 350


def test_every_question_is_in_one_group_and_the_largest_comes_first() -> None:
    _, vectors, _ = unknown_cards(3)
    found = grouping.groups(vectors, index(), grouping.rounding(index()))
    assert sorted(row for rows in found for row in rows) == list(range(len(vectors)))
    assert [len(rows) for rows in found] == sorted(map(len, found), reverse=True)
    assert grouping.groups(vectors, index(), grouping.rounding(index())) == found
    assert grouping.groups(vectors[:1], index(), grouping.rounding(index())) == [[0]]
    assert grouping.groups(vectors[:0], index(), grouping.rounding(index())) == []


@pytest.mark.slow
def test_two_thousand_questions_are_grouped_within_a_second() -> None:
    """Processor time, as others work here too."""
    began = time.process_time()
    grouping.groups(index().rows[::4][:2_000], index(), grouping.rounding(index()))
    assert time.process_time() - began < 1.0


# --- what is offered ---


@pytest.fixture
def talk(cast: casting.Cast) -> Talk:
    return asking.begin(channel=Channel.PAGE, place=PLACE)


def asked(talk: Talk, text: str = "柳编社摊位怎么登记", vector: int = 0, **more: Any) -> Question:
    """A question as the assistant keeps it."""
    given = {
        "outcome": Outcome.HANDED_OVER,
        "reply": {"refusal": "near"},
        "vector": small(index().rows[vector]).tobytes(),
    }
    return Question.objects.create(talk=talk, text=text, **given | more)


def offered(user: Any, days: int = 30) -> set[int]:
    return {one.pk for one in clusters.open_questions(questions_for(user), DISTRICT, index(), days)}


def test_what_was_not_answered_or_did_not_help_is_offered(cast: casting.Cast, talk: Talk) -> None:
    passes_on = next(card.key for card in index().cards if card.kind == "handover")
    wanted = [
        asked(talk),
        asked(talk, reply={}),  # as kept before kinds were
        asked(talk, card_key="35", reply={"refusal": ""}),  # a guess
        asked(talk, outcome=Outcome.REFUSED, reply={"refusal": "outside"}),
        asked(talk, outcome=Outcome.ANSWERED, card_key="35", reply={}, thumb=Thumb.DOWN),
        asked(asking.begin(channel=Channel.PANEL, place=PLACE), outcome=Outcome.ASKS, reply={"asks": "choice"}),
    ]
    left = [
        asked(talk, outcome=Outcome.ANSWERED, card_key="35"),
        asked(talk, outcome=Outcome.ASKS, reply={"asks": "choice"}),  # and went on
        asked(talk, outcome=Outcome.ASKS, reply={"asks": "city"}),
        asked(talk, outcome=Outcome.REFUSED, card_key="S1"),  # a certificate: that is the answer
        asked(talk, card_key=passes_on),  # so does this card answer
        *(asked(talk, reply={"refusal": kind}, thumb=Thumb.DOWN) for kind in clusters.NEVER),
        asked(talk, "我爸昏迷了叫不醒"),
        Question.objects.create(talk=talk, text="x", outcome="handed_over", reply={}),  # a rule decided: no vector
        asked(asking.begin(channel=Channel.PAGE, place="990102001001")),
        asked(asking.begin(channel=Channel.PAGE)),  # nobody knows where
    ]
    assert offered(cast.users["district_a"]) == {one.pk for one in wanted}
    assert not offered(cast.users["subdistrict_a"])
    assert not offered(cast.users["district_b"])
    assert left


def test_what_is_old_or_already_in_a_draft_is_not(cast: casting.Cast, talk: Talk) -> None:
    old, drafted, new = asked(talk), asked(talk), asked(talk)
    Question.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=8))
    version = CardVersion.objects.create(
        org_code=DISTRICT, key="35", title="x", content={}, digest="x", since=timezone.localdate(), made_by_name="x"
    )
    Question.objects.filter(pk=drafted.pk).update(settled=version)
    chief = cast.users["district_a"]
    assert offered(chief, 7) == {new.pk}
    assert offered(chief, 30) == {old.pk, new.pk}
    CardVersion.objects.filter(pk=version.pk).update(state="withdrawn")
    assert drafted.pk not in offered(chief), "actions.cards opens them again"


def test_what_a_persons_answer_became_a_draft_of_is_not(cast: casting.Cast, talk: Talk) -> None:
    row, chief = asked(talk), cast.users["district_a"]
    handed = handing.hand_over(question=row)
    assert offered(chief) == {row.pk}
    version = CardVersion.objects.create(
        org_code=DISTRICT, key="35", title="x", content={}, digest="x", since=timezone.localdate(), made_by_name="x", hand_over=handed,
    )  # fmt: skip
    assert not offered(chief)
    CardVersion.objects.filter(pk=version.pk).update(state="withdrawn")
    assert offered(chief) == {row.pk}


def test_groups_name_the_nearest_card_and_leave_out_what_cannot_be_read(cast: casting.Cast, talk: Talk) -> None:
    card, answerer = 40, shipped.answerer()
    said = index().cards[card].asked[:3]
    same = [asked(talk, text, vector=int(index().starts[card]) + n) for n, text in enumerate(said)]
    broken = asked(talk, vector=0)
    Question.objects.filter(pk=broken.pk).update(vector=b"short")
    rows = clusters.open_questions(questions_for(cast.users["district_a"]), DISTRICT, index(), 30)
    found = clusters.grouped(rows, index())
    assert {one.pk for group in found for one in group} == {one.pk for one in same}
    assert [clusters.nearest(group, answerer)[0] for group in found] == [index().cards[card]] * len(found)
    near = clusters.nearest(same, answerer)
    assert near[0] == index().cards[card]
    assert len({one.key for one in near}) == len(near) == 3
    assert clusters.grouped([], index()) == []
    title, key = index().cards[card].title, index().cards[card].key
    assert clusters.card_named(f" {title} ", index()) == clusters.card_named(key, index()) == key
    assert clusters.card_named("没有的卡", index()) == ""


def test_a_real_question_is_masked_and_offered(cast: casting.Cast, talk: Talk) -> None:
    row = asking.ask(talk=talk, text="高龄津贴怎么领，我电话 13812345678")
    asking.rate(question=row, thumb=Thumb.DOWN)
    found = clusters.open_questions(questions_for(cast.users["district_a"]), DISTRICT, index(), 30)
    assert [one.pk for one in found] == [row.pk]
    assert "138" not in found[0].text
    theirs = asking.ask(talk=talk, text="查一下隔壁王某的电话")
    asking.rate(question=theirs, thumb=Thumb.DOWN)
    assert theirs.pk not in offered(cast.users["district_a"])


def test_what_is_left_is_offered_no_more(cast: casting.Cast, talk: Talk) -> None:
    ours, theirs = asked(talk), asked(asking.begin(channel=Channel.PAGE, place="990102001001"))
    chief = cast.users["district_a"]
    assert learning.leave(district=DISTRICT, numbers=[ours.pk, theirs.pk], by=chief) == 1
    assert not offered(chief)
    theirs.refresh_from_db()
    assert theirs.vector is not None
    told = AuditEvent.objects.get(action="assistant.learn.leave")
    assert told.after == {"questions": 1}
    with pytest.raises(PermissionDenied):
        learning.leave(district="990102", numbers=[theirs.pk], by=chief)
