"""Opening balances: the grade in words, months employed, and balances at the end of a month."""

from datetime import date

import pytest
from tests.factories import organisation, person, posted
from tests.unit.facts.workbooks import book, bring_in, register

from qinglan.apps.base.models import span
from qinglan.apps.facts.actions.recording import record_many
from qinglan.apps.facts.models import OpeningBalance
from qinglan.apps.facts.queries import ladder_grade, months_employed
from qinglan.apps.people.models import Employment
from qinglan.apps.policy.queries.records import records_for
from qinglan.core.frame.building import build

CODE = "990101001001"


@pytest.mark.parametrize(
    ("words", "grade"),
    [
        ("三级五档", 5), ("五档", 5), ("5档", 5), ("5", 5), (" 5 ", 5), ("９档", 9), ("3级5档", 5), ("三级12档", 12),
        ("十二级", 12), ("18级", 18), ("十档", 10), ("二十四档", 24), ("", None), (None, None),
    ],
)  # fmt: skip
def test_grade_in_words(words: str | None, grade: int | None) -> None:
    assert ladder_grade(words) == grade


@pytest.mark.parametrize(
    "words", ["三级", "中级二档", "骨干", "档", "0", "0档", "99999", "五点五档", "-1", "三级五档半", "5.5"]
)
def test_unclear_grade_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="看不懂职级"):
        ladder_grade(words)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("spans", "day", "months"),
    [
        ([("2020-01-01", None)], "2025-08-31", 8),
        ([("2025-03-15", None)], "2025-08-31", 6),  # March counts
        ([("2025-08-31", None)], "2025-08-31", 1),
        ([("2025-09-01", None)], "2025-08-31", 0),  # not yet employed
        ([("2026-01-01", None)], "2025-08-31", 0),
        ([("2020-01-01", "2025-03-01"), ("2025-06-10", None)], "2025-08-31", 3),  # by the last entry
        ([("2020-01-01", "2025-04-01")], "2025-08-31", 3),  # left at the end of March
        ([("2020-01-01", "2024-04-01")], "2025-08-31", 0),
        ([("2020-01-01", None)], "2025-01-31", 1),
        ([("2020-01-01", None)], "2025-12-31", 12),
        ([], "2025-08-31", 8),  # nothing known: the year so far
    ],
)
def test_months_employed(spans: list[tuple[str, str | None]], day: str, months: int) -> None:
    organisation(CODE)
    someone = person(CODE)
    for since, until in spans:
        whole = span(date.fromisoformat(since), date.fromisoformat(until) if until else None)
        Employment.objects.create(
            person=someone, org_code=CODE[:6], span=whole, exit_reason="voluntary" if until else ""
        )
    assert months_employed({someone.pk: date.fromisoformat(day)}) == {someone.pk: months}


HEAD = [
    "身份证号码",
    "姓名",
    "截止日期",
    "累计收入",
    "累计扣除",
    "已扣税额",
    "每月专项附加扣除",
    "累计学时",
    "社区工作年限",
    "现级档",
    "佐证材料",
    "记录人",
]


def test_balances_stand_at_the_end_of_the_month(jianghan: None) -> None:
    number, someone = next(iter(register().items()))
    rest = [48000, 9600, "0", 2000, 24, "12年6个月", "三级五档", "工资表", "李四"]
    batch = bring_in("openings", book(HEAD, [number, "", "2025年8月", *rest]))
    assert (batch.accepted, batch.refused) == (1, 0), batch.report
    balance = OpeningBalance.objects.get()
    assert balance.person_id == someone.pk
    assert (balance.valid_on, balance.months_employed) == (date(2025, 8, 31), 8)
    assert (balance.income, balance.special_deductions, balance.tax_withheld) == (48_000_00, 9_600_00, 0)
    assert (balance.additional_monthly, balance.training_hours, balance.service_months) == (2_000_00, 24_00, 150)
    assert balance.ladder_grade == 5
    again = bring_in("openings", book(HEAD, [number, "", "2025-08-31", *rest]))
    assert (again.accepted, again.unchanged) == (0, 1)
    assert OpeningBalance.objects.count() == 1


def test_unclear_grade_comes_back_with_its_cell(jianghan: None) -> None:
    number = next(iter(register()))
    row = [number, "", "2025年8月", 48000, 9600, 0, 2000, 24, 12, "三级", "工资表", "李四"]
    batch = bring_in("openings", book(HEAD, row))
    assert batch.refused == 1
    detail = batch.report["rows"][0]["details"][0]
    assert (detail["column"], detail["message"]) == ("J", "看不懂职级「三级」，请写成 5 或 三级五档")
    assert not OpeningBalance.objects.exists()


def test_posted_person_of_another_district_is_not_known(jianghan: None) -> None:
    organisation(CODE)
    stranger = posted(CODE)
    row = [stranger.id_number.open(), "", "2025年8月", 48000, 9600, 0, 0, 0, 1, "5", "工资表", "李四"]
    batch = bring_in("openings", book(HEAD, row))
    assert [one["reasons"] for one in batch.report["rows"]] == [["unknown person"]]


def test_a_blank_in_a_balance_leaves_the_hours_on_record(jianghan: None) -> None:
    """A balance that says nothing of hours does not count them as none: what was brought in by its own workbook stays."""
    number, someone = next(iter(register().items()))
    row = [number, "", "2025年8月", 48000, 9600, 0, 2000, None, "12年6个月", "5", "工资表", "李四"]
    bring_in("openings", book(HEAD, row))
    balance = OpeningBalance.objects.get()
    assert (balance.training_hours, balance.onboarding_hours, balance.shadowing_hours) == (None, None, None)
    day = {"person_id": someone.pk, "org_code": someone.org_code, "recorder": "李四", "evidence": "签到表"}
    kinds = [("annual", 12_00, date(2025, 3, 1)), ("onboarding", 30_00, date(2020, 2, 1))]
    rows = [
        {**day, "valid_on": when, "kind": kind, "course": "课", "hours": hours, "days": None}
        for kind, hours, when in kinds
    ]
    record_many(kind="training", rows=rows, by=None, org_code="420103")
    shadowed = {**day, "valid_on": date(2020, 3, 1), "mentor": "王五", "hours": 200_00}
    record_many(kind="shadowing", rows=[shadowed], by=None, org_code="420103")

    def hours() -> list[int]:
        frame = build(records_for("420103", 2025, 8_00), 2025)
        place = list(frame.people).index(someone.pk)
        return [int(frame.columns[name][place]) for name in ("annual_hours", "onboarding_hours", "shadowing_hours")]

    assert hours() == [12_00, 30_00, 200_00]
    told = [number, "", "2025年8月", 48000, 9600, 0, 2000, 0, "12年6个月", "5", "工资表", "李四", 40, 210]
    bring_in("openings", book([*HEAD, "岗前学时", "跟岗小时"], told))
    assert hours() == [0, 40_00, 210_00]  # said, and said to be all
