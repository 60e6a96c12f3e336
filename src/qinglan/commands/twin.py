"""`qinglan twin`: a table of its commands, each imported only when it is used: what one needs, the others do not load."""

from importlib import import_module

import click

COMMANDS = {
    "run": "twin_runs:run",
    "compare": "twin_runs:compare",
    "parameters": "twin_runs:parameters",
    "calibrate": "twin_backtest:calibrated",
    "backtest": "twin_backtest:backtested",
    "sensitivity": "twin_sensitivity:sensitivity",
    "search": "twin_search:search",
    "desk": "twin_desk:desk",
    "site": "twin_site:site",
    "dispatch": "twin_dispatch:dispatch",
}


class Twin(click.Group):
    """Finds its commands in COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"qinglan.commands.{module}"), name)
        return command


@click.command(cls=Twin)
def twin() -> None:
    """用本区队伍推演政策（由文件，不用数据库）。 / Rehearse a policy on a workforce, from files."""
