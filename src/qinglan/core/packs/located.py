"""Reads YAML into plain values that remember their line. Only what a pack needs: mappings, lists and scalars as text.

Anchors, aliases, tags, duplicate keys and very large or deep files are refused: a pack is data from outside.
"""

from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import yaml

from qinglan.core.packs.errors import PackError, Problem

Path = tuple[str | int, ...]
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where it is there, is ten times as fast
MAX_BYTES = 2_000_000
MAX_DEPTH = 12
PLAIN_TAGS = {
    "tag:yaml.org,2002:" + name for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
}


@dataclass
class Located:
    """`data` (dict, list, str; an empty scalar is "") and the line of each path in it."""

    file: str
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """Line of the path, or of the nearest enclosing one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, wrong: str, right: str) -> Problem:
        steps = (f"第 {part + 1} 项" if isinstance(part, int) else part for part in path)
        return Problem(self.file, self.line(path), " → ".join(steps), wrong, right)


def read(file: File, name: str) -> Located:
    """The file as a Located; `name` is how problems call it. Raises PackError."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        problem = Problem(name, 0, "", "文件读不出来", "检查它是不是普通文件、有没有读的权限")
        raise PackError([problem]) from error
    return parse(raw, name)


def parse(raw: bytes, name: str) -> Located:
    """The bytes of a YAML file as a Located; `name` is how problems call it. Raises PackError."""

    def refuse(line: int, wrong: str, right: str) -> PackError:
        return PackError([Problem(name, line, "", wrong, right)])

    if len(raw) > MAX_BYTES:
        raise refuse(0, "文件太大", f"每个文件不超过 {MAX_BYTES:,} 字节")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(raw[: error.start].count(b"\n") + 1, "文件不是 UTF-8 编码", "请用 UTF-8 另存") from error
    try:
        depth = 0
        for event in yaml.parse(text, Loader=LOADER):
            line = event.start_mark.line + 1  # type: ignore[union-attr]
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if getattr(event, "anchor", None):
                raise refuse(line, "用了锚点或别名（& 或 *）", "政策包里每个值都写全，不用引用")
            if depth > MAX_DEPTH:
                raise refuse(line, "层级太深", f"不超过 {MAX_DEPTH} 层")
        node = yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        position = getattr(error, "position", None)
        line = mark.line + 1 if mark else text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
        lines = text.splitlines()
        raise refuse(line, *_unreadable(error, lines[line - 1] if 0 < line <= len(lines) else "")) from error
    located = Located(name, {})
    if node is not None:
        located.data = _plain(node, (), located)
    return located


def _unreadable(error: Exception, written: str) -> tuple[str, str]:
    """(what is wrong, what would be right) for a text that is no YAML; `written` is the line at which it stops."""
    if isinstance(error, yaml.reader.ReaderError):
        return "有看不见的控制字符", "删去它，重打这一行"
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "用了制表符（Tab）", "缩进改用空格"
    if "single document" in str(error):
        return "一个文件里写了两份内容（---）", "去掉 --- 这一行，或分成两个文件"
    return "格式读不懂", "检查这一行和上一行：冒号后的空格、缩进、引号和括号是否成对"


def _plain(node: yaml.Node, path: Path, located: Located) -> Any:
    located.lines[path] = node.start_mark.line + 1
    if node.tag not in PLAIN_TAGS:
        raise PackError([located.problem(path, f"有标签「{node.tag}」", "去掉标签，只写文字、数字、列表和键值")])
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag not in PLAIN_TAGS:
                raise PackError([located.problem(path, "冒号左边不是一个名称", "冒号左边写一个名称，不用标签和 <<")])
            key = key_node.value
            if key in result:
                located.lines[(*path, key)] = key_node.start_mark.line + 1
                raise PackError([located.problem((*path, key), f"「{key}」写了两次", "留下一个")])
            result[key] = _plain(value_node, (*path, key), located)
            located.lines[(*path, key)] = key_node.start_mark.line + 1
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, index), located) for index, child in enumerate(node.value)]
    return "" if node.tag.endswith(":null") else node.value
