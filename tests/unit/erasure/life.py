"""A worker of 甲区 with a rich life, gone since: imported, paid, judged, heard, merged, written about. And a search through every
column of every table for what she was known by."""

import base64
import contextlib
import io
import json
import pickle
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import unquote

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests.cast import Cast
from tests.factories import id_number, posted, published
from tests.unit.facts.workbooks import book

from qinglan.apps.base.models import Sealed, span
from qinglan.apps.exchange.actions import tokens
from qinglan.apps.exchange.models import KeyConflict, StoredAnswer, Token
from qinglan.apps.facts.actions import imports, recording
from qinglan.apps.facts.models import HeaderWord
from qinglan.apps.notices.actions import tell
from qinglan.apps.pay import actions as paying
from qinglan.apps.people.actions import access, certificates, employment, persons, roles
from qinglan.apps.people.models import (
    ExitReason,
    FormerPassword,
    Person,
    Posting,
    Role,
    RoleGrant,
    Sex,
    StatusKind,
    User,
)
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.rights.actions import claims

DISTRICT, EAST = "990101", "990101001001"
NAME, FORMER, BIRTH = "欧阳慕晴", "欧阳小晴", date(1988, 3, 14)
NUMBER, PHONE, OLD_PHONE = id_number(77, BIRTH), "13900007701", "13900007702"
ACCOUNT, MAIL = "ouyang.mq", "ouyang.mq@example.org"
LAST = date(2025, 12, 31)
HEAD = ["身份证号码", "姓名", "所属社区", "培训日期", "培训课程", "培训类别", "学时", "佐证材料", "记录人"]
ROW = [NUMBER, NAME, "甲一东社区", "2025-06-12", "慕晴专场：社区治理", "年度培训", 8, f"{NAME}签到表", "李四"]
SAID = f"我是{NAME}，电话{PHONE}，少算了一次评议"


@dataclass
class Life:
    """Who she was, and what must stay as it is."""

    person: Person
    merged: Person
    account: User
    run: Run


def officer(name: str, role: Role = Role.DISTRICT_OFFICER) -> User:
    """Another account with a role in 甲区."""
    user = User.objects.create(username=name, last_name=name)
    RoleGrant.objects.create(user=user, role=role, org_code=DISTRICT, span=span(date(2020, 1, 1)))
    return user


def lived(cast: Cast) -> Life:
    """Put all of it into the database."""
    chief = cast.users["district_a"]
    person = posted(EAST, name=FORMER, birth=BIRTH, sex=Sex.FEMALE, id_number=NUMBER, phone=OLD_PHONE)
    today = timezone.localdate()
    persons.update(person=person, by=chief, today=today, name=NAME, phone=PHONE, nation="满族", party="member")
    persons.reveal(person=person, field="id_number", reason=f"核对{NAME}的社保", by=chief)
    certificates.add(person=person, level="middle", number="QL-77-0001", issued=date(2024, 9, 1), by=chief)
    employment.set_status(
        person=person,
        kind=StatusKind.SICK,
        since=date(2025, 2, 1),
        until=date(2025, 2, 10),
        by=chief,
        note=f"{NAME}住院",
    )
    account = _account(person, chief)
    _facts(cast, person, chief)
    adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
    run = published(years.compute(district=DISTRICT, year=2025, by=None))
    month = paying.compute(district=DISTRICT, year=2025, month=1, by=chief)
    paying.close(month=month, by=cast.users["finance_a"])
    _claim(cast, person, account, run)
    duplicate = posted(EAST, name=NAME, birth=BIRTH, id_number=None, phone=PHONE)
    Posting.objects.filter(person=duplicate).update(span=span(date(2019, 1, 1), date(2020, 1, 1)))
    persons.merge(kept=person, dropped=duplicate, reason=f"{NAME}录了两遍", by=chief)
    duplicate.refresh_from_db()
    Posting.objects.filter(person=person, span__contains=LAST).update(
        span=span(date(2020, 1, 1), LAST + timedelta(days=1))
    )
    employment.end(person=person, last_day=LAST, reason=ExitReason.VOLUNTARY, by=chief, note=f"{NAME}本人辞职")
    person.refresh_from_db()
    for spell in duplicate.employments.all():
        spell.span = span(spell.span.lower, LAST + timedelta(days=1))
        spell.exit_reason = ExitReason.VOLUNTARY
        spell.save()
    _mentions(cast, account)
    return Life(person, duplicate, account, run)


