"""The closed table of studies: what each kind asks (form), how it is answered (runner), how it is shown (template, rows).

To plug one in:

1. write `actions/kinds/<kind>.py` with one `KIND = StudyKind(...)` (shape.py says what each part is; calibration.py is the shortest);
2. write `templates/rehearsal/studies/<kind>.html`: `{% extends "rehearsal/studies/study.html" %}` and the block `found`;
3. name it in `states.Kind`, by the name of its file; that needs a migration.

Queue, progress, cancel, audit, list, search, export, access, printing and the new-study page are then there without more code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from qinglan.apps.rehearsal.actions.kinds.shape import StudyKind
from qinglan.apps.rehearsal.states import Kind


class _Kinds(Mapping[Kind, StudyKind]):
    """Each kind's file is imported when it is first asked for: what it stands on (statistics, optimisers) takes seconds and much memory."""

    def __getitem__(self, kind: Kind) -> StudyKind:
        try:
            name = Kind(kind).value
        except ValueError:
            raise KeyError(kind) from None
        found: StudyKind = import_module(f"{__name__}.{name}").KIND
        return found

    def __iter__(self) -> Iterator[Kind]:
        return iter(Kind)

    def __len__(self) -> int:
        return len(Kind)


KINDS: Mapping[Kind, StudyKind] = _Kinds()
