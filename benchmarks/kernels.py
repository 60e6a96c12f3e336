"""Pay-and-tax kernels beside openfisca-core: the same rules, people and values in the same run, equal to the fen."""

import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.fused import block_of_month
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.frame.units import days
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import Pack
from qinglan.core.rules import insurance, pay_parts, tax
from qinglan.core.rules.pay_month import gross_tables
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year.months import PayFacts, chunks, pay
from qinglan.core.year.segments import Dated, cut

HERE = Path(__file__).parent
YEAR, BLOCK = 2025, 4_096
ANY = missing(Reason.NOT_APPLICABLE)
COMPARED = {"gross_pay": "gross_pay", "insurance_employee": "insurance_employee", "fund_employee": "fund_employee", "tax_due": "tax_due",
            "net_pay": "net_pay", "employer_cost": "employer_cost"}  # fmt: skip


def people(count: int, seed: int = 990101) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "post": rng.integers(1, 10, count),
        "grade": rng.integers(1, 19, count),
        "certificate": rng.integers(0, 4, count),
        "star_coefficient": rng.choice([10_000, 12_000, 13_500, 18_000], count),
        "additional_deduction": rng.integers(0, 4, count) * 100_000,
    }


def parameters(pack: Pack) -> dict:
    """The pack's values of each month as openfisca's parameter files would hold them."""
    made: dict = {}
    for month in range(1, 13):
        first, last = date(YEAR, month, 1), date(YEAR, month, 28)
        on, end = pack.on(first), pack.on(last)
        scale = {int(line[1]): int(line[2]) for line in on["pay.three_plus_x.scale"]}
        rates = {"employee": end["pay.social_insurance.employee"], "employer": end["pay.social_insurance.employer"]}
        names = {1: "pension", 2: "medical", 3: "unemployment"}
        insured = {side: {name: int(table[row]) for row, name in names.items()} for side, table in rates.items()}
        insured["employer"]["injury"] = int(end["pay.injury_pool.rate"][end["pay.injury_pool.route"]])
        brackets = end["pay.income_tax.brackets"]
        cap, fund = end["pay.social_insurance.base_cap"], end["pay.housing_fund.base_cap"]
        values = {
            "round_to": on["pay.three_plus_x.round_to"],
            "start_level": on["pay.three_plus_x.start_level"],
            "performance_share": on["pay.three_plus_x.performance_share"],
            "scale": {"coefficient": {f"grade_{grade}": value for grade, value in scale.items()}},
            "subsidy": {f"post_{post}": int(on["pay.three_plus_x.subsidy"][post]) for post in range(1, 10)},
            "communications": {f"post_{post}": int(on["pay.eight_items.communications"][post]) for post in range(1, 10)},
            "certificate": {f"certificate_{one}": int(on["pay.cert_allowance.amount"][one]) for one in range(4)},
            "festival": int(sum(line[2] for line in end["pay.eight_items.festivals"] if line[1] == month)),
            "insurance": {
                "average_wage": end["pay.social_insurance.average_wage"], "floor": cap.floor, "ceiling": cap.ceiling,
                "round_to": end["pay.social_insurance.round_to"], **insured,
            },
            "fund": {
                "floor": fund.floor, "ceiling": fund.ceiling, "employee": end["pay.housing_fund.employee"],
                "employer": end["pay.housing_fund.employer"], "round_to": end["pay.housing_fund.round_to"],
            },
            "tax": {
                "monthly_deduction": end["pay.income_tax.monthly_deduction"],
                "upto": {f"b{row}": int(one) for row, one in enumerate(brackets.upto[:-1])},
                "rate": {f"b{row}": int(one) for row, one in enumerate(brackets.rate)},
                "quick": {f"b{row}": int(one) for row, one in enumerate(brackets.quick)},
            },
        }  # fmt: skip
        _dated(made, values, first.isoformat())
    return made


def _dated(made: dict, values: dict, since: str) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _dated(made.setdefault(name, {}), value, since)
        else:
            made.setdefault(name, {"values": {}})["values"][since] = {"value": int(value)}


