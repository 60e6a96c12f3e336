"""A world of rows in which each route leads somewhere: in both districts of the cast, for each subject of routes.SUBJECTS.

甲区 has 2024 and 2025 published, 2023 in draft, 2022 under review; of 乙区, which is only looked at from afar, one of each kind will
do. Both have a month of pay closed and the next one open; files, words, a pack on its way, an address that is told; each
subject facts, a certificate, a slip, four claims and a proposal.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unittest import mock

from django.utils import timezone

from qinglan.apps.assistant.actions import asking, handing
from qinglan.apps.assistant.models import CardVersion, Evaluation, Question
from qinglan.apps.assistant.states import Channel
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import span
from qinglan.apps.erasure.models import Erasure
from qinglan.apps.exchange.actions import answers, tokens, webhooks
from qinglan.apps.exchange.models import Delivery, KeyConflict, Scope, StoredAnswer, Token
from qinglan.apps.facts.actions import imports, recording
from qinglan.apps.facts.models import HeaderWord, ImportBatch, TrainingRecord
from qinglan.apps.notices.models import Notice
from qinglan.apps.pay import actions as paying
from qinglan.apps.pay.models import PayMonth, PaySlip
from qinglan.apps.people.actions import persons
from qinglan.apps.people.models import (
    Certificate,
    CertificateLevel,
    GradeHolding,
    Person,
    PersonMerge,
    Posting,
    RoleGrant,
    User,
)
from qinglan.apps.policy.actions import adoption, decisions, releases, years
from qinglan.apps.policy.models import PackRelease, PersonResult, ReviewItem, Run, UnitResult
from qinglan.apps.policy.queries import review
from qinglan.apps.rehearsal.models import Rehearsal, Study
from qinglan.apps.rehearsal.queries.scenarios import Chosen
from qinglan.apps.rights.actions import claims, corrections, proposals
from qinglan.apps.rights.models import Claim
from tests import cast as casting
from tests.cast import Cast
from tests.factories import deciders, organisation, person, posted, published
from tests.factories.cards import new_card
from tests.pages.routes import FIXED, GRID, INSTEAD, MEMBERS, OWN_ACCOUNT, PEOPLE, STREET_OFFICER, SUBJECTS, Route
from tests.unit.facts.workbooks import book

ABSENT = 999_999_999
DAY = casting.TODAY
HEAD = ["身份证号码", "姓名", "所属社区", "培训日期", "培训课程", "培训类别", "学时", "佐证材料", "记录人"]
PDF = b"%PDF-1.7 evidence"
AMENDED = """pay.cert_allowance.amount:
  values:
    - since: 2026-01-01
      setting: 区政府常务会议纪要〔2026〕8 号（测试）
      value: {无: 0, 初级: 150, 中级: 300, 高级: 400}
"""


@dataclass
class World:
    """`values[subject][parameter]`, and the secrets of tokens by account."""

    cast: Cast
    values: dict[str, dict[str, Any]]
    secrets: dict[str, str]

    def of(self, route: Route, subject: str) -> dict[str, Any]:
        """What the route's parameters stand for."""
        values = self.values[subject]
        instead = {name: values[other] for name, other in INSTEAD.get(route.view, {}).items()}
        return values | FIXED.get(route.view, {}) | instead


def absent(route: Route) -> dict[str, Any]:
    """Values that stand for nothing, of the same shape."""
    values: dict[str, Any] = dict.fromkeys(route.params, ABSENT) | FIXED.get(route.view, {})
    if "code" in values:
        values["code"] = "990199"
    for name in ("other_id", "second_id"):
        if name in values:
            values[name] = ABSENT - 1
    return values


def build(cast: Cast) -> World:
    """Rows of every kind in both districts; the cast must be in the database already and is added to."""
    organisation(GRID, "甲一东社区第一网格")
    for name in PEOPLE.keys() - casting.PEOPLE.keys():
        code, kind, full_name = PEOPLE[name]
        cast.people[name] = posted(code, kind, casting.SINCE, name=full_name)
    for name in MEMBERS.keys() - casting.MEMBERS.keys():
        role, code, own = MEMBERS[name]
        cast.users[name] = User.objects.create(username=name, last_name=name, person=cast.people[own or ""])
        RoleGrant.objects.create(user=cast.users[name], role=role, org_code=code, span=span(casting.SINCE))
    for code, chief in (("990101", "district_a"), ("990102", "district_b")):
        _district(cast, code, cast.users[chief])
    secrets = {name: _token(cast, name) for name, (role, _, _) in MEMBERS.items() if role and name not in casting.ENDED}
    return World(cast, {subject: _subject(cast, subject) for subject in SUBJECTS}, secrets)


