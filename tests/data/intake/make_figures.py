"""Makes the workbook of the figures of a whole district and its truth file, as make_facts.py does for the other kinds.

python tests/data/intake/make_figures.py
"""

from make_facts import EV, RE, write


def figure(item, amount, unit, year=2025):
    """Return the canonical values of a figure of the whole district."""
    return {"item": item, "amount": amount, "unit": unit, "year": year, "evidence": EV, "recorder": RE}


# The labels are those of the frame of a district's year; fen, people, 1 for 是.
rest = ["薪酬预算", "1.68亿元", "", 2025]
write(
    "figures",
    ["项目", "数额", "单位", "年度", "依据", "填报人"],
    [
        ([*rest, EV, RE], figure("薪酬预算", 16_800_000_000, "元")),
        (["培训专项预算", "50", "万元", "2025年", EV, RE], figure("培训专项预算", 50_000_000, "元")),
        (["薪酬单列预算科目", "是", "", "2025年度", EV, RE], figure("薪酬单列预算科目", 1, "是否")),
        (["本年平均人数", "2,241人", "", 2025, EV, RE], figure("本年平均人数", 2_241, "人")),
        (["预算年度人数", 2300, "人", 2026, EV, RE], figure("预算年度人数", 2_300, "人", 2026)),
        (["本年公布的社会平均工资", 6580.5, "", 2025, EV, RE], figure("本年公布的社会平均工资（月）", 658_050, "元")),
        (["一般公共预算支出", 62, "亿", 2025, EV, RE], figure("一般公共预算支出", 620_000_000_000, "元")),
        (["薪酬预算", "15000万元", "", 2024, EV, RE], figure("薪酬预算", 15_000_000_000, "元", 2024)),
        (["本年已批救助金", 0, "", 2025, EV, RE], figure("本年已批救助金", 0, "元")),
    ],
    [
        (["", 500, "", 2025, EV, RE], ["unknown figure"]),
        (["绿化预算", 500, "", 2025, EV, RE], ["unknown figure"]),
        (["重大疾病救助基金预算", "", "", 2025, EV, RE], ["no amount"]),
        (["重大疾病救助基金预算", "大约五百", "", 2025, EV, RE], ["bad figure"]),
        (["重大疾病救助基金预算", -5, "", 2025, EV, RE], ["bad figure"]),
        (["重大疾病救助基金预算", "5.001", "", 2025, EV, RE], ["bad figure"]),
        (["重大疾病救助基金预算", "20000亿元", "", 2025, EV, RE], ["bad figure"]),
        (["上年平均人数", 2241.5, "", 2025, EV, RE], ["bad figure"]),
        (["上年平均人数", 2241, "万元", 2025, EV, RE], ["unit contradicts figure"]),
        (["社区治理创新专项基金预算", 3200, "人", 2025, EV, RE], ["unit contradicts figure"]),
        (["社区治理创新专项基金预算", 3200, "两", 2025, EV, RE], ["bad unit"]),
        (["薪酬单列预算科目", "也许", "", 2024, EV, RE], ["bad figure"]),
        (["项目大赛奖励基金预算", 1000000, "", "", EV, RE], ["bad year"]),
        (["项目大赛奖励基金预算", 1000000, "", 2031, EV, RE], ["bad year"]),
        (["项目大赛奖励基金预算", 1000000, "", 2025, "", RE], ["no evidence"]),
        (["项目大赛奖励基金预算", 1000000, "", 2025, EV, ""], ["no recorder"]),
        (["社区工作者薪酬预算", "16900万元", "", 2025, EV, RE], ["duplicate row"]),
    ],
)
