"""A claim's way: filed once with number, figure and terms; answered by somebody apart; reviewed once more; refused in words."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.http import Http404
from tests import cast as casting
from tests.factories import deciders
from tests.unit.rights.conftest import DAY, DISTRICT, officer

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.facts.actions import recording
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.models import Person, Role, User
from qinglan.apps.policy.actions import adoption
from qinglan.apps.rights import permissions, states
from qinglan.apps.rights.actions import claims
from qinglan.apps.rights.models import Claim, ClaimAnswer, ClaimFile, ClaimStep

pytestmark = pytest.mark.django_db


def _said(error: pytest.ExceptionInfo) -> str:
    value = error.value
    return "；".join(value.messages) if isinstance(value, ValidationError) else str(value)


def _told(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("text", flat=True))


def _answered(claim: Claim, by: User, outcome: str = "rejected", **more: object) -> ClaimAnswer:
    claims.assign(claim=claim, to=by, by=by)
    given = {"outcome": outcome, "reasons": "已核对评议票", "by": by} | more
    return claims.answer(claim=claim, **given)


def test_a_claim_keeps_the_figure_as_it_was_shown(cast, file, result):
    claim = file()
    assert claim.number == f"{DISTRICT}-2026-S0001"
    assert claim.kind == "figure"
    assert claim.figure == "四位一体评估（个人）：四位一体综合分"
    assert claim.shown
    assert claim.state == Claim.State.RECEIVED
    assert (claim.reply_days, claim.due_on, claim.hearing_on) == (15, date(2026, 6, 23), date(2026, 6, 10))
    assert [step.move for step in claim.steps.all()] == ["file"]
    assert "编号 990101-2026-S0001" in _told(cast.users["worker_a"])[-1]
    assert "请指派" in _told(cast.users["district_a"])[-1]
    assert not _told(cast.users["district_b"])
    assert AuditEvent.objects.filter(action="rights.claim.file", org_code=claim.org_code).count() == 1


def test_a_month_of_pay_is_objected_to_by_its_month(cast, file, result):
    claim = file(objection=claims.Objection(result, "pay.gross", "gross_pay", 3))
    assert claim.figure.startswith("3 月，")
    assert claim.month == 3


def test_numbers_run_by_district_and_year(cast, file):
    assert [file().number[-5:], file().number[-5:]] == ["S0001", "S0002"]
    assert file(on=date(2027, 3, 1)).number == f"{DISTRICT}-2027-S0001"


def test_the_same_submission_is_one_claim_and_another_body_a_conflict(cast, file):
    first = file(key="k")
    assert file(key="k").pk == first.pk
    with pytest.raises(claims.Conflict) as refused:
        file(key="k", text="别的话")
    assert first.number in _said(refused)
    assert file(key="k2").pk != first.pk
    assert Claim.objects.count() == 2
    assert ClaimStep.objects.count() == 2


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001])
def test_a_claim_says_something(text, file):
    with pytest.raises(ValidationError):
        file(text=text)


def test_figures_that_are_not_there_or_not_hers_are_refused(cast, file, result):
    for other in (
        claims.Objection(result, "assess.four_in_one", "nothing"),
        claims.Objection(result, "no.family", "composite"),
        claims.Objection(result, "pay.gross", "gross_pay", None),
    ):
        with pytest.raises(ValidationError, match="找不到这个数"):
            file(objection=other)
    with pytest.raises(ValidationError, match="找不到这个数"):
        file(person=cast.people["neighbour_a"], by=cast.users["district_a"])


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_only_she_and_who_keeps_her_record_file_for_her(name, cast, file):
    user = cast.users[name]
    if name in ("worker_a", "district_a", "subdistrict_a"):
        claim = file(by=user)
        assert claim.by_id == user.pk
        assert any("您的诉求" in text for text in _told(cast.users["worker_a"]))
    else:
        with pytest.raises(PermissionDenied):
            file(by=user)
        assert not Claim.objects.exists()


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_who_reads_a_claim(name, cast, file):
    claim = file()
    reads = name in ("worker_a", "district_a", "subdistrict_a", "auditor_a")
    if reads:
        assert permissions.get_claim_for(cast.users[name], claim.pk) == claim
    else:
        with pytest.raises(Http404):
            permissions.get_claim_for(cast.users[name], claim.pk)
    assert permissions.claims_for(cast.users[name]).exists() == reads


def test_terms_wait_for_the_calendar_and_general_claims_for_no_pack(cast, file):
    late = file(on=date(2026, 12, 24))
    assert (late.due_on, late.hearing_on, late.reply_days) == (None, None, 15)
    other = claims.file(
        person=cast.people["worker_b"], text="加班没有调休", key="k", on=DAY, by=cast.users["worker_b"]
    )  # fmt: skip
    assert (other.due_on, other.reply_days, other.kind) == (None, None, "general")


def test_an_answer_walks_to_its_end(cast, file):
    claim, reviewer = file(), cast.users["district_a"]
    answer = _answered(claim, reviewer)
    claim.refresh_from_db()
    assert (claim.state, answer.level) == (Claim.State.ANSWERED, 1)
    assert "有了答复" in _told(cast.users["worker_a"])[-1]
    again = claims.answer(claim=claim, outcome="rejected", reasons="已核对评议票", by=reviewer)
    assert again.pk == answer.pk
    with pytest.raises(ValidationError, match="不能答复"):
        claims.answer(claim=claim, outcome="upheld", reasons="改主意", to_correct="x", by=reviewer)
    assert ClaimAnswer.objects.count() == 1
    claims.close(claim=claim, by=cast.users["worker_a"], on=DAY)
    claim.refresh_from_db()
    assert claim.state == Claim.State.CLOSED


def test_an_officer_closes_only_after_the_term_of_the_review(cast, file):
    claim, reviewer = file(), cast.users["district_a"]
    _answered(claim, reviewer)
    until = claims.review_until(claim)
    with pytest.raises(ValidationError, match="还可以申请复核"):
        claims.close(claim=claim, by=reviewer, on=until or DAY)
    if until:  # the calendar of the present year is in the pack
        assert claims.close(claim=claim, by=reviewer, on=until + timedelta(days=1)).state == Claim.State.CLOSED


@pytest.mark.parametrize(
    ("outcome", "more", "word"),
    [
        ("upheld", {}, "要更正什么"),
        ("partly", {}, "要更正什么"),
        ("rejected", {"to_correct": "x"}, "不能同时要求更正"),
        ("maybe", {}, "请选结论"),
        ("rejected", {"reasons": " "}, "请选结论"),
    ],
)
def test_answers_that_do_not_hold_together_are_refused(outcome, more, word, cast, file):
    claim = file()
    with pytest.raises(ValidationError, match=word):
        _answered(claim, cast.users["district_a"], outcome, **more)
    claim.refresh_from_db()
    assert claim.state == Claim.State.ASSIGNED


def test_only_the_assignee_answers(cast, file):
    claim, other = file(), officer("other")
    claims.assign(claim=claim, to=cast.users["district_a"], by=other)
    with pytest.raises(PermissionDenied, match="没有指派给您"):
        claims.answer(claim=claim, outcome="rejected", reasons="x", by=other)
    claims.assign(claim=claim, to=other, by=other)  # given to another as long as it is not answered
    assert claims.answer(claim=claim, outcome="rejected", reasons="x", by=other)


def test_the_reviewer_is_apart_from_the_matter(cast, file, result):
    claim = file()
    preparer, reviewer, publisher = deciders(DISTRICT)
    secretary_and_officer = officer("near", "990101001001", Role.COMMUNITY_SECRETARY)
    recorder = officer("recorder")
    recording.record_many(
        kind="training",
        rows=[{"person_id": claim.person_id, "org_code": claim.org_code, "valid_on": date(2025, 3, 1), "kind": "annual",
               "course": "x", "hours": 800, "days": None}],
        by=recorder, org_code=DISTRICT,
    )  # fmt: skip
    near = {preparer.pk: "提交", reviewer.pk: "签署", publisher.pk: "公布", recorder.pk: "录入过",
            secretary_and_officer.pk: "同一社区"}  # fmt: skip
    users = User.objects.filter(pk__in=[*near, cast.users["district_a"].pk])
    found = permissions.reasons_against(claim, users)
    assert set(found) == set(near)
    for pk, word in near.items():
        assert word in found[pk]
    for one in (preparer, reviewer, publisher, recorder):
        with pytest.raises(ValidationError, match="与此事无关"):
            claims.assign(claim=claim, to=one, by=cast.users["district_a"])
        with pytest.raises(PermissionDenied, match="与此事无关"):
            claims.answer(claim=claim, outcome="rejected", reasons="x", by=one)
    with pytest.raises(ValidationError, match="没有答复"):
        claims.assign(claim=claim, to=cast.users["subdistrict_a"], by=cast.users["district_a"])


def test_nobody_handles_her_own_claim(cast, file):
    herself = officer("self")
    User.objects.filter(pk=herself.pk).update(person=Person.objects.get(pk=cast.people["colleague_a"].pk))
    herself = User.objects.get(pk=herself.pk)
    claim = claims.file(person=cast.people["colleague_a"], text="x", key="k", on=DAY, by=herself)
    with pytest.raises(PermissionDenied, match="您本人"):
        claims.assign(claim=claim, to=cast.users["district_a"], by=herself)
    claims.assign(claim=claim, to=cast.users["district_a"], by=cast.users["district_a"])
    assert permissions.reasons_against(claim, [herself])[herself.pk] == "是提出人本人"


def test_a_review_is_by_another_person_and_once(cast, file):
    claim, first, second = file(), cast.users["district_a"], officer("second")
    worker = cast.users["worker_a"]
    _answered(claim, first)
    with pytest.raises(ValidationError, match="为什么不服"):
        claims.ask_review(claim=claim, by=worker, on=DAY, note=" ")
    with pytest.raises(PermissionDenied):
        claims.ask_review(claim=claim, by=first, on=DAY, note="x")
    claim = claims.ask_review(claim=claim, by=worker, on=date(2026, 7, 1), note="票数不对")
    assert (claim.level, claim.state, claim.assigned_to) == (2, Claim.State.RECEIVED, None)
    assert claim.due_on == date(2026, 7, 22)
    with pytest.raises(ValidationError, match="第一次答复"):
        claims.assign(claim=claim, to=first, by=first)
    _answered(claim, second, "partly", to_correct="评议票数")
    with pytest.raises(ValidationError, match="一次为限"):
        claims.ask_review(claim=claim, by=worker, on=DAY, note="x")
    assert list(claim.answers.values_list("level", "outcome")) == [(1, "rejected"), (2, "partly")]


def test_she_withdraws_until_it_is_answered(cast, file):
    claim = file()
    with pytest.raises(PermissionDenied):
        claims.withdraw(claim=claim, by=cast.users["district_a"])
    claims.assign(claim=claim, to=cast.users["district_a"], by=cast.users["district_a"])
    claims.withdraw(claim=claim, by=cast.users["worker_a"])
    assert "撤回" in _told(cast.users["district_a"])[-1]
    assert claims.withdraw(claim=claim, by=cast.users["worker_a"]).state == Claim.State.WITHDRAWN
    answered = file()
    _answered(answered, cast.users["district_a"])
    with pytest.raises(ValidationError, match="不能撤回"):
        claims.withdraw(claim=answered, by=cast.users["worker_a"])


def test_who_entered_it_for_her_withdraws_it_for_her(cast, file):
    claim = file(by=cast.users["subdistrict_a"])
    assert claims.withdraw(claim=claim, by=cast.users["subdistrict_a"]).state == Claim.State.WITHDRAWN


def test_the_database_holds_the_table_of_states(cast, file):
    allowed = set(states.transitions(states.CLAIM_STEPS))
    for before in states.Claim:
        for after in states.Claim:
            if before == after:
                continue
            with transaction.atomic():
                claim = file()
                claim.pk = None
                with transaction.atomic():
                    Claim.objects.filter(number=claim.number).update(state=claim.state)
                row = Claim(
                    **{f.attname: getattr(claim, f.attname) for f in Claim._meta.concrete_fields if f.name != "id"}
                )
                row.number, row.key, row.state = f"x{claim.number}", f"x{claim.key}", before
                row.save(force_insert=True)
                if (before, after) in allowed:
                    assert Claim.objects.filter(number=row.number).update(state=after) == 1
                else:
                    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
                        Claim.objects.filter(number=row.number).update(state=after)


def test_the_database_keeps_claims_and_what_belongs_to_them(cast, file):
    claim = file(evidence=[claims.Evidence("签到表.pdf", "application/pdf", b"%PDF-1")])
    _answered(claim, cast.users["district_a"])
    for rows, change in (
        (Claim.objects, {"text": "别的"}),
        (Claim.objects, {"shown": "0"}),
        (Claim.objects, {"person": cast.people["worker_b"]}),
        (ClaimStep.objects, {"note": "别的"}),
        (ClaimAnswer.objects, {"outcome": "upheld"}),
        (ClaimFile.objects, {"name": "别的"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.all().delete()


def test_evidence_is_sealed_and_comes_back_whole(cast, file):
    claim = file(evidence=[claims.Evidence("签到表.pdf", "application/pdf", b"%PDF-1 secret")])
    kept = claim.files.get()
    assert b"secret" not in bytes(kept.content)
    assert claims.content_of(kept) == b"%PDF-1 secret"
    assert (kept.size, len(kept.sha256)) == (13, 64)


def test_another_content_of_a_file_is_a_conflict(cast, file):
    file(key="k", evidence=[claims.Evidence("a.pdf", "application/pdf", b"%PDF-1")])
    with pytest.raises(claims.Conflict):
        file(key="k", evidence=[claims.Evidence("a.pdf", "application/pdf", b"%PDF-2")])
    claims.keep_conflict(claim_key="k", text="x", by=cast.users["worker_a"])
    assert AuditEvent.objects.filter(action="rights.claim.conflict").exists()


def test_a_changed_pack_changes_no_term_that_runs(cast, file):
    claim = file()
    adoption.adopt(district=DISTRICT, pack="jianghan", since=date(2026, 1, 1), by=None)
    claim.refresh_from_db()
    assert claim.due_on == date(2026, 6, 23)
