"""The frames of pay: segments (parts of a month with the same facts), months that sum them, and a person's year of pay.

A month's number is year × 12 + month − 1. Days are inclusive. Columns marked 逐月结转 are filled by the driver
(core.year.months) from the months before, or from opening balances of a district that starts in mid-year.
"""

from qinglan.core.frame import codes, units
from qinglan.core.frame.columns import Column, Privacy

PERSONAL = Privacy.PERSONAL
CARRIED = "逐月结转"
SUMMED = "由各段相加"

SEGMENT: dict[str, Column] = {
    "segment_person": Column("人（序号）", units.CODE, required=True),
    "segment_month": Column("月份", units.COUNT, required=True, help="年 × 12 + 月 − 1"),
    "segment_since": Column("本段第一天", units.DATE, required=True),
    "segment_until": Column("本段最后一天（含）", units.DATE, required=True),
    "segment_paid": Column("本段计薪", units.FLAG, help="没有记录按计薪；停薪、旷工等写否"),
    "segment_post": Column("岗位", units.CODE, codes.Post),
    "segment_grade": Column("职级（档）", units.COUNT),
    "segment_certificate": Column("社会工作职业资格", units.CODE, codes.Certificate, PERSONAL),
    "segment_star_coefficient": Column("星级系数", units.COEFFICIENT, privacy=PERSONAL),
    "segment_days_before": Column("本月此前各段计薪天数", units.DAYS, help="由各段累计"),
    "segment_days_paid": Column("本月计薪天数合计", units.DAYS, help="由各段累计"),
}

MONTH: dict[str, Column] = {
    "month": Column("月份", units.COUNT, required=True, help="年 × 12 + 月 − 1"),
    "employed": Column("当月任职受雇", units.FLAG, required=True),
    # sums of the month's segments
    "basic_pay": Column("基本工资", units.FEN, privacy=PERSONAL, help=SUMMED),
    "performance_pay": Column("绩效工资", units.FEN, privacy=PERSONAL, help=SUMMED),
    "special_subsidy": Column("专项补贴", units.FEN, privacy=PERSONAL, help=SUMMED),
    "communications_pay": Column("通讯交通津贴", units.FEN, privacy=PERSONAL, help=SUMMED),
    "certificate_pay": Column("职称（资格）津贴", units.FEN, privacy=PERSONAL, help=SUMMED),
    # X, and what else is paid this month
    "prize_money_province": Column("本月结算的省级获奖项目资金", units.FEN, help="没有记录按无"),
    "prize_money_city": Column("本月结算的市级获奖项目资金", units.FEN, help="没有记录按无"),
    "prize_money_district": Column("本月结算的区级获奖项目资金", units.FEN, help="没有记录按无"),
    "project_allowance_before": Column("本年此前已发项目津贴", units.FEN, privacy=PERSONAL, help=CARRIED),
    "settling_approved": Column("本月批准安家补贴", units.FLAG, help="没有记录按未批准"),
    "settling_paid_before": Column("以前领过安家补贴", units.FLAG, help="没有记录按没领过"),
    "exam_reward": Column("考证一次性奖励", units.FEN, privacy=PERSONAL, help="没有记录按无"),
    "other_pay": Column("其他应发", units.FEN, privacy=PERSONAL, help="没有记录按无"),
    # back-dated changes: what the months before should have paid, and what they paid
    **{
        f"{state}_{name}": Column(f"{words}{label}", units.FEN, privacy=PERSONAL)
        for state, words in (("due", "以前月份重算的"), ("paid", "以前月份已发的"))
        for name, label in (
            ("basic", "基本工资"),
            ("performance", "绩效工资"),
            ("subsidy", "专项补贴"),
            ("communications", "通讯交通津贴"),
            ("certificate", "职称（资格）津贴"),
        )
    },
    "arrears_total": Column("补发（扣回）合计", units.FEN, privacy=PERSONAL, help="没有补发的月份为 0"),
    # insurance, housing fund, annuity
    "insured": Column("参加社会保险", units.FLAG, help="没有记录按参加（社会保险法第五十八条）"),
    "injury_route_recorded": Column("登记的工伤参保途径", units.CODE, codes.InjuryRoute, help="没有记录按政策包"),
    "contribution_base": Column("申报缴费基数", units.FEN, privacy=PERSONAL, help="没有记录按当月经常性工资"),
    "fund_member": Column("缴存住房公积金", units.FLAG, help="没有记录按缴存"),
    "fund_base": Column("公积金缴存基数", units.FEN, privacy=PERSONAL, help="没有记录按申报缴费基数"),
    "annuity_member": Column("参加职业年金", units.FLAG, help="没有记录按参加"),
    # income tax
    "exempt_income": Column("本月免税收入", units.FEN, privacy=PERSONAL, help="没有记录按无"),
    "additional_deduction": Column("本月专项附加扣除", units.FEN, privacy=PERSONAL, help="没有记录按无"),
    "other_deduction": Column("本月依法确定的其他扣除", units.FEN, privacy=PERSONAL, help="没有记录按无"),
    "months_before": Column("此前任职受雇月份数", units.MONTHS, help=CARRIED),
    "income_before": Column("此前累计收入", units.FEN, privacy=PERSONAL, help=CARRIED),
    "exempt_before": Column("此前累计免税收入", units.FEN, privacy=PERSONAL, help=CARRIED),
    "special_before": Column("此前累计专项扣除", units.FEN, privacy=PERSONAL, help=CARRIED),
    "additional_before": Column("此前累计专项附加扣除", units.FEN, privacy=PERSONAL, help=CARRIED),
    "other_before": Column("此前累计其他扣除", units.FEN, privacy=PERSONAL, help=CARRIED),
    "withheld_before": Column("此前已预扣税额", units.FEN, privacy=PERSONAL, help=CARRIED),
    "other_withheld": Column("本月其他代扣", units.FEN, privacy=PERSONAL, help="没有记录按无"),
}

PAY_YEAR: dict[str, Column] = {
    "pay_post": Column("年末（或离岗时）岗位", units.CODE, codes.Post),
    "pay_certificate": Column("年末（或离岗时）资格", units.CODE, codes.Certificate, PERSONAL),
    "paid_months": Column("任职月份数", units.MONTHS),
    "year_basic": Column("全年基本报酬", units.FEN, privacy=PERSONAL),
    "year_performance": Column("全年绩效报酬", units.FEN, privacy=PERSONAL),
    "year_contributions": Column("全年单位缴纳五险一金", units.FEN, privacy=PERSONAL),
    "year_certificate": Column("全年职称（资格）津贴", units.FEN, privacy=PERSONAL),
    "year_communications": Column("全年通讯交通津贴", units.FEN, privacy=PERSONAL),
    "year_festivals": Column("全年双节慰问", units.FEN, privacy=PERSONAL),
    "year_gross": Column("全年应发", units.FEN, privacy=PERSONAL),
    "checkup_taken": Column("本年已体检", units.FLAG, privacy=Privacy.SENSITIVE),
    "pay_work_volume": Column("完成工作量（件）", units.COUNT),
    "peers": Column("同区同岗无证人数", units.PEOPLE, help="有工作量记录的"),
    "peers_volume": Column("他们的工作量合计（件）", units.COUNT),
    "peers_monthly": Column("他们的月均应发合计", units.FEN),
}