def openfisca(given: dict[str, np.ndarray], pack: Pack, rounds: int) -> tuple[float, dict[str, np.ndarray]]:
    """CPU seconds and results (12, n), computed in the environment of the comparisons."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(folder / "inputs.npz", **given)
        (folder / "parameters.json").write_text(json.dumps(parameters(pack)))
        program = [HERE / ".venv" / "bin" / "python", HERE / "openfisca_pay" / "run.py", folder, str(rounds)]
        done = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)["cpu"], dict(np.load(folder / "outputs.npz"))


def facts(given: dict[str, np.ndarray], pack: Pack) -> PayFacts:
    everyone = np.arange(len(given["post"]))
    span = np.full(len(everyone), days(date(2000, 1, 1))), np.full(len(everyone), days(date(2099, 12, 31)))
    columns = {
        "segment_post": "post",
        "segment_grade": "grade",
        "segment_certificate": "certificate",
        "segment_star_coefficient": "star_coefficient",
    }
    held = Dated(everyone, *span, {name: given[source] for name, source in columns.items()})
    segments = cut(Dated(everyone, *span), [held], YEAR, [days(one) for one in pack.change_days()])
    return PayFacts(len(everyone), segments, {"additional_deduction": np.tile(given["additional_deduction"], (12, 1))})


def driver(made: PayFacts, pack: Pack) -> dict[str, np.ndarray]:
    """Every step of SEGMENT and MONTH in columns, as the year is computed; kept are the totals."""
    parts = [pay(pack, piece, YEAR).months for _, piece, _ in chunks(made)]
    return {name: np.concatenate([part[name] for part in parts], axis=1) for name in COMPARED}


def fused(given: dict[str, np.ndarray], pack: Pack) -> dict[str, np.ndarray]:
    """The same scalar kernels called one after another for each person, nothing kept but the totals."""
    tables = [_tables(pack, month) for month in range(1, 13)]
    names = ("post", "grade", "certificate", "star_coefficient", "additional_deduction")
    columns = np.stack([given[name] for name in names]).astype(np.int64)
    people = columns.shape[1]
    out = np.empty((12, len(COMPARED), people), np.int64)
    starts = [days(date(YEAR + month // 12, month % 12 + 1, 1)) for month in range(13)]
    for first in range(0, people, BLOCK):
        last = min(first + BLOCK, people)
        balances = np.zeros((5, last - first), np.int64)
        for month, since in enumerate(starts[:12]):
            length = starts[month + 1] - since
            block_of_month(columns, first, last, since, length, YEAR * 12 + month, balances, tables[month], out[month])
    return dict(zip(COMPARED, out.swapaxes(0, 1), strict=True))


def _tables(pack: Pack, month: int):
    first = pack.on(date(YEAR, month, 1))
    last = pack.on(date(YEAR, month, 28))
    return (
        pay_parts.day_tables(first), pay_parts.tables(first), pay_parts.certificate_tables(first), gross_tables(last),
        insurance.injury_tables(last), insurance.tables(last), insurance.fund_tables(last), insurance.annuity_tables(last), tax.tables(last),
    )  # fmt: skip


def best(work, rounds: int) -> tuple[float, dict[str, np.ndarray]]:
    work()
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        result = work()
        taken.append(time.process_time() - started)
    return min(taken), result


def measure(size: int, rounds: int = 5) -> dict[str, float]:
    """CPU seconds of each. Raises when any result differs by a fen."""
    pack = load("taoyuan", ITEMS)
    given = people(size)
    theirs, wanted = openfisca(given, pack, rounds=3)
    made = facts(given, pack)
    ours, columns = best(lambda: driver(made, pack), rounds)
    one, totals = best(lambda: fused(given, pack), rounds)
    for name in COMPARED:
        np.testing.assert_array_equal(columns[name], wanted[name], err_msg=name)
        np.testing.assert_array_equal(totals[name], wanted[name], err_msg=name)
    return {"openfisca": theirs, "driver": ours, "fused": one}


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
