"""Monthly marks, surveys and interviews come in by the workbook of scores and reach the frames of the year."""

from tests.unit.facts.workbooks import book, bring_in, register

from qinglan.apps.facts.models import EvaluationScore
from qinglan.apps.people.models import Organisation
from qinglan.apps.policy.queries.records import records_for
from qinglan.core.frame.building import build
from qinglan.core.frame.units_building import build_units

HEAD = [
    "身份证号码",
    "所属社区",
    "考核年度",
    "评分来源",
    "得分",
    "有效票数",
    "满意票数",
    "考核月份",
    "佐证材料",
    "记录人",
]


def test_every_source_reaches_the_year(jianghan: None) -> None:
    number, someone = next(iter(register().items()))
    community = Organisation.objects.get(code=someone.org_code).name
    rest = ["考核表", "李四"]
    batch = bring_in(
        "scores",
        book(
            HEAD,
            [number, None, 2025, "月度考核", 88, None, None, "2月", *rest],
            [number, None, 2025, "月度考核", 59.5, None, None, "2025-06-30", *rest],
            [number, None, 2025, "面试", 91, None, None, None, *rest],
            [None, community, 2025, "群众满意度", None, 200, 181, None, *rest],
            [None, community, 2025, "专业化指数", 71.25, None, None, None, *rest],
        ),
    )
    assert (batch.accepted, batch.refused) == (5, 0), batch.report
    assert {str(day) for day in EvaluationScore.objects.values_list("valid_on", flat=True)} == {
        "2025-02-28", "2025-06-30", "2025-12-31",
    }  # fmt: skip
    records = records_for("420103", 2025, 8_00)
    frame = build(records, 2025)
    row = list(frame.people).index(someone.pk)
    names = ("month_score_02", "month_score_06", "interview_score")
    assert [int(frame.columns[name][row]) for name in names] == [88_00, 59_50, 91_00]
    units = build_units(records, 2025)
    row = units.organisations.index(someone.org_code)
    names = ("satisfied_ballots", "satisfaction_ballots", "index_workers")
    assert [int(units.columns[name][row]) for name in names] == [181, 200, 71_25]
    assert int(units.columns["unit_score_residents"][row]) < 0  # the survey is not the residents' mark
