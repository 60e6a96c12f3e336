"""Proposals that end or lower somebody: from published years only, the law's conditions, heard, confirmed by another, carried out by nobody here."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.http import Http404
from tests import cast as casting
from tests.factories import published
from tests.unit.rights.conftest import DAY, DISTRICT, officer

from qinglan.apps.base.models import span
from qinglan.apps.facts.actions import recording
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.actions import roles
from qinglan.apps.people.models import Employment, GradeHolding, Posting, StatusKind, StatusPeriod, User
from qinglan.apps.people.queries import handed
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.rights import permissions, states
from qinglan.apps.rights.actions import claims
from qinglan.apps.rights.actions import proposals as actions
from qinglan.apps.rights.models import Proposal, ProposalCheck, ProposalKind, ProposalStep
from qinglan.apps.rights.queries import conditions
from qinglan.apps.rights.queries import proposals as queries

pytestmark = pytest.mark.django_db
NOTES = {
    "remedied": "2025 年 2 月脱产培训一周，见培训通知",
    "barred_other": "5 月 20 日向本人和单位核对，无",
    "notice": "拟于 7 月 1 日书面通知",
    "union": "5 月 21 日书面通知工会，工会无不同意见",
    "severance": "按 6 年计 6 个月",
    "rules_told": "2024 年职代会通过，当年 3 月公示",
}


def _year(cast, year: int) -> PersonResult:
    """The worker's published year in which every score is 40."""
    person = cast.people["worker_a"]
    about = {"person_id": person.pk, "org_code": person.org_code, "score": 4000, "favourable": None}
    rows = [about | {"valid_on": date(year, 12, 31), "source": source, "ballots": 50} for source in (1, 2, 3, 4)]
    rows += [about | {"valid_on": date(year, month, 28), "source": 10, "ballots": None} for month in range(1, 13)]
    recording.record_many(kind="scores", rows=rows, by=None, org_code=DISTRICT)
    run = published(years.compute(district=DISTRICT, year=year, by=None))
    return PersonResult.objects.select_related("run", "person").get(run=run, person=person)


@pytest.fixture(scope="module")
def module_years(module_cast, django_db_blocker) -> tuple[int, int]:
    """Ids of her results of 2024 and 2025, both published, computed once for the module."""
    with django_db_blocker.unblock():
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        return _year(module_cast, 2024).pk, _year(module_cast, 2025).pk


@pytest.fixture
def first(cast, module_years) -> PersonResult:
    return PersonResult.objects.select_related("run", "person").get(pk=module_years[0])


@pytest.fixture
def second(cast, module_years) -> PersonResult:
    return PersonResult.objects.select_related("run", "person").get(pk=module_years[1])


def _propose(result, by, kind="end") -> Proposal:
    return actions.propose(result=result, kind=kind, reasons="连续两年不称职", on=DAY, by=by)


@pytest.fixture
def proposal(cast, second) -> Proposal:
    return _propose(second, cast.users["subdistrict_a"])


def _ready(proposal, cast) -> Proposal:
    """Every tick set, she was told and heard."""
    handler = cast.users["subdistrict_a"]
    for key, note in NOTES.items():
        actions.tick(proposal=proposal, condition=key, met=True, note=note, on=DAY, by=handler)
    actions.inform(proposal=proposal, by=handler)
    return actions.hear(proposal=proposal, by=cast.users["worker_a"], text="我在培训后已经改进")


def _open(proposal) -> set[str]:
    proposal = Proposal.objects.select_related("result__run", "result__person").get(pk=proposal.pk)
    return {line.condition.key for line in conditions.checklist(proposal, DAY) if line.open}


def test_the_rules_of_a_published_year_name_the_candidates(cast, first):
    found = queries.candidates(cast.users["district_a"], first.run)
    assert [(row.pk, kind) for row, kind in found] == [(first.pk, ProposalKind.LOWER)]
    assert queries.candidates(cast.users["subdistrict_a2"], first.run) == []
    _propose(first, cast.users["subdistrict_a"], "lower")
    assert queries.candidates(cast.users["district_a"], first.run) == []


def test_two_years_may_end_but_only_after_training_is_shown(cast, second):
    assert [kind for _, kind in queries.candidates(cast.users["district_a"], second.run)] == [ProposalKind.END]
    proposal = _propose(second, cast.users["subdistrict_a"])
    assert proposal.said == "须先培训或调岗，再作考核"
    assert proposal.number == f"{DISTRICT}-2026-J0001"
    assert "remedied" in _open(proposal)


