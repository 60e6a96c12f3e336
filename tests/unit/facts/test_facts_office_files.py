"""Files as offices keep them: no column of who recorded, a post nobody knows, an account gone meanwhile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.facts.workbooks import DATA, JIANGHAN, book, bring_in, submit

from qinglan.apps.facts.models import Award, ImportBatch
from qinglan.apps.facts.tasks import check_import
from qinglan.apps.people.models import Organisation

if TYPE_CHECKING:
    from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("truth_day")


def test_a_sheet_without_a_recorder_is_recorded_by_who_brought_it(cast: Cast) -> None:
    someone, officer = cast.people["worker_a"], cast.users["district_a"]
    sheet = book(
        ["身份证号码", "获奖日期", "荣誉名称", "荣誉级别", "授予单位", "佐证材料"],
        [someone.id_number.open(), "2025-07-01", "最美社工", "区", "区民政局", "证书1"],
    )
    batch = bring_in("awards", sheet, by=officer, district="990101")
    assert batch.accepted == 1, batch.report
    assert f"没有〈记录人〉列，按上传人{batch.by_name}登记" in batch.message
    assert Award.objects.get(person=someone).recorder == batch.by_name
    nobody = submit("awards", sheet, district="990101")  # the system itself is no recorder
    assert "缺少〈记录人〉列" in nobody.message


def test_a_post_that_nobody_knows_comes_back_with_what_is_understood(jianghan: None) -> None:
    head = ["姓名", "身份证号码", "所属社区", "职务", "参加社区工作时间"]
    place = Organisation.objects.filter(code__regex=r"^\d{12}$").first()
    assert place is not None
    numbers = [row["id"] for row in json.loads((DATA / "people.json").read_text(encoding="utf-8"))[:2]]
    rows = [
        ["张甲", numbers[0], place.name, "宇航员", "2020年1月"],
        ["张乙", numbers[1], place.name, "社区书记", "2020年1月"],
    ]
    batch = submit("roster", book(head, *rows))
    refused, taken = batch.report["rows"]
    assert refused["reasons"] == ["unknown post"]
    assert (refused["details"][0]["column"], refused["details"][0]["message"]) == ("D", "职务〈宇航员〉没有认出")
    assert "党组织书记" in refused["details"][0]["mend"]
    assert (taken["outcome"], taken["change"]) == ("accepted", f"新增：{place.name}，社区书记，2020-01-01 起")


def test_a_file_whose_owner_is_gone_does_not_wait_for_ever(jianghan: None) -> None:
    batch = ImportBatch.objects.create(org_code=JIANGHAN, kind="awards", filename="a.xlsx", sha256="0", by_id=10**9)
    check_import(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.FAILED
