"""The frame of units (communities, sub-districts) for a year: one row a unit."""

from qinglan.core.frame import codes, units
from qinglan.core.frame.columns import Column

UNIT_YEAR: dict[str, Column] = {
    "year": Column("年度", units.COUNT, required=True),
    "district": Column("区（序号）", units.CODE, required=True),
    "subdistrict": Column("街道（序号）", units.CODE, required=True),
    "unit": Column("单位（序号）", units.CODE, required=True),
    "unit_score_residents": Column("群众评议分", units.SCORE),
    "unit_ballots": Column("群众评议票数", units.COUNT),
    "unit_score_professional": Column("专业评估分", units.SCORE),
    "unit_score_process": Column("过程考核分", units.SCORE),
    "unit_score_innovation": Column("创新贡献分", units.SCORE),
    "last_colour": Column("上年颜色", units.CODE, codes.Colour),
    "satisfied_ballots": Column("满意票数", units.COUNT),
    "satisfaction_ballots": Column("满意度有效票数", units.COUNT),
    "index_workers": Column("社区工作者专业化指数", units.SCORE),
    "index_studio": Column("社区社会工作室指数", units.SCORE),
    "index_residents": Column("社区居民组织化指数", units.SCORE),
    "headcount_start": Column("年初人数", units.PEOPLE),
    "headcount_end": Column("年末人数", units.PEOPLE),
    "exits_voluntary": Column("自愿离职人数", units.PEOPLE),
    "exits_dismissed": Column("解聘人数", units.PEOPLE),
    "exits_promoted": Column("向上流出人数", units.PEOPLE),
    "exits_other": Column("退休及其他离岗人数", units.PEOPLE),
    "communities": Column("社区数", units.COUNT),
    "secretaries": Column("党组织书记人数", units.PEOPLE),
    "dual_post_secretaries": Column("一肩挑人数", units.PEOPLE),
}
