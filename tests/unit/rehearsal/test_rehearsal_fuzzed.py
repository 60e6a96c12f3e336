"""Whatever is rehearsed, what is stored and shown are numbers: no NaN, no infinity, for anybody from nobody to a district in decline."""

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.core.twin.scenarios import frozen, scenario
from tests.unit.core.twin.test_scenario import one_person

from qinglan.apps.rehearsal.queries import grouping, headlines, showing
from qinglan.apps.rehearsal.queries.outcomes import _plain, detail, outcome
from qinglan.core.frame.freezing import freeze
from qinglan.core.frame.records import Records
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.parameters import catalogue
from qinglan.core.twin.scenario import Scenario, run_of

RAISED = json.dumps(
    {
        "pay.cert_allowance.amount": {
            "values": [{"since": "2026-01-01", "setting": "试算", "value": {"无": "0", "初级": "900", "中级": "2000", "高级": "4000"}}]
        }
    },
    ensure_ascii=False,
)  # fmt: skip


def texts_of(value: Any) -> Iterable[str]:
    """Every text and number in it, however deep, as text."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from texts_of(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_of(one)
    else:
        yield str(value)


def sound(base: Scenario, other: Scenario) -> tuple[dict[str, Any], dict[str, Any]]:
    """Lives both as the page does; everything stored and shown is finite. (outcome, detail)"""
    ours = run_of(base)
    theirs = replace(run_of(other), anchor=ours.anchor)
    lived = rehearse(base).gathered, rehearse(other).gathered
    found, more = outcome((ours, theirs), lived), detail((ours, theirs), lived)
    json.dumps([found, more], allow_nan=False)
    years = found["years"]
    shown = [
        list(showing.charts(found)), headlines.last_year(found), headlines.all_years(found), showing.differences(found), showing.year_rows(found),
        showing.month_rows(years, more["months"]), list(grouping.all_rows(more, years, {})),
        list(grouping.all_winners(more, years, {})), grouping.winner_words(more, years),
    ]  # fmt: skip
    for text in texts_of(shown):
        assert text.lower() not in ("nan", "inf", "-inf"), text
        assert "nan" not in text.lower() or text.isalpha(), text
    for row in showing.year_rows(found):
        assert all(math.isfinite(value) for value in row.values() if isinstance(value, float))
    return found, more


def test_what_is_no_number_is_none() -> None:
    """The control: without `_plain` a share of nobody would be stored as NaN."""
    assert _plain(np.array([1.23456789, np.nan, np.inf, -np.inf])) == [1.23457, None, None, None]
    assert showing.said(None, "比例") == "—"


@override_settings(LEAST_CELL=5)
def test_a_place_of_nobody_and_of_one() -> None:
    for population in (freeze(Records({}), "", {}), one_person()):
        one = scenario(population=population, months=24, replicates=2)
        found, more = sound(one, one.with_(diff=RAISED))
        assert found["people"] <= 1
        assert not any(more["groups"].values())  # one person is no group
        assert not any(more["winners"].values())
        assert grouping.winner_words(more, found["years"]) == ""


@override_settings(LEAST_CELL=5)
@pytest.mark.parametrize("exit_rate", [0.0, 0.6])
def test_twenty_years_without_a_recruit(exit_rate: float) -> None:
    """Groups that die out are told no longer; shares of nobody are nought, not NaN."""
    nobody = {"pool_size": 0.0, "pool_inflow": 0.0, "exit_rate": exit_rate}
    one = scenario(total=60, months=240, replicates=2, parameters=nobody)
    found, more = sound(one, one.with_(diff=RAISED))
    heads = found["whole"]["heads"]["base"]["mid"]
    assert heads[-1] < heads[0]
    assert found["whole"]["recruits"]["base"]["high"][-1] == 0
    if exit_rate:
        assert heads[-1] < 5
        last = [one["heads"]["base"][-1] for groups in more["groups"].values() for one in groups.values()]
        assert last
        assert all(value is None or value >= 5 for value in last)


LEVERS = st.dictionaries(st.sampled_from(sorted(catalogue())), st.floats(0, 1), max_size=10)


@override_settings(LEAST_CELL=5)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ours=LEVERS, theirs=LEVERS, years=st.integers(1, 3), seed=st.integers(0, 2**31))
def test_any_levers_on_both_sides(ours: dict[str, float], theirs: dict[str, float], years: int, seed: int) -> None:
    sides = []
    for levers in (ours, theirs):
        known = catalogue()
        values = {name: known[name].low + at * (known[name].high - known[name].low) for name, at in levers.items()}
        sides.append(scenario(population=frozen(40, 1), months=12 * years, replicates=2, seed=seed, parameters=values))
    _, more = sound(sides[0], sides[1].with_(diff=RAISED))
    for groups in more["winners"].values():
        for one in groups.values():
            for gain, lose in zip(one["gain"], one["lose"], strict=True):
                assert gain is None or gain + lose <= one["people"]


@override_settings(LEAST_CELL=5)
def test_an_empty_difference_has_no_winner() -> None:
    one = scenario(months=24, replicates=2)
    found, more = sound(one, one.with_(diff=json.dumps({})))
    assert found["same"]
    whole = more["winners"]["all"]["all"]
    assert whole["gain"] == whole["lose"] == [0, 0]
    assert whole["pay"][0] == whole["pay"][1]


@override_settings(LEAST_CELL=5)
def test_a_raise_for_those_with_a_certificate_makes_winners_and_no_losers() -> None:
    one = scenario(months=24, replicates=4)
    found, more = sound(one, one.with_(diff=RAISED))
    whole = more["winners"]["all"]["all"]
    assert whole["gain"][0] > 0
    assert whole["lose"][0] in (0, None)
    assert whole["pay"][1][0] > whole["pay"][0][0]
    # no more people are paired than there were
    assert whole["people"] == found["people"] == len(run_of(one).people)
