"""Turns pydantic's errors into two short sentences for a policy officer: what is wrong, what would be right."""

from typing import Any

TRANSLATIONS = {
    "string_type": ("应是一个值，不是列表或表", "只写一个值"),
    "list_type": ("应是列表", "每行以 - 开头"),
    "dict_type": ("应是一张表", "每行写 名称: 值"),
    "model_type": ("应是一张表", "每行写 名称: 值"),
    "model_attributes_type": ("应是一张表", "每行写 名称: 值"),
}


def translate(detail: Any, item: str) -> tuple[str, str]:
    """(what is wrong, what would be right) for one error of pydantic in a value of `item`."""
    context = detail.get("ctx") or {}
    name = detail["loc"][-1] if detail["loc"] else ""
    if detail["type"] == "missing":
        return f"缺「{name}」", f"补上 {name}: …"
    if detail["type"] == "extra_forbidden":
        return f"这里没有「{name}」这一项", f"删去它；名称怎样写，见 qinglan pack explain {item}"
    if "right" in context:
        return str(detail["msg"]), str(context["right"])
    wrong, right = TRANSLATIONS.get(detail["type"], ("值不对", f"怎样写，见 qinglan pack explain {item}"))
    written = detail.get("input")
    if isinstance(written, str):
        wrong = f"{wrong}（写的是「{written}」）"
    return wrong, right
