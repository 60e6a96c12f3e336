"""The short cuts of migrating end where Django's own way ends."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState, StateApps
from tests.unit.server_house import Site

from qinglan import server
from qinglan.config import migrating


def walked() -> ProjectState:
    """All migrations of all apps, without a database; rendered before the first, as `migrate` does."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    state = loader.project_state([])
    _ = state.apps
    for leaf in loader.graph.leaf_nodes():
        for key in loader.graph.forwards_plan(leaf):
            if key not in (done := state.__dict__.setdefault("done", set())):
                done.add(key)
                for operation in loader.graph.nodes[key].operations:
                    operation.state_forwards(key[0], state)
    return state


def told(apps: StateApps) -> Iterator[tuple[Any, ...]]:
    """What the database's tables follow from."""
    for model in apps.get_models(include_auto_created=True, include_swapped=True):
        meta = model._meta
        yield (
            meta.db_table,
            "fields",
            *sorted(
                (
                    field.name,
                    str(field.db_parameters(connection)),
                    str(field.remote_field and field.target_field.model._meta.db_table),
                    field.null,
                    field.unique,
                )
                for field in meta.local_fields
            ),
        )
        yield (
            meta.db_table,
            "links",
            *sorted(f"{relation.name} {relation.related_model._meta.db_table}" for relation in meta.related_objects),
        )
        for name in ("indexes", "constraints", "triggers"):
            yield meta.db_table, name, *sorted(repr(one) for one in getattr(meta, name, []))


def fresh(state: ProjectState) -> list[tuple[Any, ...]]:
    return sorted(told(StateApps(state.real_apps, state.models)))


def schema(house: Site) -> str:
    command = [str(server.binaries() / "pg_dump"), "-s", "-h", house.clients[-1].up["socket"], "-U", server.OWNER]
    done = subprocess.run([*command, "qinglan"], capture_output=True, text=True, check=True, cwd="/")
    return re.sub(r"(?m)^.(un)?restrict .*$", "", done.stdout)  # drawn anew for each dump


def test_what_was_rendered_by_the_way_is_what_is_rendered_at_the_end() -> None:
    with migrating.lightly():
        state = walked()
    assert len(list(state.apps.get_models())) > 80
    assert sorted(told(state.apps)) == fresh(state)


def test_a_short_cut_that_leaves_something_out_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = {migrating._field, migrating._lists}
    cuts = [
        (owner, name, (lambda *args, **kwargs: None) if reload in left_out else reload)
        for owner, name, reload in migrating.SHORT_CUTS
    ]
    monkeypatch.setattr(migrating, "SHORT_CUTS", tuple(cuts))
    with migrating.lightly():
        state = walked()
    differing = set(told(state.apps)) ^ set(fresh(state))
    assert {what for _, what, *_ in differing} == {"fields", "links", "indexes", "constraints", "triggers"}


def test_django_is_left_as_it_was() -> None:
    before = [owner.__dict__[name] for owner, name, _ in migrating.SHORT_CUTS]
    with migrating.lightly():
        assert [owner.__dict__[name] for owner, name, _ in migrating.SHORT_CUTS] != before
    assert [owner.__dict__[name] for owner, name, _ in migrating.SHORT_CUTS] == before


@pytest.mark.slow
def test_the_tables_are_those_that_django_makes(site: Site, tmp_path: Path) -> None:
    house = Site(tmp_path, "plain", None, [sys.executable], {"QINGLAN_KEYS": str(tmp_path / "keys.json")})
    house.start()
    try:
        house.qinglan("manage", "migrate")  # Django's own way
        house.qinglan("migrate")  # nothing left but the rights
        assert schema(house) == schema(site)
    finally:
        house.close()
