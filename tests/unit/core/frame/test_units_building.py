"""The frame of units from records: heads, exits by reason, secretaries, scores, last year's colour."""

from datetime import date

from tests.unit.core.frame.rows import HERE, employment, posting, records

from qinglan.core.frame.missing import Reason, missing
from qinglan.core.frame.units_building import build_units

D = date
NEXT_DOOR, GRID, STREET = "990101001002", "990101001001003", "990101001"
UNKNOWN = missing(Reason.NOT_RECORDED)


def rows(year: int = 2025, **tables: list) -> dict[str, dict[str, int]]:
    """{organisation: {column: number}}."""
    frame = build_units(records(**tables), year)
    return {
        code: {name: int(values[at]) for name, values in frame.columns.items()}
        for at, code in enumerate(frame.organisations)
    }


def test_heads_exits_and_secretaries_by_hand() -> None:
    """Five at the start; 1 leaves of her own will, 2 retires, 3 rises, 4 goes without a reason; 6 and 7 come: three left."""
    start, until = D(2020, 1, 1), D(2025, 7, 1)
    leaving = {1: 1, 2: 3, 3: 4, 4: None}
    employments = [employment(start, until, number, exit_reason=reason) for number, reason in leaving.items()]
    employments += [employment(start, number=5), employment(until, number=6), employment(until, number=7)]
    postings = [posting(start, until, number=number) for number in leaving]
    postings += [posting(start, number=5, post=1), posting(until, number=6, post=2), posting(until, number=7)]
    row = rows(employments=employments, postings=postings)[HERE]
    assert (row["headcount_start"], row["headcount_end"]) == (5, 3)
    assert (row["exits_voluntary"], row["exits_dismissed"], row["exits_promoted"], row["exits_other"]) == (1, 0, 1, 2)
    assert (row["secretaries"], row["dual_post_secretaries"], row["communities"]) == (2, 1, 1)


def test_an_exit_is_counted_where_she_last_stood_and_every_time() -> None:
    employments = [
        employment(D(2020, 1, 1), D(2025, 3, 1), exit_reason=1),
        employment(D(2025, 5, 1), D(2026, 1, 1), exit_reason=2),
    ]
    postings = [posting(D(2020, 1, 1), D(2025, 3, 1)), posting(D(2025, 5, 1), D(2026, 1, 1), where=NEXT_DOOR)]
    found = rows(employments=employments, postings=postings)
    assert found[HERE]["exits_voluntary"] == 1
    assert found[HERE]["exits_dismissed"] == 0
    assert found[NEXT_DOOR]["exits_dismissed"] == 1
    assert found[NEXT_DOOR]["exits_voluntary"] == 0


def test_a_renewed_contract_and_an_exit_of_another_year_are_no_exits() -> None:
    employments = [
        employment(D(2020, 1, 1), D(2025, 3, 1)),
        employment(D(2025, 3, 1)),
        employment(D(2020, 1, 1), D(2025, 1, 1), number=2, exit_reason=1),
        employment(D(2020, 1, 1), D(2026, 1, 2), number=3, exit_reason=1),
    ]
    row = rows(employments=employments, postings=[posting(D(2020, 1, 1), number=n) for n in (1, 2, 3)])[HERE]
    assert row["exits_voluntary"] + row["exits_other"] == 0
    assert (row["headcount_start"], row["headcount_end"]) == (2, 2)


def test_people_of_a_grid_count_with_their_community() -> None:
    found = rows(
        employments=[employment(D(2020, 1, 1)), employment(D(2020, 1, 1), number=2)],
        postings=[posting(D(2020, 1, 1), where=GRID), posting(D(2020, 1, 1), number=2, post=1)],
    )
    assert list(found) == [HERE]
    assert found[HERE]["headcount_end"] == 2


def test_an_office_above_the_communities_is_no_community() -> None:
    assert rows(employments=[employment(D(2020, 1, 1))], postings=[posting(D(2020, 1, 1), where=STREET)]) == {}


def test_unit_scores_of_the_year_and_the_colour_of_the_year_before() -> None:
    def score(source: int, day: date, points: int | None, **more: int) -> dict:
        return {"organisation": HERE, "source": source, "day": day, "score": points, **more}

    row = rows(
        scores=[
            score(1, D(2025, 12, 15), 8_400, ballots=120),
            score(2, D(2024, 12, 15), 9_000),
            score(12, D(2025, 12, 15), None, ballots=200, favourable=181),
            {**score(3, D(2025, 12, 15), 100), "person": 9},
        ],
        unit_history=[
            {"organisation": HERE, "year": 2024, "colour": 2},
            {"organisation": HERE, "year": 2023, "colour": 1},
        ],
    )[HERE]
    assert (row["unit_score_residents"], row["unit_ballots"]) == (8_400, 120)
    assert row["unit_score_professional"] == row["unit_score_process"] == UNKNOWN
    assert (row["satisfied_ballots"], row["satisfaction_ballots"]) == (181, 200)
    assert row["last_colour"] == 2
    assert row["headcount_end"] == 0
