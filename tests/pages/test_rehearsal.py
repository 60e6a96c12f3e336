"""推演 on its pages: asked for, lived, read, cancelled, taken up as a draft; who may, and what is too small to tell."""

import io
import itertools
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.policy.actions import adoption, releases, years
from qinglan.apps.policy.models import PackRelease, Run
from qinglan.apps.rehearsal.actions import running
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.tasks import live
from qinglan.core.twin.parameters import SEEDS, catalogue
from tests import cast as casting
from tests.factories import deciders, published
from tests.pages.pdfs import read
from tests.pages.rehearsing import ALLOWANCE, FORM, NOW, RAISED, calibrated, made, plain, published_year


@pytest.fixture(scope="module")
def module_run(module_cast: casting.Cast, django_db_blocker: Any) -> Run:
    """2025 of 甲区 with twelve people more, published."""
    with django_db_blocker.unblock():
        return published_year()


@pytest.fixture
def run(module_run: Run, db: None) -> Run:
    return module_run


@pytest.fixture(scope="module")
def module_lived(module_run: Run, django_db_blocker: Any) -> Rehearsal:
    """A raise with more places for mentees, lived once for the tests that only read it."""
    with django_db_blocker.unblock():
        row = made(module_run, [(ALLOWANCE, "2026-01-01", RAISED)], {"mentees_per_mentor": 6.0})
        running.live(rehearsal=row, by=None)
        return Rehearsal.objects.get(pk=row.pk)


@pytest.fixture
def lived(module_lived: Rehearsal, db: None) -> Rehearsal:
    return module_lived


def test_asked_for_on_the_page_lived_by_the_task_and_read(run: Run, officer: Client) -> None:
    form = plain(officer.get("/rehearsals/new/"))
    for words in ("职称（资格）津贴", "一名师傅带几人", "S1：2–3 名", "假设：没有可用数字", "甲一街道"):
        assert words in form, words
    fragment = officer.get(f"/rehearsals/row/?run={run.pk}&add={ALLOWANCE}").content.decode()
    assert 'name="since" value="2026-01-01"' in fragment
    sent = FORM | {
        "run": run.pk,
        "item": [ALLOWANCE],
        "since": ["2026-01-01"],
        "value": [RAISED],
        "p_mentees_per_mentor": "6",
    }
    answer = officer.post("/rehearsals/new/", sent)
    row = Rehearsal.objects.get()
    assert answer.url == f"/rehearsals/{row.pk}/"
    assert (row.state, row.years, row.replicates, row.outcome) == ("queued", 2, 4, None)
    waiting = plain(officer.get(answer.url))
    assert "等待计算" in waiting
    assert "现在就算" in waiting  # nobody works on background jobs here
    live(row.pk)
    row.refresh_from_db()
    assert (row.state, row.done, row.message) == ("done", 4, "")
    page = plain(officer.get(answer.url))
    for words in ("方案比现行差多少", "这不是预测", "2026 年", "2027 年", "应发工资", "一名师傅带几人", "中级：2,000"):
        assert words in page, words
    assert "nan" not in page.lower()
    told = list(
        AuditEvent.objects.filter(action__startswith="rehearsal.").order_by("pk").values_list("action", flat=True)
    )
    assert told == ["rehearsal.make", "rehearsal.begin", "rehearsal.finish"]


def test_nothing_changed_differs_by_exactly_nothing(run: Run, officer: Client) -> None:
    """Without values both are the same; and a value written as it is, which is lived a second time, gives the same numbers."""
    for rows in ([], [(ALLOWANCE, "2026-01-01", NOW)]):
        row = made(run, rows)
        running.live(rehearsal=row, by=None)
        row.refresh_from_db()
        found = row.outcome
        assert found["same"]
        for name, one in found["whole"].items():
            assert {*one["apart"]["mean"], *one["apart"]["low"], *one["apart"]["high"]} - {None} == {0.0}, name
            assert one["base"] == one["other"], name
        assert "一项也没有改" in plain(officer.get(f"/rehearsals/{row.pk}/"))
        assert "现行与方案的每个数都相同" in plain(officer.get(f"/rehearsals/{row.pk}/"))
        assert found["whole"]["heads"]["base"]["mid"][0] > 10


