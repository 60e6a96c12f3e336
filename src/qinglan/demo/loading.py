"""Puts the fictional district into an empty database, through the same actions as real data, and opens its accounts."""

from __future__ import annotations

import csv
import json
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction

from qinglan.apps.audit.actions import record
from qinglan.apps.base.models import span
from qinglan.apps.facts.actions import recording
from qinglan.apps.pay import actions as pay_actions
from qinglan.apps.pay.models import PayMonth
from qinglan.apps.people.actions import certificates, organisation_load, organisations, roles
from qinglan.apps.people.models import (
    Certificate,
    CertificateLevel,
    Employment,
    GradeHolding,
    Organisation,
    Person,
    Posting,
    Role,
    Schooling,
    StatusPeriod,
    Track,
    User,
)
from qinglan.apps.policy.actions import adoption, decisions
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries import review
from qinglan.demo import happenings, places, workforce
from qinglan.demo.workforce import Worker

SEED = 990101
SINCE = date(2023, 1, 1)
LADDER = "五级九档"
CERTIFIED = date(2024, 9, 20)
Say = Callable[[str], None]
KINDS = {
    "training": "培训学时",
    "shadowing": "跟岗实训",
    "exams": "考试",
    "scores": "评价得分",
    "abilities": "能力评定",
    "awards": "荣誉",
    "warnings": "警告与谈话",
    "projects": "项目",
    "figures": "全区预算数",
}


def loaded() -> bool:
    """Whether the fictional district is already there."""
    return Person.objects.within(places.DISTRICT).exists()


@transaction.atomic
def load(*, say: Say, total: int = workforce.WORKERS, subdistricts: int = len(places.SUBDISTRICTS)) -> dict[str, int]:
    """This will load the district: places, people, three years of facts, the pack adopted. Counts by what was loaded."""
    random = Random(SEED)
    communities = places.communities(subdistricts)
    _organisations(subdistricts)
    workers = workforce.people(communities, total, random)
    say(f"人员：{len(workers):,} 人 …")
    people = _people(workers)
    rows = happenings.everything(workers, communities, random)
    counts = {"people": len(people), "organisations": len(communities)}
    for kind, kind_rows in rows.items():
        say(f"事实：{KINDS[kind]} {len(kind_rows):,} 条 …")
        ready = [_with_person(row, people) for row in kind_rows]
        recording.record_many(kind=kind, rows=ready, by=None, org_code=places.DISTRICT)
        counts[kind] = len(ready)
    adoption.adopt(district=places.DISTRICT, pack="taoyuan", since=SINCE, by=None)
    if subdistricts == len(places.SUBDISTRICTS):
        _reorganise()
    return counts


def _with_person(row: dict[str, Any], people: dict[int, Person]) -> dict[str, Any]:
    worker = row.pop("worker")
    return {**row, "person_id": people[worker].pk if worker is not None else None}


