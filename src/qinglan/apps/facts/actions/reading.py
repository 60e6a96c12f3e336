"""Reads a file against its district: what would become of each row, and the report of it without private numbers. Writes nothing."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from qinglan.apps.facts import models, queries
from qinglan.apps.facts.actions import recording
from qinglan.apps.people.models import Person, PostKind
from qinglan.apps.people.permissions import IMPORT_FACTS, can
from qinglan.apps.people.queries import roster as roster_plan
from qinglan.core.intake import (
    ColumnMapping,
    IntakeError,
    Reason,
    Report,
    RowResult,
    Workbook,
    check_facts,
    check_roster,
    read_workbook,
    row_objects,
)
from qinglan.core.intake.text import compact

ROSTER, FIGURES = "roster", "figures"
TITLES = {
    ROSTER: "花名册",
    "training": "培训出勤与学时",
    "shadowing": "跟岗实训",
    "exams": "考试与证书",
    "scores": "考核评分",
    "abilities": "能力评定",
    "awards": "荣誉",
    "warnings": "警示",
    "projects": "项目",
    "openings": "期初数",
    FIGURES: "全区预算数",
}
CHANGES = {"added": "新增", "corrected": "更正已有的记录", "restored": "恢复已撤销的记录", "unchanged": ""}
# Ten digits or more, also with single blanks or hyphens between: an ID number, a phone, an account. A date has eight.
NUMBERS = re.compile(r"\d(?:[ \-]?[\dXx]){9,}")
PRIVATE = ("id", "phone")
_SHOWN = 3


@dataclass
class Tried:
    """A file read and checked. `rows` are those to bring in: (result, canonical values or the fields of a fact)."""

    workbook: Workbook
    report: Report
    rows: list[tuple[RowResult, dict[str, Any]]]


def read(
    *,
    kind: str,
    filename: str,
    data: bytes,
    district: str,
    today: date,
    by: Any,
    mapping: Sequence[ColumnMapping] = (),
    recorder: str = "",
) -> Tried:
    """Read and check a file against the district; nothing is written. IntakeError (one sentence) for the whole file.

    `recorder`: who brought it, recorder of the rows of a sheet that has no such column (else `by`).
    """
    workbook = read_workbook(data, filename)
    return check(
        kind=kind, workbook=workbook, district=district, today=today, by=by, mapping=mapping, recorder=recorder
    )


def check(
    *,
    kind: str,
    workbook: Workbook,
    district: str,
    today: date,
    by: Any,
    mapping: Sequence[ColumnMapping] = (),
    recorder: str = "",
) -> Tried:
    """Check a workbook that was read. IntakeError when the district is not known."""
    places = queries.organisations_of(district, today)
    if not places.by_code:
        raise IntakeError("unknown district", f"系统里没有代码为{district}的区，请先建立该区的机构，或核对代码")
    synonyms = queries.synonyms_of(district, kind)
    if kind == ROSTER:
        report = check_roster(workbook, places, today, synonyms=synonyms, mapping=mapping)
        return Tried(workbook, report, _plan_roster(report, district, today, by))
    people = queries.Register(by, district)
    whose = recorder or name_of(by)
    report = check_facts(
        kind, workbook, people, places, today, synonyms=synonyms, mapping=mapping, recorder=whose,
        figures=list(models.FIGURES.values()),
    )  # fmt: skip
    return Tried(workbook, report, _plan_facts(report, kind, people, district, by))


def name_of(by: Any) -> str:
    """What to call an account; nothing for the system itself."""
    return str(by.get_full_name() or by.get_username()) if by is not None else ""


def _plan_roster(report: Report, district: str, today: date, by: Any) -> list[tuple[RowResult, dict[str, Any]]]:
    for one in list(report.accepted()):
        _known_post(report, one)
    accepted = list(report.accepted())
    plan = roster_plan.plan(rows=[(row, row.canonical) for row in accepted], district=district, on=today, by=by)
    for planned in plan.rows:
        row: RowResult = planned.key
        if planned.outcome == "unchanged":
            row.outcome = "unchanged"
        elif planned.outcome == "refused":
            row.outcome = "refused"
            row.reasons += [Reason(code, sentence) for code, sentence in planned.reasons]
        else:
            words = [f"{name}：{old or '（空）'} → {new}" for name, (old, new) in planned.diffs.items()]
            row.extra["__change"] = _added(row.canonical) if planned.outcome == "added" else "；".join(words)
    return [(row, row.canonical) for row in accepted if row.outcome == "accepted"]


def _known_post(report: Report, row: RowResult) -> None:
    """Refuse a post that no rule knows: taken as another post it would leave her without pay, unseen."""
    post = row.canonical.get("post")
    if post:
        try:
            PostKind.from_words(post)
        except ValueError:
            known = "、".join(str(kind.label) for kind in PostKind)
            mend = f"请改为以下之一：{known}；岗位表里没有的，写其他岗位，导入后在个人页面写明岗位名称"
            reason = Reason(
                "unknown post", f"职务〈{post}〉没有认出", mend, "post", _column_of(report, row, "post"), post
            )
            report.refuse(row, reason)


def _added(values: Mapping[str, Any]) -> str:
    """What a new row brings, for who confirms it."""
    parts = (values.get("community"), values.get("post"), f"{values['start']} 起" if values.get("start") else None)
    return "新增：" + "，".join(str(part) for part in parts if part)


def _plan_facts(
    report: Report, kind: str, people: queries.Register, district: str, by: Any
) -> list[tuple[RowResult, dict[str, Any]]]:
    if not can(by, IMPORT_FACTS, district):
        _say_whose(report)
    orgs = people.orgs
    rows: list[tuple[RowResult, dict[str, Any]]] = []
    for row in list(report.accepted()):
        if isinstance(row.subject, str) and not can(by, IMPORT_FACTS, row.subject):
            sentence = "该机构不在您的管理范围内"
            report.refuse(row, Reason("out of scope", sentence, "请由相应街道或区级管理员导入", field="community"))
            continue
        try:
            rows.append((row, _fact(kind, row, orgs)))
        except ValueError as error:
            column = _column_of(report, row, "grade")
            report.refuse(row, Reason("bad grade", str(error), "请按说明改写", field="grade", column=column))
    if kind == "openings":
        months = queries.months_employed({values["person_id"]: values["valid_on"] for _, values in rows})
        for _, values in rows:
            values["months_employed"] = months[values["person_id"]]
    planned = recording.foresee(kind, [values for _, values in rows])
    for (row, values), (outcome, before) in zip(rows, planned, strict=True):
        if outcome == "unchanged":
            row.outcome = "unchanged"
        else:
            row.extra["__change"] = _told(kind, values, outcome, before)
    return [(row, values) for row, values in rows if row.outcome == "accepted"]


def _told(kind: str, values: Mapping[str, Any], outcome: recording.Outcome, before: models.Fact | None) -> str:
    """What a row brings, for who confirms it: its day and what it says; of a correction also what is recorded now."""
    model: Any = models.KINDS[kind]
    said = model(**values).summary()
    if outcome == "corrected" and before is not None:
        was: Any = before
        if was.summary() != said:
            return f"{CHANGES[outcome]}：{values['valid_on']}，{was.summary()} → {said}"
        if was.evidence != values["evidence"]:
            return f"{CHANGES[outcome]}的依据：{values['valid_on']}，{was.evidence or '（空）'} → {values['evidence']}"
    return f"{CHANGES[outcome]}：{values['valid_on']}，{said}"


def _say_whose(report: Report) -> None:
    """To somebody of one sub-district, a person of another one is unknown: the mend says so, without saying which it is."""
    for row in report.rows:
        row.reasons = [
            Reason(
                one.code, "您的管理范围内" + one.message.removeprefix("花名册里"),
                f"{one.mend}；别的街道的人请由该街道或区级管理员导入", one.field, one.column, one.value,
            ) if one.code == "unknown person" else one
            for one in row.reasons
        ]  # fmt: skip


def _column_of(report: Report, row: RowResult, key: str) -> str | None:
    sheet = next((one for one in report.sheets if one.name == row.sheet), None)
    return next((letter for letter, field in sheet.columns.items() if field == key), None) if sheet else None


def _fact(kind: str, row: RowResult, orgs: Mapping[int, str]) -> dict[str, Any]:
    values = row.canonical
    of_unit = isinstance(row.subject, str)
    yearly = kind in ("scores", FIGURES)
    day = date(values["year"], values.get("month", 12), 1) if yearly else date.fromisoformat(values["date"])
    if yearly or kind == "openings":  # these stand at the end of a month, however the office wrote it
        day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return {
        "person_id": None if of_unit else row.subject,
        "org_code": row.subject if of_unit else orgs[row.subject],
        "valid_on": day,
        "recorder": values.get("recorder") or "",
        "evidence": values.get("evidence") or "",
        "sheet_row": f"{row.sheet} 第 {row.row} 行",
        **queries.FIELDS[kind](values),
    }


def tell_ids(report: Report) -> None:
    """Put the ID number into rows that named a person by name alone: for the rows written out by the command, not for pages."""
    rows = [row for row in report.rows if isinstance(row.subject, int) and row.canonical.get("id") is None]
    people = Person.objects.in_bulk({row.subject for row in rows})
    for row in rows:
        sealed = people[row.subject].id_number
        row.canonical["id"] = sealed.open() if sealed else None


def stored(report: Report) -> dict[str, Any]:
    """A report as the batch keeps it: rows with outcome and reasons, sheets with their columns; ID numbers and phones hidden."""
    return {
        "rows": [_masked(row, source) for row, source in zip(row_objects(report), report.rows, strict=True)],
        "sheets": [
            {
                "name": s.name, "read": s.read, "header_row": s.header_rows[-1] if s.header_rows else None,
                "headers": {letter: hidden(word) for letter, word in s.headers.items()}, "columns": s.columns,
                "unknown": {letter: hidden(word) for letter, word in s.unknown.items()},
            }
            for s in report.sheets
        ],
    }  # fmt: skip


def remarks(report: Report) -> str:
    """What is to be said of the whole file, a line each."""
    lines = [*report.problems, *report.notes, *(note for sheet in report.sheets for note in sheet.notes)]
    return hidden("\n".join(dict.fromkeys(lines)))


def _masked(row: dict[str, Any], source: RowResult) -> dict[str, Any]:
    """A row of the report without ID number and phone: those stay in the sealed file."""
    return {
        "row": row["row"], "sheet": source.sheet, "outcome": row["outcome"],
        "name": hidden(row["canonical"].get("name") or row["canonical"].get("item")), "change": hidden(source.extra.get("__change")),
        "reasons": row["reasons"], "details": [_detail(one) for one in row["details"]],
    }  # fmt: skip


def _detail(one: dict[str, Any]) -> dict[str, Any]:
    value, message = one["value"] or "", one["message"]
    if one["field"] in PRIVATE and value:  # also the ones that are no sound number: one digit short, an O for a 0
        for form in dict.fromkeys((value, value.strip(), compact(value))):
            if form:
                message = message.replace(form, _dots(form))
        value = _dots(value)
    return {**one, "value": hidden(value), "message": hidden(message)}


def _dots(text: str) -> str:
    return text[:_SHOWN] + "*" * (len(text) - _SHOWN)


def hidden(text: str | None) -> str:
    """A text with every long number cut down to its first three digits."""
    return NUMBERS.sub(lambda found: _dots(found[0]), text or "")
