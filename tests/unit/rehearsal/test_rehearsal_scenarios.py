"""Levers and assumptions, and the values that become a draft: what needs neither a year nor a database."""

from datetime import date

import yaml
from django.test import override_settings

from qinglan.apps.rehearsal.queries.outcomes import _told
from qinglan.apps.rehearsal.queries.scenarios import LEVERS, Chosen, assumptions, begun_by, levers, parameters


def test_every_parameter_is_either_lever_or_assumption() -> None:
    names = [one.name for one in levers()] + [one.name for _, ones in assumptions() for one in ones]
    assert sorted(names) == sorted(one.name for one in parameters())
    assert len(set(LEVERS)) == len(LEVERS)


def test_a_stored_scenario_reads_back() -> None:
    diff = {"x.y": {"values": [{"since": "2026-01-01", "setting": "试算", "value": {"无": "0", "初级": "100"}}]}}
    one = Chosen("津贴", 2025, "990101", "taoyuan", diff, {"exit_rate": 0.2}, 24, 4, 7)
    back = Chosen(**{name: yaml.safe_load(one.text)[name] for name in Chosen.__dataclass_fields__ if name != "base"})
    assert back == one
    assert list(yaml.safe_load(one.diff_text)["x.y"]["values"][0]["value"]) == ["无", "初级"]


def test_values_of_a_draft_begin_with_it_at_the_earliest() -> None:
    dated = [
        {"since": day, "setting": "试算", "value": value}
        for day, value in (("2028-01-01", 3), ("2026-01-01", 1), ("2026-07-01", 2))
    ]
    made = begun_by({"x.y": {"values": dated}}, date(2027, 1, 1), "纪要")["x.y"]["values"]
    assert made == [
        {"since": "2027-01-01", "setting": "纪要", "value": 2},
        {"since": "2028-01-01", "setting": "纪要", "value": 3},
    ]


@override_settings(LEAST_CELL=5)
def test_a_small_community_takes_another_of_its_street_with_it() -> None:
    """The street's own sum is told beside: one community alone left out could be reckoned from it."""
    heads = {"990101001001": 2, "990101001002": 6, "990101001003": 9, "990101002001": 7, "990101002002": 8}
    assert set(_told("unit", heads)) == {"990101001003", "990101002001", "990101002002"}
    assert set(_told("sex", {"男": 1, "女": 30})) == set()
