"""A year that was computed by an earlier version of a rule: its pages tell the steps as stored, and say that the rule is another now."""

import re
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client

from qinglan.apps.base.models import span
from qinglan.apps.pay import actions as paying
from qinglan.apps.pay.models import PaySlip
from qinglan.apps.people.models import GradeHolding
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.policy.queries import results, rules
from qinglan.core.rules.families import Family, Step
from qinglan.core.rules.registry import FAMILIES
from qinglan.core.year import order
from qinglan.core.year.explaining import explain
from tests import cast as casting
from tests.factories import deciders, published
from tests.pages.test_api import V1

pytestmark = pytest.mark.django_db
DISTRICT = "990101"
YEARLY = ("train.annual_days", "assess.four_in_one", "career.job_requirements", "career.job_requirements.quota")
CELL = re.compile(r'data-label="(?:步骤|数值|结果)"[^>]*>(.*?)</td>', re.DOTALL)


@pytest.fixture(scope="module")
def module_decided(module_cast: casting.Cast, django_db_blocker: Any) -> None:
    """2025 of 甲区 published and its January closed, once for the module."""
    with django_db_blocker.unblock():
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        people = [one for one in module_cast.people.values() if one.org_code.startswith(DISTRICT)]
        GradeHolding.objects.bulk_create(
            GradeHolding(person=one, ladder="五级九档", grade=2, span=span(date(2022, 1, 1))) for one in people
        )
        published(years.compute(district=DISTRICT, year=2025, by=None))
        month = paying.compute(district=DISTRICT, year=2025, month=1, by=deciders(DISTRICT)[0])
        paying.close(month=month, by=module_cast.users["finance_a"])


@pytest.fixture
def result(cast: casting.Cast, module_decided: None) -> PersonResult:
    return PersonResult.objects.select_related("run", "person").get(person=cast.people["worker_a"])


@pytest.fixture
def renewed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """renewed(family): from here on its rule is version 2, with its last step called otherwise and one more; `keep`: version 1 stays
    with the program."""

    def renew(family: str, *, keep: bool = False) -> Any:
        old: Any = FAMILIES[family]
        newer = replace(old, version="2")
        if isinstance(old, Family):
            names = [*list(old.steps)[:-1], "entirely_new", "one_more"]
            steps = dict(zip(names, old.steps.values(), strict=False))
            steps["one_more"] = Step("又一步", old.steps[old.result].unit)
            newer = replace(newer, headline="", steps=steps, outputs=namedtuple("Steps", names))
        monkeypatch.setitem(FAMILIES, family, newer)
        if keep:
            monkeypatch.setitem(order.RETIRED, (family, "1"), old)
        return newer

    return renew


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("family", YEARLY)
def test_stored_steps_are_told_with_a_note(family: str, result: PersonResult, renewed, sign_in) -> None:
    client, address = sign_in("worker_a"), f"/results/{result.pk}/why/{family}/"
    before = text(client, address)
    assert "现在是第 2 版" not in before
    values = results.year_steps(result)[family]
    was = results.lines_of(family, values, results.pack_of(result.run), result.run.rule_versions)
    renewed(family)
    page = text(client, address)
    assert "现在是第 2 版，这里的数是按当时的第 1 版算的" in page
    assert "没有重算" in page
    now = results.lines_of(family, values, results.pack_of(result.run), result.run.rule_versions)
    assert {one["name"]: one["value"] for one in now} | {one["name"]: one["value"] for one in was} == {
        one["name"]: one["value"] for one in now
    }, "every number that was told before"
    assert "又一步" not in page, "a step that was never computed"


@pytest.mark.parametrize("family", YEARLY)
def test_a_version_that_is_kept_tells_its_own_words(family: str, result: PersonResult, renewed, sign_in) -> None:
    values = results.year_steps(result)[family]
    was = results.lines_of(family, values, results.pack_of(result.run), result.run.rule_versions)
    renewed(family, keep=True)
    assert results.lines_of(family, values, results.pack_of(result.run), result.run.rule_versions) == was
    page = text(sign_in("worker_a"), f"/results/{result.pk}/why/{family}/")
    assert "名称和条款也是当时的" in page
    assert "存储名" not in page


def test_without_the_run_s_versions_the_page_would_break(result: PersonResult, renewed) -> None:
    """The control: today's rule cannot tell yesterday's steps."""
    values = results.year_steps(result)["train.annual_days"]
    newer = renewed("train.annual_days")
    with pytest.raises(KeyError):
        explain(newer, values, results.pack_of(result.run))


def test_every_page_of_an_old_year_opens(result: PersonResult, renewed, sign_in, system) -> None:
    slip = PaySlip.objects.get(person=result.person)
    addresses = [
        f"/results/{result.pk}/", f"/results/{result.pk}/pay/1/", f"/pay/slips/{slip.pk}/", "/me/", "/rights/new/?result="
        f"{result.pk}&family=train.annual_days&step={FAMILIES['train.annual_days'].result}",
    ]  # fmt: skip
    for family in (*YEARLY, "pay.gross", "pay.three_plus_x"):
        renewed(family)
    hers = sign_in("worker_a")
    for address in addresses:
        assert ("条规则在这次计算以后出了新版" in text(hers, address)) == (not address.startswith(("/me/", "/rights/")))
    officer = sign_in("district_a")
    assert "有 6 条规则在这次计算以后出了新版" in text(officer, f"/results/runs/{result.run_id}/")
    text(officer, "/cockpit/?year=2025")
    body = system("district_a").get(f"{V1}/results/{result.pk}").json()
    told = {figure["family"]: figure for topic in body["topics"] for figure in topic["figures"]}
    assert told["train.annual_days"]["rule_version"] == "1"
    assert told["train.annual_days"]["steps"]


def test_a_rule_that_is_gone_still_tells_its_numbers(
    result: PersonResult, monkeypatch: pytest.MonkeyPatch, sign_in
) -> None:
    values = results.year_steps(result)["train.annual_days"]
    monkeypatch.delitem(FAMILIES, "train.annual_days")
    page = text(sign_in("worker_a"), f"/results/{result.pk}/why/train.annual_days/")
    assert "已经不用了" in page
    assert page.count("存储名") >= len(values)


def test_a_year_of_today_has_no_note(result: PersonResult, sign_in) -> None:
    assert rules.outdated(result.run.rule_versions) == []
    assert "出了新版" not in text(sign_in("worker_a"), f"/results/{result.pk}/")