def test_a_raise_costs_and_the_same_seed_gives_the_same(run: Run, lived: Rehearsal) -> None:
    found = lived.outcome
    assert not found["same"]
    assert all(value >= 0 for value in found["whole"]["bill"]["apart"]["mean"])
    assert found["whole"]["mentored"]["apart"]["mean"][1] >= 0
    again = made(run, [(ALLOWANCE, "2026-01-01", RAISED)], {"mentees_per_mentor": 6.0})
    running.live(rehearsal=again, by=None)
    again.refresh_from_db()
    assert again.key == lived.key
    assert json.dumps(again.outcome, sort_keys=True) == json.dumps(found, sort_keys=True)
    assert json.dumps(again.detail, sort_keys=True) == json.dumps(lived.detail, sort_keys=True)


def test_too_few_people_are_not_rehearsed(run: Run, cast: casting.Cast, officer: Client) -> None:
    answer = officer.post("/rehearsals/new/", FORM | {"run": run.pk, "place": "990101002"})
    assert answer.status_code == 302  # five there: the sixth part of the twelve, and sibling_a
    one = published(_year_of_one())
    with pytest.raises(ValidationError, match="只有 2 人，不到 5 人"):
        made(one, [], place="990102")
    with pytest.raises(ValidationError, match="没有人，没有可以推演的队伍"):
        made(run, [], place="990101009")


def _year_of_one() -> Run:
    adoption.adopt(district="990102", pack="taoyuan", since=date(2020, 1, 1), by=None)
    return years.compute(district="990102", year=2025, by=None)


