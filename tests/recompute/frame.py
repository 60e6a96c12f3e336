"""The rows of the people of a year: who was employed, where she stood at the end, what was learnt, scored and won."""

from datetime import date
from fractions import Fraction
from typing import Any

from tests.recompute import spans
from tests.recompute.spans import DAY
from tests.recompute.tables import Row, Tables, by_person, last
from tests.reference.exact import NO_POST, NOT_RECORDED, half_up, later, number

OTHER_REASON = 6
ABILITIES = ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")
SCORES = {
    "score_residents": 1,
    "score_professional": 2,
    "score_process": 3,
    "score_innovation": 4,
    "interview_score": 11,
}
MONTHLY = 10
PAPERS = {"paper_ability": "综合能力", "paper_practice": "实务", "paper_law": "法规与政策"}
AWARDS = ("national", "province", "city", "district", "subdistrict")
PRIZES = {"prize_fund_province": 2, "prize_fund_city": 3, "prize_fund_district": 4}
NEVER_KNOWN = ("pension_months", "remedied", "average_wage_12m", "last_month_wage")
Ints = dict[str, int]


def build(tables: Tables, year: int, values: Any) -> tuple[list[int], list[str], list[Ints]]:
    """(people, the organisation of each, their rows), by number of the person. Absent values say why."""
    mine = {name: by_person(rows) for name, rows in tables.items() if rows and "person" in rows[0]}
    known: dict[int, Row] = {}
    for person, rows in sorted(mine.get("employments", {}).items()):
        about = mine.get("people", {}).get(person)
        found = employed(rows, year)
        if about and found:
            facts = {name: people.get(person, []) for name, people in mine.items()}
            known[person] = one_person(person, about[-1], found, facts, year, values)
    organisations = [row.pop("organisation") or "" for row in known.values()]
    for row, code in zip(known.values(), organisations, strict=True):
        row |= {name: rank(code[:size], organisations, size) for name, size in (
            ("district", 6), ("subdistrict", 9), ("organisation", 99))}  # fmt: skip
    return list(known), organisations, [{name: plain(name, one) for name, one in row.items()} for row in known.values()]


def rank(code: str, codes: list[str], size: int) -> int:
    """The place of a code among the different ones, from 1."""
    return sorted({one[:size] for one in codes}).index(code) + 1


def plain(name: str, one: Any) -> int:
    if one is None:
        return NO_POST if name in ("post", "post_since") else NOT_RECORDED
    return number(one) if isinstance(one, date) else int(one)


def employed(employments: list[Row], year: int) -> Row | None:
    """Her last employment that touches the year, her last day in it, her days in it; None without one."""
    start, end = date(year, 1, 1), date(year, 12, 31)
    spells = spans.joined(employments)
    inside = [
        one for one in spells
        if one["since"] <= end and (one["until"] is None or one["until"] - DAY >= start)
    ]  # fmt: skip
    if not inside:
        return None
    here = [(max(one["since"], start), end if one["until"] is None else min(one["until"] - DAY, end)) for one in inside]
    own = inside[-1]
    gone = own["until"] is not None and own["until"] - DAY <= end
    return {
        "entry_date": own["since"],
        "recognised_months": own["recognised_months"] or 0,
        "earlier_service_months": sum(
            spans.months(one["since"], one["until"])
            for one in spells
            if one["until"] is not None and one["until"] <= own["since"]
        ),
        "probation_until": own["probation_until"],
        "exit_date": own["until"] - DAY if gone else None,
        "exit_reason": (OTHER_REASON if own["exit_reason"] is None else own["exit_reason"]) if gone else 0,
        "employed_days": sum((until - since).days + 1 for since, until in here),
        "as_of": max(until for _, until in here),
    }


