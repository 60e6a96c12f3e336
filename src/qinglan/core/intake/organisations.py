"""Finds the organisation an office means by a short name: 万松街 for 万松街街道, 云天社区 for 云天社区居委会.

The index is built once from (code, name, level, parent) rows of the tree and answers by keys of falling exactness; a name that
fits several organisations is never guessed.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .text import arabic, compact, without_brackets

_STREET_TAILS = ("街道办事处", "办事处", "街道办", "街办", "街道", "街", "镇", "乡")
_OFFICES = ("管理委员会", "管委会", "党工委", "工委")
_COMMUNITY_TAIL = re.compile(
    "(社区居民委员会|社区村民委员会|社区居委会|社区村委会|居民委员会|村民委员会|居委会|村委会|居委|村委"
    "|社区党群服务中心|社区党委|社区党总支|社区党支部|社区工作站|社区服务站|社区|村)$"
)
_GRID = re.compile(r"第?[\d一二三四五六七八九十]{1,3}网格$")
_MOST_SIMILAR, _LONGEST_STEM = 500, 30
_NOT_SAID = frozenset({"", "/", "无", "待定", "不详", "-", "—"})


@dataclass(frozen=True, slots=True)
class Organisation:
    """One node of the tree."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a look-up: one organisation, or the candidates between which the name does not decide."""

    organisation: Organisation | None = None
    candidates: tuple[Organisation, ...] = ()


def _street_keys(name: str) -> list[str]:
    """Return the forms of a sub-district's name, the most exact first."""
    keys = [name]
    office = next((t for t in _OFFICES if name.endswith(t) and len(name) > len(t) + 1), None)
    if office:
        name = name.removesuffix(office)
        keys.append(name)
    for tail in ("街道办事处", "办事处", "街道办", "街办"):
        if name.endswith(tail) and len(name) > len(tail) + 1:
            stem = name.removesuffix(tail)
            keys += [stem + "街道" if tail != "办事处" else stem, stem]
    stem = keys[-1]
    while True:
        short = next((t for t in _STREET_TAILS if stem.endswith(t) and len(stem) > len(t) + 1), None)
        if short is None:
            break
        stem = stem.removesuffix(short)
        keys.append(stem)
    return list(dict.fromkeys(keys))


def _community_keys(name: str) -> list[str]:
    """Return the forms of a community's name: as written, the stem with its kind (village or not), the stem, the stem with digits
    for numerals and without 第."""
    tail = _COMMUNITY_TAIL.search(name)
    stem = name[: tail.start()] if tail and tail.start() else name
    kind = [] if stem == name or tail is None else [f"{stem}#{'村' if tail[1].startswith('村') else '社区'}"]
    return list(dict.fromkeys((name, *kind, stem, arabic(stem.replace("第", "")))))


