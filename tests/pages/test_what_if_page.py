"""试算 on its page: the empty diff is the stored year, other values say who gains, and nothing is stored."""

import html
import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qinglan.apps.facts.actions import recording
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PackAdoption, PackText, PersonResult, Run, RunInput
from qinglan.apps.policy.queries import rehearsing
from qinglan.core.frame.codes import Star
from tests import cast as casting
from tests.factories import posted, published

DISTRICT = "990101"
START = "pay.three_plus_x.start_level"
WEIGHTS = "assess.four_in_one.weights"
RAISE = """
pay.three_plus_x.start_level:
  values:
    - since: 2025-07-01
      setting: 试算，起点工资提高
      value: 4400
"""


@pytest.fixture(scope="module")
def module_run(module_cast: casting.Cast, django_db_blocker: Any) -> Run:
    """2025 of 甲区 with a few people more, published."""
    with django_db_blocker.unblock():
        for n in range(9):
            code = ("990101001001", "990101001002", "990101002001")[n % 3]
            someone = posted(code, birth=date(1970 + 3 * n, 2, 1), sex="male" if n % 2 else "female")
            about = {"person_id": someone.pk, "org_code": code, "valid_on": date(2025, 6, 12), "favourable": None}
            scores = [about | {"source": source, "score": 6_200 + 300 * n, "ballots": 40} for source in (1, 2, 3, 4)]
            recording.record_many(kind="scores", rows=scores, by=None, org_code=DISTRICT)
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        return published(years.compute(district=DISTRICT, year=2025, by=None))


@pytest.fixture
def run(module_run: Run, db: None) -> Run:
    rehearsing._kept.clear()
    return module_run


def _try(client: Client, run: Run, *rows: tuple[str, str, str], **more: Any) -> Any:
    items, days, values = zip(*rows, strict=True) if rows else ((), (), ())
    sent = {"run": run.pk, "item": items, "since": days, "value": values} | more
    return client.post("/what-if/", sent, headers={"HX-Request": "true"})


