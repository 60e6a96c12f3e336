"""`qinglan pack …`: policy packs checked, shown, compared and explained at the terminal, in words."""

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from qinglan.commands import pack_pages
from qinglan.commands.saving import replace
from qinglan.commands.start import say
from qinglan.core.packs.coverage import coverage as cover
from qinglan.core.packs.differences import Kind, differences
from qinglan.core.packs.diffs import apply, read_diff
from qinglan.core.packs.errors import PackError, Problem
from qinglan.core.packs.items import Item
from qinglan.core.packs.loading import load, shipped
from qinglan.core.packs.pack import SETTING, Pack, Source
from qinglan.core.packs.said import Row, rows
from qinglan.core.rules import explaining
from qinglan.core.rules.registry import ITEMS

DAY = click.DateTime(formats=["%Y-%m-%d"])
ON = click.option("--on", "day", type=DAY, help="哪一天的值，如 2025-07-01；不写为今天 / as of this day, default today")


@click.group()
def pack() -> None:
    """查看、检查、比较政策包。 / Check, list, show, compare and explain policy packs.

    NAME 是随系统的政策包的名称，或一个文件夹。 / NAME is a pack that comes with Qinglan, or a folder.
    """


@cache
def _load(name: str) -> Pack:
    return load(name, ITEMS)


def _loaded(name: str) -> Pack:
    try:
        return _load(name)
    except PackError as error:
        raise click.ClickException("\n".join(map(str, error.problems))) from None


def _day(day: datetime | None) -> date:
    return day.date() if day else date.today()


