"""Take a rehearsal's values up as a draft pack. A second person releases it (policy.actions.releases)."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction

from qinglan.apps.audit.actions import record
from qinglan.apps.policy.actions import releases
from qinglan.apps.policy.models import PackRelease
from qinglan.apps.policy.queries.packs import adoption_for
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries import scenarios

DISTRICT_DIGITS = 6


@transaction.atomic
def adopt(*, rehearsal: Rehearsal, title: str, version: str, setting: str, since: date, by: Any) -> PackRelease:
    """This will make the values of a rehearsal a draft that amends the pack in force on `since`, on the ground `setting`.

    Levers are no values of a pack and stay out. ValidationError without values; PackError when the pack refuses them.
    """
    row = Rehearsal.objects.select_for_update().get(pk=rehearsal.pk)
    chosen = scenarios.chosen_of(row)
    if row.state != Rehearsal.State.DONE:
        raise ValidationError(f"这次推演{row.get_state_display()}，算完以后再拟为修订。")
    if not chosen.diff:
        raise ValidationError(
            "这次推演没有改政策包里的值，没有可以拟为修订的内容；人手、培训、帮带、招聘的做法不在政策包里。"
        )
    if row.base_text_id or row.other_text_id:
        wanted, here = scenarios.texts_of(row).other, adoption_for(row.org_code[:DISTRICT_DIGITS], since)
        if here is None or here.text_id != wanted.pk:
            raise ValidationError(
                f"方案一边照的是另一份政策包（{wanted.name}），{since} 时在用的不是它；请先发布那一份，再拟修订，或在现行的包上重新推演。"
            )
    raw = yaml.safe_dump(scenarios.begun_by(chosen.diff, since, setting), allow_unicode=True, sort_keys=False).encode()
    with record("rehearsal.adopt", by=by, target=row, org_code=row.org_code) as entry:
        made = releases.upload(
            district=row.org_code[:DISTRICT_DIGITS], file_name=f"推演{row.pk}.yaml", raw=raw, title=title, version=version,
            since=since, by=by,
        )  # fmt: skip
        row.release_id = made.pk
        row.save(update_fields=["release_id"])
        entry.after = {"pack": made.pack, "release": made.pk}
    return made
