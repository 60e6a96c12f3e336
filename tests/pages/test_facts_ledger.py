"""Pages of single facts: who sees one, its history, its correction by form, its withdrawal; every kind has them."""

from datetime import date
from typing import Any

import pytest

from qinglan.apps.facts import queries
from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.models import TrainingRecord
from qinglan.apps.people.models import Person
from tests import cast as casting
from tests.unit.facts.workbooks import DATA, JIANGHAN, bring_in, organisations, register

pytestmark = pytest.mark.django_db
OFFICES = ("district_a", "subdistrict_a")


class TestOneFact:
    @pytest.fixture
    def fact(self, cast: casting.Cast) -> TrainingRecord:
        row = {
            "person_id": cast.people["worker_a"].pk, "org_code": "990101001001", "valid_on": date(2025, 6, 12), "kind": "annual",
            "course": "社区治理实务", "hours": 800, "days": None, "recorder": "李四", "evidence": "签到表2025-031", "sheet_row": "",
        }  # fmt: skip
        recording.record_many(kind="training", rows=[row], by=cast.users["district_a"], org_code="990101")
        return TrainingRecord.objects.get()

    CORRECTED = {"hours": "10.5", "evidence": "补正说明", "recorder": "李四", "reason": "漏记两个半学时"}

    @pytest.mark.parametrize("name", casting.MEMBERS)
    def test_who_sees_and_who_corrects(self, name: str, fact: TrainingRecord, sign_in: Any) -> None:
        client = sign_in(name)
        sees = "worker_a" in casting.SEES[name]
        page = client.get(f"/facts/training/{fact.pk}/")
        assert page.status_code == (200 if sees else 404)
        may = name in OFFICES
        assert ("撤销这条记录" in page.content.decode()) == may
        wanted = 404 if not sees else 403
        assert client.get(f"/facts/training/{fact.pk}/correct/").status_code == (200 if may else wanted)
        answer = client.post(f"/facts/training/{fact.pk}/withdraw/", {"reason": "没有参加"})
        assert answer.status_code == (302 if may else wanted)
        assert TrainingRecord.objects.count() == (2 if may else 1)

    @pytest.mark.parametrize("name", casting.MEMBERS)
    def test_the_list_holds_her_own_and_offers_imports_to_offices(
        self, name: str, fact: TrainingRecord, sign_in: Any
    ) -> None:
        page = sign_in(name).get("/facts/").content.decode()
        assert ("签到表2025-031" in page) == ("worker_a" in casting.SEES[name])
        assert ('class="btn btn-outline-secondary" href="/imports/"' in page) == name.startswith(
            ("district", "subdistrict")
        )

    def test_correction_shows_before_and_after(self, fact: TrainingRecord, officer: Any) -> None:
        assert 'value="8"' in officer.get(f"/facts/training/{fact.pk}/correct/").content.decode()
        answer = officer.post(f"/facts/training/{fact.pk}/correct/", self.CORRECTED, follow=True)
        page = answer.content.decode()
        assert "10.5 学时" in page
        assert "8 学时" in page
        assert "漏记两个半学时" in page
        assert TrainingRecord.objects.current().get().hours == 1050
        old = officer.get(f"/facts/training/{fact.pk}/").content.decode()
        assert "已被更正" in old
        assert "撤销这条记录" not in old
        twice = officer.post(f"/facts/training/{fact.pk}/correct/", self.CORRECTED | {"hours": "3"}).content.decode()
        assert TrainingRecord.objects.count() == 2
        assert "更正现在的一条" in twice

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"reason": ""}, "必填"),
            ({"hours": "8", "evidence": "签到表2025-031"}, "与原来相同"),
            ({"hours": ""}, "请填其中一项"),
            ({"days": "1"}, "请填其中一项"),
            ({"hours": "-1"}, "大于或等于"),
            ({"hours": "1.005"}, "小数"),
        ],
    )
    def test_correction_says_what_is_wrong(
        self, change: dict[str, str], sentence: str, fact: TrainingRecord, officer: Any
    ) -> None:
        page = officer.post(f"/facts/training/{fact.pk}/correct/", self.CORRECTED | change).content.decode()
        assert sentence in page
        assert TrainingRecord.objects.count() == 1

    def test_withdrawal_needs_a_reason_and_leaves_the_list(self, fact: TrainingRecord, officer: Any) -> None:
        assert "必填" in officer.post(f"/facts/training/{fact.pk}/withdraw/", {"reason": " "}).content.decode()
        assert "仇芳" in officer.get("/facts/").content.decode()
        officer.post(f"/facts/training/{fact.pk}/withdraw/", {"reason": "没有参加"})
        assert "仇芳" not in officer.get("/facts/").content.decode()
        page = officer.get(f"/facts/training/{TrainingRecord.objects.latest('pk').pk}/").content.decode()
        assert "已撤销" in page

    def test_facts_of_a_merged_duplicate_are_hers(self, fact: TrainingRecord, cast: casting.Cast, officer: Any) -> None:
        Person.objects.filter(pk=fact.person_id).update(merged_into=cast.people["colleague_a"])
        page = officer.get(f"/facts/people/{cast.people['colleague_a'].pk}/").content.decode()
        assert f"/facts/training/{fact.pk}/" in page
        assert officer.get(f"/facts/training/{fact.pk}/").status_code == 200


@pytest.mark.parametrize(
    "kind",
    ["training", "shadowing", "exams", "scores", "abilities", "awards", "warnings", "projects", "openings", "figures"],
)
def test_every_kind_of_fact_has_its_page_and_its_form(kind: str, sign_in: Any, cast: casting.Cast) -> None:
    organisations()
    register()
    bring_in(kind, (DATA / f"facts-{kind}.xlsx").read_bytes())
    user = cast.users["district_a"]
    user.grants.update(org_code=JIANGHAN)
    client = sign_in("district_a")
    model = queries.KINDS[kind]
    assert client.get(f"/facts/?kind={kind}").status_code == 200
    for fact in model._default_manager.all():
        assert client.get(f"/facts/{kind}/{fact.pk}/").status_code == 200
        page = client.get(f"/facts/{kind}/{fact.pk}/correct/")
        form = page.context["form"]
        data = {name: form[name].value() for name in form.fields}
        same = client.post(
            f"/facts/{kind}/{fact.pk}/correct/",
            {k: "" if v is None else v for k, v in data.items()} | {"reason": "核对"},
        )
        assert "与原来相同" in same.content.decode(), same.context["form"].errors
        made = client.post(
            f"/facts/{kind}/{fact.pk}/correct/",
            {k: "" if v is None else v for k, v in data.items()} | {"reason": "核对", "evidence": "另一份材料"},
        )
        assert made.status_code == 302
        again = model._default_manager.get(supersedes=fact.pk)
        assert {name: getattr(again, name) for name in model.VALUES} == {
            name: getattr(fact, name) for name in model.VALUES
        }
