"""What stands at the top of a rehearsal: by how much the plan differs in the last year, and over all years of what adds up.

Figures that stand side by side are of one kind (means), so that the difference is what people get when they subtract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qinglan.apps.rehearsal.queries.showing import PLACES, between, scaled, wide, wide_words
from qinglan.core.twin import outcomes

# (indicator, whether more of it is wished; None: neither).
LAST_YEAR: tuple[tuple[str, bool | None], ...] = (
    ("heads", None), ("stability", True), ("voluntary", False), ("vacant", None), ("bill", None), ("ability", True),
    ("burnt", False), ("satisfaction", True), ("residents", True),
)  # fmt: skip
ALL_YEARS: tuple[tuple[str, bool | None], ...] = (
    ("bill", None), ("cost", None), ("voluntary", False), ("recruits", None), ("rises", None), ("promoted", None),
)  # fmt: skip
SIDES = ("base", "other")
COUNTED = "voluntary"  # fewer of fewer is no merit: neither good nor bad where the staff is another
UNSEEN_STAFF = "模型里居民满意率随人员能力、空岗和人员更替变，不看一共有多少人：人手少了，它不会因此变低。"


def last_year(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A card an indicator: {label, base, other, unit, kind_of: 平均 or 中位, words, between, kind, more: further lines}."""
    shown = []
    for name, wished in LAST_YEAR:
        rows = found["whole"][name]
        apart = {key: rows["apart"][key][-1] for key in ("mean", "low", "high")}
        means = "mean" in rows["base"]  # an outcome stored before there were means has the medians
        sides = {side: rows[side]["mean" if means else "mid"][-1] for side in SIDES}
        card = _card(name, None if name == COUNTED and _other_staff(found) else wished, sides, apart, means)
        if card is not None:
            shown.append(card | {"more": list(_more(name, found))})
    return shown


def all_years(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same of the sums over all years; nothing for one year, or for an outcome stored before there were sums."""
    total = found.get("total", {}) if len(found["years"]) > 1 else {}
    other_staff = _other_staff(found)
    cards = [
        _card(
            name,
            None if name == COUNTED and other_staff else wished,
            total[name],
            {"mean": total[name]["apart"], **total[name]},
            True,
        )
        for name, wished in ALL_YEARS
        if name in total
    ]
    return [card | {"more": []} for card in cards if card is not None]


def _card(
    name: str, wished: bool | None, sides: Mapping[str, Any], apart: Mapping[str, Any], means: bool
) -> dict[str, Any] | None:
    """None where there is no difference to tell."""
    one = outcomes.INDICATORS[name]
    mean, low, high = apart["mean"], apart["low"], apart["high"]
    if mean is None or sides["base"] is None or sides["other"] is None:
        return None
    unit = {"比例": "%", "程度": ""}.get(one.unit, wide(one.unit)[0])
    sure = low is not None and high is not None and (low > 0 or high < 0)
    flat = not _rounded(mean, one.unit)
    base, step = _rounded(sides["base"], one.unit), _rounded(mean, one.unit)
    if flat or not sure:
        words = "看不出差别"
    else:
        points = " 个百分点" if unit == "%" else f" {unit}" if unit else ""
        words = f"{'多' if mean > 0 else '少'} {wide_words(abs(mean), one.unit)}{points}"
    good = wished is not None and sure and not flat
    return {
        "name": name, "label": one.label, "unit": unit, "kind_of": "平均" if means else "中位",
        "base": _words(base, one.unit),
        # rounded so that both sides and the difference agree to the last digit
        "other": _words(base + step, one.unit) if means else wide_words(sides["other"], one.unit),
        "words": words, "between": between(low, high, one.unit),
        "kind": ("good" if (mean > 0) == wished else "warn") if good else "plain",
    }  # fmt: skip


def _rounded(value: float, unit: str) -> float:
    """The number as it is printed."""
    return round(value * 1e-4, 2) + 0.0 if unit == "元" else scaled(value, unit) or 0.0


def _words(value: float, unit: str) -> str:
    return f"{value + 0.0:,.{2 if unit == '元' else PLACES.get(unit, 2)}f}"


def _more(name: str, found: Mapping[str, Any]) -> list[str]:
    """What must be read beside the figure."""
    whole = found["whole"]
    if name == "voluntary":
        rates = [_rate(whole, side) for side in SIDES]
        if None not in rates:
            return [f"占平均在岗人数：现行 {rates[0]:.1%}，方案 {rates[1]:.1%}"]
    if name == "residents":
        return [UNSEEN_STAFF] if _other_staff(found) else []
    return []


def _other_staff(found: Mapping[str, Any]) -> bool:
    """Whether the plan has surely more or fewer people in the last year."""
    low, high = (found["whole"]["heads"]["apart"][key][-1] for key in ("low", "high"))
    return low is not None and high is not None and (low > 0 or high < 0)


def _rate(whole: Mapping[str, Any], side: str) -> float | None:
    """Leavers of the last year by the mean staff of that year."""
    key = "mean" if "mean" in whole["heads"][side] else "mid"
    left, heads = (whole[name][side][key][-1] for name in ("voluntary", "heads"))
    return left / heads if left is not None and heads else None
