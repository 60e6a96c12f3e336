"""Evaluations on their pages: a set asked, read with its intervals, brought in as a file, cancelled; a draft's gain and loss; who may."""

import html
import io
import re
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from qinglan.apps.assistant.actions import asking, city, evaluating
from qinglan.apps.assistant.models import CardVersion, Evaluation
from qinglan.apps.assistant.queries import measuring
from qinglan.apps.assistant.states import Channel
from qinglan.apps.assistant.tables.evaluations import LineTable
from qinglan.apps.assistant.tasks import evaluate as task
from qinglan.apps.audit.models import AuditEvent
from qinglan.core.retrieval import shipped
from qinglan.core.retrieval.evaluating import Question, evaluate
from tests import cast as casting
from tests.factories import deciders

DISTRICT, OTHER = "990101", "990102"
ALLOWANCE = Question("我妈八十多了，高龄津贴怎么领", "35")
WEATHER = Question("明天天气怎么样", "拒答")
POEM = Question("帮我写一首诗", "24")  # wrongly expected, so there is a miss
SET = [ALLOWANCE, WEATHER, POEM, Question("那要带什么材料？", "25", context="低保怎么申请")]
NEVER_HEARD = "咕噜咪牌子几时发"  # no card knows of it


def plain(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def made(**more: Any) -> Evaluation:
    return evaluating.make(**{"district": DISTRICT, "name": "四题", "questions": SET, "by": None, **more})


def drafted(key: str = "35", asks: tuple[str, ...] = (NEVER_HEARD,), **more: Any) -> CardVersion:
    """A shipped card as a draft that is asked so too."""
    card = next(one for one in shipped.cards() if one.key == key)
    plainly = (*card.questions["plain"], *asks)
    content = card.model_copy(update={"questions": {**card.questions, "plain": plainly}})
    return CardVersion.objects.create(
        **{
            "org_code": DISTRICT, "key": key, "title": card.title, "content": content.model_dump(mode="json"), "digest": content.digest,
            "since": timezone.localdate(), "made_by_name": "x", **more,
        }
    )  # fmt: skip


def file(*rows: tuple[Any, ...], name: str = "自己的题.xlsx") -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return SimpleUploadedFile(name, data.getvalue())


def test_a_set_is_asked_by_the_task_and_read(cast: casting.Cast, officer: Client) -> None:
    assert "还没有评测" in plain(officer.get("/assistant/evaluations/"))
    answer = officer.post("/assistant/evaluations/new/", {"file": file(
        ("问题", "应为", "城市", "上一句"), *((one.question, one.expected, one.city, one.context) for one in SET),
    )})  # fmt: skip
    row = Evaluation.objects.get()
    assert answer.url == f"/assistant/evaluations/{row.pk}/"
    assert (row.state, row.name, row.total, row.org_code) == ("queued", "自己的题", 4, DISTRICT)
    waiting = plain(officer.get(answer.url))
    assert "还没有开始" in waiting
    assert "现在就问" in waiting
    task(row.pk)
    row.refresh_from_db()
    assert (row.state, row.done, row.message) == ("done", 4, "")
    assert row.cards == measuring.fingerprint(shipped.cards())
    shares = measuring.shares_of(row.outcome)
    assert (shares["该拒的拒了或转了人工"].good, shares["第一张卡片正确"].good, shares["第一张卡片正确"].all) == (
        1,
        2,
        3,
    )
    page = plain(officer.get(answer.url))
    assert "2/3" in page
    assert "20.8% 至 93.9%" in page  # Wilson's of 2 in 3
    assert "98%" in page
    assert "未达到" in page
    assert POEM.question in page
    assert ALLOWANCE.question not in page, "the misses alone, first"
    assert ALLOWANCE.question in plain(officer.get(f"{answer.url}?show=all"))
    rows = list(openpyxl.load_workbook(io.BytesIO(officer.get(f"{answer.url}?export=xlsx").content)).active.values)
    assert [row[0] for row in rows[2:]] == [POEM.question]
    told = AuditEvent.objects.filter(action__startswith="assistant.").order_by("pk")
    assert list(told.values_list("action", flat=True)) == [
        "assistant.evaluate", "assistant.evaluate.begin", "assistant.evaluate.finish",
    ]  # fmt: skip


def test_it_is_asked_as_residents_of_the_district_ask(cast: casting.Cast, officer: Client) -> None:
    """With what the district has filled in: the same question is asked back about where nothing is known of the place."""
    much = Question("高龄津贴每月多少钱", "35")
    assert evaluate(shipped.answerer(), [much], timezone.localdate()).asked[0].reply.outcome == "asks_back"
    filled = {"field": "gaoling_amount", "text": "137", "since": timezone.localdate(), "source": "公告"}
    city.fill(district=DISTRICT, by=deciders(DISTRICT)[0], **filled)
    row = made(questions=[much, Question(much.question, "35", city="厦门")])
    task(row.pk)
    row.refresh_from_db()
    assert [came[0] for came in row.outcome["came"]] == ["answered", "answered"]
    assert row.outcome["knows"] == {"on": str(timezone.localdate()), "own": 0, "values": 1, "pack": 0}
    page = plain(officer.get(f"/assistant/evaluations/{row.pk}/"))
    assert "本区填了的 1 项" in page
    assert "本区没有现行的政策包" in page
    assert "该拒的拒了或转了人工" not in page, "nothing of the kind was asked"
    row.outcome.pop("knows")
    Evaluation.objects.filter(pk=row.pk).update(outcome=row.outcome)
    assert "没有用本区填的值和政策包" in plain(officer.get(f"/assistant/evaluations/{row.pk}/")), "an older one says so"


def test_a_right_card_that_was_only_guessed_at_says_so() -> None:
    """It is a miss, and without a word the row would read as right."""
    came = {
        "number": 1,
        "question": "x",
        "context": "",
        "city": "",
        "expected": "35",
        "key": "35",
        "came": "高龄津贴怎么领",
        "before": "",
    }
    guess = measuring.Line(**came, outcome="handed_over", right=False, change="")
    said = measuring.Line(**came, outcome="answered", right=True, change="")
    table = LineTable([], titles={}, drafted=False)
    assert "没有把握，猜的是" in table.render_came(guess)
    assert "没有把握，猜的是" in table.value_came(guess)
    assert "猜" not in table.render_came(said)


def test_earlier_ones_of_the_same_set_stand_beside_it(cast: casting.Cast, officer: Client) -> None:
    for questions in (SET[:2], SET[:2], SET[:1]):
        task(made(questions=questions).pk)
    first, second, third = Evaluation.objects.order_by("pk")
    assert measuring.earlier(second) == [second, first]
    assert measuring.earlier(third) == [third], "another set, though of the same name"
    assert measuring.earlier(first) == [first]
    page = officer.get(f"/assistant/evaluations/{second.pk}/")
    assert "data-chart" in page.content.decode()
    assert f'href="/assistant/evaluations/{first.pk}/"' in page.content.decode()
    chart = measuring.over_time(measuring.earlier(second))
    assert chart["series"][0] == {"name": "第一张卡片正确", "values": [100.0, 100.0]}
    assert "100.0%" in plain(officer.get("/assistant/evaluations/?q=四题&of=now&state=done"))


def test_what_is_wrong_with_a_file_is_said_by_line_and_nothing_is_kept(cast: casting.Cast, officer: Client) -> None:
    head = ("question", "expected")
    for sent, words in (
        (file(head, ("低保怎么办", "999"), ("", "24")), ["第 2 行", "“999”没有这个编号", "第 3 行 question 是空的"]),
        (file(("别的", "列"), ("x", "24")), ["第 1 行缺少列：question、expected"]),
        (file(head), ["没有问题"]),
        (file(head, ("我电话 13812345678，低保怎么办", "24")), ["像有身份证号、手机号", "〔已隐去〕"]),
        (file(head, ("低保怎么办", 24), name="随程序的开发集.xlsx"), ["请换一个名称"]),
        (SimpleUploadedFile("x.csv", b"%PDF-1.7"), ["其实是PDF"]),
        (SimpleUploadedFile("x.csv", b""), ["空"]),
        (SimpleUploadedFile("x.csv", ("question,expected\n" + "低保怎么办,24\n" * 5_001).encode()), ["最多 5,000 个"]),
    ):  # fmt: skip
        answer = officer.post("/assistant/evaluations/new/", {"chosen": "development", "file": sent})
        assert answer.status_code == 422, words
        for one in words:
            assert one in plain(answer), one
        assert "13812345678" not in plain(answer)
    assert not Evaluation.objects.exists()


def test_a_set_is_found_again_and_a_name_is_not_taken_twice(cast: casting.Cast, officer: Client) -> None:
    row = made(questions=SET[:1])
    assert "四题（1 题）" in plain(officer.get("/assistant/evaluations/new/"))
    answer = officer.post("/assistant/evaluations/new/", {"chosen": str(row.pk)})
    again = Evaluation.objects.order_by("-pk")[0]
    assert answer.url == f"/assistant/evaluations/{again.pk}/"
    assert (again.pk != row.pk, again.name, again.questions) == (True, row.name, row.questions)
    evaluating.cancel(evaluation=row, by=cast.users["district_a"])
    page = officer.get(f"/assistant/evaluations/{row.pk}/").content.decode()
    link = f"/assistant/evaluations/new/?chosen={again.pk}&amp;district={DISTRICT}"
    assert f'href="{link}"' in page
    assert f'<option value="{again.pk}" selected>' in officer.get(html.unescape(link)).content.decode()
    other = {"chosen": "development", "file": file(("question", "expected"), ("天气", "拒答")), "name": "四题"}
    assert "内容不同" in plain(officer.post("/assistant/evaluations/new/", other))


def test_progress_a_cancel_and_at_once(cast: casting.Cast, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    row = made()
    address = f"/assistant/evaluations/{row.pk}/"
    assert "还没有开始" in plain(officer.get(f"{address}progress/"))
    monkeypatch.setattr(evaluating, "BETWEEN", -1.0)
    seen = []

    def told(one: Evaluation, done: int) -> None:
        seen.append(done)
        if done == 2:
            officer.post(f"{address}cancel/")
        tell(one, done)
        assert f"{done} / 4" in plain(officer.get(f"{address}progress/"))

    tell = evaluating._tell
    monkeypatch.setattr(evaluating, "_tell", told)
    officer.post(f"{address}carry-out/")
    row.refresh_from_db()
    assert (row.state, row.outcome, seen) == ("failed", None, [0, 1, 2])
    assert "已由district_a取消" in plain(officer.get(address))
    assert officer.get(f"{address}progress/", headers={"HX-Request": "true"})["HX-Redirect"] == address
    assert "不用再取消" in plain(officer.post(f"{address}cancel/", follow=True))
    with pytest.raises(ValidationError, match="未完成"):
        evaluating.cancel(evaluation=row, by=cast.users["district_a"])
    many = made(questions=SET * 300)
    assert "问题太多" in plain(officer.post(f"/assistant/evaluations/{many.pk}/carry-out/", follow=True))


def test_what_breaks_is_told_and_the_job_fails(cast: casting.Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = made()
    monkeypatch.setattr(evaluating, "evaluate", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        task(row.pk)
    row.refresh_from_db()
    assert (row.state, row.outcome) == ("failed", None)
    assert "请再评一次" in row.message


def test_a_draft_shows_what_it_wins_and_loses(cast: casting.Cast, officer: Client) -> None:
    """A draft that is asked a new way answers it; one that takes another card's words loses that card's question."""
    questions = [Question(NEVER_HEARD, "35"), ALLOWANCE, WEATHER]
    talk = asking.begin(channel=Channel.PAGE, place=f"{DISTRICT}001001")
    typed = [asking.ask(talk=talk, text=one) for one in (NEVER_HEARD, "股票明天涨不涨")]
    draft = drafted()
    for one in typed:
        one.settled = draft
        one.save()
    assert "评测这份草稿" in plain(officer.get(f"/assistant/evaluations/new/?draft={draft.pk}"))
    row = made(questions=questions, draft=draft)
    task(row.pk)
    row.refresh_from_db()
    assert (row.state, row.total) == ("done", 6)
    assert [(one.question, one.change) for one in measuring.lines(row)] == [
        (NEVER_HEARD, "won"), (ALLOWANCE.question, ""), (WEATHER.question, ""),
    ]  # fmt: skip
    assert row.outcome["residents"] == {"linked": 2, "now": 1, "before": 0}
    assert "股票" not in str(row.outcome) + str(row.questions), "what residents typed is not kept"
    page = plain(officer.get(f"/assistant/evaluations/{row.pk}/?show=won"))
    assert "多答对 1 题，没有少答对的" in page
    assert "由它答上的 1 个；不带时答上的 0 个" in page
    assert NEVER_HEARD in page
    retired = drafted(retired=True)
    row = made(questions=questions[1:], draft=retired)
    task(row.pk)
    row.refresh_from_db()
    assert next((one.question, one.change) for one in measuring.lines(row)) == (ALLOWANCE.question, "lost")
    assert "少答对 1 题" in plain(officer.get(f"/assistant/evaluations/{row.pk}/"))


def test_a_draft_counts_as_measured_only_as_it_is_and_beside_the_cards_of_now(cast: casting.Cast) -> None:
    today = timezone.localdate()
    draft = drafted()
    assert measuring.measured(draft, today) is None
    row = made(questions=[WEATHER], draft=draft)
    assert measuring.measured(draft, today) is None, "it still waits"
    task(row.pk)
    assert measuring.measured(draft, today) == row
    assert measuring.measured(drafted(asks=()), today) is None, "another version"
    released = drafted("24", asks=("柳编",), state="draft")
    CardVersion.objects.filter(pk=released.pk).update(state="submitted")
    CardVersion.objects.filter(pk=released.pk).update(state="released")
    assert measuring.measured(draft, today) is None, "another card came into force meanwhile"


def test_a_draft_that_is_no_draft_any_more_or_anothers_is_refused(cast: casting.Cast, officer: Client) -> None:
    gone = drafted(state="withdrawn")
    with pytest.raises(ValidationError, match="已撤回"):
        made(draft=gone)
    with pytest.raises(ValidationError, match="最多 5,000 个"):
        made(questions=SET * 1_251)
    with pytest.raises(ValidationError, match="至少写一个"):
        made(questions=[])
    with pytest.raises(PermissionDenied):
        made(by=cast.users["district_b"])
    with pytest.raises(PermissionDenied):
        made(by=cast.users["subdistrict_a"])
    theirs = drafted(org_code=OTHER)
    assert officer.get(f"/assistant/evaluations/new/?draft={theirs.pk}").status_code == 404
    assert officer.get("/assistant/evaluations/new/?draft=x").status_code == 404
    assert officer.get(f"/assistant/evaluations/new/?district={OTHER}").status_code == 404
    assert "已撤回" in plain(officer.post("/assistant/evaluations/new/", {"chosen": "development", "draft": gone.pk}))
    row = made(district=OTHER)
    for way in ("", "progress/"):
        assert officer.get(f"/assistant/evaluations/{row.pk}/{way}").status_code == 404
    for way in ("cancel/", "carry-out/"):
        assert officer.post(f"/assistant/evaluations/{row.pk}/{way}").status_code == 404
    assert Evaluation.objects.get().state == "queued"


def test_the_sample_is_the_development_set(cast: casting.Cast, officer: Client) -> None:
    data = officer.get("/assistant/evaluations/sample/").content
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.values)
    assert rows[0] == ("question", "expected", "city", "context")
    assert len(rows) == len(measuring.development()) + 1
