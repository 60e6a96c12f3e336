"""The files that the tests of facts bring in: the workbooks of tests/data/intake, and books made on the spot."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import openpyxl

from qinglan.apps.base.models import span
from qinglan.apps.facts.actions import imports
from qinglan.apps.facts.models import ImportBatch
from qinglan.apps.people.actions import organisation_load
from qinglan.apps.people.models import Employment, Person, Posting
from qinglan.core.intake.idnumber import birth_of, sex_of

DATA = Path(__file__).resolve().parents[2] / "data" / "intake"
JIANGHAN = "420103"
TODAY = dt.date(2026, 1, 15)
KINDS = (
    "training", "shadowing", "exams", "scores", "abilities", "awards", "warnings", "projects", "openings", "figures",
)  # fmt: skip
ROSTER = "roster-jianghan.xlsx"


def organisations() -> None:
    """Load the tree of 420103."""
    organisation_load.load(files=[DATA / "organisations-420103.csv"], source="测试", by=None)


def register() -> dict[str, Person]:
    """Put the people of the fact workbooks at their posts; by ID number."""
    found = {}
    for row in json.loads((DATA / "people.json").read_text(encoding="utf-8")):
        number = row["id"]
        sex = {"男": "male", "女": "female"}[sex_of(number)]
        someone = Person.objects.create(
            org_code=row["org"], name=row["name"], sex=sex, birth=birth_of(number), id_number=number, synthetic=True
        )
        Employment.objects.create(person=someone, org_code=JIANGHAN, span=span(dt.date(2020, 1, 1)))
        Posting.objects.create(person=someone, org_code=row["org"], kind="worker", span=span(dt.date(2020, 1, 1)))
        found[number] = someone
    return found


def truth_of(name: str) -> dict[int, dict[str, Any]]:
    """The truth file of a workbook, by row."""
    stem = Path(name).stem
    rows = json.loads((DATA / f"{stem}.truth.json").read_text(encoding="utf-8"))
    return {row["row"]: row for row in rows}


def book(*rows: list[Any], title: str = "表") -> bytes:
    """An xlsx of one sheet."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def submit(
    kind: str, data: bytes, *, by: Any = None, district: str = JIANGHAN, name: str = "", **more: Any
) -> ImportBatch:
    """Submit a file as of TODAY."""
    return imports.submit(
        kind=kind, filename=name or f"{kind}.xlsx", data=data, district=district, today=TODAY, by=by, **more
    )


def bring_in(kind: str, data: bytes, **more: Any) -> ImportBatch:
    """Submit a file and apply it."""
    return imports.apply(batch=submit(kind, data, **more), today=TODAY, by=more.get("by"))
