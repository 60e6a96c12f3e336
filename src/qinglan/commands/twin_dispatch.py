"""`qinglan twin dispatch FILE`: events to people by skill, way and load, against first in first out. From a file, without a database."""

import json
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from qinglan.commands.saving import NEW_FILE, save
from qinglan.commands.twin_desk import FILE
from qinglan.core.matching.books import book
from qinglan.core.matching.tables import TableError
from qinglan.core.twin.dispatching import FIGURES, outcome
from qinglan.core.twin.dispatching_sheets import read_field, template


@click.command()
@click.argument("file", type=FILE, metavar="文件/FILE", required=False)
@click.option("--json", "as_json", is_flag=True, help="印出 JSON / print JSON")
@click.option("--out", type=NEW_FILE, help="结果另存为 xlsx / write the table to this workbook")
@click.option("--template", "blank", type=NEW_FILE, help="写一份可填的 xlsx 样表 / write a workbook to fill in")
def dispatch(file: Path | None, as_json: bool, out: Path | None, blank: Path | None) -> None:
    """派单：先来先办，还是按技能、远近、忙闲匹配，响应差多少。 / Dispatch: first in first out against matching (xlsx)."""
    if blank is not None:
        save(blank, template())
        click.echo(f"样表已写到 {blank}；填好后：qinglan twin dispatch {blank}")
        return
    if file is None:
        raise click.ClickException("请写人员与事件的文件（xlsx）；没有的话先用 --template 写一份样表。")
    try:
        field = read_field(file.read_bytes(), file.name)
    except TableError as error:
        raise click.ClickException("\n".join(error.problems)) from None
    found = outcome(field)
    rows = [
        [label, *(f"{one[0] * scale:.1f}〔{one[1] * scale:.1f}–{one[2] * scale:.1f}〕" for one in (found["fifo"][name], found["matched"][name]))]
        for name, (label, scale) in FIGURES.items()
    ]  # fmt: skip
    if out is not None:
        heads = ["指标", "先来先办", "区间下限", "区间上限", "匹配", "区间下限", "区间上限"]
        numbers = [
            [label, *(round(one * scale, 1) for way in ("fifo", "matched") for one in found[way][name])]
            for name, (label, scale) in FIGURES.items()
        ]
        save(out, book({"派单": [heads, *numbers], "说明": [[found["note"]]]}))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"{found['people']} 人，{field.days} 天，{field.replicates} 次；两种办法用同样的事件。")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ("", "先来先办", "匹配"):
        table.add_column(head, justify="right" if head else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False, width=max(Console().width, 100)).print(table)
    mean, low, high = found["saved"]
    click.echo(f"匹配使平均响应缩短 {mean:.1f} 分钟〔{low:.1f}–{high:.1f}〕。")
    click.echo(found["note"])
