"""`qinglan twin site FILE`: where centres should stand, with a bound on how much better any plan could be. From a file."""

import json
import os
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from qinglan.commands.saving import NEW_FILE, save
from qinglan.commands.twin_desk import FILE
from qinglan.core.matching.siting import plan
from qinglan.core.matching.siting_sheets import RANGES, read_map, template, told, workbook
from qinglan.core.matching.tables import TableError

SHOWN = 30


def within(name: str) -> click.IntRange:
    return click.IntRange(*RANGES[name])


@click.command()
@click.argument("file", type=FILE, metavar="文件/FILE", required=False)
@click.option("--radius", type=within("radius"), help="服务半径，米（默认 1000） / metres")
@click.option(
    "--capacity", type=within("capacity"), help="每个中心最多几个小区，0 不限（默认 5） / neighbourhoods a centre"
)
@click.option("--least", type=within("least"), help="每个中心最少几个小区（默认 4） / at least so many")
@click.option(
    "--most-new", type=within("most_new"), help="最多新建几个；不写就尽量少建而全部服务到 / at most so many new ones"
)
@click.option("--seconds", type=within("seconds"), help="最多算几秒（默认 5） / time")
@click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")
@click.option("--out", type=NEW_FILE, help="结果另存为 xlsx / write the plan to this workbook")
@click.option("--template", "blank", type=NEW_FILE, help="写一份可填的 xlsx 样表 / write a workbook to fill in")
def site(file: Path | None, as_json: bool, out: Path | None, blank: Path | None, **settings: int | None) -> None:
    """邻里中心设在哪里：每个服务 4–5 个小区、1 公里以内。 / Where centres should stand (xlsx, csv, yaml)."""
    if blank is not None:
        save(blank, template())
        click.echo(f"样表已写到 {blank}；填好后：qinglan twin site {blank}")
        return
    if file is None:
        raise click.ClickException("请写小区的文件（xlsx、csv 或 yaml）；没有的话先用 --template 写一份样表。")
    try:
        chosen = read_map(
            file.read_bytes(), file.name, {name: one for name, one in settings.items() if one is not None}
        )
    except TableError as error:
        raise click.ClickException("\n".join(error.problems)) from None
    found = told(chosen, plan(chosen.problem, seconds=chosen.seconds, workers=max(1, min(4, os.cpu_count() or 1))))
    if out is not None:
        save(out, workbook(found))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{len(found['places']):,} 个小区，{found['households']:,} 户；已有中心 {found['existing']} 个。")
    click.echo(
        f"{found['said']}服务 {found['served']:,} 户，没有服务到的小区 {found['left_out']} 个；用时 {found['seconds']:.1f} 秒。"
    )
    click.echo("所用的值：" + "；".join(f"{one['label']} {one['value']}" for one in found["settings"]) + "。")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("序号", "地点", "", "小区", "户数"):
        table.add_column(head, justify="right" if head in ("序号", "小区", "户数") else "left")
    for one in found["centres"][:SHOWN]:
        mark = "已有" if one["existing"] else "新建，不足" if one["short"] else "新建"
        table.add_row(str(one["number"]), named(one), mark, str(one["people"]), f"{one['households']:,}")
    Console(highlight=False, markup=False, width=max(Console().width, 100)).print(table)
    if len(found["centres"]) > SHOWN:
        click.echo(f"共 {len(found['centres'])} 个，这里列 {SHOWN} 个；全部见 --out 或 --json。")
    for one in [one for one in found["places"] if one["why"]][:SHOWN]:
        click.echo(f"没有服务到：{named(one)}（{one['households']:,} 户），{one['why']}。")
    click.echo(
        "距离按直线算；路网、用地要实地核对。" if not found["schematic"] else "没有坐标：同一片区都算在半径以内。"
    )


def named(one: dict[str, Any]) -> str:
    """A name with its code, where it has one of its own."""
    return str(one["name"]) if one["code"] == one["name"] else f"{one['name']}〔{one['code']}〕"
