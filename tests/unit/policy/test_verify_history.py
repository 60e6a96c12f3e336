"""A published year and closed months compute the same whatever happened since: packs, posts, communities, facts, people, rules."""

import dataclasses
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pytest
from click.testing import CliRunner
from tests.factories import person, published
from tests.unit.pay.test_pay_months import certify, paid, worker
from tests.unit.policy.test_policy_years import DISTRICT, EAST, WEST, settle

from qinglan.apps.base.models import span
from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.models import EvaluationScore
from qinglan.apps.pay.models import PayMonth
from qinglan.apps.people.actions import organisations, persons, postings
from qinglan.apps.people.models import Person, Posting, PostKind
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries import packs
from qinglan.apps.policy.queries.verifying import recompute, verify
from qinglan.commands.runs import verify_runs
from qinglan.core.frame import freezing
from qinglan.core.frame.columns import Column
from qinglan.core.frame.month import MONTH, SEGMENT
from qinglan.core.frame.person_year import PERSON_YEAR
from qinglan.core.frame.unit_year import UNIT_YEAR
from qinglan.core.frame.units import COUNT
from qinglan.core.packs.items import Item
from qinglan.core.rules import grades, pay_month
from qinglan.core.rules.families import Family
from qinglan.core.rules.registry import ITEMS
from qinglan.core.rules.shapes import Scalar
from qinglan.core.year import order, paying
from qinglan.core.year.computing import compute_year

TODAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def module_decided(module_db: None, django_db_blocker: Any) -> None:
    """Two months closed, one more with arrears, the year published."""
    with django_db_blocker.unblock():
        settle()
        without_post = Posting.objects.within(WEST).order_by("pk").last()
        Posting.objects.filter(pk=without_post.pk).update(span=span(date(2020, 1, 1), date(2025, 10, 15)))
        paid(10, 11)
        certify(worker())
        paid(12)
        published(years.compute(district=DISTRICT, year=2025, by=None))


@pytest.fixture
def decided(module_decided: None, db: None) -> Run:
    return Run.objects.get(org_code=DISTRICT, state=Run.State.PUBLISHED)


@pytest.fixture
def same(decided: Run) -> Iterator[None]:
    """What the test does changes nothing of what is decided, and nothing of what verifying says."""
    yield
    done = CliRunner().invoke(verify_runs, [])
    assert done.exit_code == 0, done.output
    assert done.output.count("，一致，") == 4, done.output


def someone(code: str = EAST) -> Person:
    return Person.objects.filter(org_code=code).order_by("pk").first()


def computes_otherwise() -> bool:
    """Whether the year computed anew now says something else than the published one: the change is one that tells."""
    before = Run.objects.get(org_code=DISTRICT, state=Run.State.PUBLISHED)
    now = years.compute(district=DISTRICT, year=2025, by=None)
    return now.inputs_hash != before.inputs_hash


def test_after_a_later_pack(same: None) -> None:
    adoption.adopt(district=DISTRICT, pack="jianghan", since=date(2025, 1, 1), by=None)
    assert computes_otherwise()


def test_after_a_moved_post(same: None) -> None:
    postings.assign(
        person=someone(), org_code=WEST, kind=PostKind.DIRECTOR, since=date(2025, 4, 9), by=None, today=TODAY
    )
    assert computes_otherwise()


def test_after_a_merged_community_and_one_that_moved(same: None) -> None:
    organisations.merge(codes=[EAST, WEST], into="990101001009", name="合并社区", on=date(2025, 5, 1), by=None)
    assert computes_otherwise()
    organisations.add(code="990101002", name="另一街道", since=None, by=None, synthetic=True)
    organisations.move(code="990101001009", to_code="990101002003", on=date(2025, 9, 1), by=None)


def test_after_a_corrected_and_a_withdrawn_fact(same: None) -> None:
    first, second = EvaluationScore.objects.within(DISTRICT).order_by("pk")[:2]
    recording.correct(fact=first, by=None, reason="录入有误", score=1_000)
    recording.withdraw(fact=second, by=None, reason="不是这个人")
    assert computes_otherwise()


def test_after_people_were_renamed_merged_and_their_records_emptied(same: None) -> None:
    one = someone()
    persons.update(person=one, by=None, today=TODAY, name="新名字", phone="13900009999")
    double = person(EAST, name=someone(WEST).name)
    persons.merge(kept=double, dropped=someone(WEST), reason="同一人两条记录", by=None)
    # As an owner of the database would who removes all that says who somebody was: nothing that is decided rests on it.
    Person.objects.filter(pk=one.pk).update(
        name="（已抹去）", id_number=None, id_number_index=None, phone=None, phone_index=None, pinyin="", initials=""
    )
    assert computes_otherwise(), "the merged record is another person number"


