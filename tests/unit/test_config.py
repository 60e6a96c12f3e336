"""The database as the site finds it: our own sorting, whatever the system's locale."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_database_sorts_by_code_and_reads_chinese() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'Z' < 'a' COLLATE \"C\", length('桃源区'), '桃' ~ '[[:alpha:]]', upper('é')")
        assert cursor.fetchone() == (True, 3, True, "É")
        cursor.execute("SHOW server_encoding")
        assert cursor.fetchone() == ("UTF8",)
