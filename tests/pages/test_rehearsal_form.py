"""The form of a new rehearsal: what is wrong in it, filled in from a file or an earlier one, whatever is typed into it."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from qinglan.apps.policy.actions import releases
from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.actions import making, running
from qinglan.apps.rehearsal.models import Rehearsal
from qinglan.apps.rehearsal.queries import filling, scenario_files, scenarios
from qinglan.apps.rehearsal.tasks import warm
from tests import cast as casting
from tests.pages.rehearsing import (
    ALLOWANCE,
    ALLOWANCE_FILE,
    DISTRICT,
    FORM,
    NOW,
    RAISED,
    calibrated,
    made,
    plain,
    published_year,
)


@pytest.fixture(scope="module")
def module_run(module_cast: casting.Cast, django_db_blocker: Any) -> Run:
    """2025 of 甲区 with twelve people more, published."""
    with django_db_blocker.unblock():
        return published_year()


@pytest.fixture
def run(module_run: Run, db: None) -> Run:
    return module_run


@pytest.fixture
def asked(run: Run) -> Rehearsal:
    """A raise with more places for mentees, not lived."""
    return made(run, [(ALLOWANCE, "2026-01-01", RAISED)], {"mentees_per_mentor": 6.0})


def test_what_is_wrong_is_said_and_nothing_is_kept(run: Run, officer: Client) -> None:
    for more, words in (
        ({"item": [ALLOWANCE], "since": ["2026-01-01"], "value": ["很多"]}, "职称（资格）津贴（月）：应是一张表"),
        (
            {"item": [ALLOWANCE], "since": ["2025-01-01"], "value": [NOW]},
            "「职称（资格）津贴（月）」的起用日期写的是 2025-01-01，请写 2026-01-01 或以后",
        ),
        ({"p_exit_rate": "5"}, "须在 0 到 0.6"),
        ({"p_exit_rate": "多"}, "须是一个数"),
        ({"years": "21"}, "小于或等于20"),
        ({"replicates": "100000"}, "小于或等于200"),
        ({"place": "990102"}, "选择一个有效的选项"),
        ({"name": ""}, "必填"),
    ):
        answer = officer.post("/rehearsals/new/", FORM | {"run": run.pk} | more)
        assert answer.status_code == 422, more
        assert words in plain(answer), (words, plain(answer)[:600])
    assert not Rehearsal.objects.exists()


def test_run_again_and_from_a_file(run: Run, asked: Rehearsal, officer: Client) -> None:
    """The form as it was; its file gives the same form, and the same rehearsal."""
    again = officer.get(f"/rehearsals/new/?again={asked.pk}").content.decode()
    assert 'value="1000"' in again
    assert re.search(r'name="p_mentees_per_mentor" value="6"', again)
    file = officer.get(f"/rehearsals/{asked.pk}/scenario.yaml")
    assert "津贴提高" in file.content.decode()
    sent = {"run": run.pk, "file": SimpleUploadedFile("情景.yaml", file.content)}
    page = officer.post("/rehearsals/new/file/", sent).content.decode()
    for part in ('value="1000"', 'name="p_mentees_per_mentor" value="6"', 'name="replicates" value="4"'):
        assert part in page, part
    chosen = scenarios.chosen_of(asked)
    data, notes = scenario_files.filled_from_file(file.content, run)
    assert notes == []
    copy = making.make(
        run=run, rows=filling.rows_of(data), parameters={"mentees_per_mentor": 6.0}, place=chosen.place,
        name=chosen.name, years=2, replicates=4, seed=7, by=None,
    )  # fmt: skip
    assert copy.key == asked.key


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "空的"),
        (b"\xff\xfe\x00", "不是 UTF-8"),
        (b"a: [", "格式读不懂"),
        (b"- 1\n- 2", "不是「名称: 内容」的样子"),
        ("姓名: 甲".encode(), "不认识的键「姓名」"),
        (b"name:\nseed: 1", "缺 name（名称）"),
        (b"name: [x]", "name（名称）须是一行文字"),
        (b"name: " + b"x" * 81, "请不多于 80 个字"),
        (b"name: x\nmonths: 7", "须在 12 到 240 之间"),
        (b"name: x\nmonths: 30", "12 的倍数"),
        (b"name: x\nmonths: 60.5", "须是整数，写的是「60.5」"),
        (b"name: x\nmonths: 0", "须在 12 到 240 之间，写的是 0"),
        (b"name: x\nmonths: -12", "须在 12 到 240 之间，写的是 -12"),
        (b"name: x\nmonths: 1e12", "须是整数，写的是「1e12」"),
        (b"name: x\nmonths: " + b"9" * 5000, "须是整数"),
        (b"name: x\nreplicates: 1000000000", "须在 2 到 200 之间"),
        (b"name: x\nplace: 990199", "没有这个范围；可写区（990101）或其街道的代码"),
        (b"name: x\nparameters: {exit_rte: 0.2}", "没有参数「exit_rte」，是不是「exit_rate」"),
        (b"name: x\nparameters: {exit_rate: many}", "须是一个数，写的是「many」"),
        (b"name: x\ndiff: 7", "没有写成「条目: 值」的样子"),
        (b"name: x\ndiff: {pay.cert_alowance.amount: {values: [{since: 2026-01-01, setting: ab, value: 1}]}}",
         "没有「pay.cert_alowance.amount」这个条目。是不是「pay.cert_allowance.amount」"),
        (b"name: x\ndiff: {pay.cert_allowance.amount: {}}", "没有 values 列表"),
        (b"name: x\npage: {base_parameters: {exit_rate: 0.2}}", "「exit_rate」不是"),
        (b"name: x\npage: {other_pack: 0123456789abcdef}", "（指纹 0123456789ab）不在本区"),
        (b"a: " + b"1" * 300_000, "文件太大"),
        (b"name: &a [x, x]\nplace: *a", "用了锚点或别名"),
        (b"name: " + b"[" * 5000, "层级太深"),
        (b"name: x\ndiff: {" + b", ".join(b"x%d: 1" % n for n in range(3000)) + b"}", "比政策包的条目还多"),
    ],
)  # fmt: skip
def test_a_bad_file_is_said(raw: bytes, words: str, run: Run, officer: Client) -> None:
    answer = officer.post("/rehearsals/new/file/", {"run": run.pk, "file": SimpleUploadedFile("情景.yaml", raw)})
    assert answer.status_code == 422
    assert words in plain(answer)
    assert "已照文件填好" not in plain(answer)


def bomb(levels: int) -> bytes:
    """Ten times as large with every level, when it is written out."""
    rows = ["name: &a0 [x]"] + [f"k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(rows).encode()


def test_a_file_or_a_field_that_unfolds_is_refused_before_it_does(run: Run, officer: Client) -> None:
    """Nine levels would be a thousand million words: this ends because nothing unfolds them."""
    sent = {"run": run.pk, "file": SimpleUploadedFile("情景.yaml", bomb(9))}
    assert "用了锚点或别名" in plain(officer.post("/rehearsals/new/file/", sent))
    for value in (bomb(9).decode(), "[" * 3000, "\ud800"):
        assert filling.cells_of(value) == []
    typed = {"run": run.pk, "item": [ALLOWANCE], "since": ["2026-01-01"], "value": [bomb(9).decode()]}
    assert "用了锚点或别名" in plain(officer.post("/rehearsals/new/", FORM | typed))


def test_a_file_of_another_year_and_pack_says_so(run: Run, officer: Client) -> None:
    raw = b"name: x\nyear: 2019\npack: elsewhere\n"
    page = plain(officer.post("/rehearsals/new/file/", {"run": run.pk, "file": SimpleUploadedFile("情景.yaml", raw)}))
    assert "文件写的是 2019 年末起，这里照所选的 2025 年末起填" in page
    assert "文件写的政策包是「elsewhere」" in page


def test_an_item_that_the_pack_has_not_is_told_and_never_lost(run: Run, officer: Client) -> None:
    """From an address, or from an earlier rehearsal: the form says what it could not take."""
    page = plain(officer.get("/rehearsals/new/?item=pay.nothing&since=2026-01-01&value=1"))
    assert "没有「pay.nothing」这一项，没有填进表里" in page


def test_the_baseline_has_levers_and_a_pack_of_its_own(run: Run, officer: Client, cast: casting.Cast) -> None:
    """Another pack on one side: what they differ in is told, and its values price that side."""
    data = yaml.safe_load(ALLOWANCE_FILE)
    other = releases.upload(
        district=DISTRICT, file_name="修订.yaml", raw=yaml.safe_dump(data, allow_unicode=True).encode(), title="明年的包",
        version="2027.1", since=date(2026, 1, 1), by=cast.users["district_a"],
    )  # fmt: skip
    form = officer.get("/rehearsals/new/").content.decode()
    assert "明年的包 2027.1（草稿" in form
    sent = FORM | {"run": run.pk, "other_text": str(other.text_id), "b_mentees_per_mentor": "4"}
    assert officer.post("/rehearsals/new/", sent).status_code == 302
    row = Rehearsal.objects.latest("pk")
    assert (row.base_text_id, row.other_text_id, row.base_levers) == (None, other.text_id, {"mentees_per_mentor": 4.0})
    running.live(rehearsal=row, by=None)
    row.refresh_from_db()
    assert row.state == "done"
    assert row.outcome["whole"]["bill"]["apart"]["mean"][0] > 0
    page = plain(officer.get(f"/rehearsals/{row.pk}/"))
    for words in ("方案一边照：明年的包", "职称（资格）津贴（月）", "中级：2,000", "一名师傅带几人（人） 4 2.5"):
        assert words in page, words
    assert f'value="{other.text_id}" selected' in officer.get(f"/rehearsals/new/?again={row.pk}").content.decode()
    file = officer.get(f"/rehearsals/{row.pk}/scenario.yaml").content
    back, notes = scenario_files.filled_from_file(
        file, run
    )  # all comes back: the baseline's levers, the candidate's pack
    assert (back["b_mentees_per_mentor"], back["other_text"], back["base_text"], notes) == (
        "4",
        str(other.text_id),
        "",
        [],
    )
    assert yaml.safe_load(officer.get(f"/rehearsals/{row.pk}/scenario.yaml?side=base").content).get("page") is None


def test_values_upon_another_pack_wait_for_it(run: Run, officer: Client, cast: casting.Cast) -> None:
    """They would amend the pack in force, on which they were not rehearsed."""
    other = releases.upload(
        district=DISTRICT, file_name="修订.yaml", raw=ALLOWANCE_FILE.encode(), title="明年的包", version="2027.1",
        since=date(2026, 1, 1), by=cast.users["district_a"],
    )  # fmt: skip
    sides = making.Sides(other_text=other.text)
    row = made(run, [(ALLOWANCE, "2026-01-01", NOW)], years=1, replicates=2, sides=sides)
    running.live(rehearsal=row, by=None)
    sent = {"title": "修订", "version": "9", "setting": "会议纪要", "year": "2027"}
    assert "请先发布那一份" in plain(officer.post(f"/rehearsals/{row.pk}/adopt/", sent))


def test_parameters_are_searched(officer: Client, sign_in: Callable[[str], Client], db: None) -> None:
    page = plain(officer.get("/rehearsals/parameters/?q=师傅"))
    assert "mentees_per_mentor" in page
    assert "exit_rate" not in page
    assert "没有找到这样的参数" in plain(officer.get("/rehearsals/parameters/?q=没有的"))
    assert "假设：" not in plain(officer.get("/rehearsals/parameters/?basis=source&per_page=100"))
    assert sign_in("worker_a").get("/rehearsals/parameters/").status_code == 404


def test_a_worker_gets_ready_while_the_form_is_filled_in(run: Run, officer: Client) -> None:
    for _ in range(2):  # the second finds the first waiting
        assert officer.post("/rehearsals/warm/", {"run": run.pk}).status_code == 204
    assert ProcrastinateJob.objects.filter(task_name="rehearsal.warm").count() == 1
    warm(run.pk)
    warm(999_999_999)
    assert officer.post("/rehearsals/warm/", {"run": 999_999_999}).status_code == 404


def test_the_form_takes_the_districts_own_rate_and_keeps_what_was_typed(run: Run, officer: Client) -> None:
    first = officer.get("/rehearsals/new/").content.decode()
    assert f"/studies/new/?kind=calibration&amp;run={run.pk}" in first
    thin = calibrated(run, used=False)
    page = officer.get("/rehearsals/new/")
    assert "本区记录太少，算不出自己的数" in plain(page)
    assert "data-own" not in page.content.decode()
    assert calibrated(run).pk > thin.pk  # the newest counts
    page = officer.get("/rehearsals/new/")
    assert "本区记录每年自愿离职 1.5%（95% 区间 1.2%–1.8%），这里用的是默认 12%" in plain(page)
    # no submit button of its own: Enter in a field rehearses
    assert re.search(r'<button [^>]*type="button" data-own hx-post="/rehearsals/new/"', page.content.decode())
    sent = FORM | {"run": run.pk, "name": "打好的字", "p_mentees_per_mentor": "6", "p_exit_rate": "0.12", "own": "1"}
    answer = officer.post("/rehearsals/new/", sent)
    text = answer.content.decode()
    assert (answer.status_code, Rehearsal.objects.count()) == (200, 0)
    for part in ('name="p_exit_rate" value="0.0152"', 'name="p_mentees_per_mentor" value="6"', 'value="打好的字"'):
        assert part in text, part
    assert "与本区记录 1.5%（95% 区间 1.2%–1.8%） 相符" in plain(answer)
    assert "data-own" not in text


TYPED = st.one_of(
    st.text(max_size=12), st.sampled_from(["nan", "inf", "-inf", "1e999", "-1", "0", "1", "٣", "１２", "0x10", "1_0", "", " ", "2.5", "½"]),
    st.integers(-(10**30), 10**30).map(str), st.floats().map(str),
)  # fmt: skip
FIELDS = [
    "years",
    "replicates",
    "seed",
    "place",
    "name",
    "base_text",
    "other_text",
    "p_exit_rate",
    "p_mentees_per_mentor",
    "b_recruit_delay",
]


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@example(typed={}, cells=["0", "100", "200.5", "400"], since="2026-01-01", item=ALLOWANCE)
@given(
    typed=st.dictionaries(st.sampled_from(FIELDS), TYPED, max_size=4),
    cells=st.lists(TYPED, min_size=4, max_size=4),
    since=st.one_of(
        st.sampled_from(["2026-01-01", "2026-13-45", "9999-12-31", "", "明年", "2026-02-30"]), st.dates().map(str)
    ),
    item=st.sampled_from([ALLOWANCE, "pay.nothing", "", "pay.star_rating.coefficients"]),
)
def test_whatever_is_typed_is_kept_or_said(
    run: Run, officer: Client, typed: dict[str, str], cells: list[str], since: str, item: str
) -> None:
    """A bad lever, a bad day, a bad table: a sentence and nothing kept; or a rehearsal whose scenario reads back."""
    before = Rehearsal.objects.count()
    rows = {"row": ["7"], "item": [item], "since": [since], "key-7": ["无", "初级", "中级", "高级"], "cell-7": cells}
    answer = officer.post("/rehearsals/new/", {**FORM, "run": run.pk, **rows, **typed})
    kept = Rehearsal.objects.count() - before
    assert (answer.status_code, kept) in ((302, 1), (422, 0))
    if kept:
        row = Rehearsal.objects.latest("pk")
        chosen = scenarios.chosen_of(row)
        assert making.scenarios.key_of(chosen, run, scenarios.texts_of(row)) == row.key
        assert officer.get(f"/rehearsals/{row.pk}/").status_code == 200
    else:
        assert re.search(r"还没有推演[，：]", plain(answer))
