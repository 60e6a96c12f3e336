"""What the law asks before somebody is ended or lowered: each condition with its article, answered by records where they can.

Sources: Labour Contract Law art. 4, 35, 40(2), 42, 43, 46–47; women workers' protection rules art. 5 (mechanisms §7, policy_facts §5).
A condition that records answer cannot be ticked away; one that they cannot answer is ticked by a person with a note.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from qinglan.apps.people.models import StatusKind, StatusPeriod
from qinglan.apps.policy.queries.reading import Reading
from qinglan.apps.rights import states
from qinglan.apps.rights.models import Claim, Proposal, ProposalCheck, ProposalKind
from qinglan.core.frame.missing import MISSING

LIMITS, SEVERANCE = "exit.unfit.limits", "exit.unfit.severance"
PROTECTED = {StatusKind.MATERNITY: "孕产哺乳期", StatusKind.SICK: "病假"}
END, LOWER = ProposalKind.END, ProposalKind.LOWER
_LAW = "劳动合同法"


@dataclass(frozen=True)
class Facts:
    """What conditions are answered from: the proposal, the stored result opened, her standing today, objections still open."""

    proposal: Proposal
    reading: Reading
    protected: str
    objections: list[Claim]

    def flag(self, name: str) -> bool | None:
        """A yes or no of the stored result; None where it is missing."""
        number = self.reading.value(name)
        return None if number is None else number == 1


Answer = tuple[bool | None, str]  # met, not met, or not known; and by what


@dataclass(frozen=True)
class Condition:
    """One precondition. `answered`: what records say; None where only a person can."""

    key: str
    label: str
    law: str
    kinds: tuple[ProposalKind, ...]
    answered: Callable[[Facts], Answer] | None = None
    hint: str = ""


@dataclass(frozen=True)
class Line:
    """A condition as the checklist shows it. `auto`: records answered it."""

    condition: Condition
    met: bool | None
    text: str
    auto: bool
    check: ProposalCheck | None = None

    @property
    def open(self) -> bool:
        return self.met is not True


def _published(facts: Facts) -> Answer:
    run = facts.reading.result.run
    return run.state == run.State.PUBLISHED, f"{run.year} 年度结果{run.get_state_display()}"


def _repeated(facts: Facts) -> Answer:
    if facts.proposal.family == "exit.xuhui":
        had, asked = facts.reading.value("xuhui_fails"), facts.reading.value("xuhui_dismiss_fails")
        return (had or 0) >= (asked or 0) > 0, f"诫勉谈话后月度不合格累计 {had} 次，规定 {asked} 次"
    had, asked = facts.reading.value("unfit_years"), facts.reading.value("unfit_years_to_end")
    return (had or 0) >= (asked or 0) > 0, f"连续不称职 {had} 年，规定 {asked} 年"


def _unfit(facts: Facts) -> Answer:
    return facts.flag("unfit_this_year"), "本年等次为不称职" if facts.flag("unfit_this_year") else "本年等次不是不称职"


def _remedied(facts: Facts) -> Answer:
    """The frame's own column: the step says no both when nobody recorded it and when it did not happen."""
    recorded = facts.reading.frame.get("remedied", MISSING)
    if recorded <= MISSING:
        return None, "没有培训或调岗的记录，由人核对"
    return recorded == 1, "记录里有培训或调岗" if recorded == 1 else "记录里没有培训或调岗，须先培训或调岗再考核"


def _not_elected(facts: Facts) -> Answer:
    bound = facts.flag("bound_by_election")
    return None if bound is None else not bound, "选举产生、任期内，不适用" if bound else "不是选举产生的职务"


def _not_on_probation(facts: Facts) -> Answer:
    on = facts.flag("in_probation")
    return None if on is None else not on, "试用期内，按录用条件另行考核" if on else "不在试用期"


def _not_barred(facts: Facts) -> Answer:
    barred = facts.flag("barred_by_article_42")
    if facts.protected:
        return False, f"现在{facts.protected}，不得解除"
    said = "记录里属于第四十二条的情形" if barred else "记录里没有孕产哺乳、医疗期、满十五年且距退休不足五年的情形"
    return None if barred is None else not barred, said


def _not_protected(facts: Facts) -> Answer:
    during = facts.flag("in_protection")
    if facts.protected or during:
        return False, f"{facts.protected or '孕产哺乳期'}，不得因此降低工资"
    return True, "记录里不在孕产哺乳期和病假期"


def _no_objection(facts: Facts) -> Answer:
    open_ = "、".join(claim.number for claim in facts.objections)
    return not open_, f"还有未办结的异议：{open_}" if open_ else "没有未办结的异议"


