"""CSV files as programs write them: quotes that do not pair, blank tails, other files called CSV."""

import time

import pytest

from qinglan.core.intake import IntakeError, check_roster, read_workbook

from .books import TODAY, person_id

HEAD = "姓名,身份证号码,所属社区,参加社区工作时间,备注"


def line(number, name="张三", note=""):
    return f"{name},{person_id(sequence=101 + 2 * number)},云天社区,2019.7,{note}"


def checked(organisations, *lines, tail=""):
    data = "\r\n".join([HEAD, *lines]) + "\r\n" + tail
    report = check_roster(read_workbook(data.encode(), "a.csv"), organisations, TODAY)
    return [(row.row, row.outcome) for row in report.rows]


@pytest.mark.parametrize(
    "lines",
    [
        [line(1), line(2, name='"张三'), line(3), line(4)],
        [line(1), line(2, name='"张三'), line(3), line(4, note='已核"'), line(5)],
        [line(1), line(2, name='"张三')],
    ],
    ids=["to the end", "to the next quote", "in the last line"],
)
def test_a_quote_without_its_pair_swallows_no_row(organisations, lines):
    with pytest.raises(IntakeError, match=r"第3行起引号不成对"):
        checked(organisations, *lines)


def test_quotes_inside_a_word_and_line_breaks_inside_quotes_are_read(organisations):
    lines = [line(1, note='"两委"委员'), line(2), line(3)]

    assert checked(organisations, *lines) == [(2, "accepted"), (3, "accepted"), (4, "accepted")]
    assert checked(organisations, line(1, note='"一,\n二"'), line(2, note='"说""好"""')) == [
        (2, "accepted"), (3, "accepted"),
    ]  # fmt: skip


NOTHING = pytest.mark.parametrize("tail", ["\r\n" * 2_500_000, ("," * 50 + "\r\n") * 100_000], ids=["lines", "cells"])


@NOTHING
def test_five_megabytes_of_nothing_are_nothing(organisations, tail):
    assert checked(organisations, line(1), tail=tail) == [(2, "accepted")]


@pytest.mark.slow
@NOTHING
def test_five_megabytes_of_nothing_take_no_time(organisations, tail):
    start = time.process_time()
    test_five_megabytes_of_nothing_are_nothing(organisations, tail)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("tail", "place"), [("\r\n" * 2_500_000 + line(2), "A2500003"), ("," * 5_000_000 + "远", "离表格太远")]
)
def test_a_cell_behind_five_megabytes_of_nothing_is_too_far(organisations, tail, place):
    with pytest.raises(IntakeError, match=place) as refusal:
        checked(organisations, line(1), tail=tail)
    assert refusal.value.code == "far cell"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.4\n1 0 obj\n", "PDF"), (b"{\\rtf1\\ansi", "RTF"), (b"Rar!\x1a\x07\x01", "RAR"), (b"\x89PNG\r\n\x1a\n\x00", "图片"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "网页"), ("<table><tr><td>姓名".encode("utf-16"), "网页"),
        (b"<!-- export --><table>", "网页"),
    ],
)  # fmt: skip
def test_other_files_are_called_by_their_names(data, what):
    with pytest.raises(IntakeError, match=what):
        read_workbook(data, "花名册.xls")
