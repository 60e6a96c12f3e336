"""What happened in the three years: courses, shadowing, exams, votes, ratings, awards, warnings, projects."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random
from typing import Any

from qinglan.demo.places import DISTRICT, Place
from qinglan.demo.workforce import FIRST_YEAR, LAST_YEAR, Worker, post_on, years_of

COURSES = (
    "社区协商议事",
    "网格走访与民情",
    "矛盾纠纷调解",
    "防汛应急处置",
    "居民动员与志愿服务",
    "项目设计与运营",
    "民政政策解读",
)
EVIDENCE = "合成数据"
# What the fictional district says of its budgets (fen, people, 0/1), by year.
FIGURES = {
    year: {
        "own_line": 1,
        "pay_budget": 16_800_000_000 + 1_500_000_000 * (year - FIRST_YEAR),
        "training_budget": 5_000_000 + 20_000_000 * (year - FIRST_YEAR),
        "illness_budget": 450_000_000,
        "public_expenditure": 620_000_000_000 + 20_000_000_000 * (year - FIRST_YEAR),
        "innovation_budget": 3_200_000_000,
        "prize_budget": 100_000_000,
        "average_wage": 640_000 + 18_000 * (year - FIRST_YEAR),
        "average_wage_last": 622_000 + 18_000 * (year - FIRST_YEAR),
    }
    for year in range(FIRST_YEAR, LAST_YEAR + 1)
}
Rows = dict[str, list[dict[str, Any]]]


def everything(workers: list[Worker], communities: list[Place], random: Random) -> Rows:
    """Rows by kind of fact, with `worker` (its number) instead of a person, or none for a unit."""
    rows: Rows = defaultdict(list)
    for worker in workers:
        for year, first, last in years_of(worker):
            _learning(rows, worker, year, first, last, random)
            _evaluation(rows, worker, year, first, last, random)
            _work(rows, worker, year, first, last, random)
        _beginnings(rows, worker, random)
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for place in communities:
            _unit(rows, place, year, random)
        rows["figures"] += [
            _row(None, DISTRICT, date(year, 12, 31), name=name, amount=amount) for name, amount in FIGURES[year].items()
        ]
    return dict(rows)


def _row(worker: Worker | None, where: str, day: date, **values: Any) -> dict[str, Any]:
    number = worker.number if worker else None
    return {"worker": number, "org_code": where, "valid_on": day, "recorder": "演示", "evidence": EVIDENCE, **values}


def _score(mean: float, spread: float, worker: Worker | None, random: Random) -> int:
    """A score of 0–100 in hundredths around a mean; the diligent do better."""
    value = mean + spread * random.gauss(0, 1) + (3 * worker.diligence if worker else 0)
    return round(max(35.0, min(99.9, value)) * 100)


def _day(first: date, last: date, random: Random) -> date:
    return first + timedelta(days=random.randrange((last - first).days + 1))


def _learning(rows: Rows, worker: Worker, year: int, first: date, last: date, random: Random) -> None:
    sessions = max(1, round((7 if worker.posts[-1].elected else 6) * ((last - first).days + 1) / 365))
    days: set[date] = set()
    for _ in range(sessions):
        day = _day(first, last, random)
        if day in days:
            continue
        days.add(day)
        rows["training"].append(
            _row(
                worker, post_on(worker, day).where, day, kind="annual", course=random.choice(COURSES),
                hours=random.choice((400, 800, 800, 800, 1200)), days=None,
            )
        )  # fmt: skip
    if worker.certificates and worker.certificates[0][1] <= last:
        day = _day(first, last, random)
        hours = random.choice((1600, 2400, 3000, 3600))
        rows["training"].append(
            _row(
                worker,
                post_on(worker, day).where,
                day,
                kind="continuing",
                course=f"{year} 年继续教育",
                hours=hours,
                days=None,
            )
        )


def _beginnings(rows: Rows, worker: Worker, random: Random) -> None:
    """The first months of those who came in the three years: induction, shadowing, perhaps an exam."""
    if worker.entry.year < FIRST_YEAR:
        return
    end = min((worker.exit or date(LAST_YEAR + 1, 1, 1)) - timedelta(days=1), date(LAST_YEAR, 12, 31))
    where = worker.posts[0].where
    day = min(worker.entry + timedelta(days=random.randint(3, 100)), end)
    hours = random.choice((3000, 3000, 3200, 2400))
    rows["training"].append(
        _row(worker, where, day, kind="onboarding", course="岗位基本业务培训", hours=hours, days=None)
    )
    for week in range(random.choice((10, 10, 10, 8))):
        on = worker.entry + timedelta(days=7 * week + 4)
        if on <= end:
            rows["shadowing"].append(_row(worker, where, on, mentor="青蓝结对导师", hours=2000))
    if not worker.certificates and random.random() < 0.4:
        on = date(worker.entry.year + 1, 6, 15)
        if on <= end:
            for subject in ("综合能力", "实务"):
                score = random.randint(3500, 5900)
                rows["exams"].append(
                    _row(
                        worker, where, on, level="初级", subject=subject, score=score, passed=score >= 6000,
                        certificate_number="",
                    )
                )  # fmt: skip


def _evaluation(rows: Rows, worker: Worker, year: int, first: date, last: date, random: Random) -> None:
    if (last - first).days < 90:
        return
    on = min(date(year, 12, 10), last)
    where = post_on(worker, on).where
    ballots = random.choices((random.randint(30, 120), random.randint(5, 29)), (96, 4))[0]
    sources = ((1, 86, 5, ballots), (2, 80, 7, None), (3, 84, 6, None), (4, 70, 12, None))
    for source, mean, spread, votes in sources:
        if random.random() < 0.015:
            continue  # some sheets never arrive
        rows["scores"].append(
            _row(
                worker, where, on, source=source, score=_score(mean, spread, worker, random), ballots=votes,
                favourable=None,
            )
        )  # fmt: skip
    if year == LAST_YEAR:
        for month in range(first.month, last.month + 1):
            day = date(year, month, 28)
            if first <= day <= last:
                rows["scores"].append(
                    _row(
                        worker, post_on(worker, day).where, day, source=10,
                        score=_score(83, 8, worker, random), ballots=None, favourable=None,
                    )
                )  # fmt: skip
        if worker.certificates and random.random() < 0.5:
            rows["scores"].append(
                _row(
                    worker, where, on, source=11, score=_score(78, 8, worker, random), ballots=None, favourable=None
                )
            )  # fmt: skip
    ratings = [_score(72 + 2 * (year - FIRST_YEAR), 9, worker, random) for _ in range(6)]
    if random.random() < 0.97:
        rows["abilities"].append(_row(worker, where, min(date(year, 11, 20), last), ratings=ratings))


def _work(rows: Rows, worker: Worker, year: int, first: date, last: date, random: Random) -> None:
    day = _day(first, last, random)
    where = post_on(worker, day).where
    if random.random() < 0.25:
        level = random.choices((None, 4, 3, 2), (70, 18, 9, 3))[0]
        rows["projects"].append(
            _row(
                worker, where, day, title=f"微治理项目 {year}-{worker.number}", role="负责人", prize_level=level,
                fund=random.choice((500_000, 1_000_000, 2_000_000)), volume=random.randint(4, 40),
                quality=_score(80, 8, worker, random),
            )
        )  # fmt: skip
    if worker.diligence > 0.9 and random.random() < 0.2:
        level = random.choices((5, 4, 3, 2, 1), (50, 30, 14, 5, 1))[0]
        rows["awards"].append(
            _row(worker, where, day, title=f"{year} 年优秀社区工作者", level=level, issuer="桃源区（虚构）")
        )
    if worker.diligence < -1.6 and random.random() < 0.5:
        kind = random.choices(("warning", "talk"), (3, 1))[0]
        rows["warnings"].append(_row(worker, where, day, kind=kind, cause="月度考核不合格"))


def _unit(rows: Rows, place: Place, year: int, random: Random) -> None:
    on = date(year, 12, 15)
    weak = place.code.endswith(("004", "007"))
    for source, mean in ((1, 84), (2, 80), (3, 82), (4, 74), (13, 78), (14, 75), (15, 72)):
        score = _score(mean - (9 if weak else 0), 4, None, random)
        rows["scores"].append(
            _row(
                None, place.code, on, source=source, score=score, ballots=random.randint(60, 300) if source == 1 else None,
                favourable=None,
            )
        )  # fmt: skip
    votes = random.randint(80, 300)
    favourable = round(votes * random.uniform(0.8, 0.97))
    rows["scores"].append(_row(None, place.code, on, source=12, score=None, ballots=votes, favourable=favourable))
