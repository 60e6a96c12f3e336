"""The client's side: join the embedded server, leave it, stop it, ask how it is."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from qinglan.server.locks import first_number, is_free, open_lock, send, try_lock, waiting
from qinglan.server.places import (
    LINGER,
    PACKAGE_DIR,
    ROOT_BASE,
    Place,
    ServerError,
    answer,
    data_dir,
    external_url,
    own_folder,
    place,
    postmaster_pid,
    server_user,
)

_held: int | None = None
_children: list[subprocess.Popen[bytes]] = []  # kept, so that Python does not complain of a child it never awaited


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def join(say: Callable[[str], None] = _tell) -> None:
    """Make sure that the embedded server is up, and keep it up for as long as this process lives.

    Does nothing when DATABASE_URL names a server. Waits for a recovery however long it takes, saying so through `say`.
    Raises ServerError with the one sentence that says what to do.
    """
    global _held
    if external_url() or _held is not None:
        return
    where = place()
    with _telling_of_folders():
        _make_state(where)
    gate = open_lock(where.state / "start.lock")
    with waiting(say, "另一个命令正在启动数据库，请稍候") as pause:
        while not try_lock(gate):
            pause()
    clients = open_lock(where.state / "clients.lock")
    try:
        with _telling_of_folders():  # behind the gate: another start must not meet it made but not yet given away
            own_folder(where.socket, server_user().pw_uid)
        with waiting(say, "数据库正在停下，停稳后再启动") as pause:
            while not try_lock(clients, fcntl.LOCK_SH):
                pause()
        _await_ready(where, say)
    except BaseException:
        os.close(clients)
        raise
    finally:
        os.close(gate)
    _held = clients


def _make_state(where: Place) -> None:
    if os.geteuid() == 0:
        ROOT_BASE.mkdir(mode=0o755, parents=True, exist_ok=True)
        where.state.mkdir(mode=0o711, exist_ok=True)
        os.chmod(where.state, 0o711)
    else:
        where.state.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextmanager
def _telling_of_folders() -> Iterator[None]:
    """Turn what the system says of a folder into the sentence that says what to do."""
    try:
        yield
    except OSError as error:
        raise ServerError(
            f"数据文件夹 {error.filename} 不能写（{error.strerror}）；请检查权限与磁盘，或用 QINGLAN_DATA 另指一处。"
        ) from None


def _await_ready(where: Place, say: Callable[[str], None]) -> None:
    supervisor: subprocess.Popen[bytes] | None = None
    lock = where.state / "supervisor.lock"
    with waiting(say, "数据库正在启动或恢复，请稍候") as pause:
        while True:
            if is_free(lock):
                ended = None if supervisor is None else supervisor.poll()
                if ended:
                    raise ServerError(_read_problem(where))
                if supervisor is None or ended == 0:  # 0: it found another one, which has since stopped
                    supervisor = _spawn_supervisor(where)
            elif answer(where) == 0:
                return
            pause()


def _spawn_supervisor(where: Place) -> subprocess.Popen[bytes]:
    where.problem.unlink(missing_ok=True)
    paths = [str(PACKAGE_DIR.parent), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "QINGLAN_DATA": str(data_dir()),
        "QINGLAN_DB_LINGER": str(LINGER),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    with os.fdopen(os.open(where.state / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "qinglan.server.supervisor"],
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children.append(child)
    return child


def _read_problem(where: Place) -> str:
    try:
        return where.problem.read_text(encoding="utf-8")
    except OSError:
        return f"数据库没能启动，原因见 {where.state / 'supervisor.log'} 与 {where.log}。"


def leave() -> None:
    """Let go of the server; it stops by itself when nobody else holds it."""
    global _held
    if _held is not None:
        os.close(_held)
        _held = None


def stop(say: Callable[[str], None] = _tell) -> bool:
    """Stop the embedded server even while others use it. Return whether there was one."""
    where = place()
    if not where.state.is_dir():
        return False
    lock = where.state / "supervisor.lock"
    asked: set[int] = set()
    with waiting(say, "数据库正在停下，请稍候") as pause:
        while not (is_free(lock) and is_free(where.state / "server.lock")):
            # Without a supervisor the postmaster is an orphan: its pid counts only while it answers, lest it be another's.
            pid = first_number(lock) if not is_free(lock) else postmaster_pid(where)
            if pid and pid not in asked:
                send(pid, signal.SIGINT)
                asked.add(pid)
            pause()
    return bool(asked)


def status() -> dict[str, Any]:
    """Return what `qinglan doctor` shows of the embedded server: folders, pids (0 = none) and whether it answers."""
    where = place()
    known: dict[str, Any] = {"state": str(where.state), "socket": str(where.socket)}
    if not where.state.is_dir():
        return known | {"supervisor": 0, "postmaster": 0, "answers": False}
    lock = where.state / "supervisor.lock"
    return known | {
        "supervisor": 0 if is_free(lock) else first_number(lock),
        "postmaster": postmaster_pid(where),
        "answers": answer(where) == 0,
    }
