"""A pack as a district sends it in: a zip of its folder, or one YAML file of values that amend the pack it goes by.

The answer is the text of the pack with all that it inherits (core.packs.freezing), checked. What it inherits comes from the file itself,
from the pack that it amends, or from the shipped packs.
"""

import io
import tempfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import yaml

from qinglan.core.packs.errors import PackError, Problem
from qinglan.core.packs.freezing import Texts, freeze, write
from qinglan.core.packs.items import Items
from qinglan.core.packs.loading import NAME, load
from qinglan.core.packs.located import MAX_BYTES, parse
from qinglan.core.packs.pack import Pack

MAX_FILES = 200
MAX_TOTAL = 20_000_000
VALUES = "values.yaml"


def amending(
    raw: bytes, file: str, base: Texts, base_name: str, head: dict[str, str], items: Items
) -> tuple[Texts, Pack]:
    """The pack `head` (name, title, version) that takes over `base` with the values of one YAML file. Raises PackError."""
    text = _text(raw, file)
    manifest = {**head, "inherits": [base_name], "amends": "true"}
    name = head["name"]
    made = yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False)
    try:
        return _checked({**base, f"{name}/pack.yaml": made, f"{name}/{VALUES}": text}, name, items)
    except PackError as error:  # told by the name that the file has for who sent it
        ours = f"{name}/{VALUES}"
        raise PackError([replace(one, file=file) if one.file == ours else one for one in error.problems]) from None


def folder(raw: bytes, file: str, base: Texts, items: Items) -> tuple[Texts, Pack]:
    """The pack in a zip of its folder: *.yaml with one pack.yaml, at the top or in one folder. Raises PackError."""
    parts = _unzipped(raw, file)
    manifest = parse(parts["pack.yaml"].encode(), "pack.yaml")
    name = manifest.data.get("name") if isinstance(manifest.data, dict) else None
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise PackError(
            [manifest.problem(("name",), "没有写政策包的名称，或写得不对", "写上 name: …，用小写字母、数字、- 和 _")]
        )
    clash = any(path.startswith(f"{name}/") for path in base)
    beside = {path: text for path, text in base.items() if not path.startswith(f"{name}/")} if clash else dict(base)
    return _checked({**beside, **{f"{name}/{path}": text for path, text in parts.items()}}, name, items)


def _checked(texts: Texts, name: str, items: Items) -> tuple[Texts, Pack]:
    """The pack loaded whole, and only those texts that it stands on."""
    with tempfile.TemporaryDirectory() as place:
        write(texts, Path(place))
        pack = load(Path(place) / name, items)
        return freeze(Path(place) / name), pack


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
        found[short] = _text(content, short)
    return found


def _text(raw: bytes, file: str) -> str:
    if len(raw) > MAX_BYTES:
        raise PackError([Problem(file, 0, "", "文件太大", f"每个文件不超过 {MAX_BYTES:,} 字节")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError([Problem(file, 0, "", "不是 UTF-8 编码的文本", "用文本编辑器另存为 UTF-8")]) from error
