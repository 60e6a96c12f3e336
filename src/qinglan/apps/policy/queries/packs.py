"""The pack a district goes by on a day."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.core.exceptions import ValidationError

from qinglan.apps.policy.models import PackAdoption
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import Pack
from qinglan.core.rules.registry import ITEMS


@lru_cache(maxsize=16)
def pack(name: str) -> Pack:
    """A shipped pack, read once a process. PackError when it must not be used."""
    return load(name, ITEMS)


def adoption_for(district: str, day: date) -> PackAdoption | None:
    """The adoption in force: of those begun by `day`, the latest recorded of the latest day."""
    return PackAdoption.objects.filter(org_code=district, since__lte=day).order_by("-since", "-pk").first()


def pack_for(district: str, day: date) -> Pack:
    """The pack in force. ValidationError (for people) when the district has none."""
    adoption = adoption_for(district, day)
    if adoption is None:
        raise ValidationError(f"{district} 在 {day.isoformat()} 还没有选用政策包，请先在「政策包」里选一个。")
    return pack(adoption.pack)
