"""What must be so before somebody may be erased: each condition with its answer, in words for the page and the refusal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from qinglan.apps.base.models import last_day
from qinglan.apps.erasure.actions import files
from qinglan.apps.erasure.queries import hers
from qinglan.apps.erasure.queries.hers import Whole
from qinglan.apps.erasure.queries.needles import needles_of
from qinglan.apps.erasure.states import Ground
from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.pay.models import PaySlip
from qinglan.apps.pay.states import State as PayState
from qinglan.apps.people.models import Employment, Person, Posting, Role, RoleGrant
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.policy.states import State as RunState
from qinglan.apps.rights.models import Claim, Proposal
from qinglan.apps.rights.states import OPEN as CLAIM_OPEN
from qinglan.apps.rights.states import PROPOSED


@dataclass(frozen=True)
class Condition:
    """One condition: what it asks, whether it is met, and what is known of it."""

    label: str
    met: bool
    said: str


def left_on(of: Whole) -> date | None:
    """Her last day: of her employments, else of her posts, else that on which her record was made. None: she has not left."""
    people = of.person_ids
    spans = [one.span for one in Employment.objects.filter(person__in=people)]
    posts = [one.span for one in Posting.objects.filter(person__in=people)]
    days = [last_day(one) for one in (*spans, *posts)]
    if any(day is None for day in days):
        return None
    known = [day for day in days if day is not None]
    return max(known, default=min(timezone.localdate(one.created_at) for one in of.persons))


def kept_until(day: date) -> date:
    """The last day of the term that follows `day` (RETENTION_YEARS, 本区设定)."""
    years = settings.RETENTION_YEARS
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def conditions(person: Person, ground: str, today: date) -> list[Condition]:
    """All of them, for a ground (Ground); the order is that of the page."""
    of = hers.whole(person)
    people = of.person_ids
    left = left_on(of)
    gone = left is not None and left < today
    found = [
        Condition(
            "已经离任", gone, f"最后一天是 {left}。" if gone else "还有没结束的用工或任职，请先办理离任。"
        ),
        _term(left if gone else None, ground, today),
        _none("没有未办结的诉求", Claim.objects.filter(person__in=people, state__in=CLAIM_OPEN).values_list("number", flat=True)),
        _none("没有未决定的处置建议", Proposal.objects.filter(person__in=people, state__in=PROPOSED).values_list("number", flat=True)),
        _none(
            "没有审核中的年度结果",
            PersonResult.objects.filter(person__in=people, run__state__in=(RunState.IN_REVIEW, RunState.SIGNED)).values_list(
                "run__year", flat=True
            ),
            " 年度",
        ),
        _none(
            "没有待关账的月度工资",
            [f"{year} 年 {month} 月" for year, month in PaySlip.objects.filter(
                person__in=people, month__state=PayState.OPEN
            ).values_list("month__year", "month__month")],
        ),
        _none("没有含本人的待确认导入文件", _pending(of)),
        _account(of, today),
    ]  # fmt: skip
    if person.merged_into_id or person.erased_at:
        said = "个人信息已经删除。" if person.erased_at else f"已并入档案 {person.merged_into_id}，请在那份档案上申请。"
        found.insert(0, Condition("是保留的、未删除的档案", False, said))
    return found


def _none(label: str, found: object, unit: str = "") -> Condition:
    listed = [f"{one}{unit}" for one in dict.fromkeys(found)]  # type: ignore[call-overload]
    return Condition(
        label, not listed, f"还有：{'、'.join(listed[:5])}{' 等' if len(listed) > 5 else ''}。" if listed else ""
    )


def _term(left: date | None, ground: str, today: date) -> Condition:
    label = "保存期限已届满，或有其他法定理由"
    if ground != Ground.EXPIRED:
        return Condition(label, True, f"按「{Ground(ground).label}」申请，不等保存期届满，由确认人核对依据。")
    if left is None:
        return Condition(label, False, "离任以后才起算。")
    until = kept_until(left)
    said = f"保存至 {until}（离任后 {settings.RETENTION_YEARS} 年，本区设定）"
    return Condition(label, until < today, f"{said}。" if until < today else f"{said}，还没有届满。")


def _pending(of: Whole) -> list[str]:
    waiting = ImportBatch.objects.filter(state__in=files.WAITING)
    if not any(waiting.filter(org_code=one.org_code[:6], content__isnull=False).exists() for one in of.persons):
        return []
    needles = needles_of(of)
    return [
        f"第 {one.pk} 批" for one in files.batches_of(of) if one.state in files.WAITING and files.holds(one, needles)
    ]


def _account(of: Whole, today: date) -> Condition:
    """Who still has an office, or work on somebody's claim, is not erased under it."""
    roles = RoleGrant.objects.filter(user__in=of.account_ids).on(today).exclude(role=Role.WORKER)
    held = [str(one.get_role_display()) for one in roles]
    held += ["系统超级用户" for one in of.accounts if one.is_superuser]
    held += [f"诉求 {one}" for one in Claim.objects.filter(
        Q(assigned_to__in=of.account_ids), state__in=CLAIM_OPEN
    ).values_list("number", flat=True)]  # fmt: skip
    return _none("账号没有在任的职务和在办的事", held)


def refuse(person: Person, ground: str, today: date) -> None:
    """Raise ValidationError with a sentence for each condition that is not met."""
    unmet = [one for one in conditions(person, ground, today) if not one.met]
    if unmet:
        raise ValidationError([f"{one.label}：{one.said}" for one in unmet])
