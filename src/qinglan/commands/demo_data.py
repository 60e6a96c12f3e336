"""`qinglan demo-data`: loads the fictional district 桃源区, computes its three years and publishes the first two."""

import click
from rich.console import Console

from qinglan import server
from qinglan.apps.policy.actions import years
from qinglan.apps.policy.models import Run
from qinglan.demo import loading, places, workforce

ACCOUNTS_FILE = "demo-accounts.json"


@click.command()
def demo_data() -> None:
    """载入虚构的桃源区（合成数据），已有则不重复。 / Load the fictional district; does nothing when it is there."""
    console = Console(stderr=True)
    if not loading.loaded():
        with console.status("正在载入桃源区，约半分钟 …"):
            counts = loading.load(say=console.print)
        click.echo(f"桃源区（合成数据）已载入：{counts['organisations']} 个社区，{counts['people']} 人。")
    passwords = loading.accounts(server.data_dir() / ACCOUNTS_FILE)
    for year in range(workforce.FIRST_YEAR, workforce.LAST_YEAR + 1):
        if not Run.objects.filter(org_code=places.DISTRICT, year=year).exists():
            with console.status(f"正在计算 {year} 年，第一次要先编译规则，约一分钟 …"):
                run = years.compute(district=places.DISTRICT, year=year, by=None)
                if year < workforce.LAST_YEAR:
                    run = loading.publish(run)
            click.echo(f"{year} 年已算好（{run.get_state_display()}）：{run.people} 人，{run.seconds} 秒。")
    click.echo("账号 / accounts:")
    for username, password in passwords.items():
        click.echo(f"  {loading.titles()[username]}：{username}  密码 {password}")
