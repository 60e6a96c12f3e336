"""The layouts of the fact workbooks: eight kinds of facts, the opening balances of a district that starts in mid-year, and the
figures of a whole district.

Canonical units: hours, scores and workload in hundredths, money in fen, service in months, dates as ISO text. Every row carries
evidence and recorder (issue 2 point 4; mechanisms train.*, assess.four_in_one, diagnose.tier3_ability6, honour.*, assess.xh_monthly).
"""

from __future__ import annotations

from collections.abc import Mapping

from . import cells, figures, numbers
from .layout import Field, Layout
from .vocabulary import Words

ABILITIES = {
    "serve": "为民服务力",
    "mobilise": "居民动员力",
    "deliberate": "协商议事力",
    "operate": "项目运营力",
    "coordinate": "统筹协调力",
    "innovate": "治理创新力",
}
MONTHLY, INTERVIEW, SATISFACTION = "月度考核", "人才面试", "满意度调查"
INDICES = ("社区工作者专业化指数", "社区社会工作室指数", "社区居民组织化指数")
OF_PERSONS, OF_UNITS = (MONTHLY, INTERVIEW), (SATISFACTION, *INDICES)
LEVELS = ("国家", "省", "市", "区", "街道")
WARNINGS = ("月度不合格", "警告", "诫勉谈话", "年度不称职")
# Papers of the national exam (spec/policy_facts.md §3).
SUBJECTS = {"初级": ("综合能力", "实务"), "中级": ("综合能力", "实务", "法规与政策"), "高级": ("实务",)}

TABLES: Mapping[str, Words] = {
    "training": {
        "年度": ("年度培训", "两委", "两委培训", "两委/年度", "年度集中培训", "集中培训", "年度轮训", "轮训", "区级培训", "街道培训"),
        "岗前": ("岗前培训", "入职培训", "新招聘人员培训", "岗位基本业务培训", "新入职培训", "初任培训", "岗前基本业务培训"),
        "继续教育": ("继教", "社会工作者继续教育", "继续教育培训", "专业继续教育"),
    },
    "exam": {
        "初级": ("助理社会工作师", "助理社工师", "初级社工", "社会工作者初级", "社工初级", "助理", "初级社会工作师", "社会工作者(初级)"),
        "中级": ("社会工作师", "社工师", "中级社工", "社会工作者中级", "社工中级", "中级社会工作师", "社会工作者(中级)"),
        "高级": ("高级社会工作师", "高级社工师", "高级社工", "社会工作者高级", "社会工作者(高级)"),
    },
    "subject": {
        "综合能力": ("社会工作综合能力", "综合", "社会工作综合能力(初级)", "社会工作综合能力(中级)", "综合能力(初级)", "综合能力(中级)"),
        "实务": ("社会工作实务", "社会工作实务(初级)", "社会工作实务(中级)", "社会工作实务(高级)", "实务(初级)", "实务(中级)", "实务(高级)"),
        "法规与政策": ("社会工作法规与政策", "法规", "法规政策", "社会工作法规与政策(中级)", "法规与政策(中级)"),
    },
    "source": {
        "群众评议": ("居民评议", "群众测评", "群众", "居民群众评议"),
        "专业评估": ("第三方评估", "专业机构评估", "专业", "第三方专业评估"),
        "过程考核": ("日常考核", "平时考核", "过程性考核", "过程", "日常过程考核"),
        "创新贡献": ("创新", "创新加分", "创新贡献度", "创新成果"),
        "月度考核": ("月考核", "月考", "月度评分", "月度考核得分", "每月考核"),
        "人才面试": ("面试", "面试成绩", "面试得分", "人才评定面试"),
        # A share of people who are content is not the residents' mark of 四位一体.
        "满意度调查": ("满意度", "居民满意度", "群众满意度", "满意度测评", "居民满意度调查", "群众满意度调查"),
        "社区工作者专业化指数": ("专业化指数", "工作者专业化指数"),
        "社区社会工作室指数": ("工作室指数", "社会工作室指数"),
        "社区居民组织化指数": ("组织化指数", "居民组织化指数"),
    },
    "level": {
        "国家": ("国家级", "全国", "全国级", "中央"),
        "省": ("省级", "省部级", "自治区级", "全省"),
        "市": ("市级", "全市", "地市级", "市本级"),
        "区": ("区级", "县区级", "区县级", "县级", "全区", "区(县)级"),
        "街道": ("街道级", "镇街级", "街镇级", "街道(镇)级", "镇级"),
    },
    "prize": {
        "无": ("未获奖", "没有", "否", "/", "-", "—"),
        "国家": ("国家级", "全国", "全国级"),
        "省": ("省级", "省部级", "自治区级"),
        "市": ("市级", "全市"),
        "区": ("区级", "县区级", "区县级", "县级", "全区"),
        "街道": ("街道级", "镇街级", "街镇级"),
    },
    "warning": {
        "月度不合格": ("月度考核不合格", "月考核不合格", "当月不合格"),
        "警告": ("警示", "书面警告", "口头警告"),
        "诫勉谈话": ("诫勉", "谈话诫勉", "诫勉谈话处理"),
        "年度不称职": ("年度考核不称职", "不称职", "年度不合格", "年度考核不合格"),
    },
    "figure": {},  # the caller's: core.intake knows of no budget
    "figure_unit": figures.UNITS,
    "role": {
        "负责人": ("主持", "主持人", "项目负责人", "牵头", "牵头人", "项目主持人", "第一负责人"),
        "骨干": ("核心成员", "主要成员", "骨干成员", "主要参与人"),
        "成员": ("参与", "参与人", "参加人", "项目成员", "一般成员", "参与者", "协助"),
    },
}  # fmt: skip

