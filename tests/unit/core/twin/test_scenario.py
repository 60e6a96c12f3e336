"""Scenarios as files: read with clear sentences for whatever is wrong; odd ones come out right, never as a NaN."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.core.frame.rows import employment, person, posting, records
from tests.unit.core.twin.scenarios import frozen, scenario, texts

from qinglan.core.frame.freezing import freeze
from qinglan.core.frame.records import Records
from qinglan.core.packs.pack import NotInForce
from qinglan.core.twin.columns import M
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.outcomes import DIMENSIONS, GROUP_MEASURES, INDICATORS, band, by_group
from qinglan.core.twin.parameters import catalogue
from qinglan.core.twin.scenario import Scenario, ScenarioError, people_of, read_scenario, run_of

GOOD: dict[str, Any] = {"name": "甲", "population": "people.zip", "year": 2025, "pack": "taoyuan"}
ALLOWANCE = {
    "values": [{"since": "2026-01-01", "setting": "试算", "value": {"无": 0, "初级": 300, "中级": 500, "高级": 800}}]
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people.zip").write_bytes(frozen())
    return tmp_path


def write(folder: Path, **changes: Any) -> Path:
    file = folder / "one.yaml"
    data = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


def test_a_short_file_is_enough(folder: Path) -> None:
    one = read_scenario(write(folder))
    assert (one.months, one.replicates, one.seed, one.place, one.diff) == (120, 100, 1, "", "")
    assert len(people_of(one)) == 120


def test_all_that_differs_is_read(folder: Path) -> None:
    one = read_scenario(
        write(
            folder, months=24, replicates=3, seed=9, place="990101001", parameters={"exit_rate": 0.2},
            diff={"pay.cert_allowance.amount": ALLOWANCE},
        )
    )  # fmt: skip
    assert one.values().exit_rate == 0.2
    pack = run_of(one).pack.on(date(2026, 6, 1))
    assert pack["pay.cert_allowance.amount"].tolist()[:4] == [0, 30_000, 50_000, 80_000]
    assert people_of(one).pack.on(date(2026, 6, 1))["pay.cert_allowance.amount"][1] == 10_000
    assert len(people_of(one)) == 63  # nine communities of seven
    assert {code[:9] for code in people_of(one).organisations} == {"990101001"}


def test_a_diff_may_stand_in_a_file_of_its_own_and_people_in_a_folder(folder: Path) -> None:
    (folder / "what-if.yaml").write_text(yaml.safe_dump({"pay.cert_allowance.amount": ALLOWANCE}, allow_unicode=True))
    tables = folder / "tables"
    tables.mkdir()
    (tables / "people.csv").write_text("person,sex,birth\n1,女,1990-01-02\n", encoding="utf-8")
    (tables / "employments.csv").write_text("person,since\n1,2020-01-01\n", encoding="utf-8")
    (tables / "postings.csv").write_text(
        "person,organisation,post,since\n1,990101001001,社区工作者,2020-01-01\n", encoding="utf-8"
    )
    one = read_scenario(write(folder, diff="what-if.yaml", population="tables"))
    assert list(one.changes().entries) == ["pay.cert_allowance.amount"]
    assert len(people_of(one)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": None}, "缺 name（名称）"),
        ({"population": "nobody.zip"}, "找不到人员文件「nobody.zip」"),
        ({"pack": "taoyuam"}, "找不到这个政策包"),
        ({"year": 1850}, "year（起始年度）须在 2000 到 2100 之间，写的是 1850"),
        ({"months": 6}, "months（推演月数）须在 12 到 240 之间"),
        ({"months": 18}, "须是整年，写的是 18"),
        ({"replicates": "许多"}, "replicates（重复次数）须是整数，写的是「许多」"),
        ({"seed": -4}, "seed（随机种子）须在 0 到"),
        ({"place": "桃源"}, "place（组织代码）应全是数字"),
        ({"horizon": 12}, "不认识的键「horizon」"),
        ({"parameters": {"exit_rat": 0.1}}, "没有参数「exit_rat」，是不是「exit_rate」"),
        ({"parameters": {"exit_rate": 4}}, "须在 0 到 0.6"),
        ({"parameters": ["exit_rate"]}, "parameters 应是「名称: 数」的一组"),
        ({"diff": {"pay.cert_allowance.amuont": ALLOWANCE}}, "没有「pay.cert_allowance.amuont」这个条目"),
        ({"diff": {"pay.cert_allowance.amount": {"values": [{"since": "2026-01-01", "setting": "试", "value": 3}]}}}, "one.yaml 第"),
        ({"diff": "absent.yaml"}, "文件读不出来"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(folder: Path, changes: dict, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(write(folder, **changes))
    assert words in str(caught.value)


def test_all_problems_are_said_at_once_and_no_file_breaks_it(folder: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(write(folder, months=7, seed="x", parameters={"a": 1}, extra=1))
    assert len(caught.value.problems) == 4
    file = folder / "two.yaml"
    for raw in (b"", b"\xff\xfe", b"[1, 2]", b"a: &x 1\nb: *x", b"name: [", b"\x00"):
        file.write_bytes(raw)
        with pytest.raises(ScenarioError):
            read_scenario(file)
    (folder / "people.zip").write_bytes(b"PK nonsense")
    with pytest.raises(ScenarioError, match="读不出来"):
        read_scenario(write(folder))


def one_person() -> bytes:
    made = records(
        people=[person(1, birth=date(1995, 1, 1))],
        employments=[employment(date(2020, 1, 1))],
        postings=[posting(date(2020, 1, 1), post=1)],
    )
    return freeze(made, "", {})


def healthy(one: Scenario) -> np.ndarray:
    """Lives it; every indicator of every group is a finite number. The months' measures."""
    got, run = rehearse(one).gathered, run_of(one)
    for indicator in INDICATORS.values():
        found = band(indicator.of(got, run))
        assert np.isfinite(found.mean).all(), indicator.name
        assert all(np.isfinite(values).all() for values in found.quantiles.values()), indicator.name
    for dimension in DIMENSIONS:
        for measure in GROUP_MEASURES:
            for values in by_group(run, got, dimension, measure).values():
                assert np.isfinite(values).all(), (dimension, measure)
    return got.months


