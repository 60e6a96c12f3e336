"""The text of a pack with all that it inherits, kept so that a run explains and verifies itself by it years later."""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

from qinglan.core.packs.items import Items
from qinglan.core.packs.loading import SHIPPED, find, load
from qinglan.core.packs.located import LOADER
from qinglan.core.packs.pack import Pack

Texts = Mapping[str, str]


def freeze(name_or_folder: str | Path) -> dict[str, str]:
    """{"pack/file.yaml": text} of the pack and of every pack it inherits from. Raises PackError when there is no such pack."""
    texts: dict[str, str] = {}
    waiting = [find(name_or_folder).resolve()]
    while waiting:
        folder = waiting.pop()
        if f"{folder.name}/pack.yaml" in texts:
            continue
        for file in sorted(folder.glob("*.yaml")):
            texts[f"{folder.name}/{file.name}"] = file.read_text(encoding="utf-8")
        head = yaml.load(texts[f"{folder.name}/pack.yaml"], LOADER)
        for parent in head.get("inherits") or ():
            beside = folder.parent / parent
            waiting.append((beside if (beside / "pack.yaml").exists() else SHIPPED / parent).resolve())
    return dict(sorted(texts.items()))


def digest(texts: Texts) -> str:
    """SHA-256 of the texts as JSON with sorted keys: one content, one digest."""
    plain = json.dumps(dict(texts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def write(texts: Texts, folder: Path) -> None:
    """The texts as files under `folder`, each pack in a folder of its own."""
    for name, text in texts.items():
        pack, file = name.split("/")
        (folder / pack).mkdir(parents=True, exist_ok=True)
        (folder / pack / file).write_text(text, encoding="utf-8")


def thaw(texts: Texts, name: str, items: Items, *, complete: bool = False) -> Pack:
    """The pack `name` as it was frozen; items that came later are absent from it, unless it must be `complete`. Raises PackError."""
    with tempfile.TemporaryDirectory() as folder:
        write(texts, Path(folder))
        return load(Path(folder) / name, items, complete=complete)
