"""Behavioural coefficients by name: label, unit, default, range, and a source or the mark 假设 (parameters.yaml).

A scenario replaces defaults by name; so does a district's own figure. What is wrong is said in a sentence, all of it at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

FILE = Path(__file__).parent / "parameters.yaml"
KEYS = {"label", "unit", "default", "low", "high"}
ASSUMED = "假设"
# The sources that the file cites by a code, in full.
SEEDS = {
    "S0": "无锡市新吴区旺庄街道「益动旺庄」案例（数据到 2021 年）",
    "S1": "柳州市城中区社区工作者「全链条」培养案例（数据到 2022 年）",
    "S2": "武汉市江汉区民政部门的机制研究（2019 年调查）",
    "S3": "网上文章《深化社区工作者队伍建设的实践路径》（其中的数字没有查到官方出处，只作设想，不作事实）",
    "S4": "上海报纸约 2017 年 12 月的报道（徐汇成长计划、闵行邻里中心、黄浦借力工程）",
}
LEGEND = "出处里的代号：" + "；".join(f"{code} 为{title}" for code, title in SEEDS.items()) + "。"
# Those that somebody decides, so that two scenarios may differ by them; the others are assumptions.
LEVERS = (
    "staffing_ratio", "training_budget", "training_capacity", "mentor_share", "mentees_per_mentor", "mentee_months",
    "recruit_delay", "pool_inflow", "rise_uptake", "dismissal_uptake", "rotation_uptake",
)  # fmt: skip


class ParameterError(ValueError):
    """What is wrong with parameters. `problems` are sentences for people."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Parameter:
    """One coefficient. `source` says where its default comes from; `assumed`: from nowhere but this model."""

    name: str
    group: str
    label: str
    unit: str
    default: float
    low: float
    high: float
    source: str
    assumed: bool

    @property
    def basis(self) -> str:
        """How the page prints where the default comes from."""
        return f"{ASSUMED}：{self.source}" if self.assumed else self.source


class Behaviour(NamedTuple):
    """All coefficients as the kernels read them, in the file's order and units."""

    # 人手与任务
    staffing_ratio: float
    demand_growth: float
    load_limit: float
    # 倦怠
    burnout_share: float
    burnout_spread: float
    burnout_speed: float
    burnout_noise: float
    burnout_load: float
    burnout_mentor: float
    # 工作满意
    satisfaction_start: float
    satisfaction_spread: float
    satisfaction_speed: float
    satisfaction_pay: float
    satisfaction_burnout: float
    satisfaction_mentor: float
    satisfaction_grade: float
    # 自愿离职
    exit_rate: float
    exit_burnout: float
    exit_satisfaction: float
    exit_mentor: float
    exit_prospect: float
    exit_load: float
    exit_pay_below: float
    exit_pay_above: float
    exit_training: float
    exit_old: float
    exit_young: float
    exit_new: float
    exit_unpaid_certificate: float
    pay_spread: float
    market_wage: float
    market_growth: float
    # 晋升、向上流出与退出
    promotion_rate: float
    promotion_service: float
    rise_uptake: float
    demotion_uptake: float
    dismissal_uptake: float
    rotation_uptake: float
    leaders_within: float
    leader_service: float
    certificate_first: float
    certificate_next: float
    certificate_pull: float
    # 培训与能力
    training_budget: float
    training_cost: float
    training_capacity: float
    training_participation: float
    training_gain: float
    course_hours: float
    repeat_loss: float
    transfer: float
    forgetting: float
    ability_floor: float
    ability_spread: float
    shadowing_hours: float
    # 帮带
    mentor_share: float
    mentees_per_mentor: float
    mentee_months: float
    mentor_gain: float
    # 招聘
    recruit_delay: float
    pool_size: float
    pool_inflow: float
    pool_pay: float
    recruit_female: float
    recruit_youngest: float
    recruit_oldest: float
    recruit_college: float
    recruit_bachelor: float
    recruit_certified: float
    recruit_willing: float
    recruit_ability: float
    recruit_probation: float
    # 考核得分
    score_mean: float
    score_keep: float
    score_spread: float
    score_ability: float
    score_burnout: float
    score_noise: float
    month_noise: float
    ballots: float
    # 居民满意
    resident_share: float
    resident_ability: float
    resident_vacancy: float
    resident_turnover: float
    resident_noise: float
    resident_votes: float


@cache
def catalogue() -> dict[str, Parameter]:
    """All parameters by name, in the file's order. Raises ParameterError when the file itself is wrong."""
    return read(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def read(groups: list[dict], fields: tuple[str, ...] = Behaviour._fields) -> dict[str, Parameter]:
    """The parameters of a parsed file, which must be `fields`. Raises ParameterError with every problem."""
    found: dict[str, Parameter] = {}
    problems = []
    for group in groups:
        for name, row in group["parameters"].items():
            where = f"参数表「{name}」"
            lacking = KEYS - set(row)
            given = [key for key in ("source", "assumption") if row.get(key)]
            if lacking or set(row) - KEYS - {"source", "assumption"}:
                problems.append(f"{where}的键不对：须写 label、unit、default、low、high，以及 source 或 assumption。")
            elif len(given) != 1:
                problems.append(f"{where}须写出处（source）或假设（assumption）之一。")
            elif not row["low"] <= row["default"] <= row["high"]:
                problems.append(f"{where}的默认值 {row['default']} 不在 {row['low']} 到 {row['high']} 之间。")
            else:
                low, default, high = (float(row[key]) for key in ("low", "default", "high"))
                words = group["label"], row["label"], row["unit"]
                found[name] = Parameter(name, *words, default, low, high, row[given[0]], given[0] == "assumption")
    if not problems and tuple(found) != fields:
        differing = sorted(set(found) ^ set(fields)) or ["次序"]
        problems.append(f"参数表与程序不一致：{'、'.join(differing)}。")
    if problems:
        raise ParameterError(problems)
    return found


def behaviour(changes: Mapping[str, object] | None = None) -> Behaviour:
    """The defaults with `changes` by name. Raises ParameterError naming every unknown name and value out of range."""
    return Behaviour(**chosen(catalogue(), changes))


def chosen(known: Mapping[str, Parameter], changes: Mapping[str, object] | None = None) -> dict[str, float]:
    """Each parameter's default, or what `changes` says of it. Raises ParameterError with every problem."""
    values = {name: one.default for name, one in known.items()}
    problems = []
    for name, value in (changes or {}).items():
        one = known.get(str(name))
        if one is None:
            near = get_close_matches(str(name), known, 1)
            hint = f"，是不是「{near[0]}」（{known[near[0]].label}）" if near else ""
            problems.append(f"没有参数「{name}」{hint}？全部参数见 qinglan twin parameters。")
        elif isinstance(value, bool) or not isinstance(value, int | float):
            problems.append(f"「{name}」（{one.label}）须是一个数，写的是「{value}」。")
        elif not one.low <= value <= one.high:
            problems.append(
                f"「{name}」（{one.label}）须在 {one.low:g} 到 {one.high:g} {one.unit}之间，写的是 {value:g}。"
            )
        else:
            values[one.name] = float(value)
    if problems:
        raise ParameterError(problems)
    return values
