"""`qinglan twin run|compare|parameters`: rehearses a policy on a workforce, from files, without a database."""

import json
import os
import time
from pathlib import Path

import click
import numpy as np
import polars as pl
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
    spread,
)
from qinglan.core.twin import checkpoint
from qinglan.core.twin.ensemble import Result, rehearse
from qinglan.core.twin.gathering import Gathered
from qinglan.core.twin.objectives import by_year
from qinglan.core.twin.outcomes import INDICATORS, QUANTILES, Indicator, band, difference
from qinglan.core.twin.parameters import LEGEND, catalogue
from qinglan.core.twin.scenario import Scenario, anchored, people_of, run_of


@click.command()
@click.argument("scenario", type=FILE, metavar="情景/SCENARIO")
@click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")
@click.option("--out", type=NEW_FOLDER, help="写表的新文件夹 / new folder for tables")
@WORKERS_OPTION
@click.option("--processes", is_flag=True, help="用进程，不用线程 / processes instead of threads")
@click.option(
    "--until",
    type=click.IntRange(12, 240),
    help="算到第几个月就停（12 的倍数），须写 --checkpoint / stop at this month",
)
@click.option(
    "--checkpoint",
    "kept",
    type=click.Path(dir_okay=False, path_type=Path),
    help="续跑文件：有则接着算，算完存下 / resume from and save to",
)
@DASK_OPTION
@spoken
def run(
    scenario: Path,
    as_json: bool,
    out: Path | None,
    workers: int,
    processes: bool,
    until: int | None,
    kept: Path | None,
    dask: str | None,
) -> None:
    """推演一个情景，印出各年的中位数与区间。 / Rehearse one scenario; print medians and bands by year."""
    if until and (kept is None or until % 12):
        raise click.ClickException("--until 须是 12 的倍数，并写 --checkpoint 存到哪个文件。")
    if dask and (until or kept or processes):
        raise click.ClickException("--dask 不能与 --until、--checkpoint、--processes 同用；请只选一种。")
    one, result, seconds = _lived(scenario, workers, processes, until or 0, kept, dask)
    if out is not None:
        _write(out, one, result)
    if as_json:
        click.echo(json.dumps(_as_json(one, result), ensure_ascii=False))
        return
    people = people_of(one)
    click.echo(
        f"{one.name}：{len(people):,} 人，{one.year} 年底起 {_months(result)} 个月，{one.replicates} 次，用时 {seconds:.1f} 秒。"
    )
    if people.without_post:
        click.echo(f"  另有 {people.without_post} 人没有岗位记录，没有算在内；请先补录岗位。")
    _print(one, result)
    click.echo(NO_FORECAST)


@click.command()
@click.argument("baseline", type=FILE, metavar="基准/A")
@click.argument("candidate", type=FILE, metavar="方案/B")
@click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")
@WORKERS_OPTION
@DASK_OPTION
@spoken
def compare(baseline: Path, candidate: Path, as_json: bool, workers: int, dask: str | None) -> None:
    """两个情景逐次相减：差多少，区间多大。 / Two scenarios, replicate by replicate: the differences with intervals."""
    first, before, _ = _lived(baseline, workers, dask=dask, base=baseline)
    second, after, _ = _lived(candidate, workers, dask=dask, base=baseline)
    if (first.seed, first.replicates, first.months, first.year) != (
        second.seed,
        second.replicates,
        second.months,
        second.year,
    ):
        raise click.ClickException("两个情景的 year、months、replicates、seed 须相同，才能逐次相减；请改成一样再比。")
    same = before.digest == after.digest
    found = {}
    for one in INDICATORS.values():
        pair = (one.known(by_year(one, got, run_of(scenario))) for got, scenario in ((before, first), (after, second)))
        apart = difference(*pair)
        found[one.name] = {name: _plain(getattr(apart, name)) for name in ("mean", "low", "high", "above")}
    if as_json:
        click.echo(json.dumps({"same": same, "years": _years(first, before), "differences": found}, ensure_ascii=False))
        return
    years = _years(first, before)
    table = _table(f"{second.name} − {first.name}：平均差〔95% 区间〕", years)
    for one in INDICATORS.values():
        row = found[one.name]
        cells = [(row["mean"][at], row["low"][at], row["high"][at]) for at in _shown(years)]
        table.add_row(_label(one), *(_cell(one, cell, "，") for cell in cells))
    show(table)
    click.echo("两次推演的每个数都相同。" if same else NO_FORECAST)


