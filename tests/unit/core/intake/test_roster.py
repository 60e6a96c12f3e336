"""Rosters worse than Jianghan's: sub-totals, sections, several sheets, merged communities, hidden rows, numbers for text."""

import csv
import datetime as dt
import io
import time
import zipfile

import openpyxl
import pytest

from qinglan.core.intake import Organisations, check_roster, json_array, json_lines, mark, read_workbook, row_objects
from qinglan.core.intake.model import Reason
from qinglan.core.intake.text import shown

from .books import DATA, TODAY, book, person_id

HEAD = ["姓名", "身份证号码", "所属社区", "参加社区工作时间"]


def someone(number, place="云天社区", start="2019.7", name="张三"):
    return [name, person_id("19900115", 101 + 2 * number), place, start]


def checked(organisations, data, filename="花名册.xlsx", **more):
    return check_roster(read_workbook(data, filename), organisations, TODAY, **more)


def outcomes(report):
    return [(row.row, row.outcome, [reason.code for reason in row.reasons]) for row in report.rows]


def accepted(*rows):
    return [(row, "accepted", []) for row in rows]


def test_totals_signatures_notes_and_repeated_headers_are_skipped(organisations):
    rows = [
        HEAD, someone(1), ["小计", None, None, "1人"], HEAD, someone(2), ["合计：2人"], [], ["填表人：王某", None, "审核人："], someone(3),
        ["备注：以上人员均已核对"], ["（盖章）"], ["注：1.本表一式两份"], ["示例（导入时跳过）", person_id(), "云天社区", "2019.7"],
    ]  # fmt: skip
    skipped = {3: "total line", 4: "repeated header", 6: "total line", 7: "blank row", 8: "signature line", 10: "note line",
               11: "signature line", 12: "note line", 13: "example row"}  # fmt: skip

    report = checked(organisations, book(rows))

    assert outcomes(report) == sorted(
        [*accepted(2, 5, 9), *((row, "skipped", [code]) for row, code in skipped.items())]
    )
    assert report.counts() == {"read": 12, "accepted": 3, "unchanged": 0, "refused": 0, "skipped": 9}


def test_people_with_words_of_totals_in_their_cells_are_people(organisations):
    report = checked(
        organisations, book([HEAD, someone(1, name="合计生"), someone(2, name="备注"), someone(3, name="共计")])
    )

    assert outcomes(report) == accepted(2, 3, 4)


def test_sections_and_sheet_names_give_the_street(organisations):
    sections = [HEAD, ["一、万松街街道（1人）"], someone(1, "云天"), ["二、水塔街"], someone(2, "华中")]

    report = checked(organisations, book(sections))

    assert outcomes(report) == [
        (2, "skipped", ["section line"]), (3, "accepted", []), (4, "skipped", ["section line"]), (5, "accepted", []),
    ]  # fmt: skip


def test_a_name_in_several_streets_needs_its_street():
    tree = Organisations(
        [("990101", "示范区", "district", "9901"), ("990101001", "东街街道", "subdistrict", "990101"),
         ("990101002", "西街街道", "subdistrict", "990101"), ("990101001001", "幸福社区居委会", "community", "990101001"),
         ("990101002001", "幸福社区居委会", "community", "990101002"), ("990101002002", "田林十二村居委会", "community", "990101002"),
         ("990101002003", "东风第一社区居委会", "community", "990101002"), ("990101002004", "梅村村民委员会", "community", "990101002"),
         ("990101002005", "梅村社区居委会", "community", "990101002")]
    )  # fmt: skip
    head = [*HEAD, "所属街道"]
    rows = [
        head, [*someone(1, "幸福社区"), None], [*someone(2, "幸福社区"), "东街"], [*someone(3, "幸福"), "西街街道办事处"], [*someone(4, "西街幸福社区"), None],
        [*someone(5, "田林12村"), "西街"], [*someone(6, "东风一社区"), None], [*someone(7, "梅村社区"), None], [*someone(8, "梅村村委会"), None],
        [*someone(9, "田林十二村"), "东街"], [*someone(10, "示范区东街街道幸福社区居委会"), None], [*someone(11, "幸福社区"), "北街"],
    ]  # fmt: skip

    report = checked(tree, book(rows))

    assert outcomes(report) == [
        (2, "refused", ["ambiguous community"]), *accepted(3, 4, 5, 6, 7, 8, 9), (10, "refused", ["unknown community"]), *accepted(11),
        (12, "refused", ["unknown street"]),
    ]  # fmt: skip
    orgs = [row.canonical["org"] for row in report.rows if row.outcome == "accepted"]
    assert [code[-5:] for code in orgs] == ["01001", "02001", "02001", "02002", "02003", "02005", "02004", "01001"]
    assert "东街街道幸福社区居委会" in report.rows[0].reasons[0].message
    assert "西街街道" in report.rows[8].reasons[0].message


