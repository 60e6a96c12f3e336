"""`qinglan year`: computes the draft of a district's year and says what it found."""

import click
from django.core.exceptions import ValidationError

from qinglan.apps.policy.actions import years
from qinglan.core.packs.errors import PackError
from qinglan.core.packs.pack import NotInForce


@click.command()
@click.argument("year_", metavar="YEAR", type=click.IntRange(2000, 2100))
@click.option("--district", required=True, help="区的六位代码 / six-digit code of the district")
def year(year_: int, district: str) -> None:
    """计算一个区一年的草案，连同每一步一起保存。 / Compute the draft of a district's year with all its steps."""
    try:
        run = years.compute(district=district, year=year_, by=None)
    except (NotInForce, PackError) as error:
        raise click.ClickException(str(error)) from None
    except ValidationError as error:
        raise click.ClickException("；".join(error.messages)) from None
    click.echo(
        f"{district} {year_} 年草案：{run.people} 人，政策包「{run.pack_title}」{run.pack_version}，用时 {run.seconds} 秒。"
    )
    for found in run.exceptions:
        click.echo(f"  {found['label']}：{len(found['people'])} 人。{found['mend']}。")