class Organisations:
    """An index of organisation names. Built from the rows a district may use; pure, no database behind it."""

    def __init__(self, rows: Iterable[tuple[str, str, str, str]]) -> None:
        self.by_code: dict[str, Organisation] = {}
        self._communities: defaultdict[str, list[tuple[int, Organisation]]] = defaultdict(list)
        self._street_index: defaultdict[str, list[tuple[int, Organisation]]] = defaultdict(list)
        self._outer: set[str] = set()
        self._inside: dict[str, Organisation | None] = {}  # asked anew for every row of a sheet
        self._similar: dict[tuple[str, Organisation | None], list[str]] = {}
        for row in rows:
            organisation = Organisation(*row)
            self.by_code[organisation.code] = organisation
            name = compact(organisation.name)
            if organisation.level == "subdistrict":
                for rank, key in enumerate(_street_keys(name)):
                    self._street_index[key].append((rank, organisation))
            elif organisation.level == "community":
                for rank, key in enumerate(_community_keys(name)):
                    self._communities[key].append((rank, organisation))
            elif organisation.level in ("province", "city", "district"):
                self._outer.add(name)
        self._outer_names = sorted(self._outer - {"市辖区", "县"}, key=len, reverse=True)

    @property
    def district(self) -> Organisation | None:
        """Return the district itself; None when the rows have none, or several."""
        found = [one for one in self.by_code.values() if one.level == "district"]
        return found[0] if len(found) == 1 else None

    def street(self, text: str) -> Found:
        """Return the sub-district a text names."""
        name = self._inner(text)
        if name in _NOT_SAID:
            return Found()
        return self._best(_street_keys(name), self._street_index)

    def community(self, text: str, street: Organisation | None = None) -> Found:
        """Return the community a text names, inside `street` when one is given.

        A text may carry its sub-district in front (万松街云天社区).
        """
        name = self._inner(text)
        if name in _NOT_SAID:
            return Found()
        coded = self.by_code.get(name)
        if coded and coded.level == "community" and street in (None, self.street_of(coded)):
            return Found(coded)
        found = self._best(_community_keys(name), self._communities, street)
        bare = _GRID.sub("", without_brackets(name))
        if not (found.organisation or found.candidates) and bare not in (name, ""):
            inside = self.community(bare, street)
            if inside.organisation or inside.candidates:
                return inside
        if found.organisation or found.candidates:
            return found
        inner_street, rest = self._split_street(name)
        rest = rest.strip("-—–―/、,·:()")
        if inner_street and rest and (street is None or street.code == inner_street.code):
            return self._best(_community_keys(rest), self._communities, inner_street)
        return found

    def street_of(self, organisation: Organisation) -> Organisation | None:
        """Return the sub-district above an organisation."""
        node: Organisation | None = organisation
        while node and node.level != "subdistrict":
            node = self.by_code.get(node.parent)
        return node

    def street_inside(self, text: str) -> Organisation | None:
        """Return the one sub-district whose name stands in a title or a sheet's name; None when none or several do."""
        if text not in self._inside:
            self._inside[text] = self.street(text).organisation or self._street_within(compact(text))
        return self._inside[text]

    def _street_within(self, name: str) -> Organisation | None:
        hits = {
            organisation.code: organisation
            for key, entries in self._street_index.items()
            if len(key) > 2 and key in name
            for _, organisation in entries
        }
        return next(iter(hits.values())) if len(hits) == 1 else None

    def elsewhere(self, text: str) -> list[Organisation]:
        """Return communities of that name in any sub-district (to say where it would have been right)."""
        found = self.community(text)
        return [found.organisation] if found.organisation else list(found.candidates)

    def similar(self, text: str, street: Organisation | None = None) -> list[str]:
        """Return up to three names of communities (in `street`) that look like the text."""
        stem = _COMMUNITY_TAIL.sub("", self._inner(text))
        known = self._similar.get((stem, street))
        if known is None:
            if len(self._similar) >= _MOST_SIMILAR or len(stem) > _LONGEST_STEM:
                return []  # the hint is for slips of the pen, not for files of noise
            pool = {
                _COMMUNITY_TAIL.sub("", o.name): o.name
                for o in self.by_code.values()
                if o.level == "community" and (street is None or self.street_of(o) == street)
            }
            known = [pool[hit] for hit in difflib.get_close_matches(stem, pool, n=3, cutoff=0.5)]
            self._similar[stem, street] = known
        return known

    def _inner(self, text: str) -> str:
        name = compact(text)
        for outer in self._outer_names:
            if name.startswith(outer) and len(name) > len(outer):
                name = name.removeprefix(outer)
        return name

    def _split_street(self, name: str) -> tuple[Organisation | None, str]:
        for cut in range(len(name) - 1, 1, -1):
            found = self.street(name[:cut]).organisation
            if found:
                return found, name[cut:]
        return None, ""

    def _best(
        self,
        keys: list[str],
        index: dict[str, list[tuple[int, Organisation]]],
        street: Organisation | None = None,
    ) -> Found:
        for key in keys:
            hits = [
                (rank, organisation)
                for rank, organisation in index.get(key, ())
                if street is None or self.street_of(organisation) == street
            ]
            if hits:
                closest = min(rank for rank, _ in hits)
                names = tuple({o.code: o for rank, o in hits if rank == closest}.values())
                return Found(names[0]) if len(names) == 1 else Found(candidates=names)
        return Found()
