"""A dirty roster of 5,000 rows: the dry run as the page does it, with a bounded number of queries.

Its time and memory stand in the test report (--junit-xml), for no machine is like another.
"""

import resource
import time
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import organisation, roster_rows
from tests.unit.facts.workbooks import TODAY, book

from qinglan.apps.facts.actions import imports
from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.people.models import Person

HEAD = [
    "序号",
    "姓 名",
    "性别",
    "身份证号",
    "所属街道",
    "所在社区",
    "职务",
    "参加社区工作时间",
    "学历",
    "社工证",
    "取证时间",
    "手机",
]
COMMUNITIES = {"990101001001": "甲一东社区", "990101001002": "甲一西社区"}
N = 5000


def dirty_roster() -> bytes:
    """Every fifth row has something wrong, dates and digits are written in many ways."""
    rows = []
    for n, (_, one) in enumerate(roster_rows(list(COMMUNITIES), N)):
        year, month, _ = one["start"].split("-")
        start = (f"{year}.{int(month)}", f"{year}年{int(month)}月", f"{year}{month}01", one["start"])[n % 4]
        number = (
            one["id"]
            if n % 5
            else (one["id"][:17], one["id"][:-1] + "Q", "", one["id"].replace("9901", "O901"))[n // 5 % 4]
        )
        rows.append([
            n + 1, f"{one['name'][0]} {one['name'][1:]}", one["sex"], number, "甲一街道", COMMUNITIES[one["org"]], one["post"],
            start, one["edu"], one["cert"], one["cd"] or "", one["phone"],
        ])  # fmt: skip
    return book(["甲区花名册（合成数据）"], HEAD, *rows, ["合计", N])


@pytest.mark.django_db
@pytest.mark.slow
def test_dry_run_of_five_thousand_dirty_rows_asks_little_of_the_database(
    record_property: Callable[[str, object], None],
) -> None:
    for code, name in {"990101": "甲区", "990101001": "甲一街道", **COMMUNITIES}.items():
        organisation(code, name)
    data = dirty_roster()
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        batch = imports.submit(
            kind="roster", filename="花名册.xlsx", data=data, district="990101", today=TODAY, by=None
        )
    record_property("dry run, seconds", round(time.perf_counter() - began, 1))
    record_property("peak memory, MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    assert (batch.read, batch.accepted, batch.refused, batch.skipped) == (N + 1, N * 4 // 5, N // 5, 1)
    assert len(captured) < 25
    imports.apply(batch=batch, today=TODAY, by=None)
    assert Person.objects.count() == N * 4 // 5
    assert ImportBatch.objects.get().state == ImportBatch.State.APPLIED
    again = imports.submit(kind="roster", filename="花名册.xlsx", data=data, district="990101", today=TODAY, by=None)
    assert (again.accepted, again.unchanged) == (0, N * 4 // 5)
