"""A number is what its sheet shows, a list to choose from is no formula, a container has no two truths."""

import io
import re
import zipfile

import pytest

from qinglan.core.intake import IntakeError, PeopleList, check_facts, read_workbook
from qinglan.core.intake.people import Person
from qinglan.core.intake.raw import style_of

from .books import TODAY, book, person_id

SHEET = "xl/worksheets/sheet1.xml"
PROJECT = ["身份证号码", "项目日期", "项目名称", "承担角色", "项目经费", "质量评分", "佐证材料", "记录人"]
DONE = [person_id(), "2025.6", "小巷议事厅", "骨干", 12, 0.85, "合同1", "李四"]
CHOICES = (
    b'<extLst><ext><x14:dataValidations xmlns:x14="urn:x14" xmlns:xm="urn:xm" count="1"><x14:dataValidation type="list">'
    b"<x14:formula1><xm:f>Lists!$A$1:$A$9</xm:f></x14:formula1><xm:sqref>C2:C9</xm:sqref></x14:dataValidation>"
    b"</x14:dataValidations></ext></extLst></worksheet>"
)


def changed(data, change=None, add=None):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content) if change and name == SHEET else content)
        for name, content in (add or {}).items():
            target.writestr(name, content)
    return buffer.getvalue()


def project(organisations, fund="General", quality="General"):
    def show(workbook):
        workbook.active["E2"].number_format, workbook.active["F2"].number_format = fund, quality

    workbook = read_workbook(book([PROJECT, DONE], touch=show), "a.xlsx")
    people = PeopleList([Person(1, "张三", "420103008015", person_id())])
    return check_facts("projects", workbook, people, organisations, TODAY).rows[0]


@pytest.mark.parametrize(
    ("fund", "fen"),
    [("General", 1200), ("0.00", 1200), ('0"万元"', 12_000_000), ("#,##0.00万元", 12_000_000), ("0\\\\万\\\\元", 12_000_000),
     ('0.00,"千元"', 1200), ('0!.0,"万元"', 1200)],
)  # fmt: skip
def test_a_unit_that_only_the_format_says_counts(organisations, fund, fen):
    assert project(organisations, fund=fund.replace("\\\\", "\\")).canonical["fund"] == fen


def test_a_share_is_no_score_of_less_than_one(organisations):
    assert project(organisations).canonical["quality"] == 85
    row = project(organisations, quality="0%")

    assert (row.outcome, row.reasons[0].code) == ("refused", "bad score")
    assert "85%" in row.reasons[0].message


@pytest.mark.parametrize(
    ("number", "code", "style"), [(9, "", "%"), (10, "", "%"), (176, '0"%"', ""), (176, "0.0%", "%")]
)
def test_percent_formats(number, code, style):
    assert style_of(number, {number: code} if code else {}) == style


def test_a_list_of_choices_on_another_sheet_is_no_formula():
    data = changed(book([["姓名"], ["张三"]]), lambda xml: xml.replace(b"</worksheet>", CHOICES))

    assert read_workbook(data, "a.xlsx").sheets[0].rows[1] == ["张三"]
    formula = changed(data, lambda xml: re.sub(rb"<v>|<is>", rb"<f>1+1</f>\g<0>", xml, count=1))
    with pytest.raises(IntakeError, match="公式"):
        read_workbook(formula, "a.xlsx")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../../etc/cron.d/x.xml", "别处"),
        ("xl\\..\\..\\x.png", "别处"),
        ("C:/x.xml", "别处"),
        (f"/{SHEET}", "重名"),
        (SHEET.upper(), "重名"),
    ],
)
def test_names_that_lead_elsewhere_or_stand_twice_are_refused(name, words):
    with pytest.raises(IntakeError, match=words):
        read_workbook(changed(book([["姓名"]]), add={name: b"<a/>"}), "a.xlsx")