def _district(cast: Cast, code: str, chief: User) -> None:
    adoption.adopt(district=code, pack="taoyuan", since=date(2020, 1, 1), by=None)
    here = {name: one for name, one in cast.people.items() if PEOPLE[name][0].startswith(code)}
    for name in here.keys() & set(SUBJECTS):
        _facts(here[name], PEOPLE[name][0])
    GradeHolding.objects.bulk_create(
        GradeHolding(person=one, ladder="五级九档", grade=2, span=span(date(2022, 1, 1))) for one in here.values()
    )
    near = code == "990101"
    for year in (2024, 2025) if near else (2025,):
        published(years.compute(district=code, year=year, by=None))
    rehearsed(Run.objects.get(org_code=code, year=2025), "queued")
    rehearsed(Run.objects.get(org_code=code, year=2025), "done")
    studied(Run.objects.get(org_code=code, year=2025))
    years.compute(district=code, year=2023, by=None)
    if near:
        with mock.patch.object(review, "DRAWN_OF_10_000", 10_000):  # everybody is in the sample
            decisions.submit(run=years.compute(district=code, year=2022, by=None), by=deciders(code)[0])
    month = paying.compute(district=code, year=2025, month=1, by=deciders(code)[0])
    paying.close(month=month, by=chief)
    paying.compute(district=code, year=2025, month=2, by=deciders(code)[0])
    _of_the_office(code, chief, next(iter(here.values())))


def rehearsed(run: Run, state: str) -> Rehearsal:
    """A rehearsal that waits, or one that was lived to an end (by nobody: its figures are not what is looked at)."""
    allowance = {
        "values": [
            {
                "since": f"{run.year + 1}-01-01",
                "setting": "试算",
                "value": {"无": 0, "初级": 110, "中级": 220, "高级": 440},
            }
        ]
    }
    assert run.pack_text is not None
    chosen = Chosen(
        "津贴", run.year, run.org_code, run.pack_text.name, {"pay.cert_allowance.amount": allowance}, {}, 12, 2, 1
    )
    return Rehearsal.objects.create(
        org_code=run.org_code, run=run, year=run.year, name="津贴", scenario=chosen.text, key="0" * 64, years=1, replicates=2,
        state=state, made_by_name="x",
    )  # fmt: skip


def studied(run: Run) -> Study:
    """A study that waits."""
    return Study.objects.create(
        kind="calibration", org_code=run.org_code, run=run, year=run.year, name="校准",
        inputs={"least": 50, "least_each": 10}, made_by_name="x",
    )  # fmt: skip


def training_row(one: Person) -> list[Any]:
    """A row under HEAD that is new and sound."""
    number = one.id_number.open() if one.id_number else ""
    return [number, one.name, "", "2025-07-01", "法律法规", "年度", 8, "签到表", "李四"]


def _facts(one: Any, code: str) -> None:
    """A year of training, and two of scores that the rules call unfit."""
    about = {"person_id": one.pk, "org_code": code}
    row = about | {
        "valid_on": date(2025, 6, 12), "kind": "annual", "course": "社区治理实务", "hours": 800, "days": None, "recorder": "李四",
        "evidence": "签到表", "sheet_row": "",
    }  # fmt: skip
    recording.record_many(kind="training", rows=[row], by=None, org_code=code[:6])
    about |= {"score": 4000, "favourable": None}
    for year in (2024, 2025):
        rows = [about | {"valid_on": date(year, 12, 31), "source": source, "ballots": 50} for source in (1, 2, 3, 4)]
        rows += [about | {"valid_on": date(year, m, 28), "source": 10, "ballots": None} for m in range(1, 13)]
        recording.record_many(kind="scores", rows=rows, by=None, org_code=code[:6])


def _of_the_office(code: str, chief: User, somebody: Person) -> None:
    """A file that waits, one brought in, a header word, an address with what it was told, a merge, a pack on its way."""
    for name in ("培训.xlsx", "培训二.xlsx"):
        data = book(HEAD, training_row(somebody))
        imports.submit(kind="training", filename=name, data=data, district=code, today=DAY, by=chief)
    ImportBatch.objects.filter(org_code=code, filename="培训二.xlsx").update(state=ImportBatch.State.APPLIED)
    HeaderWord.objects.create(org_code=code, kind="training", field="course", word="课目")
    row, _ = webhooks.register(
        name="协同平台", url="http://127.0.0.1:9/", events=["run.published"], org_code=code, by=chief
    )
    webhooks.announce(event="run.published", org_code=code, run=1)
    Delivery.objects.filter(webhook=row).update(state=Delivery.State.GIVEN_UP)
    twins = [person(f"{code}001001", name="仇芳") for _ in range(2)]
    persons.merge(kept=twins[0], dropped=twins[1], reason="录入两次", by=chief)
    releases.upload(
        district=code, file_name="改.yaml", raw=AMENDED.encode(), title="修订", version="2", since=date(2026, 1, 1),
        by=deciders(code)[0],
    )  # fmt: skip


