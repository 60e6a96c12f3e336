"""`qinglan audit`: seal the chain of the log, export its newest hash, prove that every row is as it was written."""

from pathlib import Path

import click
from django.conf import settings
from django.db import connection, transaction

from qinglan.apps.audit.actions import chain, heads
from qinglan.apps.audit.queries import chain as links
from qinglan.apps.audit.queries.verifying import on_purpose
from qinglan.apps.audit.queries.verifying import verify as verify_rows
from qinglan.commands.start import say

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def audit() -> None:
    """封存、导出、核对哈希链。 / Seal, export and verify the hash chain."""


@audit.command()
def seal() -> None:
    """封存还没入链的行，并导出链头。 / Seal what is not in the chain yet and export its head."""
    newest = heads.seal_and_export()
    say(f"哈希链第 {newest.number} 节，链头已导出到 {heads.heads_file()}。" if newest else "还没有可封存的行。")


@audit.command()
@click.option("--to", "path", type=FILE, required=True, help="追加到这个文件 / append to this file")
def head(path: Path) -> None:
    """封存后把链头导出到一个文件，请存到别的机器上。 / Seal, then export the head; keep the file elsewhere."""
    chain.seal()
    newest = heads.export_head(path)
    click.echo(f"{newest.number} {newest.hash}" if newest else "还没有可封存的行。")


@audit.command()
@click.option("--heads", "paths", type=FILE, multiple=True, help="另存的链头文件 / heads kept elsewhere")
def verify(paths: tuple[Path, ...]) -> None:
    """重算整条哈希链，逐行核对；有一处不符就以退出码 1 结束。 / Compute the whole chain again; exit 1 when anything differs."""
    files = [Path(settings.QINGLAN_AUDIT_HEADS), *paths]
    try:
        known = [one for path in files for one in links.read_heads(path)]
    except links.HeadsError as error:
        raise click.ClickException(str(error)) from None
    with transaction.atomic():
        if not connection.savepoint_ids:  # a transaction of our own: all questions to one state
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        wrong = list(verify_rows(known))
        newest, noted = links.head(), on_purpose()
    for kind, table, count, why in noted:
        click.echo(f"说明：{kind} {table} {count} 行，{why}。")
    for path in files:
        for line in links.restores(path):
            click.echo(f"说明：{line.get('at', '')} 恢复过备份，链回到第 {line['restored']} 节。")
    if not known:
        click.echo(
            "说明：没有已导出的链头可比，链尾被截去或整链被改写时看不出来；请运行 qinglan audit head --to 文件。"
        )
    for sentence in wrong:
        click.echo(sentence)
    if wrong:
        raise click.ClickException(f"发现 {len(wrong)} 处不符。")
    say(f"核对通过：哈希链 {newest.number if newest else 0} 节，与 {len(known)} 个已导出的链头一致。")
