"""What residents asked and got no good answer to, grouped by meaning, so that an officer can make a card of it.

Not offered: what must never be answered (others' data, commands, pending cases, acts), danger, and what no vector is kept of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils import timezone

from qinglan.apps.assistant.models import CardVersion, Question
from qinglan.apps.assistant.states import Outcome, Thumb
from qinglan.apps.base.models import ReleaseState
from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.deciding import Answerer
from qinglan.core.retrieval.guarding import guard
from qinglan.core.retrieval.index import Index
from qinglan.core.retrieval.ranking import rank
from qinglan.core.retrieval.text import normalise

NEVER = ("others", "orders", "court", "act")  # kinds of refusals
MOST = 2_000  # the newest
ASKED = 3  # questions of a group that its nearest cards are looked for by
NEAREST = 3  # cards offered for a group: the first alone is right too seldom
KIND = Coalesce(KT("reply__refusal"), Value(""), output_field=TextField())


def open_questions(rows: QuerySet[Question], district: str, index: Index, days: int) -> list[Question]:
    """Of `rows` those of the last days that were not answered or did not help, of which no draft was made, nor of a person's
    answer to it."""
    passes_on = [card.key for card in index.cards if card.kind == "handover"]
    went_on = Question.objects.filter(talk=OuterRef("talk"), pk__gt=OuterRef("pk"))
    unanswered = (
        Q(outcome=Outcome.HANDED_OVER) & ~Q(card_key__in=passes_on)
        | Q(outcome=Outcome.REFUSED, card_key="")
        | Q(outcome=Outcome.ASKS, reply__asks="choice") & ~Exists(went_on)
    )
    answered_by_a_person = CardVersion.objects.filter(hand_over__question=OuterRef("pk")).exclude(
        state=ReleaseState.WITHDRAWN
    )
    since = timezone.now() - timedelta(days=days)
    found = (
        rows.filter(unanswered | Q(thumb=Thumb.DOWN), talk__org_code__startswith=district, settled=None, at__gte=since)
        .exclude(Exists(answered_by_a_person)).exclude(vector=None).annotate(kind=KIND).exclude(kind__in=NEVER).defer("reply").order_by("-pk")
    )  # fmt: skip
    return [one for one in found[:MOST] if not guard(one.text).danger]


def grouped(questions: Sequence[Question], index: Index) -> list[list[Question]]:
    """The questions by meaning, the largest group first, the newest question first in each."""
    size = index.rows.shape[1]
    readable = [one for one in questions if one.vector is not None and len(one.vector) == size]
    if not readable:
        return []
    # What it stands on (scipy) takes a second to load, and few ever open this page.
    grouping = import_module("qinglan.core.retrieval.grouping")
    vectors = vectors_of(readable)
    found = grouping.groups(vectors, index, grouping.rounding(index))
    return [[readable[row] for row in rows] for rows in found]


def nearest(questions: Sequence[Question], answerer: Answerer, most: int = NEAREST) -> list[Card]:
    """The cards that are best for some questions together, the best first, whether or not one may answer them; asked of a few of them."""
    index, some = answerer.index, questions[:ASKED]
    scores = np.zeros(len(index.cards))
    for one, vector in zip(some, vectors_of(some), strict=True):
        ranked = rank(index, answerer.weights, normalise(one.text), vector)
        scores[ranked.order] += ranked.scores - ranked.scores.max()
        scores[np.setdiff1d(np.arange(len(scores)), ranked.order)] += ranked.scores.min() - ranked.scores.max()
    return [index.cards[int(one)] for one in np.argsort(-scores, kind="stable")[:most]]


def vectors_of(questions: Sequence[Question]) -> np.ndarray:
    """(n, D) float32 of length 1, from what is kept (core.retrieval.vectors)."""
    kept = np.stack([np.frombuffer(bytes(one.vector or b""), np.int8) for one in questions]).astype(np.float32)
    return np.asarray(kept / np.linalg.norm(kept, axis=1, keepdims=True))


def card_named(said: str, index: Index) -> str:
    """The key of the card whose title or number was typed; "" when there is none."""
    said = said.strip()
    return next((card.key for card in index.cards if said in (card.title, card.key)), "")