def _heard(facts: Facts) -> Answer:
    said = facts.proposal.state in (states.Proposal.HEARD, states.Proposal.CONFIRMED)
    return said, "已听取本人陈述" if said else "还没有听取本人陈述"


CONDITIONS = (
    Condition("published", "依据的年度结果已公布，没有被更正", "由人决定的程序", (END, LOWER), _published),
    Condition("repeated", "按规定的次数或年数仍不能胜任", f"{_LAW}第四十条第二项", (END,), _repeated),
    Condition("unfit", "本年考核不称职", "考核结果运用", (LOWER,), _unfit),
    Condition(
        "remedied", "已经培训或者调整岗位，仍不能胜任", f"{_LAW}第四十条第二项", (END,), _remedied,
        hint="写明培训或调岗的日期和文件，须在最近一次考核以前",
    ),
    Condition("elected", "不是居民选举产生的职务", "城市居民委员会组织法第八条", (END, LOWER), _not_elected),
    Condition("probation", "不在试用期", f"{_LAW}第二十一条、第三十九条", (END,), _not_on_probation),
    Condition("barred", "没有第四十二条不得解除的情形（记录能答的）", f"{_LAW}第四十二条", (END,), _not_barred),
    Condition(
        "barred_other", "没有职业病、工伤、疑似职业病观察、新近怀孕等情形（由人核对）", f"{_LAW}第四十二条", (END,),
        hint="写明向本人和单位核对的日期和结果",
    ),
    Condition("protected", "不在孕产哺乳期和病假期", "女职工劳动保护特别规定第五条", (LOWER,), _not_protected),
    Condition(
        "notice", "提前三十日书面通知，或者额外支付一个月工资", f"{_LAW}第四十条", (END,), hint="写明选哪一种、日期或金额",
    ),
    Condition("union", "事先将理由通知工会，并研究工会的意见", f"{_LAW}第四十三条", (END,), hint="写明通知日期和工会意见"),
    Condition(
        "severance", "经济补偿已经算好，办结工作交接时支付", f"{_LAW}第四十六条、第四十七条、第五十条", (END,),
        hint="写明金额和依据",
    ),
    Condition(
        "rules_told", "依据的规章制度经过民主程序，并已公示或告知本人", f"{_LAW}第四条", (END, LOWER), hint="写明文件和告知日期",
    ),
    Condition(
        "agreed", "降低职级属于变更劳动合同：已协商一致并采用书面形式，或者合同、规章另有约定", f"{_LAW}第三十五条", (LOWER,),
        hint="写明书面变更的日期，或所依的约定",
    ),
    Condition("objections", "本人的异议都已办结", "由人决定的程序", (END, LOWER), _no_objection),
    Condition("heard", "已经听取本人陈述", "个人信息保护法第二十四条；由人决定的程序", (END, LOWER), _heard),
)  # fmt: skip


def checklist(proposal: Proposal, today: date) -> list[Line]:
    """Every precondition of the proposal as it stands today."""
    facts = Facts(proposal, Reading(proposal.result), _protected(proposal, today), open_objections(proposal))
    newest = {check.condition: check for check in proposal.checks.order_by("pk")}
    return [_line(one, facts, newest.get(one.key)) for one in CONDITIONS if proposal.kind in one.kinds]


def _line(one: Condition, facts: Facts, check: ProposalCheck | None) -> Line:
    met, text = one.answered(facts) if one.answered else (None, "")
    if met is None and check is not None:  # records do not say: a person did
        return Line(one, check.met, f"{check.note}（{check.by_name}）", False, check)
    if one.key == "severance":
        known = facts.reading.value("severance_amount") is not None
        said = facts.reading.words(SEVERANCE, "severance_amount")
        text = f"系统算出的经济补偿：{said}" if known else "规则没有算出经济补偿，请由人计算"
    return Line(one, met, text, met is not None)


def _protected(proposal: Proposal, today: date) -> str:
    """What protects her today, in words; empty for nothing."""
    kinds = StatusPeriod.objects.filter(person=proposal.person_id, span__contains=today).values_list("kind", flat=True)
    return "、".join(PROTECTED[StatusKind(kind)] for kind in kinds if kind in PROTECTED)


def open_objections(proposal: Proposal) -> list[Claim]:
    """Her claims about this proposal or about any figure of the year behind it that are not closed."""
    run = proposal.result.run
    rows = Claim.objects.filter(
        person=proposal.person_id, state__in=states.OPEN, result__run__org_code=run.org_code, result__run__year=run.year
    )
    return list(rows.order_by("pk"))
