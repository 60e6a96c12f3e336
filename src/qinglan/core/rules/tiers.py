"""Tiers and who enters them (diagnose.tier_entry): 新手, 骨干, 中坚.

中坚 by leading post; 骨干 by years since entry, selection and willingness (S0 二（三）：入职2年以上、有工作经验且愿意主动提升).
"""

from typing import NamedTuple

from qinglan.core.frame import units
from qinglan.core.frame.codes import Post, Tier
from qinglan.core.packs.items import Item
from qinglan.core.packs.pack import PackOnDate
from qinglan.core.rules.compiling import compiled
from qinglan.core.rules.families import Family, Step, row, store
from qinglan.core.rules.numbers import is_missing, whole_months
from qinglan.core.rules.shapes import Scalar, Table

ITEMS = (
    Item("diagnose.tier_entry.backbone_months", "骨干的入职月数下限", Scalar(units.MONTHS), "diagnose.tier_entry"),
    Item(
        "diagnose.tier_entry.pillar_posts", "属于中坚的岗位", Table(Post, units.FLAG), "diagnose.tier_entry",
        help="社区负责人，含副书记、副主任",
    ),
)  # fmt: skip


class Inputs(NamedTuple):
    post: int
    entry_date: int
    as_of: int
    willing: int


class Steps(NamedTuple):
    months_since_entry: int
    post_is_leading: int
    backbone_months_required: int
    months_suffice: int
    is_willing: int
    tier: int
    pillar_row: int


WIDTH = len(Inputs._fields)


class Tables(NamedTuple):
    backbone_months: int
    pillar_posts: object


def tables(pack: PackOnDate) -> Tables:
    return Tables(pack["diagnose.tier_entry.backbone_months"], pack["diagnose.tier_entry.pillar_posts"])


@compiled
def kernel(x, t):
    months = x.entry_date if is_missing(x.entry_date) else whole_months(x.entry_date, x.as_of + 1)
    leading = 0
    if not is_missing(x.post):
        leading = 1 if t.pillar_posts[x.post] == 1 else 0
    suffice = 1 if not is_missing(months) and months >= t.backbone_months else 0
    willing = 1 if x.willing == 1 else 0
    if is_missing(x.post):
        tier = 0
    elif leading == 1:
        tier = 3
    elif suffice == 1 and willing == 1:
        tier = 2
    else:
        tier = 1
    return Steps(months, leading, t.backbone_months, suffice, willing, tier, x.post)


@compiled
def run(columns, t, out):
    for index in range(columns.shape[1]):
        store(out, index, kernel(Inputs(*row(columns[:, index], WIDTH)), t))


FAMILY = Family(
    id="diagnose.tier_entry",
    label="层级入口条件",
    mechanisms=("diagnose.tier_entry", "diagnose.tier3_ability6"),
    inputs=Inputs,
    outputs=Steps,
    steps={
        "months_since_entry": Step("入职满几个月", units.MONTHS),
        "post_is_leading": Step("是社区负责人", units.FLAG, "diagnose.tier_entry.pillar_posts", "pillar_row"),
        "backbone_months_required": Step("骨干要求的月数", units.MONTHS, "diagnose.tier_entry.backbone_months"),
        "months_suffice": Step("月数够了", units.FLAG),
        "is_willing": Step("本人愿意", units.FLAG),
        "tier": Step("层级", units.CODE, "diagnose.tier_entry.backbone_months", codes=Tier.labels()),
        "pillar_row": Step("岗位行", units.ROW, hidden=True),
    },
    kernel=kernel,
    run=run,
    tables=tables,
)
