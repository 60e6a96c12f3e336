"""Which packs a rehearsal may set beside each other: the year's own, those the district went or will go by, its drafts."""

from __future__ import annotations

from qinglan.apps.base.models import ReleaseState
from qinglan.apps.policy.models import PackAdoption, PackRelease, PackText, Run
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries.scenarios import Texts

OPEN = (ReleaseState.DRAFT, ReleaseState.SUBMITTED)


def packs_of(run: Run) -> dict[str, str]:
    """{id of the pack's text: its name}; the year's own is not in it. A content that has several names is told by the latest."""
    found: dict[str, str] = {}
    adopted = PackAdoption.objects.filter(org_code=run.org_code, text__isnull=False).order_by("since", "pk")
    for one in adopted:
        found[str(one.text_id)] = f"{one.title or one.pack}（自 {one.since}）"
    for release in PackRelease.objects.filter(org_code=run.org_code, state__in=OPEN).order_by("pk"):
        found.setdefault(
            str(release.text_id),
            f"{release.title} {release.version}（{release.get_state_display()}，自 {release.since}）",
        )
    found.pop(str(run.pack_text_id), None)
    return found


def text_of(number: str) -> PackText | None:
    """The text chosen on the form; empty is none."""
    return PackText.objects.get(pk=int(number)) if number else None


def named(row: Rehearsal, texts: Texts) -> list[tuple[str, str]]:
    """(side, name of its pack) where it is not the year's own on both sides."""
    if row.base_text_id is None and row.other_text_id is None:
        return []
    names = {**packs_of(row.run), str(row.run.pack_text_id): f"{row.run.pack_title}（起始年度用的）"}
    return [(side, names.get(str(text.pk), text.name)) for side, text in (("现行", texts.base), ("方案", texts.other))]
