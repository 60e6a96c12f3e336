"""Hold a roster against what is known: row by row, what will be added, changed, left alone or refused, and why.

Reads only; `actions.roster.apply` writes the same plan. A row is (key, canonical values): the key is the caller's (a row
number), the values have the keys of `core.intake.roster`, dates as ISO text. A value that is missing changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from django.db import models

from qinglan.apps.base.models import SealedTextField, blind_index, span

from ..models import (
    Certificate,
    CertificateLevel,
    EducationLevel,
    Employment,
    Organisation,
    Party,
    Person,
    Posting,
    PostKind,
    Sex,
)
from ..permissions import IMPORT_ROSTER, can

Outcome = Literal["added", "changed", "unchanged", "refused"]
SYNTHETIC_AREA = "990101"  # ID numbers of this area belong to nobody (合成数据)


@dataclass
class RowPlan:
    """What becomes of one row. `diffs`: Chinese field name -> (old, new) in words; sealed values masked."""

    key: Any
    outcome: Outcome = "unchanged"
    person: Person | None = None
    diffs: dict[str, tuple[str, str]] = field(default_factory=dict)
    reasons: list[tuple[str, str]] = field(default_factory=list)  # (stable English phrase, Chinese sentence)

    def refuse(self, code: str, sentence: str) -> None:
        """Leave the row out and say why."""
        self.outcome = "refused"
        self.reasons.append((code, sentence))


@dataclass
class Plan:
    """The plan of a whole roster, and the rows of tables that carrying it out will write."""

    rows: list[RowPlan] = field(default_factory=list)
    inserts: list[models.Model] = field(default_factory=list)  # people first, then what hangs on them
    updates: dict[tuple[type[models.Model], str], list[models.Model]] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Rows by outcome; they add up to the rows given."""
        tally = Counter(row.outcome for row in self.rows)
        return {"read": len(self.rows)} | {o: tally[o] for o in ("added", "changed", "unchanged", "refused")}

    def change(self, row: models.Model, column: str) -> None:
        """Note that a column of a known row will be written."""
        self.updates.setdefault((type(row), column), []).append(row)


@dataclass(frozen=True)
class _Wanted:
    """The canonical values in our own terms; None = the file does not say."""

    name: str
    mark: str
    id_number: str
    org_code: str
    birth: date | None
    sex: str | None
    nation: str | None
    party: str | None
    education: str | None
    phone: str | None
    kind: PostKind | None
    title: str
    start: date | None
    certificate: str | None
    issued: date | None


@dataclass
class _Known:
    """What the district holds already, by person id."""

    people: dict[str, Person]  # by index of the ID number
    postings: dict[int, list[Posting]]
    employments: dict[int, list[Employment]]
    certificates: dict[int, list[Certificate]]
    standing: set[str]  # codes of organisations that stand on the day


def _day(text: Any) -> date | None:
    return text if isinstance(text, date) or text is None else date.fromisoformat(text)


def _post(words: str | None) -> tuple[PostKind | None, str]:
    if not words:
        return None, ""
    try:
        return PostKind.from_words(words), ""
    except ValueError:
        return PostKind.OTHER, words


def _wanted(values: Mapping[str, Any]) -> _Wanted:
    """Read canonical values; ValueError in Chinese for words outside our lists."""
    kind, title = _post(values.get("post"))
    cert, party, edu, sex = (values.get(key) or None for key in ("cert", "party", "edu", "sex"))
    id_number = (values.get("id") or "").strip().upper()
    return _Wanted(
        name=values.get("name") or "",
        mark=blind_index(id_number, "person.id_number") if id_number else "",
        id_number=id_number,
        org_code=values.get("org") or "",
        birth=_day(values.get("birth") or None),
        sex=Sex.from_words(sex).value if sex else None,
        nation=values.get("nation") or None,
        party=Party.from_words(party).value if party else None,
        education=EducationLevel.from_words(edu).value if edu else None,
        phone=values.get("phone") or None,
        kind=kind,
        title=title,
        start=_day(values.get("start") or None),
        certificate=CertificateLevel.from_words(cert).value if cert and cert != "无" else None,
        issued=_day(values.get("cd") or None),
    )


def _by_person(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.person_id, []).append(row)
    return grouped


def _known(wanted: Iterable[_Wanted], district: str, on: date, lock: bool) -> _Known:
    wanted = list(wanted)
    found = Person.objects.living_records().within(district).filter(id_number_index__in={w.mark for w in wanted})
    people = list((found.select_for_update() if lock else found).order_by("pk"))
    ids = [person.pk for person in people]
    codes = {w.org_code for w in wanted}
    return _Known(
        people={person.id_number_index: person for person in people if person.id_number_index},
        postings=_by_person(Posting.objects.main().filter(person__in=ids).order_by("span")),
        employments=_by_person(Employment.objects.filter(person__in=ids).order_by("span")),
        certificates=_by_person(Certificate.objects.filter(person__in=ids)),
        standing=set(Organisation.objects.as_of(on).filter(code__in=codes).values_list("code", flat=True)),
    )


