"""The tables that `qinglan calc` reads: what each column means, its unit, its closed list, whether it must be there.

The tables themselves are those of core.frame.records.TABLES, and `district` beside them (what a district says of its budgets).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from qinglan.core.frame import codes, units
from qinglan.core.frame.building import PAPERS
from qinglan.core.frame.district_year import DISTRICT_YEAR
from qinglan.core.frame.records import TABLES
from qinglan.core.frame.units import Unit

DISTRICT = "district"
SCORE_SOURCES = codes.Source.labels() | {
    10: "月度考核",
    11: "人才面试",
    12: "满意度调查",
    13: "社区工作者专业化指数",
    14: "社区社会工作室指数",
    15: "社区居民组织化指数",
}
TRAINING = {"annual": "年度培训", "onboarding": "岗前培训", "continuing": "继续教育"}
PROTECTIONS = {"maternity": "孕产哺乳期", "sick": "病假（医疗期）"}
WARNINGS = {"month_failed": "月度不合格", "warning": "警告", "talk": "诫勉谈话", "year_incompetent": "年度不称职"}
# Rows of one person in these tables may not overlap in time.
SPANS = ("employments", "postings", "grades")


@dataclass(frozen=True)
class Given:
    """One input column. `codes`: number → label, either may be written; `words`: the text stored → its label, likewise."""

    label: str
    unit: Unit | None = None
    required: bool = False
    codes: Mapping[int, str] | None = None
    words: Mapping[str, str] | None = None
    low: int | None = 0


PERSON = Given("人员编号（整数，自定，各表一致）", required=True)
DAY = Given("日期", units.DATE, required=True)
SINCE = Given("第一天", units.DATE, required=True)
UNTIL = Given("不再属于的第一天；空 = 仍在", units.DATE)
ORGANISATION = Given("机构代码（前 6 位是区，前 9 位是街道，12 位是社区）")
POSTED = Given(ORGANISATION.label, required=True)
SCORE, HOURS, CLOCK = units.SCORE, units.HOURS, units.CLOCK_HOURS


def money(label: str) -> Given:
    return Given(label, units.FEN)


INPUTS: dict[str, tuple[str, dict[str, Given]]] = {
    "people": ("人员，一人一行（必须有）", {
        "person": PERSON,
        "sex": Given("性别", units.CODE, True, codes.Sex.labels()),
        "birth": Given("出生日期", units.DATE, True),
        "education": Given("学历", units.CODE, codes=codes.Education.labels()),
        "has_degree": Given("有学位", units.FLAG),
        "social_work_major": Given("社会工作专业", units.FLAG),
        "willing": Given("自愿参加骨干培养", units.FLAG),
    }),
    "employments": ("任职（劳动关系），一段一行", {
        "person": PERSON, "since": SINCE, "until": UNTIL,
        "recognised_months": Given("认定的以往服务月数", units.MONTHS),
        "probation_until": Given("试用期至", units.DATE),
        "exit_reason": Given("离岗原因", units.CODE, codes=codes.ExitReason.labels()),
    }),
    "postings": ("岗位，一段一行", {
        "person": PERSON, "organisation": POSTED,
        "post": Given("岗位", units.CODE, codes=codes.Post.labels()),
        "elected": Given("选举产生、任期内", units.FLAG),
        "track": Given("发展序列", units.CODE, codes=codes.Track.labels()),
        "since": SINCE, "until": UNTIL,
    }),
    "protections": ("孕产哺乳期、医疗期，一段一行", {
        "person": PERSON, "kind": Given("种类", required=True, words=PROTECTIONS), "since": SINCE, "until": UNTIL,
    }),
    "certificates": ("社会工作职业资格，一证一行", {
        "person": PERSON,
        "level": Given("级别", units.CODE, True, codes.Certificate.labels()),
        "issued": Given("取得日期；空 = 早已取得", units.DATE),
        "registered_until": Given("登记有效期至", units.DATE),
    }),
    "grades": ("职级（档），一段一行", {
        "person": PERSON, "grade": Given("职级（档）", units.COUNT, True), "since": SINCE, "until": UNTIL,
    }),
    "training": ("培训出勤，一次一行", {
        "person": PERSON, "kind": Given("哪一本账", required=True, words=TRAINING), "day": DAY,
        "hours": Given("学时（继续教育为小时）", HOURS, True),
    }),
    "shadowing": ("跟岗实训，一次一行", {"person": PERSON, "day": DAY, "hours": Given("小时", CLOCK, True)}),
    "exams": ("社会工作职业水平考试，一科一行", {
        "person": PERSON, "level": Given("级别", units.CODE, True, codes.Certificate.labels()),
        "subject": Given("科目", words={name: name for name in PAPERS}), "day": DAY, "score": Given("成绩", SCORE),
    }),
    "scores": ("考核评价得分，一次一行", {
        "person": Given("人员编号；空 = 对单位（organisation）的评价"), "organisation": ORGANISATION,
        "source": Given("来源", units.CODE, True, SCORE_SOURCES), "day": DAY,
        "score": Given("得分（0–100 分）", SCORE),
        "ballots": Given("票数", units.COUNT), "favourable": Given("满意票数", units.COUNT),
    }),
    "abilities": ("六能力评定，一次一行", {
        "person": PERSON, "day": DAY,
        **{name: Given(code.label, SCORE) for name, code in zip(
            ("serve", "mobilise", "deliberate", "project", "coordinate", "innovate"), codes.Ability, strict=True)},
    }),
    "awards": ("荣誉，一项一行", {
        "person": PERSON, "level": Given("级别", units.CODE, True, codes.Level.labels()), "day": DAY,
    }),
    "warnings": ("警告，一次一行", {"person": PERSON, "kind": Given("种类", required=True, words=WARNINGS), "day": DAY}),
    "projects": ("项目与工作量，一项一行", {
        "person": PERSON,
        "prize_level": Given("获奖级别", units.CODE, codes=codes.Level.labels()), "fund": money("获奖项目资金"),
        "volume": Given("完成工作量（件）", units.COUNT), "quality": Given("工作质量分", SCORE), "day": DAY,
    }),
    "opening": ("期初数（年中启用的区），一人一行", {
        "person": PERSON, "day": Given("截止日：这一天所在月份及以前不再计算", units.DATE, True),
        "income": money("本年累计收入"), "special_deductions": money("本年累计专项扣除"),
        "additional_deductions": money("本年累计专项附加扣除"), "tax_withheld": money("本年已预扣税额"),
        "months_employed": Given("本年任职月数", units.MONTHS),
        "training_hours": Given("本年培训学时", HOURS), "onboarding_hours": Given("岗前培训学时", HOURS),
        "shadowing_hours": Given("跟岗实训小时", CLOCK), "service_months": Given("认定的服务月数", units.MONTHS),
        "ladder_grade": Given("职级（档）", units.COUNT), "additional_monthly": money("每月专项附加扣除"),
    }),
    "history": ("以前各年的结果，一人一年一行", {
        "person": PERSON, "year": Given("年度", units.COUNT, True),
        "grade": Given("等次", units.CODE, codes=codes.Grade.labels()),
        "star": Given("星级", units.CODE, codes=codes.Star.labels()),
    }),
    "unit_history": ("单位以前各年的结果，一单位一年一行", {
        "organisation": POSTED, "year": Given("年度", units.COUNT, True),
        "colour": Given("颜色", units.CODE, codes=codes.Colour.labels()),
    }),
    DISTRICT: ("区自己的预算数，一区一行", {
        "organisation": Given("区代码（6 位）", required=True),
        **{
            name: Given(column.label, column.unit, codes=column.codes.labels() if column.codes else None)
            for name, column in DISTRICT_YEAR.items()
            if not column.required
        },
    }),
}  # fmt: skip

SCHEMAS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = TABLES | {
    DISTRICT: {name: pl.String if name == "organisation" else pl.Int64 for name in INPUTS[DISTRICT][1]}
}
