"""Reads the items of one rule file: dated values, their sources down to single rows, every problem in words."""

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from qinglan.core.packs.errors import Problem
from qinglan.core.packs.items import Item, Items
from qinglan.core.packs.located import Located, Path
from qinglan.core.packs.pack import Dated, Entry, Source
from qinglan.core.packs.words import translate

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
ENTRY_KEYS = {"note", "values"}
DATED_KEYS = {"since", "source", "setting", "value"}
LEAF_KEYS = ({"value", "source"}, {"value", "setting"})


class EntryReader:
    """Reads `located` once; `problems` then holds everything that is wrong in it."""

    def __init__(self, located: Located, items: Items, documents: Mapping[str, str], pack: str) -> None:
        self.located = located
        self.items = items
        self.documents = documents
        self.pack = pack
        self.problems: list[Problem] = []

    def entries(self) -> dict[str, Entry]:
        """The entries that are right; the others are in `problems`."""
        if not isinstance(self.located.data, dict):
            self._bad((), "文件不是「条目: 内容」的样子", "每个条目顶格写它的编号，如 pay.cert_allowance:")
            return {}
        found = {}
        for key, raw in self.located.data.items():
            item = self.items.get(key)
            if item is None:
                near = get_close_matches(key, self.items, n=1)
                right = f"是不是「{near[0]}」？" if near else "用 qinglan pack explain 查看可用的条目"
                self._bad((key,), f"没有「{key}」这个条目", right)
                continue
            before = len(self.problems)
            entry = self._entry(key, raw, item)
            if entry and len(self.problems) == before:
                found[key] = entry
        return found

    def _bad(self, path: Path, wrong: str, right: str) -> None:
        """Notes a problem; inside an item it begins with the item's label."""
        if len(path) > 1 and path[0] in self.items:
            wrong = f"{self.items[str(path[0])].label}：{wrong}"
        self.problems.append(self.located.problem(path, wrong, right))

    def _entry(self, key: str, raw: Any, item: Item) -> Entry | None:
        if not isinstance(raw, dict) or not isinstance(raw.get("values"), list) or not raw["values"]:
            self._bad((key, "values"), "没有 values 列表", "先写 values: ，下面每个值以 - since: 日期 开头")
            return None
        for name in raw:
            if name not in ENTRY_KEYS:
                self._bad((key, name), f"不认识的键「{name}」", "这里只写 note 和 values")
        read = [self._dated((key, "values", index), one, item) for index, one in enumerate(raw["values"])]
        dated = [one for one in read if one]
        for index in range(1, len(dated)):
            earlier, later = dated[index - 1].since, dated[index].since
            if later == earlier:
                self._bad((key, "values", index, "since"), f"起始日 {later} 写了两次", "每个日期留下一个")
            elif later < earlier:
                self._bad((key, "values", index, "since"), f"起始日 {later} 排在 {earlier} 之后", "按日期从早到晚排")
        return Entry(item, tuple(dated), str(raw.get("note", "")))

    def _dated(self, path: Path, raw: Any, item: Item) -> Dated | None:
        if not isinstance(raw, dict):
            self._bad(path, "这一项写得不完整", "写 since、source（或 setting）、value")
            return None
        for name in raw:
            if name not in DATED_KEYS:
                self._bad((*path, name), f"不认识的键「{name}」", "这里只写 since、source 或 setting、value")
        since = self._day((*path, "since"), raw.get("since", ""))
        if since is None:
            return None
        source = self._source(path, raw) if "source" in raw or "setting" in raw else None
        leaves: dict[Path, Source] = {}
        if "value" not in raw:
            self._bad(path, "没有写值", "补上 value: …")
            return None
        plain = self._unwrap((*path, "value"), raw["value"], (), leaves)
        if source is None and "source" not in raw and "setting" not in raw:
            bare = self._unsourced(plain, leaves)
            if bare:
                right = "写 source: {document: 文件, clause: 条款}，或 setting: 本区设定的理由"
                self._bad(path, "没有来源" if bare == [()] else f"{_names(bare)}没有来源", right)
        try:
            value = item.shape.adapter.validate_python(plain)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                inner = tuple(part for part in detail["loc"] if part != "[key]")
                self._bad((*path, "value", *inner), *translate(detail, item.id))
            return None
        return Dated(since, value, source, leaves, self.pack, self.located.file, self.located.line(path))

    def _day(self, path: Path, raw: Any) -> date | None:
        if raw == "":
            self._bad(path, "没有起始日", "写上从哪一天起，如 since: 2025-01-01")
            return None
        try:
            if not isinstance(raw, str) or not DAY.fullmatch(raw):
                raise ValueError
            return date.fromisoformat(raw)
        except ValueError:
            written = f"「{raw}」" if isinstance(raw, str) else ""
            self._bad(path, f"起始日{written}读不出是哪一天", "写成年-月-日，如 2025-01-01")
            return None

    def _unwrap(self, path: Path, raw: Any, inner: Path, leaves: dict[Path, Source]) -> Any:
        """The value without its sources; those go to `leaves` by their path inside the value."""
        if isinstance(raw, dict):
            if set(raw) in LEAF_KEYS:
                source = self._source((*path, *inner), raw)
                if source:
                    leaves[inner] = source
                return raw["value"]
            return {key: self._unwrap(path, child, (*inner, key), leaves) for key, child in raw.items()}
        if isinstance(raw, list):
            return [self._unwrap(path, child, (*inner, index), leaves) for index, child in enumerate(raw)]
        return raw

    def _unsourced(self, plain: Any, leaves: Mapping[Path, Source]) -> list[Path]:
        """The first-level parts of a value that carry no source of their own; [()] if none does."""
        if () in leaves:
            return []
        parts: list[Path] = []
        if isinstance(plain, dict):
            parts = [(key,) for key in plain]
        elif isinstance(plain, list):
            parts = [(index,) for index in range(len(plain))]
        bare = [part for part in parts if part not in leaves]
        return [()] if len(bare) == len(parts) else bare

    def _source(self, path: Path, raw: dict[str, Any]) -> Source | None:
        if "source" in raw and "setting" in raw:
            self._bad((*path, "setting"), "source 与 setting 只能写一个", "有文件依据写 source，没有写 setting 和理由")
            return None
        if "setting" in raw:
            if not isinstance(raw["setting"], str) or len(raw["setting"]) < 2:
                self._bad((*path, "setting"), "本区设定没有理由", "写明为什么这样定")
                return None
            return Source(setting=raw["setting"])
        source = raw["source"]
        if not isinstance(source, dict) or not isinstance(source.get("document"), str):
            self._bad((*path, "source"), "来源不完整", "写成 {document: 文件代号, clause: 条款}")
            return None
        unknown = sorted(set(source) - {"document", "clause"})
        if unknown:
            self._bad((*path, "source", unknown[0]), f"不认识的键「{unknown[0]}」", "来源只写 document 和 clause")
            return None
        document = source["document"]
        if document not in self.documents:
            right = f"先在 pack.yaml 的 documents 里登记；已有：{'、'.join(self.documents) or '（无）'}"
            self._bad((*path, "source", "document"), f"文件「{document}」没有登记", right)
            return None
        return Source(document, self.documents[document], str(source.get("clause", "")))


def _names(parts: list[Path]) -> str:
    return "、".join(f"「{part[0]}」" if isinstance(part[0], str) else f"第 {part[0] + 1} 行" for part in parts)
