"""One month as it is paid: the month's own pay, and what the months before still owe by what is known now (ADR 0010).

A paid month never changes. Closed months of this year are worked out again from today's facts; those of earlier years are due as
their newest publication says. The difference by month and item, less what arrears have settled already, is paid and taxed now,
by the same rules and in the same order as a whole year's pay (core.year.months).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from qinglan.core.frame.building import Frame
from qinglan.core.frame.missing import MISSING, Reason, missing
from qinglan.core.frame.records import Records
from qinglan.core.frame.units import days
from qinglan.core.packs.pack import Pack
from qinglan.core.year import order, pay_facts
from qinglan.core.year.canonical import fingerprint
from qinglan.core.year.computing import frame_of, star_coefficient, start_grade
from qinglan.core.year.months import (
    CARRIED,
    PARTS,
    Batch,
    Columns,
    PayFacts,
    last_day,
    month_frame,
    opening_balance,
    parts_of_month,
    pay,
)
from qinglan.core.year.running import run

ITEMS = tuple(item for _, item in PARTS.values())
BALANCES = (*CARRIED, "project_allowance_before", "settling_paid_before")
INT, TEXT = pl.Int64, pl.String
BY_MONTH = {"person": INT, "year": INT, "month": INT}
TABLES: dict[str, dict[str, Any]] = {
    "closed": {"year": INT, "month": INT},
    "settled": {**BY_MONTH, **dict.fromkeys(ITEMS, INT), "organisation": TEXT},
    "due": {**BY_MONTH, **dict.fromkeys(ITEMS, INT), "organisation": TEXT},
    "carried": {"person": INT, **dict.fromkeys(BALANCES, INT)},
}
SLIPS: dict[str, Any] = {
    "person": INT,
    "organisation": TEXT,
    **dict.fromkeys(ITEMS, INT),
    **dict.fromkeys(BALANCES, INT),
}
ARREARS: dict[str, Any] = {**BY_MONTH, **{f"{state}_{item}": INT for state in ("due", "paid") for item in ITEMS}}
# Columns of the segments that the fingerprint covers. Named here, because a later release may read more, and closed months keep theirs.
SEGMENT_READ = (
    "segment_owner", "segment_month", "segment_since", "segment_until", "segment_paid", "segment_post", "segment_grade",
    "segment_certificate", "segment_star_coefficient", "segment_days_before", "segment_days_paid",
)  # fmt: skip
ABSENT = missing(Reason.NOT_RECORDED)


class NotInOrder(ValueError):
    """The month cannot be paid yet, or not here. Its text is for people."""


@dataclass(frozen=True)
class Ledger:
    """What the closed months paid, as tables of TABLES (absent ones are empty).

    `closed`: the closed months. `settled`: the regular pay that each person has had for each of them, arrears included. `due`: the same by
    the newest publication of earlier years, with where she stood. `carried`: balances after the last closed month of this year.
    """

    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pl.DataFrame:
        schema = TABLES[name]
        table = self.tables.get(name)
        return pl.DataFrame(schema=schema) if table is None else table.select(
            pl.col(column).cast(kind) for column, kind in schema.items()
        )  # fmt: skip


@dataclass(frozen=True)
class PaidMonth:
    """`people`, `organisations`: whose rows the columns are, k of them, by number of the person. `given`: the MONTH frame that was read.

    `steps`, `segments` {family: {step: column}}; segments of this month, and of the months before that owe something; they name
    their person in segment_owner (row of `people`). `arrears`: rows of ARREARS. `unknown`: (person, year, month) of closed months that
    cannot be worked out any more, or not yet; they are left as they are. `covered`: people whose opening balance covers closed months.
    """

    pack: Pack
    year: int
    month: int
    people: np.ndarray
    organisations: list[str]
    given: dict[str, np.ndarray]
    steps: dict[str, dict[str, np.ndarray]]
    segment_frame: dict[str, np.ndarray]
    segments: dict[str, dict[str, np.ndarray]]
    arrears: pl.DataFrame
    unknown: list[tuple[int, int, int]]
    covered: list[int]


KINDS = {
    "unpaid": ("算不出应发，本月不发", "看步骤里缺什么；补齐后经常性工资由下一个月补发"),
    "unknown": ("以前的月份重算缺数，先按原样", "在人员页补记当时的岗位或职级，下一个月自动核算"),
    "owing": ("不够扣，须由本人补缴", "与本人核对后收回差额"),
    "gone": ("已不在岗，仍有补发或扣回", "核对去向和账户后发放"),
    "covered": ("期初数覆盖了已在这里发过的月份，这些月份没有再核算", "核对期初数的截止月；差额由人核定后处理"),
    "late_extras": (
        "补发的月份当时没有发过，那几个月的社保、公积金和节日慰问、奖励不在补发里",
        "到经办机构补缴，慰问和奖励由人核定后作为其他应发",
    ),
}


def pay_month(
    records: Records, year: int, month: int, pack: Pack, ledger: Ledger, rules: order.Order = order.NOW
) -> PaidMonth:
    """The pay of one month for everybody employed in it and everybody to whom earlier months owe.

    Raises NotInForce when the pack lacks a value, NotInOrder when the month before is still open.
    """
    closed = sorted(ledger["closed"].rows())
    check_order(closed, year, month)
    on = pack.on(last_day(year, 12))
    frame = frame_of(records, year, on)
    person = run(rules.person_year, frame.columns, on)
    facts = pay_facts.build(records, frame, pack, star_coefficient(frame, person, on), start_grade(frame, person))
    if month < facts.first_month:
        raise NotInOrder(f"{year} 年 {month} 月已包含在期初数里，不在这里发放。")
    kept = _Segments()
    this_year = [m for y, m in closed if y == year and m < month]
    known = {
        m: parts_of_month(pack, facts.segments, year, m, facts.people, kept, "segment", m, rules)
        for m in (*this_year, month)
    }
    everybody, places = _everybody(frame.people, _places(records, frame, year, month), year, ledger)
    found = _owed(frame.people, {m: known[m][0] for m in this_year}, year, ledger)
    found, covered = _without_opened(found, year, frame.people, pay_facts.opened(records, frame))
    worked_out = pl.all_horizontal(pl.col(f"due_{item}") > MISSING for item in ITEMS)
    arrears, unknown = found.filter(worked_out), found.filter(~worked_out)
    parts = np.zeros((len(PARTS), len(everybody)), np.int64)
    employed = np.zeros(len(everybody), bool)
    ours = np.searchsorted(everybody, frame.people)
    parts[:, ours], employed[ours] = known[month]
    arrears_steps = _arrears_steps(arrears, everybody, pack, year, month, rules)
    owed = np.isin(everybody, arrears["person"].to_numpy())
    columns = {name: _spread(values[month - 1], ours, len(everybody)) for name, values in facts.months.items()}
    columns |= dict(zip(PARTS, parts, strict=True)) | _balances(
        pack, facts, year, month, ledger, everybody, ours, rules
    )
    columns |= {"arrears_total": arrears_steps["arrears_total"]}
    rows = np.flatnonzero(employed | owed)
    given = month_frame(rules.month, year, month, employed, columns, rows, len(rows) == len(everybody))
    steps = {rules.arrears[0].id: {name: values[rows] for name, values in arrears_steps.items()}}
    steps |= run(rules.month, given, pack.on(last_day(year, month)))
    months_owing = {(p, m) for p, y, m in arrears.select("person", "year", "month").iter_rows() if y == year}
    segment_frame, segments = kept.of(facts.segments, frame.people, everybody[rows], year, month, months_owing)
    return PaidMonth(
        pack, year, month, everybody[rows], [places[row] for row in rows], given, steps, segment_frame, segments, arrears,
        unknown.select(list(BY_MONTH)).rows(), covered,
    )  # fmt: skip


def check_order(closed: list[tuple[int, int]], year: int, month: int) -> None:
    """Months are paid one after another; which is the first is the district's choice. Raises NotInOrder."""
    if not closed:
        return
    (last_year, last_month) = closed[-1]
    if (year, month) in closed:
        raise NotInOrder(f"{year} 年 {month} 月已经关账，不能重新计算；改动会作为补发（扣回）进入下一个月。")
    following = (last_year + last_month // 12, last_month % 12 + 1)
    if (year, month) != following:
        raise NotInOrder(
            f"工资按月依次发放：上一个关账的月份是 {last_year} 年 {last_month} 月，接着应计算 {following[0]} 年 {following[1]} 月。"
        )


def _places(records: Records, frame: Frame, year: int, month: int) -> list[str]:
    """Where each person of the frame stood in the month: her last post begun by its end, else where the year has her."""
    begun = records["postings"].filter(pl.col("since") <= last_day(year, month)).sort("person", "since")
    where = dict(begun.unique("person", keep="last", maintain_order=True).select("person", "organisation").rows())
    pairs = zip(frame.people.tolist(), frame.organisations, strict=True)
    return [where.get(person) or place for person, place in pairs]


def _everybody(people: np.ndarray, places: list[str], year: int, ledger: Ledger) -> tuple[np.ndarray, list[str]]:
    """The people of the year and those of whom earlier months speak, ascending, and where each stands or stood."""
    paid = ledger["settled"].filter(pl.col("year").is_in(_years(year, ledger)))
    spoken = pl.concat([one.select("person", "year", "month", "organisation") for one in (ledger["due"], paid)])
    where = dict(spoken.sort("year", "month", maintain_order=True).select("person", "organisation").rows())
    where |= dict(zip(people.tolist(), places, strict=True))
    everybody = sorted(where)
    return np.array(everybody, np.int64), [where[person] for person in everybody]


def _years(year: int, ledger: Ledger) -> list[int]:
    """This year, and the earlier ones that somebody published: another one owes nothing yet."""
    return sorted({year, *ledger["due"]["year"].unique()})


def _without_opened(
    owed: pl.DataFrame, year: int, people: np.ndarray, opened: np.ndarray
) -> tuple[pl.DataFrame, list[int]]:
    """The rows without the months of this year that an opening balance covers, and whose they were: a person settles those."""
    balances = pl.DataFrame({"person": people, "opened": opened}, schema={"person": INT, "opened": INT})
    rows = owed.join(balances, on="person", how="left").with_columns(pl.col("opened").fill_null(0))
    covered = (pl.col("year") == year) & (pl.col("month") <= pl.col("opened"))
    people_covered = rows.filter(covered)["person"].unique().sort().to_list()
    return rows.filter(~covered).drop("opened"), people_covered


def _spread(values: np.ndarray, rows: np.ndarray, people: int) -> np.ndarray:
    column = np.full(people, ABSENT, np.int64)
    column[rows] = values
    return column


def _balances(
    pack: Pack, facts: PayFacts, year: int, month: int, ledger: Ledger, everybody: np.ndarray, ours: np.ndarray,
    rules: order.Order,
) -> dict[str, np.ndarray]:  # fmt: skip
    """What the month takes over from the one before: from the ledger; where none of this year is closed, as if all had been paid by the facts."""
    closed = ledger["closed"].filter(pl.col("year") == year)
    before = pay(pack, facts, year, rules=rules, last_month=month - 1).carried if closed.is_empty() else {}
    found = {}
    carried = ledger["carried"] if not closed.is_empty() else ledger["carried"].clear()
    rows = np.searchsorted(everybody, carried["person"].to_numpy())
    known = (rows < len(everybody)) & (everybody[np.minimum(rows, len(everybody) - 1)] == carried["person"].to_numpy())
    for name in BALANCES:
        column = np.zeros(len(everybody), np.int64)
        column[ours] = before[name] if before else opening_balance(facts, name)
        column[rows[known]] = carried[name].to_numpy()[known]
        found[name] = column
    # 公告2018年第61号 counts the months in which she was employed, paid here at once or later.
    found["months_before"][ours] = opening_balance(facts, "months_before") + _months_employed(facts, year, month)
    return found


def _months_employed(facts: PayFacts, year: int, month: int) -> np.ndarray:
    """How many months of the year before `month` each person was employed in, by her segments."""
    months, person = facts.segments["segment_month"] - year * 12 + 1, facts.segments["segment_person"]
    before = (months < month) & (months >= facts.first_month)
    pairs = np.unique(np.stack([person[before], months[before]]), axis=1)
    return np.bincount(pairs[0], minlength=facts.people)


def _owed(people: np.ndarray, known: Mapping[int, np.ndarray], year: int, ledger: Ledger) -> pl.DataFrame:
    """Rows of ARREARS: every closed month of a person whose regular pay, as known now, is not what she has had."""
    parts = [ledger["due"].drop("organisation").filter(pl.col("year") < year)]
    for month, sums in known.items():
        own = {"person": people, "year": np.full(len(people), year), "month": np.full(len(people), month)}
        parts.append(pl.DataFrame({**own, **dict(zip(ITEMS, sums, strict=True))}).cast(parts[0].schema))
    settled = ledger["settled"].drop("organisation").filter(pl.col("year").is_in(_years(year, ledger)))
    joined = pl.concat(parts).join(settled, on=list(BY_MONTH), how="full", coalesce=True, suffix="_paid")
    joined = joined.with_columns(pl.all().fill_null(0))
    closed = joined.join(ledger["closed"], on=["year", "month"], how="semi")
    differs = pl.any_horizontal(pl.col(item) != pl.col(f"{item}_paid") for item in ITEMS)
    rows = closed.filter(differs).sort(list(BY_MONTH))
    names = {item: f"due_{item}" for item in ITEMS} | {f"{item}_paid": f"paid_{item}" for item in ITEMS}
    return rows.rename(names).select(pl.col(name).cast(kind) for name, kind in ARREARS.items())


def _arrears_steps(
    arrears: pl.DataFrame, everybody: np.ndarray, pack: Pack, year: int, month: int, rules: order.Order
) -> dict[str, np.ndarray]:
    """The steps of the arrears of everybody: what all closed months should have paid, and what they paid."""
    rows = np.searchsorted(everybody, arrears["person"].to_numpy())
    frame = {}
    for name in (one for one in ARREARS if one not in BY_MONTH):
        frame[name] = np.zeros(len(everybody), np.int64)
        np.add.at(frame[name], rows, arrears[name].to_numpy())
    (steps,) = run(rules.arrears, frame, pack.on(last_day(year, month))).values()
    return steps


def slips(month: PaidMonth) -> pl.DataFrame:
    """What each person was paid, as the next months need it: a row of SLIPS for everybody who could be paid."""
    steps = {name: column for family in month.steps.values() for name, column in family.items()}
    balances = {column: steps[step] for column, step in CARRIED.items()}
    balances["project_allowance_before"] = month.given["project_allowance_before"] + steps["project_allowance"]
    balances["settling_paid_before"] = month.given["settling_paid_before"] | (steps["settling_grant"] > 0)
    parts = {item: month.given[column] for column, (_, item) in PARTS.items()}
    who = {"person": month.people, "organisation": month.organisations}
    table = pl.DataFrame({**who, **parts, **balances}, schema=SLIPS)
    return table.filter(pl.Series(steps["gross_pay"] > MISSING))


def after(ledger: Ledger, year: int, month: int, paid: pl.DataFrame, arrears: pl.DataFrame) -> Ledger:
    """The ledger once a month is closed that paid `paid` (SLIPS) and settled `arrears` (ARREARS) of those who were paid."""
    at = (pl.lit(year).cast(INT).alias("year"), pl.lit(month).cast(INT).alias("month"))
    own = paid.select("person", *at, *ITEMS, "organisation")
    late = arrears.join(paid.select("person", "organisation"), on="person").select(
        *BY_MONTH, *(pl.col(f"due_{item}").alias(item) for item in ITEMS), "organisation"
    )
    settled = pl.concat([ledger["settled"], own, late]).unique(list(BY_MONTH), keep="last", maintain_order=True)
    carried = [] if month == 1 else [ledger["carried"]]
    balances = pl.concat([*carried, paid.select(*TABLES["carried"])]).unique("person", keep="last", maintain_order=True)
    closed = pl.concat([ledger["closed"], pl.DataFrame({"year": [year], "month": [month]}, schema=TABLES["closed"])])
    return Ledger({"closed": closed, "settled": settled, "due": ledger["due"], "carried": balances})


def _never_paid(arrears: pl.DataFrame) -> pl.DataFrame:
    """The rows of months of which nothing was paid before."""
    return arrears.filter(pl.all_horizontal(pl.col(f"paid_{item}") == 0 for item in ITEMS))


def merged(ledger: Ledger, kept: Mapping[int, int]) -> Ledger:
    """The ledger with everything of dropped duplicate records under the record kept: {dropped person: kept person}."""
    if not kept:
        return ledger
    tables = {}
    for name, columns in TABLES.items():
        table = ledger[name]
        if "person" in columns:
            keys = [one for one in columns if one in BY_MONTH]
            most = ("months_before", "settling_paid_before")
            joined = [
                pl.col(one).last() if one == "organisation" else pl.col(one).max() if one in most else pl.col(one).sum()
                for one in columns
                if one not in keys
            ]
            table = table.with_columns(pl.col("person").replace(kept)).group_by(keys, maintain_order=True).agg(joined)
        tables[name] = table.select(list(columns))
    return Ledger(tables)


def exceptions(month: PaidMonth) -> list[dict[str, object]]:
    """[{key, label, mend, people: [person id, …]}] for each kind that occurs, as core.year.exceptions gives them."""
    gross, owed = month.steps["pay.gross"]["gross_pay"], month.steps["pay.net"]["owed_by_worker"]
    found = {
        "unpaid": month.people[gross <= MISSING].tolist(),
        "unknown": sorted({person for person, _, _ in month.unknown}),
        "owing": month.people[owed > 0].tolist(),
        "gone": month.people[month.given["employed"] == 0].tolist(),
        "covered": month.covered,
        "late_extras": sorted(set(_never_paid(month.arrears)["person"].to_list())),
    }
    return [
        {"key": key, "label": label, "mend": mend, "people": [int(one) for one in found[key]]}
        for key, (label, mend) in KINDS.items()
        if found[key]
    ]


class _Segments:
    """A sink that keeps the steps of segments."""

    def __init__(self) -> None:
        self.parts: dict[str, list[Mapping[str, np.ndarray]]] = {}

    def __call__(self, batch: Batch) -> None:
        made: Columns = {"segment_person": batch.person, "segment_since": batch.since}  # type: ignore[dict-item]
        self.parts.setdefault(batch.family, []).append({**made, **batch.steps})

    def of(
        self, frame: Columns, people: np.ndarray, shown: np.ndarray, year: int, month: int, owing: set[tuple[int, int]]
    ) -> tuple[dict[str, np.ndarray], dict[str, dict[str, np.ndarray]]]:
        """The segment frame and the steps of this month and of the (person, month) in `owing`, each sorted by row of `shown` and day."""

        def chosen(columns: Columns) -> dict[str, np.ndarray]:
            person, since = people[columns["segment_person"]], columns["segment_since"]
            months = since.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
            late = np.fromiter(((p, m) in owing for p, m in zip(person.tolist(), months.tolist(), strict=True)), bool)
            kept = ((months == month) | late) & np.isin(person, shown)
            owner = np.searchsorted(shown, person[kept])
            sorting = np.lexsort((since[kept], owner))
            plain = {name: values[kept][sorting] for name, values in columns.items() if name != "segment_person"}
            return {"segment_owner": owner[sorting], **plain}

        steps = {}
        for family, parts in self.parts.items():
            joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
            steps[family] = chosen(joined)
        first, last = days(last_day(year, 12)) - 366, days(last_day(year, month))
        inside = (frame["segment_since"] > first) & (frame["segment_since"] <= last)
        return chosen({name: values[inside] for name, values in frame.items()}), steps


def inputs_hash(month: PaidMonth) -> str:
    """The fingerprint of what the month was computed from."""
    said = {
        "year": month.year, "month": month.month, "people": month.people.tolist(), "places": month.organisations,
        "pack": month.pack.hash, "arrears": month.arrears.rows(), "unknown": month.unknown, "covered": month.covered,
    }  # fmt: skip
    return fingerprint(said, month.given, {name: month.segment_frame[name] for name in SEGMENT_READ})


def results_hash(month: PaidMonth) -> str:
    """The fingerprint of all that was computed."""
    return fingerprint({}, *month.steps.values(), *month.segments.values())