_PERSON = (
    Field("id", "身份证号码", (("身份证号码", "身份证号", "公民身份号码", "居民身份证号码"), ("证件号码", "身份证", "证件号", "身份号码")),
          cells.id_number, inherit=True, patterns=(r"^(?!.*(有效|住址|地址|签发)).*身份证",), example="990101199001011237", width=22, text=True,
          help="18位，列已设为文本"),
    Field("name", "姓名", (("姓名", "人员姓名", "学员姓名", "社工姓名", "考生姓名", "被考核人", "获奖人", "参训人员"), ("学员", "参训学员", "职工姓名",
        "员工姓名", "社区工作者姓名", "参训人员姓名", "获奖人姓名", "被考核人姓名")), cells.person_name,
          example="张三", width=10, help="与身份证号码至少填一项；只填姓名时须能在社区里唯一确定"),
    Field("street", "所属街道", (("所属街道", "街道", "所在街道", "街道名称", "街镇", "镇街"),), cells.text(60), example="示范街道", width=16),
    Field("community", "所属社区", (("所属社区", "社区", "所在社区", "社区名称", "居委会"), ("单位", "工作单位", "所在单位", "所属单位", "单位名称")),
          cells.text(60), example="示范社区居委会", width=20),
)  # fmt: skip
_EVIDENCE = (
    Field("evidence", "佐证材料", (("佐证材料", "佐证", "依据", "证明材料", "依据文件", "佐证依据", "依据或佐证", "证据", "材料编号", "依据/佐证"),
        ("备查材料", "凭证", "附件", "佐证文件", "证明文件", "佐证材料名称", "佐证材料编号", "依据材料")),
          cells.text(300), required=True, needed=True, missing=("no evidence", "没有填佐证材料", "请写明文件号、签到表或证书编号"),
          example="签到表2025-031", width=24, help="文件号、签到表、证书编号等"),
    Field("recorder", "记录人", (("记录人", "填报人", "登记人", "录入人", "经办人", "登记员"), ("填表人", "记录员", "录入员")), cells.person_name,
        required=True, needed=True,
          missing=("no recorder", "没有填记录人", "请填登记这一行的人"), example="李四", width=10),
)  # fmt: skip


def _date(label: str, *words: str, weaker: tuple[str, ...] = ()) -> Field:
    return Field(
        "date", label, ((label, *words), (*weaker, "发生日期", "日期", "时间", "发生时间")), cells.day("bad date", label, since=1980),
        required=True, needed=True, missing=("bad date", f"没有填{label}", "请补填日期"), example="2025年6月12日", width=14, text=True,
    )  # fmt: skip


def _score(key: str, label: str, *words: str, weaker: tuple[str, ...] = (), **more: object) -> Field:
    parser = numbers.hundredths("bad score", label, least=0, most=100_00, units={"分": 1})
    return Field(key, label, ((label, *words), weaker), parser, example=more.pop("example", 86.5), width=10, **more)  # type: ignore[arg-type]


