"""`qinglan twin sensitivity`: which assumption an outcome hangs on most, or the difference between two scenarios."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich import box
from rich.table import Table

from qinglan.commands.twin_saying import (
    DASK_OPTION,
    FILE,
    NO_FORECAST,
    WORKERS_OPTION,
    bar,
    opened,
    said,
    show,
    spoken,
    working,
)
from qinglan.core.twin.outcomes import INDICATORS
from qinglan.core.twin.parameters import catalogue
from qinglan.core.twin.sensitivity import MOST_POINTS, Sensitivity, factors, morris, points_of
from qinglan.core.twin.sobol import SAMPLES, STRONGEST, Variances, sobol, strongest
from qinglan.core.twin.sobol import points_of as sobols_points_of

USUAL = ("倦怠", "工作满意", "自愿离职")
SHOWN = 15


@click.command()
@click.argument("scenario", type=FILE, metavar="情景/SCENARIO")
@click.option("--against", type=FILE, help="另一情景：看哪条假设最影响两者之差 / rank what the difference hangs on")
@click.option("--outcomes", default="stability,bill", show_default=True, help="看什么，逗号隔开 / indicators, by comma")
@click.option(
    "--factors",
    "wanted",
    default=",".join(USUAL),
    show_default=True,
    help="哪些参数：组名或参数名，逗号隔开 / groups or names",
)
@click.option(
    "--spread",
    type=click.FloatRange(0.01, 1),
    default=0.25,
    show_default=True,
    help="向可用范围两端各走几成 / how far to the ends",
)
@click.option(
    "--trajectories", type=click.IntRange(2, 200), default=10, show_default=True, help="几条路径 / Morris paths"
)
@click.option(
    "--sobol",
    "samples",
    type=click.Choice([str(one) for one in SAMPLES]),
    help=f"再对最要紧的 {STRONGEST} 条算方差份额，用这么多样本 / then Sobol's indices of the first {STRONGEST}, with so many samples",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="随机种子 / seed")
@click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")
@WORKERS_OPTION
@DASK_OPTION
@spoken
def sensitivity(
    scenario: Path, against: Path | None, outcomes: str, wanted: str, spread: float, trajectories: int, samples: str | None,
    seed: int, as_json: bool, workers: int, dask: str | None,
) -> None:  # fmt: skip
    """哪条假设最要紧（Morris 法，可再算 Sobol 指数）。 / Which assumption matters (Morris, then Sobol's indices).

    各参数在默认值与可用范围两端之间移动，看结果变多少；所有点用同样的运气。
    """
    base, other = opened(scenario), None if against is None else opened(against)
    names, groups = _listed(outcomes), _listed(wanted)
    _known("指标", names, set(INDICATORS))
    _known("参数或组", groups, set(catalogue()) | {one.group for one in catalogue().values()})
    moved = factors(base, groups, spread)
    points = points_of(len(moved), trajectories, other is not None)
    if samples is not None:
        points += sobols_points_of(min(len(moved), STRONGEST), int(samples), other is not None)
    if points > MOST_POINTS:
        raise click.ClickException(f"要推演 {points:,} 个情景，多于 {MOST_POINTS:,}；请少选参数，或减少路径、样本。")
    found: Sensitivity | None = None
    shared: Variances | None = None
    with working(dask, workers) as each, bar(f"敏感性分析「{base.name}」") as progress:
        for done, every, made in morris(
            base, moved, names, candidate=other, trajectories=trajectories, seed=seed, each=each
        ):
            progress(done, every)
            found = made or found
        assert found is not None
        if samples is not None:
            first = strongest(found)
            for done, every, parts in sobol(
                base, first, names, candidate=other, samples=int(samples), seed=seed, each=each
            ):
                progress(done, every)
                shared = parts or shared
    if as_json:
        both = asdict(found) | ({} if shared is None else {"sobol": asdict(shared)})
        click.echo(json.dumps(both, ensure_ascii=False))
        return
    for name in names:
        _print(found, name)
        if shared is not None:
            _print_shares(shared, name)
    click.echo(NO_FORECAST)


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.replace("，", ",").split(",") if one.strip()]


def _known(what: str, given: list[str], known: set[str]) -> None:
    wrong = [one for one in given if one not in known]
    if wrong or not given:
        raise click.ClickException(f"没有{what}「{'、'.join(wrong)}」；可用：{'、'.join(sorted(known))}")


def _print(found: Sensitivity, name: str) -> None:
    one = INDICATORS[name]
    which = "两情景之差" if found.compared else "值"
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=f"{one.label}（{one.unit}）：{which} {said(one, found.middle[name])}",
        title_justify="left",
    )
    for head in ("名次", "假设", "试的范围", "影响 μ*", "± 95%", "方向 μ", "与别的合起来 σ"):
        table.add_column(head, justify="left" if head in ("假设", "试的范围") else "right", overflow="fold")
    known = {factor.name: factor for factor in found.factors}
    for rank, effect in enumerate(found.effects[name][:SHOWN], start=1):
        factor = known[effect.name]
        figures = (said(one, value) for value in (effect.mu_star, effect.conf, effect.mu, effect.sigma))
        table.add_row(str(rank), factor.label, f"{factor.low:.3g} 至 {factor.high:.3g}", *figures)
    show(table)


def _print_shares(found: Variances, name: str) -> None:
    one = INDICATORS[name]
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=f"{one.label}：几条假设一起动，标准差 {said(one, found.scatter[name])}；各占方差几成（Sobol，{found.samples} 个样本）",
        title_justify="left",
    )
    for head in ("名次", "假设", "自己的一份 S1", "± 95%", "连同与别的合起来 ST", "± 95%"):
        table.add_column(head, justify="left" if head == "假设" else "right", overflow="fold")
    labels = {factor.name: factor.label for factor in found.factors}
    for rank, share in enumerate(found.shares[name], start=1):
        figures = (f"{value:.2f}" for value in (share.first, share.first_conf, share.total, share.total_conf))
        table.add_row(str(rank), labels[share.name], *figures)
    show(table)
