"""Loads a pack folder and what it inherits into one Pack; refuses with every problem in words.

Folder: pack.yaml (name, title, version, district, inherits, documents, complete, changelog) and rule files *.yaml, each a mapping
item id → {note?, values: [{since, source | setting, value}]}. Any single value may be written {value: …, source | setting: …}.
A child's item replaces the parent's whole item, or with `amends: true` from its first day on; parents are read in the order given, later
ones over earlier ones.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path as File

from qinglan.core.packs.errors import PackError, Problem
from qinglan.core.packs.items import Items
from qinglan.core.packs.located import Located, Path, read
from qinglan.core.packs.pack import Entry, Pack, amended, items_missing
from qinglan.core.packs.reading import EntryReader

SHIPPED = File(__file__).parents[2] / "packs"
MANIFEST_KEYS = {
    "name",
    "title",
    "version",
    "district",
    "inherits",
    "documents",
    "complete",
    "amends",
    "changelog",
    "description",
}
MANIFEST_WORDS = {"name": "名称，与文件夹相同", "title": "标题", "version": "版本"}
NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def shipped() -> list[str]:
    """Names of the packs that come with Qinglan."""
    return sorted(folder.name for folder in SHIPPED.iterdir() if (folder / "pack.yaml").exists())


def find(name_or_folder: str | File) -> File:
    """The folder of a shipped pack by name, or the folder itself. Raises PackError."""
    for folder in (File(name_or_folder), SHIPPED / str(name_or_folder)):
        try:
            if (folder / "pack.yaml").exists():
                return folder
        except (OSError, ValueError):  # a name that can be no path, a folder that must not be read
            continue
    raise PackError([Problem(str(name_or_folder), 0, "", "找不到这个政策包", f"可用的有：{'、'.join(shipped())}")])


def load(name_or_folder: str | File, items: Items, *, complete: bool = True) -> Pack:
    """The checked pack with its parents merged in. Raises PackError with every problem found.

    `complete` False lets a pack that calls itself complete lack items: those of a release later than the pack.
    """
    return _load(find(name_or_folder).resolve(), items, (), {}, complete)


def _load(
    folder: File, items: Items, children: tuple[str, ...], loaded: dict[File, Pack], complete: bool = True
) -> Pack:
    """`children` are the packs that wait for this one; `loaded` keeps parents that several of them share."""
    if folder in loaded:
        return loaded[folder]
    manifest = read(folder / "pack.yaml", f"{folder.name}/pack.yaml")
    problems = _check_manifest(manifest, folder)
    if problems:
        raise PackError(problems)
    head = manifest.data
    name = head["name"]
    if name in children:
        raise PackError(
            [
                manifest.problem(
                    ("inherits",), f"「{name}」绕了一圈继承自己（{' → '.join((*children, name))}）", "去掉其中一处继承"
                )
            ]
        )
    entries: dict[str, Entry] = {}
    documents: dict[str, str] = {}
    for parent_name in head.get("inherits") or []:
        parent = _load(_parent_folder(folder, parent_name).resolve(), items, (*children, name), loaded, complete)
        entries.update(parent.entries)
        documents.update(parent.documents)
    documents.update({key: str(value) for key, value in (head.get("documents") or {}).items()})
    for file in sorted(folder.glob("*.yaml")):
        if file.name == "pack.yaml":
            continue
        try:
            located = read(file, f"{folder.name}/{file.name}")
        except PackError as error:
            problems += error.problems
            continue
        reader = EntryReader(located, items, documents, name)
        own = reader.entries()
        entries = amended(entries, own) if head.get("amends") == "true" else {**entries, **own}
        problems += reader.problems
    if complete and head.get("complete") == "true" and not problems:
        problems += [
            manifest.problem(("complete",), f"缺「{item.label}」（{item.id}）", "写上它，或继承一个写了它的政策包")
            for item in items_missing(entries, items)
        ]
    if problems:
        raise PackError(problems)
    loaded[folder] = Pack(
        name=name,
        title=head["title"],
        version=head["version"],
        district=head.get("district", ""),
        inherits=tuple(head.get("inherits") or ()),
        entries=entries,
        documents=documents,
        hash=values_hash(entries),
        changelog=tuple(head.get("changelog") or ()),
    )
    return loaded[folder]


def _parent_folder(folder: File, name: str) -> File:
    """Where a parent stands: beside the pack, else among the shipped ones."""
    beside = folder.parent / name
    return beside if (beside / "pack.yaml").exists() else SHIPPED / name


def _check_manifest(manifest: Located, folder: File) -> list[Problem]:
    head = manifest.data
    if not isinstance(head, dict):
        return [manifest.problem((), "pack.yaml 不是「名称: 内容」的样子", "至少写 name、title、version")]
    problems = []

    def bad(path: Path, wrong: str, right: str) -> None:
        problems.append(manifest.problem(path, wrong, right))

    for key in head:
        if key not in MANIFEST_KEYS:
            bad((key,), f"不认识的键「{key}」", f"可用：{'、'.join(sorted(MANIFEST_KEYS))}")
    for key in ("name", "title", "version"):
        if not isinstance(head.get(key), str) or not head[key]:
            bad((key,), f"缺 {key}（{MANIFEST_WORDS[key]}）", f"写上 {key}: …")
    for key in ("district", "description"):
        if not isinstance(head.get(key, ""), str):
            bad((key,), f"{key} 应是一个值", "冒号后只写一个值")
    if isinstance(head.get("name"), str) and head["name"] and head["name"] != folder.name:
        bad(("name",), f"名称「{head['name']}」与文件夹「{folder.name}」不同", "两者写成一样")
    if head.get("complete", "false") not in ("true", "false"):
        bad(("complete",), "complete 只能是 true 或 false", "全部条目都要有值的政策包写 true，否则删去这一行")
    if head.get("amends", "false") not in ("true", "false"):
        bad(("amends",), "amends 只能是 true 或 false", "只改上级政策包几个值的写 true，否则删去这一行")
    elif head.get("amends") == "true" and not head.get("inherits"):
        bad(("amends",), "amends 是改上级政策包的值，却没有写继承哪一个", "在 inherits 里写上它")
    for key, kind, words in (
        ("inherits", list, "列表，如 [national]"),
        ("documents", dict, "一张表，每行写 代号: 文件名称"),
        ("changelog", list, "列表，每行以 - 开头"),
    ):
        part = head.get(key) or kind()
        if not isinstance(part, kind):
            bad((key,), f"{key} 写得不对", f"应是{words}")
            continue
        for place, one in part.items() if isinstance(part, dict) else enumerate(part):
            if not isinstance(one, str) or not one:
                bad((key, place), f"{key} 的这一项不是一句文字", f"应是{words}")
            elif key == "inherits" and not (
                NAME.fullmatch(one) and (_parent_folder(folder, one) / "pack.yaml").exists()
            ):
                bad(
                    (key, place),
                    f"找不到上级政策包「{one}」",
                    f"可继承的有：{'、'.join(shipped())}，或放在同一处的政策包",
                )
    return problems


def values_hash(entries: Mapping[str, Entry]) -> str:
    """SHA-256 of the canonical form of all values with their days and sources: equal hash, equal results."""
    canonical = [
        [
            key,
            [
                [
                    dated.since.isoformat(),
                    json.loads(entries[key].item.shape.adapter.dump_json(dated.value)),
                    str(dated.source or ""),
                    sorted(["/".join(map(str, path)), str(source)] for path, source in dated.sources.items()),
                ]
                for dated in entries[key].values
            ],
        ]
        for key in sorted(entries)
    ]
    text = json.dumps(canonical, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
