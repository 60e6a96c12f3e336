"""Files by action and by command: every row as the truth file says, twice is once, and what was refused comes back marked."""

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pghistory.models
import pytest
from click.testing import CliRunner
from django.apps import apps
from django.db import IntegrityError, transaction
from tests.unit.facts.workbooks import (
    DATA,
    JIANGHAN,
    KINDS,
    ROSTER,
    TODAY,
    bring_in,
    organisations,
    register,
    submit,
    truth_of,
)

from qinglan.apps.facts.actions import imports
from qinglan.apps.facts.models import KINDS as MODELS
from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.people.models import Certificate, Employment, Person, Posting
from qinglan.commands.imports import import_
from qinglan.core.intake.model import MARK_HEADER

pytestmark = pytest.mark.usefixtures("truth_day")
FILES = {kind: f"facts-{kind}.xlsx" for kind in KINDS} | {"roster": ROSTER}
SUMS = ("read", "accepted", "unchanged", "refused", "skipped")


@pytest.fixture
def ready(jianghan: None, request: pytest.FixtureRequest) -> str:
    """A kind of file, with what it needs to be known."""
    kind: str = request.param
    if kind != "roster":
        register()
    return kind


def every_kind(argument: str = "ready") -> Any:
    return pytest.mark.parametrize(argument, list(FILES), indirect=True)


def data_of(kind: str) -> bytes:
    return (DATA / FILES[kind]).read_bytes()


def history_rows() -> dict[str, int]:
    """Rows of every history table."""
    found = [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]
    assert found
    return {model._meta.label: model._default_manager.count() for model in found}


def recorded() -> dict[str, int]:
    models = [*MODELS.values(), Person, Posting, Employment, Certificate]
    return {model._meta.label: model._default_manager.count() for model in models}


def adds_up(batch: ImportBatch) -> bool:
    counts = Counter(row["outcome"] for row in batch.report["rows"])
    same = all(getattr(batch, name) == counts[name] for name in SUMS[1:])
    return same and batch.read == len(batch.report["rows"]) == sum(getattr(batch, name) for name in SUMS[1:])


@every_kind()
def test_rows_agree_with_the_truth(ready: str) -> None:
    tried = imports.read(
        kind=ready, filename=FILES[ready], data=data_of(ready), district=JIANGHAN, today=TODAY, by=None
    )
    assert tried.report.problems == []
    rows = {row.row: row for row in tried.report.rows}
    truth = truth_of(FILES[ready])
    for number, true in truth.items():
        row = rows[number]
        why = list(dict.fromkeys(reason.code for reason in row.reasons))
        assert (row.outcome == "accepted", why) == (true["ok"], true["why"]), row
    assert len(tried.rows) == sum(true["ok"] for true in truth.values())
    assert sum(not true["ok"] for true in truth.values()) >= 10


@every_kind()
def test_page_and_command_agree_with_the_truth(ready: str, tmp_path: Path) -> None:
    batch = submit(ready, data_of(ready), name=FILES[ready])
    assert batch.state == ImportBatch.State.TRIED
    assert adds_up(batch)
    out, marked = tmp_path / "out.json", tmp_path / "marked.xlsx"
    command = [ready, str(DATA / FILES[ready]), "--district", JIANGHAN, "--dry-run"]
    said = CliRunner().invoke(import_, [*command, "--json", str(out), "--marked", str(marked)])
    assert said.exit_code == 0, said.output
    objects = {row["row"]: row for row in json.loads(out.read_text(encoding="utf-8"))}
    stored = {row["row"]: row for row in batch.report["rows"]}
    truth = truth_of(FILES[ready])
    for number, true in truth.items():
        written = objects[number]
        assert set(written) >= {"row", "outcome", "reasons", "canonical"}
        assert (written["outcome"] == "accepted", written["reasons"]) == (true["ok"], true["why"])
        assert (stored[number]["outcome"], stored[number]["reasons"]) == (written["outcome"], written["reasons"])
        if true["ok"]:
            assert written["canonical"] == true["canonical"]
    assert f"读到 {batch.read} 行 = 接受 {batch.accepted} + 未变 0 + 退回 {batch.refused}" in said.output
    assert recorded() == {**recorded(), "facts.TrainingRecord": 0}
    assert marked.read_bytes()[:2] == b"PK"


