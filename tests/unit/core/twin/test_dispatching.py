"""Dispatch: each moment's matching is the best there is; over the same events it beats first in first out; one person is a plain queue."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from qinglan.commands.twin import twin
from qinglan.core.matching.books import book
from qinglan.core.matching.dispatch import match
from qinglan.core.matching.tables import TableError
from qinglan.core.twin.dispatching import Field, happening, live, outcome
from qinglan.core.twin.dispatching_sheets import read_field, template


def town(**changes: object) -> Field:
    said: dict = {
        "people": np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0]]), "skilled": np.array([[True, False], [False, True], [True, True]]),
        "places": np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0], [1000.0, 1000.0]]), "weights": np.array([5, 3, 2, 1]),
        "rates": np.array([10.0, 12.0]), "minutes": np.array([25.0, 20.0]), "days": 5, "replicates": 4,
    }  # fmt: skip
    return Field(**(said | changes))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_a_matching_is_the_best_of_all(events: int, people: int, data: st.DataObject) -> None:
    costs = np.array([[data.draw(st.integers(-500, 500)) / 10 for _ in range(people)] for _ in range(events)])
    found = match(costs)
    small = costs if events <= people else costs.T
    best = min(
        sum(small[i, j] for i, j in enumerate(one)) for one in permutations(range(small.shape[1]), small.shape[0])
    )
    assert len(found) == min(events, people) == len({i for i, _ in found}) == len({j for _, j in found})
    assert sum(costs[i, j] for i, j in found) == pytest.approx(best)


def test_matching_beats_first_in_first_out_by_more_than_its_interval() -> None:
    found = outcome(town(days=10, replicates=8))
    assert found["saved"][1] > 0
    assert found["matched"]["fit"][0] > found["fifo"]["fit"][0]
    assert found["matched"]["way"][0] < found["fifo"]["way"][0]
    assert found["matched"]["events"] == found["fifo"]["events"]
    json.dumps(found, allow_nan=False)


def test_one_person_is_a_queue_either_way() -> None:
    """With one person and no preference both ways are the plain recursion: she begins when she is free, walks, works."""
    field = town(
        people=np.array([[0.0, 0.0]]),
        skilled=np.ones((1, 2), bool),
        load=0.0,
        places=np.zeros((1, 2)),
        weights=np.array([1]),
    )
    events = happening(field, 0, 0)
    free, known = 0.0, []
    for at, work in zip(events.at, events.work, strict=True):
        begin = max(at, free)
        known.append(begin - at)
        free = begin + work
    for matched in (False, True):
        np.testing.assert_allclose(live(field, events, matched).response, known, atol=1e-9)


def test_events_are_the_same_for_everybody_and_as_many_as_said() -> None:
    field = town()
    first, again = happening(field, 2, 3), happening(town(people=np.zeros((3, 2))), 2, 3)
    np.testing.assert_array_equal(first.at, again.at)
    counts = [len(happening(field, replicate, 0).at) for replicate in range(200)]
    assert np.mean(counts) == pytest.approx(22, abs=1.2)


def test_the_template_runs_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "街道.xlsx").write_bytes(template())
    done = CliRunner().invoke(twin, ["dispatch", str(tmp_path / "街道.xlsx"), "--out", str(tmp_path / "结果.xlsx")])
    assert done.exit_code == 0, done.output
    assert "匹配使平均响应缩短" in done.output
    assert "这不是预测" in done.output
    rows = list(load_workbook(tmp_path / "结果.xlsx")["派单"].values)
    assert len(rows[0]) == 7
    assert all(isinstance(one, int | float) for row in rows[1:] for one in row[1:])


def test_what_is_wrong_is_said_with_its_place() -> None:
    people = [["人员", "技能", "x", "y"], ["甲", "调解", "东", 0]]
    events = [["事件", "所需技能", "每天件数", "平均处理分钟"], ["纠纷", "调解", 3, ""]]
    places = [["名称", "户数", "x", "y"], ["东苑", 100, 0, 0]]
    with pytest.raises(TableError) as caught:
        read_field(
            book({"人员": people, "事件": events, "小区": places, "设置": [["项", "值"], ["步速", 3]]}), "街道.xlsx"
        )
    text = "\n".join(caught.value.problems)
    for sentence in (
        "表「人员」第 2 行「x」：写的是「东」",
        "表「事件」第 2 行「平均处理分钟」：空着",
        "不认识「步速」",
    ):
        assert sentence in text
    with pytest.raises(TableError, match="须有 1 到 200 行"):
        read_field(book({"事件": events, "小区": places}), "街道.xlsx")