def _account(person: Person, chief: User) -> User:
    account = roles.open_account(username=ACCOUNT, name=NAME, by=chief, person=person)
    account.email = MAIL
    account.save()
    roles.grant(user=account, role=Role.WORKER, org_code=EAST, since=date(2021, 1, 1), by=chief)
    FormerPassword.objects.create(user=account, password=make_password("former-password"))
    EmailAddress.objects.create(user=account, email=MAIL)
    secret = Sealed.of("SECRET", "mfa.secret").token
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": secret})
    access.turned_away(username=ACCOUNT)
    Client().force_login(account)
    today = timezone.localdate()
    tokens.make(
        name=f"{NAME}的对接",
        scopes=["people:read"],
        org_code=EAST,
        expires_on=today + timedelta(days=9),
        today=today,
        by=account,
    )
    tell(users=[account], text=f"{NAME}，您的年度结果已公布", key="life", link="/me/")
    browser = Client()
    browser.force_login(account)
    browser.get("/people/999999999/")  # a refusal under her name
    browser.force_login(account)
    return account


def _facts(cast: Cast, person: Person, chief: User) -> None:
    batch = imports.submit(
        kind="training",
        filename=f"{NAME}等.xlsx",
        data=book(HEAD, ROW),
        district=DISTRICT,
        today=timezone.localdate(),
        by=chief,
    )
    imports.apply(batch=batch, today=timezone.localdate(), by=chief)
    row = {
        "person_id": cast.people["colleague_a"].pk, "org_code": EAST, "valid_on": date(2025, 5, 6), "mentor": NAME, "hours": 400,
        "recorder": NAME, "evidence": f"由{NAME}（{PHONE}）带教", "sheet_row": "",
    }  # fmt: skip
    recording.record_many(kind="shadowing", rows=[row], by=None, org_code=DISTRICT)
    mine = row | {"person_id": person.pk, "mentor": "李四", "recorder": "李四", "evidence": f"{NAME}跟岗日志"}
    recording.record_many(kind="shadowing", rows=[mine], by=chief, org_code=DISTRICT)
    warning = {
        "person_id": person.pk, "org_code": EAST, "valid_on": date(2025, 4, 2), "kind": "warning",
        "cause": f"{NAME}三次未参加例会", "recorder": "", "evidence": "", "sheet_row": "",
    }  # fmt: skip
    recording.record_many(kind="warnings", rows=[warning], by=chief, org_code=DISTRICT)


def _claim(cast: Cast, person: Person, account: User, run: Run) -> None:
    result = PersonResult.objects.get(run=run, person=person)
    reviewer = officer("reviewer")
    claim = claims.file(
        person=person, text=SAID, key="key-of-hers-1", on=date(2026, 6, 1), by=account,
        objection=claims.Objection(result, "assess.four_in_one", "composite"),
        evidence=[claims.Evidence(f"{NAME}.txt", "text/plain", SAID.encode())],
    )  # fmt: skip
    claims.assign(claim=claim, to=reviewer, by=cast.users["district_a"])
    claims.answer(claim=claim, outcome="rejected", reasons=f"{NAME}的评议已全部计入", by=reviewer)
    claims.close(claim=claim, by=account, on=date(2026, 6, 20))


