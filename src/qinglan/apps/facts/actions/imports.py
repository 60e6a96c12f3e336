"""Brings files in: a dry run that says of each row what would become of it, then one transaction that does it.

The file is kept sealed, so that the marked workbook can be made again; the stored report holds no ID number. A large file is
read by a background job while somebody works on those (`tasks.check_import`), else at once.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from qinglan.apps.audit.actions import record
from qinglan.apps.base.models import Sealed
from qinglan.apps.exchange.actions import webhooks
from qinglan.apps.exchange.models import Event
from qinglan.apps.facts import queries
from qinglan.apps.facts.actions import reading, recording
from qinglan.apps.facts.actions.reading import FIGURES, ROSTER, TITLES, Tried, read
from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.facts.permissions import check_district
from qinglan.apps.people.actions import certificates, roster
from qinglan.apps.people.models import Certificate, CertificateLevel, Person
from qinglan.apps.people.permissions import IMPORT_FACTS, IMPORT_ROSTER, check
from qinglan.core.intake import ColumnMapping, IntakeError, Workbook, mark, read_workbook
from qinglan.core.intake.model import column_letter
from qinglan.core.intake.text import compact, shown

__all__ = [
    "ROSTER",
    "TITLES",
    "Tried",
    "apply",
    "check_now",
    "fail",
    "forget",
    "give_up",
    "marked",
    "preview",
    "read",
    "remap",
    "submit",
]

PURPOSE = "facts.import_file"
LEVELS = {"初级": CertificateLevel.JUNIOR, "中级": CertificateLevel.MIDDLE, "高级": CertificateLevel.SENIOR}
LARGE = 2000  # rows; below, the dry run takes a second or two
PREVIEW_ROWS, PREVIEW_COLUMNS, PREVIEW_LETTERS = 10, 40, 24


@transaction.atomic
def submit(
    *, kind: str, filename: str, data: bytes, district: str, today: date, by: Any, mapping: Sequence[ColumnMapping] = ()
) -> ImportBatch:
    """This will keep a file (sealed) with the report of its dry run. A file that cannot be read is kept as failed, with why.

    The content of a refused file is not kept. A large one stays `reading` while somebody works on background jobs.
    """
    if kind not in TITLES:
        raise ValidationError(f"没有「{kind}」这种导入。")
    _may(by, kind, district)
    batch = ImportBatch(
        org_code=district, kind=kind, filename=reading.hidden(filename)[:200], sha256=hashlib.sha256(data).hexdigest(),
        content=Sealed.of(base64.b64encode(data).decode(), PURPOSE).token.encode(), by_id=getattr(by, "pk", None),
        by_name=reading.name_of(by) or "系统",
        mapping=[_plain(one) for one in mapping],
    )  # fmt: skip
    with record("facts.import.submit", by=by, org_code=district) as entry:
        try:
            workbook = read_workbook(data, filename)
        except IntakeError as error:
            _fail(batch, error)
        else:
            rows = sum(len(sheet.rows) for sheet in workbook.sheets)
            if rows > LARGE and queries.worker_seen():
                batch.message = f"文件约有 {rows} 行，正在后台核对。"
            else:
                _try(batch, workbook, today, by)
        batch.save(force_insert=True)
        entry.target, entry.after = batch, {"file": batch.filename, "kind": kind, "state": batch.state}
    if batch.state == ImportBatch.State.READING:
        jobs.configure_task("facts.check_import", queueing_lock=f"import {batch.pk}").defer(batch_id=batch.pk)
    return batch


@transaction.atomic
def check_now(*, batch: ImportBatch, today: date, by: Any) -> ImportBatch:
    """This will do the dry run of a file that still waits for it. Whoever comes second finds it done."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != ImportBatch.State.READING:
        return batch
    with record("facts.import.check", by=by, target=batch, org_code=batch.org_code) as entry:
        try:
            _try(batch, read_workbook(content_of(batch), batch.filename), today, by)
        except IntakeError as error:
            _fail(batch, error)
        batch.save()
        entry.after = {"state": batch.state}
    return batch


