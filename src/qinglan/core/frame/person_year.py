"""The frame of a year: one row a worker employed in the year, as of its last day (or of her last day in it).

Days are inclusive: who entered on 1 January 2024 has 24 months at the end of 31 December 2025.
"""

from qinglan.core.frame import codes, units
from qinglan.core.frame.columns import Column, Privacy

PERSONAL = Privacy.PERSONAL

PERSON_YEAR: dict[str, Column] = {
    # when and where
    "year": Column("年度", units.COUNT, required=True),
    "year_start": Column("年度第一天", units.DATE, required=True),
    "as_of": Column("计算到哪一天（含）", units.DATE, required=True),
    "district": Column("区（序号）", units.CODE, required=True, help="同一区的人同一序号；名额按它分组"),
    "subdistrict": Column("街道（序号）", units.CODE, required=True),
    "organisation": Column("所在组织（序号）", units.CODE, required=True),
    # the person
    "sex": Column("性别", units.CODE, codes.Sex, PERSONAL, required=True),
    "birth_date": Column("出生日期", units.DATE, privacy=PERSONAL, required=True),
    "education": Column("学历", units.CODE, codes.Education, PERSONAL),
    "has_degree": Column("有学位", units.FLAG, privacy=PERSONAL),
    "social_work_major": Column("社会工作专业", units.FLAG, privacy=PERSONAL),
    # employment and post
    "entry_date": Column("入职日期", units.DATE, required=True),
    "recognised_months": Column("认定的以往服务月数（协管员等）", units.MONTHS),
    "earlier_service_months": Column("离开后重新入职的，此前各段的服务月数", units.MONTHS),
    "probation_until": Column("试用期至", units.DATE),
    "exit_date": Column("离岗日期", units.DATE),
    "exit_reason": Column("离岗原因", units.CODE, codes.ExitReason),
    "employed_days": Column("本年在岗天数", units.DAYS, required=True),
    "post": Column("岗位", units.CODE, codes.Post),
    "post_since": Column("任现岗位起", units.DATE),
    "elected": Column("选举产生、任期内", units.FLAG),
    "subdistrict_since": Column("在本街道起", units.DATE),
    "protected": Column("孕产哺乳期", units.FLAG, privacy=Privacy.SENSITIVE),
    "medical_period": Column("患病或负伤的医疗期内", units.FLAG, privacy=Privacy.SENSITIVE),
    "retirement_class": Column("退休类别", units.CODE, codes.RetirementClass, PERSONAL),
    "pension_months": Column("基本养老保险累计缴费月数", units.MONTHS, privacy=PERSONAL),
    "willing": Column("自愿参加骨干培养", units.FLAG),
    "track": Column("发展序列", units.CODE, codes.Track),
    "track_since": Column("进入现序列起", units.DATE),
    # certificates
    "certificate": Column("社会工作职业资格", units.CODE, codes.Certificate),
    "certificate_date": Column("取得资格日期", units.DATE),
    "registered_since": Column("登记起", units.DATE),
    "years_in_social_work": Column("从事社会工作年数（至年底）", units.YEARS),
    # abilities (0–100)
    "ability_serve": Column("为民服务力", units.SCORE, privacy=PERSONAL),
    "ability_mobilise": Column("居民动员力", units.SCORE, privacy=PERSONAL),
    "ability_deliberate": Column("协商议事力", units.SCORE, privacy=PERSONAL),
    "ability_project": Column("项目运营力", units.SCORE, privacy=PERSONAL),
    "ability_coordinate": Column("统筹协调力", units.SCORE, privacy=PERSONAL),
    "ability_innovate": Column("治理创新力", units.SCORE, privacy=PERSONAL),
    "interview_score": Column("持证人才面试分", units.SCORE, privacy=PERSONAL),
    # the three ledgers of hours, and continuing education
    "annual_hours": Column("本年度培训学时", units.HOURS),
    "onboarding_hours": Column("岗前培训学时（入职以来）", units.HOURS),
    "onboarding_reached": Column("岗前培训达到规定学时的日期", units.DATE, help="没有记录时，学时够了就算按期完成"),
    "shadowing_hours": Column("跟岗实训小时（入职以来）", units.CLOCK_HOURS),
    "shadowing_reached": Column("跟岗实训达到规定小时的日期", units.DATE, help="没有记录时，小时够了就算按期完成"),
    "continuing_hours": Column("登记周期内继续教育小时", units.CLOCK_HOURS),
    # evaluation (0–100), of the year
    "score_residents": Column("群众评议分", units.SCORE, privacy=PERSONAL),
    "ballots": Column("群众评议票数", units.COUNT),
    "score_professional": Column("专业评估分", units.SCORE, privacy=PERSONAL),
    "score_process": Column("过程考核分", units.SCORE, privacy=PERSONAL),
    "score_innovation": Column("创新贡献分", units.SCORE, privacy=PERSONAL),
    "work_volume": Column("完成工作量（件）", units.COUNT),
    "work_quality": Column("工作质量分", units.SCORE, privacy=PERSONAL),
    **{f"month_score_{month:02d}": Column(f"{month}月考核分", units.SCORE, privacy=PERSONAL) for month in range(1, 13)},
    **{
        f"last_month_score_{month:02d}": Column(f"上年{month}月考核分", units.SCORE, privacy=PERSONAL)
        for month in range(1, 13)
    },
    # a round of the social-work examination
    "exam_level": Column("报考级别", units.CODE, codes.Certificate, PERSONAL),
    "paper_ability": Column("综合能力成绩", units.SCORE, privacy=PERSONAL),
    "paper_ability_year": Column("综合能力考试年度", units.COUNT, privacy=PERSONAL),
    "paper_practice": Column("实务成绩", units.SCORE, privacy=PERSONAL),
    "paper_practice_year": Column("实务考试年度", units.COUNT, privacy=PERSONAL),
    "paper_law": Column("法规与政策成绩", units.SCORE, privacy=PERSONAL),
    "paper_law_year": Column("法规与政策考试年度", units.COUNT, privacy=PERSONAL),
    # the years before
    "last_grade": Column("上年等次", units.CODE, codes.Grade, PERSONAL),
    "grade_before_last": Column("前年等次", units.CODE, codes.Grade, PERSONAL),
    "excellent_years": Column("此前累计优秀年数", units.YEARS, privacy=PERSONAL),
    "last_star": Column("上年星级", units.COUNT, privacy=PERSONAL),
    "warnings": Column("12个月内警告次数", units.COUNT, privacy=PERSONAL),
    "talks": Column("12个月内诫勉谈话次数", units.COUNT, privacy=PERSONAL),
    "remedied": Column("上次不胜任后已培训或已调岗", units.FLAG, privacy=PERSONAL),
    "average_wage_12m": Column("前12个月平均应发工资", units.FEN, privacy=PERSONAL),
    "last_month_wage": Column("上一个月应发工资", units.FEN, privacy=PERSONAL),
    "ladder_grade": Column("现职级（档）", units.COUNT),
    "ladder_since": Column("任现职级起", units.DATE),
    # awards of the whole service, prizes of the year
    "awards_national": Column("国家级荣誉数", units.COUNT),
    "awards_province": Column("省级荣誉数", units.COUNT),
    "awards_city": Column("市级荣誉数", units.COUNT),
    "awards_district": Column("区级荣誉数", units.COUNT),
    "awards_subdistrict": Column("街道级荣誉数", units.COUNT),
    "prize_fund_province": Column("省级获奖项目资金", units.FEN),
    "prize_fund_city": Column("市级获奖项目资金", units.FEN),
    "prize_fund_district": Column("区级获奖项目资金", units.FEN),
}
