"""Results and packs page by page: each role × own, sibling sub-district, other district; what the pages say; how much they ask."""

import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qinglan.apps.facts.actions import recording
from qinglan.apps.people.models import Organisation
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PackAdoption, PersonResult, Run, UnitResult
from tests import cast as casting
from tests.factories import posted, published

pytestmark = pytest.mark.django_db

DISTRICTS = ("990101", "990102")
PAGES = ("/results/{r}/", "/results/{r}/pay/", "/results/{r}/pay/3/", "/results/{r}/why/assess.four_in_one/")
AT_MOST = 15


@pytest.fixture(scope="module")
def module_year(module_cast, django_db_blocker):
    """2025 of both districts, computed and published once for the module."""
    with django_db_blocker.unblock():
        for district in DISTRICTS:
            adoption.adopt(district=district, pack="taoyuan", since=date(2020, 1, 1), by=None)
            published(years.compute(district=district, year=2025, by=None))


@pytest.fixture
def computed(module_year, cast):
    return cast


def _result(cast, name: str) -> PersonResult:
    return PersonResult.objects.get(person=cast.people[name], run__state=Run.State.PUBLISHED)


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_each_page_of_a_result_opens_for_whom_it_concerns(name, computed, client):
    """All that is not hers, and all pages of the first that is; the slow run opens those of all."""
    seen = [whose for whose in computed.people if whose in casting.SEES_RESULTS[name]]
    _open_as(name, [whose for whose in computed.people if whose not in seen[1:]], computed, client)


@pytest.mark.slow
@pytest.mark.parametrize("name", casting.MEMBERS)
def test_each_page_of_each_result_opens_for_whom_it_concerns(name, computed, client):
    _open_as(name, computed.people, computed, client)


def _open_as(name, people, computed, client):
    client.force_login(computed.users[name])
    for whose in people:
        for page in PAGES:
            address = page.format(r=_result(computed, whose).pk)
            wanted = 200 if whose in casting.SEES_RESULTS[name] else 404
            assert client.get(address).status_code == wanted, f"{name} {whose} {address}"


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_list_and_export_hold_exactly_whom_the_account_sees(name, computed, client):
    client.force_login(computed.users[name])
    answer = client.get("/results/")
    if not casting.SEES_RESULTS[name] or name.startswith("worker"):
        wanted = f"/results/{_result(computed, name).pk}/" if name.startswith("worker") else None
        assert answer.headers.get("Location") == wanted
        return
    shown = {
        one for one in computed.people if f'href="/results/{_result(computed, one).pk}/"' in answer.content.decode()
    }
    assert shown == casting.SEES_RESULTS[name]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/results/?export=xlsx").content))
    rows = [row[0] for row in book.active.iter_rows(min_row=3, values_only=True)]
    assert sorted(rows) == sorted(computed.people[one].name for one in casting.SEES_RESULTS[name])


@pytest.mark.parametrize("name", ["district_a", "subdistrict_a", "subdistrict_a2", "secretary_a", "worker_a"])
def test_units_and_runs_stop_at_the_scope(name, computed, client):
    client.force_login(computed.users[name])
    code = {"district_a": "990101", "subdistrict_a": "990101001", "subdistrict_a2": "990101002"}.get(
        name, "990101001001"
    )
    for unit in UnitResult.objects.all():
        inside = unit.org_code.startswith(code) and name != "worker_a"
        assert client.get(f"/results/units/{unit.pk}/").status_code == (200 if inside else 404), unit.org_code
    for run in Run.objects.all():
        inside = run.org_code == "990101" and name != "worker_a"
        answer = client.get(f"/results/runs/{run.pk}/")
        assert answer.status_code == (200 if inside else 404)
        if inside:
            assert ("全区预算与增长" in answer.content.decode()) == (name == "district_a")


def test_the_list_is_narrowed_by_place_grade_and_exception(computed, client):
    client.force_login(computed.users["district_a"])

    def shown(query: str) -> set[str]:
        page = client.get(f"/results/?{query}").content.decode()
        return {one for one in computed.people if f'href="/results/{_result(computed, one).pk}/"' in page}

    everybody = casting.SEES["district_a"]
    assert shown("year=2025") == everybody
    assert shown("org=990101002") == {"sibling_a"}
    assert shown("org=990101001001") == {"secretary_a", "worker_a", "colleague_a"}
    assert shown("exception=no_grade") == everybody
    assert shown("grade=any") == set()
    assert shown("q=qiu") == {"worker_a"}
    page = client.get("/results/?year=2025").content.decode()
    assert "甲二街道" in page
    assert "乙" not in page.replace("甲乙", "")


def test_a_place_outside_the_scope_is_no_choice(computed, client):
    client.force_login(computed.users["subdistrict_a"])
    page = client.get("/results/?org=990101002").content.decode()
    assert f'href="/results/{_result(computed, "sibling_a").pk}/"' not in page


