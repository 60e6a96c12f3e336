"""Finds the person a fact row speaks of: by ID number, or by name and community when only one fits.

The register itself may keep ID numbers encrypted; whoever owns it passes an object with these two look-ups.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """A person known to the caller: its own key, name, organisation's code, and the ID number where it may be told."""

    key: Any
    name: str
    org: str
    id: str | None = None


class People(Protocol):
    """What the fact checks ask of a register."""

    def by_id(self, number: str) -> Person | None:
        """Return the person of an ID number (18 characters, X in upper case)."""
        ...

    def by_name(self, name: str) -> Iterable[Person]:
        """Return everybody of that name (no spaces) within the caller's reach."""
        ...


class PeopleList:
    """A register in memory, built from persons; for `qinglan calc` and for tests."""

    def __init__(self, persons: Iterable[Person]) -> None:
        self._by_id: dict[str, Person] = {}
        self._by_name: defaultdict[str, list[Person]] = defaultdict(list)
        for person in persons:
            if person.id:
                self._by_id[person.id] = person
            self._by_name[person.name].append(person)

    def by_id(self, number: str) -> Person | None:
        """Return the person of an ID number."""
        return self._by_id.get(number)

    def by_name(self, name: str) -> Iterable[Person]:
        """Return everybody of that name."""
        return self._by_name.get(name, ())
