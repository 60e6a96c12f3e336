"""The rows of the communities of a year: headcounts, exits, secretaries, scores, last year's colour."""

from collections import defaultdict
from datetime import date, timedelta

from tests.recompute import spans
from tests.recompute.frame import Ints, plain, rank
from tests.recompute.spans import DAY
from tests.recompute.tables import Row, Tables, by_person, last

SCORES = {
    "unit_score_residents": 1, "unit_score_professional": 2, "unit_score_process": 3, "unit_score_innovation": 4,
    "index_workers": 13, "index_studio": 14, "index_residents": 15,
}  # fmt: skip
SATISFACTION = 12
SECRETARIES, BOTH_POSTS = (1, 2), 1
EXITS = {1: "exits_voluntary", 2: "exits_dismissed", 4: "exits_promoted"}
COMMUNITY = 12


def community(code: str) -> str:
    """A grid's people belong to its community."""
    return code[:COMMUNITY] if len(code) >= COMMUNITY and code[:COMMUNITY].isdigit() else code


def build(tables: Tables, year: int) -> tuple[list[str], list[Ints]]:
    """(codes, their rows), by code."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    before, after = serving(tables, start - DAY), serving(tables, end)
    scores: dict[str, list[Row]] = defaultdict(list)
    for one in tables["scores"]:
        if one["person"] is None and start <= one["day"] <= end and one["organisation"] is not None:
            scores[one["organisation"]].append(one)
    gone = exits(tables, start, end)
    codes = sorted({code for part in (before, after, scores, gone) for code in part if len(code) >= COMMUNITY})
    colours = {one["organisation"]: one["colour"] for one in tables["unit_history"] if one["year"] == year - 1}
    rows = []
    for code in codes:

        def newest(source: int, own: list[Row] = scores.get(code, [])) -> Row:  # noqa: B008  never changed
            return last([one for one in own if one["source"] == source], "day") or {}

        posts, reasons = after.get(code, []), gone.get(code, [])
        row = {
            "year": year,
            "district": rank(code[:6], codes, 6),
            "subdistrict": rank(code[:9], codes, 9),
            "unit": rank(code, codes, 99),
            **{name: newest(source).get("score") for name, source in SCORES.items()},
            "unit_ballots": newest(1).get("ballots"),
            "satisfied_ballots": newest(SATISFACTION).get("favourable"),
            "satisfaction_ballots": newest(SATISFACTION).get("ballots"),
            "last_colour": colours.get(code),
            "headcount_start": len(before.get(code, [])),
            "headcount_end": len(posts),
            "secretaries": sum(post in SECRETARIES for post in posts),
            "dual_post_secretaries": sum(post == BOTH_POSTS for post in posts),
            **{name: reasons.count(reason) for reason, name in EXITS.items()},
            "exits_other": sum(reason not in EXITS for reason in reasons),
            "communities": 1 if len(code) == COMMUNITY else None,
        }
        rows.append({name: plain(name, one) for name, one in row.items()})
    return codes, rows


def serving(tables: Tables, day: date) -> dict[str, list[int | None]]:
    """{community: the posts of those who serve on `day` and stay beyond it}."""
    found: dict[str, list[int | None]] = defaultdict(list)
    posts = by_person(tables["postings"])
    for person, employments in by_person(tables["employments"]).items():
        if spans.in_force(spans.joined(employments), day) is None:
            continue
        stays = [
            one for one in spans.joined(employments)
            if one["since"] <= day and (one["until"] is None or one["until"] > day + timedelta(days=1))
        ]  # fmt: skip
        post = spans.in_force(posts.get(person, []), day)
        if stays and post:
            found[community(post["organisation"])].append(post["post"])
    return found


def exits(tables: Tables, start: date, end: date) -> dict[str, list[int | None]]:
    """{community: the reasons of those who left in the year, where each last stood}."""
    found: dict[str, list[int | None]] = defaultdict(list)
    posts = by_person(tables["postings"])
    for person, employments in by_person(tables["employments"]).items():
        for one in spans.joined(employments):
            left = one["until"]
            if left is None or not start < left <= end + DAY:
                continue
            stood = last([post for post in posts.get(person, []) if post["since"] < left], "since")
            if stood:
                found[community(stood["organisation"])].append(one["exit_reason"])
    return found
