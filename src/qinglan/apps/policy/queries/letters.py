"""结果通知书: what a letter says of one decided result, in plain words for the template; nothing but what the page shows too."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from qinglan.apps.base.templatetags.figures import day, money, score
from qinglan.apps.people.queries import organisations as places
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries import results as queries
from qinglan.apps.policy.queries.growing import words_of
from qinglan.apps.policy.queries.reading import Reading
from qinglan.apps.policy.queries.terms import Terms
from qinglan.apps.policy.states import Move, State
from qinglan.core.frame.codes import Post
from qinglan.core.packs.pack import NotInForce

# The figures whose steps a letter prints, in this order; a district without one of them prints none of it.
TOLD = ("assess.jh_grades", "assess.four_in_one", "pay.star_rating", "career.five_rank_nine_grade")
NOTHING = "—"


class Letters:
    """The letters of one decided run: what is the same in all of them is read once."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.names = places.names_in_year(run.org_code, run.year)
        self.pack = queries.pack_of(run)
        decision = run.decisions.filter(move=Move.PUBLISH).last()
        self.published: date = timezone.localdate(decision.at if decision else run.created_at)
        self.rights = _rights(Terms(self.pack.pack, self.published))

    def data(self, result: PersonResult) -> dict[str, Any]:
        """What template "letter" takes. No query when `result.person` is there and `result.run` is this run."""
        run, person, reading = self.run, result.person, Reading(result)
        district = self.names.get(run.org_code, run.org_code)
        issuer = f"{district}社区工作者管理部门"
        post = Post.labels().get(reading.frame.get("post", 0), "")
        where = "，".join(part for part in (self.names.get(result.org_code, ""), post) if part)
        return {
            "date": self.published.isoformat(),
            "title": f"{district} {run.year} 年度结果通知书",
            "number": f"{run.org_code}-{run.year}-{run.pk}-{result.pk}",
            "state": run.get_state_display(),
            "mark": "合成数据" if person.synthetic else "",
            "to": f"{person.name}（{where}）" if where else person.name,
            "opening": _opening(run, self.published),
            "figures": _figures(result),
            "steps": [self._steps(family, values) for family, values in _told(reading)],
            "proposals": [f"{one['label']}：{one['step']}{_said(one['said'])}" for one in reading.proposals()],
            "rights": self.rights,
            "issuer": issuer,
            "day": f"{self.published.year} 年 {self.published.month} 月 {self.published.day} 日",
            "foot": f"由系统按已公布的结果生成，与本人页面所见一致。结果指纹 {run.results_hash[:16]}",
        }

    def _steps(self, family: str, values: dict[str, int]) -> dict[str, Any]:
        label, _ = queries.names_of(family, values, self.run.rule_versions)
        answer = queries.figure(family, values, self.pack, self.run).line.text
        lines = queries.lines_of(family, values, self.pack, self.run.rule_versions)
        rows = [
            [
                one["label"],
                one["value"],
                "\n".join(part for part in (one["item"], one["applied"], one["source"]) if part),
            ]
            for one in lines
        ]
        return {"title": label, "answer": answer, "rows": rows}


def _told(reading: Reading) -> list[tuple[str, dict[str, int]]]:
    return [(family, reading.families[family]) for family in TOLD if family in reading.families]


def _said(words: str) -> str:
    return f"，{words}" if words else ""


def _opening(run: Run, published: date) -> list[str]:
    first = (
        f"您 {run.year} 年度的结果按政策包「{run.pack_title}」{run.pack_version} 计算，"
        f"经三名不同的人提交、审核签署和公布，于 {day(published)} 公布。现将主要结果和算法通知您。"
    )
    if run.state == State.AMENDED:
        return [first, "注意：这一年的结果后来已被更正，以更正后的通知书为准，本件只供查阅。"]
    return [first]


def _figures(result: PersonResult) -> list[list[str]]:
    words = words_of(result)
    return [
        ["等次", words.grade],
        ["综合分", score(result.score)],
        ["星级", words.star],
        ["层级", words.tier],
        ["职级", NOTHING if result.ladder_grade is None else f"第 {result.ladder_grade} 档"],
        ["全年应发", money(result.gross)],
        ["全年个人所得税", money(result.tax)],
        ["全年实发", money(result.net)],
    ]


def _rights(terms: Terms) -> list[str]:
    """How to object and until when, by the run's own pack."""
    try:
        meeting = f"每月 {terms.rights_day} 日（遇休息日顺延）是权益保护日，可以当面提出；公布后的第一个是 {day(terms.hearing())}。"
    except NotInForce:
        meeting = "每月的权益保护日可以当面提出。"
    try:
        answer = f"自收到次日起 {terms.reply_days} 个工作日内书面答复。"
    except NotInForce:
        answer = "在本区规定的期限内书面答复。"
    return [
        "在系统「我的成长」里点任意一个数，可以看到它怎样一步一步算出来；认为哪一步不对，可以就这一步提出异议，并附上证据。",
        f"什么时候都可以提出，不设截止日；也可以向所在街道提出。{meeting}",
        f"由没有经办这次计算的人独立核查，{answer}",
        "查实有误的，更正事实后重新计算，差异逐项列明；工资差额在以后的月份补发或扣回，并附每一步。",
    ]
