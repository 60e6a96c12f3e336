"""Pages of imports and facts: who may, what each row would do, what is told when a file cannot be read, what is kept."""

import io
import logging
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from procrastinate.contrib.django.models import ProcrastinateJob

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.facts import queries
from qinglan.apps.facts.models import EvaluationScore, HeaderWord, ImportBatch, TrainingRecord
from qinglan.apps.facts.tasks import check_import
from qinglan.apps.people.models import Person
from tests import cast as casting
from tests.factories import id_number
from tests.unit.facts.workbooks import DATA, book

pytestmark = pytest.mark.django_db
ROSTER_HEAD = ["姓名", "身份证号码", "所属社区", "参加社区工作时间", "联系电话"]
TRAINING_HEAD = ["身份证号码", "姓名", "所属社区", "培训日期", "培训课程", "培训类别", "学时", "佐证材料", "记录人"]
BORN = date(1990, 1, 2)


def upload(client: Any, kind: str, data: bytes, district: str = "990101", name: str = "") -> Any:
    file = SimpleUploadedFile(name or f"{kind}.xlsx", data)
    return client.post("/imports/", {"kind": kind, "district": district, "file": file}, follow=True)


def newest() -> ImportBatch:
    return ImportBatch.objects.latest("pk")


def newcomer(serial: int, community: str, **values: Any) -> list[Any]:
    row = {
        "name": "尉迟敏",
        "id": id_number(serial, BORN),
        "org": community,
        "start": "2024-07-01",
        "phone": "13812345678",
    }
    return list((row | values).values())


def training(person: Person, hours: Any = 8, **values: Any) -> list[Any]:
    row = {
        "id": person.id_number.open(), "name": person.name, "org": "", "day": "2025-06-12", "course": "社区治理实务", "kind": "年度",
        "hours": hours, "evidence": "签到表2025-031", "recorder": "李四",
    }  # fmt: skip
    return list((row | values).values())


class TestScope:
    @pytest.mark.parametrize("name", ["worker_a", "secretary_a", "nobody", "administrator"])
    def test_those_who_may_not_are_told(self, name: str, sign_in: Any) -> None:
        answer = upload(sign_in(name), "training", book(TRAINING_HEAD))
        assert answer.status_code == 403
        assert "您没有导入的权限" in answer.content.decode()
        assert not ImportBatch.objects.exists()

    def test_file_of_another_district_cannot_be_submitted(self, officer: Any) -> None:
        page = upload(officer, "training", book(TRAINING_HEAD), district="990102").content.decode()
        assert "选择一个有效的选项" in page
        assert not ImportBatch.objects.exists()

    @pytest.mark.parametrize("name", casting.MEMBERS)
    def test_a_batch_is_there_for_its_district_alone(self, name: str, cast: casting.Cast, sign_in: Any) -> None:
        upload(sign_in("district_a"), "training", book(TRAINING_HEAD, training(cast.people["worker_a"])))
        pk = newest().pk
        client = sign_in(name)
        for method, rest in (
            ("get", ""), ("get", "marked/"), ("get", "columns/"), ("get", "progress/"), ("post", "check/"), ("post", "apply/"),
            ("post", "give-up/"),
        ):  # fmt: skip
            answer = getattr(client, method)(f"/imports/{pk}/{rest}")
            assert (answer.status_code == 404) == (name != "district_a"), rest

    def test_a_sub_district_officer_sees_her_own_files_only_while_she_may_import(
        self, cast: casting.Cast, sign_in: Any
    ) -> None:
        upload(sign_in("subdistrict_a"), "training", book(TRAINING_HEAD, training(cast.people["worker_a"])))
        pk = newest().pk
        assert sign_in("subdistrict_a").get(f"/imports/{pk}/").status_code == 200
        assert sign_in("district_a").get(f"/imports/{pk}/").status_code == 200
        assert sign_in("subdistrict_a2").get(f"/imports/{pk}/").status_code == 404
        cast.users["subdistrict_a"].grants.all().delete()
        assert sign_in("subdistrict_a").get(f"/imports/{pk}/").status_code == 404

    def test_people_of_another_sub_district_are_refused_row_by_row(self, cast: casting.Cast, sign_in: Any) -> None:
        client = sign_in("subdistrict_a")
        rows = [newcomer(401, "甲一东社区"), newcomer(402, "甲二社区"), newcomer(403, "甲一西社区", name="曾国")]
        page = upload(client, "roster", book(ROSTER_HEAD, *rows)).content.decode()
        assert "该机构不在您的管理范围内" in page
        client.post(f"/imports/{newest().pk}/apply/")
        assert [row["outcome"] for row in newest().report["rows"]] == ["accepted", "refused", "accepted"]
        assert set(
            Person.objects.filter(id_number_index__isnull=False, birth=BORN).values_list("org_code", flat=True)
        ) == {
            "990101001001",
            "990101001002",
        }

    def test_facts_of_people_and_units_elsewhere_are_refused_row_by_row(self, cast: casting.Cast, sign_in: Any) -> None:
        client = sign_in("subdistrict_a")
        own, other = cast.people["worker_a"], cast.people["sibling_a"]
        page = upload(client, "training", book(TRAINING_HEAD, training(own), training(other))).content.decode()
        assert "别的街道的人请由该街道或区级管理员导入" in page
        client.post(f"/imports/{newest().pk}/apply/")
        assert [fact.person_id for fact in TrainingRecord.objects.all()] == [own.pk]
        head = ["姓名", "所属社区", "考核年度", "评分来源", "得分", "佐证材料", "记录人"]
        units = [["", place, 2025, "专业评估", 80, "报告", "李四"] for place in ("甲一东社区", "甲二社区")]
        upload(client, "scores", book(head, *units))
        client.post(f"/imports/{newest().pk}/apply/")
        assert [row["reasons"] for row in newest().report["rows"]] == [[], ["out of scope"]]
        assert [fact.org_code for fact in EvaluationScore.objects.all()] == ["990101001001"]