def _mentions(cast: Cast, account: User) -> None:
    """Where nothing links to her but words."""
    HeaderWord.objects.create(org_code=DISTRICT, kind="training", field="course", word="课目", by_name=NAME)
    other = claims.file(
        person=cast.people["colleague_a"], text=f"与{NAME}一同值班，加班没有记", key="k1", on=date(2026, 6, 1),
        by=cast.users["district_a"],
    )  # fmt: skip
    assert NAME in other.text
    token = Token.objects.get(user=account)
    kept = StoredAnswer.objects.create(
        by_id=account.pk, token_id=token.pk, key="one", operation="POST /api/v1/facts/", body_hash="x", status=201,
        body=json.dumps({"said": NAME}),
    )  # fmt: skip
    KeyConflict.objects.create(
        answer=kept, token_id=token.pk, operation="POST", body_hash="y", body=json.dumps({"id": NUMBER, "name": NAME})
    )


# --- the search --------------------------------------------------------------------------------------------------------------

TOKEN = re.compile(r"A256GCM:[\w-]+:[\w=-]+")
PURPOSES = (
    "person.id_number", "person.phone", "facts.import_file", "rights.claim_file", "exchange.conflict", "exchange.webhook",
    "mfa.secret",
)  # fmt: skip


def secrets_of(life: Life) -> dict[str, str]:
    """What she was known by: word -> what it is."""
    return {
        NAME: "name", FORMER: "former name", "ouyangmuqing": "pinyin", "ouyangxiaoqing": "former pinyin", NUMBER: "ID number",
        PHONE: "phone", OLD_PHONE: "former phone", ACCOUNT: "account", MAIL: "address", "QL-77-0001": "certificate",
        "慕晴专场": "course", "三次未参加例会": "warning", "少算了一次评议": "claim", "former-password": "password",
        str(life.person.id_number_index): "mark of the ID number", str(life.person.phone_index): "mark of the phone",
    }  # fmt: skip


def _opened(token: str) -> str:
    for purpose in PURPOSES:
        with contextlib.suppress(Exception):
            return Sealed(token, purpose).open()
    raise AssertionError(f"a sealed value that no known purpose opens: {token[:40]}")


def _unpacked(data: bytes) -> Iterator[str]:
    """What stands in bytes: as text, in zips, in base64, compressed."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name
                yield from _unpacked(archive.read(name))
        return
    with contextlib.suppress(zlib.error):
        yield from _unpacked(zlib.decompress(data))
    text = data.decode("utf-8", "replace")
    yield text
    yield from _in_text(text)


def _in_text(text: str) -> Iterator[str]:
    for token in TOKEN.findall(text):
        inner = _opened(token)
        yield inner
        yield from _in_text(inner)
    if "%" in text:
        yield unquote(text)
    if "\\u" in text:
        with contextlib.suppress(UnicodeDecodeError):
            yield text.encode("ascii", "ignore").decode("unicode_escape")
    if len(text) > 40 and re.fullmatch(r"[A-Za-z0-9+/=\s_-]+", text):
        with contextlib.suppress(Exception):
            yield from _unpacked(base64.b64decode(text))


def texts() -> Iterator[tuple[str, str]]:
    """(table.column, text) of everything in the database that can be read as words, sealed and packed things opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname, t.typname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid"
            " WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
        )
        columns = cursor.fetchall()
        for table, column, kind in columns:
            quoted = f'"{column}"' if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'SELECT {quoted} FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (value,) in cursor.fetchall():
                place = f"{table}.{column}"
                for text in [value, *_in_text(value)] if isinstance(value, str) else _unpacked(bytes(value)):
                    yield place, text
                if table == "django_session" and column == "session_data":
                    yield place, json.dumps(signing.loads(value, salt="django.contrib.sessions.SessionStore"))
                if table == settings.CACHES["default"].get("LOCATION") and column == "value":
                    yield place, str(pickle.loads(base64.b64decode(value)))


def hits(known: dict[str, str]) -> dict[str, set[str]]:
    """Table.column -> what of her stands there."""
    found: dict[str, set[str]] = {}
    for place, text in texts():
        for word, what in known.items():
            if word.lower() in text.lower():
                found.setdefault(place, set()).add(what)
    return found
