"""Makes the fact workbooks and their truth files: one workbook a kind, good rows in the styles offices write, and bad rows each
wrong in its own way. People are synthetic (合成数据, area 990101); the register they stand in is people.json.

    python tests/data/intake/make_facts.py

The truth is written down here beside each row, not taken from the program.
"""

import json
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

HERE = Path(__file__).resolve().parent
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(birth, sequence):
    """Return an ID number by GB 11643, worked here by itself so that the truth does not lean on the program."""
    first = f"990101{birth}{sequence:03d}"
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True)) % 11]


PEOPLE = [
    {"key": n, "name": name, "id": number(birth, 100 + n), "org": org, "community": community}
    for n, (name, birth, org, community) in enumerate(
        (
            ("陈一诺", "19850312", "420103008015", "云天社区居委会"),
            ("李双江", "19900704", "420103008001", "武展社区居委会"),
            ("王三水", "19780921", "420103013012", "姑嫂树社区居委会"),
            ("赵四海", "19931130", "420103001007", "龙王庙社区居委会"),
            ("周五常", "19811205", "420103003005", "老甫社区居委会"),
            ("吴六合", "19960618", "420103009013", "高家台社区居委会"),
            ("郑七弦", "19880229", "420103012003", "贺家墩社区居委会"),
            ("孙八斗", "19750515", "420103010001", "德望社区居委会"),
            ("张伟", "19870101", "420103008015", "云天社区居委会"),
            ("张伟", "19920202", "420103008001", "武展社区居委会"),
            ("阿依古丽·买买提", "19941020", "420103005003", "长堤社区居委会"),
            ("何九章", "19830707", "420103011003", "任冬社区居委会"),
        ),
        start=1,
    )
]
A, B, C, D, E, F, G, H, W1, W2, X, J = PEOPLE
WRONG = number("19700101", 321)
EV, RE = "签到表2025-031", "李四"


def p(person):
    """Return the cells (ID number, name, community) that name a person fully."""
    return [person["id"], person["name"], person["community"]]


def bad_person_rows(rest, place):
    """Return rows whose person cannot be told; `rest` are sound other cells, `place` puts them together."""
    return [
        (place([WRONG, "无名氏", ""], rest), ["unknown person"]),
        (place([A["id"][:-1] + ("1" if A["id"][-1] != "1" else "2"), A["name"], ""], rest), ["id checksum"]),
        (place([A["id"][:15], A["name"], ""], rest), ["id length"]),
        (place(["", "张伟", ""], rest), ["ambiguous person"]),
        (place([A["id"], B["name"], ""], rest), ["name contradicts id"]),
        (place(["", "", ""], rest), ["no person"]),
        (place(["", A["name"], "幸福里社区"], rest), ["unknown community"]),
    ]


def person(who, **values):
    """Return the canonical values of a fact of a person."""
    return {"id": who["id"], "name": who["name"], **values, "evidence": EV, "recorder": RE}


def plain(cells, rest):
    return [*cells, *rest, EV, RE]


BOOKS = {}