def test_sheets_of_streets_are_all_read(organisations):
    def name_them(workbook):
        for sheet, title in zip(workbook.worksheets, ("万松街", "说明", "水塔街"), strict=True):
            sheet.title = title
        workbook.worksheets[2].sheet_state = "hidden"

    data = book(
        [HEAD, someone(1, "云天")], [["请各街道填写"]], [HEAD, someone(2, "华中"), someone(1, "华中")], touch=name_them
    )
    report = checked(organisations, data)
    rows = list(row_objects(report))

    assert [(row["sheet"], row["row"], row["reasons"]) for row in rows] == [
        ("万松街", 2, []), ("水塔街", 2, []), ("水塔街", 3, ["duplicate id"]),
    ]  # fmt: skip
    assert "工作表〈万松街〉第2行" in report.rows[2].reasons[0].message
    assert [sheet.read for sheet in report.sheets] == [True, False, True]
    assert "1行未读取" in report.sheets[1].notes[0]
    assert "隐藏" in report.sheets[2].notes[0]


def test_hidden_rows_and_columns_are_read_and_said(organisations):
    def hide(workbook):
        workbook.active.row_dimensions[3].hidden = True
        workbook.active.column_dimensions["D"].hidden = True

    report = checked(organisations, book([HEAD, someone(1), someone(2)], touch=hide))

    assert outcomes(report) == accepted(2, 3)
    assert any("第3行" in note for note in report.sheets[0].notes)
    assert any("D列" in note for note in report.sheets[0].notes)


def test_merged_communities_speak_for_all_their_rows(organisations):
    rows = [HEAD, someone(1), someone(2, None), someone(3, None), someone(4, "同上")]

    report = checked(organisations, book(rows, merges=("C2:C4",)))

    assert outcomes(report) == accepted(2, 3, 4, 5)
    assert {row.canonical["community"] for row in report.rows} == {"云天社区居委会"}


def test_prepared_empty_rows_are_skipped(organisations):
    rows = [["序号", *HEAD], [1, *someone(1)], [2], [3, None, None, "云天社区"]]

    assert outcomes(checked(organisations, book(rows))) == [
        (2, "accepted", []), (3, "skipped", ["blank row"]), (4, "skipped", ["blank row"]),
    ]  # fmt: skip


