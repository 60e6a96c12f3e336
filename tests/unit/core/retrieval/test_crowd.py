"""Processes forked after use and threads that share an answerer: no deadlock, the same answers, no growth of memory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
GROWTH = 16  # MiB; the allocator keeps some of what threads used


def crowd(count: int, seconds: int) -> dict[str, Any]:
    """What came of `count` questions; a deadlock ends as TimeoutExpired."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.core.retrieval.crowd", str(count)], check=True, stdout=subprocess.PIPE, text=True,
        cwd=ROOT, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}, timeout=seconds,
    )  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


def check(found: dict[str, Any], count: int) -> None:
    assert sum(one["asked"] for one in found["processes"]) == count
    for one in found["processes"]:
        assert one["digests"] == [found["alone"]], "the same answers in every round, process and thread"
        assert one["grown_mib"] < GROWTH


def test_two_hundred_questions():
    check(crowd(200, 120), 200)


@pytest.mark.slow
def test_twenty_thousand_questions():
    check(crowd(20_000, 3_600), 20_000)