def test_after_posts_and_grades_are_gone_from_the_tables(same: None) -> None:
    Posting.objects.within(EAST).delete()
    assert computes_otherwise()


# --- rules ---


def changed(family: Family, step: str, by: int) -> Family:
    """The family as a later release might have it: version 2, in which one step says something else."""

    def run(columns: np.ndarray, tables: Any, out: np.ndarray) -> None:
        family.run(columns, tables, out)
        out[family.outputs._fields.index(step)] += by

    return dataclasses.replace(family, version="2", run=run)


def in_force(monkeypatch: pytest.MonkeyPatch, *families: Family) -> None:
    """The release as if these families were in its order, in the place of those with their ids."""
    new = {one.id: one for one in families}
    parts = {
        one.name: tuple(new.get(family.id, family) for family in getattr(order.NOW, one.name))
        for one in dataclasses.fields(order.Order)
    }
    monkeypatch.setattr(order, "NOW", order.Order(**parts))


RULES = [
    pytest.param(grades.SCORE, "grade_score", id="year"),
    pytest.param(pay_month.GROSS, "gross_pay", id="month"),
]


@pytest.mark.parametrize(("family", "step"), RULES)
def test_after_a_new_version_of_a_rule(
    same: None, decided: Run, monkeypatch: pytest.MonkeyPatch, family: Family, step: str
) -> None:
    in_force(monkeypatch, changed(family, step, 1))
    monkeypatch.setattr(order, "RETIRED", {(family.id, "1"): family})
    old = recompute(decided)
    records, figures = freezing.thaw(bytes(decided.input.tables))
    new = compute_year(records, 2025, old.pack, figures, rules=order.NOW)
    person = {**new.person, **new.months}[family.id][step]
    before = {**old.person, **old.months}[family.id][step]
    assert (person != before).any(), "the rule in force now says something else"


@pytest.mark.parametrize(("family", "step"), RULES)
def test_without_the_old_version_verifying_says_so(
    decided: Run, monkeypatch: pytest.MonkeyPatch, family: Family, step: str
) -> None:
    """The control of the test above: a release that kept no old version cannot compute, and names the rule."""
    in_force(monkeypatch, changed(family, step, 1))
    assert verify(decided) == [f"这一版程序没有规则「{family.label}」的第 1 版，不能重算；请用留有该版的程序。"]
    done = CliRunner().invoke(verify_runs, [])
    assert done.exit_code == 1
    assert (
        done.output.count(f"没有规则「{family.label}」的第 1 版") == 1 + PayMonth.objects.filter(state="closed").count()
    )


def test_a_changed_rule_under_its_old_version_is_found(decided: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of verifying itself: a release that changed a rule and kept its version number."""
    in_force(monkeypatch, dataclasses.replace(changed(grades.SCORE, "grade_score", 1), version="1"))
    found = verify(decided)
    assert "指纹" in found[0]
    assert any("的步骤" in one for one in found)


class LaterSteps(NamedTuple):
    later_one: int


def later_family() -> Family:
    family = grades.FAMILY

    def run(columns: np.ndarray, tables: Any, out: np.ndarray) -> None:
        out[:] = 7

    steps = {"later_one": next(iter(family.steps.values()))}
    return dataclasses.replace(family, id="assess.later", outputs=LaterSteps, steps=steps, run=run, items=())


def test_after_an_upgrade_that_brings_rules_columns_and_items(same: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What later releases read and compute more was not there then."""
    monkeypatch.setattr(
        order, "NOW", dataclasses.replace(order.NOW, person_year=(*order.NOW.person_year, later_family()))
    )
    for columns in (PERSON_YEAR, UNIT_YEAR, MONTH, SEGMENT):
        monkeypatch.setitem(columns, "later_column", Column("以后的列", COUNT))
    assert any(month.exceptions for month in PayMonth.objects.filter(state="closed"))
    worded = {key: (f"{label}（换了说法）", mend) for key, (label, mend) in paying.KINDS.items()}
    monkeypatch.setattr(paying, "KINDS", worded)
    monkeypatch.setitem(
        ITEMS, "assess.later.item", Item("assess.later.item", "以后的条目", Scalar(COUNT), "assess.later")
    )
    packs._thawed.cache_clear()  # read again, by the release that knows the item
