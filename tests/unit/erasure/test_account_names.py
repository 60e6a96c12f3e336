"""An account's name may be a number or a word that the site itself writes everywhere: only where it names her is it taken out."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from tests.cast import Cast
from tests.factories import posted

from qinglan.apps.audit.actions import record
from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import span
from qinglan.apps.erasure.actions import asking, carrying
from qinglan.apps.people.actions import roles
from qinglan.apps.people.models import Employment, ExitReason, Person, Posting, Role, RoleGrant, User

pytestmark = pytest.mark.django_db
DISTRICT, EAST = "990101", "990101001001"


def _machine_words() -> dict[str, list[Any]]:
    """(table.column) -> values, of every column that holds a code, a key or a word of a fixed list."""
    found: dict[str, list[Any]] = {}
    for model in apps.get_models():
        if not model.__module__.startswith("qinglan.apps.") or model._meta.label.startswith(
            ("audit.Chain", "erasure.")
        ):
            continue
        for one in model._meta.concrete_fields:
            if isinstance(one, models.CharField) and (one.choices or one.name in {"org_code", "target_key", "action"}):
                rows = model._base_manager.exclude(**{one.name: ""}).values_list("pk", one.attname)
                found[f"{model._meta.label}.{one.name}"] = sorted(map(tuple, rows), key=str)
    return found


@pytest.mark.parametrize("name", ["1001", DISTRICT, "finance", "end", "worker", "training"])
def test_an_account_called_as_the_site_calls_its_things_spoils_nothing(
    cast: Cast, settings: Any, tmp_path: Path, name: str
) -> None:
    settings.QINGLAN_ERASED = tmp_path / "erased.jsonl"
    chief = cast.users["district_a"]
    second = User.objects.create(username="second_a", last_name="另一位")
    RoleGrant.objects.create(user=second, role=Role.DISTRICT_OFFICER, org_code=DISTRICT, span=span(date(2020, 1, 1)))
    gone = posted(EAST, name="慕容旧人")
    ended = span(date(2010, 1, 1), date(2012, 6, 1))
    Employment.objects.filter(person=gone).update(span=ended, exit_reason=ExitReason.RETIRED)
    Posting.objects.filter(person=gone).update(span=ended)
    account = roles.open_account(username=name, name=gone.name, by=chief, person=gone)
    other = Person.objects.exclude(pk=gone.pk).order_by("pk").first()
    with record("roles.end", by=chief, target=other, org_code=DISTRICT) as entry:
        entry.after = {"note": f"由 {name} 代办", "role": "finance", "1001": 3}
    AuditEvent.objects.create(
        action="demo.load", by_name="系统", target_type="people.person", target_key="1001", org_code=DISTRICT
    )
    before = _machine_words()
    erasure = asking.ask(person=gone, ground="expired", reason="保存期满", by=chief)
    asking.confirm(erasure=erasure, by=second)
    carrying.carry_out(erasure=erasure)
    after = _machine_words()
    for column, rows in before.items():
        assert set(rows) <= set(after[column]) or column == "people.User.username", column
    account.refresh_from_db()
    assert account.username == f"deleted-{account.pk}"
    said = AuditEvent.objects.get(action="roles.end", target_key=str(other.pk)).after
    assert said == {"note": "由 （已删除） 代办", "role": "finance", "1001": 3}
