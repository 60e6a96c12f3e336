"""The national social-work examination: who may sit which level, who has passed, and whether a certificate is registered.

Years of service count to the end of the examination year. A final-year student is judged by the education that is recorded.
Sources: 国人部发〔2006〕71号, 高级社会工作师评价办法, 登记办法 (policy_facts §3); they serve train.exam_coaching and
credit.continuing_education.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Certificate, Education, RegistrationState
from qinglan.core.frame.missing import Reason, missing
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import add_months, day_number, is_missing, whole_months, year_of
from qinglan.core.rules.shapes import ANY, Col, Rows, Scalar, Table, eligibility

EXAM, CREDIT = "train.exam_coaching", "credit.continuing_education"
NOT_RECORDED = missing(Reason.NOT_RECORDED)
NOT_APPLICABLE = missing(Reason.NOT_APPLICABLE)
LEVEL, EDUCATION, MAJOR, DEGREE, HELD, YEARS, AFTER = range(7)

ITEMS = (
    Item(
        f"{EXAM}.eligibility", "社会工作者考试报考条件",
        eligibility(
            {
                "level": Col("报考", units.CODE, Certificate),
                "education": Col("学历不低于", units.CODE, Education),
                "social_work_major": Col("社会工作专业", units.FLAG, any=True),
                "degree": Col("有学位", units.FLAG, any=True),
                "certificate": Col("已取得", units.CODE, Certificate, any=True),
                "years": Col("从事社会工作满", units.YEARS, any=True),
                "years_after": Col("取得该证书后满", units.YEARS, any=True),
            }
        ), EXAM, help="符合任何一行即可报考",
    ),
    Item(f"{EXAM}.pass_mark", "各科合格分", Scalar(units.SCORE), EXAM),
    Item(
        f"{EXAM}.papers", "各级别的科目",
        Rows(
            {
                "level": Col("级别", units.CODE, Certificate),
                "ability": Col("综合能力", units.FLAG),
                "practice": Col("实务", units.FLAG),
                "law": Col("法规与政策", units.FLAG),
            },
            ascending="level",
        ), EXAM,
    ),
    Item(f"{EXAM}.cycle_years", "须在连续几个年度内通过全部科目", Table(Certificate, units.YEARS, minimum=1), EXAM),
    Item(f"{EXAM}.result_years", "考试成绩合格证明的有效年数", Table(Certificate, units.YEARS), EXAM),
    Item(f"{CREDIT}.register_within_months", "取得证书后首次登记的期限", Scalar(units.MONTHS), CREDIT),
)  # fmt: skip


class EligibilityInputs(NamedTuple):
    year: int
    education: int
    social_work_major: int
    has_degree: int
    certificate: int
    certificate_date: int
    years_in_social_work: int


class EligibilitySteps(NamedTuple):
    years_since_certificate: int
    eligible_assistant: int
    eligible_intermediate: int
    eligible_senior: int
    exam_next: int
    exam_years_short: int
    assistant_row: int
    intermediate_row: int
    senior_row: int


ELIGIBILITY_WIDTH = len(EligibilityInputs._fields)


class EligibilityTables(NamedTuple):
    rows: object


def eligibility_tables(pack: PackOnDate) -> EligibilityTables:
    return EligibilityTables(pack[f"{EXAM}.eligibility"])


@compiled
def first_fit(level, x, since, rows):
    """(1 if a row of `level` fits, that row or -1, fewest years lacking over rows that fit but for the years)."""
    taken = -1
    short = NOT_APPLICABLE
    for index in range(rows.shape[0]):
        one = rows[index]
        fits = one[LEVEL] == level and x.education >= one[EDUCATION]
        fits = fits and (one[MAJOR] == ANY or x.social_work_major == one[MAJOR])
        fits = fits and (one[DEGREE] == ANY or x.has_degree == one[DEGREE])
        fits = fits and (one[HELD] == ANY or x.certificate >= one[HELD])
        if fits:
            lacking = 0
            known = True
            for need, has in ((one[YEARS], x.years_in_social_work), (one[AFTER], since)):
                if need != ANY and need > 0:
                    known = known and not is_missing(has)
                    lacking = need - has if known and need - has > lacking else lacking
            if known and lacking == 0 and taken < 0:
                taken = index
            if known and (is_missing(short) or lacking < short):
                short = lacking
    return (1 if taken >= 0 else 0), taken, short


@compiled
def eligibility_kernel(x, t):
    """Years that are not recorded prove nothing; without the education nothing can be said. A level already held is not sat."""
    since = NOT_APPLICABLE
    held = 0 if is_missing(x.certificate) else x.certificate
    if held > 0:
        since = x.certificate_date
        if not is_missing(since):
            since = whole_months(since, day_number(x.year + 1, 1, 1)) // 12
    a, a_row, a_short = first_fit(1, x, since, t.rows)
    b, b_row, b_short = first_fit(2, x, since, t.rows)
    c, c_row, c_short = first_fit(3, x, since, t.rows)
    a = 0 if held >= 1 else a
    b = 0 if held >= 2 else b
    c = 0 if held >= 3 else c
    best = 3 if c == 1 else 2 if b == 1 else 1 if a == 1 else 0
    short = a_short if held == 0 else b_short if held == 1 else c_short if held == 2 else NOT_APPLICABLE
    if is_missing(x.education):
        a = b = c = best = short = x.education
    return EligibilitySteps(since, a, b, c, best, short, a_row, b_row, c_row)


@compiled
def eligibility_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, eligibility_kernel(EligibilityInputs(*row(columns[:, index], ELIGIBILITY_WIDTH)), t))


ELIGIBLE = f"{EXAM}.eligibility"

ELIGIBILITY = Family(
    id=ELIGIBLE,
    label="社会工作者考试报考条件",
    mechanisms=(EXAM,),
    inputs=EligibilityInputs,
    outputs=EligibilitySteps,
    steps={
        "years_since_certificate": Step("取得现证书满几年（至年底）", units.YEARS),
        "eligible_assistant": Step("可报初级", units.FLAG, ELIGIBLE, "assistant_row"),
        "eligible_intermediate": Step("可报中级", units.FLAG, ELIGIBLE, "intermediate_row"),
        "eligible_senior": Step("可报高级", units.FLAG, ELIGIBLE, "senior_row"),
        "exam_next": Step("可报的最高级别", units.CODE, ELIGIBLE, codes=Certificate.labels()),
        "exam_years_short": Step("报考上一级还差年数", units.YEARS, ELIGIBLE),
        "assistant_row": Step("初级条件行", units.ROW, hidden=True),
        "intermediate_row": Step("中级条件行", units.ROW, hidden=True),
        "senior_row": Step("高级条件行", units.ROW, hidden=True),
    },
    kernel=eligibility_kernel,
    run=eligibility_run,
    tables=eligibility_tables,
    headline="exam_next",
)


class PassInputs(NamedTuple):
    exam_level: int
    paper_ability: int
    paper_practice: int
    paper_law: int
    paper_ability_year: int
    paper_practice_year: int
    paper_law_year: int


class PassSteps(NamedTuple):
    exam_pass_mark: int
    papers_required: int
    papers_passed: int
    exam_span: int
    exam_cycle: int
    exam_passed: int
    result_until: int
    papers_row: int
    exam_level_row: int


PASS_WIDTH = len(PassInputs._fields)


class PassTables(NamedTuple):
    pass_mark: int
    papers: object
    cycle_years: object
    result_years: object


def pass_tables(pack: PackOnDate) -> PassTables:
    return PassTables(*(pack[f"{EXAM}.{name}"] for name in ("pass_mark", "papers", "cycle_years", "result_years")))


@compiled
def pass_kernel(x, t):
    """All papers of the level at the mark or above, within the cycle. A paper without a score is not passed."""
    taken = -1
    for index in range(t.papers.shape[0]):
        if t.papers[index, 0] == x.exam_level:
            taken = index
    if taken < 0:
        required = passed = span = cycle = result = until = NOT_APPLICABLE
    else:
        required = 0
        passed = 0
        first = 9_999
        last = 0
        unknown = 0
        for paper in range(1, 4):
            if t.papers[taken, paper] == 1:
                required += 1
                if not is_missing(x[paper]) and x[paper] >= t.pass_mark:
                    passed += 1
                    year = x[3 + paper]
                    unknown = 1 if is_missing(year) else unknown
                    first = year if year < first else first
                    last = year if year > last else last
        span = NOT_RECORDED if unknown == 1 or passed == 0 else last - first + 1
        cycle = t.cycle_years[x.exam_level]
        within = span if is_missing(span) else 1 if span <= cycle else 0
        result = 0 if passed < required else within
        years = t.result_years[x.exam_level]
        until = last + years if result == 1 and not is_missing(years) else NOT_APPLICABLE
    return PassSteps(t.pass_mark, required, passed, span, cycle, result, until, taken, x.exam_level)


@compiled
def pass_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, pass_kernel(PassInputs(*row(columns[:, index], PASS_WIDTH)), t))


PASS = Family(
    id=f"{EXAM}.pass",
    label="社会工作者考试合格",
    mechanisms=(EXAM,),
    inputs=PassInputs,
    outputs=PassSteps,
    steps={
        "exam_pass_mark": Step("各科合格分", units.SCORE, f"{EXAM}.pass_mark"),
        "papers_required": Step("应考科数", units.COUNT, f"{EXAM}.papers", "papers_row"),
        "papers_passed": Step("合格科数", units.COUNT, f"{EXAM}.pass_mark"),
        "exam_span": Step("合格科目跨几个年度", units.YEARS),
        "exam_cycle": Step("允许几个年度", units.YEARS, f"{EXAM}.cycle_years", "exam_level_row"),
        "exam_passed": Step("考试合格", units.FLAG, f"{EXAM}.cycle_years", "exam_level_row"),
        "result_until": Step("成绩合格证明有效至哪一年", units.COUNT, f"{EXAM}.result_years", "exam_level_row"),
        "papers_row": Step("科目行", units.ROW, hidden=True),
        "exam_level_row": Step("级别行", units.ROW, hidden=True),
    },
    kernel=pass_kernel,
    run=pass_run,
    tables=pass_tables,
    headline="exam_passed",
)


class RegistrationInputs(NamedTuple):
    certificate: int
    certificate_date: int
    registered_since: int
    as_of: int


class RegistrationSteps(NamedTuple):
    registration_due: int
    registration_until: int
    registration_state: int
    registration_until_year: int


REGISTRATION_WIDTH = len(RegistrationInputs._fields)


class RegistrationTables(NamedTuple):
    within_months: int
    valid_months: int


def registration_tables(pack: PackOnDate) -> RegistrationTables:
    return RegistrationTables(pack[f"{CREDIT}.register_within_months"], pack[f"{CREDIT}.period_months"])


@compiled
def registration_kernel(x, t):
    """Without the certificate's date nobody can be overdue; the last valid day still counts."""
    due = NOT_APPLICABLE
    until = NOT_APPLICABLE
    if is_missing(x.certificate):
        state = x.certificate
    elif x.certificate == 0:
        state = 0
    else:
        due = x.certificate_date if is_missing(x.certificate_date) else add_months(x.certificate_date, t.within_months)
        if is_missing(x.registered_since):
            state = 2 if not is_missing(due) and x.as_of > due else 1
        else:
            until = add_months(x.registered_since, t.valid_months) - 1
            state = 4 if x.as_of > until else 3
    return RegistrationSteps(due, until, state, until if is_missing(until) else year_of(until))


@compiled
def registration_run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, registration_kernel(RegistrationInputs(*row(columns[:, index], REGISTRATION_WIDTH)), t))


REGISTRATION = Family(
    id=f"{CREDIT}.registration",
    label="证书登记",
    mechanisms=(CREDIT,),
    inputs=RegistrationInputs,
    outputs=RegistrationSteps,
    steps={
        "registration_due": Step("首次登记截止日（含）", units.DATE, f"{CREDIT}.register_within_months"),
        "registration_until": Step("登记有效至（含）", units.DATE, f"{CREDIT}.period_months"),
        "registration_state": Step("登记状态", units.CODE, f"{CREDIT}.period_months", codes=RegistrationState.labels()),
        "registration_until_year": Step("应再登记的年度", units.COUNT),
    },
    kernel=registration_kernel,
    run=registration_run,
    tables=registration_tables,
    headline="registration_state",
)

FAMILIES = (ELIGIBILITY, PASS, REGISTRATION)
