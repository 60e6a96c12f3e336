"""What in a computed year needs a person's eye: a missing score, too few ballots, no post, months that could not be paid."""

from dataclasses import asdict, dataclass
from datetime import date

import numpy as np

from qinglan.core.frame.missing import MISSING
from qinglan.core.frame.units import days
from qinglan.core.year.computing import Year


@dataclass(frozen=True)
class Kind:
    key: str
    label: str
    mend: str


KINDS = (
    Kind("no_score", "没有考核得分", "导入考核评分后重新计算"),
    Kind("few_ballots", "群众评议票数不足，权重已重新分配", "补做群众评议，或确认按现有来源计算"),
    Kind("source_missing", "缺一类以上考核评分，权重已重新分配", "补导缺少的评分，或确认按现有来源计算"),
    Kind("no_post", "年末没有岗位记录", "在人员页补记岗位"),
    Kind("no_grade", "没有职级记录，按政策包的起始档计算", "在人员页补记职级，或导入期初数后重新计算"),
    Kind("tie", "并列于优秀名额线", "由评议小组议定后记录"),
    Kind("opening_absent", "年中启用，没有期初数，之前月份的收入和个税没有计入", "导入期初数后重新计算"),
    Kind("opening_early", "期初数截止月早于全区启用月，中间月份没有算", "把期初数补到启用前一月后重新计算"),
    Kind("unpaid_month", "有在岗月份算不出工资", "看该月步骤里缺什么"),
)


def exceptions(result: Year) -> list[dict[str, object]]:
    """[{key, label, mend, people: [person id, …]}] for each kind that occurs."""
    frame = result.frame
    columns = frame.columns
    sources = ("score_residents", "score_professional", "score_process", "score_innovation")
    absent = np.stack([columns[name] <= MISSING for name in sources])
    scored = result.step("composite") > MISSING
    gross = result.pay.months["gross_pay"]
    started = int(result.opened.max()) if len(frame) else 0  # months are computed from the one after
    here_before = columns["entry_date"] < days(date(frame.year, started + 1, 1)) if 0 < started < 12 else started == 12
    rows = {
        "no_score": ~scored & (columns["employed_days"] >= 90),
        "few_ballots": (columns["score_residents"] > MISSING) & (result.step("part_residents") <= MISSING),
        "source_missing": scored & absent.any(axis=0),
        "no_post": columns["post"] <= MISSING,
        "no_grade": (columns["ladder_grade"] <= MISSING) & (columns["post"] > MISSING),
        "tie": result.step("excellent_tied") == 1,
        "opening_absent": (started > 0) & (result.opened == 0) & here_before,
        "opening_early": (result.opened > 0) & (result.opened < started),
        "unpaid_month": (result.pay.employed & (gross <= MISSING)).any(axis=0),
    }
    return [
        {**asdict(kind), "people": [int(person) for person in frame.people[rows[kind.key]]]}
        for kind in KINDS
        if rows[kind.key].any()
    ]