rest = ["2025.6.12", "社区治理实务", "年度", 8, ""]
BOOKS["training"] = (
    ["身份证号", "姓 名", "所在社区", "培训时间", "课程名称", "培训类型", "学时数", "培训天数", "佐证", "填报人"],
    [
        (plain(p(A), rest), person(A, date="2025-06-12", course="社区治理实务", kind="年度", hours=800, unit="学时")),
        (
            plain(p(B), ["2025年6月12日", "社区治理实务", "两委", "", "2.5天"]),
            person(B, date="2025-06-12", course="社区治理实务", kind="年度", hours=250, unit="天"),
        ),
        (
            plain(["", "张 伟", "云天社区"], ["20250612", "消防安全", "岗前培训", "４", ""]),
            person(W1, date="2025-06-12", course="消防安全", kind="岗前", hours=400, unit="学时"),
        ),
        (
            plain(p(C), [20250612, "消防安全", "继教", "1.5学时", ""]),
            person(C, date="2025-06-12", course="消防安全", kind="继续教育", hours=150, unit="学时"),
        ),
        (
            plain(["", "阿依古丽•买买提", ""], ["2025-6", "手语", "年度培训", 12, ""]),
            person(X, date="2025-06-01", course="手语", kind="年度", hours=1200, unit="学时"),
        ),
        (
            plain([D["id"].lower(), "", ""], ["2025/06/12", "社区治理实务", "年度", 8, 1]),
            person(D, date="2025-06-12", course="社区治理实务", kind="年度", hours=800, unit="学时"),
        ),
    ],
    [
        *bad_person_rows(rest, plain),
        (plain(p(E), ["2025.13.1", "社区治理实务", "年度", 8, ""]), ["bad date"]),
        (plain(p(E), ["2033年1月", "社区治理实务", "年度", 8, ""]), ["bad date"]),
        (plain(p(E), ["2025.6.12", "", "年度", 8, ""]), ["no course"]),
        (plain(p(E), ["2025.6.12", "社区治理实务", "旅游", 8, ""]), ["bad training kind"]),
        (plain(p(E), ["2025.6.12", "社区治理实务", "年度", "八", ""]), ["bad hours"]),
        (plain(p(E), ["2025.6.12", "社区治理实务", "年度", "", ""]), ["bad hours"]),
        (plain(p(E), ["2025.6.12", "社区治理实务", "年度", -8, ""]), ["bad hours"]),
        ([*p(E), *rest, "", RE], ["no evidence"]),
        ([*p(E), *rest, EV, ""], ["no recorder"]),
        (plain(p(A), ["2025-06-12", "社区治理实务", "年度", 8, ""]), ["duplicate row"]),
    ],
)

rest = ["2025.3.5", 7.5, "王五"]
BOOKS["shadowing"] = (
    ["身份证号码", "姓名", "社区", "跟岗日期", "跟岗学时", "带教导师", "依据", "记录人"],
    [
        (plain(p(A), rest), person(A, date="2025-03-05", hours=750, unit="学时", mentor="王五")),
        (
            plain(p(B), ["2025年3月", "40小时", "王 五"]),
            person(B, date="2025-03-01", hours=4000, unit="学时", mentor="王五"),
        ),
        (
            plain([C["id"] + " ", "", ""], ["2025-03-06", "0.25", "阿依古丽·买买提"]),
            person(C, date="2025-03-06", hours=25, unit="学时", mentor="阿依古丽·买买提"),
        ),
    ],
    [
        *bad_person_rows(rest, plain),
        (plain(p(E), ["不详", 7.5, "王五"]), ["bad date"]),
        (plain(p(E), ["2025.3.5", 0, "王五"]), ["bad hours"]),
        (plain(p(E), ["2025.3.5", 1.234, "王五"]), ["bad hours"]),
        (plain(p(E), ["2025.3.5", 4001, "王五"]), ["bad hours"]),
        (plain(p(E), ["2025.3.5", 7.5, ""]), ["no mentor"]),
        (plain(p(A), rest), ["duplicate row"]),
    ],
)

rest = ["2025年6月", "初级", "实务", 61.5, "是", "20250990101000123"]
BOOKS["exams"] = (
    [
        "身份证号码",
        "姓名",
        "工作单位",
        "考试时间",
        "报考级别",
        "报考科目",
        "考试成绩",
        "是否合格",
        "管理号",
        "证明材料",
        "登记人",
    ],
    [
        (
            plain(p(A), rest),
            person(
                A, date="2025-06-01", exam="初级", subject="实务", score=6150, passed=True, cert_no="20250990101000123"
            ),
        ),
        (
            plain(p(B), ["2025.6.15", "社会工作师", "社会工作法规与政策", "59.99", "否", ""]),
            person(B, date="2025-06-15", exam="中级", subject="法规与政策", score=5999, passed=False, cert_no=None),
        ),
        (
            plain(p(C), ["2025-06-15", "高级", "", "", "合格", ""]),
            person(C, date="2025-06-15", exam="高级", subject=None, score=None, passed=True, cert_no=None),
        ),
        (
            plain(p(D), ["2025-06-15", "助理社会工作师", "综合能力（初级）", 100, "", ""]),
            person(D, date="2025-06-15", exam="初级", subject="综合能力", score=10000, passed=None, cert_no=None),
        ),
    ],
    [
        *bad_person_rows(rest, plain),
        (plain(p(E), ["2025年", *rest[1:]]), ["bad date"]),
        (plain(p(E), [rest[0], "特级", "", 61, "是", ""]), ["unknown exam"]),
        (plain(p(E), [rest[0], "初级", "法规与政策", 61, "是", ""]), ["subject contradicts exam"]),
        (plain(p(E), [rest[0], "初级", "语文", 61, "是", ""]), ["unknown subject"]),
        (plain(p(E), [rest[0], "初级", "实务", 101, "是", ""]), ["bad score"]),
        (plain(p(E), [rest[0], "初级", "实务", "", "", ""]), ["no result"]),
        (plain(p(E), [rest[0], "初级", "实务", 61, "大概", ""]), ["bad result"]),
        (plain(p(E), [rest[0], "初级", "实务", 61, "是", "证书在路上"]), ["bad certificate number"]),
        (plain(p(E), [rest[0], "初级", "实务", 41, "否", "20250990101000123"]), ["certificate without pass"]),
        (plain(p(A), rest), ["duplicate row"]),
    ],
)

