"""The twin and the real year are one: the recorded year through the twin's step, and a lived year through the real one."""

from datetime import date

import numpy as np
import pytest
from tests.unit.core.twin.people import demo
from tests.unit.core.year.test_computing import district, together

from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.records import Records
from qinglan.core.packs.loading import load
from qinglan.core.rules.registry import ITEMS
from qinglan.core.twin.known import known_at_end
from qinglan.core.twin.parameters import behaviour
from qinglan.core.twin.paying import KEPT
from qinglan.core.twin.population import Population, population
from qinglan.core.twin.recorded import recorded_year
from qinglan.core.twin.rules import PERSON_COLUMNS, UNIT_COLUMNS, read
from qinglan.core.twin.starting import ready, start
from qinglan.core.twin.writing import written
from qinglan.core.twin.year import Lived, begin, live
from qinglan.core.year.computing import Year, compute_year

PACK = load("taoyuan", ITEMS)
YEAR = 2025
# Numbers of groups and places say who is beside whom; they depend on who else is in the frame.
ORDINAL = ("_group", "district", "subdistrict", "organisation")
WOULD_MEND = ("remedied", "unfit_remedied", "xuhui_remedied", "unfit_proposal", "xuhui_proposal", "unfit_notice_days")


def everybody() -> Records:
    return demo(2241, 12)


@pytest.mark.parametrize("make", [everybody, lambda: together(district("990101", 1), district("990102", 101, 17))])
def test_the_recorded_year_through_the_twins_step_is_the_real_one(make) -> None:
    """Evaluation, stars, warnings, ladder and pay of everybody, to the hundredth and the fen."""
    records = make()
    real = compute_year(records, YEAR, PACK)
    twin = recorded_year(known_at_end(records, YEAR), YEAR, PACK)
    assert np.array_equal(real.frame.people, twin.frame.people)
    assert {family.id for family in read().person_year} == set(twin.person)
    for family, found in {**twin.person, **twin.unit}.items():
        theirs = real.person.get(family) or real.unit[family]
        for name, values in found.items():
            assert np.array_equal(values, theirs[name]), (family, name)
    assert set(twin.pay.months) == set(real.pay.months)
    for name, values in twin.pay.months.items():
        assert np.array_equal(values, real.pay.months[name]), name


@pytest.fixture(scope="module")
def people() -> Population:
    return population(demo(240, 3), YEAR, PACK)


def lived(people: Population, seed: int, years: int, **changes: float) -> tuple:
    run = ready(people, PACK, behaviour(changes), seed)
    state = start(run, 0, 2)
    begin(run, state)
    return run, [live(run, state) for _ in range(years)]


def compare(real: Year, run, year: Lived, numbers: dict[tuple[int, int], int], replicate: int) -> int:
    """Holds every column, step and month of pay of one lived year against the real computation. The number of people."""
    rows = np.flatnonzero(year.rows.replicate == replicate)
    person = np.array([numbers[int(year.rows.slot[r]), int(year.rows.occupant[r])] for r in rows])
    rows = rows[np.argsort(person)]
    assert np.array_equal(np.sort(person), real.frame.people)
    for name in PERSON_COLUMNS:
        if name not in (*ORDINAL, "remedied"):
            assert np.array_equal(year.rows.columns[name][rows], real.frame.columns[name]), name
    as_recorded = year.rows.columns["remedied"][rows] != 1  # records do not carry this column yet
    assert as_recorded.mean() > 0.8
    for family, found in year.person.items():
        for name, values in found.items():
            if not name.endswith(ORDINAL):
                ours, theirs = values[rows], real.person[family][name]
                same = ours == theirs
                assert (same | (~as_recorded if name in WOULD_MEND else False)).all(), (family, name)
    kind = year.paid.kind[rows]
    for name in KEPT:
        theirs = real.pay.months[name]
        assert np.array_equal(year.paid.months[name][:, kind], np.where(theirs <= MISSING, 0, theirs)), name
    assert np.array_equal(year.paid.employed[:, kind], real.pay.employed)
    codes = [code for code in run.people.units.codes if len(code) >= 12]
    place = {code: number for number, code in enumerate(real.units.organisations)}
    at = np.array([place[code] for code in codes])
    mine = replicate * len(codes) + np.arange(len(codes))
    for name in UNIT_COLUMNS:
        assert np.array_equal(year.unit_frame[name][mine], real.units.columns[name][at]), name
    for family, found in year.unit.items():
        for name, values in found.items():
            assert np.array_equal(values[mine], real.unit[family][name][at]), (family, name)
    return len(rows)


@pytest.mark.parametrize("seed", [-1, 11])
def test_lived_years_written_as_records_are_computed_the_same(people: Population, seed: int) -> None:
    """Without chance, and with it: people come and go, rise and fall, and the real year says the same of each of them."""
    run, years = lived(people, seed, 3, exit_rate=0.2 if seed > 0 else 0.12)
    total = 0
    for index, year in enumerate(years):
        for replicate in (0, 1):
            made, numbers = written(run, years[: index + 1], replicate)
            real = compute_year(made, year.year, PACK)
            total += compare(real, run, year, numbers, replicate)
    assert total > 6 * 220
    left = years[0].rows.columns["exit_reason"]
    if seed > 0:
        assert {1, 3} <= set(left.tolist())
        assert (years[1].rows.occupant > 0).any()
        assert all(len(moves) for moves in years[1].moved)
        new_place = (date(2027, 1, 1) - date(1970, 1, 1)).days
        exchanged = years[1].rows.columns["subdistrict_since"] == new_place
        assert (exchanged & (years[1].rows.columns["entry_date"] < new_place)).sum() >= 4
        assert (years[1].rows.columns["ladder_since"] == (date(2027, 1, 1) - date(1970, 1, 1)).days).any()


def test_the_comparison_sees_a_hundredth_and_a_fen(people: Population) -> None:
    """Control: one score more by a hundredth, or one month's pay by a fen, and the two are no longer one."""
    run, (year,) = lived(people, 11, 1)
    made, numbers = written(run, [year])
    real = compute_year(made, year.year, PACK)
    assert compare(real, run, year, numbers, 0) > 220
    row = int(np.flatnonzero((year.rows.replicate == 0) & year.rows.stays)[5])
    # A copy: what is paid is shared by all runs under the pack.
    year.paid.months["gross_pay"] = year.paid.months["gross_pay"].copy()
    year.paid.months["gross_pay"][3, year.paid.kind[row]] += 1
    with pytest.raises(AssertionError, match="gross_pay"):
        compare(real, run, year, numbers, 0)
    year.rows.columns["score_process"][row] += 1
    with pytest.raises(AssertionError, match="score_process"):
        compare(real, run, year, numbers, 0)