@contextmanager
def _as_csv(rows: list[places.Place]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "taoyuan.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("code", "name"))
            writer.writerows((place.code, place.name) for place in rows)
        yield path


def _organisations(subdistricts: int) -> None:
    with _as_csv(places.tree(subdistricts)) as path:
        organisation_load.load(files=[path], source=places.SOURCE, by=None, synthetic=True)


def _reorganise() -> None:
    """A merge in the middle of the last year, so that every list has one to show: two communities of 清溪街道."""
    codes = [f"{places.DISTRICT}002008", f"{places.DISTRICT}002009"]
    organisations.merge(
        codes=codes, into=codes[0], on=date(2025, 7, 1), by=None, name="清溪川晴社区居委会", note="合成数据：年中合并"
    )


def _people(workers: list[Worker]) -> dict[int, Person]:
    """Rows of the personnel tables in bulk, with one line in the log."""
    with record("demo.load", by=None, org_code=places.DISTRICT) as entry:
        people = [_person(worker) for worker in workers]
        Person.objects.bulk_create(people, batch_size=1000)
        by_number = {worker.number: person for worker, person in zip(workers, people, strict=True)}
        pairs = list(zip(workers, people, strict=True))
        Employment.objects.bulk_create([_employment(*pair) for pair in pairs], batch_size=1000)
        Posting.objects.bulk_create([row for pair in pairs for row in _postings(*pair)], batch_size=1000)
        Certificate.objects.bulk_create([row for pair in pairs for row in _certificates(*pair)], batch_size=1000)
        GradeHolding.objects.bulk_create([row for pair in pairs for row in _grades(*pair)], batch_size=1000)
        Schooling.objects.bulk_create(
            [Schooling(person=p, level=w.education, sw_major=w.social_work) for w, p in pairs], batch_size=1000
        )
        StatusPeriod.objects.bulk_create(
            [
                StatusPeriod(person=p, kind="maternity", span=span(*w.maternity), note="合成数据")
                for w, p in pairs
                if w.maternity
            ]
        )
        entry.after = {"people": len(people)}
    return by_number


def _person(worker: Worker) -> Person:
    last = worker.posts[-1]
    person = Person(
        org_code=last.where, name=worker.name, sex=worker.sex, birth=worker.birth, nation="汉族", party=worker.party,
        education=worker.education, degree="学士" if worker.degree else "", sw_major=worker.social_work,
        willing=worker.willing, synthetic=True, id_number=worker.id_number, phone=worker.phone,
    )  # fmt: skip
    person.spell()
    return person


def _employment(worker: Worker, person: Person) -> Employment:
    elected = worker.posts[0].elected
    return Employment(
        person=person, org_code=person.org_code[:9], span=span(worker.entry, worker.exit),
        recognised_months=worker.recognised_months, contract="elected" if elected else "labour",
        probation_until=None if elected else worker.entry + timedelta(days=60), exit_reason=worker.exit_reason,
    )  # fmt: skip


def _postings(worker: Worker, person: Person) -> list[Posting]:
    return [
        Posting(
            person=person, org_code=spell.where, kind=spell.kind, elected=spell.elected,
            track=Track.PROFESSIONAL if spell.kind == "studio" else Track.MANAGEMENT,
            span=span(spell.since, spell.until), source=places.SOURCE,
        )
        for spell in worker.posts
    ]  # fmt: skip


def _certificates(worker: Worker, person: Person) -> list[Certificate]:
    return [
        Certificate(
            person=person, level=level, issued=day,
            registered_until=date(day.year + 3 * (1 + (workforce.LAST_YEAR - day.year) // 3), day.month, day.day),
        )
        for level, day in worker.certificates
    ]  # fmt: skip


def _grades(worker: Worker, person: Person) -> list[GradeHolding]:
    return [
        GradeHolding(person=person, ladder=LADDER, grade=grade, span=span(since, until), reason="合成数据")
        for grade, since, until in worker.grades
    ]


ACCOUNTS = (
    ("qu", "区级管理员", Role.DISTRICT_OFFICER, places.DISTRICT),
    ("fuhe", "区级复核人", Role.DISTRICT_OFFICER, places.DISTRICT),
    ("gongbu", "区级公布人", Role.DISTRICT_OFFICER, places.DISTRICT),
    ("quanyi", "区级权益专员", Role.DISTRICT_OFFICER, places.DISTRICT),
    ("caiwu", "区级财务", Role.FINANCE, places.DISTRICT),
    ("shenji", "审计", Role.AUDITOR, places.DISTRICT),
    ("jiedao", "街道管理员", Role.SUBDISTRICT_OFFICER, f"{places.DISTRICT}001"),
    ("shuji", "社区书记", Role.COMMUNITY_SECRETARY, f"{places.DISTRICT}001001"),
    ("shegong", "社区工作者", Role.WORKER, f"{places.DISTRICT}001001"),
)


@transaction.atomic
def accounts(file: Path) -> dict[str, str]:
    """{account: password} of the demo's accounts; made once with random passwords, kept in `file` (0600)."""
    made: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for username, title, role, code in ACCOUNTS:
        if username in made:
            continue
        person = None
        if role in (Role.WORKER, Role.COMMUNITY_SECRETARY):
            kind = "worker" if role == Role.WORKER else "secretary_director"
            posts = Posting.objects.within(code).filter(kind=kind, span__endswith__isnull=True, person__user=None)
            person = posts.order_by("pk")[0].person
        password = secrets.token_urlsafe(9)
        name = person.name if person else f"桃{title}"
        user = roles.open_account(username=username, name=name, by=None, password=password, person=person)
        roles.grant(user=user, role=role, org_code=code, since=SINCE, by=None)
        made[username] = password
    file.touch(mode=0o600)
    file.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    return made


def publish(run: Run) -> Run:
    """The run taken to publication by the three district accounts of the demo."""
    submits, signs, publishes = (User.objects.get(username=name) for name in ("qu", "fuhe", "gongbu"))
    decisions.submit(run=run, by=submits, note="合成数据，演示")
    items = list(review.items(run).values_list("pk", flat=True))
    decisions.mark(run=run, items=items, fine=True, comment="合成数据，演示", by=signs)
    decisions.sign(run=run, by=signs)
    return decisions.publish(run=run, by=publishes)


def under_review(run: Run) -> Run:
    """The run handed to the reviewers, and left there."""
    return decisions.submit(run=run, by=User.objects.get(username="qu"), note="合成数据，演示")


def pay(year: int, month: int) -> PayMonth:
    """A month's pay, computed by one account of the demo and closed by another."""
    computes, closes = (User.objects.get(username=name) for name in ("qu", "caiwu"))
    return pay_actions.close(
        month=pay_actions.compute(district=places.DISTRICT, year=year, month=month, by=computes), by=closes
    )


def certify_late() -> Person:
    """The demo's worker brings the certificate of an exam that she passed in 2024: recorded only after the year was paid."""
    person = User.objects.get(username="shegong").person
    assert person is not None
    held = set(Certificate.objects.filter(person=person).values_list("level", flat=True))
    level = next(level for level in CertificateLevel if level not in held)
    certificates.add(person=person, level=level, issued=CERTIFIED, by=User.objects.get(username="qu"))
    return person


def titles() -> dict[str, str]:
    return {username: title for username, title, _, _ in ACCOUNTS}


def synthetic_only() -> bool:
    """Whether the district's place names are all marked as invented: a guard before anything is written."""
    return not Organisation.objects.within(places.DISTRICT).filter(synthetic=False).exists()