def plan(
    *, rows: Iterable[tuple[Any, Mapping[str, Any]]], district: str, on: date, by: Any, lock: bool = False
) -> Plan:
    """Say of each row what will become of it in `district` as of `on`; nothing is written.

    Refused: a person twice in the file, an organisation that does not stand or is out of the scope of `by`, a person of
    another sub-district when `by` may not move her, dates that contradict what is known.
    """
    result, wanted = Plan(), {}
    for key, values in rows:
        row = RowPlan(key)
        result.rows.append(row)
        try:
            wanted[id(row)] = _wanted(values)
        except ValueError as error:
            row.refuse("bad value", str(error))
    known = _known(wanted.values(), district, on, lock)
    seen: set[str] = set()
    for row in result.rows:
        if want := wanted.get(id(row)):
            _check(row, want, known, seen, district, by)
            if row.outcome != "refused":
                _plan_row(result, row, want, known, on)
    return result


def _check(row: RowPlan, want: _Wanted, known: _Known, seen: set[str], district: str, by: Any) -> None:
    if not want.name or not want.mark:
        return row.refuse("no name or id", "缺少姓名或身份证号，请补齐后重新导入。")
    if want.mark in seen:
        return row.refuse("repeated in file", f"{want.name}的身份证号在文件中已出现过，请删去重复的行。")
    seen.add(want.mark)
    if want.org_code not in known.standing or not want.org_code.startswith(district):
        return row.refuse("unknown organisation", f"本区没有代码为“{want.org_code}”的机构，请核对所在街道和社区。")
    if not can(by, IMPORT_ROSTER, want.org_code):
        return row.refuse("out of scope", "该机构不在您的管理范围内，请由相应街道或区级管理员导入。")
    person = known.people.get(want.mark)
    if person is not None and not can(by, IMPORT_ROSTER, person.org_code):
        return row.refuse("person elsewhere", f"{want.name}现登记在本区其他街道，请由区级管理员办理调动。")
    if person is None and (want.birth is None or want.sex is None):
        return row.refuse("no birth or sex", f"{want.name}缺少出生日期或性别，请补齐后重新导入。")
    return None


def _plan_row(result: Plan, row: RowPlan, want: _Wanted, known: _Known, on: date) -> None:
    person = known.people.get(want.mark)
    if person is None:
        row.outcome = "added"
        row.person = _new(result, want, on)
        return
    row.person = person
    pk = person.pk
    problem = _employment_problem(want, known.employments.get(pk, []), known.postings.get(pk, []), on)
    if problem:
        row.refuse(*problem)
        return
    _plan_person(result, row, person, want)
    _plan_employment(result, row, person, want, known)
    _plan_posting(result, row, person, want, known.postings.get(pk, []), on)
    _plan_certificate(result, row, person, want, known.certificates.get(pk, []))
    row.outcome = "changed" if row.diffs else "unchanged"


def _new(result: Plan, want: _Wanted, on: date) -> Person:
    """Queue a new person with her first post, employment and certificate."""
    assert want.sex is not None  # _check refused the row otherwise
    assert want.birth is not None
    person = Person(
        org_code=want.org_code,
        name=want.name,
        sex=want.sex,
        birth=want.birth,
        nation=want.nation or "",
        party=want.party or "",
        education=want.education or "",
        synthetic=want.id_number.startswith(SYNTHETIC_AREA),
        id_number=want.id_number,
        phone=want.phone,
    )
    person.spell()
    since = want.start or on
    result.inserts += [person, Employment(person=person, org_code=want.org_code[:6], span=span(since))]
    result.inserts.append(_posting(person, want, since))
    if want.certificate:
        result.inserts.append(Certificate(person=person, level=want.certificate, issued=want.issued))
    return person


def _posting(person: Person, want: _Wanted, since: date) -> Posting:
    kind = want.kind or PostKind.WORKER
    return Posting(
        person=person, org_code=want.org_code, kind=kind, title=want.title, elected=kind.elected, span=span(since)
    )


