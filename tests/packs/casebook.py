"""Reads worked cases (data, worked by hand) and turns their words into the int64 numbers of frames and steps.

A file tests/packs/cases/<family id>.yaml:

    family: diagnose.tier_entry
    pack: taoyuan            # a shipped pack
    "on": 2025-12-31
    cases:
      - name: 入职满两年且愿意的是骨干
        inputs: {post: 社区工作者, entry_date: 2024-01-01, as_of: 2025-12-31, willing: 是}
        steps: {months_since_entry: 24, tier: 骨干}
        why: 2024-01-01 至 2025-12-31（含）满 24 个月，达到下限

Amounts are written in the unit of the column (yuan, points, 学时, %), codes by label, a missing value as 缺：未记录.
Inputs not written are missing (未记录). `steps` may name some of the steps; the last step must be among them.
A group family's case has `rows` (a list of inputs) and `steps` as a list, row by row.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from qinglan.core.frame.district_year import DISTRICT_YEAR
from qinglan.core.frame.missing import REASON_LABELS, Reason, missing
from qinglan.core.frame.month import MONTH, PAY_YEAR, SEGMENT
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.unit_year import UNIT_YEAR
from qinglan.core.frame.units import DATE, FLAG, Unit, days
from qinglan.core.rules.registry import FAMILIES

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    family: str
    pack: str
    on: date
    name: str
    rows: list[dict[str, int]]
    steps: list[dict[str, int]]


def parse(text: Any, unit: Unit, labels: dict[int, str] | None) -> int:
    """The int64 of one written value. Raises ValueError naming what cannot be read."""
    if isinstance(text, bool):
        return int(text)
    text = str(text).strip()
    if text.startswith("缺"):
        reason = text.partition("：")[2] or "未记录"
        return missing(next(one for one in Reason if REASON_LABELS[one] == reason))
    if labels:
        found = [code for code, label in labels.items() if label == text]
        if not found:
            raise ValueError(f"{text!r} is none of {sorted(labels.values())}")
        return found[0]
    if unit is FLAG and text in ("是", "否"):
        return int(text == "是")
    if unit is DATE:
        return days(date.fromisoformat(text))
    value = Decimal(text) * unit.scale
    if value != value.to_integral_value():
        raise ValueError(f"{text!r} has too many decimals for {unit.name}")
    return int(value)


def column_types() -> dict[str, tuple[Unit, dict[int, str] | None]]:
    """Unit and labels of every frame column and every step, by name."""
    types: dict[str, tuple[Unit, dict[int, str] | None]] = {}
    for frame in (PERSON_YEAR, UNIT_YEAR, SEGMENT, MONTH, PAY_YEAR, DISTRICT_YEAR):
        for name, column in frame.items():
            types[name] = (column.unit, column.codes.labels() if column.codes else None)
    for family in FAMILIES.values():
        for name, step in family.steps.items():
            types[name] = (step.unit, dict(step.codes) if step.codes else None)
    return types


def read(path: Path, types: dict[str, tuple[Unit, dict[int, str] | None]]) -> list[Case]:
    """The cases of one file."""
    text = yaml.safe_load(path.read_text(encoding="utf-8"))

    def numbers(written: dict[str, Any]) -> dict[str, int]:
        return {name: parse(value, *types[name]) for name, value in written.items()}

    cases = []
    for one in text["cases"]:
        rows = one["rows"] if "rows" in one else [one["inputs"]]
        steps = one["steps"] if isinstance(one["steps"], list) else [one["steps"]]
        day = date.fromisoformat(str(one.get("on", text["on"])))
        cases.append(
            Case(
                text["family"], one.get("pack", text["pack"]), day, one["name"],
                [numbers(row) for row in rows], [numbers(row) for row in steps],
            )
        )  # fmt: skip
    return cases


def every_case() -> list[Case]:
    types = column_types()
    return [case for path in sorted(CASES.glob("*.yaml")) for case in read(path, types)]
