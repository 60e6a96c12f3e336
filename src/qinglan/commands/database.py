"""`qinglan migrate` and `qinglan verify`: the tables, their rights, and whether both are as the program expects."""

import click
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError

from qinglan.apps.base.models import KeyringError, settle_keys
from qinglan.commands import erasure
from qinglan.commands.start import say
from qinglan.config import database
from qinglan.config.migrating import lightly


@click.command()
def migrate() -> None:
    """建表或更新表结构，并给应用角色授权。 / Create or update the tables and grant the application its rights."""
    database.check_version()
    executor = MigrationExecutor(connection)
    todo = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if todo:
        say(f"更新数据库：{todo} 步 …")
    try:
        with lightly():
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    except (CommandError, DatabaseError) as error:
        raise click.ClickException(f"数据库更新失败：{error}") from error
    database.grant()
    try:
        settle_keys()
    except KeyringError as error:
        raise click.ClickException(str(error)) from None
    if erasure.owed():  # a restored backup from before this program
        say(f"按名单再次删除了 {erasure.again()} 人的个人信息。")
    say("数据库已是最新。" if not todo else f"数据库已更新（{todo} 步）。")


@click.command()
def verify() -> None:
    """核对表结构、约束与权限，有问题则以非零结束。 / Verify tables, constraints and rights; fails if anything is wrong."""
    problems = database.problems()
    for problem in problems:
        click.echo(problem)
    if problems:
        raise click.ClickException(f"核对发现 {len(problems)} 处问题。")
    say("核对通过：表结构、约束与权限都对。")
