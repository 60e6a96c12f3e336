"""Cards as files for officers who like them: one format with data/cards. A file is data and nothing else: tags, anchors and aliases are
refused, and every problem is named with its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from qinglan.apps.assistant.queries.card_checks import read
from qinglan.apps.assistant.queries.card_words import LABELS
from qinglan.core.retrieval.cards import Card

MOST_CARDS, MOST_DEPTH, MOST_EVENTS = 500, 6, 200_000
MEND = {
    "questions": "对照“导出为文件”的样子改。", "law": "写成 - {name: 老年人权益保障法, articles: [\"33\"]}。",
    "items": "已有的卡片写它的编号，例如 items: [\"35\"]；新卡片不写 items。", "checked": "写成年-月-日，例如 2026-11-22。",
}  # fmt: skip


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong in a file: where, what, how to mend it."""

    file: str
    line: int
    field: str
    wrong: str
    right: str


class FileError(Exception):
    """A file that cannot be taken; `problems` lists everything at once."""

    def __init__(self, problems: list[Wrong]) -> None:
        super().__init__("\n".join(f"{one.file} 第 {one.line} 行：{one.wrong}" for one in problems))
        self.problems = problems


def written(cards: list[Card]) -> str:
    """Cards as a file."""
    plain = [
        {name: value for name, value in card.model_dump().items() if name != "part" or value > 1} for card in cards
    ]
    return str(yaml.dump(_lists(plain), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120))


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(one) for key, one in value.items()}
    return [_lists(one) for one in value] if isinstance(value, list | tuple) else value


def parsed(raw: bytes, name: str, new_key: str) -> list[tuple[Card, int]]:
    """(card, its line) of each card of a file; a card without `items` gets `new_key`. FileError with everything that is wrong."""
    text = _text(raw, name)
    _only_data(text, name)
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise FileError([_broken(error, name)]) from None
    all_nodes = root.value if isinstance(root, yaml.SequenceNode) else [root]
    nodes = [one for one in all_nodes if isinstance(one, yaml.MappingNode)]
    if not nodes or len(nodes) < len(all_nodes):
        raise FileError([Wrong(name, 1, "", "文件里没有卡片。", "应是卡片的列表，每张从“- items:”或“- title:”开始。")])
    if len(nodes) > MOST_CARDS:
        raise FileError(
            [Wrong(name, 1, "", f"一个文件里有 {len(nodes)} 张卡片，最多 {MOST_CARDS} 张。", "请分成几个文件。")]
        )
    cards: list[tuple[Card, int]] = []
    problems: list[Wrong] = []
    for node in nodes:
        doubles = list(_doubles(node, name))
        problems += doubles
        if doubles:
            continue
        lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
        first = node.start_mark.line + 1
        plain = _plain(node, new_key)
        if plain is None:
            problems.append(
                Wrong(name, first, "", "这张卡片里有读不出的日期或数。", "日期写成 2026-11-22；编号和条款号加引号。")
            )
            continue
        card, wrong = read(plain)
        problems += [
            Wrong(
                name,
                lines.get(field or said.split(" ")[0], first),
                LABELS.get(field, field),
                said,
                MEND.get(field, "改正这一项后整个文件再传一次。"),
            )
            for field, said in wrong
        ]
        if card is not None:
            cards.append((card, first))
    counts = Counter(card.key for card, _ in cards if card.key != new_key)
    problems += [
        Wrong(name, line, LABELS["title"], f"编号 {card.key} 在文件里有 {counts[card.key]} 张卡片。", "只留一张。")
        for card, line in cards
        if counts[card.key] > 1
    ]
    if problems:
        raise FileError(problems)
    return cards


def _text(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FileError([Wrong(name, line, "", "文件不是 UTF-8 编码。", "用记事本另存为，编码选 UTF-8。")]) from None


def _only_data(text: str, name: str) -> None:
    """Nothing in it refers to anything, names a type or goes deep: FileError otherwise."""
    depth = 0
    try:
        for number, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise FileError(
                    [
                        Wrong(
                            name,
                            line,
                            "",
                            "用了 & 或 * 的引用，卡片文件里不能用。",
                            "把内容直接写出来；以 & 或 * 开头的文字请加引号。",
                        )
                    ]
                )
            if getattr(event, "tag", None):
                raise FileError(
                    [
                        Wrong(
                            name,
                            line,
                            "",
                            "用了以 ! 开头的标记，卡片文件里不能用。",
                            "删去标记；以 ! 开头的文字请加引号。",
                        )
                    ]
                )
            if isinstance(event, yaml.DocumentStartEvent) and event.explicit and number > 1:
                raise FileError([Wrong(name, line, "", "一个文件里有几段（---）。", "只留一段。")])
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH or number > MOST_EVENTS:
                raise FileError(
                    [Wrong(name, line, "", "层次太深或内容太多，不是卡片文件。", "对照“导出为文件”的样子改。")]
                )
    except yaml.YAMLError as error:
        raise FileError([_broken(error, name)]) from None


def _broken(error: yaml.YAMLError, name: str) -> Wrong:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    return Wrong(
        name, line, "", "从这一行起不是有效的 YAML。", "看缩进、引号和冒号：冒号后面空一格，含“: ”或“#”的文字加引号。"
    )


def _doubles(node: yaml.MappingNode, name: str) -> Iterator[Wrong]:
    """Names written twice: the first would be lost without a word."""
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in seen:
            shown = key.value if isinstance(key, yaml.ScalarNode) else "（不是文字）"
            yield Wrong(name, key.start_mark.line + 1, str(shown), "这一项写了两次，或名称不是文字。", "只留一处。")
            continue
        seen.add(key.value)
        if isinstance(value, yaml.MappingNode):
            yield from _doubles(value, name)


def _plain(node: yaml.MappingNode, new_key: str) -> Any:
    try:
        plain = yaml.SafeLoader("").construct_document(node)
    except (yaml.YAMLError, ValueError):  # a day that there is not, and the like
        return None
    if isinstance(plain, dict) and "items" not in plain:
        plain["items"] = [new_key]
    return plain
