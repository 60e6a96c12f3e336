"""Small fictional districts with awkward facts, the same for the same seed: what real rosters hold and clean examples do not.

Posts and grades that change in mid-month, gaps, two posts after another on one day, several employments, contracts renewed, leavers and
late comers, 29 February, maternity and sick leave, missing and equal scores, too few ballots, certificates of unknown days, opening
balances (of this year, of earlier ones, of half the people), stars of the year before, people without a post, a grade or a birthday in
reach, duplicates of a merged person's history, prizes, warnings, units that only have scores.
"""

import random
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
PLACES = ("990101001001", "990101001001007", "990101001002", "990101002001", "990101002", "990101003001")
POOR = (1_000, 4_000, 5_999)
SCORES = (5_950, 6_000, 7_499, 7_500, 8_000, 8_800, 8_800, 9_000, 9_550)
DAY = timedelta(days=1)


class District:
    """`tables` {name: rows} as core.frame.records has them, `figures` as the district says them."""

    def __init__(self, seed: int, people: int, year: int, opened: float = 0.15) -> None:
        self.random = random.Random(seed)
        self.year = year
        self.start, self.end = date(year, 1, 1), date(year, 12, 31)
        self.tables: dict[str, list[Row]] = {}
        self.opened = opened
        for person in self.random.sample(range(1, 5 * people), people):
            self.person(person)
        self.units()
        self.figures = {"pay_heads_last": 40, "pay_heads_base": 0, "average_wage": 1_000_000}
        if not self.chance(0.3):
            amounts = ("pay_bill_last", "pay_bill_base", "public_expenditure", "training_budget", "prize_budget")
            self.figures |= {name: self.random.randrange(1, 10**10) for name in amounts}
            self.figures |= {
                "own_line": self.random.randrange(2),
                "average_wage_last": 990_000,
                "start_level_now": 400_000,
            }

    def add(self, table: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append(row)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def between(self, first: date, last: date) -> date:
        return first + timedelta(days=self.random.randint(0, max((last - first).days, 0)))

    def some_day(self) -> date:
        """A day of the year, often its edges."""
        return self.random.choice(
            [self.start, self.end, self.between(self.start, self.end), self.between(self.start, self.end),
             date(self.year, 2, 28), date(self.year, 3, 31), date(self.year, 7, 1), date(self.year, 7, 16)]
        )  # fmt: skip

    def person(self, person: int) -> None:
        rare = self.chance
        birth = self.random.choice(
            [self.between(date(1963, 1, 1), date(1999, 12, 31)), date(1976, 2, 29), date(1965, 1, 31)]
        )
        self.add(
            "people", person=person, sex=self.random.choice([1, 2, 2]), birth=birth,
            education=None if rare(0.1) else self.random.randint(1, 5), has_degree=rare(0.5), social_work_major=rare(0.3),
            willing=rare(0.5),
        )  # fmt: skip
        entry = self.employ(person)
        self.post(person, entry)
        self.grade(person, entry)
        self.certify(person)
        self.ledger(person, entry)
        self.score(person)
        self.honour(person)
        if rare(self.opened):
            self.open(person, entry)

    def employ(self, person: int) -> date:
        """One to three employments, with and without gaps; the day on which the first began."""
        since = entry = self.random.choice(
            [
                self.between(date(2005, 1, 1), date(2023, 12, 31)),
                self.between(date(2022, 6, 1), self.end),
                date(2020, 2, 29),
            ]
        )
        parts = self.random.choice([1, 1, 1, 2, 3])
        for part in range(parts):
            open_end = part == parts - 1 and self.chance(0.8)
            until = (
                None
                if open_end
                else max(since + DAY, self.random.choice([self.some_day(), self.between(since, self.end)]))
            )
            self.add(
                "employments", person=person, since=since, until=until,
                recognised_months=self.random.choice([None, 0, 17, 40]),
                probation_until=self.between(since, since + timedelta(days=190)) if self.chance(0.3) else None,
                exit_reason=None if until is None or self.chance(0.2) else self.random.randint(1, 6),
            )  # fmt: skip
            if until is None:
                break
            since = until + timedelta(days=self.random.choice([0, 0, 1, 40, 200]))
        return entry

    def spans(self, since: date, parts: int) -> list[tuple[date, date | None]]:
        """Spans one after another, mostly without gaps, many of which change in the year."""
        found: list[tuple[date, date | None]] = []
        for part in range(parts):
            last = part == parts - 1
            until = (
                None
                if last and self.chance(0.85)
                else max(since + DAY, self.some_day() if self.chance(0.7) else since + timedelta(days=90))
            )
            found.append((since, until))
            if until is None:
                break
            since = until + timedelta(days=self.random.choice([0, 0, 0, 1, 15]))
        return found

    def post(self, person: int, entry: date) -> None:
        if self.chance(0.04):
            return
        for since, until in self.spans(
            entry + timedelta(days=self.random.choice([0, 0, 0, 20])), self.random.choice([1, 1, 2, 3])
        ):
            post = self.random.choice([1, 2, 3, 4, 5, 6, *[7] * 12, 8, 8, 9])
            self.add(
                "postings", person=person, organisation=self.random.choice(PLACES), post=post,
                elected=self.random.choice([None, post < 7, False]), track=self.random.choice([None, 1, 2]), since=since,
                until=until,
            )  # fmt: skip

    def grade(self, person: int, entry: date) -> None:
        if self.chance(0.2):
            return
        for since, until in self.spans(entry, self.random.choice([1, 1, 2])):
            self.add("grades", person=person, grade=self.random.randint(1, 9), since=since, until=until)

    def certify(self, person: int) -> None:
        for level in range(1, 4):
            if not self.chance(0.25):
                continue
            issued = None if self.chance(0.15) else self.between(date(2015, 1, 1), date(self.year + 1, 3, 1))
            until = None if self.chance(0.4) else self.between(date(self.year - 1, 1, 1), date(self.year + 3, 1, 1))
            self.add("certificates", person=person, level=level, issued=issued, registered_until=until)

    def ledger(self, person: int, entry: date) -> None:
        first = date(self.year - 2, 1, 1)
        for _ in range(self.random.randint(0, 6)):
            self.add(
                "training", person=person, kind=self.random.choice(["annual", "onboarding", "continuing"]),
                day=self.between(first, date(self.year + 1, 2, 1)), hours=self.random.choice([150, 800, 2_000]),
            )  # fmt: skip
        for _ in range(self.random.randint(0, 3)):
            day = max(entry, self.between(first, self.end))
            self.add("shadowing", person=person, day=day, hours=self.random.choice([4_000, 12_000]))
        for kind, share in (("maternity", 0.1), ("sick", 0.1)):
            if self.chance(share):
                since = self.between(date(self.year - 1, 9, 1), self.end)
                self.add("protections", person=person, kind=kind, since=since, until=since + timedelta(days=158))
        level = self.random.randint(1, 3)
        for subject in ("综合能力", "实务", "法规与政策"):
            for _ in range(self.random.choice([0, 0, 1, 2])):
                self.add(
                    "exams", person=person, level=self.random.choice([level, level, 1]), subject=subject,
                    day=self.between(date(self.year - 4, 1, 1), self.end), score=self.random.choice(SCORES),
                )  # fmt: skip

    def score(self, person: int) -> None:
        scores = POOR if self.chance(0.2) else SCORES
        for source in (1, 2, 3, 4, 11):
            for _ in range(self.random.choice([0, 1, 1, 1, 2])):
                self.add(
                    "scores", person=person, organisation=None, source=source, day=self.some_day(),
                    score=self.random.choice(scores), ballots=self.random.choice([None, 12, 30, 31]) if source == 1 else None,
                    favourable=None,
                )  # fmt: skip
        for month in range(1, 13):
            for year in (self.year, self.year - 1):
                if self.chance(0.5):
                    self.add(
                        "scores", person=person, organisation=None, source=10, day=date(year, month, 20),
                        score=self.random.choice(scores), ballots=None, favourable=None,
                    )  # fmt: skip
        for _ in range(self.random.randint(0, 2)):
            ratings = {
                name: self.random.choice([None, 4_000, 6_500, 9_000])
                for name in ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")
            }
            self.add("abilities", person=person, day=self.between(date(self.year - 1, 1, 1), self.end), **ratings)
        for back in (1, 2, 3, 1):
            if self.chance(0.6):
                self.add(
                    "history", person=person, year=self.year - back, grade=self.random.choice([None, 1, 2, 3, 4]),
                    star=self.random.choice([None, 0, 3, 5]),
                )  # fmt: skip

    def honour(self, person: int) -> None:
        for _ in range(self.random.choice([0, 0, 1, 4])):
            self.add(
                "awards", person=person, level=self.random.randint(1, 5), day=self.between(date(2015, 1, 1), self.end)
            )
        for _ in range(self.random.choice([0, 0, 0, 1, 2])):
            kind = self.random.choice(["warning", "talk"])
            self.add("warnings", person=person, kind=kind, day=self.between(date(self.year - 1, 11, 1), self.end))
        for _ in range(self.random.choice([0, 1, 1, 2])):
            level = self.random.choice([None, 2, 3, 4])
            self.add(
                "projects", person=person, prize_level=level, fund=None if level is None else self.random.randint(1, 30_000_000),
                volume=self.random.choice([None, 0, 120, 333]), quality=self.random.choice([None, 5_900, 8_250]),
                day=self.some_day(),
            )  # fmt: skip

    def open(self, person: int, entry: date) -> None:
        for year in (self.year, self.year - 1):
            if self.chance(0.3):
                continue
            month = self.random.randint(1, 12)
            day = date(year + month // 12, month % 12 + 1, 1) - DAY

            def amount(most: int) -> int | None:
                return None if self.chance(0.15) else self.random.randrange(most)

            self.add(
                "opening", person=person, day=day, income=amount(9_000_000), special_deductions=amount(900_000),
                additional_deductions=amount(900_000), tax_withheld=amount(100_000), months_employed=month,
                training_hours=amount(4_000), onboarding_hours=amount(3_000), shadowing_hours=amount(20_000),
                service_months=self.random.choice([None, 3, 90, 200]), ladder_grade=self.random.choice([None, 2, 6]),
                additional_monthly=self.random.choice([None, 100_000]),
            )  # fmt: skip

    def units(self) -> None:
        for place in (*PLACES, "990101009001"):
            for source in (1, 2, 3, 4, 12, 13, 14, 15):
                if self.chance(0.75):
                    ballots = self.random.choice([12, 30, 200])
                    self.add(
                        "scores", person=None, organisation=place, source=source, day=date(self.year, source % 12 + 1, 3),
                        score=self.random.choice(SCORES), ballots=ballots if source in (1, 12) else None,
                        favourable=self.random.randint(0, ballots) if source == 12 else None,
                    )  # fmt: skip
            if self.chance(0.7):
                self.add("unit_history", organisation=place, year=self.year - 1, colour=self.random.randint(1, 3))
