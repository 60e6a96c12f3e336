"""Holds a person's year of pay against the scheme: eight items, the calibration figure, load beside pay (order.PAY_YEAR)."""

from collections.abc import Mapping

import numpy as np

from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.year import order
from qinglan.core.year.months import NOT_PAID, Array, PayYear
from qinglan.core.year.running import Results, run

ABSENT = missing(Reason.NOT_RECORDED)
UNCERTIFIED = 0
SUMS = {
    "year_basic": "basic_pay",
    "year_performance": "performance_pay",
    "year_contributions": "employer_contributions",
    "year_certificate": "certificate_pay",
    "year_communications": "communications_pay",
    "year_festivals": "festival_gift",
    "year_gross": "gross_pay",
}


def hold(
    pack: PackOnDate, paid: PayYear, given: Mapping[str, Array], district: Array, rules: order.Order = order.NOW
) -> Results:
    """The steps of PAY_YEAR for everybody paid in the year.

    `given`: pay_post, pay_certificate, checkup_taken, pay_work_volume, each (people,); absent columns are missing. `district` numbers
    the districts; peers are looked for inside one.
    """
    people = len(paid.employed[0])
    absent = np.full(people, ABSENT, np.int64)
    frame = {name: np.asarray(given.get(name, absent), np.int64) for name in
             ("pay_post", "pay_certificate", "checkup_taken", "pay_work_volume")}  # fmt: skip
    frame |= {name: _year(paid.months[column]) for name, column in SUMS.items()}
    frame["paid_months"] = paid.employed.sum(axis=0).astype(np.int64)
    *first, effort = rules.pay_year
    results = run(first, frame, pack)
    monthly = results["pay.max_yijiantiao"]["monthly_gross"]
    frame |= {"monthly_gross": monthly} | _peers(frame, monthly, district)
    return results | run((effort,), frame, pack)


def _year(months: Array) -> Array:
    """Sums of (12, people): missing as its first missing month; 不适用 for those never paid."""
    unpaid = months == NOT_PAID
    paid = np.where(unpaid, 0, months)
    low = paid.min(axis=0)
    return np.where(unpaid.all(axis=0), NOT_PAID, np.where(low <= MISSING, low, paid.sum(axis=0)))


def _peers(frame: Mapping[str, Array], monthly: Array, district: Array) -> dict[str, Array]:
    """How many uncertified colleagues of the same district and post have load and pay on record, and their sums."""
    post, volume = frame["pay_post"], frame["pay_work_volume"]
    group = district.astype(np.int64) * 64 + np.maximum(post, 0)
    counted = (frame["pay_certificate"] == UNCERTIFIED) & (post > 0) & (volume > MISSING) & (monthly > MISSING)
    size = int(group.max()) + 1 if len(group) else 0
    sums = np.zeros((3, size), np.int64)
    for line, values in zip(sums, (1, volume[counted], monthly[counted]), strict=True):
        np.add.at(line, group[counted], values)
    return dict(zip(("peers", "peers_volume", "peers_monthly"), sums[:, group], strict=True))