def test_a_second_table_below_has_its_own_columns(organisations):
    rows = [HEAD, someone(1), [], ["第二部分"], HEAD[::-1], someone(2)[::-1]]

    assert outcomes(checked(organisations, book(rows)))[-1] == (6, "accepted", [])


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("姓名", None, "no name"), ("姓名", "张三1", "bad name"), ("身份证号码", None, "no id"), ("身份证号码", 990101199001151233, "id as number"),
        ("身份证号码", "990101900115123", "id length"), ("身份证号码", "99010119900115123*", "id format"), ("身份证号码", "990101199001151230", "id checksum"),
        ("身份证号码", person_id("19901301"), "id birth date"), ("性别", "女", "sex contradicts id"), ("性别", "不男不女", "bad sex"),
        ("出生年月", "1990.2", "birth contradicts id"), ("出生年月", "1989年", "birth contradicts id"), ("出生年月", "不详", "bad birth date"),
        ("所属社区", None, "unknown community"), ("所属社区", "待定", "unknown community"), ("所属街道", "东方街", "unknown street"),
        ("参加社区工作时间", None, "bad start date"), ("参加社区工作时间", "2033年1月", "bad start date"), ("参加社区工作时间", "1999.9", "bad start date"),
        ("职业资格", "律师", "bad certificate"), ("取证时间", "2019.13", "bad certificate date"), ("职业资格", "无", "certificate date without certificate"),
        ("联系电话", "1391234", "bad phone"), ("文化程度", "五道口", "bad education"), ("民族", "火星族", "bad nation"), ("政治面貌", "火星党", "bad party"),
    ],
)  # fmt: skip
def test_each_fault_has_its_code_place_and_mend(organisations, column, value, code):
    row = {
        "姓名": "张三", "性别": "男", "身份证号码": person_id(), "出生年月": "1990年1月", "民族": "汉", "政治面貌": "党员", "文化程度": "大学",
        "所属街道": "万松街",
        "所属社区": "云天社区", "职务": "社工", "参加社区工作时间": "2019.7", "职业资格": "初级", "取证时间": "2020.9", "联系电话": "13812345678",
    }  # fmt: skip
    row[column] = value
    found = checked(organisations, book([list(row), list(row.values())])).rows[0]

    assert (found.outcome, [reason.code for reason in found.reasons]) == ("refused", [code])
    assert found.reasons[0].message
    assert found.reasons[0].mend
    assert found.reasons[0].column is not None


def test_birth_takes_its_day_from_the_id(organisations):
    births = [
        "1990.1",
        1990.1,
        "1990年",
        "90.1",
        "一九九〇年一月",
        "1990-01-15",
        32888,
        "90年1月15日",
        None,
        dt.datetime(1990, 1, 15),
    ]
    rows = [[*HEAD, "出生年月"], *([*someone(n), birth] for n, birth in enumerate(births))]

    report = checked(organisations, book(rows))

    assert {(row.outcome, row.canonical["birth"]) for row in report.rows} == {("accepted", "1990-01-15")}


def test_a_month_cell_is_a_month(organisations):
    def show_months(workbook):
        workbook.active["E2"].number_format = 'yyyy"年"m"月"'
        workbook.active["E3"].number_format = "yyyy-mm-dd"

    rows = [[*HEAD, "出生年月"], [*someone(1), dt.datetime(1990, 1, 1)], [*someone(2), dt.datetime(1990, 1, 1)]]

    report = checked(organisations, book(rows, touch=show_months))

    assert [row.outcome for row in report.rows] == ["accepted", "refused"]


def test_unknown_posts_are_kept_and_noted(organisations):
    rows = [[*HEAD, "职务"], [*someone(1), "妇联主席"], [*someone(2), "书记、主任"]]
    workbook = book(rows)

    plain = checked(organisations, workbook)
    taught = checked(organisations, workbook, words={"post": {"两委委员": ["妇联主席"]}})

    assert (plain.rows[0].canonical["post"], plain.rows[0].notes[0].code) == ("妇联主席", "unknown post")
    assert taught.rows[0].canonical["post"] == "两委委员"
    assert plain.rows[1].canonical["post"] == "党委书记、居委会主任"


def test_unknown_columns_are_kept(organisations):
    report = checked(organisations, book([[*HEAD, "健康状况"], [*someone(1), "良好"]]))

    assert report.sheets[0].unknown == {"E": "健康状况"}
    assert report.rows[0].extra == {"健康状况": "良好"}


