"""A district fills in what varies by city: value, from when, where it is written. Old values stay; the newest counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from qinglan.apps.assistant.models import CityValue
from qinglan.apps.assistant.queries import city as queries
from qinglan.apps.assistant.queries.card_checks import invisible
from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.people.permissions import KEEP_CARDS, check
from qinglan.core.intake import (
    IntakeError,
    Reason,
    Report,
    RowResult,
    Sheet,
    SheetReport,
    Workbook,
    mark,
    read_workbook,
)
from qinglan.core.intake.dates import AmbiguousDate, read_date
from qinglan.core.intake.header import tidy_header
from qinglan.core.intake.model import Value, column_letter
from qinglan.core.intake.text import shown
from qinglan.core.retrieval.cards import NOT_A_NUMBER

LONGEST_VALUE, LONGEST_SOURCE = 60, 120
FIRST, MOST_DAYS = date(1990, 1, 1), 366
MARKUP = re.compile(r"[<>{}\[\]`\\]|\*\*|^[=+\-@]")
COLUMNS = {"字段": "field", "本区的值": "text", "自哪天起": "since", "依据": "source"}
HEADS = 12  # rows among which the head is looked for
MOST_ROWS = 2_000

Problem = tuple[str, str]


def problems(*, text: str, since: date | None, source: str, today: date) -> Iterator[Problem]:
    """(field, what is wrong and how to mend it) of a value."""
    for name, said, most in (("text", text, LONGEST_VALUE), ("source", source, LONGEST_SOURCE)):
        if len(said) > most:
            yield name, f"太长（{len(said)} 字），请不超过 {most} 字。"
        if "\n" in said or "\r" in said:
            yield name, "请写成一行。"
        elif invisible(said):
            yield name, "里面有看不见的字符（多半是从别处粘贴来的），请删去重写。"
        if NOT_A_NUMBER.search(said):
            yield name, "里面像有身份证号或账号；这里不得写个人信息。"
        if MARKUP.search(said):
            yield name, "只能写平常的文字：不能有 < > { } [ ] ` \\ ** 这样的记号，也不能以 = + - @ 开头。"
    if not source.strip():
        yield "source", "请写明依据：哪个文件、第几条，或哪个窗口哪天答复。"
    if since is None:
        yield "since", "请写明自哪天起，例如 2026-01-01。"
    elif not FIRST <= since <= date.fromordinal(today.toordinal() + MOST_DAYS):
        yield "since", "起始日须在 1990 年以后，至多是今天以后一年。"


@transaction.atomic
def fill(*, district: str, field: str, text: str, since: date, source: str, by: Any) -> CityValue | None:
    """This will fill a field in; an empty text takes the value back. None when it says already just that.

    ValidationError by field when it may not be kept.
    """
    check(by, KEEP_CARDS, district)
    _one_at_a_time(district)
    today = timezone.localdate()
    one = queries.field_of(district, field, today)
    if one is None:
        raise ValidationError("现行的卡片里没有这一项；请从名单里选。")
    return _fill(district, one, text, since, source, by, today)


def _fill(
    district: str, one: queries.Field, text: str, since: date, source: str, by: Any, today: date
) -> CityValue | None:  # fmt: skip
    text, source = text.strip(), source.strip()
    found: dict[str, list[str]] = {}
    for name, sentence in problems(text=text, since=since, source=source, today=today):
        found.setdefault(name, []).append(sentence)
    now = one.value
    if not found and now is not None and since < now.since:
        found["since"] = [f"现行的值自 {now.since} 起；新值不能更早，改正现行的值请写同一天。"]
    if not found and now is None and not text:
        found["text"] = ["请写本区的值；还不知道的不必填，助手会说该问谁。"]
    if found:
        raise ValidationError(found)
    newest = one.coming if one.coming is not None and one.coming.since == since else now
    if newest is not None and (newest.text, newest.since, newest.source) == (text, since, source):
        return None
    before = {"text": now.text, "since": str(now.since), "source": now.source} if now is not None else None
    with record("assistant.city", by=by, org_code=district, before=before) as entry:
        row = CityValue.objects.create(
            org_code=district, field=one.name, text=text, since=since, source=source, by_id=by.pk,
            by_name=by.get_full_name() or by.get_username(),
        )  # fmt: skip
        entry.target, entry.after = row, snapshot(row)
    return row


@dataclass(frozen=True)
class Brought:
    """What became of a workbook: its report, and the same workbook with the refused rows marked (None when none was)."""

    report: Report
    marked: bytes | None


@transaction.atomic
def bring_in(*, district: str, filename: str, data: bytes, by: Any) -> Brought:
    """This will fill in the good rows of a workbook; the refused ones come back marked. Rows without a value are passed over.

    ValidationError for a file that cannot be read or has no such columns.
    """
    check(by, KEEP_CARDS, district)
    _one_at_a_time(district)
    try:
        book = read_workbook(data, filename)
    except IntakeError as error:
        raise ValidationError(error.sentence) from None
    report = Report("city")
    for sheet in book.sheets:
        head = _head(sheet)
        if head is not None:
            _sheet(book, sheet, head, report, district, by)
    if not report.sheets:
        raise ValidationError(f"没有找到表头；须有这几列：{'、'.join(COLUMNS)}。请先下载本页的表格，在上面填。")
    refused = any(row.outcome == "refused" for row in report.rows)
    return Brought(report, mark(book, report) if refused else None)


def _head(sheet: Sheet) -> int | None:
    """The row (0-based) of the head."""
    wanted = {tidy_header(word) for word in COLUMNS}
    for at, cells in enumerate(sheet.rows[:HEADS]):
        if wanted <= {tidy_header(shown(cell)) for cell in cells}:
            return at
    return None


def _sheet(book: Workbook, sheet: Sheet, head: int, report: Report, district: str, by: Any) -> None:
    if len(sheet.rows) > MOST_ROWS:
        raise ValidationError(f"“{sheet.name}”有 {len(sheet.rows)} 行，最多 {MOST_ROWS} 行。")
    heads = [tidy_header(shown(cell)) for cell in sheet.rows[head]]
    place = {key: heads.index(tidy_header(word)) for word, key in COLUMNS.items()}
    columns = {column_letter(at): key for key, at in place.items()}
    report.sheets.append(SheetReport(sheet.name, True, (head + 1,), columns))
    today = timezone.localdate()
    known = {one.name: one for one in queries.fields(district, today)}
    done: set[str] = set()
    for at, cells in enumerate(sheet.rows[head + 1 :], start=head + 2):
        given = {key: cells[column] if column < len(cells) else None for key, column in place.items()}
        if all(value is None or not shown(value).strip() for value in given.values()):
            continue
        result = RowResult(sheet.name, at, "accepted")
        report.rows.append(result)
        _row(result, given, known, done, book, place, district, by, today)


def _row(
    result: RowResult, given: dict[str, Value], known: dict[str, queries.Field], done: set[str], book: Workbook,
    place: dict[str, int], district: str, by: Any, today: date,
) -> None:  # fmt: skip
    def refuse(key: str, sentence: str) -> None:
        result.outcome = "refused"
        result.reasons.append(
            Reason("city", sentence, field=key, column=column_letter(place[key]), value=shown(given[key]))
        )

    name, text, source = (_said(given[key]) for key in ("field", "text", "source"))
    one = known.get(name)
    if one is None:
        refuse("field", "现行的卡片里没有这个字段；请不要改“字段”这一列。")
        return
    result.subject = one.label
    if not text and one.value is None:
        result.outcome = "skipped"  # not known yet
        return
    if name in done:
        refuse("field", "这个字段在文件里写了两次；请只留一行。")
        return
    done.add(name)
    try:
        since = _day(given["since"], date1904=book.date1904)
    except ValueError:
        since = None
        refuse("since", "读不出是哪一天；请写成 2026-01-01。")
    unread = bool(result.reasons)
    for key, sentence in problems(text=text, since=since, source=source, today=today):
        if key != "since" or not unread:
            refuse(key, sentence)
    if since is None or result.reasons:
        return
    if one.value is not None and (text, since, source) == (one.value.text, one.value.since, one.value.source):
        result.outcome = "unchanged"
        return
    try:
        row = _fill(district, one, text, since, source, by, today)
    except ValidationError as error:
        for key, sentences in error.message_dict.items():
            for sentence in sentences:
                refuse(key, sentence)
        return
    result.outcome = "accepted" if row is not None else "unchanged"


def _said(value: Value) -> str:
    return shown(value).strip()


def _day(value: Value, *, date1904: bool) -> date | None:
    """The day that a cell means; None for an empty one, ValueError when it means none."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or not shown(value).strip():
        return None
    try:
        part = read_date(value, date1904=date1904)
    except AmbiguousDate as error:
        raise ValueError from error
    if part is None or not part.month or not part.day or not part.century:
        raise ValueError
    return date(part.year, part.month, part.day)


def _one_at_a_time(district: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"assistant.city {district}"])
