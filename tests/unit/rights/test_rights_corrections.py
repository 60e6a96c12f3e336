"""From an upheld claim to the corrected fact, the amended publication, and the difference that the claim then shows."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from tests.factories import published
from tests.unit.rights.conftest import DAY, DISTRICT, officer

from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.models import EvaluationScore, TrainingRecord
from qinglan.apps.notices.models import Notice
from qinglan.apps.policy.actions import years
from qinglan.apps.rights.actions import claims, corrections
from qinglan.apps.rights.models import Claim
from qinglan.apps.rights.queries import claims as queries
from qinglan.apps.rights.queries.figures import amended_result, difference

pytestmark = pytest.mark.django_db


@pytest.fixture
def training(cast):
    """Eight hours of training on record, recorded before anybody decides."""
    row = {"person_id": cast.people["worker_a"].pk, "org_code": "990101001001", "valid_on": date(2025, 3, 1),
           "kind": "annual", "course": "社区治理", "hours": 800, "days": None}  # fmt: skip
    recording.record_many(kind="training", rows=[row], by=None, org_code=DISTRICT)
    return TrainingRecord.objects.get()


@pytest.fixture
def upheld(cast, training, file, result) -> Claim:
    """The worker's objection to her training hours, upheld: sixteen hours, not eight."""
    claim = file(objection=claims.Objection(result, "train.annual_days", "annual_shortfall"))
    reviewer = cast.users["district_a"]
    claims.assign(claim=claim, to=reviewer, by=reviewer)
    claims.answer(
        claim=claim, outcome="upheld", reasons="签到表记 16 学时", to_correct="3 月 1 日的培训为 16 学时", by=reviewer,
        fact=("training", training.pk),
    )  # fmt: skip
    claim.refresh_from_db()
    return claim


def test_facts_of_her_year_can_be_named_in_an_answer(cast, training, file):
    words = dict(queries.facts_of(file()))
    assert "社区治理 8 学时" in words[f"training:{training.pk}"]


def test_an_upheld_claim_ends_with_the_difference(cast, training, upheld):
    reviewer, keeper = cast.users["district_a"], officer("keeper")
    with pytest.raises(ValidationError, match="更正并公布以后"):
        claims.close(claim=upheld, by=cast.users["worker_a"], on=DAY)
    with pytest.raises(ValidationError, match="先更正事实"):
        corrections.complete(claim=upheld, by=reviewer)
    made = recording.correct(fact=training, by=keeper, reason="诉求成立", hours=1600)
    answer = upheld.answers.get()
    assert [named for named, _ in queries.corrected_since(upheld, answer)] == [f"training:{made.pk}"]
    link = corrections.link_correction(claim=upheld, by=reviewer, fact=made)
    assert corrections.link_correction(claim=upheld, by=reviewer, fact=made).pk == link.pk
    with pytest.raises(ValidationError, match="还没有更正后的公布"):
        corrections.complete(claim=upheld, by=reviewer)
    draft = years.compute(district=DISTRICT, year=2025, by=None)
    assert amended_result(upheld) is None  # a draft amends nothing
    published(draft)
    done = corrections.complete(claim=upheld, by=reviewer)
    assert done.state == Claim.State.CORRECTED
    assert corrections.complete(claim=upheld, by=reviewer).state == Claim.State.CORRECTED
    assert [row.run_id for row in upheld.corrections.all()] == [None, draft.pk]
    assert any("已更正" in n.text for n in Notice.objects.filter(user=cast.users["worker_a"]))
    found = difference(upheld, amended_result(upheld))
    assert found.before != found.after
    assert any("16" in cause.after for cause in found.causes)
    assert queries.corrections_of(upheld)[0].words.endswith("16 学时")
    claims.close(claim=upheld, by=cast.users["worker_a"], on=DAY)


def test_only_what_was_corrected_since_the_answer_and_is_hers_is_linked(cast, training, upheld):
    reviewer = cast.users["district_a"]
    other = {"person_id": cast.people["sibling_a"].pk, "org_code": "990101002001", "valid_on": date(2025, 3, 1),
             "kind": "annual", "course": "社区治理", "hours": 800, "days": None}  # fmt: skip
    score = {"person_id": None, "org_code": "990101002001", "valid_on": date(2025, 12, 31), "source": 2, "score": 80,
             "ballots": None, "favourable": None}  # fmt: skip
    recording.record_many(kind="training", rows=[other], by=None, org_code=DISTRICT)
    recording.record_many(kind="scores", rows=[score], by=None, org_code=DISTRICT)
    hers = TrainingRecord.objects.get(person=cast.people["sibling_a"])
    theirs = recording.correct(fact=hers, by=officer("k"), reason="x", hours=900)
    unit = recording.correct(fact=EvaluationScore.objects.get(), by=officer("k"), reason="x", score=90)
    for fact, word in ((theirs, "不是提出人"), (unit, "不是提出人"), (training, "答复以后更正")):
        with pytest.raises(ValidationError, match=word):
            corrections.link_correction(claim=upheld, by=reviewer, fact=fact)
    with pytest.raises(ValidationError, match="写明改了什么"):
        corrections.link_correction(claim=upheld, by=reviewer)
    with pytest.raises(PermissionDenied):
        corrections.link_correction(claim=upheld, by=cast.users["worker_a"], note="x")


def test_a_correction_that_is_no_fact_is_said_in_words(cast, upheld):
    reviewer = cast.users["district_a"]
    corrections.link_correction(claim=upheld, by=reviewer, note="任职起始日改为 2019-01-01")
    assert corrections.amending_run(upheld) is None
    published(years.compute(district=DISTRICT, year=2025, by=None))
    assert corrections.complete(claim=upheld, by=reviewer).state == Claim.State.CORRECTED


def test_a_rejected_claim_calls_for_no_correction(cast, file):
    claim, reviewer = file(), cast.users["district_a"]
    claims.assign(claim=claim, to=reviewer, by=reviewer)
    claims.answer(claim=claim, outcome="rejected", reasons="x", by=reviewer)
    with pytest.raises(ValidationError, match="没有等待更正的答复"):
        corrections.link_correction(claim=claim, by=reviewer, note="x")


def test_a_general_claim_is_corrected_without_a_run(cast):
    reviewer = cast.users["district_a"]
    claim = claims.file(
        person=cast.people["worker_a"], text="值班没有调休", key="k", on=DAY, by=cast.users["worker_a"]
    )  # fmt: skip
    claims.assign(claim=claim, to=reviewer, by=reviewer)
    claims.answer(claim=claim, outcome="partly", reasons="x", to_correct="补调休一天", by=reviewer)
    corrections.link_correction(claim=claim, by=reviewer, note="已安排 6 月 5 日调休")
    assert corrections.complete(claim=claim, by=reviewer).state == Claim.State.CORRECTED
