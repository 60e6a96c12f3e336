"""Finds the header of a sheet below titles and merged cells, and says which column holds which field.

A header may stand in one row or in up to three (社会工作者职业资格 over 等级 and 取证时间); the reading with the most fields wins.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .layout import ColumnMapping, Layout
from .model import MARK_HEADER, Sheet, Value, column_index, column_letter
from .text import compact, without_brackets

SEARCHED_ROWS = 300
LEAST_FIELDS = 3
MOST_HEADER_ROWS = 4
_MARKS = re.compile(r"[*#★☆●○:;,.、。:;!?\"'“”‘’]|^\d+[.、]")
_PATTERN_TIER = 90
_LONGEST_HEADER = 40
_WIDEST_GROUP, _MOST_NAMED = 12, 10
# What a column or a group of columns says of somebody else: 紧急联系人 over 姓名 and 电话, 配偶职务, 子女出生日期.
_OF_OTHERS = re.compile(r"家属|家庭|亲属|配偶|丈夫|妻子|父亲|母亲|父母|子女|孩子|紧急|联系人|监护|担保")
_VALUE = re.compile(r"\d{6}|^\d+([./年-]\d+)")
Synonyms = Mapping[str, Iterable[str]]


@dataclass(slots=True)
class Header:
    """A header found: 0-based rows it takes, field key by 0-based column, other columns by their words; until it is settled,
    the columns that claim one field."""

    top: int
    bottom: int
    columns: dict[int, str] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    twins: dict[str, list[int]] = field(default_factory=dict)

    def worth(self) -> float:
        """Say how much of the layout the header has; a field that two columns claim is worth less than one that is clear."""
        return len(self.columns) + 0.9 * (len(self.problems) + len(self.twins))

    def column_of(self, key: str) -> int | None:
        """Return the column of a field, or None when the sheet has none."""
        return next((column for column, name in self.columns.items() if name == key), None)


def tidy_header(text: str) -> str:
    """Return a header's words as they are compared: no spaces, marks or numbering, lower case."""
    return _MARKS.sub("", compact(text)).lower()


