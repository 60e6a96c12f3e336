"""The program's card changed after a district had written its own: what changed, and the district's card with that taken over."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from qinglan.apps.assistant.queries.card_words import Change, compared
from qinglan.core.retrieval.cards import Card


@dataclass(frozen=True)
class Update:
    """`known`: whether it is known what the program's card said when the district wrote its own. Then `changes` say what the program
    changed, else where its card differs from the district's. `both`: labels of what the district had changed as well."""

    known: bool
    changes: tuple[Change, ...]
    both: frozenset[str]


def update_of(seen: Card | None, own: Card, given: Card) -> Update:
    """What the program's card `given` says that neither `seen`, what it said before, nor the district's says."""
    apart = compared(own, given)
    if seen is None:
        return Update(False, tuple(apart), frozenset())
    differs = {one.label for one in apart}
    theirs = tuple(one for one in compared(seen, given) if one.label in differs)
    ours = {one.label for one in compared(seen, own)}
    return Update(True, theirs, frozenset(one.label for one in theirs if one.label in ours))


def taken_over(seen: Card | None, own: Card, given: Card) -> Card:
    """The district's card with what the program changed: where only one of the two changed something, that; where both did, the
    program's words, and of lists what neither took away. Without `seen` nothing tells who changed what: the program's card."""
    if seen is None:
        return given
    plain: dict[str, Any] = {}
    for name in Card.model_fields:
        before, ours, theirs = (getattr(one, name) for one in (seen, own, given))
        if name == "questions":
            ways = dict.fromkeys((*theirs, *ours))
            plain[name] = {way: _of_three(*(one.get(way, ()) for one in (before, ours, theirs))) for way in ways}
        else:
            plain[name] = _of_three(before, ours, theirs)
    once: set[str] = set()  # a question that the two moved to different ways is asked in the first of them
    for way, lines in plain["questions"].items():
        plain["questions"][way] = tuple(one for one in lines if one not in once)
        once.update(lines)
    plain["checked"] = max(own.checked, given.checked)
    return Card.model_validate(plain)


def _of_three(before: Any, ours: Any, theirs: Any) -> Any:
    if theirs == before:
        return ours
    if ours == before or not isinstance(theirs, tuple):
        return theirs
    old, mine, new = ({_name(one): one for one in lines} for lines in (before, ours, theirs))
    kept = [
        mine[name] if name in mine and one == old.get(name) else one
        for name, one in new.items()
        if name in mine or name not in old
    ]
    return (*kept, *(one for name, one in mine.items() if name not in old and name not in new))


def _name(one: Any) -> Hashable:
    """What a line of a list is known by: a law and a field of a city by their names."""
    return getattr(one, "name", one)
