"""What a few other values would have meant for a real year: the run's own frozen facts under its pack and under pack + diff.

The empty diff gives exactly the stored results (design §3.8); nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries.packs import thawed
from qinglan.core.frame import codes
from qinglan.core.frame import freezing as tables
from qinglan.core.frame.missing import MISSING
from qinglan.core.packs.diffs import Diff, apply
from qinglan.core.packs.pack import Pack
from qinglan.core.year import order
from qinglan.core.year.canonical import results_hash
from qinglan.core.year.computing import Year, compute_year, year_sum

AGE_BAND = 10
SUBDISTRICT_DIGITS = 9


@dataclass(frozen=True)
class Group:
    """People of one kind: how many gain, lose and stay equal in yearly gross pay, the sums in fen, whose grade or star moves."""

    by: str
    name: str
    people: int
    gain: int
    lose: int
    before: int
    after: int
    grades: int
    stars: int

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class WhatIf:
    """`same`: every step of everybody is equal, byte for byte. `groups`: the whole first, then each way to look at it."""

    base: Year
    other: Year
    same: bool
    groups: list[Group]


def what_if(run: Run, diff: Diff) -> WhatIf:
    """The run's year as it is and as it would be. Raises PackError, NotInForce or RuleGone with sentences for people."""
    pack = _pack_of(run)
    return _compared(run, pack, apply(pack, diff))


def against(run: Run, pack: Pack, now: Pack | None = None) -> WhatIf:
    """The run's year under its own pack (or under `now`) and under another one. Raises as `what_if` does."""
    return _compared(run, now or _pack_of(run), pack)


def _pack_of(run: Run) -> Pack:
    assert run.pack_text is not None
    return thawed(run.pack_text.files, run.pack_text.name)


def _compared(run: Run, pack: Pack, changed: Pack) -> WhatIf:
    records, figures = tables.thaw(bytes(run.input.tables))
    rules = order.NOW.at(run.rule_versions)
    base, other = (compute_year(records, run.year, one, figures, rules) for one in (pack, changed))
    return WhatIf(base, other, results_hash(base) == results_hash(other), list(_groups(base, other)))


def _groups(base: Year, other: Year) -> Iterator[Group]:
    before, after = (year_sum(one.pay.months["gross_pay"]) for one in (base, other))
    moved = [base.step(name) != other.step(name) for name in ("grade", "star")]
    frame = base.frame
    born = frame.columns["birth_date"].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    decade = (frame.year - born) // AGE_BAND * AGE_BAND
    ways = {
        "街道": np.array([place[:SUBDISTRICT_DIGITS] for place in frame.organisations]),
        "层级": _labels(base.step("tier"), codes.Tier),
        "性别": _labels(frame.columns["sex"], codes.Sex),
        "年末年龄": np.array([f"{one}–{one + AGE_BAND - 1} 岁" for one in decade]),
    }
    everybody = np.ones(len(frame), bool)
    yield _group("全区", "", everybody, before, after, moved)
    for by, names in ways.items():
        for name in sorted(set(names)):
            yield _group(by, str(name), names == name, before, after, moved)


def _labels(values: np.ndarray, kind: type[codes.Code]) -> np.ndarray:
    labels = kind.labels()
    return np.array([labels.get(int(value), "未记录") for value in values])


def _group(
    by: str, name: str, rows: np.ndarray, before: np.ndarray, after: np.ndarray, moved: list[np.ndarray]
) -> Group:
    paid = rows & (before > MISSING) & (after > MISSING)
    was, now = before[paid], after[paid]
    return Group(
        by, name, int(rows.sum()), int((now > was).sum()), int((now < was).sum()), int(was.sum()), int(now.sum()),
        int(moved[0][rows].sum()), int(moved[1][rows].sum()),
    )  # fmt: skip
