"""The JSON Schema of rule files, generated from the items: editors then complete names and mark slips while one types.

What a schema cannot say (weights make 100 %, brackets join, bands rise) the loader checks.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from qinglan.core.packs.items import Item, Items

SOURCE = {
    "type": "object",
    "description": "依据：文件代号（在 pack.yaml 的 documents 里登记）和条款",
    "properties": {"document": {"type": "string"}, "clause": {"type": "string"}},
    "required": ["document"],
    "additionalProperties": False,
}
SETTING = {"type": "string", "minLength": 2, "description": "本区设定：写明理由"}
DATE = {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$", "description": "从哪一天起，如 2025-01-01"}


def rule_files(items: Items) -> dict[str, Any]:
    """The schema of every rule file of a pack (pack.yaml itself excepted), as JSON data."""
    leaves: dict[str, Any] = {}
    properties = {item.id: _entry(item, leaves) for item in sorted(items.values(), key=lambda one: one.id)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "青蓝政策包的规则文件",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": {"source": SOURCE, "setting": SETTING, "since": DATE, **dict(sorted(leaves.items()))},
    }


def _entry(item: Item, leaves: dict[str, Any]) -> dict[str, Any]:
    """The schema of one item: a note and dated values."""
    dated = {
        "type": "object",
        "properties": {
            "since": {"$ref": "#/$defs/since"},
            "source": {"$ref": "#/$defs/source"},
            "setting": {"$ref": "#/$defs/setting"},
            "value": _sourced(_plain(item.shape.adapter.json_schema(by_alias=True)), leaves, whole=True),
        },
        "required": ["since", "value"],
        "additionalProperties": False,
        "not": {"required": ["source", "setting"]},
    }
    return {
        "title": item.label,
        "description": item.help or item.label,
        "type": "object",
        "properties": {"note": {"type": "string"}, "values": {"type": "array", "minItems": 1, "items": dated}},
        "required": ["values"],
        "additionalProperties": False,
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """pydantic's schema with its definitions put in place and its titles and defaults (codes, not words) left out."""
    definitions: Mapping[str, Any] = schema.get("$defs", {})

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(child) for child in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return walk(definitions[node["$ref"].rpartition("/")[2]])
        result = {key: walk(child) for key, child in node.items() if key not in ("$defs", "title", "default")}
        if "properties" in node:
            result["properties"] = {name: walk(child) for name, child in node["properties"].items()}
        return result

    plain: dict[str, Any] = walk(schema)
    return plain


def _sourced(schema: dict[str, Any], leaves: dict[str, Any], *, whole: bool = False) -> dict[str, Any]:
    """Any part of a value may be written {value: …, source | setting: …}; single values are shared in `leaves`.

    The `whole` value has its source beside it, so editors need not offer that form for it.
    """
    inner = dict(schema)
    if "properties" in inner:
        inner["properties"] = {name: _sourced(child, leaves) for name, child in inner["properties"].items()}
    if isinstance(inner.get("items"), dict):
        inner["items"] = _sourced(inner["items"], leaves)
    if inner != schema:
        return inner if whole else {"anyOf": [inner, _wrapped(schema)]}
    text = json.dumps(schema, ensure_ascii=False, sort_keys=True)
    name = f"value-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    leaves[name] = {"anyOf": [schema, _wrapped(schema)]}
    return {"$ref": f"#/$defs/{name}"}


def _wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "value": schema,
            "source": {"$ref": "#/$defs/source"},
            "setting": {"$ref": "#/$defs/setting"},
        },
        "required": ["value"],
        "oneOf": [{"required": ["source"]}, {"required": ["setting"]}],
        "additionalProperties": False,
    }