rest = [2025, "过程考核", 86.5, ""]
score_bad = [row for row in bad_person_rows(rest, plain) if row[1] != ["no person"]]
BOOKS["scores"] = (
    ["身份证号码", "姓名", "所属社区", "年度", "评价主体", "得分", "票数", "依据文件", "记录人"],
    [
        (plain(p(A), rest), person(A, subject="person", year=2025, source="过程考核", score=8650, ballots=None)),
        (
            plain(p(B), ["2025年", "居民评议", "92分", 120]),
            person(B, subject="person", year=2025, source="群众评议", score=9200, ballots=120),
        ),
        (
            plain(["", "", "云天社区"], ["2025年度", "第三方评估", "75.25", ""]),
            {
                "id": None,
                "name": "云天社区居委会",
                "org": "420103008015",
                "subject": "organisation",
                "year": 2025,
                "source": "专业评估",
                "score": 7525,
                "ballots": None,
                "evidence": EV,
                "recorder": RE,
            },
        ),
        (
            plain(p(D), ["2024", "创新", 0, "0"]),
            person(D, subject="person", year=2024, source="创新贡献", score=0, ballots=0),
        ),
    ],
    [
        *score_bad,
        (plain(["", "", ""], rest), ["no subject"]),
        (plain(p(E), ["25", "过程考核", 86.5, ""]), ["bad year"]),
        (plain(p(E), [2033, "过程考核", 86.5, ""]), ["bad year"]),
        (plain(p(E), [2025, "领导印象", 86.5, ""]), ["unknown source"]),
        (plain(p(E), [2025, "过程考核", 100.5, ""]), ["bad score"]),
        (plain(p(E), [2025, "过程考核", "优秀", ""]), ["bad score"]),
        (plain(p(E), [2025, "群众评议", 86.5, ""]), ["bad ballots"]),
        (plain(p(E), [2025, "群众评议", 86.5, 12.5]), ["bad ballots"]),
        (plain(p(A), [2025, "日常考核", 80, ""]), ["duplicate row"]),
    ],
)

rest = ["2025.12.1", 80, 81, 82, 83, 84, 85]
names = ("serve", "mobilise", "deliberate", "operate", "coordinate", "innovate")
BOOKS["abilities"] = (
    [
        "身份证号码",
        "姓名",
        "所属社区",
        "评定日期",
        "为民服务力",
        "居民动员力",
        "协商议事力",
        "项目运营力",
        "统筹协调力",
        "治理创新力",
        "依据",
        "记录人",
    ],
    [
        (plain(p(A), rest), person(A, date="2025-12-01", **{k: 8000 + 100 * n for n, k in enumerate(names)})),
        (
            plain(p(B), ["2025年12月", "60.05", "", "/", "100", 0, ""]),
            person(B, date="2025-12-01", **dict(zip(names, (6005, None, None, 10000, 0, None), strict=True))),
        ),
    ],
    [
        *bad_person_rows(rest, plain),
        (plain(p(E), ["", *rest[1:]]), ["bad date"]),
        (plain(p(E), [rest[0], 80, 81, 182, 83, 84, 85]), ["bad score"]),
        (plain(p(E), [rest[0], 80, 81, "良", 83, 84, 85]), ["bad score"]),
        (plain(p(E), [rest[0], "", "", "", "", "", ""]), ["no rating"]),
        (plain(p(A), ["2025-12-01", *rest[1:]]), ["duplicate row"]),
    ],
)

