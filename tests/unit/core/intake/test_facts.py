"""The fact workbooks agree with their truth files; templates load as they were downloaded."""

import json

import pytest

from qinglan.core.intake import (
    KINDS,
    PeopleList,
    Person,
    check_facts,
    check_roster,
    mark,
    read_workbook,
    row_objects,
    template,
)

from .books import DATA, TODAY


@pytest.fixture(scope="module")
def people() -> PeopleList:
    rows = json.loads((DATA / "people.json").read_text(encoding="utf-8"))
    return PeopleList([Person(row["key"], row["name"], row["org"], row["id"]) for row in rows])


def truth_of(kind):
    return {row["row"]: row for row in json.loads((DATA / f"facts-{kind}.truth.json").read_text(encoding="utf-8"))}


def report_of(kind, data, people, organisations):
    return check_facts(kind, read_workbook(data, f"{kind}.xlsx"), people, organisations, TODAY)


def book_of(kind):
    return (DATA / f"facts-{kind}.xlsx").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_agree_with_the_truth(kind, people, organisations):
    report = report_of(kind, book_of(kind), people, organisations)
    rows = {row["row"]: row for row in row_objects(report)}

    assert report.problems == []
    for number, truth in truth_of(kind).items():
        row = rows[number]
        assert (row["outcome"] == "accepted", row["reasons"]) == (truth["ok"], truth["why"]), row
        if truth["ok"]:
            assert row["canonical"] == truth["canonical"]
    assert report.counts()["skipped"] == 3


@pytest.mark.parametrize("kind", KINDS)
def test_truth_has_ten_different_bad_rows(kind):
    assert sum(not row["ok"] for row in truth_of(kind).values()) >= 10


@pytest.mark.parametrize("kind", KINDS)
def test_marked_workbook_reads_the_same(kind, people, organisations):
    first = report_of(kind, book_of(kind), people, organisations)
    again = report_of(kind, mark(read_workbook(book_of(kind), "a.xlsx"), first), people, organisations)

    assert list(row_objects(again)) == list(row_objects(first))


@pytest.mark.parametrize("kind", ["roster", *KINDS])
def test_template_loads_without_its_example(kind, people, organisations):
    book = read_workbook(template(kind), "模板.xlsx")
    check = check_roster if kind == "roster" else lambda *rest: check_facts(kind, rest[0], people, *rest[1:])
    report = check(book, organisations, TODAY)

    assert report.problems == []
    assert [row.reasons[0].code for row in report.rows] == ["example row"]
    assert report.sheets[0].unknown == {}
