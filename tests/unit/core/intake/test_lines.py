"""Lines between the rows: sums of a place, signatures in cells of their own, numbered columns; and rows that only look like them."""

import pytest

from qinglan.core.intake import PeopleList, check_facts, check_roster, read_workbook
from qinglan.core.intake.people import Person

from .books import TODAY, book, person_id

HEAD = ["序号", "街道", "社区", "姓名", "身份证号", "入职时间"]


def someone(number, name="张三"):
    return [number, "万松街", "云天", name, person_id(sequence=101 + 2 * number), "2019.7"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ([None, "万松街合计", None, "2人"], "total line"), ([None, "小计", 4], "total line"), (["小计：2人"], "total line"),
        ([None, None, "云天社区小计2人"], "total line"),
        (["填表人", "张三", "审核人", "李四", "填表日期", "2025.12.1"], "signature line"), (["单位负责人", "李某", "联系电话", "82345678"], "signature line"),
        (["打印日期", "2025年12月1日"], "signature line"), (["1", "2", "3", "4", "5", "6"], "note line"), (["甲", "乙", 1, 2, 3, 4], "note line"),
        (["（1）", "（2）", "（3）", "（4）", "（5）", "（6）"], "note line"), ([None, None, None, "示例"], "example row"),
        ([3, "万松街", "云天"], "blank row"),
    ],
)  # fmt: skip
def test_a_line_that_is_nobody_is_skipped(organisations, line, code):
    report = check_roster(read_workbook(book([HEAD, someone(1), line, someone(2)]), "a.xlsx"), organisations, TODAY)

    assert [row.outcome for row in report.rows] == ["accepted", "skipped", "accepted"]
    assert [reason.code for reason in report.rows[1].reasons] == [code]


def test_a_line_below_a_name_in_the_first_column_is_no_name(organisations):
    rows = [
        ["姓名", "身份证号", "社区", "入职时间"],
        [*someone(1)[3:5], "云天", "2019.7"],
        ["2025年12月31日"],
        ["李四"],
    ]
    report = check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY)

    assert [row.outcome for row in report.rows] == ["accepted", "skipped", "refused"]


def test_words_of_sums_and_examples_in_the_cells_of_a_fact_are_the_fact(organisations):
    head = ["项目名称", "承担角色", "姓名", "社区", "项目日期", "佐证材料", "记录人"]
    names = ["汇总数据平台", "示例社区样例研讨", "说明1号楼改造", "合计工程"]
    rows = [[name, "负责人", "张三", "云天", "2025.6", "样例文件", "李四"] for name in names]
    people = PeopleList([Person(1, "张三", "420103008015", person_id())])
    roles = ["承担角色", "姓名", "项目名称", "社区", "项目日期", "佐证材料", "记录人"]

    for heading, body in (
        (head, rows),
        (roles, [["负责人", "张三", name, *row[3:]] for name, row in zip(names, rows, strict=True)]),
    ):
        report = check_facts("projects", read_workbook(book([heading, *body]), "a.xlsx"), people, organisations, TODAY)
        assert [row.outcome for row in report.rows] == ["accepted"] * 4


LEFT = ["姓名", "身份证号码", "所属社区", "离职时间"]
HERE = ["姓名", "身份证号码", "所属社区", "参加社区工作时间"]


@pytest.mark.parametrize("head", [LEFT, ["序号", "姓名", "身份证号码", "社区", "退休时间"]])
def test_people_of_another_table_below_do_not_pass_for_the_first_table_s(organisations, head):
    """Read by the first header, the day on which they left would be the day on which they began."""
    gone = ["王五", person_id(sequence=901), "云天", "2020.7"]
    rows = [
        HERE,
        ["张三", person_id(), "云天", "2019.7"],
        [],
        ["二、离职人员"],
        head,
        [1, *gone][5 - len(head) :],
        ["合计", 1],
    ]
    rows += [HERE, ["赵六", person_id(sequence=903), "云天", "2021.7"]]
    report = check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY)

    outcomes = {row.row: (row.outcome, [reason.code for reason in row.reasons]) for row in report.rows}
    assert outcomes[2] == outcomes[9] == ("accepted", [])
    assert outcomes[5] == ("skipped", ["repeated header"])
    assert outcomes[6] == ("refused", ["other table"])
    assert "缺少〈参加社区工作时间〉列" in report.rows[4].reasons[0].message


def test_a_header_repeated_in_part_is_the_same_header(organisations):
    rows = [
        HERE,
        ["张三", person_id(), "云天", "2019.7"],
        HERE[:3],
        ["李四", person_id(sequence=903), "云天", "2021.7"],
    ]
    report = check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY)

    assert [row.outcome for row in report.rows] == ["accepted", "skipped", "accepted"]


def test_a_line_that_says_what_must_be_filled_in_is_a_note(organisations):
    rows = [HERE, ["（必填）", "（必填）", "必填", "选填"], ["张三", person_id(), "云天", "2019.7"]]
    report = check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY)

    assert [row.outcome for row in report.rows] == ["skipped", "accepted"]


def test_header_words_in_a_remark_line_do_not_hide_the_person_below(organisations):
    rows = [HERE, [None, "电话", "职务", "社区"], [None, person_id()]]
    report = check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY)

    assert [row.outcome for row in report.rows] == ["refused", "refused"]


def test_a_person_above_the_header_is_named(organisations):
    rows = [["张三", person_id(), "云天", "2019.7"], HERE, ["李四", person_id(sequence=903), "云天", "2021.7"]]
    report = check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY)

    assert [(row.row, row.outcome) for row in report.rows] == [(3, "accepted")]
    assert "第1行在表头上面" in report.sheets[0].notes[0]