class TestFile:
    def test_rows_are_shown_applied_and_known_again(self, cast: casting.Cast, officer: Any) -> None:
        worker = cast.people["worker_a"]
        data = book(TRAINING_HEAD, training(worker), training(worker, hours="八", day="2025-06-13"))
        page = upload(officer, "training", data).content.decode()
        assert "现在还没有写入任何数据" in page
        assert "G 列：" in page
        assert not TrainingRecord.objects.exists()
        done = officer.post(f"/imports/{newest().pk}/apply/", follow=True).content.decode()
        assert "已导入 1 行，未变 0 行，退回 1 行" in done
        twice = officer.post(f"/imports/{newest().pk}/apply/", follow=True).content.decode()
        assert "不能导入" in twice
        upload(officer, "training", data)
        batch = newest()
        assert (batch.accepted, batch.unchanged, batch.refused) == (0, 1, 1)
        assert TrainingRecord.objects.count() == 1

    def test_marked_workbook_is_given_and_its_taking_recorded(self, cast: casting.Cast, officer: Any) -> None:
        upload(officer, "training", book(TRAINING_HEAD, training(cast.people["worker_a"], hours="八")))
        answer = officer.get(f"/imports/{newest().pk}/marked/")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert "学时" in sheet.cell(2, len(TRAINING_HEAD) + 1).value
        assert AuditEvent.objects.get(action="facts.import.marked").by_name == "district_a"

    def test_given_up_file_is_forgotten(self, cast: casting.Cast, officer: Any) -> None:
        upload(officer, "training", book(TRAINING_HEAD, training(cast.people["worker_a"])))
        officer.post(f"/imports/{newest().pk}/give-up/")
        batch = newest()
        assert (batch.state, batch.content, batch.report) == (ImportBatch.State.GIVEN_UP, None, {})
        assert officer.get(f"/imports/{batch.pk}/").status_code == 200
        assert "不能导入" in officer.post(f"/imports/{batch.pk}/apply/", follow=True).content.decode()
        assert "不再保存" in officer.get(f"/imports/{batch.pk}/marked/", follow=True).content.decode()

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [("formula.xls", "是公式"), ("far-cell.xls", "离表格太远"), ("", "空的"), ("<html>", "其实是网页")],
    )
    def test_hostile_file_gets_its_sentence_and_leaves_nothing(self, name: str, sentence: str, officer: Any) -> None:
        before = Person.objects.count()
        data = (DATA / name).read_bytes() if name.endswith(".xls") else (name or "  ").encode()
        page = upload(officer, "roster", data, name="表.xls").content.decode()
        assert sentence in page
        batch = ImportBatch.objects.get()
        assert (batch.state, batch.content, batch.report, batch.read) == (ImportBatch.State.FAILED, None, {}, 0)
        assert Person.objects.count() == before
        assert "不能导入" in officer.post(f"/imports/{batch.pk}/apply/", follow=True).content.decode()

    def test_what_is_stored_holds_no_private_number(
        self, cast: casting.Cast, officer: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        number, phone = id_number(404, BORN), "13812345678"
        short, odd, bad_phone = number[:17], number.replace("0", "O", 1), "1381234567"
        rows = [
            newcomer(404, "甲一东社区"),
            newcomer(405, "甲一东社区", id=short),
            newcomer(406, "甲一东社区", id=odd),
            newcomer(407, "甲一东社区", phone=bad_phone),
            newcomer(408, "甲一东社区", id=f"{number[:6]} {number[6:14]} {number[14:]}"),
        ]
        upload(officer, "roster", book(ROSTER_HEAD, *rows), name=f"{number}.xlsx")
        officer.get(f"/imports/{newest().pk}/columns/")
        officer.post(f"/imports/{newest().pk}/apply/")
        assert Person.objects.filter(birth=BORN).exists()
        private = [number, number[6:], phone, short[3:], odd[3:], bad_phone, f"{number[6:14]} {number[14:]}"]
        texts = [*_texts(), *(record.getMessage() for record in caplog.records)]
        assert [text for text in texts if any(one in text for one in private)] == []

    def test_pages_hold_no_private_number(self, cast: casting.Cast, officer: Any) -> None:
        number = id_number(404, BORN)
        upload(officer, "roster", book(ROSTER_HEAD, newcomer(404, "甲一东社区"), newcomer(404, "甲一东社区")))
        for address in ("", "?outcome=", "columns/"):
            page = officer.get(f"/imports/{newest().pk}/{address}").content.decode()
            assert number not in page
            assert "13812345678" not in page


def _texts() -> list[str]:
    """Every text of every table of ours, as the database holds it."""
    found = []
    tables = set(connection.introspection.table_names())
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table not in tables:
            continue
        columns = [
            connection.ops.quote_name(field.column)
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        if columns:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {', '.join(f'{one}::text' for one in columns)} FROM {model._meta.db_table}")
                found += [text for row in cursor.fetchall() for text in row if text]
    assert found
    return found


class TestColumns:
    def strange(self, cast: casting.Cast) -> bytes:
        """A sheet none of whose header words is known, below two lines of title."""
        head = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"]
        row = training(cast.people["worker_a"])
        return book(["某某街道"], ["二〇二五年"], head, [*row[:2], *row[3:]])

    def told(self, page_fields: dict[str, str], **more: str) -> dict[str, str]:
        return {"sheet0-header_row": "3"} | {f"sheet0-column_{k}": v for k, v in page_fields.items()} | more

    FIELDS = dict(
        zip("ABCDEFGH", ["id", "name", "date", "course", "kind", "hours", "evidence", "recorder"], strict=True)
    )

    def test_sheet_without_a_known_header_is_told_by_hand(self, cast: casting.Cast, officer: Any) -> None:
        page = upload(officer, "training", self.strange(cast)).content.decode()
        batch = newest()
        assert batch.state == ImportBatch.State.UNCLEAR
        assert f"/imports/{batch.pk}/columns/" in page
        assert "不能导入" in officer.post(f"/imports/{batch.pk}/apply/", follow=True).content.decode()
        form = officer.get(f"/imports/{batch.pk}/columns/").content.decode()
        assert "某某街道" in form
        assert '<td class="ql-nowrap">丁</td>' in form
        assert cast.people["worker_a"].id_number.open() not in form
        assert cast.people["worker_a"].id_number.open()[:3] + "*" in form
        page = officer.post(f"/imports/{batch.pk}/columns/", self.told(self.FIELDS, keep="1"), follow=True)
        again = newest()
        assert (again.state, again.accepted) == (ImportBatch.State.TRIED, 1), again.message
        assert ImportBatch.objects.get(pk=batch.pk).state == ImportBatch.State.GIVEN_UP
        assert "记住了 8 个表头词" in page.content.decode()
        assert queries.synonyms_of("990101", "training")["course"] == ["丁"]
        upload(officer, "training", self.strange(cast))
        assert (newest().state, newest().accepted) == (ImportBatch.State.TRIED, 1)
        officer.post(f"/imports/{newest().pk}/apply/")
        assert TrainingRecord.objects.get().course == "社区治理实务"

    def test_columns_are_remembered_only_when_asked(self, cast: casting.Cast, officer: Any) -> None:
        upload(officer, "training", self.strange(cast))
        officer.post(f"/imports/{newest().pk}/columns/", self.told(self.FIELDS))
        assert newest().accepted == 1
        assert not HeaderWord.objects.exists()
        officer.post(f"/imports/{newest().pk}/apply/")
        assert TrainingRecord.objects.count() == 1

    def test_two_columns_for_one_field_are_refused(self, cast: casting.Cast, officer: Any) -> None:
        upload(officer, "training", self.strange(cast))
        page = officer.post(f"/imports/{newest().pk}/columns/", self.told(self.FIELDS | {"C": "name"})).content.decode()
        assert "有 2 列都选了〈姓名〉" in page
        assert ImportBatch.objects.count() == 1

    def test_a_sheet_may_be_left_out(self, cast: casting.Cast, officer: Any) -> None:
        workbook = openpyxl.load_workbook(io.BytesIO(book(TRAINING_HEAD, training(cast.people["worker_a"]))))
        other = workbook.create_sheet("旧表")
        other.append([one for one in TRAINING_HEAD if one != "佐证材料"])
        other.append(training(cast.people["worker_a"])[:-1])
        buffer = io.BytesIO()
        workbook.save(buffer)
        upload(officer, "training", buffer.getvalue())
        assert newest().state == ImportBatch.State.UNCLEAR
        page = officer.get(f"/imports/{newest().pk}/columns/").content.decode()
        fields = {
            f"sheet0-column_{'ABCDEFGHI'[n]}": key
            for n, key in enumerate(
                ["id", "name", "community", "date", "course", "kind", "hours", "evidence", "recorder"]
            )
        }
        assert "旧表" in page
        officer.post(f"/imports/{newest().pk}/columns/", fields | {"sheet1-ignore": "on"})
        assert (newest().state, newest().accepted) == (ImportBatch.State.TRIED, 1)


class TestWords:
    def test_officer_adds_and_removes(self, cast: casting.Cast, officer: Any) -> None:
        head = [one if one != "培训课程" else "学了啥" for one in TRAINING_HEAD]
        data = book(head, training(cast.people["worker_a"]))
        upload(officer, "training", data)
        assert newest().state == ImportBatch.State.UNCLEAR
        added = {"district": "990101", "word": "学了 啥", "meaning": "training:course"}
        assert "已添加" in officer.post("/imports/words/", added, follow=True).content.decode()
        upload(officer, "training", data)
        assert (newest().state, newest().accepted) == (ImportBatch.State.TRIED, 1)
        assert "已经对应〈培训课程〉" in officer.post("/imports/words/", added).content.decode()
        word = HeaderWord.objects.get()
        officer.post(f"/imports/words/{word.pk}/remove/")
        assert not HeaderWord.objects.exists()
        assert {e.action for e in AuditEvent.objects.filter(action__startswith="facts.words")} == {
            "facts.words.add",
            "facts.words.remove",
        }
        upload(officer, "training", data)
        assert newest().state == ImportBatch.State.UNCLEAR

    def test_words_are_the_districts_own(self, cast: casting.Cast, sign_in: Any) -> None:
        added = {"district": "990101", "word": "学了啥", "meaning": "training:course"}
        sign_in("district_a").post("/imports/words/", added)
        word = HeaderWord.objects.get()
        assert "学了啥" not in sign_in("district_b").get("/imports/words/").content.decode()
        assert sign_in("district_b").post(f"/imports/words/{word.pk}/remove/").status_code == 404
        assert "学了啥" in sign_in("subdistrict_a").get("/imports/words/").content.decode()
        assert sign_in("subdistrict_a").post(f"/imports/words/{word.pk}/remove/").status_code == 404
        assert sign_in("subdistrict_a").post("/imports/words/", added | {"word": "另"}).status_code == 403
        assert sign_in("district_b").post("/imports/words/", added | {"word": "另"}).status_code == 200
        assert HeaderWord.objects.count() == 1


class TestLargeFiles:
    @pytest.fixture
    def large(self, cast: casting.Cast) -> bytes:
        rows = [training(cast.people["worker_a"], day=str(date(2019, 1, 1) + timedelta(days=n))) for n in range(2100)]
        return book(TRAINING_HEAD, *rows)

    def worker(self) -> None:
        """A worker gave a sign of life just now."""
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp())")

    def test_is_checked_at_once_when_nobody_works_in_the_background(self, large: bytes, officer: Any) -> None:
        upload(officer, "training", large)
        assert (newest().state, newest().accepted) == (ImportBatch.State.TRIED, 2100)
        assert not ProcrastinateJob.objects.exists()

    def test_waits_for_the_worker_and_shows_it(self, large: bytes, officer: Any, cast: casting.Cast) -> None:
        self.worker()
        page = upload(officer, "training", large).content.decode()
        batch = newest()
        assert batch.state == ImportBatch.State.READING
        assert f'hx-get="/imports/{batch.pk}/progress/"' in page
        job = ProcrastinateJob.objects.get()
        assert (job.task_name, job.args) == ("facts.check_import", {"batch_id": batch.pk})
        assert "正在核对" in officer.get(f"/imports/{batch.pk}/progress/").content.decode()
        check_import(**job.args)
        assert (newest().state, newest().accepted) == (ImportBatch.State.TRIED, 2100)
        assert (
            officer.get(f"/imports/{batch.pk}/progress/", headers={"HX-Request": "true"})["HX-Redirect"]
            == f"/imports/{batch.pk}/"
        )
        assert (
            officer.get(f"/imports/{batch.pk}/progress/").url == f"/imports/{batch.pk}/"
        )  # who opens that address herself
        check_import(**job.args)  # a job that comes twice finds it done
        assert AuditEvent.objects.filter(action="facts.import.check", by_name="district_a").count() == 1

    def test_does_not_wait_for_a_worker_that_died(self, large: bytes, officer: Any) -> None:
        self.worker()
        upload(officer, "training", large)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        before = newest().state, AuditEvent.objects.count()
        said = officer.get(f"/imports/{newest().pk}/progress/")
        assert "马上核对" in said.content.decode()
        assert "HX-Redirect" not in said
        assert (newest().state, AuditEvent.objects.count()) == before, "asking changes nothing"
        assert officer.get(f"/imports/{newest().pk}/check/").status_code == 405
        assert officer.post(f"/imports/{newest().pk}/check/").url == f"/imports/{newest().pk}/"
        assert (newest().state, newest().accepted) == (ImportBatch.State.TRIED, 2100)

    def test_work_that_breaks_off_is_told(self, large: bytes, officer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.worker()
        upload(officer, "training", large)
        monkeypatch.setattr(queries, "organisations_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            check_import(batch_id=newest().pk)
        assert newest().state == ImportBatch.State.FAILED
        assert "核对时出了意外" in officer.get(f"/imports/{newest().pk}/").content.decode()


def test_the_list_of_files_says_what_to_do_while_it_is_empty(officer: Any) -> None:
    page = officer.get("/imports/").content.decode()
    assert "还没有导入过文件。在上面选种类和文件" in page
    assert "放宽筛选" not in page