def _token(cast: Cast, name: str) -> str:
    today = timezone.localdate()
    return tokens.make(
        name="测试", scopes=Scope.values, org_code=MEMBERS[name][1], expires_on=today + timedelta(days=30), today=today,
        by=cast.users[name],
    )[1]  # fmt: skip


def _subject(cast: Cast, subject: str) -> dict[str, Any]:
    one, code = cast.people[subject], PEOPLE[subject][0]
    district, place = code[:6], "a" if code.startswith("990101") else "b"
    mark = Certificate.objects.create(person=one, level=CertificateLevel.JUNIOR)
    street, account = cast.users[STREET_OFFICER[code[:9]]], cast.users[f"worker_{place}"]
    own = cast.users[OWN_ACCOUNT[subject]]
    told = Notice.objects.create(user=own, key=f"world {subject}", text="有一条消息", link="/")
    runs = {run.year: run for run in Run.objects.filter(org_code=district)}
    result = PersonResult.objects.select_related("run", "person").get(run=runs[2025], person=one)
    batches = {one.state: one for one in ImportBatch.objects.filter(org_code=district)}
    months = {one.state: one for one in PayMonth.objects.filter(org_code=district)}
    telling, merge = Delivery.objects.get(org_code=district), PersonMerge.objects.get(org_code__startswith=district)
    filing = cast.users[subject] if subject in MEMBERS else street
    return {
        "person_id": one.pk,
        "soon": timezone.localdate() + timedelta(days=30),
        "birth": one.birth,
        "sex": one.sex,
        "district": district,
        "street": code[:9],
        "twin_id": cast.people[f"secretary_{place}"].pk,
        "merge_id": merge.pk,
        "code": code,
        "user_id": account.pk,
        "grant_id": RoleGrant.objects.get(user=account).pk,
        "chief_id": cast.users[f"district_{place}"].pk,
        "posting_id": Posting.objects.get(person=one).pk,
        "certificate_id": mark.pk,
        "event_id": AuditEvent.objects.filter(org_code__startswith=district).order_by("pk").values_list("pk")[0][0],
        "fact_id": TrainingRecord.objects.get(person=one).pk,
        "batch_id": batches[ImportBatch.State.TRIED].pk,
        "applied_id": batches[ImportBatch.State.APPLIED].pk,
        "word_id": HeaderWord.objects.get(org_code=district).pk,
        "run_id": runs[2025].pk,
        "other_id": runs[2023].pk,
        "reviewed_id": runs.get(2022, runs[2023]).pk,
        "item_id": ReviewItem.objects.filter(result__person=one).order_by("-pk").values_list("pk", flat=True).first(),
        "unit_id": UnitResult.objects.get(run=runs[2025], org_code=code[:12]).pk,
        "result_id": result.pk,
        "proposable": "end" if 2024 in runs else "lower",  # after two unfit years, after one
        "rehearsal_id": Rehearsal.objects.get(org_code=district, state="queued").pk,
        "study_id": Study.objects.get(org_code=district).pk,
        "lived_id": Rehearsal.objects.get(org_code=district, state="done").pk,
        "release_id": PackRelease.objects.get(org_code=district).pk,
        "month_id": months[PayMonth.State.CLOSED].pk,
        "open_month_id": months[PayMonth.State.OPEN].pk,
        "slip_id": PaySlip.objects.get(person=one, month=months[PayMonth.State.CLOSED]).pk,
        "token_id": Token.objects.get(user=street).pk,
        "conflict_id": _conflict(street),
        "webhook_id": telling.webhook_id,
        "delivery_id": telling.pk,
        "notice_id": told.pk,
        **_handed(code, cast.users[subject] if subject in MEMBERS else street),
        **_cards(district),
        **_measured(district, code),
        "erasure_id": _erasure(one, cast.users[f"district_{place}"]),
        **_claims(cast, subject, result, filing, cast.users[f"district_{place}"]),
        "proposal_id": _proposal(PersonResult.objects.get(run=runs.get(2024, runs[2025]), person=one), street),
    }


