"""What a district says of its year as a whole: budgets, public expenditure, wages; named by the columns of the district's frame."""

from __future__ import annotations

from typing import Any

from django.db import models

from qinglan.apps.base.models import Privacy
from qinglan.core.frame import units
from qinglan.core.frame.district_year import DISTRICT_YEAR
from qinglan.core.intake import Figure
from qinglan.core.intake.figures import FigureUnit

from .base import Fact

_UNITS: dict[units.Unit, FigureUnit] = {units.FEN: "元", units.PEOPLE: "人", units.FLAG: "是否"}
# What offices write for the same thing in the column 项目.
_WORDS: dict[str, tuple[str, ...]] = {
    "pay_bill": ("薪酬支出", "本年工资总额"),
    "pay_bill_last": ("上年工资总额",),
    "pay_heads": ("平均人数",),
    "average_wage": ("社会平均工资", "社平工资", "本年社平工资"),
    "average_wage_last": ("上年社会平均工资", "上年社平工资"),
    "start_level_now": ("起点工资", "现行起点工资"),
    "own_line": ("薪酬是否单列预算科目", "薪酬单列财政预算", "薪酬是否单列"),
    "pay_budget": ("社区工作者薪酬预算", "薪酬预算数", "工资预算"),
    "training_budget": ("培训专项资金", "培训专项资金预算", "培训经费预算", "培训经费"),
    "headcount": ("预算人数", "年度预算人数"),
    "illness_budget": ("重大疾病救助基金", "救助基金预算", "大病救助基金预算"),
    "illness_claims": ("已批救助金", "救助金支出"),
    "public_expenditure": ("全区一般公共预算支出", "一般公共预算支出总额"),
    "innovation_budget": ("社区治理创新专项基金", "创新专项基金预算", "创新基金预算"),
    "prize_budget": ("项目大赛奖励基金", "奖励基金预算", "大赛奖励基金预算"),
}
FIGURES: dict[str, Figure] = {
    name: Figure(column.label, _UNITS[column.unit], _WORDS.get(name, ()))
    for name, column in DISTRICT_YEAR.items()
    if not column.required
}
NAMES = {figure.label: name for name, figure in FIGURES.items()}


class DistrictFigure(Fact):
    """A figure of the district's year that no person carries: a budget, last year's bill. `name`: a column of DISTRICT_YEAR."""

    privacy = {"name": Privacy.INTERNAL, "amount": Privacy.INTERNAL}
    name = models.CharField("项目", max_length=40)
    amount = models.BigIntegerField("数额（分、人或 0/1）")
    IDENTITY = ("name", "valid_on")
    VALUES = ("amount",)

    class Meta(Fact.Meta):
        verbose_name = verbose_name_plural = "全区预算数"

    @property
    def figure(self) -> Figure:
        """Its label and unit. KeyError for a name that the frame no longer has."""
        return FIGURES[self.name]

    def summary(self) -> str:
        column: Any = DISTRICT_YEAR.get(self.name)
        if column is None:
            return f"{self.name}：{self.amount}（这个项目已不再使用）"
        return f"{self.valid_on.year} 年{column.label}：{units.say(self.amount, column.unit)}"
