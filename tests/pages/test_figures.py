"""全区预算数: who may bring the figures of a district in, how they read, how they are mended, and what the year makes of them."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.facts.models import FIGURES, DistrictFigure, ImportBatch
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.queries import results
from qinglan.core.frame.missing import MISSING
from tests import cast as casting
from tests.pages.test_facts import newest, upload
from tests.unit.facts.workbooks import book

pytestmark = pytest.mark.django_db
HEAD = ["项目", "数额", "单位", "年度", "佐证材料", "记录人"]


def said(*rows: list[Any]) -> bytes:
    return book(HEAD, *([*row, "预算批复〔2025〕3号", "李四"] for row in rows))


def bring_in(client: Any, *rows: list[Any]) -> str:
    upload(client, "figures", said(*rows))
    return client.post(f"/imports/{newest().pk}/apply/", follow=True).content.decode()


class TestWho:
    @pytest.mark.parametrize("name", [name for name in casting.MEMBERS if name != "district_a"])
    def test_nobody_but_the_district_officer_brings_them_in(self, name: str, sign_in: Any) -> None:
        answer = upload(sign_in(name), "figures", said(["薪酬预算", 1, "", 2025]))
        assert answer.status_code in (200, 403)
        assert not ImportBatch.objects.exists()
        assert not DistrictFigure.objects.exists()

    @pytest.mark.parametrize(("name", "offered"), [("district_a", True), ("subdistrict_a", False)])
    def test_kind_is_offered_to_the_district_alone(self, name: str, offered: bool, sign_in: Any) -> None:
        page = sign_in(name).get("/imports/").content.decode()
        assert ("全区预算数" in page) == offered

    @pytest.mark.parametrize("name", casting.MEMBERS)
    def test_a_figure_is_there_for_its_district_alone(self, name: str, sign_in: Any) -> None:
        bring_in(sign_in("district_a"), ["薪酬预算", "1.68亿元", "", 2025])
        fact = DistrictFigure.objects.get()
        client = sign_in(name)
        listed = client.get("/facts/?kind=figures").content.decode()
        sees = name in ("district_a", "finance_a", "auditor_a")
        assert ("168,000,000.00" in listed) == sees
        assert ('value="figures"' in client.get("/facts/").content.decode()) == (sees or name == "district_b")
        for method, rest in (("get", ""), ("get", "correct/"), ("post", "correct/"), ("post", "withdraw/")):
            answer = getattr(client, method)(f"/facts/figures/{fact.pk}/{rest}")
            wanted = 404 if not sees else 200 if name == "district_a" or not rest else 403
            assert answer.status_code == wanted, rest

    def test_officer_who_lost_the_district_cannot_apply(self, cast: casting.Cast, officer: Any) -> None:
        upload(officer, "figures", said(["薪酬预算", 1, "", 2025]))
        cast.users["district_a"].grants.update(org_code="990101001")
        officer.post(f"/imports/{newest().pk}/apply/")
        assert not DistrictFigure.objects.exists()


class TestFile:
    def test_rows_are_shown_with_their_figures_and_come_in(self, officer: Any) -> None:
        rows = (
            ["薪酬预算", 16800, "万元", 2025],
            ["薪酬单列预算科目", "是", "", 2025],
            ["本年平均人数", 2241, "", 2025],
            ["绿化费", 1, "", 2025],
        )
        page = upload(officer, "figures", said(*rows)).content.decode()
        assert '<th scope="col">项目</th>' in page
        assert "没有写入任何数据" in page
        done = officer.post(f"/imports/{newest().pk}/apply/", follow=True).content.decode()
        assert "已导入 3 行，未变 0 行，退回 1 行" in done
        kept = DistrictFigure.objects.values_list("name", "amount", "org_code", "valid_on", "person")
        end = date(2025, 12, 31)
        assert set(kept) == {
            ("pay_budget", 16_800_000_000, "990101", end, None), ("own_line", 1, "990101", end, None),
            ("pay_heads", 2241, "990101", end, None),
        }  # fmt: skip
        listed = officer.get("/facts/?kind=figures").content.decode()
        for words in (
            "2025 年薪酬预算：168,000,000.00 元",
            "2025 年薪酬单列预算科目：是",
            "2025 年本年平均人数：2,241 人",
            "甲区",
        ):
            assert words in listed
        assert "pay_budget" not in listed

    def test_said_again_is_unchanged_and_said_otherwise_supersedes(self, officer: Any) -> None:
        bring_in(officer, ["薪酬预算", "1.68亿元", "", 2025])
        assert "未变 1 行" in bring_in(officer, ["社区工作者薪酬预算", 16800, "万元", "2025年度"])
        bring_in(officer, ["薪酬预算", "1.7亿元", "", 2025])
        assert [one.amount for one in DistrictFigure.objects.current()] == [17_000_000_000]
        assert DistrictFigure.objects.count() == 2

    def test_template_lists_every_figure_with_its_unit(self, officer: Any) -> None:
        answer = officer.get("/imports/templates/figures/")
        notes = openpyxl.load_workbook(io.BytesIO(answer.content))["填写说明"]
        listed = {(notes.cell(row, 5).value, notes.cell(row, 6).value) for row in range(2, len(FIGURES) + 2)}
        assert listed == {(one.label, one.unit) for one in FIGURES.values()}

    def test_word_of_an_office_for_the_column_is_learnt(self, officer: Any) -> None:
        added = {"district": "990101", "word": "科目名", "meaning": "figures:item"}
        assert "已添加" in officer.post("/imports/words/", added, follow=True).content.decode()
        upload(officer, "figures", book(["科目名", *HEAD[1:]], ["薪酬预算", 1, "", 2025, "批复", "李四"]))
        assert newest().accepted == 1


class TestMending:
    @pytest.mark.parametrize(
        ("row", "told", "amount"),
        [
            (["薪酬预算", 16800, "万元", 2025], "169000000.5", 16_900_000_050),
            (["本年平均人数", 2241, "", 2025], "2240", 2240),
            (["薪酬单列预算科目", "是", "", 2025], "0", 0),
        ],
    )
    def test_correction_is_asked_in_the_unit_of_the_figure(
        self, row: list[Any], told: str, amount: int, officer: Any
    ) -> None:
        bring_in(officer, row)
        fact = DistrictFigure.objects.get()
        data = {"amount": told, "evidence": "预算调整批复", "recorder": "李四", "reason": "年中调整"}
        assert officer.post(f"/facts/figures/{fact.pk}/correct/", data).status_code == 302
        assert [one.amount for one in DistrictFigure.objects.current()] == [amount]
        assert AuditEvent.objects.filter(action="facts.correct", org_code="990101").exists()

    def test_withdrawn_figure_no_longer_counts(self, officer: Any) -> None:
        bring_in(officer, ["薪酬预算", 1, "", 2025])
        fact = DistrictFigure.objects.get()
        officer.post(f"/facts/figures/{fact.pk}/withdraw/", {"reason": "批复作废"})
        assert not DistrictFigure.objects.current().exists()
        assert "薪酬预算" not in officer.get("/facts/?kind=figures").content.decode()


def test_year_shows_the_budgets_that_were_brought_in(officer: Any) -> None:
    """桃源区 asks for 30万元 of training money (第六十七条) and 0.5% of public expenditure (第六十九条): 3,100万元 of 62亿元."""
    adoption.adopt(district="990101", pack="taoyuan", since=date(2020, 1, 1), by=None)
    before = years.compute(district="990101", year=2025, by=None)
    assert results.district_steps(before)["budget.training_50k"]["training_short"] <= MISSING
    bring_in(
        officer, ["培训专项预算", 4, "万元", 2025], ["一般公共预算支出", "62亿元", "", 2025],
        ["社区治理创新专项基金预算", 3200, "万元", 2025], ["培训专项预算", 90, "万元", 2024],
    )  # fmt: skip
    run = years.compute(district="990101", year=2025, by=None)
    steps = {name: value for family in results.district_steps(run).values() for name, value in family.items()}
    assert (steps["training_required"], steps["training_short"], steps["training_kept"]) == (30_000_000, 26_000_000, 0)
    assert (steps["innovation_required"], steps["innovation_short"], steps["innovation_kept"]) == (3_100_000_000, 0, 1)
    assert steps["pay_line_short"] <= MISSING
    page = officer.get(f"/results/runs/{run.pk}/").content.decode()
    for words in ("培训专项资金缺口", "260,000.00 元", "31,000,000.00 元", "/facts/?kind=figures"):
        assert words in page
    assert run.inputs_hash != before.inputs_hash