def _plain(answer: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_nothing_tried_is_exactly_the_stored_year(run: Run, officer: Client) -> None:
    page = _plain(_try(officer, run))
    assert "每个人的每一步都与现在相同" in page
    found = rehearsing.outcome(run, "{}")
    assert found.same
    assert found.people == []
    assert all((one.gain, one.lose, one.change, one.grades, one.stars) == (0, 0, 0, 0, 0) for one in found.groups)
    stored = PersonResult.objects.filter(run=run)
    assert found.groups[0].people == stored.count()
    assert found.groups[0].before == stored.aggregate(s=Sum("gross"))["s"] == run.district_frame["pay_bill"]
    by_place = {one.name: one.before for one in found.groups if one.by == "社区"}
    for code, total in by_place.items():
        assert total == stored.within(code).aggregate(s=Sum("gross"))["s"], code


def test_an_item_written_as_it_is_changes_nothing(run: Run, officer: Client) -> None:
    """Every item of the pack: what the row is filled with is what the pack says, so sent back it gives the stored year."""
    rows = []
    for _, items in rehearsing.items_of(run):
        for item, _ in items:
            now = rehearsing.item_now(run, item)
            assert now is not None
            assert now.text, item
            rows.append((item, now.since.isoformat(), now.text))
    assert len(rows) > 50
    found = rehearsing.outcome(run, rehearsing.diff_text(rows))
    assert found.same
    assert found.tried == []


def test_a_raise_says_who_gains_and_what_it_costs(run: Run, officer: Client) -> None:
    before = {row.person_id: row.gross for row in PersonResult.objects.filter(run=run)}
    answer = _try(officer, run, (START, "2025-07-01", "4400"))
    page = _plain(answer)
    found = rehearsing.outcome(run, RAISE.replace("试算，起点工资提高", "试算"))
    assert {one.person: one.before for one in found.people} == {
        key: before[key] for key in {one.person for one in found.people}
    }
    assert len(found.people) == len(before)
    assert all(one.change > 0 for one in found.people)
    whole = found.groups[0]
    assert whole.change == sum(one.change for one in found.people)
    assert f"{whole.change // 100:,}.{whole.change % 100:02d}" in page
    for by in ("街道", "社区", "层级", "性别", "年末年龄"):
        part = [one for one in found.groups if one.by == by]
        assert (sum(one.people for one in part), sum(one.change for one in part)) == (whole.people, whole.change), by
        assert by in page
    assert "薪酬支出" in page
    top = max(found.people, key=lambda one: one.change)
    assert f'href="/results/{PersonResult.objects.get(run=run, person=top.person).pk}/"' in answer.content.decode()
    assert "增加最多的人" in page
    assert "减少最多的人" not in page


def test_stars_that_would_move_are_counted(run: Run, officer: Client) -> None:
    """Three stars for everybody who has a score: those move who had another number."""
    stored = {row.person_id: row.star for row in PersonResult.objects.filter(run=run)}
    rated = {person for person, star in stored.items() if star}
    assert len(rated) > 5
    text = rehearsing.diff_text([("pay.star_rating.bands", "2020-01-01", "- from: 50\n  is: 三星")])
    found = rehearsing.outcome(run, text)
    moved = {one.person: one.stars for one in found.people if one.stars[0] != one.stars[1]}
    assert moved.keys() == {person for person in rated if stored[person] != Star.THREE}
    assert all(stars == (stored[person], Star.THREE) for person, stars in moved.items())
    assert found.groups[0].stars == len(moved)
    book = officer.post("/what-if/", {"run": run.pk, "text": text, "export": "people"})
    said = [
        row[6] for row in openpyxl.load_workbook(io.BytesIO(book.content)).active.iter_rows(min_row=3, values_only=True)
    ]
    assert sum("→ 三星" in one for one in said) == len(moved)


def test_nothing_is_stored(run: Run, officer: Client) -> None:
    tables = (Run, PersonResult, RunInput, PackText, PackAdoption)
    counts = [model.objects.count() for model in tables]
    with CaptureQueriesContext(connection) as captured:
        _try(officer, run, (START, "2025-01-01", "5000"))
    writes = [one["sql"] for one in captured if re.match(r"\s*(INSERT|UPDATE|DELETE)", one["sql"])]
    assert not [sql for sql in writes if "django_session" not in sql]
    assert [model.objects.count() for model in tables] == counts


def test_a_file_does_the_same_as_rows(run: Run, officer: Client) -> None:
    file = SimpleUploadedFile("试算.yaml", RAISE.encode("utf-8-sig"))
    by_file = _plain(_try(officer, run, file=file))
    by_rows = _plain(_try(officer, run, (START, "2025-07-01", "4400")))
    numbers = re.compile(r"¥[\d,.]+")
    assert numbers.findall(by_file) == numbers.findall(by_rows)
    assert len(numbers.findall(by_file)) > 20
    both = _plain(_try(officer, run, (START, "2025-07-01", "4400"), file=SimpleUploadedFile("a.yaml", b"{}")))
    assert "只能用一种" in both


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(START, "2025-01-01", "四千")], "起点"),
        ([(START, "2025-13-01", "4400")], "起始日"),
        ([(START, "", "4400")], "起始日"),
        ([("pay.nothing", "2025-01-01", "1")], "pay.nothing"),
        ([(START, "2026-01-01", "4400")], "2025 年用不到"),
        ([(WEIGHTS, "2025-01-01", "群众评议: 30%")], "100%"),
        ([(START, "2025-01-01", "*a")], "锚点"),
        ([(START, "2025-01-01", "!!python/object:os.system x")], ""),
        ([(START, "2025-01-01", "[" * 50)], ""),
        ([(START, "2025-01-01", "-1")], ""),
    ],
)
def test_a_slip_is_said_in_words(rows: list[tuple[str, str, str]], said: str, run: Run, officer: Client) -> None:
    answer = _try(officer, run, *rows)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "ql-note-danger" in page
    assert said in page
    assert "Traceback" not in page


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a: [", b"pay.nothing: {}", b"- 1", "甲" * 100_000])
def test_a_file_that_is_none_is_refused_in_words(content: Any, run: Run, officer: Client) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    answer = _try(officer, run, file=SimpleUploadedFile("试算.yaml", data))
    assert answer.status_code == 200
    assert "ql-note-danger" in answer.content.decode()


def test_a_row_shows_what_holds_now(run: Run, officer: Client) -> None:
    row = officer.get(f"/what-if/row/?run={run.pk}&add={WEIGHTS}")
    page = html.unescape(row.content.decode())
    assert "群众评议: 30%" in page
    assert 'value="2025-01-01"' in page
    for wrong in ("add=x", "add=", f"add={START}&run=999999999"):
        assert officer.get(f"/what-if/row/?run={run.pk}&{wrong}").status_code == 404
    form = html.unescape(officer.get("/what-if/").content.decode())
    assert f'value="{START}"' in form
    assert "甲区 2025 年（已公布" in form


def test_workbooks_hold_the_comparison(run: Run, officer: Client) -> None:
    text = rehearsing.diff_text([(START, "2025-07-01", "4400")])
    found = rehearsing.outcome(run, text)
    sheets = {}
    for kind in ("people", "groups"):
        answer = officer.post("/what-if/", {"run": run.pk, "text": text, "export": kind})
        sheets[kind] = list(
            openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(min_row=3, values_only=True)
        )
    assert len(sheets["people"]) == len(found.people)
    assert sum(round(float(row[4]) * 100) for row in sheets["people"]) == found.groups[0].change
    assert len(sheets["groups"]) == len(found.groups)
    assert round(float(sheets["groups"][0][7]) * 100) == found.groups[0].change


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_who_may_try(name: str, cast: casting.Cast, run: Run, client: Client) -> None:
    client.force_login(cast.users[name])
    opens, tries = name in ("district_a", "district_b", "administrator"), name in ("district_a", "administrator")
    assert client.get("/what-if/").status_code == (200 if opens else 404)
    assert client.get(f"/what-if/row/?run={run.pk}&add={START}").status_code == (200 if tries else 404)
    assert client.post("/what-if/", {"run": run.pk}).status_code == (200 if tries else 404)
    assert ('href="/what-if/"' in client.get("/packs/").content.decode()) == opens


def test_the_administrator_sees_sums_and_no_people(cast: casting.Cast, run: Run, client: Client) -> None:
    client.force_login(cast.users["administrator"])
    answer = _try(client, run, (START, "2025-07-01", "4400"))
    page = answer.content.decode()
    assert "增加最多的人" not in page
    assert "/results/" not in page.split('id="main"')[-1].replace("/results/runs/", "")
    assert not [name for name in cast.people.values() if name.name in page]
    shown = [int(number) for number in re.findall(r'data-label="人数">(\d+)<', page)]
    assert shown
    assert min(shown) >= 5
    text = html.unescape(re.search(r'name="text" value="([^"]*)"', page)[1])  # type: ignore[index]
    book = client.post("/what-if/", {"run": run.pk, "text": text, "export": "people"})
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.iter_rows(values_only=True))
    assert rows[1][0] == "按"


def test_a_comparison_is_computed_once(run: Run, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = rehearsing.what_if
    monkeypatch.setattr(rehearsing, "what_if", lambda *given: calls.append(1) or real(*given))
    text = rehearsing.diff_text([(START, "2025-07-01", "4500")])
    for _ in range(3):
        officer.post("/what-if/", {"run": run.pk, "text": text})
    assert len(calls) == 1
    for n in range(rehearsing.KEPT):
        rehearsing._kept[run.pk, str(n)] = rehearsing.outcome(run, text)
    rehearsing.outcome(run, rehearsing.diff_text([(START, "2025-07-01", "4600")]))
    assert len(rehearsing._kept) == rehearsing.KEPT


def test_before_any_year_it_says_what_to_do(cast: casting.Cast, officer: Client) -> None:
    page = officer.get("/what-if/").content.decode()
    assert "还没有可以试算的年度" in page
