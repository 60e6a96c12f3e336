"""The twin's coefficients: each with a source or the mark 假设, none out of range, and a clear word for what is wrong."""

import math

import pytest

from qinglan.core.twin import parameters
from qinglan.core.twin.parameters import ParameterError, behaviour, catalogue, read


def test_every_parameter_says_where_it_comes_from() -> None:
    for one in catalogue().values():
        assert one.label
        assert one.source, one.name
        assert one.low <= one.default <= one.high
        assert one.basis.startswith("假设") == one.assumed


def test_a_scenario_replaces_by_name() -> None:
    assert behaviour({"exit_rate": 0.2, "recruit_delay": 6}).exit_rate == 0.2
    assert behaviour({"recruit_delay": 6}).recruit_delay == 6.0
    assert behaviour() == behaviour({})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"exit_rat": 0.1}, "没有参数「exit_rat」，是不是「exit_rate」"),
        ({"exit_rate": 0.9}, "「exit_rate」（起始情形下每年自愿离职的比例）须在 0 到 0.6 比例之间，写的是 0.9"),
        ({"exit_rate": "高"}, "须是一个数，写的是「高」"),
        ({"exit_rate": math.nan}, "须在 0 到 0.6"),
        ({"exit_rate": True}, "须是一个数"),
        ({7: 1}, "没有参数「7」"),
    ],
)
def test_what_is_wrong_is_said(changes: dict, words: str) -> None:
    with pytest.raises(ParameterError, match=None) as caught:
        behaviour(changes)
    assert words in str(caught.value)


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        behaviour({"a": 1, "exit_rate": -1, "ballots": None})
    assert len(caught.value.problems) == 3


def test_a_file_without_source_or_with_a_default_out_of_range_is_refused() -> None:
    row = {"label": "甲", "unit": "比例", "default": 2, "low": 0, "high": 1, "assumption": "乙"}
    with pytest.raises(ParameterError, match="默认值 2 不在 0 到 1"):
        read([{"label": "组", "parameters": {"x": row}}])
    with pytest.raises(ParameterError, match="须写出处"):
        read([{"label": "组", "parameters": {"x": {**row, "source": "丙"}}}])
    with pytest.raises(ParameterError, match="参数表与程序不一致"):
        read([{"label": "组", "parameters": {"x": {**row, "default": 1}}}])
    assert parameters.FILE.exists()
