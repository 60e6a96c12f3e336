"""Change the tree by dated steps: add, rename, merge, split, move, close. History stays where it happened.

A change closes rows on its day and opens others; it writes the mapping from old to new codes and carries running posts
and roles over to the new code from that day. Facts and ended posts keep the code that they were recorded with.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.base.models import next_code, span

from ..models import (
    ChangeKind,
    Level,
    Organisation,
    OrganisationChange,
    OrganisationKind,
    OrganisationMapping,
    Person,
    Posting,
    RoleGrant,
    level_of,
    parent_of,
)
from ..models.organisations import BODY_LETTERS
from ..permissions import CHANGE_ORGANISATIONS, check
from ..queries.organisations import common_parent
from .errors import ActionError


def _standing(code: str, on: date) -> Organisation:
    """The row of `code` that stands on `on`, locked."""
    row = Organisation.objects.select_for_update().as_of(on).filter(code=code).first()
    if row is None:
        raise ActionError(f"{on} 没有代码为 {code} 的机构，请核对代码和日期。", "on")
    return row


def _close(row: Organisation, on: date) -> None:
    if row.valid.lower is not None and row.valid.lower >= on:
        raise ActionError(f"“{row.name}”自 {row.valid.lower} 起有效，变更日期须在此之后。", "on")
    if row.valid.upper is not None:
        raise ActionError(f"“{row.name}”已定于 {row.valid.upper} 变更，请先核对机构沿革。")
    row.valid = span(row.valid.lower, on)
    row.save(update_fields=["valid"])


def _open(old: Organisation, *, code: str, name: str, on: date) -> Organisation:
    """A successor of `old` from `on`, alike but for code and name."""
    if Organisation.objects.filter(code=code, valid__overlap=span(on)).exists():
        raise ActionError(f"代码 {code} 在 {on} 之后已被使用，请换一个代码。", "code")
    return Organisation.objects.create(
        code=code,
        kind=old.kind,
        name=name,
        short_name=old.short_name if name == old.name else "",
        aliases=old.aliases if name == old.name else sorted({*old.aliases, old.name}),
        valid=span(on),
        synthetic=old.synthetic,
        source=old.source,
    )


def _carry(from_code: str, to_code: str, on: date) -> int:
    """Carry running main and other posts, roles and people from one code to another from `on`; the count of posts."""
    posts = list(Posting.objects.select_for_update().filter(org_code=from_code, span__contains=on))
    for post in posts:
        until = post.span.upper
        if post.span.lower < on:
            post.span = span(post.span.lower, on)
            post.save(update_fields=["span"])
            post.pk, post._state.adding = None, True
        post.org_code, post.span = to_code, span(on, until)
        post.save()
    for later in Posting.objects.filter(org_code=from_code, span__startswith__gt=on):
        later.org_code = to_code
        later.save(update_fields=["org_code"])
    for grant in RoleGrant.objects.select_for_update().filter(org_code=from_code, span__contains=on):
        twin = RoleGrant.objects.filter(user=grant.user, role=grant.role, org_code=to_code, span__overlap=span(on))
        until = grant.span.upper
        if grant.span.lower is None or grant.span.lower < on:
            grant.span = span(grant.span.lower, on)
            grant.save(update_fields=["span"])
        if not twin.exists():
            RoleGrant.objects.create(user=grant.user, role=grant.role, org_code=to_code, span=span(on, until))
    Person.objects.filter(org_code=from_code).update(org_code=to_code)
    return len(posts)


def _write_change(
    kind: ChangeKind, on: date, pairs: list[tuple[str, str]], note: str, scope: str
) -> OrganisationChange:
    change = OrganisationChange.objects.create(kind=kind, on=on, org_code=scope, note=note)
    OrganisationMapping.objects.bulk_create(
        OrganisationMapping(change=change, from_code=a, to_code=b) for a, b in pairs
    )
    return change


@transaction.atomic
def add(
    *,
    code: str,
    name: str,
    since: date | None,
    by: Any,
    kind: OrganisationKind = OrganisationKind.STATISTICAL,
    short_name: str = "",
    aliases: list[str] | None = None,
    synthetic: bool = False,
    source: str = "",
) -> Organisation:
    """This will add an organisation from a day on (None: since before our records)."""
    try:
        level_of(code)
    except ValueError as error:
        raise ActionError(str(error), "code") from None
    check(by, CHANGE_ORGANISATIONS, code)
    parent = parent_of(code)
    above = Organisation.objects.filter(code=parent)
    if parent and not (above.as_of(since) if since else above).exists():
        raise ActionError(f"上级机构 {parent} 不存在，请先添加上级。", "code")
    if Organisation.objects.filter(code=code, valid__overlap=span(since)).exists():
        raise ActionError(f"代码 {code} 已有机构使用，请核对代码。", "code")
    with record("organisations.add", by=by, org_code=code) as entry:
        row = Organisation.objects.create(
            code=code,
            kind=kind,
            name=name.strip(),
            short_name=short_name,
            aliases=aliases or [],
            valid=span(since),
            synthetic=synthetic,
            source=source,
        )
        entry.target, entry.after = row, snapshot(row)
    return row


@transaction.atomic
def add_body(
    *, scope: str, kind: OrganisationKind, name: str, since: date | None, by: Any, **more: Any
) -> Organisation:
    """This will add a bureau, social organisation, studio or assessing firm under the organisation whose scope it has;
    its code is `scope` + the kind's letter + a serial number (docs/adr/0004-organisation-codes.md)."""
    if kind not in BODY_LETTERS:
        raise ActionError("行政区划与自治组织使用国家统计代码，请用“添加机构”。")
    prefix = scope + BODY_LETTERS[kind]
    list(Organisation.objects.select_for_update().filter(code=scope))  # one serial number at a time
    last = Organisation.objects.filter(code__gte=prefix, code__lt=next_code(prefix)).aggregate(last=Max("code"))["last"]
    serial = int(last[-3:]) + 1 if last else 1
    if serial > 999:
        raise ActionError(f"{scope} 下这一类单位已满 999 个，请改在下一级添加。")
    return add(code=f"{prefix}{serial:03d}", name=name, since=since, by=by, kind=kind, **more)


