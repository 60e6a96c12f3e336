"""`qinglan twin backtest|calibrate`: the leaving rate from the history in the files; the last recorded year as the years before foretell it."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich import box
from rich.table import Table

from qinglan.commands.saving import NEW_FILE, save
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
from qinglan.core.frame.freezing import thaw
from qinglan.core.twin.backtest import Backtest, backtest
from qinglan.core.twin.calibration import LEAST, LEAST_EACH, Calibration, calibrate
from qinglan.core.twin.drawing import svg
from qinglan.core.twin.outcomes import INDICATORS
from qinglan.core.twin.parameters import catalogue

LEAST_OPTION = click.option(
    "--least", type=click.IntRange(1), default=LEAST, show_default=True,
    help="至少多少人离职才用本区数字（本区设定） / leavers that make a history",
)  # fmt: skip
EACH_OPTION = click.option(
    "--least-each", type=click.IntRange(1), default=LEAST_EACH, show_default=True,
    help="每个因素两边至少多少人（本区设定） / leavers on either side of an effect",
)  # fmt: skip
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")


@click.command("calibrate")
@click.argument("scenario", type=FILE, metavar="情景/SCENARIO")
@JSON_OPTION
@LEAST_OPTION
@EACH_OPTION
@spoken
def calibrated(scenario: Path, as_json: bool, least: int, least_each: int) -> None:
    """由人员文件里的离职记录算出离职参数，附区间。 / The leaving parameters from the recorded history, with intervals."""
    one = opened(scenario)
    found = calibrate(thaw(one.population)[0], one.year, prefix=one.place, least=least, least_each=least_each)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"parameters": found.parameters}, ensure_ascii=False))
        return
    for sentence in found.sentences:
        click.echo(sentence)
    _figures(found)


def _figures(found: Calibration) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("参数", "含义", "用的值", "95% 区间", "默认（假设）", "说明"):
        table.add_column(head, overflow="fold")
    for one in found.figures:
        band = f"{one.low:.4g}–{one.high:.4g}" if one.used else "—"
        table.add_row(
            one.name, catalogue()[one.name].label, f"{one.value:.4g}", band, f"{one.default:g}", one.why or "本区数字"
        )
    show(table)


@click.command("backtest")
@click.argument("scenario", type=FILE, metavar="情景/SCENARIO")
@JSON_OPTION
@WORKERS_OPTION
@DASK_OPTION
@LEAST_OPTION
@EACH_OPTION
@click.option("--figure", type=NEW_FILE, help="把逐月的图写成 SVG 文件 / write the figure")
@spoken
def backtested(
    scenario: Path, as_json: bool, workers: int, dask: str | None, least: int, least_each: int, figure: Path | None
) -> None:
    """回测：用前几年定参数，推演最近一年，与记录比。 / Fit on the years before, rehearse the last recorded one, compare.

    情景文件的 year 是最近一个有记录的年度；推演从它前一年末开始。
    """
    one = opened(scenario)
    records = thaw(one.population)[0]
    made: Backtest | None = None
    with working(dask, workers) as each, bar(f"回测「{one.name}」") as progress:
        for done, every, found in backtest(
            one.with_(year=one.year - 1), records, each=each, least=least, least_each=least_each
        ):
            progress(done, every)
            made = found or made
    assert made is not None
    if figure is not None:
        save(figure, svg(made).encode())
    if as_json:
        click.echo(json.dumps(asdict(made) | {"inside": made.inside}, ensure_ascii=False))
        return
    for sentence in made.sentences:
        click.echo(sentence)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("指标", f"{made.shown} 年记录", "推演 5%", "推演 中位", "推演 95%", ""):
        table.add_column(head, justify="left" if head in ("指标", "") else "right", no_wrap=True)
    for row in made.rows:
        known = INDICATORS[row.name]
        recorded = "—" if row.recorded is None else said(known, row.recorded)
        inside = {True: "区间内", False: "区间外", None: "没有记录"}[row.inside]
        table.add_row(
            f"{row.label}（{row.unit}）",
            recorded,
            *(said(known, one) for one in (row.low, row.middle, row.high)),
            inside,
        )
    show(table)
    click.echo(NO_FORECAST)