def test_a_year_still_running_is_marked_and_never_taken_by_itself(computed, client):
    running = timezone.localdate().year
    years.compute(district="990101", year=running, by=None)
    client.force_login(computed.users["district_a"])
    mark = "年度未结束，按全年在岗试算"
    page = client.get("/results/").content.decode()
    assert "2025 年度结果" in page
    assert mark not in page
    page = client.get(f"/results/?year={running}").content.decode()
    assert f"{running} 年度结果" in page
    assert mark in page
    worker = computed.people["worker_a"]
    fragment = client.get(f"/results/people/{worker.pk}/").content.decode()
    assert "2025 年度结果（已公布）" in fragment
    assert f"{running} 年（未结束）" in fragment
    client.force_login(computed.users["worker_a"])
    own = PersonResult.objects.get(person=worker, run__year=2025, run__state="published")
    assert client.get("/results/").headers["Location"] == f"/results/{own.pk}/"
    open_year = PersonResult.objects.get(person=worker, run__year=running, run__state="draft")
    for page in ("", "pay/"):
        assert client.get(f"/results/{open_year.pk}/{page}").status_code == 404  # a draft is not yet hers to read
        client.force_login(computed.users["district_a"])
        assert mark in client.get(f"/results/{open_year.pk}/{page}").content.decode()
        client.force_login(computed.users["worker_a"])


@pytest.mark.parametrize("year", ["²", "12345678901234567890", "x", "-1", ""])
def test_a_year_that_is_none_gives_the_usual_list(year, computed, client):
    client.force_login(computed.users["district_a"])
    assert client.get("/results/", {"year": year}).status_code == 200


def test_result_says_what_is_missing_and_never_nought(computed, client):
    """Nobody of the cast has a grade or a score: both say so."""
    client.force_login(computed.users["worker_a"])
    page = client.get(f"/results/{_result(computed, 'worker_a').pk}/").content.decode()
    assert "没有职级记录" in page
    tile = page.split("综合分</div>")[1].split("</div>")[0]
    assert tile.endswith("—")
    assert "由人决定" in page
    assert "学时还差多少" in page


def test_result_lists_the_conditions_of_the_next_grade(computed, client):
    person = computed.people["worker_a"]
    person.grades.create(ladder="五级九档", grade=1, span=("[2020-01-01,)"))
    rows = [
        {"person_id": person.pk, "org_code": person.org_code, "valid_on": date(2025, 12, 10), "recorder": "测试",
         "evidence": "测试", "source": source, "score": 9_000, "ballots": 60, "favourable": None}
        for source in (1, 2, 3, 4)
    ]  # fmt: skip
    recording.record_many(kind="scores", rows=rows, by=None, org_code="990101")
    published(years.compute(district="990101", year=2025, by=None))
    client.force_login(computed.users["worker_a"])
    page = client.get(f"/results/{_result(computed, 'worker_a').pk}/").content.decode()
    assert "现在第 1 档，高一档是第 2 档" in page
    assert "任现职级" in page
    assert "72 个月" in page  # in the grade since 2020-01-01, at the end of 2025
    assert "本年名额" in page


def _scored(computed) -> int:
    """The result of a worker with all four scores of the year."""
    person = computed.people["worker_a"]
    rows = [
        {"person_id": person.pk, "org_code": person.org_code, "valid_on": date(2025, 12, 10), "recorder": "测试",
         "evidence": "测试", "source": source, "score": 8_500, "ballots": 60, "favourable": None}
        for source in (1, 2, 3, 4)
    ]  # fmt: skip
    recording.record_many(kind="scores", rows=rows, by=None, org_code="990101")
    published(years.compute(district="990101", year=2025, by=None))
    return _result(computed, "worker_a").pk


@pytest.mark.parametrize(
    ("family", "says", "leads"),
    [
        (
            "assess.jh_grades",
            ("等次评分：<strong>85.00 分", "按分数线的等次", "名额：", "名次："),
            "assess.jh_grades.quota",
        ),
        ("assess.jh_grades.score", ("：<strong>85.00 分",), "assess.four_in_one"),
        ("pay.star_rating.score", ("：<strong>85.00 分",), "assess.four_in_one"),
    ],
)
def test_why_tells_the_earlier_figures_it_goes_on_from(family, says, leads, computed, client):
    result = _scored(computed)
    client.force_login(computed.users["worker_a"])
    page = client.get(f"/results/{result}/why/{family}/").content.decode()
    section = page.split("从前面的结果来")[1].split("</section>")[0]
    for words in says:
        assert words in section
    assert f'href="/results/{result}/why/{leads}/"' in section


