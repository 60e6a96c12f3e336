"""The demo district's people as records, without a database: its generator shares no code with the twin."""

from functools import cache
from random import Random
from typing import Any

from tests.unit.core.frame.rows import records

from qinglan.core.frame.records import Records
from qinglan.demo import happenings, places, workforce
from qinglan.demo.workforce import Worker

SEX = {"male": 1, "female": 2}
EDUCATION = {"senior": 1, "college": 2, "bachelor": 3, "master": 4}
CERTIFICATE = {"junior": 1, "middle": 2}
POST = {
    "secretary_director": 1, "deputy_secretary": 4, "deputy_director": 5, "committee": 6, "worker": 7, "grid": 8, "studio": 9,
}  # fmt: skip
EXIT = {"voluntary": 1, "dismissed": 2, "retired": 3, "upward": 4, "expired": 6}


@cache
def demo(total: int, subdistricts: int, seed: int = 990101) -> Records:
    """`total` people of the demo's first sub-districts with three years of facts, up to the end of 2025."""
    random = Random(seed)
    communities = places.communities(subdistricts)
    workers = workforce.people(communities, total, random)
    rows = happenings.everything(workers, communities, random)
    return records(
        people=[_person(one) for one in workers],
        employments=[_employment(one) for one in workers],
        postings=[
            {"person": one.number, "organisation": spell.where, "post": POST[spell.kind], "elected": spell.elected,
             "track": 2 if spell.kind == "studio" else 1, "since": spell.since, "until": spell.until}
            for one in workers
            for spell in one.posts
        ],
        protections=[
            {"person": one.number, "kind": "maternity", "since": one.maternity[0], "until": one.maternity[1]}
            for one in workers
            if one.maternity
        ],
        certificates=[
            {"person": one.number, "level": CERTIFICATE[level], "issued": day}
            for one in workers
            for level, day in one.certificates
        ],
        grades=[
            {"person": one.number, "grade": grade, "since": since, "until": until}
            for one in workers
            for grade, since, until in one.grades
        ],
        **{kind: [_fact(row) for row in rows.get(kind, [])] for kind in ("training", "shadowing", "scores", "warnings", "awards")},
        projects=[_fact(row) for row in rows.get("projects", [])],
        abilities=[
            {**_fact(row), **dict(zip(ABILITIES, row["ratings"], strict=True))} for row in rows.get("abilities", [])
        ],
    )  # fmt: skip


ABILITIES = ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate")


def _person(one: Worker) -> dict[str, Any]:
    return {
        "person": one.number, "sex": SEX[one.sex], "birth": one.birth, "education": EDUCATION[one.education],
        "has_degree": one.degree, "social_work_major": one.social_work, "willing": one.willing,
    }  # fmt: skip


def _employment(one: Worker) -> dict[str, Any]:
    return {
        "person": one.number, "since": one.entry, "until": one.exit, "recognised_months": one.recognised_months,
        "exit_reason": EXIT.get(one.exit_reason),
    }  # fmt: skip


def _fact(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "person": row["worker"], "organisation": row["org_code"], "day": row["valid_on"]}
