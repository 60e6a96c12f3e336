"""Where a rehearsal or a study may look: a district and its streets, none of them with so few people that it would be about them."""

from __future__ import annotations

from django.conf import settings

from qinglan.apps.people.queries import organisations
from qinglan.apps.policy.models import PersonResult, Run

STREET_DIGITS = 9


def places_of(run: Run) -> dict[str, str]:
    """{code: name} of the run's district, first, and its streets."""
    names = organisations.names_in_year(run.org_code, run.year)
    streets = {code: name for code, name in sorted(names.items()) if len(code) <= STREET_DIGITS}
    return {run.org_code: names.get(run.org_code, run.org_code)} | streets


def too_few(run: Run, place: str) -> list[str]:
    """What is wrong with a place of nobody, or of a few people: it would be about those few."""
    people = PersonResult.objects.filter(run=run).within(place).count()
    if not people:
        return [f"所选范围 {run.year} 年末没有人，没有可以推演的队伍；请选别的范围。"]
    if people < settings.LEAST_CELL:
        return [f"所选范围只有 {people} 人，不到 {settings.LEAST_CELL} 人，推演等于说个人；请选大一些的范围。"]
    return []
