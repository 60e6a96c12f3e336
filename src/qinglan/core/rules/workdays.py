"""Working days by the State Council's yearly notices: rest days, make-up days, the next working day (decision 13).

Not a rule family: pure look-ups for terms and for the rights day (the 10th). A year whose notice is not in the pack is refused in
words, never guessed.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from qinglan.core.frame import units
from qinglan.core.frame.codes import DayKind, Holiday
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import NotInForce, Pack
from qinglan.core.rules.shapes import Col, Rows

CALENDAR = "rights.day10.calendar"

ITEMS = (
    Item(
        CALENDAR, "放假与调休",
        Rows(
            {
                "date": Col("日期", units.DATE),
                "kind": Col("休或班", units.CODE, DayKind),
                "holiday": Col("节日", units.CODE, Holiday),
            },
            ascending="date",
        ),
        "rights.day10", help="每年一份，自该年 1 月 1 日起",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Workdays:
    """The calendar of the years that a pack has: `rest` and `work` hold the days of the notices, the rest follows the week."""

    title: str
    years: frozenset[int]
    rest: frozenset[date]
    work: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Whether people work on `day`. Raises NotInForce (a sentence) for a year whose notice the pack lacks."""
        if day.year not in self.years:
            known = "、".join(str(year) for year in sorted(self.years)) or "（无）"
            raise NotInForce(
                f"政策包「{self.title}」没有 {day.year} 年的放假安排（国务院办公厅一般在上年 11 月公布），"
                f"不能推算 {day.isoformat()} 是不是工作日；现有 {known} 年。公布后加进「放假与调休」（{CALENDAR}）"
            )
        if day in self.work:
            return True
        return day not in self.rest and day.weekday() < 5

    def working_day_from(self, day: date) -> date:
        """`day` if people work on it, else the next working day. Raises NotInForce as above."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def count(self, since: date, until: date) -> int:
        """Working days from `since` to `until`, both included; 0 if until is earlier. Raises NotInForce as above."""
        return sum(self.is_working(since + timedelta(days=n)) for n in range((until - since).days + 1))


def workdays(pack: Pack) -> Workdays:
    """The calendar of all years in the pack: one dated value a year, each with its own notice."""
    entry = pack.entries.get(CALENDAR)
    values = entry.values if entry else ()
    rows = [(units.to_date(one.date), one.kind) for dated in values for one in dated.value]
    return Workdays(
        title=pack.title,
        years=frozenset(dated.since.year for dated in values),
        rest=frozenset(day for day, kind in rows if kind == DayKind.REST),
        work=frozenset(day for day, kind in rows if kind == DayKind.WORK),
    )
