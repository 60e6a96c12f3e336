"""Workbooks with more in them than one plain table: groups over the header, wide cells, sums beside the roster, sheets that go on."""

import pytest

from qinglan.core.intake import ColumnMapping, check_roster, mark, read_workbook

from .books import TODAY, book, person_id

HEAD = ["姓名", "身份证号码", "所属社区", "参加社区工作时间"]


def someone(number, name="张三", place="云天社区"):
    return [name, person_id(sequence=101 + 2 * number), place, "2019.7"]


def checked(organisations, data, **more):
    return check_roster(read_workbook(data, "a.xlsx"), organisations, TODAY, **more)


def outcomes(report):
    return [(row.row, row.outcome) for row in report.rows]


def named(*titles):
    def name_them(workbook):
        for sheet, title in zip(workbook.worksheets, titles, strict=True):
            sheet.title = title

    return name_them


def test_groups_over_the_header_change_no_field(organisations):
    rows = [
        ["江汉区社区工作者花名册（时间：2025年12月）"], ["填报单位：万松街街道"],
        ["序号", "基本信息", None, None, "任职信息", None, None, "紧急联系人", None, None],
        [None, "姓名", "证件号码", "本人电话", "所属社区", "职务", "任职时间", "姓名", "关系", "联系电话"],
        [1, "张三", person_id(), "13812345678", "云天", "社工", "2019.7", "王五", "夫妻", "13912345678"],
    ]  # fmt: skip
    report = checked(organisations, book(rows, merges=("A1:J1", "A3:A4", "B3:D3", "E3:G3", "H3:J3")))

    assert (report.problems, outcomes(report)) == ([], [(5, "accepted")])
    assert (
        report.rows[0].canonical | {"name": "张三", "phone": "13812345678", "start": "2019-07-01"}
        == report.rows[0].canonical
    )
    assert report.rows[0].extra == {
        "紧急联系人姓名": "王五",
        "紧急联系人关系": "夫妻",
        "紧急联系人联系电话": "13912345678",
    }


def test_what_is_said_of_others_is_not_taken_for_hers(organisations):
    others = ["配偶联系电话", "子女出生日期", "配偶学历", "毕业证取得时间", "配偶职务", "原职务", "父亲政治面貌"]
    rows = [[*HEAD, *others], [*someone(1), "13912345678", "2015.3", "本科", "2012.7", "教师", "会计", "党员"]]
    report = checked(organisations, book(rows))

    assert list(report.sheets[0].unknown.values()) == others
    assert {key: report.rows[0].canonical[key] for key in ("phone", "edu", "cd", "post", "party")} == dict.fromkeys(
        ("phone", "edu", "cd", "post", "party")
    )


@pytest.mark.parametrize(
    "merges", [("A1:B1", "C1:D1", "E1:F1"), ("A1:B1", "C1:D1", "E1:F1", "A2:B2", "C2:D2", "E2:F2")]
)
def test_cells_merged_over_two_columns_are_one_column(organisations, merges):
    rows = [
        [HEAD[0], None, HEAD[1], None, HEAD[2], None, HEAD[3]],
        ["张三", None, person_id(), None, "云天", None, "2019.7"],
    ]
    report = checked(organisations, book(rows, merges=merges))

    assert (report.problems, outcomes(report), report.sheets[0].unknown) == ([], [(2, "accepted")], {})


def test_a_column_repeated_word_for_word_is_one_column(organisations):
    rows = [[*HEAD, "身份证号"], [*someone(1), someone(1)[1]], [*someone(2), someone(2)[1]]]
    assert outcomes(checked(organisations, book(rows))) == [(2, "accepted"), (3, "accepted")]

    rows[2][4] = person_id(sequence=777)
    assert "B列〈身份证号码〉、E列〈身份证号〉" in checked(organisations, book(rows)).problems[0]


def test_two_tables_side_by_side_are_told_so(organisations):
    rows = [[*HEAD, None, *HEAD], [*someone(1), None, *someone(2, "李四", "航空")[:3], "2020.8"]]

    assert "左右并排" in checked(organisations, book(rows)).problems[0]


def test_a_first_row_whose_remark_is_a_header_word_is_no_header(organisations):
    rows = [
        ["姓名", "身份证号码", "参加社区工作时间", "社区", "备注"],
        ["张三", person_id(), "2019.7", "社区", "手机号码已停用"],
        [],
    ]

    assert outcomes(checked(organisations, book(rows)))[0][0] == 2


@pytest.mark.parametrize(
    "sums",
    [
        [["序号", "街道", "社区", "联系电话", "人数"], [1, "万松街", "云天", "82345678", 5]],
        [["性别", "民族", "政治面貌", "文化程度"], ["男", "汉族", "党员", "本科"]],
    ],
)
def test_sums_and_lists_beside_the_roster_do_not_stop_it(organisations, sums):
    report = checked(organisations, book([HEAD, someone(1)], sums, touch=named("万松街", "汇总")))

    assert (report.problems, outcomes(report)) == ([], [(2, "accepted")])
    assert report.sheets[1].notes == [
        "工作表〈汇总〉没有〈姓名〉、〈身份证号码〉列，不是〈社区工作者花名册〉，其中1行未读取"
    ]
    assert "缺少" in checked(organisations, book(sums)).problems[0]


def test_a_roster_that_goes_on_without_a_header_stops_the_file(organisations):
    data = book([HEAD, someone(1)], [someone(2), someone(3)], touch=named("第1页", "第2页"))

    assert "工作表〈第2页〉没有可识别的表头，却有2行写着身份证号码" in checked(organisations, data).problems[0]
    assert checked(organisations, data, mapping=[ColumnMapping({}, sheet="第2页", ignore=True)]).problems == []


def test_another_table_of_people_is_left_alone_and_named(organisations):
    other = [["姓名", "身份证号码", "退休时间"], ["王五", person_id(sequence=901), "2020年"]]
    report = checked(organisations, book([HEAD, someone(1)], other))

    assert (report.problems, outcomes(report)) == ([], [(2, "accepted")])
    assert "2行未读取" in report.sheets[1].notes[0]


def test_a_person_under_a_header_cell_merged_too_far_down_is_no_header(organisations):
    report = checked(organisations, book([[*HEAD, "民族", "学历", "备注"], someone(1), someone(2)], merges=("G1:G2",)))

    assert outcomes(report) == [(2, "accepted"), (3, "accepted")]


def test_a_merged_header_without_rows_below_can_be_marked(organisations):
    workbook = read_workbook(book([[*HEAD, "备注"]], merges=("A1:A2", "E1:E3")), "a.xlsx")

    assert read_workbook(mark(workbook, check_roster(workbook, organisations, TODAY)), "b.xlsx").sheets[0].rows
