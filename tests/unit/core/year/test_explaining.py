"""What a step says of the pack: the row applied, once; nothing that the step says itself; nothing of a row that was not taken."""

from datetime import date

import pytest

from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.packs.loading import load
from qinglan.core.packs.said import applied
from qinglan.core.rules.registry import FAMILIES, ITEMS
from qinglan.core.year.explaining import explain

PACK = load("taoyuan", ITEMS).on(date(2025, 12, 31))


def said(item: str, row: int | None = None) -> str:
    return applied(ITEMS[item], PACK.dated(item), row)


@pytest.mark.parametrize(
    ("item", "row", "words"),
    [
        ("assess.traffic_light.bands", 2, "80.00 分起：蓝"),
        ("assess.traffic_light.actions", 3, "红：立即约谈并制定整改计划"),
        ("assess.traffic_light.yellow_years", None, "2 年"),
        ("assess.four_in_one.weights", None, "群众评议：30%；专业评估：40%；过程考核：20%；创新贡献：10%"),
    ],
)
def test_row_applied_is_said_in_words(item: str, row: int | None, words: str) -> None:
    assert said(item, row) == words


def test_long_table_without_a_row_is_not_printed_whole() -> None:
    assert said("career.job_requirements.conditions") == ""
    assert said("career.job_requirements.conditions", 0).startswith("第 1 行：")


def lines(family: str, **given: int) -> dict[str, str]:
    values = dict.fromkeys(FAMILIES[family].steps, missing(Reason.NOT_RECORDED)) | given
    return {line.name: line.applied for line in explain(FAMILIES[family], values, PACK)}


def test_each_is_told_once_and_not_where_the_step_says_it() -> None:
    told = lines("assess.traffic_light", colour=1, yellow_in_a_row=0, unit_action=0, colour_row=2)
    assert told == {"colour": "80.00 分起：蓝", "yellow_in_a_row": "2 年", "unit_action": "蓝：无"}
    asked = lines("career.job_requirements", conditions_row=0)
    assert [words for words in asked.values() if words] == [said("career.job_requirements.conditions", 0)]


def test_where_no_row_was_taken_none_is_told() -> None:
    assert lines("assess.traffic_light", colour_row=-1)["colour"] == ""
    assert lines("assess.traffic_light", colour_row=MISSING)["colour"] == ""


def test_missing_has_its_reason_with_and_without_an_item() -> None:
    steps = {line.name: line.missing for line in explain(
        FAMILIES["assess.traffic_light"], dict.fromkeys(("colour", "yellow_in_a_row", "unit_action", "colour_row"), MISSING), PACK,
    )}  # fmt: skip
    assert set(steps.values()) == {"未记录"}
