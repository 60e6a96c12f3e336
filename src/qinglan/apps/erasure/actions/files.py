"""Sealed files and bodies in which the erased stands among others: opened, looked through, dropped.

Files of claims are hers or another person's evidence: hers are emptied with her claims, those of others cannot be read by a machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qinglan.apps.base.models import KeyringError
from qinglan.apps.erasure.actions.emptying import Counts, rewrite, why
from qinglan.apps.erasure.queries.fates import NEUTRAL
from qinglan.apps.erasure.queries.hers import Whole
from qinglan.apps.erasure.queries.needles import Needles
from qinglan.apps.exchange.models import KeyConflict
from qinglan.apps.facts.actions.imports import content_of
from qinglan.apps.facts.models import ImportBatch
from qinglan.core.intake import IntakeError, read_workbook
from qinglan.core.intake.text import compact, shown

State = ImportBatch.State
WAITING = (State.READING, State.TRIED, State.UNCLEAR)
SAID = "文件内容因删除个人信息已不再保存；行数和逐行结果仍然保留。"


def batches_of(of: Whole) -> Iterator[ImportBatch]:
    """The batches of her districts whose file is still kept."""
    districts = {one.org_code[:6] for one in of.persons}
    yield from ImportBatch.objects.filter(org_code__in=districts, content__isnull=False).order_by("pk")


def holds(batch: ImportBatch, needles: Needles) -> bool:
    """Whether she stands in the file; one that cannot be read any more counts as if she did."""
    try:
        workbook = read_workbook(content_of(batch), batch.filename)
    except (IntakeError, KeyringError, ValueError):
        return True
    return any(
        needles.found_in(compact(shown(value)))
        for sheet in workbook.sheets
        for cells in sheet.rows
        for value in cells
        if value
    )


def _blank_rows(report: dict[str, Any], needles: Needles) -> int:
    """Leave of her rows in a report only where they stood and how they ended; how many."""
    hers = [row for row in report.get("rows", []) if needles.called(str(row.get("name") or ""))]
    for row in hers:
        row |= {"name": NEUTRAL, "change": "", "details": []}
    return len(hers)


def drop_files(of: Whole, needles: Needles) -> Counts:
    """Forget the imported files and kept bodies that hold her."""
    counts: Counts = {}
    for batch in batches_of(of):
        if holds(batch, needles):
            told = "\n".join(filter(None, (batch.message, SAID)))
            ImportBatch.objects.filter(pk=batch.pk).update(content=None, message=told)
            counts["facts_importbatch"] = counts.get("facts_importbatch", 0) + 1
    for batch in ImportBatch.objects.filter(org_code__in={one.org_code[:6] for one in of.persons}).defer("content"):
        if changed := _blank_rows(batch.report, needles):
            ImportBatch.objects.filter(pk=batch.pk).update(report=batch.report)
            counts["facts_importbatch"] = counts.get("facts_importbatch", 0) + changed
    bodies = [
        one.pk
        for one in KeyConflict.objects.filter(body__isnull=False)
        if one.body and needles.found_in(one.body.open())
    ]
    if bodies:
        counts["exchange_keyconflict"] = rewrite(KeyConflict, bodies, {"body": None}, why(of))
    return counts