def test_list_shows_the_score_that_the_grade_goes_by(computed, client):
    _scored(computed)
    client.force_login(computed.users["district_a"])
    rows = client.get("/results/?year=2025&q=qiu").content.decode().split("<tbody")[-1]
    assert rows.count("85.00") == 2  # the year's score and, nothing else being known, the grade's
    book = openpyxl.load_workbook(io.BytesIO(client.get("/results/?export=xlsx").content))
    assert "等次评分" in [cell.value for row in book.active.iter_rows(max_row=2) for cell in row]


def test_numbers_of_places_are_printed_nowhere(computed, client):
    result = _scored(computed)
    client.force_login(computed.users["worker_a"])
    for family, _ in _result(computed, "worker_a").run.step_columns:
        assert "序号" not in client.get(f"/results/{result}/why/{family}/").content.decode(), family


def test_why_leads_to_the_figures_before_and_after(computed, client):
    client.force_login(computed.users["worker_a"])
    result = _result(computed, "worker_a").pk
    address, seen = f"/results/{result}/why/exit.retirement/", set()
    families = [family for family, _ in _result(computed, "worker_a").run.step_columns]
    address = f"/results/{result}/why/{families[0]}/"
    while True:  # to the first, then all the way to the last
        page = client.get(address).content.decode()
        if 'rel="prev"' not in page:
            break
        address = page.split('rel="prev" href="')[1].split('"')[0]
    while address:
        seen.add(address.rstrip("/").rsplit("/", 1)[1])
        page = client.get(address).content.decode()
        address = page.split('rel="next" href="')[1].split('"')[0] if 'rel="next"' in page else ""
    assert seen == set(families)


def test_quota_page_names_nobody_else(computed, client):
    client.force_login(computed.users["worker_a"])
    page = client.get(f"/results/{_result(computed, 'worker_a').pk}/why/assess.jh_grades.quota/").content.decode()
    assert "不列别人的姓名和分数" in page
    assert not any(person.name in page for name, person in computed.people.items() if name != "worker_a")


def test_names_of_places_merged_in_the_year_are_still_said(computed, client):
    Organisation.objects.filter(code="990101001002").update(valid="[,2025-07-01)")
    client.force_login(computed.users["district_a"])
    assert "甲一西社区" in client.get("/results/").content.decode()


@pytest.mark.parametrize(
    "address", ["/results/", "/results/?org=990101001&grade=any&q=l", "/results/runs/", "run", "result"]
)
def test_queries_do_not_grow_with_people(address, computed, client):
    def count() -> int:
        chosen = {
            "run": f"/results/runs/{Run.objects.get(org_code='990101', state='published').pk}/",
            "result": f"/results/{_result(computed, 'worker_a').pk}/",
        }.get(address, address)
        client.get(chosen)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(chosen).status_code == 200
        return len([query for query in captured if "django_session" not in query["sql"]])

    client.force_login(computed.users["district_a"])
    few = count()
    for i in range(60):
        posted(("990101001001", "990101002001")[i % 2])
    published(years.compute(district="990101", year=2025, by=None))
    assert count() == few
    assert few <= AT_MOST


def test_two_packs_side_by_side_and_none_that_is_not_there(cast, client):
    client.force_login(cast.users["worker_a"])
    page = client.get("/packs/compare/?left=blueprint&right=taoyuan&on=2025-06-30").content.decode()
    assert "6,385.00 元" in page  # the blueprint's average wage
    assert "6,000.00 元" in page  # 桃源区's
    assert "只乘绩效工资" not in page  # both say so
    assert '<th scope="col">路径蓝图（S3）</th><th scope="col">桃源区政策包（虚构）</th>' in page
    assert ">blueprint<" not in page
    assert "继承 国家规定、路径蓝图（S3）" in client.get("/packs/taoyuan/").content.decode()
    assert client.get("/packs/compare/?left=blueprint&right=blueprint").content.decode().count("<tbody>") == 0
    assert client.get("/packs/compare/?left=nowhere&right=taoyuan").status_code == 404


def test_an_administrator_takes_a_pack_up_for_the_district_that_she_names(cast, client):
    client.force_login(cast.users["administrator"])
    page = client.get("/packs/").content.decode()
    assert 'name="district"' in page
    assert "甲区" in page
    asked = {"pack": "taoyuan", "year": "2025"}
    assert "请选择区、" in client.post("/packs/adopt/", asked, follow=True).content.decode()
    page = client.post("/packs/adopt/", asked | {"district": "990102"}, follow=True).content.decode()
    assert "乙区自 2025-01-01 起" in page
    assert [one.org_code for one in PackAdoption.objects.all()] == ["990102"]


def test_an_officer_of_one_district_names_none(cast, client):
    client.force_login(cast.users["district_a"])
    assert 'name="district"' not in client.get("/packs/").content.decode()
    client.post("/packs/adopt/", {"pack": "taoyuan", "year": "2025", "district": "990102"})
    assert [one.org_code for one in PackAdoption.objects.all()] == ["990101"]
