"""Open questions by meaning and the counts on their pages: who sees them, a group taken into a card or left, days and places counted."""

import html
import io
import re
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from qinglan.apps.assistant.actions import asking
from qinglan.apps.assistant.models import Question, Talk, Tally
from qinglan.apps.assistant.queries import counting
from qinglan.apps.assistant.states import Channel, Outcome
from qinglan.core.retrieval import shipped
from qinglan.core.retrieval.vectors import small
from tests import cast as casting

DISTRICT, PLACE = "990101", "990101001001"
LEARNING, TAKE, COUNTS = "/assistant/learning/", "/assistant/learning/take/", "/assistant/counts/"


def plain(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def asked(talk: Talk, text: str, card: int) -> Question:
    """A question that means what a card is asked first, and that nobody answered."""
    index = shipped.answerer().index
    return Question.objects.create(
        talk=talk, text=text, outcome=Outcome.HANDED_OVER, reply={"refusal": "near"},
        vector=small(index.rows[index.starts[card]]).tobytes(),
    )  # fmt: skip


@pytest.fixture
def talk(cast: casting.Cast) -> Talk:
    return asking.begin(channel=Channel.PAGE, place=PLACE)


def test_groups_stand_largest_first_and_are_searched_and_exported(talk: Talk, officer: Client) -> None:
    assert "没有要处理的提问" in plain(officer.get(LEARNING))
    for nth in range(3):
        asked(talk, f"大组第{nth}问 <b>", 40)
    asked(talk, "独一问", 100)
    page = officer.get(LEARNING)
    said = plain(page)
    assert "共 4 个问题，2 组" in said
    assert (
        said.index("第 1 组：3 个问题")
        < said.index("大组第0问")
        < said.index("第 2 组：1 个问题")
        < said.index("独一问")
    )
    assert "&lt;b&gt;" in page.content.decode()
    assert "像是这几张" in said
    assert "独一问" not in plain(officer.get(f"{LEARNING}?q=大组&days=7"))
    assert "没有含“无此词”的提问" in plain(officer.get(f"{LEARNING}?q=无此词"))
    assert officer.get(f"{LEARNING}?days=x&page=99").status_code == 200
    book = officer.get(f"{LEARNING}?export=xlsx").content
    rows = list(openpyxl.load_workbook(io.BytesIO(book)).active.values)
    assert [row[2] for row in rows[2:]] == ["大组第2问 <b>", "大组第1问 <b>", "大组第0问 <b>", "独一问"]


def test_many_groups_come_in_pages_and_many_questions_fold(talk: Talk, officer: Client) -> None:
    for card in range(0, 120, 8):
        asked(talk, f"问{card}", card)
    for nth in range(10):
        asked(talk, f"多{nth}", 44)
    first, second = plain(officer.get(LEARNING)), plain(officer.get(f"{LEARNING}?page=2"))
    assert "第 1 组" in first
    assert "第 11 组" in second
    assert "上一页" in second
    assert "其余" in first


def test_a_group_goes_to_a_card_or_to_a_new_one_or_is_left(talk: Talk, officer: Client) -> None:
    rows = [asked(talk, f"第{nth}问", 40) for nth in range(3)]
    card = shipped.answerer().index.cards[40]
    chosen = {"district": DISTRICT, "q": [rows[0].pk, rows[2].pk]}
    answer = officer.post(TAKE, chosen | {"move": "card", "card": card.title})
    query = f"?district={DISTRICT}&questions={rows[0].pk}%2C{rows[2].pk}"
    assert answer.url == f"/assistant/cards/{card.key}/edit/{query}"
    form = officer.get(answer.url).content.decode()
    assert "第0问\n第2问" in form.replace("\r", "")
    assert "第1问" not in form
    near = officer.get(LEARNING).context["groups"][0]["near"]
    assert (near[0], len(near)) == (card, 3)
    other = near[2].key
    answer = officer.post(TAKE, chosen | {"to": other, "card": "天气"})
    assert answer.url == f"/assistant/cards/{other}/edit/{query}", "one click, whatever is written beside it"
    assert "没有这张卡片" in plain(officer.post(TAKE, chosen | {"to": "N99"}, follow=True))
    answer = officer.post(TAKE, chosen | {"move": "new"})
    assert answer.url == f"/assistant/cards/new/{query}"
    assert "没有这张卡片" in plain(officer.post(TAKE, chosen | {"move": "card", "card": "天气"}, follow=True))
    assert "请先勾选" in plain(officer.post(TAKE, {"district": DISTRICT, "move": "new"}, follow=True))
    assert "已移出 2 个问题" in plain(officer.post(TAKE, chosen | {"move": "leave"}, follow=True))
    assert "共 1 个问题" in plain(officer.get(LEARNING))


def test_others_see_nothing_of_it(talk: Talk, cast: casting.Cast, client: Client) -> None:
    row = asked(talk, "甲区的问题", 40)
    client.force_login(cast.users["district_b"])
    assert "甲区的问题" not in plain(client.get(LEARNING))
    assert client.get(f"{LEARNING}?district={DISTRICT}").status_code == 404
    assert client.post(TAKE, {"district": DISTRICT, "q": row.pk, "move": "leave"}).status_code == 404
    client.post(TAKE, {"district": "990102", "q": row.pk, "move": "leave"})
    row.refresh_from_db()
    assert row.vector is not None
    for name in ("subdistrict_a", "worker_a", "auditor_a", "administrator"):
        client.force_login(cast.users[name])
        for address in (LEARNING, COUNTS):
            assert client.get(address).status_code == 403, (name, address)
        assert client.post(TAKE, {"district": DISTRICT, "q": row.pk, "move": "leave"}).status_code == 403, name


def test_questions_are_counted_by_day_card_channel_and_place(cast: casting.Cast, officer: Client) -> None:
    assert "这段时间没有人提问" in plain(officer.get(COUNTS))
    today = timezone.localdate()
    about = {"day": today, "org_code": PLACE, "channel": "page"}
    Tally.objects.bulk_create([
        Tally(**about, outcome="answered", card_key="35", asked=6, up=3, down=1),
        Tally(**about | {"channel": "kiosk"}, outcome="handed_over", asked=2),
        Tally(**about | {"day": today - timedelta(days=40)}, outcome="answered", card_key="24", asked=5),
        Tally(**about | {"org_code": "990101002001"}, outcome="refused", asked=2),
        Tally(**about | {"org_code": "990102001001"}, outcome="answered", asked=1000),
    ])  # fmt: skip
    page = officer.get(COUNTS)
    said = plain(page)
    assert "1000" not in said
    assert "1,000" not in said
    assert "60.0%" in said  # 6 of 10
    assert "75.0%" in said  # 3 of 4 found it helpful
    assert 'data-chart="' in page.content.decode()
    for query, words in (
        ("by=card_key", "高龄津贴怎么领"), ("by=card_key", "（没有卡片）"), ("by=channel", "自助屏"), ("by=org_code", "甲二社区"),
        ("place=990101002", "共 1 条"), (f"since={today - timedelta(days=50)}", "11"), ("channel=kiosk", "0.0%"),
        ("outcome=answered", "100.0%"), ("since=2026-02-01&until=2026-01-01", "不能晚于"), ("since=2001-01-01", "最多看三年"),
        ("since=x", "有效的日期"), ("by=nothing&place=990102001001", "选择一个有效的选项"),
    ):  # fmt: skip
        answer = officer.get(f"{COUNTS}?{query}")
        assert answer.status_code == 200, query
        assert words in plain(answer), query
        assert "1,000" not in plain(answer), query
    rows = list(
        openpyxl.load_workbook(io.BytesIO(officer.get(f"{COUNTS}?by=card_key&export=xlsx").content)).active.values
    )
    assert rows[1][:3] == ("卡片", "提问", "已回答")
    assert rows[2][:3] == ("高龄津贴怎么领", 6, 6)


def test_the_chart_has_every_day_and_for_long_spans_every_month() -> None:
    none = Tally.objects.none()
    short = counting.over_time(none, date(2026, 2, 27), date(2026, 3, 2))
    assert short["labels"] == ["2月27日", "2月28日", "3月1日", "3月2日"]
    assert short["series"][0]["values"] == [0, 0, 0, 0]
    assert counting.over_time(none, date(2025, 11, 30), date(2026, 2, 1))["labels"] == [
        "2025年11月", "2025年12月", "2026年1月", "2026年2月",
    ]  # fmt: skip
    assert counting.over_time(none, date(2026, 2, 1), date(2026, 2, 1))["kind"] == "bar"