@every_kind()
def test_loading_twice_changes_nothing(ready: str) -> None:
    truth = truth_of(FILES[ready])
    good = sum(true["ok"] for true in truth.values())
    first = bring_in(ready, data_of(ready))
    assert (first.state, first.accepted, first.unchanged) == (ImportBatch.State.APPLIED, good, 0)
    assert adds_up(first)
    before, histories = recorded(), history_rows()
    assert before["facts.TrainingRecord" if ready == "training" else Person._meta.label] > 0
    again = submit(ready, data_of(ready))
    assert (again.accepted, again.unchanged, again.refused) == (0, good, first.refused)
    applied = imports.apply(batch=again, today=TODAY, by=None)
    assert (applied.accepted, applied.unchanged) == (0, good)
    assert adds_up(applied)
    assert recorded() == before
    assert history_rows() == histories


@every_kind()
def test_marked_workbook_shows_each_reason_and_loads_again(ready: str) -> None:
    batch = bring_in(ready, data_of(ready))
    before = recorded()
    data = imports.marked(batch=batch, by=None)
    book = openpyxl.load_workbook(io.BytesIO(data))
    marks = {}
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == MARK_HEADER:
                    column = cell.column
                    marks |= {
                        n: sheet.cell(n, column).value
                        for n in range(cell.row + 1, sheet.max_row + 1)
                        if sheet.cell(n, column).value
                    }
    refused = {row["row"]: row for row in batch.report["rows"] if row["outcome"] == "refused"}
    assert set(marks) == set(refused)
    for number, row in refused.items():
        for detail in row["details"]:
            sentence = detail["mend"] or detail["message"]
            assert sentence.split("*")[0] in marks[number]
    again = bring_in(ready, data)
    assert (again.accepted, again.unchanged, again.refused) == (0, batch.accepted, batch.refused)
    assert recorded() == before


def test_mended_rows_come_in_and_the_others_do_not_double(jianghan: None) -> None:
    batch = bring_in("roster", data_of("roster"))
    people = Person.objects.count()
    book = openpyxl.load_workbook(io.BytesIO(imports.marked(batch=batch, by=None)))
    sheet = book.worksheets[0]
    rows = [row for row in batch.report["rows"] if row["reasons"] == ["bad start date"]]
    assert rows
    for row in rows:
        sheet[f"{row['details'][0]['column']}{row['row']}"] = "2019年7月"
    buffer = io.BytesIO()
    book.save(buffer)
    again = bring_in("roster", buffer.getvalue())
    assert (again.accepted, again.unchanged) == (len(rows), batch.accepted)
    assert again.refused == batch.refused - len(rows)
    assert Person.objects.count() == people + len(rows)
    assert Posting.objects.count() == Employment.objects.count() == people + len(rows)


def test_passed_exams_bring_their_certificates_once(jianghan: None) -> None:
    register()
    bring_in("exams", data_of("exams"))
    brought = [
        true["canonical"]
        for true in truth_of(FILES["exams"]).values()
        if true["ok"] and true["canonical"]["cert_no"] and true["canonical"]["passed"] is not False
    ]
    held = {(one.person.id_number.open(), one.number) for one in Certificate.objects.select_related("person")}
    assert held == {(one["id"], one["cert_no"]) for one in brought}
    assert held
    bring_in("exams", data_of("exams"))
    assert Certificate.objects.count() == len(held)


def test_command_brings_in_and_says_so(jianghan: None) -> None:
    register()
    command = ["training", str(DATA / FILES["training"]), "--district", JIANGHAN]
    assert CliRunner().invoke(import_, command).exit_code == 0
    good = sum(true["ok"] for true in truth_of(FILES["training"]).values())
    assert recorded()["facts.TrainingRecord"] == good
    again = CliRunner().invoke(import_, command)
    assert f"接受 0 + 未变 {good}" in again.output
    assert recorded()["facts.TrainingRecord"] == good


def test_command_for_an_unknown_district_says_so(db: None) -> None:
    command = ["roster", str(DATA / ROSTER), "--district", "429999"]
    said = CliRunner().invoke(import_, command)
    assert said.exit_code == 1
    assert "没有代码为429999的区" in said.output
    assert not ImportBatch.objects.exists()


def test_database_holds_the_sum(db: None) -> None:
    organisations()
    register()
    batch = submit("training", data_of("training"))
    with pytest.raises(IntegrityError, match="facts_batch_adds_up"), transaction.atomic():
        ImportBatch.objects.filter(pk=batch.pk).update(refused=batch.refused + 1)


@pytest.mark.parametrize(("name", "sentence"), [("formula.xls", "是公式"), ("far-cell.xls", "离表格太远")])
def test_command_says_why_a_hostile_file_is_refused(jianghan: None, name: str, sentence: str) -> None:
    said = CliRunner().invoke(import_, ["roster", str(DATA / name), "--district", JIANGHAN])
    assert said.exit_code == 1
    assert sentence in said.output
    assert not ImportBatch.objects.exists()
    assert not Person.objects.exists()
