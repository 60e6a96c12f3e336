"""The invented people: who they are, when they came and went, their posts, certificates and grades.

Shares follow the published samples for age, sex and education (workforce evidence §2); all the rest is invention.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from qinglan.demo.places import DISTRICT, Place

WORKERS = 2241
FIRST_YEAR, LAST_YEAR = 2023, 2025
LEAGUE_AGE = 28
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "仇单查解"
)
GIVEN = (
    "英华玉兰桂梅敏静丽娟艳秀慧芳琴雪莹洁倩怡琳晨曦雨欣子涵梓轩浩宇博文俊杰伟强勇军磊涛明超辉建国平志刚鹏"
    "飞海波宁安然若溪思远嘉睿诗语可心一诺"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass
class Spell:
    """A stretch of days; `until` is the first day after it, None = still running."""

    since: date
    until: date | None
    kind: str
    where: str = ""
    elected: bool = False


@dataclass
class Worker:
    number: int
    name: str
    sex: str
    birth: date
    id_number: str
    phone: str
    education: str
    degree: bool
    social_work: bool
    party: str
    willing: bool
    diligence: float
    entry: date
    exit: date | None
    exit_reason: str
    recognised_months: int
    posts: list[Spell]
    certificates: list[tuple[str, date]] = field(default_factory=list)
    grades: list[tuple[int, date, date | None]] = field(default_factory=list)
    maternity: tuple[date, date] | None = None


def id_number(birth: date, sequence: int, male: bool) -> str:
    """An 18-digit number of the unassigned area 990101 whose check digit is right (GB 11643)."""
    body = f"{DISTRICT}{birth:%Y%m%d}{sequence * 2 + (1 if male else 0):03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def people(communities: list[Place], total: int, random: Random, taken: set[str] | None = None) -> list[Worker]:
    """`total` people employed at the end of LAST_YEAR, and those who left in the three years before.

    `taken`: ID numbers not to be given again; those given are added to it.
    """
    taken = set() if taken is None else taken
    workers: list[Worker] = []
    share, extra = divmod(total, len(communities))
    for index, place in enumerate(communities):
        for seat in range(share + (1 if index < extra else 0)):
            workers.append(_worker(len(workers), place, seat, random, taken, None))
        for _ in range(random.choice((0, 1, 1, 2, 2, 3))):
            left = date(random.randint(FIRST_YEAR, LAST_YEAR), random.randint(1, 12), random.randint(1, 28))
            workers.append(_worker(len(workers), place, 9, random, taken, left))
    return workers


def _post(seat: int, random: Random) -> str:
    if seat == 0:
        return "secretary_director"
    if seat <= 2:
        return ("deputy_secretary", "deputy_director")[seat - 1]
    if seat <= 5:
        return "committee"
    if seat == 6:
        return "studio"
    return random.choices(("worker", "grid"), (3, 2))[0]


def _worker(number: int, place: Place, seat: int, random: Random, taken: set[str], left: date | None) -> Worker:
    male = random.random() > 0.68
    post = _post(seat, random)
    age = _age(post, random)
    birth = date(LAST_YEAR - age, 1, 1) + timedelta(days=random.randrange(365))
    entry = _entry(birth, age, seat, random, left)
    certificates = _certificates(entry, left, post, random)
    name = random.choice(SURNAMES) + "".join(random.sample(GIVEN, random.choices((1, 2), (1, 4))[0]))
    while True:
        one = id_number(birth, random.randrange(500), male)
        if one not in taken:
            taken.add(one)
            break
    education = random.choices(("senior", "college", "bachelor", "master"), (13, 42, 42, 3))[0]
    worker = Worker(
        number=number, name=name, sex="male" if male else "female", birth=birth, id_number=one,
        phone=f"1{random.choice('3456789')}{random.randrange(10**9):09d}",
        education=education, degree=education in ("bachelor", "master") and random.random() < 0.9,
        social_work=random.random() < 0.12,
        party=_party("member" if seat == 0 or random.random() < 0.35 else random.choice(("masses", "league")), age),
        willing=random.random() < 0.45, diligence=random.gauss(0, 1), entry=entry, exit=left,
        exit_reason=_reason(age, random) if left else "",
        recognised_months=random.choice((0,) * 9 + (18, 24, 36)),
        posts=_posts(entry, left, post, place.code, random),
        certificates=certificates,
        grades=_grades(entry, left, random),
    )  # fmt: skip
    if not male and 24 <= age <= 36 and random.random() < 0.06 and left is None:
        start = date(LAST_YEAR, random.randint(1, 10), 1)
        worker.maternity = (start, start + timedelta(days=158))
    return worker


def _party(drawn: str, age: int) -> str:
    """Who is 28 leaves the Youth League; ages are those of the last year, and the site is looked at in the next."""
    return "masses" if drawn == "league" and age >= LEAGUE_AGE else drawn


def _age(post: str, random: Random) -> int:
    if post == "secretary_director":
        return random.randint(33, 57)
    low, high = random.choices(((21, 25), (26, 35), (36, 45), (46, 57)), (15, 31, 30, 24))[0]
    return random.randint(low, high)


def _entry(birth: date, age: int, seat: int, random: Random, left: date | None) -> date:
    longest = min(age - 20, 33)
    years = min(longest, random.choices((0, 2, 4, 8, 15, 25, 30), (10, 12, 20, 28, 24, 4, 2))[0] + random.randint(0, 2))
    if seat <= 5:
        years = max(years, min(longest, 2 + random.randint(0, 8)))
    last = left or date(LAST_YEAR, 12, 31)
    entry = date(last.year - years, random.randint(1, 12), random.choice((1, 1, 1, 6, 15, 21)))
    return min(entry, last - timedelta(days=40))


def _certificates(entry: date, left: date | None, post: str, random: Random) -> list[tuple[str, date]]:
    last = left or date(LAST_YEAR, 12, 31)
    held: list[tuple[str, date]] = []
    chance = 0.95 if post == "studio" else 0.45
    if random.random() < chance:
        first = date(max(2009, min(entry.year + random.randint(0, 6), last.year)), 9, 1)
        if first <= last:
            held.append(("junior", first))
            if random.random() < 0.3:
                second = date(first.year + random.randint(2, 6), 9, 1)
                if second <= last:
                    held.append(("middle", second))
    return held


def _posts(entry: date, left: date | None, post: str, where: str, random: Random) -> list[Spell]:
    elected = post not in ("worker", "grid", "studio")
    if elected and (left or date(LAST_YEAR, 12, 31)).year - entry.year >= 3 and random.random() < 0.5:
        rise = date(
            random.randint(max(entry.year + 1, 2015), LAST_YEAR), random.randint(1, 12), random.choice((1, 11, 16))
        )
        if entry < rise and (left is None or rise < left):
            return [Spell(entry, rise, "worker", where), Spell(rise, left, post, where, elected)]
    return [Spell(entry, left, post, where, elected)]


def _grades(entry: date, left: date | None, random: Random) -> list[tuple[int, date, date | None]]:
    """Grades one to nine, a step every three to four years; the last of them in force."""
    steps: list[tuple[int, date, date | None]] = []
    since, grade = entry, 1
    end = left or date(LAST_YEAR + 1, 1, 1)
    while grade < 8:
        following = date(since.year + random.choice((3, 3, 4)), since.month, 1)
        if following >= end:
            break
        steps.append((grade, since, following))
        since, grade = following, grade + 1
    return [*steps, (grade, since, left)]


def _reason(age: int, random: Random) -> str:
    if age >= 55:
        return "retired"
    return random.choices(("voluntary", "dismissed", "upward", "expired"), (82, 5, 9, 4))[0]


def present(worker: Worker, year: int) -> tuple[date, date] | None:
    """The first and last day the worker was employed in a year."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    first = max(worker.entry, start)
    last = min((worker.exit - timedelta(days=1)) if worker.exit else end, end)
    return (first, last) if first <= last else None


def post_on(worker: Worker, day: date) -> Spell:
    """The post held on a day (the last one held, if none)."""
    held = [spell for spell in worker.posts if spell.since <= day and (spell.until is None or spell.until > day)]
    return held[0] if held else worker.posts[-1]


def years_of(worker: Worker) -> Iterator[tuple[int, date, date]]:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        days = present(worker, year)
        if days:
            yield year, *days
