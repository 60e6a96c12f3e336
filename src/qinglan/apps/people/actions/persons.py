"""Write person records: add, correct, reveal a sealed value, merge duplicates and undo that."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from qinglan.apps.audit.actions import record, saw, snapshot
from qinglan.apps.base.models import blind_index
from qinglan.core.intake.idnumber import birth_of, fault_of, sex_of, tidy_id

from ..models import (
    Certificate,
    Employment,
    GradeHolding,
    Organisation,
    Person,
    PersonMerge,
    Posting,
    Schooling,
    Sex,
    StatusPeriod,
    User,
)
from ..permissions import CHANGE_PEOPLE, MERGE_PEOPLE, REVEAL, check
from .errors import ActionError

# What a form or a file may set; the rest has actions of its own.
FIELDS = frozenset(
    {
        "name", "sex", "birth", "nation", "party", "education", "degree", "sw_major", "willing",
        "id_number", "phone", "synthetic",
    }
)  # fmt: skip
_SEALED = {"id_number": "身份证号", "phone": "手机号"}
# Her account goes with the histories: one left on a record merged away would show her nothing.
_HISTORIES: tuple[type[models.Model], ...] = (
    Posting,
    Employment,
    StatusPeriod,
    GradeHolding,
    Certificate,
    Schooling,
    User,
)


def _known(fields: dict[str, Any]) -> None:
    unknown = sorted(set(fields) - FIELDS)
    if unknown:
        raise TypeError(f"not fields of a person: {', '.join(unknown)}")


def _refuse_bad_id(number: str, person: Person, today: date) -> None:
    """GB 11643, and sex and birth date held against the number."""
    if fault := fault_of(number, today):
        raise ActionError(f"{fault.message}。{fault.mend}。", "id_number")
    if birth_of(number) != person.birth:
        raise ActionError(f"身份证号中的出生日期 {birth_of(number)} 与填写的 {person.birth} 不一致，请核对。", "birth")
    if Sex.from_words(sex_of(number)) != person.sex:
        raise ActionError(f"身份证号表示性别为{sex_of(number)}，与填写的不一致，请核对。", "sex")


def _refuse_known_id(person: Person) -> None:
    """The sentence for a duplicate, before the database's own refusal."""
    if person.id_number_index is None:
        return
    same = (
        Person.objects.living_records()
        .within(person.district_code)
        .filter(id_number_index=person.id_number_index)
        .exclude(pk=person.pk)
        .first()
    )
    if same is not None:
        raise ActionError(
            f"本区已有使用这个身份证号的人员（{same.name}，档案 {same.pk}），请核对，或合并重复档案。", "id_number"
        )


@transaction.atomic
def add(*, org_code: str, by: Any, today: date, **fields: Any) -> Person:
    """This will open a record for a person at an organisation. Posts and employment have their own actions.

    `fields`: those of FIELDS. ActionError for an ID number that is unsound, contradicts sex or birth, or is known."""
    check(by, CHANGE_PEOPLE, org_code)
    _known(fields)
    if fields.get("id_number"):
        fields["id_number"] = tidy_id(fields["id_number"])
    if not Organisation.objects.as_of(today).filter(code=org_code).exists():
        raise ActionError(f"{today} 没有代码为 {org_code} 的机构，请先添加机构。", "org_code")
    person = Person(org_code=org_code, **fields)
    if fields.get("id_number"):
        _refuse_bad_id(fields["id_number"], person, today)
    with record("persons.add", by=by, org_code=org_code) as entry:
        _refuse_known_id(person)
        person.save(force_insert=True)
        entry.target, entry.after = person, snapshot(person)
    return person


@transaction.atomic
def update(*, person: Person, by: Any, today: date, **fields: Any) -> Person:
    """This will correct fields of a record; only what differs is written, and nothing when nothing differs."""
    check(by, CHANGE_PEOPLE, person.org_code)
    _known(fields)
    if fields.get("id_number"):
        fields["id_number"] = tidy_id(fields["id_number"])
    person = Person.objects.select_for_update().get(pk=person.pk)
    _refuse_erased(person)
    before = snapshot(person)
    changed = []
    for name, value in fields.items():
        if name in _SEALED:
            mark = blind_index(value, f"person.{name}") if value else None
            same = getattr(person, f"{name}_index") == mark
        else:
            same = getattr(person, name) == value
        if not same:
            setattr(person, name, value)
            changed.append(name)
    if changed:
        if person.id_number and {"id_number", "birth", "sex"} & set(changed):
            _refuse_bad_id(person.id_number.open(), person, today)
        with record("persons.update", by=by, target=person, org_code=person.org_code, before=before) as entry:
            if "id_number" in changed:
                _refuse_known_id(person)
            person.save()
            entry.after = snapshot(person)
    return person


