"""`qinglan manage ...`: Django's own management commands, for those who know them."""

import click
from django.core.management import execute_from_command_line


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """运行 Django 管理命令。 / Run a Django management command."""
    execute_from_command_line(["qinglan manage", *arguments])