def one_person(person: int, about: Row, service: Row, facts: dict[str, list[Row]], year: int, values: Any) -> Row:
    start, end, as_of, entry = date(year, 1, 1), date(year, 12, 31), service["as_of"], service["entry_date"]

    def until(name: str, day: date = as_of) -> list[Row]:
        return [one for one in facts.get(name, []) if one["day"] <= day]

    brought = last(until("opening", end), "day") or {}
    opened = brought.get("day")
    certificate = highest_certificate(facts.get("certificates", []), as_of)
    grade = spans.in_force(facts.get("grades", []), as_of) or {}
    row = {
        "year": year,
        "year_start": start,
        **service,
        **{name: about[name] for name in ("sex", "education", "has_degree", "social_work_major", "willing")},
        "birth_date": about["birth"],
        "retirement_class": 1 if about["sex"] == 1 else None,
        **dict.fromkeys(NEVER_KNOWN),
        **where_she_stood(facts.get("postings", []), as_of),
        **{
            name: spans.in_force([one for one in facts.get("protections", []) if one["kind"] == kind], as_of) is not None
            for name, kind in (("protected", "maternity"), ("medical_period", "sick"))
        },
        **certificate,
        "ladder_grade": brought.get("ladder_grade") if grade.get("grade") is None else grade["grade"],
        "ladder_since": grade.get("since"),
        **{
            f"ability_{name}": latest(sorted(until("abilities"), key=on_a_day), name)
            for name in ABILITIES
        },
        **hours(until("training"), until("shadowing"), brought, entry, start, certificate["registered_since"]),
        **reached("onboarding", [one for one in until("training") if one["kind"] == "onboarding"], entry,
                  values["train.onboarding_30h.hours"]),
        **reached("shadowing", until("shadowing"), entry, values["train.shadowing_200h.hours"]),
        **exams(until("exams")),
        **scores(facts.get("scores", []), year),
        **{f"awards_{name}": sum(one["level"] == level for one in until("awards")) for level, name in enumerate(AWARDS, 1)},
        **{
            name: sum(one["kind"] == kind and one["day"] > later(as_of, -12) for one in until("warnings"))
            for name, kind in (("warnings", "warning"), ("talks", "talk"))
        },
        **projects([one for one in facts.get("projects", []) if start <= one["day"] <= end]),
        **history(facts.get("history", []), year),
    }  # fmt: skip
    if brought.get("service_months") is not None and opened >= entry:
        recorded = spans.months(entry, opened + DAY) + row["earlier_service_months"]
        row["recognised_months"] = max(brought["service_months"] - recorded, 0)
    served = spans.months(entry, date(year + 1, 1, 1)) + row["recognised_months"] + row["earlier_service_months"]
    row["years_in_social_work"] = served // 12
    return row


def on_a_day(rating: Row) -> tuple[Any, ...]:
    """Two ratings of one day (of records found to be one person) stand in the order of what they say, absent first."""
    said = [rating[name] for name in ABILITIES]
    return (rating["day"], [-1 if one is None else one for one in said])


def latest(rows: list[Row], name: str) -> Any:
    """The last value that is not absent."""
    return next((one[name] for one in reversed(rows) if one[name] is not None), None)


def where_she_stood(postings: list[Row], as_of: date) -> Row:
    """Her post on the day and since when; without a post, where she last stood (or will stand first of all)."""
    begun = sorted((one for one in postings if one["since"] <= as_of), key=lambda one: one["since"])
    now = spans.in_force(postings, as_of)
    place = begun[-1] if begun else last(postings, "since")
    found: Row = dict.fromkeys(("post", "post_since", "elected", "track", "track_since", "subdistrict_since"))
    found["organisation"] = place and place["organisation"]
    if now:
        found |= {name: now[name] for name in ("organisation", "post", "elected", "track")}
        for name, column in (("post_since", "post"), ("track_since", "track")):
            wanted = now[column]
            found[name] = spans.unbroken(begun, lambda one, c=column, w=wanted: one[c] is not None and one[c] == w)
        street = now["organisation"][:9]
        found["subdistrict_since"] = spans.unbroken(begun, lambda one: one["organisation"][:9] == street)
    return found


def highest_certificate(rows: list[Row], as_of: date) -> Row:
    held = [one for one in rows if one["issued"] is None or one["issued"] <= as_of]
    best = last(held, "level", "registered_until", "issued")
    if best is None:
        return {"certificate": 0, "certificate_date": None, "registered_since": None}
    until = best["registered_until"]
    return {
        "certificate": best["level"] or 0,
        "certificate_date": best["issued"],
        "registered_since": None if until is None else later(until, -36) + DAY,
    }