def as_csv(workbook, encoding, delimiter=","):
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(
        [shown(value) for value in row] for row in workbook.sheets[0].rows
    )
    return buffer.getvalue().encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_gives_what_the_xlsx_gives(organisations, encoding, delimiter):
    workbook = read_workbook((DATA / "roster-jianghan.xlsx").read_bytes(), "a.xlsx")
    expected = list(row_objects(check_roster(workbook, organisations, TODAY)))

    assert list(row_objects(checked(organisations, as_csv(workbook, encoding, delimiter), "a.csv"))) == expected


def test_xls_gives_what_the_xlsx_gives(organisations):
    expected = list(row_objects(checked(organisations, (DATA / "roster-jianghan.xlsx").read_bytes())))
    report = checked(organisations, (DATA / "roster-jianghan.xls").read_bytes(), "a.xls")

    assert list(row_objects(report)) == expected
    assert ["第51行" in note or "F列" in note for note in report.sheets[0].notes] == [True, True]


def test_text_kept_as_formula_in_csv_is_text(organisations):
    data = (
        ",".join(HEAD)
        + f'\n张三,="{person_id()}",云天社区,2019/7/1\n李四,\'{person_id(sequence=125)},云天社区,2019年7月\n'
    )

    assert outcomes(checked(organisations, data.encode("gb18030"), "a.csv")) == accepted(2, 3)


def test_outcomes_can_be_settled_by_the_register(organisations):
    report = checked(organisations, book([HEAD, someone(1), someone(2), someone(3, start="不详")]))

    report.settle(lambda row: row.row == 2)
    report.refuse(report.rows[1], Reason("person left", "此人已离职", "请先办理复职"))

    assert report.counts() == {"read": 3, "accepted": 0, "unchanged": 1, "refused": 2, "skipped": 0}


def test_json_is_one_object_a_row(organisations):
    report = checked(organisations, book([HEAD, someone(1), ["合计"]]))

    assert len(json_lines(report).splitlines()) == 2
    assert json_array(report).count('"outcome"') == 2
    assert next(row_objects(report)).keys() >= {"row", "outcome", "reasons", "canonical"}


def dirty(count):
    """Return a dirty roster of that many rows, made from Jianghan's with fresh ID numbers."""
    source = openpyxl.load_workbook(DATA / "roster-jianghan.xlsx").active
    rows = [list(row) for row in source.iter_rows(values_only=True)]
    body = []
    for number in range(count):
        row = list(rows[3 + number % 400])
        birth = dt.date(1975, 1, 1) + dt.timedelta(days=number)
        if number % 17:
            row[3], row[4] = person_id(f"{birth:%Y%m%d}", 2 * (number % 400) + (row[2] == "男")), f"{birth:%Y.%m}"
        body.append(row)
    return book([*rows[:3], *body, ["合计"]])


@pytest.mark.slow
def test_five_thousand_dirty_rows_take_seconds(organisations):
    data = dirty(5000)
    start = time.process_time()
    checked(organisations, data)
    assert time.process_time() - start < 5


def test_five_thousand_dirty_rows_are_counted(organisations):
    report = checked(organisations, dirty(5000))
    counts = report.counts()
    assert counts["read"] == 5001
    assert counts["accepted"] > 4000
    assert counts["refused"] > 100


def test_marked_workbook_shows_each_reason_and_keeps_the_rest(organisations):
    data = (DATA / "roster-jianghan.xlsx").read_bytes()
    workbook = read_workbook(data, "a.xlsx")
    report = check_roster(workbook, organisations, TODAY)
    marked = openpyxl.load_workbook(io.BytesIO(mark(workbook, report))).active
    original = openpyxl.load_workbook(io.BytesIO(data)).active

    assert marked["Q3"].value == "问题与修改办法"
    for row in report.rows:
        text = marked.cell(row.row, 17).value
        assert (text is not None) == (row.outcome == "refused")
        for reason in row.reasons if text else ():
            assert reason.message in text
            assert reason.mend in text
            assert marked[f"{reason.column}{row.row}"].fill.fgColor.rgb == "FFF9B4AB"
    assert [[c.value for c in row[:16]] for row in marked.iter_rows()] == [
        [c.value for c in row] for row in original.iter_rows()
    ]
    assert marked.merged_cells.ranges == original.merged_cells.ranges
    assert marked["D4"].data_type == "s"