def _handed(code: str, taker: User) -> dict[str, Any]:
    """Two questions of residents of the place that wait for a person, one is taken; and one asked by the API that nobody waits for."""
    rows = []
    for text in ("楼上漏水找谁", "半夜有人唱歌"):
        talk = asking.begin(channel=Channel.PAGE, place=code)
        question = Question.objects.create(talk=talk, text=text, outcome="handed_over", reply={"text": "没有把握"})
        rows.append(handing.hand_over(question=question))
    handing.take(hand_over=rows[1], by=taker)
    talk = asking.begin(channel=Channel.API, place=code)
    asked = Question.objects.create(talk=talk, text="楼道的灯坏了", outcome="handed_over", reply={"text": "没有把握"})
    return {"hand_over_id": rows[0].pk, "taken_id": rows[1].pk, "api_talk": talk.key, "api_question": asked.pk}


def _cards(district: str) -> dict[str, Any]:
    """A card that this district alone has, with a field that varies by city, and a draft of it."""
    key = f"N9{district[-2:]}"
    card = new_card(
        f"菜园{district}", items=[key], city=[{"name": f"own_{district}", "label": f"{district}的价钱", "unit": "元"}]
    )
    maker = deciders(district)[0]
    rows = []
    for state in ("released", "draft"):
        content = card.model_copy(update={"fee": state}).model_dump(mode="json")
        row, _ = CardVersion.objects.get_or_create(
            org_code=district, key=key, state=state,
            defaults={"title": card.title, "content": content, "digest": card.digest, "since": casting.SINCE, "made_by_id": maker.pk,
                      "made_by_name": "x", "made_at": timezone.now(), "released_at": timezone.now() if state == "released" else None},
        )  # fmt: skip
        rows.append(row)
    return {"card_key": key, "version_id": rows[1].pk, "field": f"own_{district}"}


def _measured(district: str, code: str) -> dict[str, int]:
    """An evaluation that waits; a question of the place that nobody answered."""
    given = {"questions": [["明天天气怎么样", "拒答", "", ""]], "total": 1, "made_by_name": "x"}
    row, _ = Evaluation.objects.get_or_create(org_code=district, name="一题", defaults=given)
    talk = asking.begin(channel=Channel.PAGE, place=code)
    kept = {"reply": {"refusal": "near"}, "vector": b"\x01" * 384}
    question = Question.objects.create(talk=talk, text="菜园怎么租", outcome="handed_over", **kept)
    return {"evaluation_id": row.pk, "open_id": question.pk}


def _claims(cast: Cast, subject: str, result: PersonResult, filing: User, chief: User) -> dict[str, int]:
    """Received with a piece of evidence, assigned, answered with no, answered with yes."""

    def file(key: str, **more: Any) -> Claim:
        given = {"person": cast.people[subject], "text": "少记了 8 学时", "on": DAY, "by": filing}
        return claims.file(**given, key=f"{subject} {key}", **more)

    def answered(key: str, outcome: str, **more: Any) -> Claim:
        claim = claims.assign(claim=file(key), to=chief, by=chief)
        claims.answer(claim=claim, outcome=outcome, reasons="核对过签到表", by=chief, **more)
        return claim

    objection = claims.Objection(result, "train.annual_days", "annual_shortfall")
    papers = [claims.Evidence("签到表.pdf", "application/pdf", PDF)]
    received = file("received", objection=objection, evidence=papers)
    upheld = answered("upheld", "upheld", to_correct="补记 8 学时")
    corrections.link_correction(claim=upheld, by=chief, note="已补记")
    return {
        "claim_id": received.pk,
        "file_id": received.files.get().pk,
        "assigned_id": claims.assign(claim=file("assigned"), to=chief, by=chief).pk,
        "answered_id": answered("answered", "rejected").pk,
        "upheld_id": upheld.pk,
    }


def _proposal(result: PersonResult, street: User) -> int:
    """Taken up from her first unfit year, and told to her."""
    made = proposals.propose(result=result, kind="lower", reasons="本年不称职", on=DAY, by=street)
    return proposals.inform(proposal=made, by=street).pk


def _erasure(one: Person, chief: User) -> int:
    """Her erasure, asked and not confirmed yet."""
    return Erasure.objects.create(
        person=one, org_code=one.org_code, ground="other", reason="书面申请", asked_by_id=chief.pk, asked_by_name="x"
    ).pk  # fmt: skip


def _conflict(by: User) -> int:
    token = Token.objects.get(user=by)
    kept, _ = StoredAnswer.objects.get_or_create(
        by_id=by.pk, key="key-0001",
        defaults={"token_id": token.pk, "operation": "POST /x", "body_hash": "x", "status": 201, "body": "{}"},
    )  # fmt: skip
    made, _ = KeyConflict.objects.get_or_create(
        answer=kept, body_hash=answers.body_hash(b"{}"),
        defaults={"token_id": token.pk, "operation": "POST /x", "body": "{}"},
    )  # fmt: skip
    return made.pk
