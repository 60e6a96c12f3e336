"""`qinglan stop` and `qinglan doctor`: the embedded database and the installation around it."""

import platform
import shutil
import sys

import click
import django

from qinglan import __version__, server
from qinglan.commands.start import join_database, say


@click.command()
def stop() -> None:
    """停下自带的数据库，即使还有命令在用。 / Stop the embedded database even while it is used."""
    say("自带的数据库已停止。" if server.stop(say=say) else "自带的数据库本来就没有运行。")


@click.command()
@join_database
def doctor() -> None:
    """检查本机环境。 / Check this installation."""
    data = server.data_dir()
    free = shutil.disk_usage(data if data.exists() else data.parent).free / 1e9
    rows = [
        ("青蓝", __version__),
        ("Python", f"{platform.python_version()} ({sys.executable})"),
        ("Django", django.get_version()),
        ("数据文件夹", f"{data}（剩余 {free:.1f} GB）"),
    ]
    if server.external_url():
        rows.append(("数据库", "由 DATABASE_URL 指定"))
        if server.external_url("owner") == server.external_url("app"):
            rows.append(("注意", "应用与建表用的是同一个数据库角色；请另设 DATABASE_OWNER_URL，使应用不能改表。"))
    else:
        known = server.status()
        rows += [
            (
                "数据库",
                f"自带的 PostgreSQL，{'正常' if known['answers'] else '没有回应'}（进程 {known['postmaster']}）",
            ),
            ("数据库位置", known["state"]),
            ("套接字", known["socket"]),
        ]
    if free < 1:
        rows.append(("注意", "磁盘剩余不足 1 GB，请清理。"))
    for name, value in rows:
        click.echo(f"{name}：{value}")