rest = ["2025年7月1日", "优秀社区工作者", "区级", "江汉区民政局（合成）"]
BOOKS["awards"] = (
    ["身份证号码", "姓名", "所属社区", "获奖时间", "荣誉称号", "级别", "颁发单位", "证明材料", "经办人"],
    [
        (
            plain(p(A), rest),
            person(A, date="2025-07-01", title="优秀社区工作者", level="区", issuer="江汉区民政局(合成)"),
        ),
        (
            plain(p(B), ["二〇二五年七月一日", "最美社工", "省部级", "省民政厅"]),
            person(B, date="2025-07-01", title="最美社工", level="省", issuer="省民政厅"),
        ),
        (
            plain(p(C), ["2025.7", "治理先锋", "全国", "民政部"]),
            person(C, date="2025-07-01", title="治理先锋", level="国家", issuer="民政部"),
        ),
    ],
    [
        *bad_person_rows(rest, plain),
        (plain(p(E), ["2025年2月30日", *rest[1:]]), ["bad date"]),
        (plain(p(E), [rest[0], "", *rest[2:]]), ["no title"]),
        (plain(p(E), [rest[0], rest[1], "宇宙级", rest[3]]), ["unknown level"]),
        (plain(p(E), [*rest[:3], ""]), ["no issuer"]),
        (plain(p(A), rest), ["duplicate row"]),
    ],
)

rest = ["2025-08-31", "月度不合格", "当月考核55分"]
BOOKS["warnings"] = (
    ["身份证号码", "姓名", "所属社区", "处理日期", "处理种类", "事由", "依据", "记录人"],
    [
        (plain(p(A), rest), person(A, date="2025-08-31", kind="月度不合格", reason="当月考核55分")),
        (
            plain(p(B), ["2025.9", "诫勉", "连续三月不合格"]),
            person(B, date="2025-09-01", kind="诫勉谈话", reason="连续三月不合格"),
        ),
        (
            plain(p(C), ["20251231", "不称职", "年度考核58分"]),
            person(C, date="2025-12-31", kind="年度不称职", reason="年度考核58分"),
        ),
    ],
    [
        *bad_person_rows(rest, plain),
        (plain(p(E), ["8月31日", *rest[1:]]), ["bad date"]),
        (plain(p(E), ["2026-02-01", *rest[1:]]), ["bad date"]),
        (plain(p(E), [rest[0], "罚款", rest[2]]), ["unknown warning"]),
        (plain(p(E), [*rest[:2], ""]), ["no reason"]),
        (plain(p(A), ["2025.8.31", "月度考核不合格", "同一件事"]), ["duplicate row"]),
    ],
)

rest = ["2025年5月", "小巷议事厅", "负责人", "市级", "1.2万元", 10, 88]
BOOKS["projects"] = (
    [
        "身份证号码",
        "姓名",
        "所属社区",
        "立项日期",
        "项目名称",
        "承担角色",
        "获奖情况",
        "经费（元）",
        "工作量",
        "质量评分",
        "佐证材料",
        "记录人",
    ],
    [
        (
            plain(p(A), rest),
            person(
                A,
                date="2025-05-01",
                project="小巷议事厅",
                role="负责人",
                prize="市",
                fund=1_200_000,
                workload=1000,
                quality=8800,
            ),
        ),
        (
            plain(p(B), ["2025.5.6", "小巷议事厅", "主要成员", "未获奖", "12,345.67", "2.5", ""]),
            person(
                B,
                date="2025-05-06",
                project="小巷议事厅",
                role="骨干",
                prize="无",
                fund=1_234_567,
                workload=250,
                quality=None,
            ),
        ),
        (
            plain(p(C), ["2025.5.6", "银发课堂", "参与", "", "", "", "90"]),
            person(
                C,
                date="2025-05-06",
                project="银发课堂",
                role="成员",
                prize=None,
                fund=None,
                workload=None,
                quality=9000,
            ),
        ),
    ],
    [
        *bad_person_rows(rest, plain),
        (plain(p(E), ["2025", *rest[1:]]), ["bad date"]),
        (plain(p(E), [rest[0], "", *rest[2:]]), ["no project"]),
        (plain(p(E), [*rest[:2], "围观", *rest[3:]]), ["unknown role"]),
        (plain(p(E), [*rest[:3], "银河级", *rest[4:]]), ["unknown level"]),
        (plain(p(E), [*rest[:4], "约一万", 10, 88]), ["bad amount"]),
        (plain(p(E), [*rest[:4], "0.001", 10, 88]), ["bad amount"]),
        (plain(p(E), [*rest[:5], "很多", 88]), ["bad workload"]),
        (plain(p(E), [*rest[:6], 120]), ["bad score"]),
        (plain(p(A), rest), ["duplicate row"]),
    ],
)

