"""The twin's state: which row of the arrays holds what. A replicate is int32 (rows, slots) and float32 (rows, slots).

Personal rows belong to who holds the slot now; days count from 1970-01-01, scores and hours are hundredths. NONE is "not recorded".
"""

from typing import NamedTuple

import numpy as np

from qinglan.core.frame.missing import MISSING, Reason, missing

NONE = -(1 << 31)
ABSENT = missing(Reason.NOT_RECORDED)
NEVER = 1 << 30


class Whole(NamedTuple):
    """Rows of whole numbers."""

    PRESENT: int  # 1 = somebody holds the slot
    OCCUPANT: int  # her number in the slot, 0 = who held it at the start
    VACANT_SINCE: int  # the first month (year × 12 + month − 1) without anybody
    FROZEN: int  # 1 = not filled again
    WITHIN: int  # 1 = filled on 1 January by somebody of the same community
    SEX: int
    BIRTH: int
    EDUCATION: int
    DEGREE: int
    WILLING: int
    ENTRY: int
    RECOGNISED: int
    PROBATION_UNTIL: int
    ELECTED: int
    POST_SINCE: int
    SUBDISTRICT_SINCE: int
    PROTECTED_UNTIL: int  # first day no longer pregnant or nursing; NEVER = open
    MEDICAL_UNTIL: int
    CERTIFICATE: int
    LADDER_GRADE: int
    LADDER_SINCE: int
    LAST_GRADE: int
    EXCELLENT_YEARS: int
    LAST_STAR: int
    WARNINGS: int  # issued on 1 January for the year before
    TALKS: int
    REMEDIED: int
    RETIRE_MONTH: int  # the month in which the law retires her
    DISMISSED: int  # 1 = her contract ends with January
    RISEN: int  # month of the last rise, NONE = none known
    UNPAID_CERTIFICATE: int
    TIER: int
    CELL: int  # group of sex, age and tier (outcomes)
    ANNUAL_HOURS: int
    EXIT_REASON: int  # of who left (in the log)
    EXIT_DATE: int
    SLOT: int
    ORIGIN: int  # the slot that she held at the start; NONE for who came later
    RESIDENTS: int  # the year's scores
    PROFESSIONAL: int
    PROCESS: int
    INNOVATION: int
    MONTH_01: int  # twelve scores of the year, then twelve of the year before
    MONTH_02: int
    MONTH_03: int
    MONTH_04: int
    MONTH_05: int
    MONTH_06: int
    MONTH_07: int
    MONTH_08: int
    MONTH_09: int
    MONTH_10: int
    MONTH_11: int
    MONTH_12: int
    LAST_01: int
    LAST_02: int
    LAST_03: int
    LAST_04: int
    LAST_05: int
    LAST_06: int
    LAST_07: int
    LAST_08: int
    LAST_09: int
    LAST_10: int
    LAST_11: int
    LAST_12: int


class Real(NamedTuple):
    """Rows of behaviour."""

    BURNOUT: int  # 0–1
    BURNOUT_POINT: int  # where hers settles in normal times
    SATISFACTION: int  # 0–1
    SATISFACTION_POINT: int
    MERIT: int  # points by which her scores differ from the mean, lastingly
    PAY: int  # (gross a month − market) / market
    FIXED: int  # what of her leaving logit holds for the year
    LUCK: int  # a uniform number of her own: who comes first where places are few
    SERVE: int  # the six abilities, 0–100
    MOBILISE: int
    DELIBERATE: int
    PROJECT: int
    COORDINATE: int
    INNOVATE: int


class Measure(NamedTuple):
    """What is counted each month. Sums of behaviour are whole: burnout, satisfaction and load × 10,000, ability × 100."""

    HEADS: int  # people in post during the month
    VACANT: int  # posts empty during it (frozen ones left out)
    RECRUITS: int
    VOLUNTARY: int
    DISMISSED: int
    RETIRED: int
    PROMOTED: int
    BURNT: int
    BURNOUT: int
    SATISFACTION: int
    ABILITY: int
    LOAD: int
    HOURS: int
    MENTORED: int


W = Whole(*range(len(Whole._fields)))
B = Real(*range(len(Real._fields)))
M = Measure(*range(len(Measure._fields)))
WHOLES, REALS, MEASURES = len(W), len(B), len(M)
POSTS = 10
SEXES, AGES, TIERS = 2, 4, 4
AGE_BANDS = ("25岁及以下", "26–35岁", "36–45岁", "46岁及以上")
CELLS = SEXES * AGES * TIERS


class Slots(NamedTuple):
    """What belongs to the posts, not to who holds them; each (slots,) int64. Numbers of units and places count from 0."""

    number: np.ndarray  # enters the counter of chance; never changes with the scenario
    post: np.ndarray
    unit: np.ndarray  # community
    subdistrict: np.ndarray
    district: np.ndarray
    organisation: np.ndarray


def narrow(values: np.ndarray) -> np.ndarray:
    """int64 with reasons → int32 with NONE."""
    return np.where(values <= MISSING, NONE, values).astype(np.int32)
