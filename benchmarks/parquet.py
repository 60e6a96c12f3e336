"""Parquet to Parquet: every step of the pay page for many people, in a process of its own (time, CPU, peak memory)."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import sizes
from qinglan.core.packs.loading import load
from qinglan.core.rules.registry import ITEMS
from qinglan.core.year.files import calculate

FAMILIES = ["pay"]


def measure(people: int, rounds: int) -> dict[str, float]:
    """{wall, cpu, rss (MiB), rows}: the best of `rounds` by wall-clock; kernels are compiled before."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes.write(folder / "in", people)
        sizes.write(folder / "warm", 2_000)
        calculate(folder / "warm", folder / "warmed", load("taoyuan", ITEMS), 2025, families=FAMILIES)
        done = []
        for number in range(rounds):
            program = [sys.executable, "-m", "benchmarks.parquet", folder / "in", folder / f"out{number}"]
            env = os.environ | {"POLARS_MAX_THREADS": "1"}  # as the `qinglan` command has it
            done.append(
                json.loads(subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True, env=env).stdout)
            )
        return min(done, key=lambda one: one["wall"])


def once(source: Path, target: Path) -> dict[str, float]:
    """One run from reading to the last file in place, the load of compiled kernels included."""
    pack = load("taoyuan", ITEMS)
    wall, cpu = time.perf_counter(), time.process_time()
    done = calculate(source, target, pack, 2025, families=FAMILIES)
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows": sum(done.rows.values()),
    }


if __name__ == "__main__":
    print(json.dumps(once(Path(sys.argv[1]), Path(sys.argv[2]))))
