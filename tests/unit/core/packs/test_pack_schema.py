"""The JSON Schema for editors: current in docs, accepts every shipped rule file, marks what a schema can mark."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from qinglan.commands.packs import pack as command
from qinglan.core.packs.loading import SHIPPED
from qinglan.core.packs.schema import rule_files
from qinglan.core.rules.explaining import example, schema_text
from qinglan.core.rules.registry import ITEMS

COMMITTED = Path(__file__).parents[4] / "docs" / "reference" / "pack.schema.json"
BROKEN = Path(__file__).parents[3] / "data" / "packs" / "broken"
SCHEMA = rule_files(ITEMS)
TYPES = {"object": dict, "array": list, "string": str, "number": (int, float), "boolean": bool, "null": type(None)}
MARKED = {
    "unknown_item", "misspelt_item", "unknown_key_in_shape", "weights_misspelt_name", "bands_grade_not_listed",
    "bands_without_meaning", "source_and_setting", "source_without_document", "source_unknown_key", "date_in_words",
    "no_date", "no_value", "values_missing", "unknown_key_in_value", "unknown_key_in_item", "list_for_a_number",
    "number_for_a_table", "flag_not_yes_or_no", "code_not_listed", "post_not_listed", "file_is_a_list",
    "bracket_without_rate", "cap_without_ceiling", "ladder_without_column",
}  # fmt: skip


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether `value` is valid: the part of JSON Schema that ours uses; an unknown keyword is an error."""
    for key, want in schema.items():
        match key:
            case "$schema" | "$defs" | "title" | "description" | "format" | "properties":
                good = True
            case "$ref":
                good = fits(value, SCHEMA["$defs"][want.rpartition("/")[2]])
            case "type":
                kinds = [want] if isinstance(want, str) else want
                good = any(isinstance(value, TYPES[kind]) for kind in kinds)
            case "enum":
                good = value in want
            case "anyOf":
                good = any(fits(value, one) for one in want)
            case "oneOf":
                good = sum(fits(value, one) for one in want) == 1
            case "not":
                good = not fits(value, want)
            case "required":
                good = isinstance(value, dict) and all(name in value for name in want)
            case "pattern":
                good = re.search(want, str(value)) is not None
            case "minLength" | "minItems":
                good = len(value) >= want
            case "items":
                good = isinstance(value, list) and all(fits(one, want) for one in value)
            case "propertyNames":
                good = isinstance(value, dict) and all(fits(one, want) for one in value)
            case "additionalProperties":
                known = schema.get("properties", {})
                rest = [one for name, one in value.items() if name not in known] if isinstance(value, dict) else []
                good = not rest if want is False else all(fits(one, want) for one in rest)
            case _:
                raise AssertionError(f"unknown keyword {key}")
        if not good:
            return False
    known = schema.get("properties", {})
    return not isinstance(value, dict) or all(fits(one, known[name]) for name, one in value.items() if name in known)


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2 as editors read it: dates stay text, numbers are numbers."""


EditorLoader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def as_editor(text: str) -> Any:
    return yaml.load(text, Loader=EditorLoader)


def test_the_committed_schema_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(ITEMS), (
        "run: qinglan pack schema --out docs/reference/pack.schema.json"
    )


def test_the_command_writes_and_checks_it(tmp_path: Path) -> None:
    file = tmp_path / "pack.schema.json"
    run = CliRunner().invoke
    assert run(command, ["schema", "--out", str(file), "--check"]).exit_code == 1
    assert run(command, ["schema", "--out", str(file)]).exit_code == 0
    assert run(command, ["schema", "--out", str(file), "--check"]).exit_code == 0
    assert json.loads(run(command, ["schema"]).stdout) == json.loads(file.read_text(encoding="utf-8")) == SCHEMA


@pytest.mark.parametrize(
    "file",
    [path for path in SHIPPED.glob("*/*.yaml") if path.name != "pack.yaml"],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_shipped_rule_files_fit(file: Path) -> None:
    data = as_editor(file.read_text(encoding="utf-8"))
    wrong = [name for name, entry in data.items() if not fits({name: entry}, SCHEMA)]
    assert not wrong


@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_examples_fit(item) -> None:
    assert fits(as_editor(example(item)), SCHEMA)


@pytest.mark.parametrize("name", sorted(MARKED))
def test_what_a_schema_can_see_is_marked(name: str) -> None:
    assert not fits(as_editor((BROKEN / name / "rules.yaml").read_text(encoding="utf-8")), SCHEMA)
