"""The ladders: 三岗十八级 by formula and 五级九档 by promotion; which is in use, the grade in force, the next one.

S3 names five ranks and nine grades; their allocation (2-2-2-2-1) and 三岗十八级 are rows of one item (mechanisms §3, decision 1;
policy_facts §2). A rise is a proposal: what is computed here is the grade in force and the one above it.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Band, Certificate, Education, LadderProfile, Post, Rank
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import is_missing, or_zero, whole_months
from qinglan.core.rules.shapes import Col, Scalar, Table, ladder

M = "career.five_rank_nine_grade"
NOT_APPLICABLE = missing(Reason.NOT_APPLICABLE)
NOT_IN_PACK = missing(Reason.NOT_IN_PACK)

ITEMS = (
    Item(f"{M}.profile", "现用的职级体系", Scalar(units.CODE, LadderProfile), M),
    Item(
        f"{M}.ladder", "各体系的职级（档）",
        ladder(
            {
                "profile": Col("体系", units.CODE, LadderProfile),
                "grade": Col("档", units.COUNT, minimum=1),
                "rank": Col("级", units.CODE, Rank, any=True),
                "coefficient": Col("系数", units.COEFFICIENT),
            },
            within="profile",
        ),
        M,
    ),
    Item(f"{M}.entry_grade", "没有职级记录时按第几档", Scalar(units.COUNT, minimum=1), M, help="只用于五级九档"),
    Item(f"{M}.eighteen_bands", "岗位属于哪一岗", Table(Post, units.CODE, Band), M),
    Item(f"{M}.eighteen_start", "各岗的起点级", Table(Band, units.COUNT, every=True), M),
    Item(f"{M}.eighteen_top", "各岗的最高级", Table(Band, units.COUNT, every=True), M),
    Item(f"{M}.eighteen_step_months", "每满几个月升一级", Scalar(units.MONTHS, minimum=1), M),
    Item(f"{M}.eighteen_recognised", "认定的以往服务计入年限", Scalar(units.FLAG), M),
    Item(f"{M}.eighteen_education", "有学历有学位的加级", Table(Education, units.COUNT, every=True), M),
    Item(f"{M}.eighteen_education_months", "只有学历的折算年限", Table(Education, units.MONTHS, every=True), M),
    Item(f"{M}.eighteen_certificate", "资格证书加级（不累加）", Table(Certificate, units.COUNT, every=True), M),
)  # fmt: skip


class EighteenInputs(NamedTuple):
    post: int
    entry_date: int
    recognised_months: int
    education: int
    has_degree: int
    certificate: int
    as_of: int


class EighteenSteps(NamedTuple):
    eighteen_band: int
    eighteen_start: int
    eighteen_service: int
    eighteen_education_months: int
    eighteen_year_steps: int
    eighteen_education_steps: int
    eighteen_certificate_steps: int
    eighteen_top: int
    eighteen_grade: int
    eighteen_post_row: int
    eighteen_education_row: int
    eighteen_certificate_row: int


EIGHTEEN_WIDTH = len(EighteenInputs._fields)


class EighteenTables(NamedTuple):
    bands: object
    start: object
    top: object
    step_months: int
    recognised: int
    education: object
    education_months: object
    certificate: object


def eighteen_tables(pack: PackOnDate) -> EighteenTables:
    names = ("bands", "start", "top", "step_months", "recognised", "education", "education_months", "certificate")
    return EighteenTables(*(pack[f"{M}.eighteen_{name}"] for name in names))


@compiled
def eighteen_kernel(x, t):
    """The grade of 三岗十八级: start of the post's band + one a step of service + education + certificate, up to the top."""
    band = x.post if is_missing(x.post) else t.bands[x.post]
    service = x.entry_date
    if not is_missing(service):
        service = whole_months(x.entry_date, x.as_of + 1)
        if t.recognised == 1:
            service += or_zero(x.recognised_months)
    by_education = 0
    extra_months = 0
    if not is_missing(x.education):
        if x.has_degree == 1:
            by_education = t.education[x.education]
        else:
            extra_months = t.education_months[x.education]
    by_certificate = 0 if is_missing(x.certificate) else t.certificate[x.certificate]
    by_years = service if is_missing(service) else (service + extra_months) // t.step_months
    start, top, grade = band, band, band
    if not is_missing(band):
        start = t.start[band]
        top = t.top[band]
        grade = by_years
        if not is_missing(by_years):
            grade = start + by_years + by_education + by_certificate
            grade = top if grade > top else grade
    return EighteenSteps(
        band, start, service, extra_months, by_years, by_education, by_certificate, top, grade,
        x.post, x.education, x.certificate,
    )  # fmt: skip


@compiled
def eighteen_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, eighteen_kernel(EighteenInputs(*row(columns[:, index], EIGHTEEN_WIDTH)), t))