def _money(key: str, label: str, *words: str, needed: bool = False, weaker: tuple[str, ...] = ()) -> Field:
    parser = numbers.hundredths("bad amount", label, least=0, units={"元": 1, "万元": 10_000, "万": 10_000})
    return Field(
        key, label, ((label, *words), weaker), parser, required=needed, needed=needed, example=12000, width=16, help="单位：元",
        units=("元", "万元"),
    )  # fmt: skip


def _words(
    key: str,
    label: str,
    table: str,
    code: str,
    *words: str,
    needed: bool = True,
    choices: tuple[str, ...] = (),
    weaker: tuple[str, ...] = (),
) -> Field:
    return Field(
        key, label, ((label, *words), weaker), cells.word(table, code, label), required=needed, needed=needed,
        missing=(code, f"没有填{label}", f"请填{'、'.join(choices or tuple(TABLES[table]))}之一") if needed else None,
        choices=choices or tuple(TABLES[table]), example=(choices or tuple(TABLES[table]))[0], width=14,
    )  # fmt: skip


def _text(
    key: str,
    label: str,
    *words: str,
    needed: bool = True,
    example: str = "",
    limit: int = 120,
    weaker: tuple[str, ...] = (),
) -> Field:
    return Field(key, label, ((label, *words), weaker), cells.text(limit), required=needed, needed=needed, example=example, width=24,
                 missing=(f"no {key}", f"没有填{label}", f"请补填{label}"))  # fmt: skip


_HOURS = Field(
    "hours", "学时", (("学时", "学时数", "培训学时", "课时", "小时", "小时数", "时长", "跟岗学时", "跟岗小时", "培训时长", "跟岗时长"), ("实训学时",
        "实训时长", "完成学时", "实际学时", "跟岗小时数")),
    numbers.hundredths("bad hours", "学时", least=1, most=400_00, units={"学时": 1, "小时": 1, "课时": 1, "个学时": 1}), example=8, width=8,
    help="按天记的写在天数列",
)  # fmt: skip
_DAYS = Field(
    "days", "天数", (("天数", "培训天数", "参训天数"),),
    numbers.hundredths("bad hours", "天数", least=1, most=60_00, units={"天": 1, "日": 1}), width=8, help="学时与天数填一项",
)  # fmt: skip

