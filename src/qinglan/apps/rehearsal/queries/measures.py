"""What is told of a group: the twin's own measures, and those sums that an officer asks for beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from qinglan.core.twin.columns import M
from qinglan.core.twin.gathering import Y
from qinglan.core.twin.outcomes import FEN, GROUP_MEASURES

MONTHS = 12
Values = np.ndarray


@dataclass(frozen=True)
class Measure:
    """`of` (months' sums (…, MEASURES), year's sums (…, YEARLIES)) → (…). `posts`: known of places alone, an empty post has no sex."""

    name: str
    label: str
    unit: str
    of: Callable[[Values, Values], Values]
    posts: bool = False


def _share(over: Values, under: Values) -> Values:
    return np.where(under > 0, over / np.maximum(under, 1), 0.0)


OURS = (
    Measure("vacant", "平均空岗", "个", lambda m, y: m[..., M.VACANT] / MONTHS, posts=True),
    Measure("voluntary", "自愿离职", "人", lambda m, y: m[..., M.VOLUNTARY].astype(float)),
    Measure("recruits", "新入职", "人", lambda m, y: m[..., M.RECRUITS].astype(float), posts=True),
    Measure("bill", "应发工资", "元", lambda m, y: y[..., Y.GROSS] / FEN),
    Measure("hours", "人均培训学时", "学时", lambda m, y: _share(m[..., M.HOURS] / 100 * MONTHS, m[..., M.HEADS])),
    Measure("mentored", "有师傅带的人", "比例", lambda m, y: _share(m[..., M.MENTORED], m[..., M.HEADS])),
    Measure("certified", "持证的人", "比例", lambda m, y: _share(y[..., Y.CERTIFIED] * MONTHS, m[..., M.HEADS])),
)
THEIRS = {name: Measure(name, label, unit, of) for name, (label, unit, of) in GROUP_MEASURES.items()}
# In the order in which an officer asks.
ORDER = (
    "stability", "heads", "vacant", "voluntary", "recruits", "pay", "bill", "rises", "excellent", "ability", "hours",
    "mentored", "certified", "burnt", "satisfaction",
)  # fmt: skip
ALL = {one.name: one for one in sorted((*OURS, *THEIRS.values()), key=lambda one: ORDER.index(one.name))}
PLACES = ("unit", "subdistrict", "post")


def measures_of(dimension: str) -> list[Measure]:
    """What is known of such groups."""
    return [one for one in ALL.values() if dimension in PLACES or not one.posts]
