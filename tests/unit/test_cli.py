"""The qinglan command: every line of its table leads somewhere, in Chinese and English, and mistakes get one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qinglan.cli import COMMANDS


def qinglan(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "qinglan.cli", *command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_help_shows_every_command_of_the_table_in_two_languages() -> None:
    said = qinglan("--help").stdout
    for name, entry in COMMANDS.items():
        assert name in said
        chinese, _, english = entry.help.partition(" / ")
        assert any("一" <= letter <= "鿿" for letter in chinese), name
        assert english.isascii(), name
        assert english, name


SHOWN = sorted(set(COMMANDS) - {"manage"})  # that one hands --help on to Django


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=pytest.mark.slow if at % 4 else ()) for at, one in enumerate(SHOWN)]
)
def test_each_command_explains_itself_without_a_database(name: str, tmp_path: Path) -> None:
    done = qinglan(name, "--help", QINGLAN_DATA=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "Usage: " in done.stdout
    assert " / " in done.stdout
    assert not (tmp_path / "postgres").exists()


def test_mistakes_get_one_sentence(tmp_path: Path) -> None:
    done = qinglan("verify", DATABASE_URL="mysql://nowhere/x", QINGLAN_DATA=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.strip().count("\n") == 0
    assert "postgresql://" in done.stderr
    done = qinglan("verify", DATABASE_URL="postgresql://x@127.0.0.1:1/x", QINGLAN_DATA=str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_unknown_command() -> None:
    done = qinglan("nonsense")
    assert done.returncode == 2
    assert "nonsense" in done.stderr
