"""Checks a roster row by row: who can be taken into the register as she stands there, who cannot, and why.

Canonical keys: name, sex, id, birth, nation, party, edu, street, community, post, start, cert, cd (date of the certificate),
phone, org (code of the community); dates as ISO text. Source: issue 2 point 4; GB 11643 in spec/policy_facts.md §8.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from . import cells, vocabulary
from .check import Row, check_sheets, setting_for
from .dates import PartDate
from .header import Synonyms
from .idnumber import birth_of, sex_of
from .layout import ColumnMapping, Field, Layout
from .model import Report, RowResult, Workbook
from .organisations import Organisations
from .places import find_community

TABLES: Mapping[str, vocabulary.Words] = {
    "sex": vocabulary.SEX,
    "nation": vocabulary.NATIONS,
    "party": vocabulary.PARTY,
    "edu": vocabulary.EDUCATION,
    "post": vocabulary.POSTS,
    "cert": vocabulary.CERTIFICATES,
}
LEAST_AGE = 16
KEYS = (
    "name", "sex", "id", "birth", "nation", "party", "edu", "street", "community", "post", "start", "cert", "cd", "phone", "org",
)  # fmt: skip

ROSTER = Layout(
    "roster",
    "社区工作者花名册",
    (
        Field("name", "姓名", (("姓名", "人员姓名", "名字", "工作人员姓名", "社工姓名", "员工姓名", "社工名字"),), cells.person_name,
              required=True, needed=True, missing=("no name", "没有填姓名", "请补填姓名"), inherit=False,
              patterns=(r"^(?!.*(家属|配偶|父|母|紧急|联系人|子女)).*姓名",), example="张三", width=10),
        Field("sex", "性别", (("性别", "男女"),), cells.word("sex", "bad sex", "性别"), choices=("男", "女"), example="女", width=6),
        Field("id", "身份证号码",
              (("身份证号码", "身份证号", "公民身份号码", "公民身份证号码", "居民身份证号码", "居民身份证号"),
               ("证件号码", "身份证", "身份号码", "证件号", "身份证件号码", "身份证明号码", "公民身份证号", "有效证件号码", "有效证件号")),
              cells.id_number, required=True, needed=True,
              missing=("no id", "没有填身份证号码", "请补填18位身份证号码"), inherit=False,
              patterns=(r"^(?!.*(有效|住址|地址|签发|复印|到期|类型)).*身份证",), example="990101199001011237", width=22, text=True),
        Field("birth", "出生年月", (("出生年月", "出生日期", "出生年月日", "出生时间", "生日"),),
              cells.date_part("bad birth date", "出生年月", settled=True),
            patterns=(r"^(?!.*地).*出生",), example="1990年1月", width=12, text=True),
        Field("nation", "民族", (("民族", "族别", "所属民族", "民族成份", "民族成分"),), cells.word("nation", "bad nation", "民族"), example="汉族", width=8),
        Field("party", "政治面貌", (("政治面貌", "政治面目", "党派", "面貌", "政治身份"),), cells.word("party", "bad party", "政治面貌"),
            patterns=(r"政治面貌",),
              choices=tuple(vocabulary.PARTY), example="群众", width=10),
        Field("edu", "文化程度", (("最高学历",), ("文化程度", "学历", "学历层次", "学历情况", "受教育程度", "最高学历学位", "学历学位",
                               "学历/学位", "学历(学位)", "文化水平", "教育程度", "受教育水平"),
                              ("全日制学历", "在职学历", "学历全日制", "学历在职", "全日制教育学历", "在职教育学历")),
              cells.word("edu", "bad education", "文化程度"),
            patterns=(r"^(?!.*(学位|专业|院校|时间)).*(学历|文化程度)",), choices=("高中", "大专", "本科", "硕士研究生", "博士研究生"),
             example="本科", width=10),
        Field("street", "所属街道",
              (("所属街道", "街道", "所在街道", "街道名称", "所属街道镇", "街道镇", "镇街", "街镇", "乡镇街道", "所属镇街", "街道乡镇", "所属街镇",
                "所在街镇", "街道/镇", "街道(镇)", "所属街道(镇)", "街道办", "街道办事处", "所在街道办", "所属街道办事处", "乡镇", "乡镇(街道)", "乡镇/街道",
                "镇/街道", "镇(街道)", "镇", "街办"), ("所属单位街道", "单位街道", "工作街道")),
              cells.text(60), example="示范街道", width=16),
        Field("community", "所属社区",
              (("所属社区", "社区", "所在社区", "社区名称", "所属社区名称", "社区居委会", "工作社区", "所在社区名称", "居委会", "社区村", "社区(村)",
                "村社区", "村居", "所属居委会", "居委会名称", "服务社区", "任职社区", "所属社区居委会", "社区居委", "所属居委", "现工作社区", "社区/村",
                    "村/社区", "村(社区)",
                "村(居)", "所属社区/村", "所属村(社区)", "村", "所属村"),
               ("单位", "工作单位", "所在单位", "所属单位", "单位名称", "现工作单位", "部门", "用人单位", "街道社区", "所属街道社区",
                "街道/社区", "所属街道/社区", "所在街道社区", "所属街道及社区")),
              cells.text(60), required=True, missing=("unknown community", "没有填所属社区", "请补填社区名称"), needed=True,
              example="示范社区居委会", width=20),
        Field("post", "职务", (("职务", "岗位", "现任职务", "社区职务", "担任职务", "现职务", "岗位职务", "职务岗位", "现任岗位", "岗位名称", "职务名称",
                            "工作岗位", "岗位类别", "现任", "职务/岗位", "岗位/职务"), ("职位", "岗位类型", "人员类别", "人员类型", "身份", "身份类别")),
              cells.word("post", "bad post", "职务", unknown=True),
            patterns=(r"^(?!.*(曾|原|前任|兼|拟|退|时间|等级)).*(职务|岗位)$",),
              choices=tuple(vocabulary.POSTS), example="社区工作者", width=22),
        Field("start", "参加社区工作时间",
              (("参加社区工作时间", "从事社区工作时间", "到社区工作时间", "进入社区工作时间", "进社区时间", "到社区时间",
                "社区工作起始时间", "参加社区工作年月",
                "从事社区工作年月", "进入社区时间", "社区工作时间", "参加社区工作日期", "任社区工作者时间", "从事社区工作起始时间", "何时参加社区工作",
                    "何时从事社区工作"),
               ("入职时间", "入职日期", "入职年月", "上岗时间", "聘用时间", "到岗时间", "进岗时间", "录用时间", "上岗日期", "聘用日期",
                "到岗日期", "任职时间", "从业时间", "任职日期", "任职年月"),
               ("参加工作时间", "工作时间", "参加工作年月", "参加工作日期")),
              cells.day("bad start date", "参加社区工作时间"),
            patterns=(r"^(?!.*(离|退|合同|现职)).*(社区工作|入职|上岗|[进入到]社区).*(时间|日期|年月)",), required=True, needed=True,
              missing=("bad start date", "没有填参加社区工作时间", "请补填年月"), example="2019年7月", width=16, text=True),
        Field("cert", "社会工作者职业资格",
              (("社会工作者职业资格", "社会工作者职业资格等级", "职业资格", "社工证", "社会工作职业资格", "社工证等级", "持证等级", "社会工作者职业水平",
                "职业资格等级", "社工资格", "社会工作师等级", "持证情况", "职业水平", "社会工作职业资格等级", "社会工作者职业资格证书",
                 "资格证书", "证书等级",
                "社工等级", "社会工作者证书", "社工职业资格", "专业资格", "社会工作专业资格", "资格等级", "社工证书", "社会工作者职业水平证书",
                "社会工作者职业资格级别", "社会工作者职业资格名称", "社会工作者职业资格证书等级", "社会工作者职业资格类别",
                "社工师证书", "社工证类别", "持证级别"),
               ("证书名称", "证书类别", "证书级别", "持证类型", "持有证书")),
              cells.word("cert", "bad certificate", "职业资格"),
            patterns=(r"^(?!.*(时间|日期|编号|号码|年月)).*(社工证|社会工作(者|师).*(资格|证|水平)|职业资格|职业水平)",),
             choices=tuple(vocabulary.CERTIFICATES), example="助理社会工作师", width=18),
        Field("cd", "取证时间",
              (("取证时间", "取得时间", "取证日期", "获证时间", "发证时间", "证书取得时间", "资格取得时间", "发证日期", "取得日期", "取证年月", "获取时间",
                "持证时间", "取得证书时间", "职业资格取得时间", "社工证取得时间", "批准日期", "获证日期", "获得时间", "职业资格取证时间",
                "社会工作者职业资格取得时间", "社会工作者职业资格取证时间", "取得资格时间", "拿证时间", "考取时间"),),
              cells.day("bad certificate date", "取证时间"),
              patterns=(r"^(?!.*(身份|毕业|驾|居住|健康|学位|学历|教师|退休|结婚|有效|到期|失效|注册)).*(资格|证).*(时间|日期|年月)$",),
              example="2021年9月", width=12, text=True),
        Field("phone", "联系电话",
              (("联系电话", "手机", "手机号码", "手机号", "电话", "联系方式", "移动电话", "电话号码", "本人电话", "联系手机", "本人手机", "联系电话手机",
                "手机号码联系电话", "联系号码", "手机电话"),),
              cells.phone, patterns=(r"^(?!.*(紧急|家属|办公|固定|单位|座机)).*(手机|联系电话)",), inherit=False, example="13900000000",
               width=14, text=True),
    ),
)  # fmt: skip


def check_roster(
    workbook: Workbook,
    organisations: Organisations,
    today: dt.date,
    *,
    synonyms: Synonyms | None = None,
    words: Mapping[str, vocabulary.Words] | None = None,
    mapping: Sequence[ColumnMapping] = (),
) -> Report:
    """Return the dry run of a roster.

    `synonyms` are a district's own header words by field key, `words` its own words by table (post, edu, cert, party, nation,
    sex), `mapping` the columns set by hand.
    """
    setting = setting_for(today, workbook, TABLES, words)
    check = _RosterCheck(organisations, len(workbook.sheets) > 1)
    return check_sheets(workbook, ROSTER, setting, check, synonyms=synonyms, mapping=mapping)


class _RosterCheck:
    """Holds what spans rows: the ID numbers seen so far."""

    def __init__(self, organisations: Organisations, several: bool) -> None:
        self._organisations = organisations
        self._several = several
        self._first: dict[str, RowResult] = {}

    def __call__(self, row: Row) -> None:
        street, community = find_community(row, self._organisations)
        number = row.get("id")
        birth = self._against_id(row, number)
        self._dates(row, number)
        self._duplicate(row, number)
        post = row.get("post")
        if post and post not in vocabulary.POSTS and post not in set(row.setting.words["post"].values()):
            row.note("post", "unknown post", f"职务〈{post}〉不在岗位表里，按原文保留", "需要时请在岗位表里对应")
        canonical: dict[str, Any] = {key: row.get(key) for key in KEYS}
        canonical |= {
            "sex": row.get("sex") or (sex_of(number) if number else None),
            "birth": _iso(birth),
            "street": street.name if street else None,
            "community": community.name if community else None,
            "start": _iso(row.get("start")),
            "cert": row.get("cert") or ("无" if "cert" in row.line.columns and "cert" not in row.faulty else None),
            "cd": _iso(row.get("cd")),
            "org": community.code if community else None,
        }
        row.result.canonical = canonical

    def _against_id(self, row: Row, number: str | None) -> dt.date | None:
        """Hold sex and birth date against the ID number; return the birth date as far as it is known."""
        part: PartDate | None = row.get("birth")
        if number is None:
            whole = part is not None and part.day
            return part.first_day(row.setting.today) if part and whole else None
        born, sex = birth_of(number), sex_of(number)
        if row.get("sex") not in (None, sex):
            row.refuse(
                "sex",
                "sex contradicts id",
                f"性别填的是{row.get('sex')}，身份证号码第17位表示{sex}",
                "请核对性别和身份证号码哪一个填错",
            )
        if part is not None and born is not None and not part.agrees_with(born):
            row.refuse(
                "birth", "birth contradicts id",
                f"出生年月〈{row.reason('birth', '', '').value}〉与身份证号码中的{born:%Y-%m-%d}不一致", "请核对出生年月和身份证号码哪一个填错",
            )  # fmt: skip
        # An ambiguous or yearless birth cell is settled by the ID number, a wrong one is not.
        return born

    def _dates(self, row: Row, number: str | None) -> None:
        born = birth_of(number) if number else None
        start, obtained = row.get("start"), row.get("cd")
        for key, code, label, value in (
            ("start", "bad start date", "参加社区工作时间", start),
            ("cd", "bad certificate date", "取证时间", obtained),
        ):
            if born and value and value.year - born.year < LEAST_AGE:
                row.refuse(key, code, f"{label}{value:%Y-%m-%d}时还不满{LEAST_AGE}周岁", "请核对年月和身份证号码")
        if obtained and row.get("cert") in (None, "无") and "cert" not in row.faulty:
            row.refuse(
                "cd",
                "certificate date without certificate",
                "填了取证时间，职业资格却是无",
                "请补填证书等级，或删去取证时间",
            )

    def _duplicate(self, row: Row, number: str | None) -> None:
        if number is None:
            return
        first = self._first.setdefault(number, row.result)
        if first is row.result:
            return
        place = f"工作表〈{first.sheet}〉第{first.row}行" if self._several else f"第{first.row}行"
        row.refuse("id", "duplicate id", f"身份证号码与{place}重复", "同一个人只留一行，请删去多余的一行")


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
