"""Exit by failed assessments: proposals only, and what the law asks before each (exit.xuhui, exit.unfit; decision 14).

Labour Contract Law art. 40(2): an employer may end the contract of a worker who is unfit, was trained or moved, and is still unfit,
with 30 days' notice or a month's pay; art. 42 bars it for some; elected members are outside these rules. A person decides.
"""

from typing import Any, NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import ExitProposal
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.ladders import NOT_APPLICABLE
from qinglan.core.rules.numbers import is_missing
from qinglan.core.rules.shapes import Scalar

XUHUI = "exit.xuhui"
UNFIT = "exit.unfit"

ITEMS = (
    Item(f"{XUHUI}.dismiss_fails", "谈话后月度不合格累计几次可建议解除", Scalar(units.COUNT, minimum=1), XUHUI),
    Item(f"{UNFIT}.years_to_end", "连续几年不称职可建议解除", Scalar(units.COUNT, minimum=2), UNFIT),
    Item(f"{UNFIT}.demote_grades", "不称职降几档", Scalar(units.COUNT), UNFIT),
    Item(f"{UNFIT}.notice_days", "解除须提前书面通知", Scalar(units.DAYS), UNFIT, help="或者额外支付一个月工资"),
)


@compiled
def ending(x):
    """The proposal in place of ending a contract by art. 40(2): what bars it, what is still owed first, or the ending itself."""
    if x.bound_by_election == 1:
        return 7
    if x.in_probation == 1:
        return 8
    if x.barred_by_article_42 == 1:
        return 6
    if x.remedied != 1:
        return 4
    return 5


class XuhuiInputs(NamedTuple):
    monthly_action: int
    worst_window_fails: int
    talks: int
    remedied: int
    bound_by_election: int
    in_probation: int
    barred_by_article_42: int


class XuhuiSteps(NamedTuple):
    xuhui_fails: int
    xuhui_dismiss_fails: int
    xuhui_by_months: int
    xuhui_talked_before: int
    xuhui_remedied: int
    xuhui_proposal: int


XUHUI_WIDTH = len(XuhuiInputs._fields)


class XuhuiTables(NamedTuple):
    dismiss_fails: int


def xuhui_tables(pack: PackOnDate) -> XuhuiTables:
    return XuhuiTables(pack[f"{XUHUI}.dismiss_fails"])


@compiled
def xuhui_kernel(x, t):
    by_months = 0 if is_missing(x.monthly_action) else x.monthly_action
    talked = 1 if x.talks >= 1 else 0
    remedied = 1 if x.remedied == 1 else 0
    proposal = by_months
    if by_months > 0 and x.bound_by_election == 1:
        proposal = 7
    elif talked == 1 and x.worst_window_fails >= t.dismiss_fails:
        proposal = ending(x)
    return XuhuiSteps(x.worst_window_fails, t.dismiss_fails, by_months, talked, remedied, proposal)


@compiled
def xuhui_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, xuhui_kernel(XuhuiInputs(*row(columns[:, index], XUHUI_WIDTH)), t))


PROPOSAL: dict[str, Any] = {"codes": ExitProposal.labels()}

XUHUI_FAMILY = Family(
    id=XUHUI,
    label="警告、诫勉谈话与退出（建议）",
    mechanisms=(XUHUI,),
    inputs=XuhuiInputs,
    outputs=XuhuiSteps,
    steps={
        "xuhui_fails": Step("12个月内月度不合格最多次数", units.COUNT),
        "xuhui_dismiss_fails": Step("谈话后可建议解除的次数", units.COUNT, f"{XUHUI}.dismiss_fails"),
        "xuhui_by_months": Step("按月度考核的措施", units.CODE, "assess.xh_monthly.talk_fails", **PROPOSAL),
        "xuhui_talked_before": Step("12个月内已诫勉谈话", units.FLAG),
        "xuhui_remedied": Step("已培训或已调岗（第四十条第二项的前提）", units.FLAG),
        "xuhui_proposal": Step("建议（由人决定，本人可申诉）", units.CODE, f"{XUHUI}.dismiss_fails", **PROPOSAL),
    },
    kernel=xuhui_kernel,
    run=xuhui_run,
    tables=xuhui_tables,
)


class Inputs(NamedTuple):
    grade: int
    last_grade: int
    remedied: int
    bound_by_election: int
    in_probation: int
    barred_by_article_42: int
    ladder_grade_now: int


class Steps(NamedTuple):
    unfit_this_year: int
    unfit_last_year: int
    unfit_years: int
    unfit_years_to_end: int
    unfit_remedied: int
    unfit_proposal: int
    unfit_demote_to: int
    unfit_notice_days: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    years_to_end: int
    demote_grades: int
    notice_days: int


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{UNFIT}.years_to_end"], pack[f"{UNFIT}.demote_grades"], pack[f"{UNFIT}.notice_days"])


@compiled
def kernel(x, t):
    this_year = 1 if x.grade == 4 else 0
    last_year = 1 if x.last_grade == 4 else 0
    years = this_year + last_year if this_year == 1 else 0
    if years == 0:
        proposal = 0
    elif x.bound_by_election == 1:
        proposal = 7
    elif years >= t.years_to_end:
        proposal = ending(x)
    elif x.in_probation == 1:
        proposal = 8
    else:
        proposal = 3
    demote = NOT_APPLICABLE
    if proposal == 3 and not is_missing(x.ladder_grade_now):
        demote = x.ladder_grade_now - t.demote_grades
        demote = 1 if demote < 1 else demote
    notice = t.notice_days if proposal == 5 else NOT_APPLICABLE
    remedied = 1 if x.remedied == 1 else 0
    return Steps(this_year, last_year, years, t.years_to_end, remedied, proposal, demote, notice)


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


UNFIT_FAMILY = Family(
    id=UNFIT,
    label="不称职处置（建议）",
    mechanisms=(UNFIT, "assess.flow_by_result"),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "unfit_this_year": Step("本年不称职", units.FLAG),
        "unfit_last_year": Step("上年不称职", units.FLAG),
        "unfit_years": Step("连续不称职年数", units.YEARS),
        "unfit_years_to_end": Step("可建议解除的年数", units.YEARS, f"{UNFIT}.years_to_end"),
        "unfit_remedied": Step("上次后已培训或已调岗（第四十条第二项的前提）", units.FLAG),
        "unfit_proposal": Step("建议（由人决定，本人可申诉）", units.CODE, f"{UNFIT}.years_to_end", **PROPOSAL),
        "unfit_demote_to": Step("如降级，降到（档）", units.COUNT, f"{UNFIT}.demote_grades"),
        "unfit_notice_days": Step("解除须提前书面通知（或付一个月工资）", units.DAYS, f"{UNFIT}.notice_days"),
    },
    kernel=kernel,
    run=run,
    tables=tables,
    headline="unfit_proposal",
)

FAMILIES = (XUHUI_FAMILY, UNFIT_FAMILY)
