"""Honours: the medal for 30 full years of service (S3) and the honour file's points by level of the award (S3).

Service is counted in months, over breaks; whether earlier stretches and recognised service (协管员) count is the pack's choice.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Level
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import is_missing, or_zero, whole_months
from qinglan.core.rules.shapes import Scalar, Table

MEDAL = "honour.medal_30"
FILE = "honour.file"

ITEMS = (
    Item(f"{MEDAL}.months", "授予功勋奖章的服务月数", Scalar(units.MONTHS), MEDAL),
    Item(f"{MEDAL}.count_earlier", "间断前的各段服务相加", Scalar(units.FLAG), MEDAL),
    Item(f"{MEDAL}.count_recognised", "认定的以往服务（协管员等）相加", Scalar(units.FLAG), MEDAL),
    Item(f"{FILE}.points", "每项荣誉的分值", Table(Level, units.SCORE, every=True), FILE),
    Item(f"{FILE}.level_caps", "各级荣誉分上限", Table(Level, units.SCORE, every=True), FILE),
    Item(f"{FILE}.total_cap", "荣誉档案总分上限", Scalar(units.SCORE), FILE),
)


class Inputs(NamedTuple):
    entry_date: int
    earlier_service_months: int
    recognised_months: int
    as_of: int


class Steps(NamedTuple):
    medal_months_now: int
    medal_months_earlier: int
    medal_months_recognised: int
    medal_months: int
    medal_months_required: int
    medal_months_short: int
    medal_due: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    months: int
    earlier: int
    recognised: int


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{MEDAL}.months"], pack[f"{MEDAL}.count_earlier"], pack[f"{MEDAL}.count_recognised"])


@compiled
def kernel(x, t):
    now = x.entry_date if is_missing(x.entry_date) else whole_months(x.entry_date, x.as_of + 1)
    earlier = or_zero(x.earlier_service_months) if t.earlier == 1 else 0
    recognised = or_zero(x.recognised_months) if t.recognised == 1 else 0
    total, short, due = now, now, now
    if not is_missing(now):
        total = now + earlier + recognised
        short = t.months - total if total < t.months else 0
        due = 1 if short == 0 else 0
    return Steps(now, earlier, recognised, total, t.months, short, due)


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


MEDAL_FAMILY = Family(
    id=MEDAL,
    label="社区功勋奖章",
    mechanisms=(MEDAL,),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "medal_months_now": Step("本次入职以来服务", units.MONTHS),
        "medal_months_earlier": Step("间断前的服务（计入）", units.MONTHS, f"{MEDAL}.count_earlier"),
        "medal_months_recognised": Step("认定的以往服务（计入）", units.MONTHS, f"{MEDAL}.count_recognised"),
        "medal_months": Step("服务合计", units.MONTHS),
        "medal_months_required": Step("要求", units.MONTHS, f"{MEDAL}.months"),
        "medal_months_short": Step("还差", units.MONTHS),
        "medal_due": Step("可授予功勋奖章（建议）", units.FLAG, f"{MEDAL}.months"),
    },
    kernel=kernel,
    run=run,
    tables=tables,
)


class FileInputs(NamedTuple):
    awards_national: int
    awards_province: int
    awards_city: int
    awards_district: int
    awards_subdistrict: int


class FileSteps(NamedTuple):
    honour_national: int
    honour_province: int
    honour_city: int
    honour_district: int
    honour_subdistrict: int
    honour_sum: int
    honour_cap: int
    honour_points: int
    honour_row_national: int
    honour_row_province: int
    honour_row_city: int
    honour_row_district: int
    honour_row_subdistrict: int


FILE_WIDTH = len(FileInputs._fields)


class FileTables(NamedTuple):
    points: object
    caps: object
    total_cap: int


def file_tables(pack: PackOnDate) -> FileTables:
    return FileTables(pack[f"{FILE}.points"], pack[f"{FILE}.level_caps"], pack[f"{FILE}.total_cap"])


@compiled
def level_points(count, level, t):
    """Points of one level's awards, up to the level's cap; no award recorded, no points."""
    points = or_zero(count) * t.points[level]
    return t.caps[level] if points > t.caps[level] else points


@compiled
def file_kernel(x, t):
    national = level_points(x.awards_national, 1, t)
    province = level_points(x.awards_province, 2, t)
    city = level_points(x.awards_city, 3, t)
    district = level_points(x.awards_district, 4, t)
    subdistrict = level_points(x.awards_subdistrict, 5, t)
    total = national + province + city + district + subdistrict
    points = t.total_cap if total > t.total_cap else total
    return FileSteps(
        national, province, city, district, subdistrict, total, t.total_cap, points, 1, 2, 3, 4, 5
    )  # fmt: skip


@compiled
def file_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, file_kernel(FileInputs(*row(columns[:, index], FILE_WIDTH)), t))


FILE_FAMILY = Family(
    id=FILE,
    label="荣誉档案",
    mechanisms=(FILE,),
    inputs=FileInputs,
    outputs=FileSteps,
    steps={
        "honour_national": Step("国家级荣誉分", units.SCORE, f"{FILE}.points", "honour_row_national"),
        "honour_province": Step("省级荣誉分", units.SCORE, f"{FILE}.points", "honour_row_province"),
        "honour_city": Step("市级荣誉分", units.SCORE, f"{FILE}.points", "honour_row_city"),
        "honour_district": Step("区级荣誉分", units.SCORE, f"{FILE}.points", "honour_row_district"),
        "honour_subdistrict": Step("街道级荣誉分", units.SCORE, f"{FILE}.points", "honour_row_subdistrict"),
        "honour_sum": Step("各级相加（各级不超过上限）", units.SCORE, f"{FILE}.level_caps"),
        "honour_cap": Step("总分上限", units.SCORE, f"{FILE}.total_cap"),
        "honour_points": Step("荣誉档案分（职称评定参考）", units.SCORE, f"{FILE}.total_cap"),
        "honour_row_national": Step("国家级行", units.ROW, hidden=True),
        "honour_row_province": Step("省级行", units.ROW, hidden=True),
        "honour_row_city": Step("市级行", units.ROW, hidden=True),
        "honour_row_district": Step("区级行", units.ROW, hidden=True),
        "honour_row_subdistrict": Step("街道级行", units.ROW, hidden=True),
    },
    kernel=file_kernel,
    run=file_run,
    tables=file_tables,
)

FAMILIES = (MEDAL_FAMILY, FILE_FAMILY)