def _employment_problem(
    want: _Wanted, employments: list[Employment], postings: list[Posting], on: date
) -> tuple[str, str] | None:
    if postings and postings[-1].span.lower > on:
        return "later post", f"{want.name}已登记 {postings[-1].span.lower} 起的任职，本名册日期较早，请核对。"
    if not employments or employments[-1].span.upper is None:
        before = employments[-2].span.upper if len(employments) > 1 else None
        if want.start and before and want.start < before:
            return "start overlaps", f"{want.name}的入职日期早于上一段用工的结束日期 {before}，请核对。"
        return None
    left = employments[-1].span.upper
    if want.start is None or want.start < left:
        return "has left", f"{want.name}已登记离任（{left} 起），若重新入职，请填写新的入职日期。"
    return None


def _set(result: Plan, row: RowPlan, target: models.Model, column: str, value: Any, old: str, new: str) -> None:
    row.diffs[_label(type(target), column)] = (old, new)
    setattr(target, column, value)
    result.change(target, column)


def _plan_person(result: Plan, row: RowPlan, person: Person, want: _Wanted) -> None:
    for column in ("name", "sex", "birth", "nation", "party", "education"):
        value = getattr(want, column)
        if value is not None and value != getattr(person, column):
            old = _in_words(person, column)
            _set(result, row, person, column, value, old, "")
            row.diffs[_label(Person, column)] = (old, _in_words(person, column))
            if column == "name":
                person.spell()
                result.change(person, "pinyin")
                result.change(person, "initials")
    if want.phone and blind_index(want.phone, "person.phone") != person.phone_index:
        old = person.phone.masked() if person.phone else ""
        _set(result, row, person, "phone", want.phone, old, "")
        row.diffs["手机号"] = (old, person.phone.masked() if person.phone else "")
        result.change(person, "phone_index")


def _label(model: type[models.Model], column: str) -> str:
    return str(getattr(model._meta.get_field(column), "verbose_name", column))


def _in_words(row: models.Model, column: str) -> str:
    if isinstance(row._meta.get_field(column), SealedTextField):
        raise TypeError(f"{column} is sealed")
    display = getattr(row, f"get_{column}_display", None)
    return str(display() if display else getattr(row, column) or "")


def _plan_employment(result: Plan, row: RowPlan, person: Person, want: _Wanted, known: _Known) -> None:
    if want.start is None:
        return
    employments = known.employments.get(person.pk, [])
    current = employments[-1] if employments else None
    if current is None or current.span.upper is not None:
        result.inserts.append(Employment(person=person, org_code=want.org_code[:6], span=span(want.start)))
        row.diffs["入职日期"] = ("", str(want.start))
        return
    was = current.span.lower
    if was == want.start:
        return
    _set(result, row, current, "span", span(want.start, current.span.upper), str(was), str(want.start))
    row.diffs["入职日期"] = row.diffs.pop("用工期")
    for post in known.postings.get(person.pk, []):
        # the post of the entry day was loaded from the same wrong date: it is corrected with it
        if post.span.lower == was and (post.span.upper is None or want.start < post.span.upper):
            post.span = span(want.start, post.span.upper)
            result.change(post, "span")


def _plan_posting(result: Plan, row: RowPlan, person: Person, want: _Wanted, postings: list[Posting], on: date) -> None:
    current = postings[-1] if postings and postings[-1].span.upper is None else None
    kind = want.kind or (current.kind if current else PostKind.WORKER)
    title = want.title if want.kind else (current.title if current else "")
    if current and (current.org_code, current.kind, current.title) == (want.org_code, kind, title):
        return
    after = _posting(person, want, on)
    after.kind, after.title = kind, title
    row.diffs["任职"] = (f"{current.org_code} {current.label}" if current else "", f"{after.org_code} {after.label}")
    if current and current.span.lower >= on:  # begun on this very day: a correction, not a move
        for column in ("org_code", "kind", "title", "elected"):
            setattr(current, column, getattr(after, column))
            result.change(current, column)
    else:
        if current:
            current.span = span(current.span.lower, on)
            result.change(current, "span")
        elif postings and postings[-1].span.upper > on:
            after.span = span(postings[-1].span.upper)
        result.inserts.append(after)
    if person.org_code != want.org_code:
        person.org_code = want.org_code
        result.change(person, "org_code")


def _plan_certificate(
    result: Plan, row: RowPlan, person: Person, want: _Wanted, certificates: list[Certificate]
) -> None:
    if not want.certificate:
        return
    same = next((c for c in certificates if c.level == want.certificate), None)
    label = CertificateLevel(want.certificate).label
    if same is None:
        result.inserts.append(Certificate(person=person, level=want.certificate, issued=want.issued))
        row.diffs["证书"] = ("", f"{label} {want.issued or ''}".strip())
    elif want.issued and same.issued != want.issued:
        old = f"{label} {same.issued or ''}".strip()
        _set(result, row, same, "issued", want.issued, "", "")
        del row.diffs["取得日期"]
        row.diffs["证书"] = (old, f"{label} {want.issued}")