def hours(
    training: list[Row], shadowing: list[Row], brought: Row, entry: date, start: date, registered: date | None
) -> Row:
    """The ledgers of hours. A balance brought along stands for what was attended up to its day."""
    opened = brought.get("day")

    def ledger(rows: list[Row], balance: str, since: date, covers: bool) -> int:
        had = brought.get(balance)
        counted = [one for one in rows if one["day"] >= since]
        if had is not None and covers:
            counted = [one for one in counted if one["day"] > opened]
        return sum(one["hours"] or 0 for one in counted) + (had or 0 if opened is not None and opened >= since else 0)

    def of(kind: str) -> list[Row]:
        return [one for one in training if one["kind"] == kind]

    return {
        # A balance of an earlier year says nothing of this year's hours.
        "annual_hours": ledger(of("annual"), "training_hours", start, opened is not None and opened >= start),
        "onboarding_hours": ledger(of("onboarding"), "onboarding_hours", entry, True),
        "shadowing_hours": ledger(shadowing, "shadowing_hours", entry, True),
        "continuing_hours": sum(
            one["hours"] or 0 for one in of("continuing") if registered is not None and one["day"] >= registered
        ),
    }


def reached(name: str, rows: list[Row], entry: date, wanted: int) -> Row:
    """The day on which the hours attended since entry came to what is wanted."""
    total, found = 0, None
    for one in sorted((one for one in rows if one["day"] >= entry), key=lambda one: one["day"]):
        total += one["hours"] or 0
        if total >= wanted and found is None:
            found = one["day"]
    return {f"{name}_reached": found}


def exams(sat: list[Row]) -> Row:
    level = max((one["level"] for one in sat), default=None)
    row: Row = {"exam_level": level}
    for name, subject in PAPERS.items():
        paper = last([one for one in sat if one["level"] == level and one["subject"] == subject], "day", "score") or {}
        row |= {name: paper.get("score"), f"{name}_year": paper["day"].year if paper else None}
    return row


def scores(rows: list[Row], year: int) -> Row:
    """The last score of each source in the year, of each month in it, and of each month of the year before."""

    def newest(source: int, when: int, month: int = 0) -> Row:
        fitting = [
            one for one in rows
            if one["source"] == source and one["day"].year == when and month in (0, one["day"].month)
        ]  # fmt: skip
        return last(fitting, "day", "score", "ballots") or {}

    found = {name: newest(source, year).get("score") for name, source in SCORES.items()}
    found["ballots"] = newest(1, year).get("ballots")
    for month in range(1, 13):
        found[f"month_score_{month:02d}"] = newest(MONTHLY, year, month).get("score")
        found[f"last_month_score_{month:02d}"] = newest(MONTHLY, year - 1, month).get("score")
    return found


def projects(rows: list[Row]) -> Row:
    """Prize money by level; work done, and its quality as the mean weighted by volume."""
    volumes = [one["volume"] for one in rows if one["volume"] is not None]
    rated = [(one["quality"], one["volume"]) for one in rows if None not in (one["quality"], one["volume"])]
    weight = sum(volume for _, volume in rated)
    return {
        **{
            name: sum(one["fund"] or 0 for one in rows if one["prize_level"] == level) for name, level in PRIZES.items()
        },
        "work_volume": sum(volumes) if volumes else None,
        "work_quality": half_up(Fraction(sum(q * v for q, v in rated), weight)) if weight > 0 else None,
    }


def history(rows: list[Row], year: int) -> Row:
    past = {one["year"]: one for one in rows if one["year"] < year}
    return {
        "last_grade": past.get(year - 1, {}).get("grade"),
        "grade_before_last": past.get(year - 2, {}).get("grade"),
        "excellent_years": sum(one["grade"] == 1 for one in past.values()) if past else None,
        "last_star": past.get(year - 1, {}).get("star"),
    }