def test_an_empty_place_stays_empty() -> None:
    assert (healthy(scenario(population=freeze(Records({}), "", {}), months=24, replicates=2)) == 0).all()


def test_one_person_alone() -> None:
    months = healthy(scenario(population=one_person(), months=240, replicates=3))
    assert (months[:, :, M.HEADS] + months[:, :, M.VACANT] == 1).all()
    assert months[:, :, M.VOLUNTARY].sum() > 0


def test_twenty_years_without_a_recruit_empty_the_place() -> None:
    nobody = {"pool_size": 0.0, "pool_inflow": 0.0, "exit_rate": 0.3}
    months = healthy(scenario(months=240, replicates=2, parameters=nobody))
    assert months[:, :, M.RECRUITS].sum() == 0
    assert (months[:, -1, M.HEADS] < 5).all()


def test_a_pack_without_the_values_says_which() -> None:
    with pytest.raises(NotInForce, match="没有「"):
        rehearse(scenario(months=12, replicates=1, pack_name="national", pack=texts("national")))


LEVERS = st.dictionaries(st.sampled_from(sorted(catalogue())), st.floats(0, 1), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(levers=LEVERS, months=st.sampled_from([12, 24, 36]), alone=st.booleans(), seed=st.integers(0, 2**63 - 1))
def test_any_levers_within_their_ranges(levers: dict[str, float], months: int, alone: bool, seed: int) -> None:
    """People are conserved and every number is finite, whatever the levers."""
    known = catalogue()
    values = {name: known[name].low + share * (known[name].high - known[name].low) for name, share in levers.items()}
    population = one_person() if alone else frozen(24, 1)
    measured = healthy(scenario(months=months, replicates=2, seed=seed, population=population, parameters=values))
    exits = measured[:, :, [M.VOLUNTARY, M.DISMISSED, M.RETIRED, M.PROMOTED]].sum(axis=2)
    assert np.array_equal(
        measured[:, 1:, M.HEADS], measured[:, :-1, M.HEADS] - exits[:, :-1] + measured[:, 1:, M.RECRUITS]
    )