LAYOUTS: dict[str, Layout] = {
    layout.kind: layout
    for layout in (
        Layout("training", "培训出勤与学时登记表", (
            *_PERSON, _date("培训日期", "培训时间", "开班日期", weaker=("参训日期", "参训时间", "上课时间", "上课日期", "开始日期", "开班时间",)),
                _text("course",
                "培训课程", "课程", "课程名称", "培训名称", "培训班", "培训内容", "培训主题", weaker=("培训项目", "培训班名称", "培训课程名称",),
                                                           example="社区治理实务"),
            _words("kind", "培训类别", "training", "bad training kind", "类别", "培训类型", "类型", "培训性质"), _HOURS, _DAYS, *_EVIDENCE,
        ), one_of=(("id", "name"), ("hours", "days"))),
        Layout("shadowing", "跟岗实训登记表", (
            *_PERSON, _date("跟岗日期", "跟岗时间", "实训日期", weaker=("实训时间",)), _HOURS,
            Field("mentor", "带教导师", (("带教导师", "导师", "带教人", "带教老师", "师傅", "指导老师", "导师姓名", "带教导师姓名", "带教老师姓名"),),
                cells.person_name, required=True,
                  needed=True, missing=("no mentor", "没有填带教导师", "请补填导师姓名"), example="王五", width=10), *_EVIDENCE,
        ), one_of=(("id", "name"), ("hours",))),
        Layout("exams", "考试与证书登记表", (
            *_PERSON, _date("考试日期", "考试时间", "取证日期", "发证日期"),
            _words("exam", "考试级别", "exam", "unknown exam", "级别", "考试等级", "报考级别", "报考等级", "证书等级", weaker=("考试名称", "证书级别",)),
            _words("subject", "考试科目", "subject", "unknown subject", "科目", "报考科目", needed=False), _score("score", "成绩", "分数", "得分", "考试成绩"),
            Field("passed", "是否通过", (("是否通过", "是否合格", "通过", "合格", "结果", "考试结果"),), numbers.flag("bad result", "是否通过"),
                  choices=("是", "否"), example="是", width=10),
            Field("cert_no", "证书编号", (("证书编号", "证书号", "证书号码", "管理号", "证书管理号"), ("资格证书编号", "职业资格证书编号")), cells.text(40),
                example="2025990101000123", width=22,
                  text=True), *_EVIDENCE,
        ), one_of=(("id", "name"), ("score", "passed"))),
        Layout("scores", "考核评分登记表", (
            *_PERSON, Field("year", "考核年度", (("考核年度", "年度", "年份", "评价年度", "考核年份"),), numbers.year("bad year", "考核年度"), required=True,
                needed=True,
                            missing=("bad year", "没有填考核年度", "请填四位年份"), example=2025, width=10),
            _words("source", "评分来源", "source", "unknown source", "来源", "评价来源", "考核来源", "评价主体", "考核类别", "评分类别", weaker=("评价方式",
                "考核方式",)),
            _score("score", "得分", "分数", "评分", "成绩", "分值", weaker=("考核得分", "考核分数", "评价得分", "考核成绩",)),
            Field("ballots", "有效票数", (("有效票数", "票数", "样本数", "参评人数", "有效问卷数", "问卷数"),),
                  numbers.whole("bad ballots", "有效票数", least=0, most=1_000_000), example=120, width=10),
            Field("favourable", "满意票数", (("满意票数", "满意数", "满意人数", "满意问卷数"),),
                  numbers.whole("bad ballots", "满意票数", least=0, most=1_000_000), width=10, help="满意度调查填；其他不填"),
            Field("month", "考核月份", (("考核月份", "月份", "考核月度", "考核日期", "考核时间"),), cells.month("bad month", "考核月份"), width=10,
                  help="月度考核填：6、6月或日期；其他不填"), *_EVIDENCE,
        ), one_of=(("id", "name", "community"), ("score", "favourable")), subject=("id", "name", "community")),
        Layout("abilities", "六项能力评定登记表", (
            *_PERSON, _date("评定日期", "评估日期", "评定时间", "测评日期"),
            *(_score(key, label, label.removesuffix("力"), label.removesuffix("力") + "能力", f"{label}评分", f"{label}得分") for key,
                label in ABILITIES.items()), *_EVIDENCE,
        ), one_of=(("id", "name"), tuple(ABILITIES))),
        Layout("awards", "荣誉奖励登记表", (
            *_PERSON, _date("获奖日期", "获奖时间", "表彰日期", "表彰时间", "授予日期", weaker=("授予时间", "荣誉时间", "获奖年月",)),
            _text("title", "荣誉名称", "荣誉", "奖项", "奖项名称", "荣誉称号", "表彰名称", "获奖名称", weaker=("表彰项目",), example="优秀社区工作者"),
            _words("level", "荣誉级别", "level", "unknown level", "级别", "奖项级别", "表彰级别", "获奖级别", weaker=("荣誉等级", "奖励级别",)),
            _text("issuer", "授予单位", "颁发单位", "表彰单位", "颁奖单位", "发文单位", weaker=("发证单位", "授奖单位", "授予机关", "表彰机关",),
                example="示范区民政局"), *_EVIDENCE,
        ), one_of=(("id", "name"),)),
        Layout("warnings", "预警与惩戒登记表", (
            *_PERSON, _date("处理日期", "预警日期", "谈话日期", "处理时间", weaker=("预警时间", "谈话时间", "惩戒日期", "惩戒时间",)),
            _words("kind", "处理种类", "warning", "unknown warning", "种类", "类别", "处理类别", "预警类别", "处理方式", weaker=("预警种类", "惩戒种类",
                "惩戒类别", "预警类型", "处理结果",)),
            _text("reason", "事由", "原因", "处理原因", "处理事由", "情况说明", weaker=("预警原因", "预警事由", "惩戒事由", "事由说明",),
                example="当月考核低于60分",
                limit=300), *_EVIDENCE,
        ), one_of=(("id", "name"),)),
        Layout("projects", "项目参与登记表", (
            *_PERSON, _date("项目日期", "立项日期", "结项日期", "项目时间", "完成日期", weaker=("立项时间", "结项时间", "完成时间",)),
            _text("project", "项目名称", "项目", "创新项目", "课题名称", example="小巷议事厅"),
            _words("role", "承担角色", "role", "unknown role", "角色", "项目角色", "承担任务", "分工", weaker=("担任角色", "参与角色",)),
            _words("prize", "获奖级别", "prize", "unknown level", "获奖等级", "奖项级别", "获奖情况", needed=False),
            _money("fund", "项目经费", "经费", "资金", "项目资金", "经费(元)", "资助金额"),
            Field("workload", "工作量", (("工作量", "工作量分", "工作量系数", "任务量"),),
                  numbers.hundredths("bad workload", "工作量", least=0, most=100_000_00), example=10, width=10),
            _score("quality", "质量评分", "质量", "质量分", "项目质量", weaker=("质量得分", "项目质量评分",)), *_EVIDENCE,
        ), one_of=(("id", "name"),)),
        Layout("openings", "期初余额登记表", (
            *_PERSON, _date("截止日期", "截至日期", "截止月份", "截至月份", "期初日期", weaker=("截止时间", "截至时间",)),
            _money("income", "累计收入", "本年累计收入", "累计应发", "累计工资收入", weaker=("累计应发工资", "累计收入额", "累计应发合计",), needed=True),
            _money("deductions", "累计扣除", "累计专项扣除", "累计社保公积金", "累计三险一金", needed=True),
            _money("tax", "已扣税额", "累计已扣税额", "累计已预扣税额", "累计已缴税额", "已预扣个税", weaker=("已缴税额", "已扣个税", "累计个税",
                "累计已扣个税",),
                needed=True),
            _money("special_additional", "每月专项附加扣除", "专项附加扣除", "月专项附加扣除"),
            Field("hours", "累计学时", (("累计学时", "本年累计学时", "已完成学时", "学时"),),
                  numbers.hundredths("bad hours", "累计学时", least=0, most=2_000_00, units={"学时": 1}), example=24, width=10,
                  help="本年的年度培训；不填按系统里的记录算"),
            Field("onboarding", "岗前学时", (("岗前学时", "累计岗前学时", "岗前培训学时"),),
                  numbers.hundredths("bad hours", "岗前学时", least=0, most=2_000_00, units={"学时": 1}), width=10, help="不填按系统里的记录算"),
            Field("shadowing", "跟岗小时", (("跟岗小时", "累计跟岗小时", "跟岗学时", "累计跟岗学时", "跟岗实训学时"),),
                  numbers.hundredths("bad hours", "跟岗小时", least=0, most=2_000_00, units={"小时": 1, "学时": 1}), width=10, help="不填按系统里的记录算"),
            Field("service", "社区工作年限", (("社区工作年限", "工作年限", "工龄", "年限", "社区工龄"), ("社工年限", "从事社区工作年限")),
                numbers.service_months, example="12年6个月", width=14,
                  help="写成12年6个月，或以年为单位的数"),
            _text("grade", "现级档", "级档", "等级", "现等级", "岗位等级", "薪级", weaker=("薪酬等级", "薪酬级档", "岗位级档",), needed=False,
                example="三级五档",
                limit=30), *_EVIDENCE,
        ), one_of=(("id", "name"),)),
        Layout("figures", "全区预算数登记表", (
            Field("item", "项目", (("项目", "项目名称", "预算项目", "预算数项目", "指标", "指标名称", "数据项", "预算科目"),),
                  cells.word("figure", "unknown figure", "项目"), required=True, needed=True,
                  missing=("unknown figure", "没有填项目", "请照模板的填写说明填一个项目"), example="薪酬预算", width=30),
            Field("amount", "数额", (("数额", "金额", "数值", "预算数", "预算金额", "预算额", "数"),), figures.as_written, required=True, needed=True,
                  inherit=False, missing=("no amount", "没有填数额", "请补填数额；没有这个数的，请删去这一行"), example="16800万元", width=18,
                  help="元以外请写明单位，或填单位列"),
            Field("unit", "单位", (("单位", "数额单位", "计量单位", "金额单位"),), cells.word("figure_unit", "bad unit", "单位"),
                  choices=tuple(figures.UNITS), width=10, help="不填时，钱按元"),
            Field("year", "年度", (("年度", "年份", "预算年度", "所属年度"),), numbers.year("bad year", "年度", ahead=1), required=True, needed=True,
                  missing=("bad year", "没有填年度", "请填四位年份"), example=2025, width=10),
            *_EVIDENCE,
        ), subject=("item",)),
    )
}  # fmt: skip
