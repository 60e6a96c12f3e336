"""The measuring itself: intervals by hand, a file's mistakes named."""

from datetime import date

import pytest

from qinglan.core.retrieval.deciding import City, Outcome, Reply, Value
from qinglan.core.retrieval.evaluating import Question, QuestionsError, Share, evaluate, read_questions
from qinglan.core.retrieval.shipped import cards


def test_wilsons_interval_by_hand():
    low, high = Share(49, 50).interval
    assert low == pytest.approx(0.8950, abs=5e-4)
    assert high == pytest.approx(0.9965, abs=5e-4)
    assert Share(0, 0).interval == (0.0, 1.0)
    assert Share(10, 10).interval[1] == pytest.approx(1.0)


def test_a_file_is_read_with_and_without_its_mark():
    text = "question,expected,city,context\n低保怎么办,24,,\n天气,拒答,,\n"
    assert [one.expected for one in read_questions(text, cards())] == ["24", "拒答"]
    assert read_questions("\ufeff" + text, cards()) == read_questions(text, cards())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("问题,答案\n低保,24\n", "第 1 行缺少列：question、expected"),
        ("question,expected\n低保怎么办,999\n", "第 2 行 expected“999”没有这个编号"),
        ("question,expected\n,24\n", "第 2 行 question 是空的"),
        ("", "第 1 行缺少列"),
    ],
)
def test_each_wrong_line_is_named(text, said):
    with pytest.raises(QuestionsError) as error:
        read_questions(text, cards())
    assert said in str(error.value)


class Listener:
    """Answers nothing; notes with what it was asked."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, float, str]] = []

    def ask(self, question, *, today, city=None, before=(), pack=None):
        said = (city.name, len(city.values)) if city else ("", 0)
        self.heard.append((question, *said, (pack or {}).get("hours", "")))
        return Reply(Outcome.REFUSED, "", question)


def test_who_names_no_city_is_asked_where_it_is_measured():
    listener, here = Listener(), City("桃源区（虚构）", {"x": Value("1", date(2026, 1, 1))})
    questions = [
        Question("甲", "1"),
        Question("乙", "1", city="厦门"),
        Question("丙", "1", city="桃源区", context="丙前"),
    ]
    evaluate(listener, questions, date(2026, 1, 1), here, {"hours": "40"})
    ours = ("桃源区（虚构）", 1, "40")
    assert listener.heard == [("甲", *ours), ("乙", "厦门", 0, "40"), ("丙前", *ours), ("丙", *ours)]
    listener.heard.clear()
    evaluate(listener, questions[:2], date(2026, 1, 1))
    assert listener.heard == [("甲", "", 0, ""), ("乙", "厦门", 0, "")]
