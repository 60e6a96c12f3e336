"""What the application's database role may do, and which servers we accept. Applied after every migration."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from qinglan import server
from qinglan.apps.audit.actions import chain
from qinglan.apps.audit.models import ChainLink, chained_models

OLDEST = 150000  # PostgreSQL 15: the oldest that is tried


def check_version() -> None:
    """Refuse a server that is too old. Raises ServerError with what to do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        found = cursor.fetchone()[0]
    if found < OLDEST:
        raise server.ServerError(
            f"DATABASE_URL 指向的是 PostgreSQL {found // 10000}，青蓝需要 {OLDEST // 10000} 或更新的版本；"
            "请升级数据库，或去掉 DATABASE_URL 使用自带的数据库。"
        )


def append_only_models() -> Iterator[type[models.Model]]:
    """Give every model whose rows are only ever added: those that hang in the chain, and the chain."""
    yield from chained_models()
    yield ChainLink


def _written_by_database() -> Iterator[type[models.Model]]:
    """Give the models that functions of the database write; the application only reads them."""
    yield from (model for model in apps.get_models() if getattr(model, "written_by_database", False))


def application_role() -> str:
    """Return the role that the site works as; where owner and site share one, `qinglan_app` (which may not exist)."""
    user = str(server.connection("app")["USER"])
    return server.APP if user == str(server.connection("owner")["USER"]) else user


def grant() -> None:
    """Give the application role its rights on every table of ours, and no more: it owns nothing and alters nothing. Hang
    tables that have become append-only into the chain.

    Must run as the owner. Gives no rights when there is no such role (DATABASE_URL without DATABASE_OWNER_URL).
    """
    chain.install()
    role = application_role()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            return
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for statement in _statements(role, {table for (table,) in cursor.fetchall()}):
            cursor.execute(statement)


def _statements(role: str, tables: set[str]) -> Iterator[sql.Composed]:
    """Give the statements for the tables there are (a restored backup may be older than the program)."""
    to = sql.Identifier(role)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(to)
    yield sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(to)
    yield sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(to)
    yield sql.SQL("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}").format(to)
    for model in append_only_models():
        if model._meta.db_table not in tables:
            continue
        table = sql.Identifier(model._meta.db_table)
        yield sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(table, to)
    for model in _written_by_database():
        if model._meta.db_table in tables:
            table = sql.Identifier(model._meta.db_table)
            yield sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {} FROM {}").format(table, to)


def problems() -> list[str]:
    """Return what is wrong with tables, constraints and rights, one sentence each; empty when all is as it should be."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    found = [f"还有 {len(waiting)} 步更新没有做；请运行 qinglan migrate。"] if waiting else []
    role = application_role()
    never = {model._meta.db_table for model in (*append_only_models(), *_written_by_database())}
    with connection.cursor() as cursor:
        cursor.execute("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE NOT convalidated")
        found += [f"表 {table} 的约束 {name} 没有核对过旧数据。" for table, name in cursor.fetchall()]
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone():
            cursor.execute(
                "SELECT tablename, has_table_privilege(%(role)s, format('%%I.%%I', schemaname, tablename), 'SELECT'),"
                " has_table_privilege(%(role)s, format('%%I.%%I', schemaname, tablename), 'UPDATE, DELETE, TRUNCATE'),"
                " tableowner = %(role)s FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
                {"role": role},
            )
            for table, reads, changes, owns in cursor.fetchall():
                if not reads:
                    found.append(f"应用角色读不到表 {table}；请运行 qinglan migrate。")
                if owns or (table in never and changes):
                    found.append(f"应用角色对表 {table} 的权限过大；请运行 qinglan migrate。")
    return found
