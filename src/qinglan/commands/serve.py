"""`qinglan serve` and `qinglan work`: the web server and the worker for background jobs."""

import asyncio
import os
import socket
import subprocess
import sys
from typing import Any

import click
from granian.constants import Interfaces
from granian.server.mp import MPServer
from procrastinate.contrib.django import app as background

from qinglan.apps.base.models import KeyringError, settle_keys
from qinglan.commands import erasure, lanes
from qinglan.commands.start import say
from qinglan.config import database
from qinglan.config.lifeline import PARENT, end_with_parent
from qinglan.server import ServerError


def _refuse_taken_port(address: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise ServerError(
                f"端口 {port} 用不了（{error.strerror}）；请先停下占用它的程序，或换一个：QINGLAN_PORT=8001。"
            ) from None


class Site(MPServer):
    """The server, except that a closed terminal (HUP) ends it; of itself it would reload and live on unseen."""

    def signal_handler_reload(self, *args: object, **kwargs: object) -> None:
        self.signal_handler_interrupt(*args, **kwargs)


@click.command()
@click.option("--address", envvar="QINGLAN_ADDRESS", default="127.0.0.1", show_default=True, help="监听地址 / address")
@click.option("--port", envvar="QINGLAN_PORT", default=8000, show_default=True, help="端口 / port")
@click.option("--workers", envvar="QINGLAN_WORKERS", default=2, show_default=True, help="进程数 / processes")
@click.option("--threads", envvar="QINGLAN_THREADS", default=4, show_default=True, help="每进程线程数 / threads each")
@click.option("--jobs/--no-jobs", default=True, help="同时处理后台任务 / work on background jobs too")
def serve(address: str, port: int, workers: int, threads: int, jobs: bool) -> None:
    """启动网站，Ctrl-C 停止。 / Serve the site until Ctrl-C."""
    _refuse_taken_port(address, port)
    waiting = [sentence for sentence in database.problems() if "migrate" in sentence]
    if waiting:
        raise ServerError(waiting[0])
    try:
        settle_keys()
    except KeyringError as error:
        raise click.ClickException(str(error)) from None
    if erasure.due():  # cut off in between, or a backup put back by hand: before anybody can look
        subprocess.run([sys.executable, "-m", "qinglan.cli", "erase"])
    if erasure.owed():
        raise ServerError("名单上已删除的人还在数据库里，网站没有启动；请运行 qinglan erase，看它说什么。")
    os.environ["QINGLAN_POOL"] = "1"  # read by the workers when they load the settings
    os.environ[PARENT] = str(os.getpid())
    worker = subprocess.Popen([sys.executable, "-m", "qinglan.cli", "work"]) if jobs else None
    say(f"网站已启动：http://{address}:{port}/ （Ctrl-C 停止）")
    site = Site(
        "qinglan.config.wsgi:application", address=address, port=port, interface=Interfaces.WSGI,
        workers=workers, blocking_threads=threads, websockets=False, log_enabled=False, respawn_failed_workers=True,
    )  # fmt: skip
    try:
        site.serve()
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait()
    say("网站已停止。")


@click.command()
def work() -> None:
    """处理后台任务，Ctrl-C 停止。 / Work on background jobs until Ctrl-C."""
    end_with_parent()
    connector: Any = background.connector
    with background.replace_connector(connector.get_worker_connector()) as app:
        asyncio.run(lanes.work_until_told(app))
