"""What the dry run says of each row before anything is written; and files whose content is dropped once they are in."""

from typing import Any

import pytest

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.facts.models import ImportBatch, TrainingRecord
from tests import cast as casting
from tests.pages.test_facts import TRAINING_HEAD, newest, training, upload
from tests.unit.facts.workbooks import book

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(cast: casting.Cast, client: Any) -> Any:
    client.force_login(cast.users["district_a"])
    return client


def changes(client: Any, kind: str, data: bytes) -> list[str]:
    upload(client, kind, data)
    return [row["change"] for row in newest().report["rows"]]


class TestTold:
    def test_new_row_says_day_and_figure(self, cast: casting.Cast, officer: Any) -> None:
        data = book(TRAINING_HEAD, training(cast.people["worker_a"]))
        assert changes(officer, "training", data) == ["新增：2025-06-12，年度培训 社区治理实务 8 学时"]
        page = officer.get(f"/imports/{newest().pk}/?outcome=accepted").content.decode()
        assert "新增：2025-06-12，年度培训 社区治理实务 8 学时" in page

    def test_correction_says_what_it_was(self, cast: casting.Cast, officer: Any) -> None:
        worker = cast.people["worker_a"]
        upload(officer, "training", book(TRAINING_HEAD, training(worker)))
        officer.post(f"/imports/{newest().pk}/apply/")
        more = book(TRAINING_HEAD, training(worker, hours=12))
        assert changes(officer, "training", more) == [
            "更正已有的记录：2025-06-12，年度培训 社区治理实务 8 学时 → 年度培训 社区治理实务 12 学时"
        ]
        proof = book(TRAINING_HEAD, training(worker, evidence="签到表2025-099"))
        assert changes(officer, "training", proof) == [
            "更正已有的记录的依据：2025-06-12，签到表2025-031 → 签到表2025-099"
        ]
        same = book(TRAINING_HEAD, training(worker))
        assert changes(officer, "training", same) == [""]

    def test_withdrawn_one_said_again_is_restored(self, cast: casting.Cast, officer: Any) -> None:
        data = book(TRAINING_HEAD, training(cast.people["worker_a"]))
        upload(officer, "training", data)
        officer.post(f"/imports/{newest().pk}/apply/")
        officer.post(f"/facts/training/{TrainingRecord.objects.get().pk}/withdraw/", {"reason": "记错"})
        assert changes(officer, "training", data)[0].startswith("恢复已撤销的记录：2025-06-12，年度培训")

    @pytest.mark.parametrize(
        ("kind", "head", "row", "told"),
        [
            ("abilities", ["姓名", "评定日期", "为民服务力", "治理创新力", "依据", "记录人"], ["仇芳", "2025-06-01", 80, 71.5, "测评", "李四"],
             "新增：2025-06-01，为民服务力 80、居民动员力 —、协商议事力 —、项目运营力 —、统筹协调力 —、治理创新力 71.5"),
            ("exams", ["姓名", "考试日期", "考试级别", "是否通过", "依据", "记录人"], ["仇芳", "2025-06-01", "初级", "是", "成绩单", "李四"],
             "新增：2025-06-01，初级 通过"),
            ("scores", ["姓名", "考核年度", "评分来源", "得分", "依据", "记录人"], ["仇芳", 2025, "专业评估", 86.5, "报告", "李四"],
             "新增：2025-12-31，专业评估 86.5 分"),
            ("figures", ["项目", "数额", "年度", "依据", "记录人"], ["薪酬预算", "1.68亿元", 2025, "批复", "李四"],
             "新增：2025-12-31，2025 年薪酬预算：168,000,000.00 元"),
        ],
    )  # fmt: skip
    def test_each_kind_says_what_it_adds(
        self, kind: str, head: list[str], row: list[Any], told: str, cast: casting.Cast, officer: Any
    ) -> None:
        assert changes(officer, kind, book(head, row)) == [told]


class TestForget:
    @pytest.fixture
    def applied(self, cast: casting.Cast, officer: Any) -> ImportBatch:
        rows = [training(cast.people["worker_a"]), training(cast.people["worker_a"], hours="八", day="2025-06-13")]
        upload(officer, "training", book(TRAINING_HEAD, *rows))
        officer.post(f"/imports/{newest().pk}/apply/")
        return newest()

    def test_content_goes_and_the_rest_stays(self, applied: ImportBatch, officer: Any) -> None:
        address = f"/imports/{applied.pk}/"
        before = officer.get(address).content.decode()
        assert f"{address}forget/" in before
        assert f"{address}marked/" in before
        done = officer.post(f"{address}forget/", follow=True).content.decode()
        assert "文件内容已删除" in done
        assert "由district_a删除，不能再生成标注后的工作簿" in done
        batch = newest()
        assert (batch.content, batch.state, batch.report) == (None, ImportBatch.State.APPLIED, applied.report)
        assert (batch.read, batch.accepted, batch.refused) == (2, 1, 1)
        page = officer.get(f"{address}?outcome=refused").content.decode()
        assert "学时" in page
        assert f"{address}marked/" not in page
        assert f"{address}forget/" not in page
        assert "不再保存" in officer.get(f"{address}marked/", follow=True).content.decode()
        assert TrainingRecord.objects.current().count() == 1
        assert AuditEvent.objects.get(action="facts.import.forget").by_name == "district_a"

    def test_a_second_time_says_so(self, applied: ImportBatch, officer: Any) -> None:
        officer.post(f"/imports/{applied.pk}/forget/")
        assert "已经删除了" in officer.post(f"/imports/{applied.pk}/forget/", follow=True).content.decode()
        assert AuditEvent.objects.filter(action="facts.import.forget").count() == 1

    def test_file_that_only_waits_is_given_up_instead(self, cast: casting.Cast, officer: Any) -> None:
        upload(officer, "training", book(TRAINING_HEAD, training(cast.people["worker_a"])))
        assert "请用放弃" in officer.post(f"/imports/{newest().pk}/forget/", follow=True).content.decode()
        assert newest().content

    @pytest.mark.parametrize("name", [name for name in casting.MEMBERS if name != "district_a"])
    def test_others_cannot(self, name: str, applied: ImportBatch, cast: casting.Cast, client: Any) -> None:
        client.force_login(cast.users[name])
        assert client.post(f"/imports/{applied.pk}/forget/").status_code == 404
        assert newest().content
