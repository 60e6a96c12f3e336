"""The worked cases can fail: each planted fault in a rule is caught by at least one of them; and all hold uncompiled."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import qinglan

PACKAGE = Path(qinglan.__file__).parent
HERE = Path(__file__).parent
FAULTS = yaml.safe_load((HERE / "faults.yaml").read_text(encoding="utf-8"))
EVERY = 18  # a sample of the faults runs each time, all of them in the slow suite


def recheck(source: Path, *families: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QINGLAN_UNCOMPILED": "1", "PYTHONPATH": f"{source}{os.pathsep}{HERE.parent.parent}"}
    command = [sys.executable, "-m", "tests.packs.recheck", *families]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=HERE.parent.parent, timeout=600)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the core and the packs to spoil."""
    source = tmp_path_factory.mktemp("planted") / "src"
    for part in ("core", "packs"):
        shutil.copytree(PACKAGE / part, source / "qinglan" / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PACKAGE / "__init__.py", source / "qinglan" / "__init__.py")
    return source


def caught(copy: Path, fault: dict[str, str]) -> str:
    """What the cases say of the fault; the copy is mended afterwards."""
    file = copy / "qinglan" / "core" / "rules" / fault["file"]
    right = file.read_text(encoding="utf-8")
    assert right.count(fault["old"]) >= 1, f"{fault['file']} no longer has {fault['old']!r}: mend faults.yaml"
    file.write_text(right.replace(fault["old"], fault["new"]), encoding="utf-8")
    try:
        done = recheck(copy, *fault["families"])
    finally:
        file.write_text(right, encoding="utf-8")
    assert done.returncode == 1, f"nobody noticed: {fault}\n{done.stdout[-500:]}{done.stderr[-500:]}"
    return done.stdout


def test_all_cases_hold_uncompiled_and_the_copy_is_what_runs(copy: Path) -> None:
    done = recheck(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("0 wrong, uncompiled=True")


@pytest.mark.parametrize("fault", FAULTS[::EVERY], ids=lambda fault: f"{fault['file']}:{fault['old'][:30]}")
def test_a_planted_fault_is_caught(copy: Path, fault: dict[str, str]) -> None:
    assert " 0 wrong" not in caught(copy, fault)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['file']}:{fault['old'][:30]}")
def test_every_planted_fault_is_caught(copy: Path, fault: dict[str, str]) -> None:
    assert " 0 wrong" not in caught(copy, fault)
