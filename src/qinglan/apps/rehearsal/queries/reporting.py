"""A rehearsal as the printed report reads it: text and rows of text, nothing computed anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.conf import settings

from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries import bases, calibrated, grouping, headlines, scenarios, showing
from qinglan.core.twin import outcomes
from qinglan.core.twin.parameters import LEGEND

YEARS_A_TABLE = 5
SYNTHETIC = "9901"  # the area codes of made-up districts begin so
LIMITS = (
    "推演不是预测。它只回答：在同样的人、同样的运气下，照方案做比照现行做，差在哪里、往哪边差、差多少。",
    "区间只含偶然（人来人往、考核起伏），不含行为假设本身的不确定；假设不同，结果会不同，要紧的假设应换几个值再推演。",
    "考评、名额、晋升、薪酬按政策包的规则逐人逐月计算；倦怠、满意、离职、学习等人的反应按行为参数，多数没有可靠数字，是假设。",
    "没有记录的事（家庭、就近、外面的具体工作）不在模型里。市场工资与政策包里的工资标准，除非另改，都不随时间增长。",
    "不得用来评价或处置具体的人，不得据以决定解聘；作编制、预算的依据须另作测算。",
)


def printed(row: Rehearsal, names: Mapping[str, str], today: date) -> dict[str, Any]:
    """The data of templates/print/rehearsal.typ. The rehearsal must have ended with results."""
    chosen, texts, found, detail = scenarios.chosen_of(row), scenarios.texts_of(row), row.found, row.more
    years = found["years"]
    assumed = showing.assumption_rows(chosen)
    place = names.get(row.org_code, row.org_code)
    return {
        "title": f"推演报告：{row.name}", "date": today.isoformat(), "made": f"推演人 {row.made_by_name}　{today.isoformat()} 印",
        "mark": "合成数据" if row.org_code.startswith(SYNTHETIC) else "", "foot": f"推演 {row.pk}　指纹 {row.key[:12]}",
        "place": place, "warning": showing.NO_FORECAST, "last": str(years[-1]), "same": found["same"],
        "opening": _opening(row, place, bases.named(row, texts)),
        "headlines": _cards(headlines.last_year(found)), "totals": _cards(headlines.all_years(found)), "first": str(years[0]),
        "leaving": calibrated.of_rehearsal(row)["words"], "legend": LEGEND,
        "beside": [f"{one['label']}：{line.rstrip('。')}。" for one in headlines.last_year(found) for line in one["more"]],
        "winners": grouping.winner_words(detail, years),
        "tried": [[one["label"], _said(one["left"]), _said(one["right"])]
                  for one in (*scenarios.diff_words(chosen, row.run, texts), *scenarios.lever_words(chosen))],
        "differences": list(_differences(found)), "bands": list(_bands(found)), "lots": _lots(detail, years),
        "hiding": f"薪酬多、少指在岗期间月应发平均多、少 1% 以上。不到 {settings.LEAST_CELL} 人的组和人数不显示；单个人的得失不推演。",
        "changed": [[one["label"], one["base"], one["other"], one["default"], one["basis"]]
                    for _, rows in assumed for one in rows if one["changed"]],
        "limits": list(LIMITS),
        "parameters": [{"title": group, "rows": [[one["label"], one["other"], one["range"], one["basis"]] for one in rows]}
                       for group, rows in assumed],
    }  # fmt: skip


def _cards(cards: list[dict[str, Any]]) -> list[list[str]]:
    return [
        [f"{one['label']}{_of(one['unit'])}", one["base"], one["other"], one["words"], one["between"]] for one in cards
    ]


def _of(unit: str) -> str:
    return f"（{unit}）" if unit else ""


def _said(words: list[tuple[str, str]]) -> str:
    return "；".join(f"{name}：{text}" if name else text for name, text in words) or "（没有）"


def _opening(row: Rehearsal, place: str, packs: list[tuple[str, str]]) -> list[str]:
    found = row.found
    left = f"另有 {found['without_post']} 人没有岗位记录，未算。" if found["without_post"] else ""
    own = "；".join(f"{side}一边照{name}" for side, name in packs)
    return [
        f"从{place} {row.year} 年末在岗的 {found['people']:,} 人起，逐月推演 {row.years} 年（{found['years'][0]}–{found['years'][-1]}），"
        f"重复 {found['replicates']} 次。{left}起始的人、岗位、等次、证书、工资取自系统里的记录，"
        f"照「{row.run.pack_title}」（{row.run.pack_version}）。{own + '。' if own else ''}",
        f"一边照现行做，一边照方案做，其余相同。随机种子 {scenarios.chosen_of(row).seed}，同一情景、同一种子得同样的结果。",
    ]


def _differences(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The differences by year, a table every few years: a page is not wide."""
    rows, years = showing.differences(found), found["years"]
    for first in range(0, len(years), YEARS_A_TABLE):
        span = slice(first, first + YEARS_A_TABLE)
        lines = [[one["label"], *(f"{cell['mean']}\n{cell['between']}" for cell in one["cells"][span])] for one in rows]
        yield {"heads": ["指标", *(f"{year} 年" for year in years[span])], "rows": lines}


def _bands(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name in showing.DRAWN:
        sides, unit = found["whole"][name], outcomes.INDICATORS[name].unit
        rows = [
            [str(year), *(cell for side, _ in showing.SIDES for cell in _cells(sides[side], at, unit))]
            for at, year in enumerate(found["years"])
        ]
        yield {"title": showing.label_of(name), "rows": rows}


def _cells(side: Mapping[str, Any], at: int, unit: str) -> tuple[str, str]:
    return showing.wide_words(side["mid"][at], unit), showing.between(side["low"][at], side["high"][at], unit)


def _lots(detail: Mapping[str, Any], years: list[int]) -> list[list[str]]:
    rows = []
    for by in ("all", "tier"):
        for one in grouping.winner_rows(detail, by, len(years) - 1, {}):
            cells = (("people", 0), ("gain", 0), ("lose", 0), ("pay_apart", 0), ("rises_apart", 1), ("left_apart", 1))
            rows.append(
                [
                    one["name"],
                    *(showing.NOTHING if one[key] is None else f"{one[key]:,.{places}f}" for key, places in cells),
                ]
            )
    return rows
