"""`qinglan demo` and `qinglan run`: from nothing to a working site, by the other commands in order."""

import os
import subprocess
import sys

import click

from qinglan import server
from qinglan.commands.start import join_database, say

TRY_FIRST = [
    "以区级账号登录，打开「人员」，点一位社区工作者：岗位、能力、学时、考核、薪酬在一页上。",
    "点任意一个数字，看「为什么是这个数」：每一步的算式、条款和出处。",
    "打开「导入」，下载名册模板，改几行再传上去：先看会新增、更改、退回哪些，再确认。",
]


def _step(*command: str) -> None:
    """Run one qinglan command in a process of its own (each works as the database role it needs)."""
    done = subprocess.run([sys.executable, "-m", "qinglan.cli", *command])
    if done.returncode:
        raise click.ClickException(f"“qinglan {' '.join(command)}”没有完成，原因见上。")


def _serve() -> None:
    """Become `qinglan serve`: same process, so that the terminal's signals reach it. The database lingers meanwhile."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "qinglan.cli", "serve"])


@click.command()
@join_database
def demo() -> None:
    """建好演示系统并启动网站。 / Set up the demo district and serve the site."""
    _step("migrate")
    _step("load-organisations")
    _step("demo-data")  # prints its accounts
    click.echo("\n先试三件事 / three things to try first:")
    for number, sentence in enumerate(TRY_FIRST, start=1):
        click.echo(f"  {number}. {sentence}")
    click.echo("")
    _serve()


@click.group(invoke_without_command=True)
@click.pass_context
def run(ctx: click.Context) -> None:
    """启动自己的空系统：第一次打开网页时设管理员、区和政策包。 / Serve an empty system; its first page sets it up."""
    if ctx.invoked_subcommand is None:
        _serve_own()


@run.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def verify(arguments: tuple[str, ...]) -> None:
    """重算已签署、已公布的年度结果并核对，同 qinglan verify-runs。 / Compute decided years again; same as verify-runs."""
    _step("verify-runs", *arguments)


@join_database
def _serve_own() -> None:
    _step("migrate")
    _step("load-organisations")
    say(f"数据都在 {server.data_dir()}；备份用 qinglan backup。")
    _serve()