@transaction.atomic
def reveal(*, person: Person, field: str, reason: str, by: Any) -> str:
    """This will give the full ID number or phone to one who may see it, and record the look.

    PermissionDenied out of scope or without the capability; ActionError without a reason or a value.
    """
    if field not in _SEALED:
        raise ActionError("只能查看身份证号或手机号。")
    if by is None:
        raise ActionError("查看完整信息须由登录的用户进行。")
    check(by, REVEAL, person.org_code)
    sealed = getattr(person, field)
    if sealed is None:
        raise ActionError(f"此人没有登记{_SEALED[field]}。")
    try:
        saw(by=by, person_id=person.pk, org_code=person.org_code, field=field, reason=reason)
    except ValueError as error:
        raise ActionError(str(error)) from None
    return sealed.open()


def _try_move(row: models.Model, to: Person) -> bool:
    """Give one dated row to another record unless the database finds it overlapping there."""
    row.person = to  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            row.save(update_fields=["person"])
    except IntegrityError:
        return False
    return True


@transaction.atomic
def merge(*, kept: Person, dropped: Person, reason: str, by: Any) -> PersonMerge:
    """This will declare two records one person. Her histories come together on `kept`; what overlaps there in time stays
    readable on `dropped` (queries.people.profile shows both). Nothing is deleted; `unmerge` undoes it."""
    rows = {p.pk: p for p in Person.objects.select_for_update().filter(pk__in=[kept.pk, dropped.pk]).order_by("pk")}
    if len(rows) < 2:
        raise ActionError("请选择两份不同的档案。")
    kept, dropped = rows[kept.pk], rows[dropped.pk]
    for person in (kept, dropped):
        check(by, MERGE_PEOPLE, person.org_code)
        if person.merged_into_id:
            raise ActionError(f"档案 {person.pk} 已并入档案 {person.merged_into_id}，请改选后者。")
        _refuse_erased(person)
    if kept.district_code != dropped.district_code:
        raise ActionError("两份档案不在同一个区，不能合并；跨区调动请办理离任与入职。")
    with record("persons.merge", by=by, target=kept, org_code=kept.org_code, before=snapshot(dropped)) as entry:
        dropped.merged_into = kept
        dropped.save(update_fields=["merged_into"])
        moved: dict[str, list[int]] = {}
        left: dict[str, list[int]] = {}
        for model in _HISTORIES:
            label = model._meta.label_lower
            for row in model._default_manager.filter(person=dropped):
                (moved if _try_move(row, kept) else left).setdefault(label, []).append(row.pk)
        done = PersonMerge.objects.create(
            kept=kept, dropped=dropped, org_code=kept.org_code, moved=moved, left=left, reason=reason
        )
        entry.after = {"kept": kept.pk, "dropped": dropped.pk, "moved": moved, "left": left}
    return done


@transaction.atomic
def unmerge(*, merge: PersonMerge, by: Any) -> Person:
    """This will undo a merge: the rows that moved go back, the dropped record lives again. Returns it."""
    merge = PersonMerge.objects.select_for_update().get(pk=merge.pk)
    check(by, MERGE_PEOPLE, merge.org_code)
    if merge.undone_at is not None:
        raise ActionError("这次合并已经撤销过了。")
    dropped = merge.dropped
    _refuse_erased(dropped)
    with record("persons.unmerge", by=by, target=merge.kept, org_code=merge.org_code) as entry:
        dropped.merged_into = None
        _refuse_shared_id(dropped, merge.kept)
        dropped.save(update_fields=["merged_into"])
        for model in _HISTORIES:
            ids = merge.moved.get(model._meta.label_lower, [])
            model._default_manager.filter(pk__in=ids, person=merge.kept).update(person=dropped)
        merge.undone_at = Now()
        merge.save(update_fields=["undone_at"])
        entry.after = {"kept": merge.kept_id, "dropped": dropped.pk}
    return dropped


def _refuse_erased(person: Person) -> None:
    if person.erased_at is not None:
        raise ActionError(f"档案 {person.pk} 的个人信息已经删除，不能再改动；再次入职请新建档案。")


def _refuse_shared_id(dropped: Person, kept: Person) -> None:
    if dropped.id_number_index and dropped.id_number_index == kept.id_number_index:
        raise ActionError("两份档案的身份证号相同，撤销合并前请先更正其中一份的身份证号。")


@transaction.atomic
def settle(*, today: date, by: Any = None) -> int:
    """This will set everyone's place to that of the main post in force today: a daily job, for posts that were entered
    ahead of their first day. Returns how many moved."""
    posts = Posting.objects.main().on(today).exclude(org_code=models.F("person__org_code")).select_related("person")
    moved = 0
    with record("persons.settle", by=by) as entry:
        for post in posts:
            if post.person.district_code == post.org_code[:6]:
                Person.objects.filter(pk=post.person_id).update(org_code=post.org_code)
                moved += 1
        entry.after = {"moved": moved, "today": str(today)}
    return moved