@transaction.atomic
def fail(*, batch: ImportBatch, by: Any) -> None:
    """This will say of a file whose dry run broke off that it was not read."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == ImportBatch.State.READING:
        with record("facts.import.fail", by=by, target=batch, org_code=batch.org_code):
            batch.state, batch.content = ImportBatch.State.FAILED, None
            batch.message = "核对时出了意外，没有写入任何数据。请再上传一次；仍不行请告诉管理员。"
            batch.save()


def _try(batch: ImportBatch, workbook: Workbook, today: date, by: Any) -> None:
    try:
        tried = reading.check(
            kind=batch.kind, workbook=workbook, district=batch.org_code, today=today, by=by, mapping=mapping_of(batch),
            recorder=_recorder(batch),
        )  # fmt: skip
    except IntakeError as error:
        _fail(batch, error)
    else:
        _describe(batch, tried)


def _fail(batch: ImportBatch, error: IntakeError) -> None:
    batch.state, batch.message, batch.content = ImportBatch.State.FAILED, reading.hidden(error.sentence), None


def _may(by: Any, kind: str, district: str) -> None:
    """A sub-district officer may submit for her district; rows outside her scope are refused one by one. What is said of the whole
    district is for those whose district it is whole."""
    if kind == FIGURES:
        check_district(by, district)
        return
    capability = IMPORT_ROSTER if kind == ROSTER else IMPORT_FACTS
    scopes = queries.scopes(by, capability)
    if not any(code.startswith(district) for code in scopes):
        check(by, capability, district)


def _recorder(batch: ImportBatch) -> str:
    """Who brought a file, whoever confirms it; the system itself is no recorder."""
    return batch.by_name if batch.by_id else ""


def _plain(mapping: ColumnMapping) -> dict[str, Any]:
    return {
        "columns": dict(mapping.columns), "sheet": mapping.sheet, "header_row": mapping.header_row, "ignore": mapping.ignore,
    }  # fmt: skip


def _describe(batch: ImportBatch, tried: Tried) -> None:
    counts = tried.report.counts()
    batch.read, batch.accepted, batch.unchanged, batch.refused, batch.skipped = (
        counts[name] for name in ("read", "accepted", "unchanged", "refused", "skipped")
    )
    batch.state = ImportBatch.State.UNCLEAR if tried.report.problems else ImportBatch.State.TRIED
    batch.message = reading.remarks(tried.report)
    batch.report = reading.stored(tried.report)


def content_of(batch: ImportBatch) -> bytes:
    """The file as it came. ValidationError when it is no longer kept."""
    if not batch.content:
        raise ValidationError("这个文件已不再保存，请重新上传。")
    return base64.b64decode(Sealed(bytes(batch.content).decode(), PURPOSE).open())


def mapping_of(batch: ImportBatch) -> list[ColumnMapping]:
    """The columns told by hand when the file was submitted."""
    return [ColumnMapping(**one) for one in batch.mapping]


def preview(batch: ImportBatch) -> list[dict[str, Any]]:
    """First rows of each sheet, to choose the header by: [{"name", "letters": ["A", …], "rows": [[text, …], …]}].

    Long numbers are hidden, long texts cut.
    """
    workbook = read_workbook(content_of(batch), batch.filename)
    found = []
    for sheet in workbook.sheets:
        rows = [[_glimpse(value) for value in cells[:PREVIEW_COLUMNS]] for cells in sheet.rows[:PREVIEW_ROWS]]
        width = max((len(cells) for cells in rows), default=0)
        letters = [column_letter(index) for index in range(width)]
        padded = [cells + [""] * (width - len(cells)) for cells in rows]
        found.append({"name": sheet.name, "letters": letters, "rows": padded})
    return found


def _glimpse(value: Any) -> str:
    text = reading.hidden(compact(shown(value)))
    return text if len(text) <= PREVIEW_LETTERS else text[:PREVIEW_LETTERS] + "…"


@transaction.atomic
def marked(*, batch: ImportBatch, by: Any) -> bytes:
    """The workbook with each refused row marked, made anew from the sealed file as things stand today.

    It holds full ID numbers, so that it was taken away is recorded.
    """
    with record("facts.import.marked", by=by, target=batch, org_code=batch.org_code):
        tried = read(
            kind=batch.kind, filename=batch.filename, data=content_of(batch), district=batch.org_code,
            today=timezone.localdate(), by=by, mapping=mapping_of(batch), recorder=_recorder(batch),
        )  # fmt: skip
        return mark(tried.workbook, tried.report)


@transaction.atomic
def remap(*, batch: ImportBatch, mapping: Sequence[ColumnMapping], today: date, by: Any) -> ImportBatch:
    """This will try the file again with columns told by hand, as a batch of its own; the earlier one is given up."""
    data = content_of(batch)
    again = submit(
        kind=batch.kind,
        filename=batch.filename,
        data=data,
        district=batch.org_code,
        today=today,
        by=by,
        mapping=mapping,
    )
    if batch.state != ImportBatch.State.APPLIED:
        give_up(batch=batch, by=by)
    return again


@transaction.atomic
def apply(*, batch: ImportBatch, today: date, by: Any) -> ImportBatch:
    """This will bring the good rows of a tried file in, all together. Rows are checked anew: what changed meanwhile counts.

    ValidationError when the batch is not waiting to be applied.
    """
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    _may(by, batch.kind, batch.org_code)
    if batch.state != ImportBatch.State.TRIED:
        raise ValidationError(f"这个文件的状态是「{batch.get_state_display()}」，不能导入。")
    recording.one_at_a_time(batch.org_code)  # before reading: the rows that another import just brought are known then
    with record("facts.import.apply", by=by, target=batch, org_code=batch.org_code) as entry:
        tried = read(
            kind=batch.kind, filename=batch.filename, data=content_of(batch), district=batch.org_code, today=today,
            by=by, mapping=mapping_of(batch), recorder=_recorder(batch),
        )  # fmt: skip
        if tried.report.problems:
            raise ValidationError(["本区的表头词改过，这个文件的列要重新对应。", *tried.report.problems])
        if batch.kind == ROSTER:
            rows = [(result.row, values) for result, values in tried.rows]
            if rows:
                roster.apply(rows=rows, district=batch.org_code, on=today, by=by, source=batch.filename)
        elif tried.rows:
            recording.record_many(
                kind=batch.kind, rows=[values for _, values in tried.rows], by=by, org_code=batch.org_code, batch=batch
            )
            if batch.kind == "exams":
                certificates_of(rows=[values for _, values in tried.rows], by=by)
        _describe(batch, tried)
        batch.state, batch.applied_at = ImportBatch.State.APPLIED, timezone.now()
        batch.save()
        entry.after = {"accepted": batch.accepted, "unchanged": batch.unchanged, "refused": batch.refused}
    webhooks.announce(
        event=Event.IMPORT_FINISHED, org_code=batch.org_code, batch=batch.pk, kind=batch.kind,
        accepted=batch.accepted, unchanged=batch.unchanged, refused=batch.refused,
    )  # fmt: skip
    return batch


@transaction.atomic
def certificates_of(*, rows: Sequence[Mapping[str, Any]], by: Any) -> None:
    """This will register the certificates that passed exams brought; one known already stays as it is."""
    brought = [values for values in rows if values["certificate_number"] and values["passed"] is not False]
    ids = {values["person_id"] for values in brought}
    people = Person.objects.in_bulk(ids)
    known = set(Certificate.objects.filter(person__in=ids).values_list("person", "level"))
    for values in brought:
        level = LEVELS[values["level"]]
        if (values["person_id"], level) in known:
            continue
        known.add((values["person_id"], level))
        certificates.add(
            person=people[values["person_id"]], level=level, number=values["certificate_number"],
            issued=values["valid_on"], by=by,
        )  # fmt: skip


@transaction.atomic
def forget(*, batch: ImportBatch, today: date, by: Any) -> None:
    """This will delete the content of a file that was brought in: it holds ID numbers. Its sums and the report stay.

    ValidationError when it was not brought in, or its content is gone already.
    """
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    _may(by, batch.kind, batch.org_code)
    if batch.state != ImportBatch.State.APPLIED:
        raise ValidationError(f"这个文件的状态是「{batch.get_state_display()}」，不能删除内容；不要它，请用放弃。")
    if not batch.content:
        raise ValidationError("这个文件的内容已经删除了。")
    with record("facts.import.forget", by=by, target=batch, org_code=batch.org_code) as entry:
        who = reading.name_of(by) or "系统"
        told = f"文件内容已于 {today} 由{who}删除，不能再生成标注后的工作簿；行数和逐行结果仍然保留。"
        batch.content, batch.message = None, "\n".join(filter(None, (batch.message, told)))
        batch.save(update_fields=["content", "message"])
        entry.after = {"file": batch.filename, "sha256": batch.sha256}


@transaction.atomic
def give_up(*, batch: ImportBatch, by: Any) -> None:
    """This will drop a file that was not brought in, and forget its content."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    _may(by, batch.kind, batch.org_code)
    if batch.state == ImportBatch.State.APPLIED:
        raise ValidationError("已经导入的文件不能放弃；要改正，请再导入更正后的文件。")
    with record("facts.import.give_up", by=by, target=batch, org_code=batch.org_code):
        batch.state, batch.content, batch.report = ImportBatch.State.GIVEN_UP, None, {}
        batch.save()