@click.command()
def parameters() -> None:
    """列出全部行为参数：默认值、范围、出处或假设。 / List every behavioural parameter with range and source."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("名称", "含义", "默认", "范围", "单位", "出处"):
        table.add_column(head, overflow="fold")
    for one in catalogue().values():
        table.add_row(one.name, one.label, f"{one.default:g}", f"{one.low:g}–{one.high:g}", one.unit, one.basis)
    show(table)
    click.echo(LEGEND)


def _lived(
    file: Path,
    workers: int,
    processes: bool = False,
    until: int = 0,
    kept: Path | None = None,
    dask: str | None = None,
    base: Path | None = None,
) -> tuple[Scenario, Gathered, float]:
    """The scenario, lived with a progress bar, anchored on `base` if given. Everything wrong becomes a sentence."""
    scenario = opened(file)
    if base is not None:
        scenario = anchored(scenario, opened(base))
    before = checkpoint.load(kept, scenario) if kept is not None and kept.exists() else None
    result: Result | None = None
    with bar(f"推演「{scenario.name}」") as progress:
        started = time.perf_counter()
        if dask:
            with spread(dask, workers) as cluster:
                gathered = cluster.rehearse(scenario, progress=progress)
        else:
            result = rehearse(
                scenario,
                workers=workers or max(1, min(4, os.cpu_count() or 1)),
                processes=processes,
                until=until,
                before=before,
                progress=progress,
            )
            gathered = result.gathered
        seconds = time.perf_counter() - started
    if kept is not None and result is not None:
        checkpoint.save(kept, scenario, result)
    return scenario, gathered, seconds


def _months(result: Gathered) -> int:
    return result.months.shape[1]


def _years(scenario: Scenario, result: Gathered) -> list[int]:
    return [scenario.year + 1 + number for number in range(_months(result) // 12)]


def _label(one: Indicator) -> str:
    unit = {"比例": "%", "程度": ""}.get(one.unit, one.unit)
    return f"{one.label}（{unit}）" if unit else one.label


def _shown(years: list[int]) -> list[int]:
    """Which years a terminal shows: the first, second, third, fifth, tenth and the last. JSON has all."""
    return sorted({at for at in (0, 1, 2, 4, 9) if at < len(years)} | {len(years) - 1})


def _table(title: str, years: list[int]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    table.add_column("指标", no_wrap=True)
    for at in _shown(years):
        table.add_column(f"{years[at]} 年", justify="right", no_wrap=True)
    return table


def _plain(values: np.ndarray) -> list[float | None]:
    """What is no number is null: the first year's growth, the interval of one replicate."""
    return [float(value) if np.isfinite(value) else None for value in values]


def _cell(one: Indicator, cell: tuple[float | None, ...], between: str) -> str:
    """A middle and its interval; what is not known is a dash, once."""
    middle, low, high = (None if value is None or not np.isfinite(value) else said(one, value) for value in cell)
    if middle is None:
        return "—"
    return f"{middle}〔{low}{between}{high}〕" if low is not None and high is not None else f"{middle}〔—〕"


def _print(scenario: Scenario, result: Gathered) -> None:
    years = _years(scenario, result)
    table = _table("中位数〔5%–95%〕", years)
    for one in INDICATORS.values():
        found = band(one.known(by_year(one, result, run_of(scenario)))).quantiles
        cells = [(found[0.5][at], found[0.05][at], found[0.95][at]) for at in _shown(years)]
        table.add_row(_label(one), *(_cell(one, cell, "–") for cell in cells))
    show(table)


def _as_json(scenario: Scenario, result: Gathered) -> dict:
    """Bands by month (or by year), the digest, and what the scenario was."""
    found = {}
    for one in INDICATORS.values():
        values = one.of(result, run_of(scenario))
        made = band(one.known(values) if one.yearly else values)
        quantiles = {str(q): _plain(made.quantiles[q]) for q in QUANTILES}
        found[one.name] = {"label": one.label, "unit": one.unit, "by": "year" if one.yearly else "month",
                           "mean": _plain(made.mean), "quantiles": quantiles}  # fmt: skip
    return {
        "name": scenario.name, "key": scenario.key, "digest": result.digest, "first_year": scenario.year + 1,
        "months": _months(result), "replicates": scenario.replicates, "seed": scenario.seed,
        "note": NO_FORECAST, "indicators": found,
    }  # fmt: skip


def _write(folder: Path, scenario: Scenario, result: Gathered) -> None:
    """indicators.parquet: a row a month (or year) and indicator; result.json beside it."""
    said = _as_json(scenario, result)
    rows = [
        {"indicator": name, "label": one["label"], "unit": one["unit"], "by": one["by"], "at": at + 1, "mean": mean}
        | {f"q{q}": values[at] for q, values in one["quantiles"].items()}
        for name, one in said["indicators"].items()
        for at, mean in enumerate(one["mean"])
    ]
    with new_folder(folder) as made:
        pl.DataFrame(rows).write_parquet(made / "indicators.parquet")
        (made / "result.json").write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