def test_mended_in_the_marked_workbook_the_file_loads(organisations):
    workbook = read_workbook(book([HEAD, someone(1), someone(2, start="不详"), someone(3, "待定")]), "a.xlsx")
    marked = openpyxl.load_workbook(io.BytesIO(mark(workbook, check_roster(workbook, organisations, TODAY))))
    marked.active["D3"] = "2019年7月"
    buffer = io.BytesIO()
    marked.save(buffer)

    again = read_workbook(buffer.getvalue(), "a.xlsx")
    report = check_roster(again, organisations, TODAY)
    remarked = openpyxl.load_workbook(io.BytesIO(mark(again, report))).active

    assert outcomes(report) == [*accepted(2, 3), (4, "refused", ["unknown community"])]
    assert report.sheets[0].unknown == {}
    assert [remarked.cell(row, 5).value is not None for row in (1, 2, 3, 4)] == [True, False, False, True]
    assert remarked["D3"].fill.fgColor.rgb != "FFF9B4AB"
    assert remarked.max_column == 5


@pytest.mark.parametrize("kind", ["xlsx", "csv", "xls"])
def test_marking_never_writes_a_formula(organisations, kind):
    evil = "@SUM(1+1)*cmd|' /C calc'!A0"
    if kind == "csv":
        data = (",".join([*HEAD, "备忘"]) + f'\n张三,{person_id()},"{evil}",2019.7,+1+1\n').encode()
    elif kind == "xls":
        data = (DATA / "roster-jianghan.xls").read_bytes()
    else:
        data = book([[*HEAD, "备忘"], ["张三", person_id(), evil, "2019.7", "-1+1"]])
    workbook = read_workbook(data, f"a.{kind}")
    marked = mark(workbook, check_roster(workbook, organisations, TODAY))

    assert read_workbook(marked, "a.xlsx").kind == "xlsx"  # the reader refuses any file with a formula
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(marked)).active.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


def test_marked_csv_and_xls_keep_their_cells(organisations):
    for name, data in (
        ("a.xls", (DATA / "roster-jianghan.xls").read_bytes()),
        ("a.csv", as_csv(read_workbook((DATA / "roster-jianghan.xlsx").read_bytes(), "a.xlsx"), "gb18030")),
    ):
        workbook = read_workbook(data, name)
        report = check_roster(workbook, organisations, TODAY)
        again = read_workbook(mark(workbook, report), "b.xlsx")

        assert list(row_objects(check_roster(again, organisations, TODAY))) == list(row_objects(report))
        assert [[shown(v) for v in row[:16]] for row in again.sheets[0].rows] == [
            [shown(v) for v in [*row, *[None] * 16][: len(again.sheets[0].rows[n][:16])]]
            for n, row in enumerate(workbook.sheets[0].rows)
        ]


def test_a_workbook_whose_styles_openpyxl_cannot_load_is_still_marked(organisations):
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book([HEAD, someone(1, start="不详")]))) as source,
        zipfile.ZipFile(data, "w") as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            target.writestr(
                name, content.replace(b"<patternFill", b"<oddFill") if name.endswith("styles.xml") else content
            )
    workbook = read_workbook(data.getvalue(), "a.xlsx")
    with pytest.raises((ValueError, TypeError)):
        openpyxl.load_workbook(io.BytesIO(data.getvalue()))

    marked = openpyxl.load_workbook(io.BytesIO(mark(workbook, check_roster(workbook, organisations, TODAY)))).active

    assert "不是有效日期" in marked["E2"].value
