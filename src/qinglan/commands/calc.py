"""`qinglan calc`: a year from files to files, without any database."""

from pathlib import Path

import click

from qinglan.core.packs.errors import PackError
from qinglan.core.packs.loading import load
from qinglan.core.packs.pack import NotInForce
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year.files import FORMATS, FilesError, calculate


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="文件夹/FOLDER")
@click.option("--pack", "pack_name", required=True, help="政策包的名称或文件夹 / name or folder of a pack")
@click.option("--year", required=True, type=click.IntRange(2000, 2100), help="年度 / year")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="结果文件夹（新建） / new folder for results"
)
@click.option("--format", "fmt", type=click.Choice(FORMATS), default="csv", show_default=True, help="结果格式 / format")
@click.option("--families", default="", help="只写这些规则的步骤，逗号分开，如 pay / only these rules, with commas")
def calc(folder: Path, pack_name: str, year: int, out: Path, fmt: str, families: str) -> None:
    """不用数据库，由文件算到文件。 / Compute from files to files, without a database.

    读 FOLDER 里的 people.csv（或 .parquet）等表；各列见 docs/reference/calc.md。
    """
    wanted = [one.strip() for one in families.split(",") if one.strip()]
    try:
        done = calculate(folder, out, load(pack_name, ITEMS), year, fmt=fmt, families=wanted)
    except PackError as error:
        raise click.ClickException("\n".join(map(str, error.problems))) from None
    except (FilesError, NotInForce) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"没有写成（{error.strerror}：{error.filename}）；请检查磁盘与权限。") from None
    counts = "，".join(f"{name} {rows} 行" for name, rows in done.rows.items())
    click.echo(f"已算好 {done.people} 人 {year} 年，写在 {out}：{counts}。")
