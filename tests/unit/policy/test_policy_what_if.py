"""Other values on a real year: the empty diff says exactly what is stored, a raise says who gains and what it costs."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from django.db.models import Sum
from tests.unit.policy.test_policy_years import DISTRICT, compute, settle

from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries.what_if import what_if
from qinglan.commands.year import year
from qinglan.core.packs.diffs import parse_diff
from qinglan.core.packs.located import parse
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year.canonical import results_hash

RAISE = """
pay.three_plus_x.start_level:
  values:
    - since: 2025-07-01
      setting: 试算，起点工资提高一成
      value: 4400
"""


@pytest.fixture
def run(db: None) -> Run:
    settle()
    return compute()


def _diff(text: str):
    return parse_diff(parse(text.encode(), "试算.yaml"), ITEMS)


def test_the_empty_diff_is_the_stored_year(run: Run) -> None:
    found = what_if(run, _diff("{}"))
    assert found.same
    assert results_hash(found.other) == run.results_hash
    whole = found.groups[0]
    assert (whole.gain, whole.lose, whole.change, whole.grades, whole.stars) == (0, 0, 0, 0, 0)
    assert whole.before == PersonResult.objects.filter(run=run).aggregate(s=Sum("gross"))["s"]


def test_a_raise_from_july_says_who_gains_and_what_it_costs(run: Run) -> None:
    found = what_if(run, _diff(RAISE))
    assert not found.same
    whole = found.groups[0]
    assert (whole.people, whole.gain, whole.lose) == (10, 10, 0)
    months = [one.pay.months["gross_pay"].sum(axis=1) for one in (found.base, found.other)]
    assert (months[0][:6] == months[1][:6]).all()
    assert (months[0][6:] < months[1][6:]).all()
    assert whole.change == int(np.subtract(months[1], months[0]).sum())
    for by in {group.by for group in found.groups}:
        part = [group for group in found.groups if group.by == by]
        assert sum(group.people for group in part) == whole.people, by
        assert sum(group.change for group in part) == whole.change, by
    assert {group.by for group in found.groups} == {"全区", "街道", "层级", "性别", "年末年龄"}
    assert Run.objects.count() == 1  # nothing is stored


def test_the_command_prints_the_comparison_or_the_sentence(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "试算.yaml"
    file.write_text(RAISE, encoding="utf-8")
    done = CliRunner().invoke(year, ["2025", "--district", DISTRICT, "--what-if", str(file)])
    assert done.exit_code == 0, done.output
    assert "没有保存" in done.output
    file.write_text("{}", encoding="utf-8")
    assert (
        "每一步都与现在相同"
        in CliRunner().invoke(year, ["2025", "--district", DISTRICT, "--what-if", str(file)]).output
    )
    file.write_text(RAISE.replace("start_level", "start_levle"), encoding="utf-8")
    wrong = CliRunner().invoke(year, ["2025", "--district", DISTRICT, "--what-if", str(file)])
    assert wrong.exit_code == 1
    assert "第 2 行" in wrong.output
    missing = CliRunner().invoke(year, ["2019", "--district", DISTRICT, "--what-if", str(file)])
    assert "还没有计算过" in missing.output
