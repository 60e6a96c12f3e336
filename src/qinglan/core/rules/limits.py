"""Who may not be moved or dismissed by rule: elected members, probation, and article 42 of the Labour Contract Law.

Elected members of residents' committees are bound by the committee law alone (mechanisms §7); the other families ask here first.
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Post
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import is_missing, whole_months
from qinglan.core.rules.shapes import Scalar, Table

M = "exit.unfit"

ITEMS = (
    Item(
        f"{M}.elected_posts", "由选举产生的岗位", Table(Post, units.FLAG, every=True), M,
        help="「选举产生」没有记录时按岗位判断",
    ),
    Item(f"{M}.shield_service", "第四十二条第五项：连续工作满", Scalar(units.MONTHS), M),
    Item(f"{M}.shield_retirement", "第四十二条第五项：距法定退休不足", Scalar(units.MONTHS), M),
)  # fmt: skip


class Inputs(NamedTuple):
    elected: int
    post: int
    probation_until: int
    protected: int
    medical_period: int
    entry_date: int
    months_to_retirement: int
    as_of: int


class Steps(NamedTuple):
    bound_by_election: int
    in_probation: int
    in_protection: int
    in_medical_period: int
    shield_service_required: int
    shield_service: int
    shield_retirement_required: int
    shield_long_service: int
    barred_by_article_42: int
    limits_post_row: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    elected_posts: object
    service: int
    retirement: int


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack[f"{M}.elected_posts"], pack[f"{M}.shield_service"], pack[f"{M}.shield_retirement"])


@compiled
def kernel(x, t):
    elected = 1 if x.elected == 1 else 0
    if is_missing(x.elected) and not is_missing(x.post):
        elected = t.elected_posts[x.post]
    probation = 1 if x.probation_until >= x.as_of else 0
    protection = 1 if x.protected == 1 else 0
    medical = 1 if x.medical_period == 1 else 0
    service = x.entry_date if is_missing(x.entry_date) else whole_months(x.entry_date, x.as_of + 1)
    near = 1 if not is_missing(x.months_to_retirement) and x.months_to_retirement < t.retirement else 0
    long_service = 1 if near == 1 and service >= t.service else 0
    barred = 1 if protection + medical + long_service > 0 else 0
    return Steps(
        elected, probation, protection, medical, t.service, service, t.retirement, long_service, barred, x.post
    )  # fmt: skip


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


FAMILY = Family(
    id=f"{M}.limits",
    label="调动和解除的法律限制",
    mechanisms=(M, "exit.xuhui", "career.rotation_15", "assess.flow_by_result"),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "bound_by_election": Step(
            "选举产生、任期内：不能由规则调动、降级或解除", units.FLAG, f"{M}.elected_posts", "limits_post_row"
        ),
        "in_probation": Step("试用期内", units.FLAG),
        "in_protection": Step("孕产哺乳期", units.FLAG),
        "in_medical_period": Step("医疗期内", units.FLAG),
        "shield_service_required": Step("连续工作的界限", units.MONTHS, f"{M}.shield_service"),
        "shield_service": Step("在本单位连续工作", units.MONTHS),
        "shield_retirement_required": Step("距法定退休的界限", units.MONTHS, f"{M}.shield_retirement"),
        "shield_long_service": Step("工作满十五年且距退休不足五年", units.FLAG, f"{M}.shield_retirement"),
        "barred_by_article_42": Step("不得依第四十条解除（职业病、工伤等其余情形由人核对）", units.FLAG),
        "limits_post_row": Step("岗位行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
)  # fmt: skip

FAMILIES = (FAMILY,)
