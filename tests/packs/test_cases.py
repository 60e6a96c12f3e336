"""Every worked case on every engine: compiled, the same kernel as plain Python, and the independent reference."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import Pack
from qinglan.core.rules.families import compute
from qinglan.core.rules.groups import GroupFamily, compute_groups
from qinglan.core.rules.registry import FAMILIES, ITEMS
from tests.packs.casebook import Case, every_case
from tests.reference import REFERENCES
from tests.reference.values import Values

ALL = every_case()
IDS = [f"{case.family}:{case.name}" for case in ALL]


@cache
def pack(name: str) -> Pack:
    return load(name, ITEMS)


def frame(case: Case, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    absent = missing(Reason.NOT_RECORDED)
    return {name: np.array([row.get(name, absent) for row in case.rows], np.int64) for name in names}


def assert_steps(case: Case, got: dict[str, np.ndarray]) -> None:
    for index, steps in enumerate(case.steps):
        assert {name: int(got[name][index]) for name in steps} == steps, f"{case.name}, row {index + 1}"


@pytest.mark.parametrize("interpreted", [False, True], ids=["compiled", "plain"])
@pytest.mark.parametrize("case", ALL, ids=IDS)
def test_kernel_gives_the_steps_worked_by_hand(case: Case, interpreted: bool) -> None:
    family = FAMILIES[case.family]
    on = pack(case.pack).on(case.on)
    if isinstance(family, GroupFamily):
        got = compute_groups(family, frame(case, family.columns), family.quota(on))
    else:
        columns = frame(case, family.inputs._fields)
        got = compute(family, columns, family.tables(on), interpreted=interpreted)
    assert_steps(case, got)


@pytest.mark.parametrize("case", ALL, ids=IDS)
def test_reference_gives_the_steps_worked_by_hand(case: Case) -> None:
    """The reference shares no code with the kernels: it reads the pack's values and works in Fraction and date."""
    reference = REFERENCES[case.family]
    got = reference([dict(row) for row in case.rows], Values(pack(case.pack).on(case.on)))
    assert len(got) == len(case.steps)
    for index, steps in enumerate(case.steps):
        # A reference may leave out row numbers and other intermediate columns, never a named result.
        assert {name: got[index][name] for name in steps if name in got[index]} == {
            name: value for name, value in steps.items() if name in got[index]
        }, f"{case.name}, row {index + 1}"
        assert set(steps) & set(got[index]), "the reference gives none of the steps"


def test_every_family_has_eight_worked_cases_and_a_reference() -> None:
    counts = Counter(case.family for case in ALL)
    few = {family: counts[family] for family in FAMILIES if counts[family] < 8}
    assert not few
    assert set(REFERENCES) == set(FAMILIES)
