"""The stored figures of groups as a page prints them: one measure in one year, over the years, and who wins and who loses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qinglan.apps.rehearsal.queries.measures import measures_of
from qinglan.apps.rehearsal.queries.showing import DIMENSIONS, MEASURES, NARROW, PLACES, SIDES, UNITS, scaled
from qinglan.core.frame.codes import Post, Sex, Tier
from qinglan.core.twin.columns import AGE_BANDS

KEYS = ("base", "other", "apart", "low", "high")
ORDERS = {
    "sex": [one.label for one in Sex], "age": list(AGE_BANDS), "tier": [one.label for one in Tier],
    "post": ["", *(one.label for one in Post)],
}  # fmt: skip
MOST_LINES, MOST_BARS = 4, 20
NOT_RECORDED = "未记录"
EVERYBODY = "全部"
Names = Mapping[str, str]


def ordered(by: str, groups: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The groups in their own order; the store keeps none. Places go by their code."""
    order = ORDERS.get(by, [])
    return sorted(groups.items(), key=lambda one: (order.index(one[0]) if one[0] in order else len(order), one[0]))


def named(name: str, names: Names) -> str:
    return EVERYBODY if name == "all" else names.get(name, name) or NOT_RECORDED


def group_rows(
    detail: Mapping[str, Any], by: str, of: str, at: int, names: Names, text: str = ""
) -> list[dict[str, Any]]:
    """A row a group with what year number `at` says of it; `text` narrows by the group's name."""
    rows = []
    for name, measures in ordered(by, detail["groups"].get(by, {})):
        label = named(name, names)
        if of in measures and text in label:
            figures = {key: scaled(measures[of][key][at], UNITS[of]) for key in KEYS}
            rows.append({"name": label, "unit": UNITS[of], **figures})
    return rows


def group_chart(
    detail: Mapping[str, Any], years: list[int], by: str, of: str, at: int, names: Names
) -> dict[str, Any] | None:
    """Few groups: each over the years, both sides. More: by how much each differs in the chosen year. Too many: none."""
    found = {name: one[of] for name, one in ordered(by, detail["groups"].get(by, {})) if of in one}
    unit = UNITS[of]
    common = {"unit": MEASURES[of].rsplit("（", 1)[-1].rstrip("）"), "places": PLACES.get(unit, 2)}
    if not found or len(found) > MOST_BARS:
        return None
    if len(found) > MOST_LINES:
        values = [scaled(one["apart"][at], unit) for one in found.values()]
        labels = [named(name, names) for name in found]
        return {
            **common,
            "kind": "bar",
            "labels": labels,
            "head": "组",
            "series": [{"name": "方案减现行", "values": values}],
        }
    series: list[dict[str, Any]] = [
        {"name": f"{named(name, names)} {who}", "values": [scaled(value, unit) for value in one[side]]}
        for name, one in found.items()
        for side, who in SIDES
    ]
    lines = [value for one in series for value in one["values"] if value is not None]
    return {
        **common, "kind": "line", "labels": [str(year) for year in years], "head": "年", "series": series, "paired": True,
        "zero": not (bool(lines) and min(lines) > NARROW * max(lines) > 0),
    }  # fmt: skip


def all_rows(detail: Mapping[str, Any], years: list[int], names: Names) -> Iterator[dict[str, Any]]:
    """Every group, measure and year, for the workbook."""
    for by in DIMENSIONS:
        for name, found in ordered(by, detail["groups"].get(by, {})):
            for one in measures_of(by):
                for at, year in enumerate(years):
                    if one.name in found:
                        figures = {key: scaled(found[one.name][key][at], one.unit) for key in KEYS}
                        yield {
                            "by": DIMENSIONS[by], "name": named(name, names), "measure": MEASURES[one.name], "year": year, **figures
                        }  # fmt: skip


def winner_rows(detail: Mapping[str, Any], by: str, at: int, names: Names, text: str = "") -> list[dict[str, Any]]:
    """A row a group of the start: how many gain and lose pay, its mean pay, rises and leavings on both sides, up to year number `at`."""
    rows = []
    for name, one in ordered(by, detail["winners"].get(by, {})):
        label = named(name, names)
        if text not in label:
            continue
        gain, lose = one["gain"][at], one["lose"][at]
        row: dict[str, Any] = {
            "name": label, "people": one["people"], "gain": gain, "lose": lose,
            "same": None if gain is None or lose is None else one["people"] - gain - lose,
        }  # fmt: skip
        for key, factor, places in (("pay", 1, 0), ("rises", 100, 1), ("left", 100, 1)):
            base, other = (None if side[at] is None else side[at] * factor for side in one[key])
            row |= {f"{key}_base": _round(base, places), f"{key}_other": _round(other, places)}
            row[f"{key}_apart"] = None if base is None or other is None else _round(other - base, places)
        rows.append(row)
    return rows


def all_winners(detail: Mapping[str, Any], years: list[int], names: Names) -> Iterator[dict[str, Any]]:
    """Every way to group and every year, for the workbook."""
    for by in ("all", *DIMENSIONS):
        for at, year in enumerate(years):
            for row in winner_rows(detail, by, at, names):
                yield {"by": DIMENSIONS.get(by, EVERYBODY), "year": year, **row}


def winner_words(detail: Mapping[str, Any], years: list[int]) -> str:
    """The whole place in one sentence, up to the last year."""
    one = next(iter(winner_rows(detail, "all", len(years) - 1, {})), None)
    if one is None:
        return ""
    pay = one["pay_apart"] or 0
    counts = f"其中 {one['gain']:,} 人多 1% 以上，{one['lose']:,} 人少 1% 以上，" if one["gain"] is not None else ""
    return (
        f"起始在岗的 {one['people']:,} 人，到 {years[-1]} 年末，在岗期间人均月应发比现行{'多' if pay >= 0 else '少'} {abs(pay):,.0f} 元；"
        f"{counts}晋升每百人{_more(one['rises_apart'])}次，自愿离职每百人{_more(one['left_apart'])}人。"
    )


def _more(value: float | None) -> str:
    return "差不详 " if value is None else f"{'多' if value >= 0 else '少'} {abs(value):.1f} "


def _round(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places) + 0.0
