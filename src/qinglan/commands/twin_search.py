"""`qinglan twin search`: the best mixes of chosen levers within a budget; each can be written as a scenario file."""

import json
from dataclasses import asdict
from pathlib import Path

import click
import yaml
from rich import box
from rich.table import Table

from qinglan.commands.saving import NEW_FOLDER, new_folder
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
from qinglan.core.twin.scenario import Scenario
from qinglan.core.twin.search import Lever, LeverError, Limit, Point, Search, lever_of, scenario_of
from qinglan.core.twin.search import search as searched

MOST_TRIALS = 2000


@click.command()
@click.argument("scenario", type=FILE, metavar="情景/SCENARIO")
@click.option(
    "--levers",
    required=True,
    metavar="名称=低..高,…",
    help="动哪些做法：参数名=低..高；政策包的项=倍数 / lever=low..high, by comma",
)
@click.option(
    "--budget", type=click.FloatRange(0, min_open=True), help="每年应发工资不超过（元） / yearly pay bill at most, yuan"
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="指标<=数",
    help="别的限制，可写几个：heads<=361、stability>=0.85 / further limits",
)
@click.option(
    "--trials", type=click.IntRange(8, MOST_TRIALS), default=64, show_default=True, help="试几组 / mixes tried"
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="随机种子 / seed")
@click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")
@click.option(
    "--out",
    type=NEW_FOLDER,
    help="把前沿上的每组写成情景文件，放进新文件夹 / write each as a scenario file",
)
@WORKERS_OPTION
@DASK_OPTION
@spoken
def search(
    scenario: Path, levers: str, budget: float | None, limits: tuple[str, ...], trials: int, seed: int, as_json: bool,
    out: Path | None, workers: int, dask: str | None,
) -> None:  # fmt: skip
    """预算内哪一组做法最好：留任对成本的前沿。 / The best mix within a budget: retention against cost.

    例：qinglan twin search 现行.yaml --levers mentees_per_mentor=1..5,pay.cert_allowance.amount=1..3 --budget 150000000
    """
    base = opened(scenario)
    try:
        moved = [_lever(base, one) for one in levers.replace("，", ",").split(",") if one.strip()]
        bounds = [_limit(one) for one in limits] + ([Limit("bill", budget)] if budget else [])
        found: Search | None = None
        with working(dask, workers) as each, bar(f"寻优「{base.name}」") as progress:
            for done, every, known in searched(base, moved, bounds, trials=trials, seed=seed, each=each):
                progress(done, every)
                found = known
    except LeverError as error:
        raise click.ClickException("\n".join(error.problems)) from None
    assert found is not None
    best = [one for number in found.front for one in found.points if one.number == number]
    if out is not None:
        _write(out, scenario, base, found, best)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    _print(found, best)
    click.echo(NO_FORECAST)


def _lever(base: Scenario, text: str) -> Lever:
    name, _, span = text.strip().partition("=")
    low, dots, high = span.partition("..")
    try:
        ends = float(low), float(high)
    except ValueError:
        dots = ""
    if not dots:
        raise LeverError([f"「{text}」写法不对；写成 名称=低..高，如 mentees_per_mentor=1..5。"])
    return lever_of(base, name.strip(), *ends)


def _limit(text: str) -> Limit:
    for sign in ("<=", ">="):
        name, found, value = text.partition(sign)
        if found:
            try:
                return Limit(name.strip(), float(value), sign == "<=")
            except ValueError:
                break
    raise LeverError(
        [f"限制「{text}」写法不对；写成 指标<=数 或 指标>=数，如 heads<=361。可用的指标：{'、'.join(INDICATORS)}。"]
    )


def _print(found: Search, best: list[Point]) -> None:
    kept = sum(not one.broken for one in found.points)
    click.echo(f"试了 {len(found.points)} 组，{kept} 组守住全部限制，{len(best)} 组在前沿上（再省就少留人）。")
    if found.refused:
        click.echo(f"另有 {found.refused} 组政策包不收，没有算。")
    if not best:
        click.echo("没有一组守住全部限制；请放宽限制，或多给几种做法、放大范围。")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    stability, bill, cost = (INDICATORS[name] for name in ("stability", "bill", "cost"))
    for head in (
        "组",
        "稳定性（%）",
        "比现行（个百分点）",
        "用工与培训（元/年）",
        "应发工资（元/年）",
        *(one.label for one in found.levers),
    ):
        table.add_column(head, justify="right", overflow="fold")
    for one in (found.baseline, *best):
        apart = one.apart["stability"]
        change = (
            "—"
            if one.number < 0
            else f"{said(stability, apart[0])}〔{said(stability, apart[1])}，{said(stability, apart[2])}〕"
        )
        values = (
            said(stability, one.values["stability"]),
            change,
            said(cost, one.cost),
            said(bill, one.values["bill"]),
        )
        table.add_row(
            "现行" if one.number < 0 else str(one.number),
            *values,
            *(f"{one.levers[lever.name]:g}" for lever in found.levers),
        )
    show(table)


def _write(folder: Path, file: Path, base: Scenario, found: Search, best: list[Point]) -> None:
    """A scenario file a point, which names the same people and pack as the one that was searched from."""
    given = yaml.safe_load(file.read_text(encoding="utf-8"))
    with new_folder(folder) as into:
        for one in best:
            made = scenario_of(base, found.levers, one.levers)
            data = given | {
                "name": f"{base.name}，第 {one.number} 组", "parameters": dict(made.parameters), "population": _beside(file, given["population"]),
                "pack": _beside(file, given["pack"]),
            }  # fmt: skip
            if made.diff:
                data["diff"] = yaml.safe_load(made.diff)
            text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
            (into / f"{one.number:04d}.yaml").write_text(text, encoding="utf-8")


def _beside(file: Path, name: str) -> str:
    """A path that the scenario names beside itself, from the new folder; a shipped pack's name stays."""
    path = file.parent / str(name)
    return str(path.resolve()) if path.exists() else str(name)
