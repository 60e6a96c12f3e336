"""Working days by the State Council's yearly notices: rest days, make-up days, the next working day (decision 13).

Not a rule family: pure look-ups for terms (a claim's answer) and for the rights day (the 10th). A year whose notice is not
in the pack is refused in words, never guessed.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from qinglan.core.frame import units
from qinglan.core.frame.codes import DayKind, Holiday
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import NotInForce, Pack
from qinglan.core.rules.shapes import Col, Rows, Scalar

CALENDAR = "rights.day10.calendar"
RIGHTS_DAY = "rights.day10.day"
REPLY_DAYS = "rights.day10.reply_days"
REMIND_DAYS = "rights.day10.remind_days"

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
    Item(
        RIGHTS_DAY, "权益保护日（每月几日）", Scalar(units.COUNT, minimum=1, maximum=28), "rights.day10",
        help="遇休息日顺延到下一个工作日；哪天都可以提出",
    ),
    Item(REPLY_DAYS, "诉求答复期限（工作日）", Scalar(units.DAYS, minimum=1, maximum=90), "rights.day10", help="自收到次日起算"),
    Item(REMIND_DAYS, "到期前提醒（工作日）", Scalar(units.DAYS, maximum=30), "rights.day10"),
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

    def shift(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, before it if negative; `day` itself for 0. Raises NotInForce as above."""
        step = timedelta(days=1 if count > 0 else -1)
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def monthly_day_from(self, day: date, number: int) -> date:
        """The first monthly day `number` (1–28), moved off rest days, that is not before `day`. Raises NotInForce as above."""
        first = date(day.year, day.month, number)
        found = self.working_day_from(first)
        if found >= day:
            return found
        later = date(day.year + day.month // 12, day.month % 12 + 1, number)
        return self.working_day_from(later)

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