@transaction.atomic
def rename(*, code: str, name: str, on: date, by: Any, note: str = "") -> Organisation:
    """This will give the organisation another name from `on`; the old name stays on its days, and as an alias."""
    check(by, CHANGE_ORGANISATIONS, code)
    old = _standing(code, on)
    if old.name == name:
        raise ActionError(f"“{name}”就是现在的名称，无须更名。", "name")
    with record("organisations.rename", by=by, target=old, org_code=code, before=snapshot(old)) as entry:
        _close(old, on)
        row = _open(old, code=code, name=name, on=on)
        OrganisationChange.objects.create(kind=ChangeKind.RENAME, on=on, org_code=code, note=note)
        entry.after = snapshot(row)
    return row


def _same_level_siblings(rows: list[Organisation]) -> None:
    if len({row.level for row in rows}) > 1 or len({row.code[:6] for row in rows}) > 1:
        raise ActionError("只能合并或拆分同一区内同一层级的机构，请核对代码。")
    if any(row.level not in (Level.COMMUNITY, Level.GRID, Level.BODY) for row in rows):
        raise ActionError("街道及以上的调整请逐个社区办理划转，以便下级机构都有对应的新代码。")


def _refuse_with_children(code: str, on: date) -> None:
    if Organisation.objects.as_of(on).children_of(code).exists():
        raise ActionError(f"{code} 下还有网格或单位，请先把它们划转或撤销。")


@transaction.atomic
def merge(*, codes: list[str], into: str, on: date, by: Any, name: str = "", note: str = "") -> Organisation:
    """This will merge organisations from `on`: into one of them, or into a new code (then `name` is needed)."""
    codes = sorted(set(codes))
    if len(codes) < 2:
        raise ActionError("合并至少要有两个机构。", "codes")
    for code in {*codes, into}:
        check(by, CHANGE_ORGANISATIONS, code)
    rows = [_standing(code, on) for code in codes]
    _same_level_siblings(rows)
    scope = common_parent({*codes, into})
    with record(
        "organisations.merge", by=by, target=rows[0], org_code=scope, before={row.code: row.name for row in rows}
    ) as entry:
        survivor = next((row for row in rows if row.code == into), None)
        for row in rows:
            if row is not survivor:
                _refuse_with_children(row.code, on)
                _close(row, on)
        if survivor is None:
            if not name or level_of(into) != rows[0].level:
                raise ActionError("并入新代码时须填写新机构名称，且代码与原机构同级。", "name")
            goal = _open(rows[0], code=into, name=name, on=on)
        elif name and name != survivor.name:
            _close(survivor, on)
            goal = _open(survivor, code=into, name=name, on=on)
        else:
            goal = survivor
        goal.aliases = sorted({*goal.aliases, *(row.name for row in rows)} - {goal.name})
        goal.save(update_fields=["aliases"])
        change = _write_change(ChangeKind.MERGE, on, [(code, into) for code in codes], note, scope)
        carried = sum(_carry(code, into, on) for code in codes if code != into)
        entry.after = {"into": into, "name": goal.name, "on": str(on), "change": change.pk, "posts": carried}
    return goal


