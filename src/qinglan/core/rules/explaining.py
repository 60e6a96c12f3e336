"""How the value of an item is written: what may stand there, and a small example, both made from its shape.

They feed `qinglan pack explain` and the reference page of packs.
"""

import json
from difflib import get_close_matches
from typing import Any

import yaml

from qinglan.core.frame import units
from qinglan.core.frame.codes import Code
from qinglan.core.frame.units import Unit, say
from qinglan.core.packs.items import Item, Items
from qinglan.core.packs.schema import rule_files
from qinglan.core.rules.registry import ITEMS
from qinglan.core.rules.shapes import Bands, Brackets, Cap, Quota, Rows, Scalar, Table, Weights
from qinglan.core.rules.values import REST

KIND_LABELS = {
    "scalar": "单个数",
    "table": "对照表",
    "bands": "分段",
    "brackets": "累进级距",
    "weights": "权重",
    "quota": "名额",
    "cap": "上下限",
    "eligibility": "条件（符合任一行即可）",
    "ladder": "阶梯",
    "rows": "列表",
}
NAMES = {units.FLAG: "是或否", units.DATE: "日期", units.CODE: "名单中的词"}


def unit_words(unit: Unit, codes: type[Code] | None) -> str:
    """The unit as explain prints it: 元（最多 2 位小数）; 名单：初级、中级."""
    if codes is not None:
        return f"名单：{'、'.join(codes.by_label())}"
    if unit in NAMES:
        return NAMES[unit]
    places = len(str(unit.scale)) - 1
    label = unit.label or "个"
    return f"{label}（最多 {places} 位小数）" if places else f"{label}（整数）"


def what_may_be_written(item: Item) -> list[tuple[str, str]]:
    """(part, what may stand there) lines for a policy officer."""
    shape = item.shape
    match shape:
        case Scalar():
            return [("值", unit_words(shape.unit, shape.codes) + _limits(shape.unit, shape.minimum, shape.maximum))]
        case Table():
            every = "，每一个都要有" if shape.every else ""
            return [
                ("左边", f"{'、'.join(shape.keys.by_label())}；「{REST}」代表没写到的{every}"),
                ("右边", unit_words(shape.unit, shape.codes) + _limits(shape.unit, shape.minimum, shape.maximum)),
            ]
        case Bands():
            return [
                ("from", f"该段的下限（含），{unit_words(shape.bound, None)}，从小到大"),
                ("is", unit_words(shape.unit, shape.codes)),
            ]
        case Brackets():
            return [
                ("upto", f"该级的上限（含），{unit_words(shape.unit, None)}；最后一级不写"),
                ("rate", "税率，%（最多 2 位小数）"),
                ("quick", f"速算扣除数，{unit_words(shape.unit, None)}；要与前一级接得上"),
            ]
        case Weights():
            return [("左边", "、".join(shape.keys.by_label())), ("右边", "%，相加等于 100%")]
        case Quota():
            return [
                ("share", "比例，%"),
                ("rounding", "取整：进一、舍去 或 四舍五入"),
                ("minimum", "至少几人，可不写（0）"),
                ("tie", "名额线上并列时：并列全不入（不写时）或 并列全入"),
            ]
        case Cap():
            words = unit_words(shape.unit, None)
            return [("floor", f"下限，{words}"), ("ceiling", f"上限，{words}，不低于下限")]
        case Rows():
            return [
                (
                    name,
                    f"{col.label}，{unit_words(col.unit, col.codes)}"
                    + ("，不写即不作要求" if col.any else "")
                    + ("，逐行升高" if name == shape.ascending else ""),
                )
                for name, col in shape.columns.items()
            ]
    raise TypeError(f"{item.id}: no words for the shape {shape.kind}")


def _limits(unit: Unit, minimum: int | None, maximum: int | None) -> str:
    if unit in NAMES:
        return ""
    low = f"，不小于 {say(minimum, unit)}" if minimum else ""
    return low + (f"，不大于 {say(maximum, unit)}" if maximum is not None else "")


