"""The frame of a district's year: its pay bill over the years and its budget lines; one row a district (or sub-district)."""

from qinglan.core.frame import units
from qinglan.core.frame.columns import Column

DISTRICT_YEAR: dict[str, Column] = {
    "budget_year": Column("年度", units.COUNT, required=True),
    "budget_district": Column("区（序号）", units.CODE, required=True),
    "pay_bill": Column("本年薪酬支出", units.FEN),
    "pay_bill_last": Column("上年薪酬支出", units.FEN),
    "pay_bill_base": Column("三年前薪酬支出", units.FEN),
    "pay_heads": Column("本年平均人数", units.PEOPLE),
    "pay_heads_last": Column("上年平均人数", units.PEOPLE),
    "pay_heads_base": Column("三年前平均人数", units.PEOPLE),
    "average_wage": Column("本年公布的社会平均工资（月）", units.FEN),
    "average_wage_last": Column("上年公布的社会平均工资（月）", units.FEN),
    "start_level_now": Column("现行起点工资（月）", units.FEN),
    "own_line": Column("薪酬单列预算科目", units.FLAG),
    "pay_budget": Column("薪酬预算", units.FEN),
    "training_budget": Column("培训专项预算", units.FEN),
    "headcount": Column("预算年度人数", units.PEOPLE),
    "illness_budget": Column("重大疾病救助基金预算", units.FEN),
    "illness_claims": Column("本年已批救助金", units.FEN, help="没有记录按无"),
    "public_expenditure": Column("一般公共预算支出", units.FEN),
    "innovation_budget": Column("社区治理创新专项基金预算", units.FEN),
    "prize_budget": Column("项目大赛奖励基金预算", units.FEN),
}
