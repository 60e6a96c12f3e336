"""`qinglan year`: computes the draft of a district's year and says what it found."""

import click
from django.core.exceptions import ValidationError
from rich.console import Console

from qinglan.apps.policy.actions import years
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce


@click.command()
@click.argument("year_", metavar="YEAR", type=click.IntRange(2000, 2100))
@click.option("--district", required=True, help="区的六位代码 / six-digit code of the district")
def year(year_: int, district: str) -> None:
    """计算一个区一年的草案，连同每一步一起保存。 / Compute the draft of a district's year with all its steps."""
    if len(district) != 6 or not (district.isascii() and district.isdigit()):
        raise click.ClickException(f"区代码是六位数字，如 990101；「{district}」不是。")
    try:
        with Console(stderr=True).status(f"正在计算 {district} 的 {year_} 年，第一次要先编译规则，约一分钟 …"):
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
    for found in run.exceptions:
        click.echo(f"  {found['label']}：{len(found['people'])} 人。{found['mend']}。")
