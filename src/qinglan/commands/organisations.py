"""`qinglan load-organisations`: the six real districts that ship with the program, or CSV files of one's own."""

from pathlib import Path

import click

from qinglan.apps.people.actions import organisation_load
from qinglan.apps.people.actions.errors import ActionError
from qinglan.commands.start import say


@click.command()
@click.argument(
    "files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[文件/FILE]..."
)
@click.option("--source", help="数据出处（自己的文件必填） / where the files come from")
def load_organisations(files: tuple[Path, ...], source: str | None) -> None:
    """载入机构树；不给文件则载入自带的六个区。已有的不重复。 / Load organisation trees; without files, the six districts."""
    if files and not source:
        raise click.UsageError("请用 --source 写明数据出处，例如 --source 国家统计局2023。")
    try:
        loaded = (
            organisation_load.load(files=files, source=str(source), by=None)
            if files
            else organisation_load.load_districts()
        )
    except ActionError as error:
        raise click.ClickException(str(error)) from None
    say(f"机构：新增 {loaded.added}，改名 {loaded.renamed}，已有 {loaded.unchanged}（共读 {loaded.read} 行）。")
