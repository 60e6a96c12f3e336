"""Scenarios for tests: small places, all defaults unless said otherwise."""

from functools import cache
from typing import Any

from tests.unit.core.twin.people import demo

from qinglan.core.frame.freezing import freeze
from qinglan.core.packs import freezing as packs
from qinglan.core.twin.scenario import Scenario


@cache
def texts(pack: str = "taoyuan") -> tuple[tuple[str, str], ...]:
    return tuple(sorted(packs.freeze(pack).items()))


@cache
def frozen(total: int = 120, subdistricts: int = 2) -> bytes:
    return freeze(demo(total, subdistricts), "", {})


def scenario(
    total: int = 120, subdistricts: int = 2, parameters: dict[str, float] | None = None, **more: Any
) -> Scenario:
    """The demo's people of 2025 under the demo's pack."""
    given: dict[str, Any] = {
        "population": frozen(total, subdistricts), "pack_name": "taoyuan", "pack": texts(), "months": 24, "replicates": 4,
        "seed": 5, **more,
    }  # fmt: skip
    return Scenario(name="试", year=2025, parameters=tuple(sorted((parameters or {}).items())), **given)
