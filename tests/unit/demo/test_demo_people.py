"""The invented people could be people: what they are fits how old they are."""

from datetime import date
from random import Random

from qinglan.demo import places, workforce

LOOKED_AT = date(2026, 12, 31)


def test_nobody_stays_in_the_youth_league_past_28() -> None:
    people = workforce.people(places.communities(12), 600, Random(1))
    league = [one for one in people if one.party == "league"]
    assert league
    assert max(LOOKED_AT.year - one.birth.year for one in league) <= 28
