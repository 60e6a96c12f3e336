"""Migrates once for all workers of a run: the first that needs a database migrates its own and keeps a copy for the others."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection


class Migrated:
    """The copy of run `run`, as one of its workers sees it."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.name = f"{os.environ['QINGLAN_TEST_DATABASE']}_migrated"
        self.mark = Path(os.environ["QINGLAN_DATA"]) / f"{self.name}.run"  # holds the run whose copy there is now
        self.mine = False

    @contextmanager
    def making(self) -> Iterator[None]:
        """Inside, Django makes the worker's database, from the copy if there is one; one worker at a time."""
        with open(self.mark, "a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.seek(0)
            if lock.read() == self.run:
                settings.DATABASES["default"]["TEST"]["TEMPLATE"] = self.name
                yield
                return
            yield
            lock.truncate(0)
            made = connection.settings_dict["NAME"]
            self._drop()
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{made}"')
            lock.write(self.run)
            self.mine = True

    def end(self) -> None:
        """Remove the copy, if it is one's own; a worker that comes later migrates."""
        if self.mine:
            with open(self.mark, "a+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                lock.truncate(0)
                self._drop()

    def _drop(self) -> None:
        connection.close()  # nobody may be in a database that is copied
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}"')