def test_taken_up_twice_is_one_and_a_draft_or_another_grade_none(cast, second):
    by = cast.users["subdistrict_a"]
    assert _propose(second, by).pk == _propose(second, cast.users["district_a"]).pk
    with pytest.raises(ValidationError, match="没有这样的建议"):
        _propose(second, by, "lower")
    other = PersonResult.objects.select_related("run", "person").get(run=second.run, person=cast.people["sibling_a"])
    with pytest.raises(ValidationError, match="没有这样的建议"):
        _propose(other, cast.users["district_a"])
    years.compute(district=DISTRICT, year=2025, by=None)
    draft = PersonResult.objects.filter(run__state="draft", person=second.person).select_related("run", "person").get()
    with pytest.raises(ValidationError, match="已公布"):
        _propose(draft, by)


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_who_proposes(name, cast, second):
    if name in ("district_a", "subdistrict_a"):
        assert _propose(second, cast.users[name])
    else:
        with pytest.raises(PermissionDenied):
            _propose(second, cast.users[name])


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_she_reads_it_once_she_is_told_and_others_by_scope(name, cast, proposal):
    def reads() -> bool:
        try:
            return permissions.get_proposal_for(cast.users[name], proposal.pk) == proposal
        except Http404:
            return False

    officers = ("district_a", "subdistrict_a", "auditor_a")
    assert reads() == (name in officers)
    actions.inform(proposal=proposal, by=cast.users["subdistrict_a"])
    assert reads() == (name in (*officers, "worker_a"))


def test_a_proposal_walks_to_confirmation(cast, proposal):
    assert _open(proposal) == {*NOTES, "heard"}
    _ready(proposal, cast)
    assert _open(proposal) == set()
    assert Notice.objects.filter(user=cast.users["worker_a"], text__contains="处置建议").count() == 1
    done = actions.confirm(proposal=proposal, by=cast.users["district_a"], on=DAY, note="经研究同意")
    assert done.state == Proposal.State.CONFIRMED
    assert actions.confirm(proposal=proposal, by=cast.users["district_a"], on=DAY, note="经研究同意").pk == done.pk
    assert [step.move for step in proposal.steps.all()] == ["propose", "inform", "hear", "confirm"]
    assert proposal.steps.get(move="hear").herself
    # nothing was carried out
    person = cast.people["worker_a"]
    assert Employment.objects.get(person=person).span.upper is None
    assert Posting.objects.get(person=person).span.upper is None
    assert not GradeHolding.objects.filter(person=person).exists()


@pytest.mark.parametrize("missing", [*NOTES, "heard"])
def test_one_open_condition_holds_it_back(missing, cast, proposal):
    handler = cast.users["subdistrict_a"]
    for key, note in NOTES.items():
        if key != missing:
            actions.tick(proposal=proposal, condition=key, met=True, note=note, on=DAY, by=handler)
    actions.inform(proposal=proposal, by=handler)
    if missing != "heard":
        actions.hear(proposal=proposal, by=cast.users["worker_a"], text="x")
    assert _open(proposal) == {missing}
    with pytest.raises(ValidationError):
        actions.confirm(proposal=proposal, by=cast.users["district_a"], on=DAY, note="x")
    proposal.refresh_from_db()
    assert proposal.state != Proposal.State.CONFIRMED


def test_a_condition_said_not_to_hold_is_open(cast, proposal):
    _ready(proposal, cast)
    actions.tick(
        proposal=proposal, condition="union", met=False, note="工会不同意", on=DAY, by=cast.users["district_a"]
    )
    with pytest.raises(ValidationError, match="通知工会"):
        actions.confirm(proposal=proposal, by=cast.users["district_a"], on=DAY, note="x")
    assert ProposalCheck.objects.filter(condition="union").count() == 2


def test_what_records_answer_cannot_be_ticked_away(cast, proposal):
    StatusPeriod.objects.create(
        person=cast.people["worker_a"], kind=StatusKind.MATERNITY, span=span(date(2026, 5, 1))
    )  # fmt: skip
    assert "barred" in _open(proposal)
    for key in ("barred", "published", "heard", "objections", "nothing", "agreed"):
        with pytest.raises(ValidationError, match="由记录回答"):
            actions.tick(proposal=proposal, condition=key, met=True, note="x", on=DAY, by=cast.users["subdistrict_a"])
    _ready(proposal, cast)
    with pytest.raises(ValidationError, match="第四十二条"):
        actions.confirm(proposal=proposal, by=cast.users["district_a"], on=DAY, note="x")


def test_proposer_and_confirmer_are_two_and_she_is_neither(cast, second):
    by = cast.users["district_a"]
    proposal = _ready(_propose(second, by), cast)
    with pytest.raises(PermissionDenied, match="另一人确认"):
        actions.confirm(proposal=proposal, by=by, on=DAY, note="x")
    with pytest.raises(PermissionDenied):  # a sub-district officer confirms nothing
        actions.confirm(proposal=proposal, by=cast.users["subdistrict_a"], on=DAY, note="x")
    herself = officer("herself")
    herself.person = cast.people["worker_a"]
    with pytest.raises(PermissionDenied, match="本人"):
        actions.confirm(proposal=proposal, by=herself, on=DAY, note="x")
    with pytest.raises(PermissionDenied, match="本人"):
        actions.tick(proposal=proposal, condition="union", met=True, note="x", on=DAY, by=herself)
    assert actions.confirm(proposal=proposal, by=officer("other"), on=DAY, note="x").state == Proposal.State.CONFIRMED


