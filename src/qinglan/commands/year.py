"""`qinglan year`: computes the draft of a district's year and says what it found."""

from pathlib import Path
from typing import Any

import click
from django.core.exceptions import ValidationError
from rich import box
from rich.console import Console
from rich.table import Table

from qinglan.apps.people.queries import organisations as places
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import Run
from qinglan.apps.policy.queries.previewing import decided_on, preview
from qinglan.apps.policy.queries.what_if import Group, what_if
from qinglan.core.packs.diffs import read_diff
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year.order import RuleGone

WIDE = 140


@click.command()
@click.argument("year_", metavar="YEAR", type=click.IntRange(2000, 2100))
@click.option("--district", required=True, help="区的六位代码 / six-digit code of the district")
@click.option(
    "--what-if",
    "diff",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="不保存，只比较套上这个试算文件会怎样 / store nothing, compare with these values in place",
)
def year(year_: int, district: str, diff: Path | None) -> None:
    """计算一个区一年的草案，连同每一步一起保存。 / Compute the draft of a district's year with all its steps."""
    if len(district) != 6 or not (district.isascii() and district.isdigit()):
        raise click.ClickException(f"区代码是六位数字，如 990101；「{district}」不是。")
    if diff is not None:
        _what_if(district, year_, diff)
        return
    busy = decided_on(district, year_)
    try:
        with Console(stderr=True).status(f"正在计算 {district} 的 {year_} 年，第一次要先编译规则，约一分钟 …"):
            if busy is not None:
                _preview(busy)
                return
            run = years.compute(district=district, year=year_, by=None)
    except (NotInForce, PackError) as error:
        raise click.ClickException(str(error)) from None
    except ValidationError as error:
        raise click.ClickException("；".join(error.messages)) from None
    click.echo(
        f"{district} {year_} 年草案：{run.people} 人，政策包「{run.pack_title}」{run.pack_version}，用时 {run.seconds} 秒。"
    )
    if not run.people:
        click.echo(f"  {year_} 年没有在岗的人，请先导入花名册（qinglan import roster），再核对年度。")
    _say(run.exceptions)


def _say(exceptions: list[dict[str, Any]]) -> None:
    for found in exceptions:
        click.echo(f"  {found['label']}：{len(found['people'])} 人。{found['mend']}。")


def _preview(run: Run) -> None:
    """Compute a year that people are deciding on without storing it, and say whether it is still the same."""
    found = preview(run)
    said = "每一步都与之相同" if found.same else "与之不同；要采用，请先在该次计算的页面退回，再重新计算"
    click.echo(
        f"{run.org_code} {run.year} 年已有一份{run.get_state_display()}的结果（第 {run.pk} 次计算），这次只算不存："
        f"{found.people} 人，政策包「{found.pack[0]}」{found.pack[1]}，{said}。"
    )
    _say(found.exceptions)


def _what_if(district: str, year_: int, file: Path) -> None:
    """Print what the values of `file` would have meant for the year's newest computation."""
    run = Run.objects.shown().filter(org_code=district, year=year_, input__isnull=False).order_by("-created_at").first()
    if run is None:
        raise click.ClickException(
            f"{district} 的 {year_} 年还没有计算过，请先运行 qinglan year {year_} --district {district}。"
        )
    try:
        with Console(stderr=True).status("正在试算 …"):
            found = what_if(run, read_diff(file, ITEMS))
    except PackError as error:
        raise click.ClickException("\n".join(map(str, error.problems))) from None
    except (NotInForce, RuleGone) as error:
        raise click.ClickException(str(error)) from None
    names = places.names_in_year(district, year_)
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title_justify="left",
        title=f"{district} {year_} 年（{run.get_state_display()}）试算：全年应发，元",
    )
    for head in ("按", "组", "人数", "增", "减", "原", "现", "差", "等次变", "星级变"):
        table.add_column(head, justify="left" if head in ("按", "组") else "right", no_wrap=True)
    for group in found.groups:
        table.add_row(*_cells(group, names))
    console = Console(highlight=False, markup=False)
    console = Console(highlight=False, markup=False, width=max(console.width, WIDE))  # sums are never cut
    console.print(table)
    click.echo("每个人的每一步都与现在相同。" if found.same else "没有保存；采用须改政策包，并由另一人发布。")


def _cells(group: Group, names: dict[str, str]) -> list[str]:
    money = [f"{fen / 100:,.2f}" for fen in (group.before, group.after, group.change)]
    counts = [f"{one:,}" for one in (group.people, group.gain, group.lose)]
    return [group.by, names.get(group.name, group.name), *counts, *money, f"{group.grades:,}", f"{group.stars:,}"]
