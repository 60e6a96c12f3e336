"""A district's pack from upload to adoption: checked, seen for its effects, submitted, released by a second person (ADR 0010)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from qinglan.apps.audit.actions import record, snapshot
from qinglan.apps.base.models import ReleaseMove
from qinglan.apps.people.permissions import ADOPT_PACK, RELEASE_PACK, check
from qinglan.apps.people.queries.handed import refuse_release
from qinglan.apps.policy.actions.telling import tell_of_release
from qinglan.apps.policy.actions.years import keep_text
from qinglan.apps.policy.models import PackAdoption, PackRelease
from qinglan.apps.policy.queries.packs import adoption_for, texts_of
from qinglan.apps.policy.queries.releases import effects
from qinglan.core.packs import uploads
from qinglan.core.packs.freezing import freeze
from qinglan.core.packs.loading import load, shipped
from qinglan.core.rules.registry import ITEMS

NEEDS = {
    ReleaseMove.SUBMIT: ADOPT_PACK,
    ReleaseMove.WITHDRAW: ADOPT_PACK,
    ReleaseMove.RETURN: RELEASE_PACK,
    ReleaseMove.RELEASE: RELEASE_PACK,
}


@transaction.atomic
def upload(*, district: str, file_name: str, raw: bytes, title: str, version: str, since: date, by: Any) -> PackRelease:
    """This will keep an uploaded pack as a draft: a zip of its folder, or one YAML of values that amend the pack in force on `since`.

    Nothing is kept when it does not pass the check: PackError with every problem. ValidationError for the day or a name that is taken.
    """
    check(by, ADOPT_PACK, district)
    _first_of_january(since)
    adoption = adoption_for(district, since)
    base = texts_of(adoption) if adoption else {}
    if file_name.lower().endswith(".zip"):
        texts, pack = uploads.folder(raw, file_name, base, ITEMS, since)
    elif adoption is None:
        raise ValidationError(
            "本区在这一天还没有政策包，只改几个值的文件没有可以改的底本；请上传整个政策包的 zip，或先选用一个。"
        )
    else:
        if not title.strip() or not version.strip():
            raise ValidationError("只上传几个值时，请给修订后的政策包写上名称和版本。")
        head = {"name": _free_name(district), "title": title.strip(), "version": version.strip()}
        texts, pack = uploads.amending(raw, file_name, base, adoption.pack, head, ITEMS, since)
    taken = PackRelease.objects.filter(org_code=district, pack=pack.name, version=pack.version).exclude(
        text__files=texts
    )
    if taken.exists():
        raise ValidationError(
            f"「{pack.name}」的 {pack.version} 版已经上传过，内容不同；请在 pack.yaml 里换一个版本号。"
        )
    if pack.name in shipped():
        raise ValidationError(
            f"「{pack.name}」是随系统提供的政策包的名称，请在 pack.yaml 里换一个名称，文件夹名不必改。"
        )
    text = keep_text(pack.name, texts)
    with record("policy.upload_pack", by=by, org_code=district) as entry:
        row = PackRelease.objects.create(
            org_code=district, pack=pack.name, title=pack.title, version=pack.version, text=text, shipped=False,
            file_name=file_name[:200], since=since, **_made(by),
        )  # fmt: skip
        entry.target, entry.after = row, snapshot(row)
    return row


@transaction.atomic
def propose(*, district: str, pack: str, since: date, by: Any) -> PackRelease:
    """This will propose a shipped pack in place of the one that the district goes by. PackError when it must not be used."""
    check(by, ADOPT_PACK, district)
    _first_of_january(since)
    one = load(pack, ITEMS)
    with record("policy.propose_pack", by=by, org_code=district) as entry:
        row = PackRelease.objects.create(
            org_code=district, pack=pack, title=one.title, version=one.version, text=keep_text(pack, freeze(pack)),
            shipped=True, since=since, **_made(by),
        )  # fmt: skip
        entry.target, entry.after = row, snapshot(row)
    return row


def submit(*, release: PackRelease, by: Any, note: str = "") -> PackRelease:
    """This will hand a draft to a second person, with what it would change for the real workforce kept beside it."""
    return _move(release, ReleaseMove.SUBMIT, by, note)


def send_back(*, release: PackRelease, by: Any, note: str) -> PackRelease:
    """This will make it a draft again, for the reason given."""
    return _move(release, ReleaseMove.RETURN, by, note)


def withdraw(*, release: PackRelease, by: Any, note: str = "") -> PackRelease:
    """This will take the proposal back for good."""
    return _move(release, ReleaseMove.WITHDRAW, by, note)


def release(*, release: PackRelease, by: Any, note: str = "") -> PackRelease:
    """This will let the district go by the pack from its day. By another person than who made or submitted it, and not by an
    account that one of the two lately opened for the other."""
    return _move(release, ReleaseMove.RELEASE, by, note)


@transaction.atomic
def _move(row: PackRelease, move: ReleaseMove, by: Any, note: str) -> PackRelease:
    check(by, NEEDS[move], row.org_code)
    row = _locked(row)
    before = {"state": row.state}
    if not row.advance(move, by=by, at=timezone.now(), note=note, apart=refuse_release):
        return row
    if move in (ReleaseMove.SUBMIT, ReleaseMove.RELEASE):
        _check_base(row)
    if move == ReleaseMove.SUBMIT:
        row.effects = effects(row)
    if move == ReleaseMove.RELEASE and row.effects and row.effects.get("problem"):
        raise ValidationError(f"按它试算不了，不能发布：{row.effects['problem']}")
    with record(f"policy.{move}_pack", by=by, target=row, org_code=row.org_code, before=before) as entry:
        row.save()
        if move == ReleaseMove.RELEASE:
            PackAdoption.objects.create(
                org_code=row.org_code, pack=row.pack, title=row.title, since=row.since, by_id=by.pk,
                text=row.text,
            )  # fmt: skip
        tell_of_release(row=row)
        entry.after = {
            "state": row.state,
            "note": row.note,
            "pack": f"{row.pack} {row.version}",
            "since": str(row.since),
        }
    return row


def _check_base(row: PackRelease) -> None:
    """An amendment holds what it amends: where another pack is in force by now, releasing it would undo that one."""
    amends = not row.shipped and not row.file_name.lower().endswith(".zip")
    adoption = adoption_for(row.org_code, row.since)
    if amends and adoption is not None and not texts_of(adoption).items() <= row.text.files.items():
        raise ValidationError("拟稿以后，本区现行的政策包已经换了；请撤回，按新的现行包重新上传这几个值。")


def _locked(row: PackRelease) -> PackRelease:
    """The row as it stands now, for this transaction alone; adoptions of a district go one after another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"policy.pack {row.org_code}"])
    return PackRelease.objects.select_for_update(of=("self",)).select_related("text").get(pk=row.pk)


def _made(by: Any) -> dict[str, Any]:
    return {"made_by_id": by.pk, "made_by_name": by.get_full_name() or by.get_username()}


def _first_of_january(since: date) -> None:
    if (since.month, since.day) != (1, 1):
        raise ValidationError(
            f"一年按一个政策包计算，请从 1 月 1 日起，例如 {since.year + 1}-01-01；值可以在年中开始，写在各自的 since 里。"
        )


def _free_name(district: str) -> str:
    """A name for an amended pack that the district has not used."""
    taken = set(PackRelease.objects.filter(org_code=district).values_list("pack", flat=True))
    number = len(taken) + 1
    while f"d{district}-{number}" in taken:
        number += 1
    return f"d{district}-{number}"
