"""The supervisor: one small process that makes, starts, watches and stops the postmaster. Run as a module.

Started by the first client, in a session of its own, so that a closed terminal does not reach it.
"""

import fcntl
import locale
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from qinglan.server.locks import is_free, open_lock, send, try_lock
from qinglan.server.places import (
    APP,
    DATABASE,
    LINGER,
    MAJOR,
    OWNER,
    Place,
    ServerError,
    answer,
    binaries,
    place,
    postmaster_pid,
    server_user,
)

CONFIG = """\
# Written by qinglan at every start. Put settings of your own into local.conf beside this file.
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
max_wal_size = 1GB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
# No personal number may reach a log: only what the server says of itself is written, never a statement or its values.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_checkpoints = off
include_if_exists = 'local.conf'
"""
BOOTSTRAP = f"""\
CREATE ROLE {OWNER} LOGIN CREATEDB;
CREATE ROLE {APP} LOGIN;
GRANT {APP} TO {OWNER};
CREATE DATABASE {DATABASE} OWNER {OWNER};
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APP};
"""
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}
PATIENCE = 60.0  # seconds that children of a killed postmaster may take to notice
STOP_PATIENCE = 120.0  # seconds of orderly stopping before the hard stop, which the next start recovers from
RESTARTS, RESTART_WINDOW = 10, 60.0  # a postmaster that dies more often than this in so many seconds is left alone


