"""What an office gets back: every mark stands where it can be seen, and nothing else has changed."""

import io
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from qinglan.core.intake import check_roster, mark, read_workbook, row_objects

from .books import TODAY, book, person_id

HEAD = ["姓名", "身份证号码", "所属社区", "参加社区工作时间"]


def someone(number, start="2019.7"):
    return ["张三", person_id(sequence=101 + 2 * number), "云天社区", start]


def unloadable(data):
    """Return the book with a style that openpyxl cannot load, so that it has to be written anew."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"<patternFill", b"<oddFill"))
    return buffer.getvalue()


def marked(organisations, data):
    """Return the marked sheet, after holding what is read from it against what is read from the file."""
    workbook = read_workbook(data, "a.xlsx")
    report = check_roster(workbook, organisations, TODAY)
    back = mark(workbook, report)
    assert list(row_objects(check_roster(read_workbook(back, "b.xlsx"), organisations, TODAY))) == list(
        row_objects(report)
    )
    return openpyxl.load_workbook(io.BytesIO(back)).active, [row.row for row in report.rows if row.outcome == "refused"]


WAYS = pytest.mark.parametrize("way", [lambda data: data, unloadable], ids=["edited", "written anew"])


@WAYS
@pytest.mark.parametrize("merges", [("A1:Z1", "E4:E5"), ("A1:Z1", "E2:H2"), ("A1:D1", "E2:F3", "E4:H5")])
def test_marks_stand_beside_merged_cells_not_under_them(organisations, way, merges):
    rows = [["花名册"], [*HEAD, "备注"], someone(1), someone(2, "x"), someone(3, "y")]
    sheet, refused = marked(organisations, way(book(rows, merges=merges)))
    column = sheet.max_column if sheet.cell(2, sheet.max_column).value == "问题与修改办法" else 0
    column = column or next(cell.column for cell in sheet[2] if cell.value == "问题与修改办法")

    assert refused == [4, 5]
    assert ["不是有效日期" in (sheet.cell(row, column).value or "") for row in (3, 4, 5)] == [False, True, True]


@WAYS
def test_values_under_merged_cells_stay(organisations, way):
    rows = [HEAD, someone(1, 43647), someone(2, None), someone(3, "x")]
    sheet, refused = marked(organisations, way(book(rows, merges=("D2:D3",))))

    assert (refused, sheet["D2"].value) == ([4], 43647)


def test_overlapping_merges_do_not_stop_the_marking(organisations):
    rows = [["花名册"], HEAD, someone(1), someone(2, "x"), someone(3)]

    assert marked(organisations, unloadable(book(rows, merges=("A1:Z1", "C1:D1", "F3:G4", "G4:H5"))))[1] == [4]


@WAYS
def test_day_counts_from_1904_stay_the_days_they_are(organisations, way):
    def count_from_1904(workbook):
        workbook.epoch = CALENDAR_MAC_1904

    assert marked(organisations, way(book([HEAD, someone(1, 42185), someone(2, "x")], touch=count_from_1904)))[1] == [3]
