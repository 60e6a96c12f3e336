"""Compiles every rule kernel once, in several processes, so that nobody waits for it later (design §4.9)."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context

import numpy as np

from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.loading import load
from qinglan.core.rules.families import Family, compute
from qinglan.core.rules.groups import GroupFamily, compute_groups
from qinglan.core.rules.registry import FAMILIES, ITEMS

PACK, DAY = "taoyuan", date(2025, 12, 31)


def compile_all(processes: int) -> int:
    """Compiles (or finds compiled) all families; their number. Raises what a kernel raises when it does not compile."""
    names = list(FAMILIES)
    parts = [names[start::processes] for start in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(compile_some, parts))


def compile_some(names: Sequence[str]) -> int:
    """Runs each of the families over one row in which everything is missing."""
    pack = load(PACK, ITEMS).on(DAY)
    absent = np.array([missing(Reason.NOT_RECORDED)], np.int64)
    for name in names:
        family = FAMILIES[name]
        if isinstance(family, GroupFamily):
            compute_groups(family, dict.fromkeys(family.columns, np.zeros(1, np.int64)), family.quota(pack))
        elif isinstance(family, Family):
            compute(family, dict.fromkeys(family.inputs._fields, absent), family.tables(pack))
    return len(names)
