"""Gets a command ready: the settings read, Django set up, the database joined, problems said in one sentence."""

import os
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
import django
from django.db.utils import OperationalError

from qinglan import server

P = ParamSpec("P")
R = TypeVar("R")


def set_up_django(role: str) -> None:
    """Set Django up to work as `role`: "app", or "owner" for what alters tables. Opens no connection."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "qinglan.config.settings"
    os.environ["QINGLAN_DB_ROLE"] = role
    os.environ.setdefault("XDG_RUNTIME_DIR", str(server.data_dir()))
    try:
        django.setup()
    except server.ServerError as error:
        raise click.ClickException(str(error)) from None


def join_database(command: Callable[P, R]) -> Callable[P, R]:
    """Make a command join the database before it runs; without one it ends with the sentence that says what to do."""

    @wraps(command)
    def ready(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            server.join(say=say)
            return command(*args, **kwargs)
        except server.ServerError as error:
            raise click.ClickException(str(error)) from None
        except OperationalError as error:  # not reached, cut off, out of space: nothing that a trace would help with
            reason = str(error).strip().splitlines()[0]
            raise click.ClickException(
                f"数据库没有应答（{reason}）；请检查 DATABASE_URL，或运行 qinglan doctor。"
            ) from error

    return ready


def say(sentence: str) -> None:
    """Tell the person at the terminal something that is no result (stderr)."""
    click.echo(sentence, err=True)
