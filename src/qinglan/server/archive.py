"""Writes a whole database into one file and puts it back, with PostgreSQL's own pg_dump and pg_restore (bundled)."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from qinglan.server.places import APP, ServerError, binaries, connection, external_url

PREAMBLE = 30  # lines of settings at the head of a dump's SQL


def _reach(database: str | None = None) -> dict[str, str]:
    """Return libpq's parameters for the owner, to the site's database or another one of the same server."""
    own = connection("owner")
    known = {"host": own["HOST"], "port": own["PORT"], "user": own["USER"], "password": own.get("PASSWORD", "")}
    return (
        {name: value for name, value in known.items() if value}
        | own.get("OPTIONS", {})
        | {"dbname": database or own["NAME"]}
    )


def _command(program: str, *arguments: str | Path, database: str | None = None) -> tuple[list[str], dict[str, str]]:
    """Return the command line of one of PostgreSQL's programs for the owner, and its environment (with the password)."""
    reach = _reach(database)
    password = reach.pop("password", "")
    environment = {**os.environ, "LC_ALL": "C"} | ({"PGPASSWORD": password} if password else {})
    where = psycopg.conninfo.make_conninfo(**reach)
    return [str(binaries() / program), "--no-password", "--dbname", where, *map(str, arguments)], environment


def _failed(program: str, said: bytes) -> ServerError:
    last = said.decode(errors="replace").strip().splitlines()[-1:]
    return ServerError(f"{program} 没有完成：{''.join(last)}")


def dump(path: Path) -> None:
    """Write the site's database into `path` (PostgreSQL's custom format, compressed, without owners and rights)."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    options = ("--format=custom", "--no-owner", "--no-privileges", "--no-comments", "--file", path)
    command, environment = _command("pg_dump", *options)
    done = subprocess.run(command, env=environment, capture_output=True)
    if done.returncode:
        raise _failed("pg_dump", done.stderr)


def _load(path: Path, database: str) -> None:
    """Load the dump `path` into the empty `database`. Raises ServerError when anything in it fails.

    pg_restore writes SQL and psql runs it, because between them the one setting that servers before 17 do not know must go.
    """
    program = str(binaries() / "pg_restore")
    options = ["--no-owner", "--no-privileges", "--no-comments", "--file=-", str(path)]
    command, environment = _command(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--output",
        os.devnull,
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        database=database,
    )
    with (
        tempfile.TemporaryFile() as unpacking,
        tempfile.TemporaryFile() as loading,
        subprocess.Popen([program, *options], stdout=subprocess.PIPE, stderr=unpacking) as source,
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=loading) as target,
    ):
        assert source.stdout is not None
        assert target.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # psql has stopped at an error, which is told below
            for _ in range(PREAMBLE):
                line = source.stdout.readline()
                if not line.startswith(b"SET transaction_timeout"):
                    target.stdin.write(line)
            shutil.copyfileobj(source.stdout, target.stdin)
            if source.wait():
                target.kill()  # half a script must not be committed
        with contextlib.suppress(BrokenPipeError):
            target.stdin.close()
        source.stdout.close()  # if psql has stopped, this ends pg_restore too: then psql's word is the reason
        for name, process, said in (("psql", target, loading), ("pg_restore", source, unpacking)):
            if process.wait() > 0:
                said.seek(0)
                raise _failed(name, said.read())


def replace(path: Path, ready: Callable[[str], None] = lambda name: None) -> None:
    """Put the database of file `path` in the place of the site's.

    It is restored beside the present one and takes its name only when complete, so that a bad file changes nothing. Whoever
    is connected is cut off at that moment. `ready` is called before, with the name that the restored one has until then: what it
    does there nobody sees half done, and what it refuses is not put in place.
    """
    name = _reach()["dbname"]
    fresh, former = f"{name}_fresh", f"{name}_former"
    with psycopg.connect(psycopg.conninfo.make_conninfo(**_reach("postgres")), autocommit=True) as link:

        def run(statement: str, **names: str) -> None:
            link.execute(sql.SQL(statement).format(**{key: sql.Identifier(value) for key, value in names.items()}))

        run("DROP DATABASE IF EXISTS {fresh}", fresh=fresh)
        run("DROP DATABASE IF EXISTS {former}", former=former)
        run("CREATE DATABASE {fresh} TEMPLATE template0", fresh=fresh)
        try:
            if not external_url():
                run("REVOKE ALL ON DATABASE {fresh} FROM PUBLIC", fresh=fresh)
                run("GRANT CONNECT, TEMPORARY ON DATABASE {fresh} TO {app}", fresh=fresh, app=APP)
            _load(path, fresh)
            ready(fresh)
        except Exception:
            run("DROP DATABASE {fresh}", fresh=fresh)
            raise
        run("ALTER DATABASE {name} ALLOW_CONNECTIONS false", name=name)
        try:
            link.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])
            run("ALTER DATABASE {name} RENAME TO {former}", name=name, former=former)
        except psycopg.Error as error:
            run("ALTER DATABASE {name} ALLOW_CONNECTIONS true", name=name)
            raise ServerError(f"还有程序连着数据库，没有替换（{error}）；请先停下网站再恢复。") from error
        run("ALTER DATABASE {fresh} RENAME TO {name}", fresh=fresh, name=name)
        run("DROP DATABASE {former}", former=former)