rest = ["2025年8月31日", "48000", 9600.5, 0, 2000, 24, "12年6个月", "三级五档"]
BOOKS["openings"] = (
    [
        "身份证号码",
        "姓名",
        "所属社区",
        "截止日期",
        "累计收入",
        "累计扣除",
        "已扣税额",
        "每月专项附加扣除",
        "累计学时",
        "社区工作年限",
        "现级档",
        "依据",
        "记录人",
    ],
    [
        (
            plain(p(A), rest),
            person(
                A,
                date="2025-08-31",
                income=4_800_000,
                deductions=960_050,
                tax=0,
                special_additional=200_000,
                hours=2400,
                service=150,
                grade="三级五档",
            ),
        ),
        (
            plain(p(B), ["2025.8", "4.8万", "9,600", "12.30元", "", "", "8", ""]),
            person(
                B,
                date="2025-08-01",
                income=4_800_000,
                deductions=960_000,
                tax=1_230,
                special_additional=None,
                hours=None,
                service=96,
                grade=None,
            ),
        ),
    ],
    [
        *bad_person_rows(rest, plain),
        (plain(p(E), ["昨天", *rest[1:]]), ["bad date"]),
        (plain(p(E), [rest[0], "", *rest[2:]]), ["no income"]),
        (plain(p(E), [rest[0], -1, *rest[2:]]), ["bad amount"]),
        (plain(p(E), [*rest[:5], "许多", *rest[6:]]), ["bad hours"]),
        (plain(p(E), [*rest[:6], "很久", rest[7]]), ["bad service"]),
        (plain(p(A), rest), ["duplicate row"]),
    ],
)


def write(kind, header, good, bad):
    """Write the workbook of a kind: a title, a line for the office, the header, the rows shuffled by a fixed stride, a total."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "登记表"
    sheet.append([f"{kind}（合成数据）"])
    sheet["A1"].font = Font(bold=True, size=16)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(header))
    sheet.append(["填报单位："])
    sheet.append(header)
    rows = [(cells, True, [], canonical) for cells, canonical in good[:1]]
    rest = [(cells, True, [], canonical) for cells, canonical in good[1:]]
    rest += [(cells, False, why, None) for cells, why in bad]
    rows += [rest[n * 7 % len(rest)] for n in range(len(rest))] if len(rest) % 7 else rest
    truth = []
    for number_, (cells, ok, why, canonical) in enumerate(rows, start=4):
        sheet.append([None if value == "" else value for value in cells])
        truth.append({"row": number_, "ok": ok, "why": why, "canonical": canonical})
    sheet.append(["合计", f"{len(rows)}行"])
    sheet.append([])
    sheet.append(["填表人：          审核人："])
    book.save(HERE / f"facts-{kind}.xlsx")
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in truth)
    (HERE / f"facts-{kind}.truth.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    people = ",\n".join(json.dumps(someone, ensure_ascii=False) for someone in PEOPLE)
    (HERE / "people.json").write_text(f"[\n{people}\n]\n", encoding="utf-8")
    for kind, (header, good, bad) in BOOKS.items():
        write(kind, header, good, bad)
