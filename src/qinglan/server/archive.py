"""Writes a whole database into one file and puts it back, with PostgreSQL's own pg_dump and pg_restore (bundled)."""

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from qinglan.server.places import APP, ServerError, binaries, connection, external_url


def _reach(database: str | None = None) -> dict[str, str]:
    """Return libpq's parameters for the owner, to the site's database or another one of the same server."""
    own = connection("owner")
    known = {"host": own["HOST"], "port": own["PORT"], "user": own["USER"], "password": own.get("PASSWORD", "")}
    return (
        {name: value for name, value in known.items() if value}
        | own.get("OPTIONS", {})
        | {"dbname": database or own["NAME"]}
    )


def _run(program: str, *arguments: str | Path, database: str | None = None) -> None:
    """Run one of PostgreSQL's programs against the database. Raises ServerError with its last line."""
    reach = _reach(database)
    password = reach.pop("password", "")
    environment = {**os.environ, "PGPASSWORD": password} if password else dict(os.environ)
    where = psycopg.conninfo.make_conninfo(**reach)
    command = [binaries() / program, "--no-password", "--dbname", where, *arguments]
    done = subprocess.run(command, env={**environment, "LC_ALL": "C"}, capture_output=True, text=True)
    if done.returncode:
        raise ServerError(f"{program} 没有完成：{''.join(done.stderr.strip().splitlines()[-1:])}")


def dump(path: Path) -> None:
    """Write the site's database into `path` (PostgreSQL's custom format, compressed, without owners and rights)."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-comments", "--file", path)


def replace(path: Path) -> None:
    """Put the database of file `path` in the place of the site's.

    It is restored beside the present one and takes its name only when complete, so that a bad file changes nothing. Whoever
    is connected is cut off at that moment.
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
            _run(
                "pg_restore", "--no-owner", "--no-privileges", "--no-comments", "--exit-on-error", path, database=fresh
            )
        except ServerError:
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
