"""The closed table of studies: what each kind asks (form), how it is answered (runner), how it is shown (template, rows).

To plug one in:

1. write `actions/kinds/<kind>.py` with one `KIND = StudyKind(...)` (shape.py says what each part is; calibration.py is the shortest);
2. write `templates/rehearsal/studies/<kind>.html`: `{% extends "rehearsal/studies/study.html" %}` and the block `found`;
3. add its line to the table below. The kind's name stands in `states.Kind` already; adding another one needs a migration.

Queue, progress, cancel, audit, list, search, export, access, printing and the new-study page are then there without more code.
"""

from __future__ import annotations

from qinglan.apps.rehearsal.actions.kinds import backtest, calibration, desk, search, sensitivity, siting
from qinglan.apps.rehearsal.actions.kinds.shape import StudyKind
from qinglan.apps.rehearsal.states import Kind

KINDS: dict[Kind, StudyKind] = {
    one.kind: one
    for one in (
        calibration.KIND, backtest.KIND, sensitivity.KIND, search.KIND, desk.KIND, siting.KIND,
    )
}  # fmt: skip