class HeaderFinder:
    """Matches header words for one layout and one officer's synonyms; used for every sheet of a file."""

    def __init__(self, layout: Layout, synonyms: Synonyms | None = None) -> None:
        self.layout = layout
        self._tiers: dict[str, tuple[str, int]] = {}
        for column in layout.fields:
            own = {tidy_header(word) for word in (column.label, column.key)}
            tiers = [tuple(own), *column.synonyms]
            for rank, tier in enumerate(tiers):
                for word in tier:
                    self._tiers.setdefault(tidy_header(word), (column.key, max(rank, 1)))
        for key, words in (synonyms or {}).items():
            for word in words:
                self._tiers[tidy_header(word)] = (key, 0)
        self._patterns = [(re.compile(p), f.key) for f in layout.fields for p in f.patterns]
        self._ignored = {tidy_header(word) for word in (*layout.ignored, MARK_HEADER)}
        self._merged: tuple[Sheet | None, dict[int, list[tuple[int, int, int, int]]]] = (None, {})
        self._memo: dict[str, tuple[str, int] | None] = {}

    def is_ignored(self, text: str) -> bool:
        """Say whether a header is known to carry nothing for this layout."""
        return tidy_header(text) in self._ignored or tidy_header(without_brackets(text)) in self._ignored

    def match(self, text: str) -> tuple[str, int] | None:
        """Return (field key, tier) for a header's words; None when no field claims them."""
        if text not in self._memo:
            self._memo[text] = self._match(text)
        return self._memo[text]

    def _match(self, text: str) -> tuple[str, int] | None:
        if not text or len(text) > _LONGEST_HEADER:
            return None
        for form in dict.fromkeys((tidy_header(text), tidy_header(without_brackets(compact(text))))):
            if form in self._tiers:
                return self._tiers[form]
            if form in self._ignored:
                return None
        form = tidy_header(without_brackets(compact(text)))
        if _OF_OTHERS.search(form):
            return None
        for pattern, key in self._patterns:
            if pattern.search(form):
                return key, _PATTERN_TIER
        return None

    def find(self, sheet: Sheet) -> Header | None:
        """Return the first header that has every required field, else the one with the most fields; None when there is none."""
        best: Header | None = None
        best_score = LEAST_FIELDS - 1.0
        for top in range(min(len(sheet.rows), SEARCHED_ROWS)):
            if best and top > best.bottom and self.is_complete(best):
                break
            header = self.at(sheet, top)
            # A title above the header adds nothing: of equal readings the one with fewer rows is the header.
            score = header.worth() - 0.01 * (header.bottom - top)
            if score > best_score:
                best, best_score = header, score
        return best and self.settled(sheet, best)

    def is_complete(self, header: Header) -> bool:
        """Say whether a header has every column that the layout requires."""
        return not self.missing(header) and bool(header.columns or header.twins)

    def missing(self, header: Header) -> list[str]:
        """Return the labels of required columns that the header lacks (alternatives joined by 或)."""
        found = {*header.columns.values(), *header.twins}
        labels = [f.label for f in self.layout.fields if f.required and f.key not in found]
        for keys in self.layout.one_of:
            if not found & set(keys):
                labels.append("或".join(self.layout.field(key).label for key in keys))
        return labels

    def at(self, sheet: Sheet, top: int) -> Header:
        """Return the best reading of a header that begins at row `top` (0-based), one to three rows deep."""
        best = self._read(sheet, top, top)
        if not best.worth() and not self._spans(sheet, top):
            return best
        for bottom in (top + 1, top + 2):
            if bottom >= len(sheet.rows) or _holds_values(sheet.rows[bottom]):
                break
            deeper = self._read(sheet, top, bottom)
            if deeper.worth() > best.worth():
                best = deeper
        return self._absorb(sheet, best)

    def mapped(self, sheet: Sheet, mapping: ColumnMapping) -> Header | None:
        """Return the header as an officer mapped it by hand; unmapped columns stay as found."""
        if mapping.header_row is not None:
            row = min(max(mapping.header_row - 1, 0), len(sheet.rows) - 1)
            header: Header | None = self.settled(sheet, self._read(sheet, row, row))
        else:
            header = self.find(sheet)
        if header is None:
            return None
        fresh = {column_index(letter): key for letter, key in mapping.columns.items()}
        claimed = set(fresh.values())
        header.columns = {c: k for c, k in header.columns.items() if c not in fresh and k not in claimed}
        header.columns |= {c: k for c, k in fresh.items() if k}
        header.unknown = {c: w for c, w in header.words.items() if c not in header.columns and not self.is_ignored(w)}
        header.problems = [p for p in header.problems if not any(self.layout.field(k).label in p for k in claimed if k)]
        return header

    def _spans(self, sheet: Sheet, top: int) -> bool:
        return any(b > t or (t == top and r > left) for t, left, b, r in self._merges(sheet).get(top, ()))

    def _merges(self, sheet: Sheet) -> dict[int, list[tuple[int, int, int, int]]]:
        """Return the merges of header height by each row they touch; taller ones are no header's."""
        if self._merged[0] is not sheet:
            touched: defaultdict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
            for merge in sheet.merges:
                for row in range(merge[0], merge[2] + 1) if merge[2] - merge[0] < MOST_HEADER_ROWS else ():
                    touched[row].append(merge)
            self._merged = (sheet, touched)
        return self._merged[1]

    def _read(self, sheet: Sheet, top: int, bottom: int) -> Header:
        levels = [_filled(sheet, row, self._merges(sheet)) for row in range(top, bottom + 1)]
        width = max((len(level) for level in levels), default=0)
        header = Header(top, bottom)
        claims: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for column in range(width):
            parts = list(dict.fromkeys(t for level in levels if column < len(level) and (t := level[column])))
            if not parts:
                continue
            header.words[column] = "".join(parts)
            # The whole first (职业资格 + 取证时间), then the lowest part alone, then what stands above it.
            candidates = ["".join(parts[i:]) for i in range(len(parts)) if not _OF_OTHERS.search("".join(parts[:i]))]
            found = next((m for text in candidates if (m := self.match(text))), None)
            if found:
                claims[found[0]].append((found[1], column))
            elif not self.is_ignored(parts[-1]):
                header.unknown[column] = header.words[column]
        for key, columns in claims.items():
            tier = min(rank for rank, _ in columns)
            first = [column for rank, column in columns if rank == tier]
            if len(first) == 1:
                header.columns[first[0]] = key
            else:
                header.twins[key] = first
            header.unknown |= {c: header.words[c] for rank, c in columns if rank != tier}
        return header

    def settled(self, sheet: Sheet, header: Header) -> Header:
        """Decide between columns that claim one field by what stands below them; where that does not decide, say so."""
        for key, columns in header.twins.items():
            filled = self._distinct(sheet, header.bottom, columns)
            if len(filled) == 1:
                header.columns[filled[0]] = key
                continue
            label = self.layout.field(key).label
            names = "、".join(f"{column_letter(c)}列〈{header.words[c]}〉" for c in filled[:_MOST_NAMED])
            header.problems.append(f"{names}都像是〈{label}〉，请只留一列，或在列对应页面指定用哪一列")
            header.unknown |= {c: header.words[c] for c in filled}
        header.twins = {}
        return header

    def _distinct(self, sheet: Sheet, bottom: int, columns: list[int]) -> list[int]:
        """Return those of several columns of one name that say something of their own: a wide cell is merged over several
        columns of which one is filled, and a column may be repeated word for word."""
        below = sheet.rows[bottom + 1 :]
        texts = {c: [compact(cells[c]) if c < len(cells) else "" for cells in below] for c in columns}
        filled = [c for c in columns if any(texts[c])] or columns[:1]
        return filled[:1] if all(texts[c] == texts[filled[0]] for c in filled) else filled

    def _absorb(self, sheet: Sheet, header: Header) -> Header:
        """Count rows below that only continue merged header cells as part of the header."""
        bottom = max(
            (b for t, _, b, _ in sheet.merges if header.top <= t <= header.bottom < b <= header.top + 2),
            default=header.bottom,
        )
        bottom = min(bottom, len(sheet.rows) - 1)
        if bottom > header.bottom and not any(map(_holds_values, sheet.rows[header.bottom + 1 : bottom + 1])):
            below = _filled(sheet, bottom, self._merges(sheet))
            texts = [compact(v) for v in sheet.rows[bottom]] if bottom < len(sheet.rows) else []
            if below and sum(bool(t) for t in texts) < len(header.columns):
                header.bottom = bottom
        return header


def _holds_values(cells: list[Value]) -> bool:
    """Say whether a row holds numbers, dates or ID numbers: then it is a person's, whatever words stand in her remarks."""
    return any(
        _VALUE.search(compact(value)) if isinstance(value, str) else value is not None and not isinstance(value, bool)
        for value in cells
    )


def _filled(sheet: Sheet, row: int, merges: Mapping[int, list[tuple[int, int, int, int]]]) -> list[str]:
    """Return the row's words, merged cells speaking for every cell they cover."""
    cells: list[Value] = list(sheet.rows[row]) if row < len(sheet.rows) else []
    texts = [compact(value) if isinstance(value, str) else "" for value in cells]
    for top, left, _, right in merges.get(row, ()):
        # A title merged over the whole table is nobody's header.
        if right - left < _WIDEST_GROUP and top < len(sheet.rows) and left < len(sheet.rows[top]):
            word = compact(sheet.rows[top][left])
            texts += [""] * (right + 1 - len(texts))
            for column in range(left, right + 1):
                texts[column] = word
    return texts
