"""The recorded year as the twin's year step computes it: the same frame, the twin's families, the same pay.

Tests hold it against core.year.computing for everybody, to the hundredth and the fen.
"""

from dataclasses import dataclass
from datetime import date

from qinglan.core.frame.building import Frame
from qinglan.core.frame.records import Records
from qinglan.core.frame.units_building import UnitFrame, build_units
from qinglan.core.packs.pack import Pack
from qinglan.core.twin import rules
from qinglan.core.year import order, pay_facts
from qinglan.core.year.computing import frame_of, star_coefficient, start_grade
from qinglan.core.year.months import PayYear, pay
from qinglan.core.year.order import Order
from qinglan.core.year.running import Results


@dataclass(frozen=True)
class Recorded:
    """One recorded year: frames, results of the families the twin reads, pay by month."""

    frame: Frame
    units: UnitFrame
    person: Results
    unit: Results
    pay: PayYear


def recorded_year(records: Records, year: int, pack: Pack, rules_now: Order = order.NOW) -> Recorded:
    """The year of everyone in `records`. Raises NotInForce when the pack lacks a value."""
    on = pack.on(date(year, 12, 31))
    frame = frame_of(records, year, on)
    units = build_units(records, year)
    person, unit = rules.evaluate(frame.columns, units.columns, on, rules_now)
    facts = pay_facts.build(records, frame, pack, star_coefficient(frame, person, on), start_grade(frame, person))
    return Recorded(frame, units, person, unit, pay(pack, facts, year, rules=rules_now))
