"""What a district's pack in force says, in words, for the assistant's cards (core.retrieval.cards.PACK_PARTS).

Every word stands in the pack: labels, values as the pack's own pages say them, the clause and the day from which they hold.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import date
from functools import lru_cache

from qinglan.apps.policy.queries.packs import adoption_for, frozen, pack
from qinglan.core.packs.pack import Dated, Entry, Pack

# The items of each part, the most asked first; what a pack does not have is left out.
PARTS: dict[str, tuple[str, ...]] = {
    "allowance": ("pay.cert_allowance.amount", "career.five_rank_nine_grade.eighteen_certificate"),
    "hours": ("train.annual_days.days", "train.annual_days.hours_per_day", "train.annual_days.pro_rata"),
    "newcomer": (
        "train.onboarding_30h.hours", "train.onboarding_30h.within_days", "train.shadowing_200h.hours",
        "train.shadowing_200h.within_months", "train.onboarding_30h.first_entry",
    ),
    "post_grade": (
        "career.five_rank_nine_grade.profile", "career.five_rank_nine_grade.entry_grade",
        "career.five_rank_nine_grade.eighteen_start", "career.five_rank_nine_grade.eighteen_education",
        "career.five_rank_nine_grade.eighteen_education_months",
    ),
    "step": (
        "career.five_rank_nine_grade.profile", "career.five_rank_nine_grade.eighteen_step_months",
        "career.job_requirements.quota",
    ),
    "pay": (
        "pay.three_plus_x.start_level", "pay.three_plus_x.performance_share", "pay.three_plus_x.subsidy",
        "pay.cert_allowance.amount", "pay.star_rating.base", "pay.housing_fund.employee",
    ),
    "evaluation": (
        "assess.four_in_one.weights", "assess.jh_grades.weights", "assess.jh_grades.bands",
        "assess.jh_grades.excellent_quota",
    ),
    "rotation": ("career.rotation_15.quota", "career.rotation_15.least_months", "career.rotation_15.near_retirement"),
    "rights_day": ("rights.day10.day", "rights.day10.reply_days"),
    "promotion": ("career.job_requirements.quota", "career.head_goose.quota", "career.dual_track.switch_months"),
    "care_fund": ("budget.illness.per_head", "pay.eight_items.checkup"),
}  # fmt: skip
# Items that hold under one way of grading alone.
EIGHTEEN, PROFILE = "career.five_rank_nine_grade.eighteen_", "career.five_rank_nine_grade.profile"
LONGEST = 400  # characters of a part
ROWS = 8  # of a table; a longer one is named only
ROUNDING = ("取整", "至少", "并列")  # of a quota; who asks wants its share
CENTS = re.compile(r"(\d)\.00(?=\D|$)")


def pack_words(district: str, on: date) -> dict[str, str]:
    """A sentence or two a part, made from the values of the pack in force, so that they cannot go stale; empty without a pack. One query."""
    adoption = adoption_for(district, on)
    if adoption is None:
        return {}
    days = _days(adoption.pack, adoption.text_id)
    at = bisect_right(days, on)
    return dict(_words(adoption.pack, adoption.text_id, days[at - 1])) if at else {}


def words_of(one: Pack, on: date) -> dict[str, str]:
    """The same of a pack on a day."""
    found = {name: _part(one, items, on) for name, items in PARTS.items()}
    return {name: text for name, text in found.items() if text}


def _of(name: str, text: int | None) -> Pack:
    return frozen(text) if text else pack(name)


@lru_cache(maxsize=32)
def _days(name: str, text: int | None) -> tuple[date, ...]:
    """The days on which a value of the pack changes."""
    return tuple(sorted({dated.since for entry in _of(name, text) for dated in entry.values}))


@lru_cache(maxsize=64)
def _words(name: str, text: int | None, since: date) -> dict[str, str]:
    return words_of(_of(name, text), since)


def _part(one: Pack, items: tuple[str, ...], on: date) -> str:
    """The sentences of a part, one a clause; whole sentences are left out beyond LONGEST, a number is never cut."""
    clauses: dict[tuple[str, date], list[str]] = {}
    for entry in (one.entries[item] for item in items if item in one.entries and _holds(one, item, on)):
        dated = entry.on(on)
        if dated is not None:
            clauses.setdefault((_source(dated), dated.since), []).append(_said(entry, dated))
    text = ""
    for (source, since), said in clauses.items():
        for number in range(len(said), 0, -1):
            more = f"{'；'.join(said[:number])}（{source}，自{since.year}年{since.month}月{since.day}日起）。"
            if len(text) + len(more) <= LONGEST:
                text += more
                break
    return text


def _holds(one: Pack, item: str, on: date) -> bool:
    """Whether an item speaks of the way of grading that the district goes by."""
    if not item.startswith(EIGHTEEN) or PROFILE not in one.entries:
        return True
    dated = one.entries[PROFILE].on(on)
    return dated is not None and any("十八级" in text for _, text in one.entries[PROFILE].item.shape.say(dated.value))


def _said(entry: Entry, dated: Dated) -> str:
    """An item as 标签：值."""
    lines = [line for line in entry.item.shape.say(dated.value) if line[0] not in ROUNDING]
    if len(lines) > ROWS:
        return f"{entry.item.label}：见「政策包」"
    told = "，".join(f"{label} {text}".strip() for label, text in lines)
    return CENTS.sub(r"\1", f"{entry.item.label}：{told}")


def _source(dated: Dated) -> str:
    """Where it is written; of a table whose rows have their own, the first."""
    known = [str(source) for source in (dated.source, *dated.sources.values()) if source is not None]
    return known[0] if known else "各行分别注明"