def _table(title: str, *headers: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def _print(table: Table) -> None:
    """The table at the terminal's width, or 160 wide when the output goes to a file."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=160)
    console.print(table)


@pack.command("list")
def list_() -> None:
    """列出随系统的政策包。 / List the packs that come with Qinglan."""
    table = _table("政策包", "名称", "标题", "版本", "行政区划", "继承", "条目", "自己写的", "其中本区设定")
    for name in shipped():
        try:
            one = _load(name)
        except PackError as error:
            table.add_row(name, f"有 {len(error.problems)} 处错，见 qinglan pack check {name}")
            continue
        own = [entry for entry in one if any(dated.pack == one.name for dated in entry.values)]
        settings = [
            entry
            for entry in own
            if any(
                source.is_setting for dated in entry.values for source in (dated.source_at(()), *dated.sources.values())
            )
        ]
        table.add_row(
            name, one.title, one.version, one.district, "、".join(one.inherits),
            str(len(one.entries)), str(len(own)), str(len(settings)),
        )  # fmt: skip
    _print(table)


@pack.command()
@click.argument("names", nargs=-1, metavar="[NAME|FOLDER]…")
@click.option("--json", "as_json", is_flag=True, help="结果写成 JSON / print the result as JSON")
def check(names: tuple[str, ...], as_json: bool) -> None:
    """检查政策包；有错则以 1 结束。不写名称则检查全部。 / Check packs; ends with 1 if anything is wrong."""
    problems: dict[Problem, None] = {}
    sound = []
    chosen = names or tuple(shipped())
    for name in chosen:
        try:
            sound.append(_load(name))
        except PackError as error:
            problems.update(dict.fromkeys(error.problems))
    if as_json:
        result = {
            "packs": [{"name": one.name, "version": one.version, "hash": one.hash} for one in sound],
            "problems": [vars(problem) for problem in problems],
        }
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        for one in sound:
            click.echo(f"{one.name}（{one.title}）：{len(one.entries)} 个条目，没有错。")
        for problem in problems:
            click.echo(str(problem))
    if problems:
        say(f"{len(chosen)} 个政策包里 {len(chosen) - len(sound)} 个不能用，共 {len(problems)} 处错。")
        raise click.exceptions.Exit(1)


@pack.command()
@click.argument("name")
@click.argument("item", required=False)
@ON
@click.option("--with", "diff", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="套上一个试算文件再看 / apply a what-if file first")  # fmt: skip
def show(name: str, item: str | None, day: datetime | None, diff: Path | None) -> None:
    """用文字列出一个政策包的全部值、依据和继承自哪里。 / Every value in words, with its source and origin."""
    one = _loaded(name)
    if diff is not None:
        one = _with(one, diff)
    on = one.on(_day(day))
    if item is not None and not any(key == item or key.startswith(f"{item}.") for key in one.entries):
        raise click.ClickException(f"政策包「{one.title}」没有「{item}」。{explaining.nearest(item)}")
    title = f"{one.title}（{one.name} {one.version}）在 {on.day.isoformat()} 的值"
    table = _table(title, "条目", "项", "值", "起始日", "依据", "来自")
    for entry in one:
        key = entry.item.id
        if (item is not None and key != item and not key.startswith(f"{item}.")) or not on.has(key):
            continue
        dated = on.dated(key)
        origin = "" if dated.pack == one.name else f"继承 {dated.pack}"
        for index, row in enumerate(rows(entry.item, dated)):
            first = index == 0
            table.add_row(
                f"{entry.item.label}\n{key}" if first else "", row.label, row.text,
                dated.since.isoformat() if first else "", _row_source(row), origin if first else "",
            )  # fmt: skip
        table.add_section()
    _print(table)


def _row_source(row: Row) -> str:
    return "；".join([_source(row.source), *(f"{part}：{_source(source)}" for part, source in row.parts)])


def _source(source: Source) -> str:
    return f"【{SETTING}】{source.setting}" if source.is_setting else str(source)


def _with(one: Pack, file: Path) -> Pack:
    try:
        return apply(one, read_diff(file, ITEMS, one.documents))
    except PackError as error:
        raise click.ClickException("\n".join(map(str, error.problems))) from None


@pack.command()
@click.argument("before")
@click.argument("after", required=False)
@ON
@click.option("--with", "what_if", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="与套上这个试算文件之后相比 / compare with this what-if file applied")  # fmt: skip
@click.option("--sources", is_flag=True, help="值相同、依据不同的也列出 / list equal values with other sources too")
def diff(before: str, after: str | None, day: datetime | None, what_if: Path | None, sources: bool) -> None:
    """逐项比较两个政策包。 / Compare two packs item by item."""
    if after is None and what_if is None:
        raise click.UsageError("写两个政策包的名称，或一个名称加 --with 试算文件。")
    one = _loaded(before)
    other = _loaded(after) if after else one
    if what_if is not None:
        other = _with(other, what_if)
    on = _day(day)
    found = differences(one.on(on), other.on(on))
    quiet = [one for one in found if one.kind is Kind.SOURCE]
    table = _table(
        f"{before} 与 {after or what_if} 在 {on.isoformat()} 的不同",
        "条目",
        "项",
        before,
        "起",
        after or "试算后",
        "起",
    )
    for difference in found:
        if difference.kind is Kind.SOURCE and not sources:
            continue
        old = difference.before.since.isoformat() if difference.before else ""
        new = difference.after.since.isoformat() if difference.after else ""
        lines = difference.rows
        if difference.kind is Kind.SOURCE and difference.before and difference.after:
            lines = (("依据", str(difference.before.source or "各行"), str(difference.after.source or "各行")),)
        for index, (label, left, right) in enumerate(lines):
            item = f"{difference.item.label}\n{difference.item.id}" if index == 0 else ""
            table.add_row(item, label, left or "（无）", old if left else "", right or "（无）", new if right else "")
        table.add_section()
    if len(found) > (0 if sources else len(quiet)):
        _print(table)
    tail = "" if sources or not quiet else f"；另有 {len(quiet)} 个值相同、依据不同（--sources 列出）"
    click.echo(f"{len(found) - len(quiet)} 个条目的值不同{tail}。")


@pack.command()
@click.argument("item", required=False)
def explain(item: str | None) -> None:
    """说明一个条目：意思、单位、可以怎样写、样例、哪些政策包写了它。不写则列出全部条目。

    Explain an item: meaning, unit, what may be written, an example, which packs set it. Without ITEM: list them all.
    """
    if item is None:
        table = _table("条目", "编号", "名称", "形状", "机制")
        for one in sorted(ITEMS.values(), key=lambda each: each.id):
            table.add_row(one.id, one.label, explaining.KIND_LABELS[one.shape.kind], one.mechanism)
        _print(table)
        return
    if item not in ITEMS:
        raise click.ClickException(f"没有「{item}」这个条目。{explaining.nearest(item)}")
    click.echo(_explained(ITEMS[item]))


def _explained(item: Item) -> str:
    lines = [
        f"{item.label}（{item.id}）",
        f"机制：{item.mechanism}",
        f"形状：{explaining.KIND_LABELS[item.shape.kind]}",
        "必写" if not item.optional else "可以不写；不写时按「政策包未规定」处理",
        *([f"说明：{item.help}"] if item.help else []),
        "可以这样写：",
        *(f"  {part}：{words}" for part, words in explaining.what_may_be_written(item)),
        "样例：",
        *(f"  {line}" for line in explaining.example(item).splitlines()),
        "写了它的政策包：",
    ]
    for name in shipped():
        try:
            entry = _load(name).entries.get(item.id)
        except PackError as error:
            lines.append(f"  {name}：有 {len(error.problems)} 处错，看不了")
            continue
        for dated in entry.values if entry else ():
            if dated.pack == name:
                said = "；".join(f"{row.label} {row.text}".strip() for row in rows(item, dated))
                lines.append(f"  {name} 自 {dated.since.isoformat()}：{said}〔{_source(dated.source_at(()))}〕")
    return "\n".join(lines)


OUT = click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写到文件 / write to this file")
CHECK = click.option(
    "--check", is_flag=True, help="只看 --out 的文件是否最新，不是则以 1 结束 / only check that it is current"
)


@pack.command()
@OUT
@CHECK
def schema(out: Path | None, check: bool) -> None:
    """生成编辑器用的 JSON Schema。 / Write the JSON Schema of rule files, for editors."""
    if out is not None and not check and out.is_file() and '"$schema"' not in out.read_text("utf-8", "replace"):
        raise click.ClickException(f"「{out}」已经有别的内容，没有覆盖；请换一个文件名。")
    _write("schema", pack_pages.schema(), out, check)


@pack.command()
@OUT
@CHECK
def reference(out: Path | None, check: bool) -> None:
    """生成全部条目的参考表，放进文档的标记之间。 / Write the table of all items between the marks of a page."""
    text = pack_pages.reference(out.read_text(encoding="utf-8") if out is not None and out.exists() else "")
    _write("reference", text, out, check)


def _write(name: str, text: str, out: Path | None, check: bool) -> None:
    if out is None:
        click.echo(text, nl=False)
    elif check:
        if not out.exists() or out.read_text(encoding="utf-8") != text:
            raise click.ClickException(f"{out} 不是最新的；运行 qinglan pack {name} --out {out}。")
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        replace(out, text.encode())
        say(f"已写到 {out}。")


@pack.command()
@ON
def coverage(day: datetime | None) -> None:
    """来源文件里每个规则数字的去处；有遗漏或不符则以 1 结束。 / Where every rule figure of the sources stands."""
    covered, problems = cover(_load, _day(day))
    table = _table("来源文件里的规则数字", "来源", "数字", "在哪里", "写的是")
    for one in covered:
        table.add_row(one.seed, one.figure, one.where, one.found)
    _print(table)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        say(f"有 {len(problems)} 处没有交代或不符。")
        raise click.exceptions.Exit(1)
    click.echo(f"{len({(one.seed, one.figure) for one in covered})} 个规则数字都有交代。")
