"""The roster of Jianghan agrees with its truth file row by row, as xlsx, xls and csv alike."""

import json

from qinglan.core.intake import check_roster, read_workbook, row_objects

from .books import DATA, TODAY

TRUTH = {row["row"]: row for row in json.loads((DATA / "roster-jianghan.truth.json").read_text(encoding="utf-8"))}
BOOK = "roster-jianghan.xlsx"


def test_every_row_agrees_with_the_truth(organisations):
    report = check_roster(read_workbook((DATA / BOOK).read_bytes(), BOOK), organisations, TODAY)
    rows = {row["row"]: row for row in row_objects(report)}

    assert report.problems == []
    for number, truth in TRUTH.items():
        row = rows[number]
        assert (row["outcome"] == "accepted", row["reasons"]) == (truth["ok"], truth["why"]), row
        if truth["ok"]:
            assert row["canonical"] == truth["canonical"]
    assert {n: rows[n]["reasons"] for n in rows.keys() - TRUTH.keys()} == {
        404: ["total line"],
        405: ["blank row"],
        406: ["signature line"],
    }


def test_every_row_read_has_an_outcome(organisations):
    counts = check_roster(read_workbook((DATA / BOOK).read_bytes(), BOOK), organisations, TODAY).counts()

    assert counts == {"read": 403, "accepted": 370, "unchanged": 0, "refused": 30, "skipped": 3}


def test_refusals_say_column_and_mend(organisations):
    report = check_roster(read_workbook((DATA / BOOK).read_bytes(), BOOK), organisations, TODAY)
    refused = [reason for row in report.rows if row.outcome == "refused" for reason in row.reasons]

    assert all(reason.column and reason.field and reason.message and reason.mend for reason in refused)
