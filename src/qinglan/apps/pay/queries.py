"""Pay months as pages and later months read them, and the check that a month still says what it said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from qinglan.apps.base.templatetags.figures import money
from qinglan.apps.pay.models import PayClosing, PayMonth, PayMonthQuerySet, PaySlip
from qinglan.apps.policy.queries import paying

SHOWN = 20
SUMS = ("regular", "arrears", "gross", "deductions", "tax", "net", "owed", "cost")


def last_closed(district: str) -> PayMonth | None:
    """The newest closed month with its inputs."""
    closed = PayMonth.objects.filter(org_code=district, state=PayMonth.State.CLOSED).select_related("input")
    return closed.order_by("-year", "-month").first()


def paid_by(month: PayMonth) -> paying.Closed:
    """What a closed month paid, as the next one needs it."""
    rows = month.slips.order_by("person_id").values_list("person_id", "org_code", "frame", "steps", "late")
    return paying.closed_month(month.year, month.month, month.frame_columns, month.step_columns, rows.iterator(1_000))


def closings(district: str) -> dict[int, datetime]:
    """When the last closed month of each year was closed."""
    rows = PayClosing.objects.filter(month__org_code=district).values_list("month__year").annotate(Max("at"))
    return dict(rows)


def next_month(district: str, today: date) -> tuple[int, int]:
    """The month that is to be computed next: after the last closed one; without one, the month of `today`."""
    last = last_closed(district)
    if last is None:
        return today.year, today.month
    return last.year + last.month // 12, last.month % 12 + 1


def with_sums(months: PayMonthQuerySet) -> PayMonthQuerySet:
    """Months, the newest first, with the sums of their slips (sum_gross …, fen) and how many slips carry arrears."""
    sums = {f"sum_{name}": Sum(f"slips__{name}") for name in SUMS}
    rows = months.annotate(**sums, late=Count("slips", filter=~Q(slips__arrears=0)))
    return rows.order_by("-year", "-month", "-pk")  # sums drop the model's own order


def slips(month: PayMonth) -> QuerySet[PaySlip]:
    """The slips of a month with what the month before paid each (gross_before, null without one)."""
    year, number = (month.year - 1, 12) if month.month == 1 else (month.year, month.month - 1)
    before = PaySlip.objects.filter(
        person=OuterRef("person"), month__org_code=month.org_code, month__year=year, month__month=number,
        month__state=PayMonth.State.CLOSED,
    )  # fmt: skip
    return (
        PaySlip.objects.filter(month=month)
        .select_related("person")
        .defer("frame", "steps", "segments", "late")
        .annotate(gross_before=Subquery(before.values("gross")[:1]))
        .annotate(gross_change=F("gross") - F("gross_before"))
    )


def sums(month: PayMonth) -> dict[str, int]:
    """The month's sums in fen; slips that could not be worked out count nothing."""
    found = month.slips.aggregate(**{name: Sum(name) for name in SUMS})
    known = {name: value or 0 for name, value in found.items()}
    return known | {"paid_out": known["net"] + known["owed"]}  # who owes is paid nothing, not less than nothing


def printed(slip: PaySlip, place: str) -> dict[str, Any]:
    """What the template "slip" takes: the slip's sums in words and yuan, what earlier months owed, how to object."""
    month = slip.month
    groups = [
        {"title": title, "rows": [[label, money(value), ""] for label, value in lines]}
        for title, lines in paying.printed(month.frame_columns, slip.frame, month.step_columns, slip.steps)
    ]
    late = [
        [
            f"{one.year} 年 {one.month} 月 {owed.label}",
            money(owed.change),
            f"应发 {money(owed.due)}，已发 {money(owed.had)}",
        ]
        for one in paying.late_of(month.arrears_columns, slip.late)
        for owed in one.items
    ]
    if late:
        groups.append({"title": "其中补发（扣回）", "rows": late})
    words = dict(paying.inputs_in_words(month.frame_columns, slip.frame))
    notes = [
        f"政策包「{month.pack_title}」{month.pack_version}。每一步的算法和依据见本人的网页；认为不对的，可以提出异议。",
        f"结果指纹 {month.results_hash[:16]}",
    ]
    closing = getattr(month, "closing", None)
    day = timezone.localdate(closing.at if closing else month.created_at)
    return {
        "date": day.isoformat(),
        "title": f"{month.year} 年 {month.month} 月工资条{'' if month.state == PayMonth.State.CLOSED else '（未关账）'}",
        "name": slip.person.name,
        "place": place,
        "post": words.get("岗位", ""),
        "month": f"{month.year}-{month.month:02d}",
        "groups": groups,
        "sums": [
            ["应发", money(slip.gross)],
            ["代扣和个税", money(_both(slip.deductions, slip.tax))],
            ["实发", money(slip.net)],
        ],
        "notes": [*(["合成数据"] if slip.person.synthetic else []), *notes],
    }


def _paid_out(slip: PaySlip) -> list[list[str]]:
    """What goes to her account; where deductions are more than pay, what she owes."""
    if slip.owed:
        return [["实发", money(0)], ["不够扣，由本人补缴", money(slip.owed)]]
    return [["实发", money(slip.net)]]


def _both(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left + right


def verify(month: PayMonth) -> list[str]:
    """Sentences on what differs from what its frozen inputs give, the first twenty; none when all is the same."""
    found = []
    for sentence in _differences(month):
        found.append(sentence)
        if len(found) == SHOWN:
            break
    return found


def _differences(month: PayMonth) -> Iterator[str]:
    kept, text = month.input, month.pack_text
    if not paying.text_is_whole(text):
        yield "保存的政策包原文与它的指纹不符。"
    frozen = (bytes(kept.tables), bytes(kept.ledger))
    try:
        inputs = paying.thawed(month.year, month.month, text, *frozen, month.rule_versions)
    except (*paying.CANNOT, *paying.DAMAGED):
        yield "保存的输入或政策包打不开，已经损坏。"
        return
    if paying.tables_hash(inputs) != kept.tables_hash:
        yield "保存的输入表与它的指纹不符。"
    try:
        worked = paying.work_out(inputs)
    except paying.CANNOT as error:
        yield str(error)
        return
    for name, value in paying.columns_of(worked).items():
        if name == "exceptions":
            same = _same_people(month.exceptions, value)
        else:
            same = getattr(month, name) == value
        if not same:
            yield f"重新计算的「{_label(PayMonth, name)}」与保存的不同。"
    stored = {slip.person_id: slip for slip in month.slips.all()}
    for row in paying.slips_of(worked):
        slip = stored.pop(row.person, None)
        if slip is None:
            yield f"人员 {row.person}：重算里有，保存的工资条里没有。"
            continue
        computed = {
            "org_code": row.place, "frame": row.frame, "steps": row.steps, "segments": row.segments,
            "late": row.arrears, **row.figures,
        }  # fmt: skip
        yield from (
            f"人员 {row.person} 的「{_label(PaySlip, name)}」与重算不同。"
            for name, value in computed.items()
            if getattr(slip, name) != value
        )
    yield from (f"人员 {person}：保存的工资条里有，重算里没有。" for person in stored)


def _same_people(kept: list[dict[str, Any]], now: list[dict[str, Any]]) -> bool:
    """Whether each exception kept concerns whom it concerned; a later release may say it better, and know more kinds."""
    found = {one["key"]: one["people"] for one in now}
    return all(found.get(one["key"]) == one["people"] for one in kept)


def _label(model: type[PayMonth] | type[PaySlip], field: str) -> str:
    return str(getattr(model._meta.get_field(field), "verbose_name", field))
