"""The ladder of apps and the purity of core: the contracts hold, and a broken one is noticed."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent.parent
LINT = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
ALLOWED = {
    "models", "states", "permissions", "actions", "queries", "forms", "filters", "tables", "views", "api", "tasks", "urls",
    "apps", "admin", "templates", "templatetags", "migrations", "__init__", "__pycache__", "management",
}  # fmt: skip
SHARED = {"base/printing"}  # what several apps use and is none of the above


def test_import_contracts_hold() -> None:
    done = subprocess.run(LINT, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    kept = len(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"])
    assert f"{kept} kept, 0 broken" in done.stdout


def test_apps_hold_only_the_known_modules() -> None:
    strangers = [
        f"{app.label}/{path.name}"
        for app in apps.get_app_configs()
        if app.name.startswith("qinglan.")
        for path in Path(app.path).iterdir()
        if path.stem not in ALLOWED and f"{app.label}/{path.name}" not in SHARED
    ]
    assert not strangers


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
