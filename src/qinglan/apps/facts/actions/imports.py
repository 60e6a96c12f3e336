"""Brings files in: a dry run that says of each row what would become of it, then one transaction that does it.

The file is kept sealed, so that the marked workbook can be made again; the stored report holds no ID number.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from qinglan.apps.audit.actions import record
from qinglan.apps.base.models import Sealed
from qinglan.apps.facts import queries
from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.people.actions import certificates, roster
from qinglan.apps.people.models import Certificate, CertificateLevel, Person
from qinglan.apps.people.permissions import IMPORT_FACTS, IMPORT_ROSTER, check
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
    mark,
    read_workbook,
    row_objects,
)

ROSTER = "roster"
TITLES = {
    ROSTER: "花名册",
    "training": "培训出勤与学时",
    "shadowing": "跟岗实训",
    "exams": "考试与证书",
    "scores": "四类评分",
    "abilities": "能力评定",
    "awards": "荣誉",
    "warnings": "警示",
    "projects": "项目",
    "openings": "期初数",
}
PURPOSE = "facts.import_file"
NUMBERS = re.compile(r"[0-9０-９]{6,}[0-9０-９Xx Ｘ-]{5,}")
LEVELS = {"初级": CertificateLevel.JUNIOR, "中级": CertificateLevel.MIDDLE, "高级": CertificateLevel.SENIOR}


@dataclass
class Tried:
    """A file read and checked. `rows` are those to bring in: (result, person or organisation, fact fields)."""

    workbook: Workbook
    report: Report
    rows: list[tuple[RowResult, dict[str, Any]]]


def read(
    *, kind: str, filename: str, data: bytes, district: str, today: date, by: Any, mapping: Sequence[ColumnMapping] = ()
) -> Tried:
    """Reads and checks a file against the district; nothing is written. IntakeError (one sentence) for the whole file."""
    workbook = read_workbook(data, filename)
    places = queries.organisations_of(district, today)
    if kind == ROSTER:
        report = check_roster(workbook, places, today, mapping=mapping)
        return Tried(workbook, report, _plan_roster(report, district, today, by))
    people = queries.Register(by, district)
    report = check_facts(kind, workbook, people, places, today, mapping=mapping)
    return Tried(workbook, report, _plan_facts(report, kind, people))


def _plan_roster(report: Report, district: str, today: date, by: Any) -> list[tuple[RowResult, dict[str, Any]]]:
    accepted = [row for row in report.rows if row.outcome == "accepted"]
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
            row.extra["__change"] = "新增" if planned.outcome == "added" else "；".join(words)
    return [(row, row.canonical) for row in accepted if row.outcome == "accepted"]


def _plan_facts(report: Report, kind: str, people: queries.Register) -> list[tuple[RowResult, dict[str, Any]]]:
    orgs = people.orgs
    rows: list[tuple[RowResult, dict[str, Any]]] = []
    for row in report.rows:
        if row.outcome != "accepted":
            continue
        try:
            rows.append((row, _fact(kind, row, orgs)))
        except ValueError as error:
            row.outcome = "refused"
            row.reasons.append(Reason("bad grade", str(error), "请按说明改写", field="grade"))
    if kind == "openings":
        until = {values["person_id"]: values["valid_on"] for _, values in rows}
        months = queries.months_employed(until, until)
        for _, values in rows:
            values["months_employed"] = months[values["person_id"]]
    outcomes = recording.plan(kind, [values for _, values in rows])
    for (row, _), outcome in zip(rows, outcomes, strict=True):
        if outcome == "unchanged":
            row.outcome = "unchanged"
        row.extra["__change"] = {"added": "新增", "corrected": "更正已有的记录", "unchanged": ""}[outcome]
    return [(row, values) for row, values in rows if row.outcome == "accepted"]


def _fact(kind: str, row: RowResult, orgs: Mapping[int, str]) -> dict[str, Any]:
    values = row.canonical
    of_unit = isinstance(row.subject, str)
    day = date(values["year"], 12, 31) if kind == "scores" else date.fromisoformat(values["date"])
    return {
        "person_id": None if of_unit else row.subject,
        "org_code": row.subject if of_unit else orgs[row.subject],
        "valid_on": day,
        "recorder": values.get("recorder") or "",
        "evidence": values.get("evidence") or "",
        "sheet_row": f"{row.sheet} 第 {row.row} 行",
        **queries.FIELDS[kind](values),
    }


@transaction.atomic
def submit(
    *, kind: str, filename: str, data: bytes, district: str, today: date, by: Any, mapping: Sequence[ColumnMapping] = ()
) -> ImportBatch:
    """This will keep a file (sealed) with the report of its dry run. A file that cannot be read is kept as failed, with why."""
    if kind not in TITLES:
        raise ValidationError(f"没有「{kind}」这种导入。")
    _may(by, kind, district)
    batch = ImportBatch(
        org_code=district, kind=kind, filename=filename[:200], sha256=hashlib.sha256(data).hexdigest(),
        content=Sealed.of(data.hex(), PURPOSE).token.encode(), by_id=getattr(by, "pk", None),
        by_name=(by.get_full_name() or by.get_username()) if by is not None else "系统",
        mapping=[_plain(one) for one in mapping],
    )  # fmt: skip
    with record("facts.import.submit", by=by, org_code=district) as entry:
        try:
            tried = read(
                kind=kind, filename=filename, data=data, district=district, today=today, by=by, mapping=mapping
            )
        except IntakeError as error:
            batch.state, batch.message = ImportBatch.State.FAILED, str(error)
        else:
            _describe(batch, tried.report)
        batch.save(force_insert=True)
        entry.target, entry.after = batch, {"file": batch.filename, "kind": kind, "state": batch.state}
    return batch


def _may(by: Any, kind: str, district: str) -> None:
    """A sub-district officer may submit for her district; rows outside her scope are refused one by one."""
    capability = IMPORT_ROSTER if kind == ROSTER else IMPORT_FACTS
    scopes = queries.scopes(by, capability)
    if not any(code.startswith(district) for code in scopes):
        check(by, capability, district)


def _plain(mapping: ColumnMapping) -> dict[str, Any]:
    return {
        "columns": dict(mapping.columns), "sheet": mapping.sheet, "header_row": mapping.header_row, "ignore": mapping.ignore,
    }  # fmt: skip


def _describe(batch: ImportBatch, report: Report) -> None:
    counts = report.counts()
    batch.read, batch.accepted, batch.unchanged, batch.refused, batch.skipped = (
        counts[name] for name in ("read", "accepted", "unchanged", "refused", "skipped")
    )
    batch.state = ImportBatch.State.FAILED if report.problems and not report.rows else ImportBatch.State.TRIED
    batch.message = "\n".join(
        [*report.problems, *report.notes, *(note for sheet in report.sheets for note in sheet.notes)]
    )
    batch.report = {
        "rows": [_masked(row, source) for row, source in zip(row_objects(report), report.rows, strict=True)],
        "sheets": [
            {"name": s.name, "read": s.read, "headers": s.headers, "columns": s.columns, "unknown": s.unknown}
            for s in report.sheets
        ],
    }


def _masked(row: dict[str, Any], source: RowResult) -> dict[str, Any]:
    """A row of the report without ID number and phone: those stay in the sealed file."""
    details = [{**one, "value": _hidden(one["value"]), "message": _hidden(one["message"])} for one in row["details"]]
    name = row["canonical"].get("name") or ""
    change = _hidden(source.extra.get("__change", ""))
    return {
        "row": row["row"], "sheet": source.sheet, "outcome": row["outcome"], "name": name, "change": change,
        "reasons": row["reasons"], "details": details,
    }  # fmt: skip


def _hidden(text: str | None) -> str:
    return NUMBERS.sub(lambda found: found[0][:3] + "*" * (len(found[0]) - 3), text or "")


def content_of(batch: ImportBatch) -> bytes:
    """The file as it came. ValidationError when it is no longer kept."""
    if not batch.content:
        raise ValidationError("这个文件已不再保存，请重新上传。")
    return bytes.fromhex(Sealed(bytes(batch.content).decode(), PURPOSE).open())


def mapping_of(batch: ImportBatch) -> list[ColumnMapping]:
    return [ColumnMapping(**one) for one in batch.mapping]


def marked(batch: ImportBatch, *, by: Any) -> bytes:
    """The workbook with each refused row marked, made anew from the sealed file as things stand today."""
    tried = read(
        kind=batch.kind, filename=batch.filename, data=content_of(batch), district=batch.org_code,
        today=timezone.localdate(), by=by, mapping=mapping_of(batch),
    )  # fmt: skip
    return mark(tried.workbook, tried.report)


@transaction.atomic
def apply(*, batch: ImportBatch, today: date, by: Any) -> ImportBatch:
    """This will bring the good rows of a tried file in, all together. Rows are checked anew: what changed meanwhile counts.

    ValidationError when the batch is not waiting to be applied.
    """
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    _may(by, batch.kind, batch.org_code)
    if batch.state != ImportBatch.State.TRIED:
        raise ValidationError(f"这个文件的状态是「{batch.get_state_display()}」，不能导入。")
    with record("facts.import.apply", by=by, target=batch, org_code=batch.org_code) as entry:
        tried = read(
            kind=batch.kind, filename=batch.filename, data=content_of(batch), district=batch.org_code, today=today,
            by=by, mapping=mapping_of(batch),
        )  # fmt: skip
        if batch.kind == ROSTER:
            rows = [(result.row, values) for result, values in tried.rows]
            roster.apply(rows=rows, district=batch.org_code, on=today, by=by, source=batch.filename)
        else:
            recording.record_many(
                kind=batch.kind, rows=[values for _, values in tried.rows], by=by, org_code=batch.org_code, batch=batch
            )
            if batch.kind == "exams":
                _certificates(tried.rows, by)
        _describe(batch, tried.report)
        batch.state, batch.applied_at = ImportBatch.State.APPLIED, timezone.now()
        batch.save()
        entry.after = {"accepted": batch.accepted, "unchanged": batch.unchanged, "refused": batch.refused}
    return batch


def _certificates(rows: Sequence[tuple[RowResult, dict[str, Any]]], by: Any) -> None:
    """Registers the certificates that passed exams brought; one known already stays as it is."""
    for _, values in rows:
        level = LEVELS[values["level"]]
        if not values["certificate_number"] or values["passed"] is False:
            continue
        if Certificate.objects.filter(person=values["person_id"], level=level).exists():
            continue
        person = Person.objects.get(pk=values["person_id"])
        certificates.add(
            person=person, level=level, number=values["certificate_number"], issued=values["valid_on"], by=by
        )


@transaction.atomic
def give_up(*, batch: ImportBatch, by: Any) -> None:
    """This will drop a tried file and forget its content."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    _may(by, batch.kind, batch.org_code)
    if batch.state == ImportBatch.State.APPLIED:
        raise ValidationError("已经导入的文件不能放弃；要改正，请再导入更正后的文件。")
    with record("facts.import.give_up", by=by, target=batch, org_code=batch.org_code):
        batch.state, batch.content, batch.report = ImportBatch.State.GIVEN_UP, None, {}
        batch.save()
