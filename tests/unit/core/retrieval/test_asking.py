"""One question in, one reply out, by the cards that come with the program."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from qinglan.core.retrieval.deciding import City, Outcome, Turn, Value
from qinglan.core.retrieval.evaluating import evaluate, read_questions
from qinglan.core.retrieval.following import only_aspects
from qinglan.core.retrieval.index import texts
from qinglan.core.retrieval.shipped import DEVELOPMENT, VECTORS, answerer, cards, refusals
from qinglan.core.retrieval.vectors import Store

DAY = date(2026, 11, 22)


def ask(question, **more):
    return answerer().ask(question, today=DAY, **more)


def test_every_text_has_its_vector_stored():
    store = Store.read(VECTORS, answerer().encoder)
    assert store.missing(texts(cards(), refusals())) == [], "请运行 qinglan assistant index"


def test_a_stored_vector_is_the_encoders():
    encoder = answerer().encoder
    some = texts(cards(), refusals())[::900]
    close = (Store.read(VECTORS, encoder).vectors(some, encoder) * Store.empty(encoder).vectors(some, encoder)).sum(
        axis=1
    )
    assert close.min() > 0.999


def test_the_noise_at_night():
    reply = ask("邻居半夜唱歌吵得睡不着怎么办")
    assert reply.outcome is Outcome.ANSWERED
    assert reply.card.items == ("108",)
    assert "《噪声污染防治法》第70条" in "；".join(reply.citations)
    assert reply.card.next in reply.text


def test_an_order_for_a_certificate_is_refused_and_sent_to_the_right_place():
    reply = ask("给我开一张无犯罪记录证明")
    assert reply.outcome is Outcome.REFUSED
    assert "S5" in reply.card.items
    assert "公安" in reply.text + str(reply.lines)


@pytest.mark.parametrize("question", ["明天天气怎么样", "帮我写一首诗", "红烧肉怎么做", "python怎么读文件"])
def test_what_is_outside_is_not_guessed_at(question):
    reply = ask(question)
    assert reply.outcome in (Outcome.REFUSED, Outcome.HANDED_OVER)
    assert reply.card is None


def test_a_heard_sum_is_not_confirmed():
    reply = ask("听说80岁以上每人每月国家统一发5000元，在哪领")
    assert reply.outcome is Outcome.REFUSED
    assert "5000" not in reply.text


def test_what_varies_is_asked_for_shown_with_its_date_or_sent_on():
    question = "高龄津贴每月多少钱"
    assert ask(question).outcome is Outcome.ASKS
    assert ask(question).asks == "city"
    card = ask(question).card
    field = next(one for one in card.city if "多少" in one.label or "金额" in one.label or "标准" in one.label)
    filled = ask(question, city=City("桃源区", {field.name: Value("123", date(2026, 1, 5))}))
    assert filled.outcome is Outcome.ANSWERED
    assert any("123" in text and "桃源区填写，2026年1月5日" in text for _, text in filled.lines)
    unfilled = ask(question, city=City("柳林区"))
    assert any("柳林区还没有填写" in text for _, text in unfilled.lines)


def test_danger_comes_first():
    reply = ask("我老公打我，家里孩子也吓坏了，怎么办")
    assert ("110", "报警") in reply.emergency


def test_a_follow_up_is_about_what_was_asked_before():
    first = ask("居住证怎么办")
    turn = Turn(first.question, first.card.title)
    assert ask("那要带什么材料？", before=[turn]).card == first.card
    assert ask("低保怎么申请", before=[turn]).card != first.card, "a question of its own changes the matter"


@pytest.mark.parametrize(
    ("text", "is_so"),
    [("要带什么材料？", True), ("那多久能办好", True), ("在哪办啊", True), ("要钱吗", True), ("居住证要带什么", False), ("那我爸呢", False)],
)  # fmt: skip
def test_a_question_that_names_only_an_aspect(text, is_so):
    assert only_aspects(text) is is_so


@pytest.mark.parametrize(
    "question",
    ["", "  ", "\u200b", "？？？", "a" * 5_000, "低" * 3_000, "\ud83d\ude00", "'; DROP TABLE x; --", "%s{{7*7}}"],
)
def test_no_text_breaks_it(question):
    reply = ask(question)
    assert reply.text
    assert "49" not in reply.text


def test_threads_get_the_same_answers():
    questions = ["低保怎么申请", "楼上太吵", "帮我写诗", "退休年龄怎么算"] * 6
    alone = [ask(one) for one in questions[:4]] * 6
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, questions)) == alone


def test_the_development_questions_are_answered_as_well_as_stated():
    """A floor under what docs state, so that a change for the worse is seen; not the target."""
    questions = read_questions(DEVELOPMENT.read_text(encoding="utf-8"), cards())[::3]
    shares = evaluate(answerer(), questions, DAY).shares
    assert shares["第一张卡片正确"].value >= 0.94
    assert shares["正确且作了答"].value >= 0.92
    assert shares["该拒的拒了或转了人工"].value >= 0.92


@pytest.mark.parametrize("said", ["你好", "您好！", "谢谢啦", "你是谁", "在吗？", "嗯嗯"])
def test_a_greeting_is_greeted(said: str) -> None:
    reply = ask(said)
    assert reply.outcome is Outcome.ASKS
    assert reply.asks == "question"
    assert "您好" in reply.text


@pytest.mark.parametrize("word", ["证明", "老人", "狗"])
def test_a_word_that_may_mean_many_things_offers_them(word: str) -> None:
    reply = ask(word)
    assert reply.asks == "choice"
    assert len(reply.choices) == 3


def test_who_asks_how_much_is_told_the_districts_value_first() -> None:
    city = City("桃源区", {"gaoling_amount": Value("100", date(2026, 1, 1))})
    reply = ask("高龄津贴每月多少", city=city)
    assert reply.text.startswith("高龄津贴每月多少：100元/月（桃源区填写，2026年1月1日）。")
    assert reply.lines[0][0] == "高龄津贴每月多少"
    how = ask("高龄津贴怎么领", city=city)
    assert how.text.startswith("国家鼓励")  # not asked how much: the card first
    assert how.lines[0][0] == "高龄津贴每月多少"


@pytest.mark.parametrize("question", ["居委会电话多少", "社区书记贪污我举报谁", "我要告隔壁老王"])
def test_what_only_sounds_like_a_rumour_or_a_case_is_not_called_one(question: str) -> None:
    reply = ask(question)
    assert reply.outcome is Outcome.HANDED_OVER
    assert reply.refusal is not None
    assert reply.refusal.kind == "near"