def test_groups_hide_what_is_too_small(lived: Rehearsal, officer: Client) -> None:
    for by in ("unit", "subdistrict", "sex", "age", "tier", "post"):
        answer = officer.get(f"/rehearsals/{lived.pk}/groups/?by={by}&of=heads&year=2026")
        assert answer.status_code == 200
        for name, one in lived.detail["groups"][by].items():
            assert one["heads"]["base"][0] >= settings.LEAST_CELL, (by, name)
    assert lived.detail["hidden"]["age"] > 0
    shown = lived.detail["groups"]["unit"]
    assert "990101001001" in shown or lived.detail["hidden"]["unit"] > 0
    book = officer.get(f"/rehearsals/{lived.pk}/groups/?by=sex&of=pay&export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert "不是预测" in rows[0][0]


def test_groups_are_read_by_year_and_add_up(lived: Rehearsal, officer: Client) -> None:
    """Where every group is told, their heads are those of the whole place."""
    whole = [by for by, hidden in lived.detail["hidden"].items() if not hidden]
    assert whole
    for by, at, side in itertools.product(whole, range(2), ("base", "other")):
        heads = sum(one["heads"][side][at] or 0 for one in lived.detail["groups"][by].values())
        middle = lived.outcome["whole"]["heads"][side]["mid"][at]
        assert abs(heads - middle) < 0.15 * middle, (by, at, side)
    page = plain(officer.get(f"/rehearsals/{lived.pk}/groups/?by=sex&of=pay&year=2026"))
    assert "人均月应发（元），按性别" in page
    assert "2026 年。差是" in page
    assert "没有可以显示的组" in plain(officer.get(f"/rehearsals/{lived.pk}/groups/?by=sex&of=pay&q=没有的"))
    # what is not known of a group, and a year that was not lived, fall back to what is
    assert "平均在岗人数" in plain(officer.get(f"/rehearsals/{lived.pk}/groups/?by=sex&of=vacant"))
    assert officer.get(f"/rehearsals/{lived.pk}/groups/?by=x&of=y&year=1900").status_code == 200


def test_who_wins_is_told_of_groups_alone(lived: Rehearsal, officer: Client) -> None:
    """A raise of the allowance: those with a certificate gain, nobody loses much; counts of a few are kept back."""
    winners = lived.detail["winners"]
    whole = winners["all"]["all"]
    assert whole["people"] == lived.outcome["people"]
    assert whole["pay"][1][-1] >= whole["pay"][0][-1]
    for by, groups in winners.items():
        for name, one in groups.items():
            assert one["people"] >= settings.LEAST_CELL, (by, name)
            for gain, lose in zip(one["gain"], one["lose"], strict=True):
                assert (gain is None) == (lose is None)
                for count in (gain, lose, None if gain is None else one["people"] - gain - lose):
                    assert count is None or count == 0 or count >= settings.LEAST_CELL, (by, name)
    page = plain(officer.get(f"/rehearsals/{lived.pk}/winners/?by=sex&year=2027"))
    for words in ("谁得谁失", "起始在岗的", "人均月应发 方案", "单个人的得失不推演"):
        assert words in page, words
    assert "起始在岗的" in plain(officer.get(f"/rehearsals/{lived.pk}/"))


def test_the_workbook_holds_every_indicator_and_year(lived: Rehearsal, officer: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(officer.get(f"/rehearsals/{lived.pk}/?export=xlsx").content))
    assert [sheet.title for sheet in book][1:] == ["逐月", "分组", "得失", "假设"]
    rows = list(book.worksheets[0].values)
    assert "不是预测" in rows[0][0]
    assert len(rows) == 2 + 2 * len(lived.outcome["whole"])
    assert {row[1] for row in rows[2:]} == {2026, 2027}
    unknown = [row[:2] for row in rows[2:] if not isinstance(row[2], int | float)]  # the others can be reckoned with
    assert unknown == [("应发工资比上年（%）", 2026)]  # nobody lived the year before
    months = list(book["逐月"].values)
    assert len(months) == 2 + 24 * len(lived.detail["months"])
    assert (months[2][1], months[25][1]) == ("2026-01", "2027-12")
    assumed = {row[1]: row for row in book["假设"].values}
    assert assumed["一名师傅带几人（人）"][2:5] == ("2.5", "6", "2.5")


def test_the_report_says_what_it_is_not(lived: Rehearsal, officer: Client) -> None:
    answer = officer.get(f"/rehearsals/{lived.pk}/report.pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = re.sub(r"\s+", "", read(answer.content).text)
    for words in (
        "推演报告：津贴提高", "这不是预测", "重复4次", "职称（资格）津贴（月）", "一名师傅带几人（人）", "谁得谁失", "不得用来评价或处置具体的人",
        "与默认不同的行为参数", "S1：2–3名", "差的95%区间",
    ):  # fmt: skip
        assert words in text, words
    assert "nan" not in text.lower()


def report(officer: Client, row: Rehearsal) -> str:
    return re.sub(r"\s+", "", read(officer.get(f"/rehearsals/{row.pk}/report.pdf").content).text)


def test_the_districts_own_rate_of_leaving_stands_beside_the_default(lived: Rehearsal, officer: Client) -> None:
    words = "用的是默认 12%（假设），还没有同本区的记录对过"
    assert words in plain(officer.get(f"/rehearsals/{lived.pk}/"))
    assert words.replace(" ", "") in report(officer, lived)
    calibrated(lived.run)
    words = "本区记录每年自愿离职 1.5%（95% 区间 1.2%–1.8%），这里用的是默认 12%"
    page = officer.get(f"/rehearsals/{lived.pk}/")
    assert words in plain(page)
    assert words.replace(" ", "") in report(officer, lived)
    assert f"?again={lived.pk}&amp;own=1" in page.content.decode()
    again = officer.get(f"/rehearsals/new/?again={lived.pk}&own=1").content.decode()
    for part in ('name="p_exit_rate" value="0.0152"', 'name="p_exit_new" value="0.3"', 'value="1000"'):
        assert part in again, part


def test_the_codes_of_sources_are_named_wherever_they_stand(lived: Rehearsal, officer: Client) -> None:
    cited = {code for one in catalogue().values() for code in re.findall(r"\bS\d", one.source)}
    assert cited == set(SEEDS)
    words = "S1 为柳州市城中区"
    for address in (f"/rehearsals/{lived.pk}/", "/rehearsals/new/", "/rehearsals/parameters/"):
        assert words in plain(officer.get(address)), address
    assert words.replace(" ", "") in report(officer, lived)
    for address in (f"/rehearsals/{lived.pk}/?export=xlsx", "/rehearsals/parameters/?export=xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(officer.get(address).content))
        assert words in next(iter(book.worksheets[-1].values))[0], address


def test_a_waiting_page_is_told_how_far_it_is(run: Run, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    row = made(run, [])
    seen: list[str] = []
    keep = running._keep

    def look(*given: Any) -> bool:
        going = keep(*given)
        seen.append(officer.get(f"/rehearsals/{row.pk}/progress/?seen=1").content.decode())
        return going

    first = officer.get(f"/rehearsals/{row.pk}/progress/").content.decode()
    assert "还没有开始" in first
    monkeypatch.setattr(running, "_keep", look)
    running.live(rehearsal=row, by=None)
    assert [re.search(r"(\d+) / 4</progress>", one)[1] for one in seen] == ["3", "4"]  # type: ignore[index]
    done = officer.get(f"/rehearsals/{row.pk}/progress/", headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == f"/rehearsals/{row.pk}/"


def test_a_cancel_is_heard_between_two_goes(run: Run, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    row = made(run, [])
    keep = running._keep

    def stop(*given: Any) -> bool:
        officer.post(f"/rehearsals/{row.pk}/cancel/")
        return keep(*given)

    monkeypatch.setattr(running, "_keep", stop)
    running.live(rehearsal=row, by=None)
    row.refresh_from_db()
    assert (row.state, row.done) == ("cancelled", 0)
    assert "已取消" in plain(officer.get(f"/rehearsals/{row.pk}/"))
    running.live(rehearsal=row, by=None)  # the job comes round again
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert "不用再取消" in plain(officer.post(f"/rehearsals/{row.pk}/cancel/", follow=True))


def test_what_breaks_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    row = made(run, [])
    monkeypatch.setattr(running, "outcome", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        live(row.pk)
    row.refresh_from_db()
    assert row.state == "failed"
    assert "请再做一次" in row.message


def test_taken_up_as_a_draft_that_another_person_releases(
    lived: Rehearsal, officer: Client, cast: casting.Cast
) -> None:
    adopt = {"title": "甲区修订", "version": "2026.1", "setting": "会议纪要 8 号", "year": "2027"}
    assert officer.post(f"/rehearsals/{lived.pk}/adopt/", adopt | {"setting": ""}).status_code == 422
    assert "依据太短，至少写 4 个字" in plain(officer.post(f"/rehearsals/{lived.pk}/adopt/", adopt | {"setting": "x"}))
    answer = officer.post(f"/rehearsals/{lived.pk}/adopt/", adopt)
    made = PackRelease.objects.get()
    assert answer.url == f"/packs/releases/{made.pk}/"
    assert (made.state, made.since, made.title) == ("draft", date(2027, 1, 1), "甲区修订")
    values = next(text for name, text in made.text.files.items() if name.endswith("/values.yaml"))
    assert "会议纪要 8 号" in values
    assert "'2027-01-01'" in values or "2027-01-01" in values
    assert "mentees" not in values  # a lever is no value of a pack
    page = plain(officer.get(answer.url))
    assert "职称（资格）津贴" in page
    assert "已拟成政策包草稿" in plain(officer.get(f"/rehearsals/{lived.pk}/"))
    assert "中级：200" in plain(officer.get(f"/rehearsals/{lived.pk}/adopt/?year=2027"))
    first, second, *_ = deciders("990101")
    releases.submit(release=made, by=first)
    releases.release(release=made, by=second)
    page = plain(officer.get(f"/rehearsals/{lived.pk}/"))
    assert "「甲区修订」已发布，自 2027-01-01 起用" in page
    assert "草稿要由另一人核对" not in page
    # the column of today goes by the pack in force on the chosen day, not by that of the old year
    again = plain(officer.get(f"/rehearsals/{lived.pk}/adopt/?year=2027"))
    assert "2027-01-01 在用的「甲区修订」" in again
    assert "没有要写进去的值" in again
    assert "中级：200" in plain(officer.get(f"/rehearsals/{lived.pk}/adopt/?year=2026"))


def test_every_value_stands_with_its_day(run: Run, officer: Client) -> None:
    """Two steps of one item are two rows; a lever that is rounded says as what it is used."""
    steps = [(ALLOWANCE, "2026-01-01", RAISED), (ALLOWANCE, "2027-01-01", RAISED.replace("2000", "3000"))]
    row = made(run, steps, {"recruit_delay": 2.5})
    page = plain(officer.get(f"/rehearsals/{row.pk}/"))
    first, second = page.index("（自 2026-01-01）"), page.index("（自 2027-01-01）")
    assert first < page.index("中级：2,000") < second < page.index("中级：3,000")
    assert "2.5（按 3 个月算）" in page
    with pytest.raises(ValidationError, match="起用日期写的是 2099-01-01，只推演到 2027-12-31，用不到"):
        made(run, [(ALLOWANCE, "2099-01-01", RAISED)])


def test_nothing_to_take_up_is_said(run: Run, officer: Client) -> None:
    row = made(run, [], {"mentees_per_mentor": 6.0})
    adopt = {"title": "甲区修订", "version": "2026.1", "setting": "会议纪要 8 号", "year": "2027"}
    assert "算完以后再拟" in plain(officer.post(f"/rehearsals/{row.pk}/adopt/", adopt))
    running.live(rehearsal=row, by=None)
    assert "没有改政策包里的值" in plain(officer.post(f"/rehearsals/{row.pk}/adopt/", adopt))
    assert not PackRelease.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "district_a",
        "district_b",
        "subdistrict_a",
        "secretary_a",
        "worker_a",
        "finance_a",
        "auditor_a",
        "administrator",
        "nobody",
    ],
)
def test_who_sees_it(name: str, lived: Rehearsal, sign_in: Callable[[str], Client]) -> None:
    client = sign_in(name)
    sees = name in ("district_a", "administrator")
    assert client.get(f"/rehearsals/{lived.pk}/").status_code == (200 if sees else 404)
    assert client.post(f"/rehearsals/{lived.pk}/cancel/").status_code == (302 if sees else 404)
    assert ('href="/rehearsals/"' in client.get("/packs/").content.decode()) == (sees or name == "district_b")


def test_nobody_else_makes_one(run: Run, cast: casting.Cast) -> None:
    for name in ("district_b", "subdistrict_a", "worker_a", "finance_a"):
        with pytest.raises(PermissionDenied):
            made(run, [], by=cast.users[name])
    assert not Rehearsal.objects.exists()


def test_looking_changes_nothing_and_asks_few_queries(
    lived: Rehearsal, officer: Client, django_assert_max_num_queries: Any
) -> None:
    before = Rehearsal.objects.filter(pk=lived.pk).values().get(), AuditEvent.objects.count()
    for address in ("", "groups/", "winners/", "progress/", "adopt/", "report.pdf", "scenario.yaml"):
        with django_assert_max_num_queries(16):
            officer.get(f"/rehearsals/{lived.pk}/{address}")
    officer.get("/rehearsals/new/")
    assert (Rehearsal.objects.filter(pk=lived.pk).values().get(), AuditEvent.objects.count()) == before


def test_the_list_is_searched(lived: Rehearsal, officer: Client) -> None:
    assert "津贴提高" in plain(officer.get("/rehearsals/?q=津贴"))
    assert "还没有推演" in plain(officer.get("/rehearsals/?q=没有的"))
    assert "津贴提高" not in plain(officer.get("/rehearsals/?state=failed"))
