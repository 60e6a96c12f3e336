"""Turns pydantic's errors into two short sentences for a policy officer: what is wrong, what would be right."""

from typing import Any

TRANSLATIONS = {
    "missing": ("缺这一项", "补上它"),
    "extra_forbidden": ("这里没有这一项", "删去它，或检查名称有没有写错"),
    "string_type": ("应是一个值，不是列表或键值", "只写一个值"),
    "list_type": ("应是列表", "每行以 - 开头"),
    "dict_type": ("应是键值", "每行写 名称: 值"),
    "model_type": ("应是键值", "每行写 名称: 值"),
    "model_attributes_type": ("应是键值", "每行写 名称: 值"),
    "too_short": ("太少", "至少写一行"),
}


def translate(detail: Any) -> tuple[str, str]:
    """(what is wrong, what would be right) for one error of pydantic."""
    context = detail.get("ctx") or {}
    if "right" in context:
        return str(detail["msg"]), str(context["right"])
    wrong, right = TRANSLATIONS.get(
        detail["type"], (f"值不对（{detail['msg']}）", "见这个条目的说明：qinglan pack explain")
    )
    written = detail.get("input")
    if isinstance(written, str) and detail["type"] != "missing":
        wrong = f"{wrong}（写的是「{written}」）"
    return wrong, right