def example_value(item: Item) -> Any:
    """A value that the item's shape accepts, as YAML data: text, lists and mappings."""
    shape = item.shape
    match shape:
        case Scalar():
            return _one(shape.unit, shape.codes, shape.minimum, shape.maximum)
        case Table():
            one = _one(shape.unit, shape.codes, shape.minimum, shape.maximum)
            names = list(shape.keys.by_label())
            return dict.fromkeys(names if shape.every else names[:2], one)
        case Bands():
            return [
                {"from": _one(shape.bound, None, 0, None, place), "is": _one(shape.unit, shape.codes, 0, None, place)}
                for place in range(2)
            ]
        case Brackets():
            return [{"upto": "36000", "rate": "3", "quick": "0"}, {"rate": "10", "quick": "2520"}]
        case Weights():
            names = list(shape.keys.by_label())
            each = 100 // len(names)
            return {name: f"{each if place else 100 - each * (len(names) - 1)}%" for place, name in enumerate(names)}
        case Quota():
            return {"share": "20%", "rounding": "舍去", "minimum": "0", "tie": "并列全不入"}
        case Cap():
            return {"floor": _one(shape.unit, None, 0, None, 0), "ceiling": _one(shape.unit, None, 0, None, 1)}
        case Rows():
            return [
                {name: _one(col.unit, col.codes, col.minimum, None, place) for name, col in shape.columns.items()}
                for place in range(2)
            ]
    raise TypeError(f"{item.id}: no example for the shape {shape.kind}")


def example(item: Item) -> str:
    """The item as it would stand in a rule file, with the example value."""
    dated = {"since": "2025-01-01", "source": {"document": "TY1", "clause": "第几条"}, "value": example_value(item)}
    text: str = yaml.safe_dump({item.id: {"values": [dated]}}, allow_unicode=True, sort_keys=False, width=100)
    return text.replace("'", "")


def nearest(item: str) -> str:
    """A hint for a name that is no item."""
    near = get_close_matches(item, ITEMS, n=3)
    inside = [key for key in ITEMS if key.startswith(f"{item}.")]
    found = inside or near
    return f"是不是「{'」「'.join(found)}」？" if found else "用 qinglan pack explain 列出全部条目。"


def reference(items: Items) -> str:
    """The generated part of docs/reference/packs.md: every item, by mechanism, with what may be written."""
    lines = [f"共 {len(items)} 个条目。", ""]
    mechanism = ""
    for item in sorted(items.values(), key=lambda one: (one.mechanism, one.id)):
        if item.mechanism != mechanism:
            mechanism = item.mechanism
            lines += [f"### `{mechanism}`", "", "| 条目 | 名称 | 形状 | 可以这样写 |", "|---|---|---|---|"]
        written = "；".join(f"{part}：{words}" for part, words in what_may_be_written(item))
        notes = "".join(f"。{note}" for note in (item.help, "可以不写" if item.optional else "") if note)
        row = [f"`{item.id}`", item.label, KIND_LABELS[item.shape.kind], written + notes]
        lines.append(f"| {' | '.join(cell.replace('|', '／') for cell in row)} |")
        if not _more_of(item, items):
            lines.append("")
    return "\n".join(lines)


def _more_of(item: Item, items: Items) -> bool:
    same = sorted(key for key, one in items.items() if one.mechanism == item.mechanism)
    return item.id != same[-1]


def schema_text(items: Items) -> str:
    """The JSON Schema of rule files as it is kept in docs/reference/pack.schema.json."""
    return json.dumps(rule_files(items), ensure_ascii=False, indent=1) + "\n"


def _one(unit: Unit, codes: type[Code] | None, minimum: int | None, maximum: int | None, place: int = 0) -> str:
    """One value; `place` makes the values of later rows larger."""
    if codes is not None:
        names = list(codes.by_label())
        return names[min(place, len(names) - 1)]
    if unit is units.FLAG:
        return "是"
    if unit is units.DATE:
        return f"{2025 + place}-01-01"
    least = -(-(minimum or 0) // unit.scale)
    value = max(1, least) + place
    if maximum is not None and value * unit.scale > maximum:
        return say(maximum, unit).removesuffix(unit.label).strip()
    return f"{value}"
