"""`qinglan demo-data`: loads the fictional district 桃源区 and computes its three years."""

import click

from qinglan import server
from qinglan.commands.start import say
from qinglan.demo import loading

ACCOUNTS_FILE = "demo-accounts.json"


@click.command()
def demo_data() -> None:
    """载入虚构的桃源区（合成数据），已有则不重复。 / Load the fictional district; does nothing when it is there."""
    if not loading.loaded():
        counts = loading.load(say=say)
        click.echo(f"桃源区（合成数据）已载入：{counts['organisations']} 个社区，{counts['people']} 人。")
    passwords = loading.accounts(server.data_dir() / ACCOUNTS_FILE)
    click.echo("账号 / accounts:")
    for username, password in passwords.items():
        click.echo(f"  {loading.titles()[username]}：{username}  密码 {password}")
