"""The figure that a claim objects to: found in the stored result, said in words, and how an amended publication says it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries import differences
from qinglan.apps.policy.queries import results as stored
from qinglan.apps.rights.models import Claim

HEADLINES = (("score", "综合分", "score"), ("gross", "全年应发", "money"), ("net", "全年实发", "money"))


@dataclass(frozen=True)
class Figure:
    """A step of a result: what it is called, what it says, and all steps around it as a step table takes them."""

    label: str
    line_label: str
    shown: str
    lines: list[dict[str, Any]]


def figure_of(result: PersonResult, family: str, step: str, month: int | None = None) -> Figure | None:
    """The step of a family in a year, or in one month of it; None when the result has no such step to show."""
    versions = result.run.rule_versions
    for values, on in _values(result, family, month):
        lines = stored.lines_of(family, values, on, versions)
        line = next((one for one in lines if one["name"] == step), None)
        if line is not None:
            when = f"{month} 月，" if month else ""
            said = line["missing"] or line["value"]
            return Figure(
                f"{when}{stored.names_of(family, values, versions)[0]}：{line['label']}", line["label"], said, lines
            )
    return None


def _values(result: PersonResult, family: str, month: int | None) -> Iterator[tuple[dict[str, int], Any]]:
    if month is None:
        values = stored.year_steps(result).get(family)
        if values is not None:
            yield values, stored.pack_of(result.run)
        return
    end = date(result.run.year, month, monthrange(result.run.year, month)[1])
    monthly = stored.month_steps(result, month).get(family)
    if monthly is not None:
        yield monthly, stored.pack_of(result.run, end)
    for since, families in stored.segment_steps(result, month):
        if family in families:
            yield families[family], stored.pack_of(result.run, since)


def year_of(claim: Claim) -> int | None:
    """The year that a claim is about; None for one about no year."""
    result = claim.result or (claim.proposal.result if claim.proposal else None)
    return result.run.year if result else None


@dataclass(frozen=True)
class Difference:
    """What an amended publication says otherwise of one person: the objected figure, the headlines (label, before, after, kind
    of number), and where the difference begins."""

    old: PersonResult
    new: PersonResult
    before: str
    after: str
    headlines: list[tuple[str, int | None, int | None, str]]
    causes: list[differences.Cause]


def amended_result(claim: Claim) -> PersonResult | None:
    """Her row in the run now published for the objected year, when that is another run than the objected one."""
    if claim.result is None:
        return None
    run = claim.result.run
    rows = PersonResult.objects.filter(
        person=claim.result.person_id, run__org_code=run.org_code, run__year=run.year, run__state=Run.State.PUBLISHED
    ).exclude(run=run)
    return rows.select_related("run", "person").first()


def difference(claim: Claim, new: PersonResult) -> Difference:
    """The objected result beside its amended successor."""
    old = claim.result
    assert old is not None  # an amended result is found through it
    after = figure_of(new, claim.family, claim.step, claim.month)
    headlines = [(label, getattr(old, name), getattr(new, name), kind) for name, label, kind in HEADLINES]
    return Difference(
        old,
        new,
        claim.shown,
        after.shown if after else "—",
        headlines,
        differences.causes(old, new),
    )