class Supervisor:
    """Watches one postmaster from its start, or from being found running, to its end."""

    def __init__(self, where: Place) -> None:
        self.place = where
        self.user = server_user()
        self.bin = binaries()
        self.stopping = False
        self.child: subprocess.Popen[bytes] | None = None
        self.starts: list[float] = []

    # --- making and starting ---

    def _as_server(self) -> dict[str, object]:
        """Return the arguments that make a child run as the server's user (only root can and must change it)."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def _run(self, lock: int, *command: str | Path, text: str = "") -> None:
        """Run one of PostgreSQL's programs to its end; it holds `lock` as long as it lives. Raises ServerError with its
        last line."""
        done = subprocess.run(  # type: ignore[call-overload]
            command, input=text, capture_output=True, text=True,
            env=ENVIRONMENT, cwd="/", umask=0o077, pass_fds=[lock], **self._as_server(),
        )  # fmt: skip
        if done.returncode or "ERROR:" in done.stderr:  # single-user mode ends with 0 whatever its statements met
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise ServerError(f"数据库建不成（{Path(command[0]).name}：{''.join(last)}）；请检查磁盘空间与权限后再试。")

    def check_version(self) -> None:
        """Refuse data of another major version."""
        try:
            found = (self.place.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return
        if found != MAJOR:
            raise ServerError(
                f"{self.place.data} 里是 PostgreSQL {found} 的数据，本程序带的是 {MAJOR}；请用原来的版本运行 qinglan backup，"
                "把该文件夹移走，再用本版本运行 qinglan restore。"
            )

    def make(self, lock: int) -> None:
        """Create the data folder if there is none. A half-made one from an interrupted attempt is thrown away."""
        if self.place.data.exists():
            return
        draft = self.place.state / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        os.chown(draft, self.user.pw_uid, self.user.pw_gid)
        # Sorting is the builtin provider's, the same on every system; the C library's character classes serve pg_trgm.
        self._run(
            lock,
            self.bin / "initdb", "-D", draft, "-U", "postgres", "--encoding=UTF8", "--locale=C", f"--lc-ctype={_utf8_ctype()}",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums", "--auth=reject", "--no-instructions",
        )  # fmt: skip
        # The roles are made in single-user mode: the superuser is never reachable through the socket.
        self._run(lock, self.bin / "postgres", "--single", "-D", draft, "postgres", text=BOOTSTRAP)
        draft.rename(self.place.data)

    def configure(self) -> None:
        """Write the three configuration files, at every start: who may connect follows who runs it."""
        users = dict.fromkeys([self.user.pw_name, "root"] if os.geteuid() == 0 else [self.user.pw_name])
        ident = "".join(f'qinglan "{name}" {role}\n' for name in users for role in (OWNER, APP))
        files = {
            "postgresql.conf": CONFIG.format(socket=str(self.place.socket).replace("'", "''")),
            "pg_hba.conf": f"local all {OWNER},{APP} peer map=qinglan\n",
            "pg_ident.conf": ident,
        }
        for name, text in files.items():
            path = self.place.data / name
            path.unlink(missing_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.fchown(handle, self.user.pw_uid, self.user.pw_gid)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)

    def start(self) -> None:
        """Start the postmaster, or adopt the one that a killed supervisor left. Raises ServerError."""
        lock = open_lock(self.place.state / "server.lock")
        deadline = time.monotonic() + PATIENCE
        try:
            while not try_lock(lock):
                if answer(self.place) != 2:
                    return  # a living postmaster: adopted
                if time.monotonic() > deadline:
                    raise ServerError(
                        f"上一次的数据库进程还有没退出的（见 {self.place.data / 'postmaster.pid'}）；请结束它们后再试。"
                    )
                time.sleep(0.05)
            self.make(lock)
            self.configure()
            # Stale for certain, as nobody holds server.lock; PostgreSQL itself would have to guess from a pid.
            for stale in (self.place.data / "postmaster.pid", self.place.socket / ".s.PGSQL.5432.lock"):
                stale.unlink(missing_ok=True)
            self.starts = [then for then in self.starts if time.monotonic() - then < RESTART_WINDOW] + [
                time.monotonic()
            ]
            if len(self.starts) > RESTARTS:
                raise ServerError(f"数据库一再中止，原因见 {self.place.log}；请排除后再试。")
            self._rotate_log()
            with open(self.place.log, "ab") as log:
                self.child = subprocess.Popen(  # type: ignore[call-overload]
                    [self.bin / "postgres", "-D", self.place.data],
                    env=ENVIRONMENT, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, umask=0o077,
                    pass_fds=[lock], start_new_session=True, **self._as_server(),
                )  # fmt: skip
        finally:
            os.close(lock)

    def _rotate_log(self) -> None:
        if self.place.log.exists() and self.place.log.stat().st_size > 5_000_000:
            self.place.log.rename(self.place.log.with_suffix(".log.1"))

    # --- watching and stopping ---

    def _alive(self) -> bool:
        if self.child is not None:
            self.child.poll()  # reaps it, so that no zombie is left
        return not is_free(self.place.state / "server.lock")

    def watch(self) -> None:
        """Return when asked to stop, or when no client is left: then with the clients' lock held, so that whoever comes
        waits until the server is down and starts it afresh. A postmaster that dies is started again."""
        clients = open_lock(self.place.state / "clients.lock")
        idle_since: float | None = None
        while not self.stopping:
            time.sleep(0.1)
            if not self._alive():
                self.start()
            if not try_lock(clients):
                idle_since = None
                continue
            idle_since = idle_since or time.monotonic()
            if time.monotonic() - idle_since >= LINGER:
                return
            fcntl.flock(clients, fcntl.LOCK_UN)

    def shut_down(self) -> None:
        """Stop the postmaster in an orderly way (a checkpoint, then the end), by force after a long time."""
        for number in (signal.SIGINT, signal.SIGQUIT):
            deadline = time.monotonic() + STOP_PATIENCE
            running = self.child is not None and self.child.poll() is None
            send(self.child.pid if self.child and running else postmaster_pid(self.place), number)
            while self._alive() and time.monotonic() < deadline:
                time.sleep(0.02)

    def ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        """Signal handler: the loop ends at its next turn."""
        self.stopping = True


def _utf8_ctype() -> str:
    """Return a UTF-8 character classification that this system has, whatever the environment says; else C."""
    for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8"):
        try:
            locale.setlocale(locale.LC_CTYPE, name)
        except locale.Error:
            continue
        return name
    return "C"


def main() -> int:
    """Run the supervisor of this installation's server; return 0 when it stopped in order or when there is one already."""
    os.umask(0o077)
    where = place()
    lock = open_lock(where.state / "supervisor.lock")
    deadline = time.monotonic() + 1
    while not try_lock(lock):
        if time.monotonic() > deadline:  # someone who only asks holds it for a moment; a supervisor keeps it
            return 0
        time.sleep(0.01)
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode("ascii"), 0)
    try:
        supervisor = Supervisor(where)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.ask_to_stop)
        supervisor.check_version()
        supervisor.start()
        supervisor.watch()
        supervisor.shut_down()
    except ServerError as error:
        where.problem.write_text(str(error), encoding="utf-8")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
