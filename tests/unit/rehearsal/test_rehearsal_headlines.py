"""The top of a rehearsal: figures that stand side by side subtract, sums over all years, what must be read beside them."""

import copy
from typing import Any

import numpy as np

from qinglan.apps.rehearsal.queries import headlines, showing
from qinglan.apps.rehearsal.queries.outcomes import ADDED, _compared, _total
from qinglan.core.twin.outcomes import INDICATORS

YEARS = [2026, 2027]
Cards = dict[str, dict[str, Any]]


def found_of(given: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """An outcome of skewed figures by (R, N) of both sides; an indicator not given has the same on both."""
    same = np.full((4, 2), 0.5)
    pairs = {name: [np.array(side, float) for side in given.get(name, (same, same))] for name in INDICATORS}
    total = {name: _total(*(side.sum(axis=1, keepdims=True) for side in pairs[name])) for name in ADDED}
    return {"years": YEARS, "whole": {name: _compared(*pair) for name, pair in pairs.items()}, "total": total}


def cards(found: dict[str, Any]) -> tuple[Cards, Cards]:
    return tuple({one["name"]: one for one in made(found)} for made in (headlines.last_year, headlines.all_years))  # type: ignore[return-value]


LEFT = (
    [[20, 10], [20, 11], [22, 12], [26, 47]],
    [[18, 6], [19, 8], [20, 9], [23, 17]],
)  # the medians do not subtract to the mean
HEADS = [[100, 100]] * 4, [[50, 50], [51, 50], [50, 51], [49, 50]]


def test_the_figures_subtract_and_are_called_means() -> None:
    found = found_of({"voluntary": LEFT, "heads": HEADS})
    one = cards(found)[0]["voluntary"]
    assert (one["base"], one["other"], one["kind_of"]) == ("20.0", "10.0", "平均")
    assert found["whole"]["voluntary"]["base"]["mid"][-1] == 11.5  # the control: medians beside a mean difference
    assert one["words"] == "看不出差别"  # four skewed differences are not sure
    heads = cards(found)[0]["heads"]
    assert float(heads["base"]) - float(heads["words"].split()[1]) == float(heads["other"])
    assert heads["words"].startswith("少 49.")


def test_old_outcomes_say_that_they_are_medians() -> None:
    found = found_of({"voluntary": LEFT, "heads": HEADS})
    old = copy.deepcopy({key: value for key, value in found.items() if key != "total"})
    for rows in old["whole"].values():
        del rows["base"]["mean"], rows["other"]["mean"]
    last, total = cards(old)
    assert (last["voluntary"]["kind_of"], last["voluntary"]["base"], total) == ("中位", "11.5", {})


def test_all_years_together_with_their_interval() -> None:
    bill = [[1e6, 2e6], [1.1e6, 2e6], [1e6, 2.1e6], [1e6, 2e6]]
    dear = [[value * 1.2 for value in row] for row in bill]
    one = cards(found_of({"bill": (bill, dear)}))[1]["bill"]
    assert (one["base"], one["other"], one["unit"]) == ("305.00", "366.00", "万元")
    assert one["words"] == "多 61.00 万元"
    low, high = (float(word) for word in one["between"].split(" 至 "))
    assert low < 61.0 < high
    assert "heads" not in cards(found_of({}))[1]
    assert headlines.all_years({**found_of({}), "years": [2026]}) == []  # one year is told already


def test_fewer_staff_are_seen_beside_what_does_not_know_them() -> None:
    less = cards(found_of({"voluntary": LEFT, "heads": HEADS}))[0]
    assert less["voluntary"]["more"] == ["占平均在岗人数：现行 20.0%，方案 19.9%"]
    assert less["residents"]["more"] == [headlines.UNSEEN_STAFF]
    surely = [[40, 40]] * 4, [[20, 20], [21, 20], [20, 21], [20, 20]]
    fewer = cards(found_of({"voluntary": surely, "heads": HEADS}))
    assert [one["voluntary"]["kind"] for one in fewer] == ["plain", "plain"]  # fewer of fewer is no merit
    assert [one["voluntary"]["kind"] for one in cards(found_of({"voluntary": surely}))] == ["good", "good"]
    assert cards(found_of({}))[0]["residents"]["more"] == []
    assert less["heads"]["kind"] == "plain"  # fewer posts are neither good nor bad


def test_what_is_not_known_is_a_dash_once_and_nought_has_no_sign() -> None:
    alone = _compared(np.array([[1.0, 2.0]]), np.array([[1.5, 2.5]]))
    assert showing.between(alone["apart"]["low"][0], alone["apart"]["high"][0], "人") == "—"
    assert showing.between(-0.01, 0.01, "人") == "0.0 至 0.0"
    assert showing.wide_words(-12.0, "元") == "0.00"
