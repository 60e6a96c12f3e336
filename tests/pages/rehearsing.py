"""What the tests of rehearsals share: a published year of a small district, a raise, a page's words."""

import html
import re
from datetime import date
from typing import Any

from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import Run
from qinglan.apps.rehearsal.actions import making
from qinglan.apps.rehearsal.models import Rehearsal, Study
from tests.factories import posted, published

DISTRICT = "990101"
ALLOWANCE = "pay.cert_allowance.amount"
NOW = "无: 0\n初级: 100\n中级: 200\n高级: 400"
RAISED = "无: 0\n初级: 1000\n中级: 2000\n高级: 4000"
ALLOWANCE_FILE = """
pay.cert_allowance.amount:
  values:
  - {since: "2026-01-01", setting: 会议纪要, value: {无: 0, 初级: 1000, 中级: 2000, 高级: 4000}}
"""
FORM = {"name": "津贴提高", "place": DISTRICT, "years": "2", "replicates": "4", "seed": "7"}


def published_year() -> Run:
    """2025 of 甲区 with twelve people more, published."""
    for n in range(12):
        code = ("990101001001", "990101001002", "990101002001")[n % 3]
        posted(code, birth=date(1966 + 3 * n, 2, 1), sex="male" if n % 2 else "female")
    adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
    return published(years.compute(district=DISTRICT, year=2025, by=None))


def made(
    run: Run, rows: list[tuple[str, str, str]], parameters: dict[str, float] | None = None, **more: Any
) -> Rehearsal:
    """A rehearsal of two years asked for by nobody in particular."""
    given: dict[str, Any] = {
        "name": "津贴提高", "place": DISTRICT, "years": 2, "replicates": 4, "seed": 7, "by": None, **more,
    }  # fmt: skip
    return making.make(run=run, rows=rows, parameters=parameters or {}, **given)


def plain(answer: Any) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def calibrated(run: Run, used: bool = True) -> Study:
    """What a calibration of the district came to: 1.5 % a year, or too thin a history."""
    figure = {
        "name": "exit_rate",
        "value": 0.0152,
        "low": 0.012,
        "high": 0.018,
        "default": 0.12,
        "used": used,
        "why": "",
    }
    parameters = {"exit_rate": 0.0152, "exit_new": 0.3} if used else {}
    return Study.objects.create(
        kind="calibration", org_code=DISTRICT, run=run, year=run.year, name="校准", inputs={}, state="done",
        outcome={"figures": [figure], "parameters": parameters, "years": [], "sentences": []},
    )  # fmt: skip
