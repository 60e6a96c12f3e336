"""The desk as workbooks: the template an office fills in, and the tables of what was found."""

from typing import Any

from qinglan.core.matching.books import book
from qinglan.core.twin.desk.case import DEFAULTS, WORDS, Case
from qinglan.core.twin.desk.figures import FIGURES, RULE
from qinglan.core.twin.desk.parameters import catalogue
from qinglan.core.twin.desk.reading import BACK, COLUMNS, ITEM, KIND, VALUE, WINDOW

SAMPLE_HOURS = ("9:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00")
# Invented figures: an office writes its own over them.
SAMPLE = (
    ("社会保障", 12, "社保窗口", 1, 1, None, None, (2, 2.5, 1.5, 1, 2, 1.5, 1)),
    ("民政救助", 20, "民政窗口", 1, 1, None, 0.2, (0.8, 1, 0.5, 0.5, 0.8, 0.6, 0.4)),
    ("计生卫健", 10, "卫健窗口", 1, 0, None, None, (1.2, 1.5, 1, 0.6, 1, 0.8, 0.5)),
    ("综合事务", 6, "综合窗口", 1, 0, None, 0.05, (4, 5, 3, 2, 4, 3, 2)),
)


def template() -> bytes:
    """A workbook with an invented desk and every setting at its default."""
    rows = [(*COLUMNS, *SAMPLE_HOURS), *((*one[:-1], *one[-1]) for one in SAMPLE)]
    settings: list[tuple[Any, ...]] = [(ITEM, VALUE, "说明")]
    settings += [
        (WORDS["name"], "示例服务台（合成数据）", "结果上的名称"),
        (WORDS["general"], 4, "一条队时几个人；不写按窗口人数之和"),
        (WORDS["front"], 2, "综合柜台几个人；不写按窗口人数之和减后台人数"),
        (WORDS["months"], DEFAULTS["months"], "改成全科以后看几个月"),
        (WORDS["days"], DEFAULTS["days"], "一个月开门几天"),
        (WORDS["replicates"], DEFAULTS["replicates"], "重复多少次"),
        (WORDS["seed"], DEFAULTS["seed"], "同样的种子给同样的数"),
        (WORDS["shape"], DEFAULTS["shape"], "对数正态、指数、定长"),
    ]
    settings += [
        (one.label, one.default, f"{one.low:g}–{one.high:g} {one.unit}；{one.basis}") for one in catalogue().values()
    ]
    about = [
        ("怎么填",),
        (f"「事项与来人」：一行一件事；「{KIND}」后面填专人办一件平均要几分钟，在哪个窗口，窗口几个人。",),
        (f"几件事同一个窗口的，「{WINDOW}」写成一样；「{BACK}」是改成综合柜台以后这个窗口的人里留在后台的。",),
        ("9:00 等列填这一小时平均来几个人（可带小数）；一列是一小时，可增减。",),
        ("示例里的数都是编的，请换成本区自己的。",),
    ]
    return book({"事项与来人": rows, "设置": settings, "说明": about})


def rows_of(case: Case, found: dict[str, Any]) -> dict[str, list[list[Any]]]:
    """What `outcome` found, as sheets of rows: comparison, kinds, months, people, freed, parameters."""
    layouts = found["layouts"]
    shorts = [one["short"] for one in layouts]
    compared: list[list[Any]] = [
        ["指标", "单位", *(f"{name}{part}" for name in shorts for part in ("", "（低）", "（高）"))]
    ]
    compared.append(["人数", "人", *(value for one in layouts for value in (one["people"], None, None))])
    for figure in FIGURES:
        scale = 100.0 if figure.share else 1.0
        cells = [None if value is None else value * scale for one in layouts for value in one["figures"][figure.name]]
        compared.append([figure.label, figure.unit, *cells])
    kinds: list[list[Any]] = [
        ["事项", *(f"{name}{what}" for name in shorts for what in ("平均等候", "九成半不超过", "等不及走的"))]
    ]
    for at, name in enumerate(found["kinds"]):
        kinds.append([name, *(one["kinds"][at][what][0] for one in layouts for what in ("wait", "p95", "left"))])
    months: list[list[Any]] = [
        ["改后第几个月", *(f"{name}{what}" for name in shorts for what in ("平均等候", "九成半不超过"))]
    ]
    for at in range(case.months):
        months.append([at + 1, *(one["months"][at][what][0] for one in layouts for what in ("wait", "p95"))])
    people = [["办法", "谁", "人数", "忙的时间占开放时间"]]
    people += [[one["short"], row["name"], row["people"], row["busy"][0]] for one in layouts for row in one["groups"]]
    freed: list[list[Any]] = [["办法", "最少要几人", "可下沉网格几人", "每月腾出小时"]]
    freed += [[one["label"], one["people"], one["freed"], one["hours_a_month"]] for one in found["freed"] or []]
    freed.append([RULE])
    used = [["参数", "采用值", "单位", "默认值", "可用范围", "出处"]]
    used += [
        [one["label"], one["value"], one["unit"], one["default"], f"{one['low']:g}–{one['high']:g}", one["basis"]]
        for one in found["parameters"]
    ]
    about = [["说明"], [found["note"]], *([one] for one in found["warnings"])]
    return {
        "比较": compared,
        "各事项": kinds,
        "各月": months,
        "人手": people,
        "腾出的人": freed,
        "参数": used,
        "说明": about,
    }


def workbook(case: Case, found: dict[str, Any]) -> bytes:
    """The tables of `rows_of` as a workbook."""
    return book(rows_of(case, found))


def pasted() -> str:
    """The invented desk as text in columns, as it would be pasted from a workbook."""
    rows = [(*COLUMNS, *SAMPLE_HOURS), *((*one[:-1], *one[-1]) for one in SAMPLE)]
    return "\n".join("\t".join("" if value is None else str(value) for value in row) for row in rows)
