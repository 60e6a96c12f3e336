"""Terms by the pack in force and its calendar: when a claim must be answered, the day of hearings, the day of reminding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from qinglan.apps.policy.queries.packs import pack_for
from qinglan.core.packs.pack import NotInForce, Pack
from qinglan.core.rules.workdays import REMIND_DAYS, REPLY_DAYS, RIGHTS_DAY, Workdays, workdays

__all__ = ["NotInForce", "Terms", "terms_for"]  # the error too: apps above may not reach the packs themselves


@dataclass(frozen=True)
class Terms:
    """The terms of one district as of a day. Each question raises NotInForce (a sentence) where the calendar ends."""

    pack: Pack
    day: date

    @cached_property
    def calendar(self) -> Workdays:
        return workdays(self.pack)

    @property
    def reply_days(self) -> int:
        """Working days within which a claim is answered."""
        return self._item(REPLY_DAYS)

    @property
    def rights_day(self) -> int:
        """The day of the month (1–28) on which claims are heard."""
        return self._item(RIGHTS_DAY)

    def due(self) -> date:
        """The last day for an answer to what came in on the day."""
        return self.calendar.shift(self.day, self.reply_days)

    def hearing(self) -> date:
        """The next rights day, the day itself included, moved off rest days."""
        return self.calendar.monthly_day_from(self.day, self.rights_day)

    def remind_until(self) -> date:
        """The last due day of which whoever answers is to be reminded on the day."""
        return self.calendar.shift(self.day, self._item(REMIND_DAYS))

    def working(self) -> bool:
        return self.calendar.is_working(self.day)

    def _item(self, item: str) -> int:
        found: int = self.pack.on(self.day)[item]
        return found


def terms_for(district: str, day: date) -> Terms:
    """ValidationError (for people) when the district goes by no pack."""
    return Terms(pack_for(district, day), day)
