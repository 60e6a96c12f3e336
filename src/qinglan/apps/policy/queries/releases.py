"""What a proposed pack says otherwise than the one in force, and what that would have meant for the district's newest year."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from qinglan.apps.policy.models import PackRelease, Run
from qinglan.apps.policy.queries import packs
from qinglan.apps.policy.queries.what_if import WhatIf, against
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce, Pack, earlier
from qinglan.core.year.order import RuleGone


def pack_of(row: PackRelease) -> Pack:
    """The proposed pack. PackError when it is no longer good."""
    return packs.frozen(row.text_id)


def in_force(row: PackRelease) -> Pack | None:
    """The pack that it would replace, as of its day."""
    adoption = packs.adoption_for(row.org_code, row.since)
    return packs.adopted(adoption) if adoption else None


def compared(row: PackRelease) -> list[dict[str, Any]]:
    """Items whose words differ, each with the day from which: on the pack's first day, and where a value begins later.

    A release that is in force already is compared with nothing but itself: the list is empty.
    """
    old, new = in_force(row), pack_of(row)
    if old is None:
        return []
    later = sorted({day for one in (old, new) for day in one.change_days() if day > row.since})
    found: list[dict[str, Any]] = []
    told: set[tuple[str, str, str]] = set()
    for day in (row.since, *later):
        for one in packs.differences(old, new, day):
            key = (one["id"], str(one["left"]), str(one["right"]))
            if key not in told:
                told.add(key)
                found.append({**one, "day": day})
    return found


def newest_year(district: str) -> Run | None:
    """The newest year that shows what a pack would change: published, or being decided, with its inputs kept."""
    runs = Run.objects.shown().filter(org_code=district, input__isnull=False)
    return runs.select_related("input", "pack_text").order_by("-year", "-created_at").first()


def rehearse(row: PackRelease) -> tuple[Run, WhatIf] | None:
    """The newest year under the pack in force and under this one; None when no year was computed.

    A pack for a coming year is tried on the newest year as if it were that one: the values of both packs begin so many years
    earlier, so that the difference is theirs alone. Raises NotInForce, PackError, RuleGone.
    """
    run = newest_year(row.org_code)
    if run is None:
        return None
    ahead = row.since.year - run.year
    new, old = pack_of(row), in_force(row)
    if ahead <= 0 or old is None:
        return run, against(run, new)
    return run, against(run, earlier(new, ahead), earlier(old, ahead))


def effects(row: PackRelease) -> dict[str, Any] | None:
    """What is kept of the rehearsal: which year, and its groups with their sums; or the sentence why there is none."""
    try:
        found = rehearse(row)
    except (NotInForce, PackError, RuleGone) as error:
        return {"problem": str(error)}
    if found is None:
        return None
    run, what = found
    groups = [{**asdict(group), "change": group.change} for group in what.groups]
    return {"run": run.pk, "year": run.year, "same": what.same, "groups": groups}
