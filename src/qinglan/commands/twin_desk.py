"""`qinglan twin desk FILE`: separate windows, one queue, or a counter with a back office? From a file, without a database."""

import json
import os
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from qinglan.commands.saving import NEW_FILE, save
from qinglan.core.matching.tables import TableError
from qinglan.core.twin.desk.figures import FIGURES, RULE, outcome
from qinglan.core.twin.desk.reading import read_desk
from qinglan.core.twin.desk.sheets import template, workbook
from qinglan.core.twin.parameters import ParameterError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE, metavar="文件/FILE", required=False)
@click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")
@click.option("--out", type=NEW_FILE, help="结果另存为 xlsx / write the tables to this workbook")
@click.option("--template", "blank", type=NEW_FILE, help="写一份可填的 xlsx 样表 / write a workbook to fill in")
@click.option("--workers", type=click.IntRange(0, 256), default=0, help="几个同时算，不写按本机核数（至多 4）")
def desk(file: Path | None, as_json: bool, out: Path | None, blank: Path | None, workers: int) -> None:
    """比较服务台的三种办法：分窗、一窗、综合柜台加后台。 / Compare three layouts of a community's desk (xlsx, csv, yaml)."""
    if blank is not None:
        save(blank, template())
        click.echo(f"样表已写到 {blank}；填好后：qinglan twin desk {blank}")
        return
    if file is None:
        raise click.ClickException("请写服务台的文件（xlsx、csv 或 yaml）；没有的话先用 --template 写一份样表。")
    try:
        case = read_desk(file.read_bytes(), file.name)
    except (TableError, ParameterError) as error:
        raise click.ClickException("\n".join(error.problems)) from None
    found = outcome(case, workers=workers or max(1, min(4, os.cpu_count() or 1)))
    if out is not None:
        save(out, workbook(case, found))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{case.name}：每天约 {case.residents:g} 人，{case.months} 个月，{case.replicates} 次。")
    for one in found["warnings"]:
        click.echo(f"  注意：{one}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for one in found["layouts"]:
        table.add_column(f"{one['short']}（{one['people']} 人）", justify="right", no_wrap=True)
    for figure in FIGURES:
        table.add_row(
            f"{figure.label}（{figure.unit}）",
            *(said(one["figures"][figure.name], figure.share) for one in found["layouts"]),
        )
    Console(highlight=False, markup=False, width=max(Console().width, 110)).print(table)
    for one in found["freed"]:
        words = "找不到够用的人数" if one["freed"] is None else f"最少 {one['people']} 人，" + (
            f"可下沉网格 {one['freed']} 人，每月 {one['hours_a_month']:,.0f} 小时" if one["freed"] >= 0 else f"要多用 {-one['freed']} 人"
        )  # fmt: skip
        click.echo(f"{one['label']}：{words}。")
    click.echo(RULE)
    click.echo(found["note"])


def said(band: list[float | None], share: bool) -> str:
    """Mean and interval for a terminal."""
    if band[0] is None:
        return "—"
    mean, low, high = ((one or 0.0) * (100.0 if share else 1.0) for one in band)
    return f"{mean:.1f}〔{low:.1f}–{high:.1f}〕"
