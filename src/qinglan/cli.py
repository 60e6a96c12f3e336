"""The `qinglan` command: a table of commands, each named by the module and function that does it.

A command's module is imported only when the command is used, after Django is set up for it; so it may import models at its
top like any other module. To add a command: write the click command in `qinglan/commands/`, add its line to COMMANDS.
"""

import os
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import click

from qinglan import __version__
from qinglan.commands.start import join_database, set_up_django

# Frames are worked on in chunks, one a core; threads of polars' own beside them only wait for each other (a quarter more CPU).
os.environ.setdefault("POLARS_MAX_THREADS", "1")


@dataclass(frozen=True)
class Entry:
    """One line of the table. `role`: database role it works as ("app", "owner"), None for commands without a database."""

    where: str  # module of qinglan.commands : name in it
    role: str | None
    help: str


COMMANDS = {
    # setting up and serving
    "demo": Entry("demo:demo", None, "建好演示系统（桃源区）并启动 / Set up the demo district and serve"),
    "run": Entry("demo:run", None, "启动自己的空系统 / Serve an empty system of your own"),
    "serve": Entry("serve:serve", "app", "启动网站 / Serve the site"),
    "work": Entry("serve:work", "app", "处理后台任务 / Work on background jobs"),
    "stop": Entry("service:stop", None, "停下自带的数据库 / Stop the embedded database"),
    "doctor": Entry(
        "service:doctor", None, "检查本机环境，说明怎样修 / Check this installation and say how to mend it"
    ),
    "compile": Entry("compile:compile_", None, "编译规则内核 / Compile the rule kernels"),
    # the database as a whole
    "migrate": Entry("database:migrate", "owner", "建表或更新表结构 / Create or update the tables"),
    "verify": Entry("database:verify", "owner", "核对表结构、约束与权限 / Verify tables, constraints and rights"),
    "backup": Entry("backup:backup", "owner", "备份到一个文件 / Back up into one file"),
    "restore": Entry("backup:restore", "owner", "从备份恢复 / Restore from a backup"),
    "upgrade": Entry(
        "backup:upgrade", "owner", "备份、更新、核对，失败则退回 / Back up, migrate, verify, or roll back"
    ),
    "audit": Entry("audit:audit", "app", "封存、导出、核对哈希链 / Seal, export and verify the log's hash chain"),
    "erase": Entry("erasure:erase", "owner", "执行已确认的个人信息删除 / Carry out the erasures that are due"),
    "keys": Entry("keys:keys", "owner", "更换加密密钥 / Change the keys of field encryption"),
    "manage": Entry("manage:manage", "owner", "运行 Django 管理命令 / Run a Django management command"),
    # data
    "load-organisations": Entry("organisations:load_organisations", "owner", "载入机构树 / Load organisation trees"),
    "demo-data": Entry("demo_data:demo_data", "owner", "载入演示数据 / Load the demo district's data"),
    "import": Entry("imports:import_", "app", "导入名册与事实表 / Import rosters and facts"),
    "year": Entry("year:year", "app", "计算一个年度 / Compute one year"),
    "verify-runs": Entry("runs:verify_runs", "app", "重算并核对年度结果 / Compute decided years again and compare"),
    "pack": Entry("packs:pack", None, "查看、检查政策包 / Check, list, show and compare policy packs"),
    "twin": Entry("twin:twin", None, "由文件推演队伍若干年 / Rehearse a workforce for years, from files"),
    "ask": Entry("ask:ask", None, "问助手一个问题（不用网络与数据库） / Ask the assistant, offline"),
    "assistant": Entry(
        "assistant:assistant", None, "助手的卡片、权重与评测 / The assistant's cards, weights and evaluation"
    ),
    "calc": Entry("calc:calc", None, "不用数据库，由文件算到文件 / Compute from files to files, without a database"),
    "docs": Entry("docs:docs", "app", "生成参考文档 / Write the generated reference pages"),
}


class Table(click.Group):
    """Finds commands in COMMANDS; those whose module does not exist are not shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, entry in COMMANDS.items() if find_spec(f"qinglan.commands.{entry.where.split(':')[0]}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        entry = COMMANDS[cmd_name]
        if entry.role is not None:
            set_up_django(entry.role)
        module, name = entry.where.split(":")
        command: click.Command = getattr(import_module(f"qinglan.commands.{module}"), name)
        if entry.role is not None and command.callback is not None:
            command.callback = join_database(command.callback)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令 / Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in self.list_commands(ctx)])


@click.command(cls=Table, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="qinglan")
def main() -> None:
    """青蓝：社区工作者全周期培养与激励系统。

    Qinglan: the whole working life of a community worker in one system.
    """


if __name__ == "__main__":
    main()
