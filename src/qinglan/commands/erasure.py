"""`qinglan erase`: carry out the erasures that are confirmed, and those that a restored backup took back. Also what restore,
migrate and serve ask of it."""

from collections.abc import Callable

import click
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from qinglan.apps.base.models import KeyringError
from qinglan.apps.erasure.actions import carrying, listing
from qinglan.commands.start import say
from qinglan.server import ServerError


@click.command()
def erase() -> None:
    """执行已确认的删除；恢复过备份的，按名单再次删除。 / Carry out what is confirmed, and what the list of the erased says."""
    say(f"删除了 {again()} 人的个人信息。" if due() else "没有待执行的删除。")


def due() -> bool:
    """Whether anybody is to be erased: confirmed, or erased once and back."""
    confirmed = carrying.Erasure.objects.filter(state=carrying.State.CONFIRMED)
    return confirmed.exists() or bool(_lines(carrying.waiting))


def owed() -> int:
    """How many people of the list a backup brought back: until they are erased again the site does not answer."""
    return len(_lines(carrying.came_back))


def _lines(of: Callable[[], list[listing.Line]]) -> list[listing.Line]:
    try:
        return of()
    except listing.ListError as error:
        raise ServerError(str(error)) from None


def again() -> int:
    """Carry everything out; how many people. Raises ServerError when the list or a key cannot be read."""
    try:
        return carrying.all_that_is_due(tell=say)
    except (listing.ListError, KeyringError) as error:
        raise ServerError(str(error)) from None


def up_to_date() -> bool:
    """Whether the tables are those of this program: only then can anybody be erased."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def before_restore() -> None:
    """Have the list name everybody whom the present database holds as erased: the backup may be from before. Raises ServerError."""
    try:
        if not up_to_date():
            _refuse_unlisted()
            return
        added = carrying.relist()
    except listing.ListError as error:
        raise ServerError(str(error)) from None
    if added:
        say(f"名单上缺 {added} 次已执行的删除，已按现在的数据库补上。")


def _refuse_unlisted() -> None:
    """Of a database older than the program no line can be written. Raises ServerError when the list lacks somebody it holds as erased."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = 'people_person' AND column_name = 'erased_at'"
        )
        if not cursor.fetchone():  # an empty database, or one from before anybody could be erased
            return
    listed = {number for line in listing.read() for number, _ in line.persons}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM people_person WHERE erased_at IS NOT NULL")
        unlisted = {number for (number,) in cursor.fetchall()} - listed
    if unlisted:
        raise ServerError(
            f"现在的数据库里有 {len(unlisted)} 份已删除的档案不在名单上，恢复以后会重新出现；数据库又比程序旧，不能补写名单。"
            "请先运行 qinglan migrate，再恢复。"
        )


def after_restore() -> None:
    """Erase again whom a backup brought back, and say what cannot be known. Raises ServerError when it cannot be done."""
    if not listing.path().exists():
        say(
            f"没有找到已删除人员的名单 {settings.QINGLAN_ERASED}。如果这个站点删除过人员，请先把名单放回那里，再运行 qinglan erase；"
            "否则备份以后删除的人会重新出现。"
        )
    if not up_to_date():
        if listing.read():
            say("备份比程序旧：名单上的人会在运行 qinglan migrate 时再次删除，在那之前网站不会启动。")
        return
    number = again()
    if number:
        say(f"按名单再次删除了 {number} 人的个人信息。")
    unknown = carrying.missing()
    if unknown:
        say(f"数据库里有 {len(unknown)} 份已删除的档案不在名单上：名单可能不全，请放回另存的一份。")
