"""A year's pay: the driver against the references month by month, the laws of conservation, arrears, opening balances."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.reference import contributions
from tests.reference import pay as reference
from tests.reference.values import Values

from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.frame.units import days
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import Pack
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year.months import CARRIED, NOT_PAID, PARTS, Batch, Change, PayFacts, PayYear, chunks, pay
from qinglan.core.year.pay_held import hold
from qinglan.core.year.segments import Dated, cut

FAR = days(date(2099, 12, 31))
AMENDED = """pay.cert_allowance.amount:
  values:
    - since: 2025-01-01
      setting: 试验
      value: {无: 0, 初级: 250, 中级: 300, 高级: 400}
"""
CHAIN = {**reference.REFERENCES, **contributions.REFERENCES}
MONTH_ORDER = ("project_allowance", "settling_grant", "gross", "injury_pool", "social_insurance", "housing_fund", "annuity",
               "income_tax", "net")  # fmt: skip


@pytest.fixture(scope="module")
def taoyuan() -> Pack:
    return load("taoyuan", ITEMS)


def day(month: int, of_month: int) -> int:
    return days(date(2025, month, of_month))


def held(rows: list[tuple[int, int, int, int]], column: str) -> Dated:
    """Rows of (person, first day, last day, value)."""
    table = np.array(rows, np.int64).reshape(-1, 4)
    return Dated(table[:, 0], table[:, 1], table[:, 2], {column: table[:, 3]})


def district(people: int, pack: Pack, seed: int = 1) -> PayFacts:
    """People with posts, grades, certificates, stars and unpaid days that begin and end in mid-month."""
    rng = np.random.default_rng(seed)
    everyone = np.arange(people)
    since = rng.choice([days(date(2020, 1, 1)), day(3, 10), day(7, 1), day(11, 30)], people, p=[0.7, 0.1, 0.1, 0.1])
    until = np.where(rng.random(people) < 0.15, np.maximum(since, day(9, 17)), FAR)
    turn = rng.integers(day(1, 2), day(12, 31), people)
    early = {"segment_post": rng.integers(1, 10, people), "segment_grade": rng.integers(1, 9, people)}
    twice = {name: np.concatenate([values, values + (name == "segment_grade")]) for name, values in early.items()}
    posts = Dated(
        np.tile(everyone, 2),
        np.concatenate([np.full(people, days(date(2000, 1, 1))), turn]),
        np.concatenate([turn - 1, np.full(people, FAR)]),
        twice,
    )
    stars = rng.choice([missing(Reason.NOT_RECORDED), 12_000, 13_500, 18_000], people)
    facts = [
        posts,
        Dated(everyone, np.full(people, day(5, 20)), np.full(people, FAR), {"segment_certificate": rng.integers(0, 4, people)}),
        Dated(everyone, np.full(people, day(1, 1)), np.full(people, FAR), {"segment_star_coefficient": stars}),
        held([(int(one), day(4, 3), day(6, 5), 0) for one in everyone[::7]], "segment_paid"),
    ]  # fmt: skip
    segments = cut(Dated(everyone, since, until), facts, 2025, [days(one) for one in pack.change_days()])
    shape = (12, people)
    months = {
        "contribution_base": np.tile(rng.choice([ABSENT, 300_000, 512_345, 2_500_000], people), (12, 1)),
        "additional_deduction": np.tile(rng.integers(0, 300_000, people), (12, 1)),
        "other_pay": np.where(rng.random(shape) < 0.1, rng.integers(0, 8_000_000, shape), ABSENT),
        "prize_money_city": np.where(rng.random(shape) < 0.1, 8_000_000, ABSENT),
        "settling_approved": (rng.random(shape) < 0.05).astype(np.int64),
        "insured": np.where(rng.random(shape) < 0.1, 0, ABSENT),
    }
    return PayFacts(people, segments, months)


ABSENT = missing(Reason.NOT_RECORDED)


def by_hand(pack: Pack, facts: PayFacts, person: int) -> list[dict[str, int]]:
    """The twelve months of one person through the references, one row at a time; {} for a month without pay."""
    rows = np.flatnonzero(facts.segments["segment_person"] == person)
    segments = [{n: int(c[row]) for n, c in facts.segments.items() if c[row] > MISSING} for row in rows]
    carried = dict.fromkeys([*CARRIED, "project_allowance_before", "settling_paid_before"], 0)
    months = []
    for month in range(1, 13):
        on = Values(pack.on(date(2025 + month // 12, month % 12 + 1, 1) - (date(2025, 1, 2) - date(2025, 1, 1))))
        own = [one for one in segments if one["segment_month"] == 2025 * 12 + month - 1]
        given = {name: int(column[month - 1][person]) for name, column in facts.months.items()}
        if not own and not given.get("other_pay", 0) > 0:
            months.append({})
            continue
        row = given | carried | {"month": 2025 * 12 + month - 1, "employed": int(bool(own)), "arrears_total": 0}
        row |= sums(pack, own)
        for family in MONTH_ORDER:
            row |= CHAIN[f"pay.{family}"]([row], on)[0]
        carried = {column: row[step] for column, step in CARRIED.items()} | {
            "project_allowance_before": carried["project_allowance_before"] + row["project_allowance"],
            "settling_paid_before": int(carried["settling_paid_before"] or row["settling_grant"] > 0),
        }
        months.append(row)
    return months


def sums(pack: Pack, segments: list[dict[str, int]]) -> dict[str, int]:
    done: list[dict[str, int]] = []
    for one in segments:
        on = Values(pack.on(date.fromordinal(one["segment_since"] + date(1970, 1, 1).toordinal())))
        done.append(one | CHAIN["pay.prorating"]([one], on)[0])
    paid, before = sum(one["segment_days"] for one in done), 0
    for index, one in enumerate(done):
        on = Values(pack.on(date.fromordinal(one["segment_since"] + date(1970, 1, 1).toordinal())))
        row = one | {"segment_days_before": before, "segment_days_paid": paid}
        row |= CHAIN["pay.three_plus_x"]([row], on)[0]
        done[index] = row | CHAIN["pay.cert_allowance"]([row], on)[0]
        before += one["segment_days"]
    return {column: reference.total([one[step] for one in done]) for column, (step, _) in PARTS.items()}


def test_the_driver_gives_what_the_references_give(taoyuan: Pack) -> None:
    facts = district(60, taoyuan)
    paid = pay(taoyuan, facts, 2025)
    seen = 0
    for person in range(facts.people):
        for month, expected in enumerate(by_hand(taoyuan, facts, person)):
            got = {name: int(column[month, person]) for name, column in paid.months.items()}
            wanted = {name: expected[name] for name in got} if expected else dict.fromkeys(got, NOT_PAID)
            assert got == wanted, f"person {person}, month {month + 1}"
            seen += bool(expected)
    assert seen > 500


def test_net_is_gross_less_what_is_withheld_and_the_months_tax_is_the_cumulative_tax(taoyuan: Pack) -> None:
    paid = pay(taoyuan, district(300, taoyuan, seed=2), 2025)
    there = paid.months["net_pay"] != NOT_PAID
    m = {name: np.where(there, column, 0) for name, column in paid.months.items()}
    assert (m["net_pay"] == m["gross_pay"] - m["deductions"] - m["tax_due"]).all()
    assert (m["deductions"] == m["insurance_employee"] + m["fund_employee"] + m["annuity_employee"]).all()
    assert (m["employer_cost"] == m["gross_pay"] + m["employer_contributions"]).all()
    assert (m["tax_due"].sum(axis=0) == paid.carried["withheld_before"]).all()
    assert (m["gross_pay"].sum(axis=0) == paid.carried["income_before"]).all()
    assert (paid.carried["months_before"] == paid.employed.sum(axis=0)).all()
    assert m["tax_due"].sum() > 0


def test_a_sink_changes_nothing_and_hears_every_family(taoyuan: Pack) -> None:
    facts = district(50, taoyuan)
    heard: list[Batch] = []
    with_sink = pay(taoyuan, facts, 2025, sink=heard.append)
    same(with_sink, pay(taoyuan, facts, 2025))
    assert {one.family for one in heard if one.month == 6} == {
        f"pay.{name}" for name in (*MONTH_ORDER, "prorating", "three_plus_x", "cert_allowance")
    }
    december = next(one for one in heard if one.month == 12 and one.family == "pay.net")
    assert (december.steps["net_pay"] == with_sink.months["net_pay"][11, december.person]).all()


def test_people_in_chunks_are_paid_as_all_together(taoyuan: Pack) -> None:
    facts = district(90, taoyuan, seed=3)
    raised = np.isin(facts.segments["segment_person"], [4, 37, 88])
    told_late = {name: column[raised] for name, column in facts.segments.items()}
    told_late["segment_grade"] = np.where(told_late["segment_grade"] > MISSING, 9, told_late["segment_grade"])
    changes = [Change(10, told_late)]
    whole = pay(taoyuan, facts, 2025, changes)
    sizes = []
    for first, piece, its_changes in chunks(facts, changes, 31):
        part = pay(taoyuan, piece, 2025, its_changes)
        sizes.append(piece.people)
        for name, column in part.months.items():
            assert (column == whole.months[name][:, first : first + piece.people]).all()
        for name, column in part.carried.items():
            assert (column == whole.carried[name][first : first + piece.people]).all()
    assert sizes == [31, 31, 28]
    assert np.count_nonzero(whole.months["arrears_total"][9] > 0) > 0


def same(one: PayYear, other: PayYear) -> None:
    for name, column in one.months.items():
        assert (column == other.months[name]).all(), name
    for name, column in one.carried.items():
        assert (column == other.carried[name]).all(), name


def graded(grades: list[tuple[int, int, int]], pack: Pack) -> dict[str, np.ndarray]:
    """Segments of two workers all year; person 0 has the given (first day, last day, grade), person 1 grade 1 always."""
    whole = [(0, day(1, 1), day(12, 31), 7), (1, day(1, 1), day(12, 31), 7)]
    rows = [(0, *one) for one in grades] + [(1, day(1, 1), day(12, 31), 1)]
    people = np.arange(2)
    employment = Dated(people, np.full(2, day(1, 1)), np.full(2, FAR))
    facts = [held(whole, "segment_post"), held(rows, "segment_grade")]
    return cut(employment, facts, 2025, [days(one) for one in pack.change_days()])


def only(segments: Mapping[str, np.ndarray], person: int) -> dict[str, np.ndarray]:
    rows = segments["segment_person"] == person
    return {name: column[rows] for name, column in segments.items()}


def test_a_raise_told_late_is_paid_as_arrears_with_its_own_steps_and_taxed_then(taoyuan: Pack) -> None:
    """Grade 1 → 2 from 16 April, told in August. Owed for April to July, start level 4,000 until June, 4,200 from July:
    April 15/30 × 400 = 200; May, June 400 each; July 420; together 1,420, of which 70 % basic = 994, 30 % performance = 426."""
    base = {"contribution_base": np.full((12, 2), 1_000_000)}
    late = PayFacts(2, graded([(day(1, 1), day(12, 31), 1)], taoyuan), base)
    right = graded([(day(1, 1), day(4, 15), 1), (day(4, 16), day(12, 31), 2)], taoyuan)
    change = Change(8, only(right, 0))
    heard: list[Batch] = []
    paid = pay(taoyuan, late, 2025, [change], heard.append)
    same(paid, pay(taoyuan, late, 2025, [change]))
    known_in_time = pay(taoyuan, PayFacts(2, right, base), 2025)
    not_known = pay(taoyuan, late, 2025)

    assert paid.months["arrears_total"][:, 0].tolist() == [0] * 7 + [142_000] + [0] * 4
    assert (paid.months["arrears_total"][:, 1] == 0).all()
    for name, column in paid.months.items():
        assert (column[:7] == not_known.months[name][:7]).all(), f"{name}: a month already paid must stay"
        assert (column[8:, 0] == known_in_time.months[name][8:, 0]).all() or name in ("tax_due", "net_pay")
    assert paid.months["gross_pay"].sum() == known_in_time.months["gross_pay"].sum()
    assert paid.carried["withheld_before"].tolist() == known_in_time.carried["withheld_before"].tolist()

    difference = [one for one in heard if one.family == "pay.arrears"]
    assert [(one.month, one.paid_in, one.person.tolist()) for one in difference] == [(8, 8, [0])]
    steps = {name: int(column[0]) for name, column in difference[0].steps.items()}
    assert (steps["arrears_basic"], steps["arrears_performance"], steps["arrears_total"]) == (99_400, 42_600, 142_000)
    redone = [one for one in heard if one.kind == "arrears" and one.family == "pay.three_plus_x"]
    assert [one.month for one in redone] == [1, 2, 3, 4, 5, 6, 7]
    april = redone[3]
    assert april.since is not None
    assert april.since.tolist() == [day(4, 1), day(4, 16)]
    assert april.steps["segment_basic"].tolist() == [140_000, 154_000]


def test_a_second_change_pays_only_what_the_first_did_not(taoyuan: Pack) -> None:
    late = PayFacts(2, graded([(day(1, 1), day(12, 31), 1)], taoyuan))
    to_two = graded([(day(1, 1), day(12, 31), 2)], taoyuan)
    back = graded([(day(1, 1), day(12, 31), 1)], taoyuan)
    paid = pay(taoyuan, late, 2025, [Change(3, only(to_two, 0)), Change(5, only(back, 0))])
    # 400 a month too much for January to April: first paid for two months, then all four are taken back
    assert paid.months["arrears_total"][:, 0].tolist() == [0, 0, 80_000, 0, -160_000, 0, 0, 0, 0, 0, 0, 0]
    assert paid.months["gross_pay"].sum() == pay(taoyuan, late, 2025).months["gross_pay"].sum()


def test_a_pack_amended_backwards_pays_the_months_before_when_it_is_told(taoyuan: Pack, tmp_path: Path) -> None:
    """初级 from 100 to 250 a month since January, told in June: 5 × 150 as arrears, 250 from June on."""
    folder = tmp_path / "amended"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        "name: amended\ntitle: 修订\nversion: '2'\ninherits: [taoyuan]\n", encoding="utf-8"
    )
    (folder / "pay.yaml").write_text(AMENDED, encoding="utf-8")
    one = np.zeros(1, np.int64)
    year = [(0, day(1, 1), day(12, 31), 1)]
    facts = [held(year, name) for name in ("segment_post", "segment_grade", "segment_certificate")]
    segments = cut(Dated(one, one + day(1, 1), one + FAR), facts, 2025, [days(it) for it in taoyuan.change_days()])
    paid = pay(taoyuan, PayFacts(1, segments), 2025, [Change(6, segments, load(folder, ITEMS))])
    assert paid.months["certificate_pay"][:, 0].tolist() == [10_000] * 5 + [25_000] * 7
    assert paid.months["arrears_total"][:, 0].tolist() == [0] * 5 + [75_000] + [0] * 6


def test_a_district_that_starts_in_july_with_opening_balances_goes_on_as_if_it_had_been_there(taoyuan: Pack) -> None:
    facts = district(80, taoyuan, seed=4)
    opening: dict[str, np.ndarray] = {name: np.zeros(80, np.int64) for name in CARRIED}
    opening |= {"project_allowance_before": np.zeros(80, np.int64), "settling_paid_before": np.zeros(80, np.int64)}

    def listen(batch: Batch) -> None:
        if batch.kind == "month" and batch.month <= 6:
            if batch.family == "pay.income_tax":
                for column, step in CARRIED.items():
                    opening[column][batch.person] = batch.steps[step]
            if batch.family == "pay.project_allowance":
                opening["project_allowance_before"][batch.person] += batch.steps["project_allowance"]
            if batch.family == "pay.settling_grant":
                opening["settling_paid_before"][batch.person] |= batch.steps["settling_grant"] > 0

    whole = pay(taoyuan, facts, 2025, sink=listen)
    half = pay(taoyuan, PayFacts(80, facts.segments, facts.months, opening, first_month=7), 2025)
    for name, column in half.months.items():
        assert (column[6:] == whole.months[name][6:]).all(), name
        assert (column[:6] == NOT_PAID).all()
    assert half.months["tax_due"][6:].max() > 0


def test_a_month_without_post_is_not_paid_as_zero(taoyuan: Pack) -> None:
    segments = graded([(day(1, 1), day(12, 31), 1)], taoyuan)
    march = (segments["segment_person"] == 0) & (segments["segment_month"] == 2025 * 12 + 2)
    segments["segment_post"] = np.where(march, ABSENT, segments["segment_post"])
    paid = pay(taoyuan, PayFacts(2, segments), 2025)
    assert paid.months["net_pay"][1, 0] > 0
    assert paid.months["net_pay"][2:, 0].tolist() == [missing(Reason.NO_POST)] * 10  # cumulative tax cannot go on
    assert (paid.months["net_pay"][:, 1] > 0).all()


def test_the_best_paid_yijiantiao_of_chengzhong_earns_what_the_source_says() -> None:
    """S1: 6,182 yuan a month on average, for the top 一肩挑: five stars, intermediate certificate, both festivals."""
    pack = load("chengzhong", ITEMS)
    columns = {"segment_post": 1, "segment_star_coefficient": 18_000, "segment_certificate": 2}
    start, end = days(date(2022, 1, 1)), days(date(2022, 12, 31))
    facts = [held([(0, start, end, value)], name) for name, value in columns.items()]
    one = np.zeros(1, np.int64)
    segments = cut(Dated(one, np.array([start]), np.array([end])), facts, 2022)
    paid = pay(pack, PayFacts(1, segments), 2022)
    given: dict[str, Any] = {"pay_post": one + 1, "pay_certificate": one + 2, "checkup_taken": one + 1}
    steps = hold(pack.on(date(2022, 12, 31)), paid, given, one)
    assert int(steps["pay.max_yijiantiao"]["monthly_gross"][0]) == 618_200
    assert int(steps["pay.max_yijiantiao"]["calibrated"][0]) == 1
    assert int(steps["pay.eight_items"]["eight_done"][0]) == 7


def test_a_certified_worker_is_held_against_uncertified_colleagues_of_her_district_and_post(taoyuan: Pack) -> None:
    people = 6
    everyone = np.arange(people)
    employment = Dated(everyone, np.full(people, day(1, 1)), np.full(people, FAR))
    certificate = np.array([2, 0, 0, 0, 0, 0])
    values = {
        "segment_post": np.full(people, 7),
        "segment_grade": np.full(people, 1),
        "segment_certificate": certificate,
    }
    facts = Dated(everyone, np.full(people, day(1, 1)), np.full(people, FAR), values)
    paid = pay(taoyuan, PayFacts(people, cut(employment, [facts], 2025)), 2025)
    given = {
        "pay_post": np.full(people, 7),
        "pay_certificate": certificate,
        "pay_work_volume": np.array([300, 200, 200, 200, 200, 900]),
    }
    steps = hold(taoyuan.on(date(2025, 12, 31)), paid, given, np.array([1, 1, 1, 1, 1, 2]))["pay.effort_gap"]
    assert int(steps["extra_load"][0]) == 5_000  # 300 beside 200; the one of the other district does not count
    assert int(steps["effort_flag"][0]) == 1
    assert (steps["effort_flag"][1:] == missing(Reason.NOT_APPLICABLE)).all()
