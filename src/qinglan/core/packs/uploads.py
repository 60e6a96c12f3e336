"""A pack as a district sends it in: a zip of its folder, or one YAML file of values that amend the pack it goes by.

The answer is the text of the pack with all that it inherits (core.packs.freezing), checked. What it inherits comes from the file itself,
from the pack that it amends, or from the shipped packs.
"""

import io
import lzma
import tempfile
import zipfile
import zlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import yaml

from qinglan.core.packs.errors import PackError, Problem
from qinglan.core.packs.freezing import Texts, freeze, write
from qinglan.core.packs.items import Items
from qinglan.core.packs.loading import NAME, load
from qinglan.core.packs.located import MAX_BYTES, parse
from qinglan.core.packs.pack import Pack, items_missing

MAX_FILES = 200
MAX_FILE_NAME = 200  # bytes: what every file system takes
MAX_TOTAL = 2_000_000
MAX_NAME, MAX_TITLE, MAX_VERSION = 60, 120, 40
VALUES = "values.yaml"


def amending(
    raw: bytes, file: str, base: Texts, base_name: str, head: dict[str, str], items: Items, since: date
) -> tuple[Texts, Pack]:
    """The pack `head` (name, title, version) that takes over `base` with the values of one YAML file. Raises PackError."""
    text = _text(raw, file)
    manifest = {**head, "inherits": [base_name], "amends": "true"}
    name = head["name"]
    made = yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False)
    try:
        return _checked({**base, f"{name}/pack.yaml": made, f"{name}/{VALUES}": text}, name, items, since)
    except PackError as error:  # told by the name that the file has for who sent it
        ours = f"{name}/{VALUES}"
        raise PackError([replace(one, file=file) if one.file == ours else one for one in error.problems]) from None


def folder(raw: bytes, file: str, base: Texts, items: Items, since: date) -> tuple[Texts, Pack]:
    """The pack in a zip of its folder: *.yaml with one pack.yaml, at the top or in one folder. Raises PackError."""
    parts = _unzipped(raw, file)
    manifest = parse(parts["pack.yaml"].encode(), "pack.yaml")
    name = manifest.data.get("name") if isinstance(manifest.data, dict) else None
    if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise PackError(
            [manifest.problem(("name",), "没有写政策包的名称，或写得不对", "写上 name: …，用小写字母、数字、- 和 _")]
        )
    clash = any(path.startswith(f"{name}/") for path in base)
    beside = {path: text for path, text in base.items() if not path.startswith(f"{name}/")} if clash else dict(base)
    return _checked({**beside, **{f"{name}/{path}": text for path, text in parts.items()}}, name, items, since)


def _checked(texts: Texts, name: str, items: Items, since: date) -> tuple[Texts, Pack]:
    """The pack loaded whole, every item that it needs in force on `since`, and only those texts that it stands on."""
    with tempfile.TemporaryDirectory() as place:
        write(texts, Path(place))
        # Its parents may be older than this release: what the whole lacks is looked at once, below.
        pack = load(Path(place) / name, items, complete=False)
        kept = freeze(Path(place) / name)
    head = f"{name}/pack.yaml"
    in_force = {key: entry for key, entry in pack.entries.items() if entry.on(since) is not None}
    problems = [
        Problem(
            head,
            0,
            item.id,
            f"{since} 没有「{item.label}」的值",
            "写上它，起始日不晚于这一天，或继承一个写了它的政策包",
        )
        for item in items_missing(in_force, items)
    ]
    for label, text, most in (("标题", pack.title, MAX_TITLE), ("版本", pack.version, MAX_VERSION)):
        if len(text) > most:
            problems.append(Problem(head, 0, "", f"{label}太长", f"不超过 {most} 字"))
    if problems:
        raise PackError(problems)
    return kept, pack


def _unzipped(raw: bytes, file: str) -> dict[str, str]:
    """{file name: text} of the one folder in a zip. Raises PackError."""

    def refuse(wrong: str, right: str) -> PackError:
        return PackError([Problem(file, 0, "", wrong, right)])

    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        entries = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
        if len(entries) > MAX_FILES or sum(one.file_size for one in entries) > MAX_TOTAL:
            raise refuse(
                "压缩包太大", f"最多 {MAX_FILES} 个文件、合计 {MAX_TOTAL // 1_000_000} MB，只放政策包的 yaml 文件"
            )
        files = {one.filename: archive.read(one) for one in entries if one.filename.endswith((".yaml", ".yml"))}
    except PackError:
        raise
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise refuse("打不开这个压缩包", "请用 zip 格式、不加密，直接压缩政策包的文件夹") from error
    heads = [name for name in files if name.rsplit("/", 1)[-1] == "pack.yaml"]
    if len(heads) != 1:
        raise refuse(f"压缩包里有 {len(heads)} 个 pack.yaml", "一次只放一个政策包的文件夹，里面有一个 pack.yaml")
    top = heads[0][: -len("pack.yaml")]
    found = {}
    for name, content in files.items():
        if not name.startswith(top) or "/" in name[len(top) :]:
            raise refuse(
                f"「{name}」不在政策包的文件夹里", "所有 yaml 文件与 pack.yaml 放在同一个文件夹，不要再分子文件夹"
            )
        short = name[len(top) :].removesuffix(".yml").removesuffix(".yaml") + ".yaml"
        if short in found:
            raise refuse(f"「{short}」有两份", "同一个文件只放一份，.yaml 和 .yml 算同名")
        if len(short.encode()) > MAX_FILE_NAME:
            raise refuse(f"文件名「{short[:20]}…」太长", "把文件名改短")
        found[short] = _text(content, short)
    return found


def _text(raw: bytes, file: str) -> str:
    if len(raw) > MAX_BYTES:
        raise PackError([Problem(file, 0, "", "文件太大", f"每个文件不超过 {MAX_BYTES:,} 字节")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError([Problem(file, 0, "", "不是 UTF-8 编码的文本", "用文本编辑器另存为 UTF-8")]) from error