@transaction.atomic
def split(*, code: str, into: dict[str, str], keep: str, on: date, by: Any, note: str = "") -> list[Organisation]:
    """This will split an organisation from `on` into those of `into` (code -> name; the old code may be among them).
    Running posts go to the part `keep`; officers move single people on from there by postings.assign."""
    if len(into) < 2 or keep not in into:
        raise ActionError("拆分至少要有两个新机构，并须指明在任人员先归入哪一个。")
    for part in (code, *into):
        check(by, CHANGE_ORGANISATIONS, part)
    old = _standing(code, on)
    if any(level_of(part) != old.level for part in into):
        raise ActionError("拆分后的机构须与原机构同级，请核对代码。")
    _same_level_siblings([old])
    if code not in into:
        _refuse_with_children(code, on)
    scope = common_parent({code, *into})
    with record("organisations.split", by=by, target=old, org_code=scope, before={code: old.name}) as entry:
        parts = []
        if into.get(code) != old.name:
            _close(old, on)
        for part, name in into.items():
            parts.append(old if (part, name) == (code, old.name) else _open(old, code=part, name=name, on=on))
        _write_change(ChangeKind.SPLIT, on, [(code, part) for part in into], note, scope)
        if keep != code:
            _carry(code, keep, on)
        entry.after = {"into": into, "keep": keep, "on": str(on)}
    return parts


@transaction.atomic
def move(*, code: str, to_code: str, on: date, by: Any, note: str = "") -> Organisation:
    """This will move an organisation and all below it to another place of the tree from `on`: its code changes from
    `code` to `to_code`, and so does the beginning of every code below."""
    check(by, CHANGE_ORGANISATIONS, code)
    check(by, CHANGE_ORGANISATIONS, to_code)
    if level_of(code) != level_of(to_code):
        raise ActionError("划转前后层级须相同，请核对新代码。", "to_code")
    parent = parent_of(to_code)
    if parent:
        _standing(parent, on)
    old = _standing(code, on)
    rows = list(Organisation.objects.select_for_update().as_of(on).within(code).order_by("code"))
    with record("organisations.move", by=by, target=old, org_code=common_parent({code, to_code})) as entry:
        pairs = []
        for row in rows:
            goal = to_code + row.code[len(code) :]
            _close(row, on)
            _open(row, code=goal, name=row.name, on=on)
            pairs.append((row.code, goal))
        _write_change(ChangeKind.MOVE, on, pairs, note, common_parent({code, to_code}))
        for a, b in pairs:
            _carry(a, b, on)
        entry.before, entry.after = {"code": code}, {"code": to_code, "on": str(on), "codes": len(pairs)}
    return Organisation.objects.as_of(on).get(code=to_code)


@transaction.atomic
def close(*, code: str, on: date, by: Any, note: str = "") -> Organisation:
    """This will end an organisation on `on` without a successor. Refused while people have running posts there."""
    check(by, CHANGE_ORGANISATIONS, code)
    row = _standing(code, on)
    _refuse_with_children(code, on)
    if Posting.objects.within(code).filter(span__contains=on).exists():
        raise ActionError(f"“{row.name}”还有在任人员，请先办理调动或离任，或改用合并。")
    with record("organisations.close", by=by, target=row, org_code=code, before=snapshot(row)) as entry:
        _close(row, on)
        OrganisationChange.objects.create(kind=ChangeKind.CLOSE, on=on, org_code=code, note=note)
        entry.after = {**snapshot(row), "note": note}
    return row