def test_her_objection_holds_it_back_until_it_is_closed(cast, proposal):
    _ready(proposal, cast)
    claim = claims.file(
        person=cast.people["worker_a"], text="评分有误", key="k", on=DAY, by=cast.users["worker_a"], proposal=proposal
    )  # fmt: skip
    assert claim.kind == "proposal"
    with pytest.raises(ValidationError, match="异议都已办结"):
        actions.confirm(proposal=proposal, by=cast.users["district_a"], on=DAY, note="x")
    against = permissions.reasons_against(claim, [cast.users["subdistrict_a"], cast.users["district_a"]])
    assert list(against) == [cast.users["subdistrict_a"].pk]  # who proposed does not judge it
    claims.withdraw(claim=claim, by=cast.users["worker_a"])
    assert actions.confirm(proposal=proposal, by=cast.users["district_a"], on=DAY, note="x")


def test_an_amended_year_carries_nothing(cast, proposal):
    _ready(proposal, cast)
    published(years.compute(district=DISTRICT, year=2025, by=None))
    assert _open(proposal) == {"published"}


def test_a_lowering_asks_for_the_written_change(cast, first):
    proposal = _propose(first, cast.users["subdistrict_a"], "lower")
    assert "降到第" in proposal.said
    assert _open(proposal) == {"rules_told", "agreed", "heard"}
    StatusPeriod.objects.create(person=cast.people["worker_a"], kind=StatusKind.SICK, span=span(date(2026, 5, 1)))
    assert "protected" in _open(proposal)


def test_dropped_and_revoked_with_reasons_and_told(cast, second):
    proposer, other = cast.users["subdistrict_a"], cast.users["district_a"]
    proposal = _propose(second, proposer)
    with pytest.raises(ValidationError, match="理由"):
        actions.drop(proposal=proposal, by=proposer, note=" ")
    actions.drop(proposal=proposal, by=other, note="先培训")
    assert not Notice.objects.filter(user=cast.users["worker_a"], text__contains="不予采纳").exists()  # she never knew
    again = _ready(_propose(second, proposer), cast)  # a dropped one leaves room
    actions.confirm(proposal=again, by=other, on=DAY, note="x")
    with pytest.raises(PermissionDenied):
        actions.revoke(proposal=again, by=proposer, note="x")
    assert actions.revoke(proposal=again, by=other, note="异议成立").state == Proposal.State.REVOKED
    assert Notice.objects.filter(user=cast.users["worker_a"], text__contains="已撤销").exists()


def test_told_before_heard(cast, proposal):
    for by in (cast.users["worker_a"], cast.users["subdistrict_a"]):
        with pytest.raises(ValidationError, match="不能听取陈述"):
            actions.hear(proposal=proposal, by=by, text="x")
    with pytest.raises(PermissionDenied):
        actions.hear(proposal=proposal, by=cast.users["worker_b"], text="x")


def test_the_database_holds_the_table_of_states(cast, proposal):
    allowed = set(states.transitions(states.PROPOSAL_STEPS))
    for before in states.Proposal:
        for after in states.Proposal:
            if before == after:
                continue
            with transaction.atomic():
                values = {
                    f.attname: getattr(proposal, f.attname) for f in Proposal._meta.concrete_fields if f.name != "id"
                }
                row = Proposal(**values | {"number": f"x-{before}-{after}", "state": before, "kind": "lower"})
                row.save(force_insert=True)
                change = Proposal.objects.filter(number=row.number)
                if (before, after) in allowed:
                    assert change.update(state=after) == 1
                else:
                    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
                        change.update(state=after)
                transaction.set_rollback(True)
    for rows, changed in ((Proposal.objects, {"reasons": "x"}), (ProposalStep.objects, {"note": "x"})):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**changed)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.all().delete()


def test_nobody_confirms_who_has_lately_handed_the_proposer_a_password(proposal, cast, client, monkeypatch) -> None:
    """She could be both of the two; the control is the same once nothing was handed lately."""
    proposal, chief = _ready(proposal, cast), cast.users["district_a"]
    roles.hand_out_password(user=User.objects.get(pk=proposal.by_id), by=chief)
    with pytest.raises(PermissionDenied, match="重设过密码"):
        actions.confirm(proposal=proposal, by=chief, on=DAY, note="按计划办理")
    client.force_login(chief)
    assert "重设过密码" in client.get(f"/rights/proposals/{proposal.pk}/").content.decode()
    monkeypatch.setattr(handed, "HANDED", timedelta(days=-1))
    assert actions.confirm(proposal=proposal, by=chief, on=DAY, note="按计划办理").state == Proposal.State.CONFIRMED
