"""Runs the worked cases of some families as plain Python; exit code 1 when any step differs from what was worked by hand.

    QINGLAN_UNCOMPILED=1 python -m tests.packs.recheck assess.jh_grades pay.income_tax

Without names: all families. Used where a whole test run would be too slow: planted faults, the uncompiled run.
"""

import sys
from functools import cache

import numpy as np

from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import Pack
from qinglan.core.rules.compiling import UNCOMPILED
from qinglan.core.rules.families import compute
from qinglan.core.rules.groups import GroupFamily, compute_groups
from qinglan.core.rules.registry import FAMILIES, ITEMS
from tests.packs.casebook import Case, every_case

ABSENT = missing(Reason.NOT_RECORDED)


@cache
def pack(name: str) -> Pack:
    return load(name, ITEMS)


def holds(case: Case) -> bool:
    """Whether the kernel gives the steps worked by hand."""
    family = FAMILIES[case.family]
    on = pack(case.pack).on(case.on)
    names = family.columns if isinstance(family, GroupFamily) else family.inputs._fields
    frame = {name: np.array([row.get(name, ABSENT) for row in case.rows], np.int64) for name in names}
    if isinstance(family, GroupFamily):
        got = compute_groups(family, frame, family.quota(on))
    else:
        got = compute(family, frame, family.tables(on), interpreted=True)
    return all(int(got[name][row]) == value for row, steps in enumerate(case.steps) for name, value in steps.items())


def main(families: list[str]) -> int:
    cases = [case for case in every_case() if not families or case.family in families]
    wrong = [f"{case.family}: {case.name}" for case in cases if not holds(case)]
    sys.stdout.write("\n".join([*wrong, f"{len(cases)} cases, {len(wrong)} wrong, uncompiled={UNCOMPILED}", ""]))
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