EIGHTEEN = Family(
    id=f"{M}.eighteen",
    label="三岗十八级",
    mechanisms=(M,),
    inputs=EighteenInputs,
    outputs=EighteenSteps,
    steps={
        "eighteen_band": Step("岗", units.CODE, f"{M}.eighteen_bands", "eighteen_post_row", codes=Band.labels()),
        "eighteen_start": Step("起点级", units.COUNT, f"{M}.eighteen_start", "eighteen_band"),
        "eighteen_service": Step("服务满几个月", units.MONTHS, f"{M}.eighteen_recognised"),
        "eighteen_education_months": Step(
            "学历折算", units.MONTHS, f"{M}.eighteen_education_months", "eighteen_education_row"
        ),
        "eighteen_year_steps": Step("年限升级", units.COUNT, f"{M}.eighteen_step_months"),
        "eighteen_education_steps": Step(
            "学历加级", units.COUNT, f"{M}.eighteen_education", "eighteen_education_row"
        ),
        "eighteen_certificate_steps": Step(
            "证书加级", units.COUNT, f"{M}.eighteen_certificate", "eighteen_certificate_row"
        ),
        "eighteen_top": Step("本岗最高级", units.COUNT, f"{M}.eighteen_top", "eighteen_band"),
        "eighteen_grade": Step("按三岗十八级应在第几级", units.COUNT),
        "eighteen_post_row": Step("岗位行", units.ROW, hidden=True),
        "eighteen_education_row": Step("学历行", units.ROW, hidden=True),
        "eighteen_certificate_row": Step("证书行", units.ROW, hidden=True),
    },
    kernel=eighteen_kernel,
    run=eighteen_run,
    tables=eighteen_tables,
)  # fmt: skip


class Inputs(NamedTuple):
    ladder_grade: int
    ladder_since: int
    entry_date: int
    as_of: int
    eighteen_grade: int
    eighteen_top: int


class Steps(NamedTuple):
    ladder_profile: int
    ladder_recorded: int
    ladder_grade_now: int
    ladder_rank: int
    ladder_coefficient: int
    ladder_months: int
    ladder_next_grade: int
    ladder_next_rank: int
    ladder_next_coefficient: int
    ladder_row: int
    ladder_next_row: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    """`rows` (n, 4): profile, grade, rank (or missing), coefficient in ten-thousandths."""

    profile: int
    rows: object
    entry_grade: int


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{M}.profile"], pack[f"{M}.ladder"], pack[f"{M}.entry_grade"])


@compiled
def find_grade(rows, profile, grade):
    """Row of this profile and grade; -1 if the ladder has none (or the grade is missing)."""
    for index in range(rows.shape[0]):
        if rows[index, 0] == profile and rows[index, 1] == grade:
            return index
    return -1


@compiled
def kernel(x, t):
    recorded = 0 if is_missing(x.ladder_grade) else 1
    now = x.ladder_grade
    if recorded == 0:
        now = t.entry_grade if t.profile == 1 else x.eighteen_grade
    since = x.entry_date if is_missing(x.ladder_since) else x.ladder_since
    months = since if is_missing(since) else whole_months(since, x.as_of + 1)
    following = now
    if not is_missing(now):
        following = now + 1
        if t.profile == 2:
            if is_missing(x.eighteen_top) or now >= x.eighteen_top:
                following = NOT_APPLICABLE
            elif x.eighteen_grade > following:
                following = x.eighteen_grade
    taken = find_grade(t.rows, t.profile, now)
    above = find_grade(t.rows, t.profile, following)
    if above < 0 and not is_missing(following):
        following = NOT_APPLICABLE
    absent = now if is_missing(now) else NOT_IN_PACK
    return Steps(
        t.profile, recorded, now,
        t.rows[taken, 2] if taken >= 0 else absent,
        t.rows[taken, 3] if taken >= 0 else absent,
        months, following,
        t.rows[above, 2] if above >= 0 else following,
        t.rows[above, 3] if above >= 0 else following,
        taken, above,
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


FAMILY = Family(
    id=M,
    label="职级",
    mechanisms=(M,),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "ladder_profile": Step("现用的职级体系", units.CODE, f"{M}.profile", codes=LadderProfile.labels()),
        "ladder_recorded": Step("有职级记录", units.FLAG),
        "ladder_grade_now": Step("现职级（档）", units.COUNT, f"{M}.entry_grade"),
        "ladder_rank": Step("现级别", units.CODE, f"{M}.ladder", "ladder_row", codes=Rank.labels()),
        "ladder_coefficient": Step("现职级系数", units.COEFFICIENT, f"{M}.ladder", "ladder_row"),
        "ladder_months": Step("任现职级满几个月", units.MONTHS),
        "ladder_next_grade": Step("高一档", units.COUNT),
        "ladder_next_rank": Step("高一档的级别", units.CODE, f"{M}.ladder", "ladder_next_row", codes=Rank.labels()),
        "ladder_next_coefficient": Step("高一档系数", units.COEFFICIENT, f"{M}.ladder", "ladder_next_row"),
        "ladder_row": Step("职级行", units.ROW, hidden=True),
        "ladder_next_row": Step("高一档行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
    headline="ladder_grade_now",
)

FAMILIES = (EIGHTEEN, FAMILY)
