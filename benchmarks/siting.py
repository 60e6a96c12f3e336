"""Siting at the issue's sizes: 600 neighbourhoods with capacities, and 5,000 × 600 maximal covering beside spopt in one run.

Both have the same map. spopt lives in an environment of its own (benchmarks/spopt_siting), with the solvers it finds there: CBC and HiGHS.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from qinglan.core.matching.coverage import most
from qinglan.core.matching.fewest import compile_siting
from qinglan.core.matching.places import pairs
from qinglan.core.matching.siting import Problem, plan

FOLDER = Path(__file__).parent / "spopt_siting"
VENV = FOLDER / ".venv"
SPOPT_SECONDS = 60  # more is not waited for
NEW = 100


def scattered() -> tuple[np.ndarray, np.ndarray]:
    """600 neighbourhoods on 11.2 km squared: about fifteen within a kilometre of each, as in a town."""
    chance = np.random.default_rng(1)
    return chance.uniform(0, 11_200, (600, 2)), chance.integers(300, 2500, 600)


def clustered() -> tuple[np.ndarray, np.ndarray]:
    """600 around 24 middles on 20 km squared."""
    chance = np.random.default_rng(1)
    middles = chance.uniform(0, 20_000, (24, 2))
    at = middles[chance.integers(0, 24, 600)] + chance.normal(0, 700, (600, 2))
    return at, chance.integers(300, 2500, 600)


def thin() -> tuple[np.ndarray, np.ndarray]:
    """600 on 20 km squared: four others within a kilometre, where the relaxation leaves a gap."""
    chance = np.random.default_rng(1)
    return chance.uniform(0, 20_000, (600, 2)), chance.integers(300, 2500, 600)


def mixed() -> tuple[np.ndarray, np.ndarray]:
    """Half of 600 in a town of 6 km squared, half over 16 km squared."""
    chance = np.random.default_rng(1)
    return np.vstack([chance.uniform(0, 6_000, (300, 2)), chance.uniform(0, 16_000, (300, 2))]), chance.integers(
        300, 2500, 600
    )


def ribbon() -> tuple[np.ndarray, np.ndarray]:
    """600 along 80 km of a river that winds."""
    chance = np.random.default_rng(1)
    along = chance.uniform(0, 80_000, 600)
    return np.column_stack([along, 3_000 * np.sin(along / 5_000) + chance.normal(0, 400, 600)]), chance.integers(
        300, 2500, 600
    )


def capacities(at: np.ndarray, households: np.ndarray, seconds: float = 5.0) -> dict[str, float]:
    """The fewest centres for five neighbourhoods each."""
    problem = Problem(at, households, at, np.zeros(len(at), bool), np.full(len(at), 5))
    began, worked = time.perf_counter(), time.process_time()
    found = plan(problem, seconds=seconds, workers=2)
    return {
        "wall": time.perf_counter() - began, "cpu": time.process_time() - worked, "value": found.value, "bound": found.bound, "gap": found.gap,
    }  # fmt: skip


def covering() -> dict[str, dict[str, float]]:
    """5,000 × 600, 100 sites: ours, and spopt with each solver, on the same arrays."""
    chance = np.random.default_rng(3)
    clients, sites = chance.uniform(0, 20_000, (5_000, 2)), chance.uniform(0, 20_000, (600, 2))
    households = chance.integers(300, 2500, 5_000)
    began, worked = time.perf_counter(), time.process_time()
    found = most(pairs(clients, sites, 1_000.0), households, np.zeros(600, bool), NEW, time.monotonic() + 5.0, 2)
    ours = {
        "wall": time.perf_counter() - began, "cpu": time.process_time() - worked, "value": found.covered, "bound": found.bound,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "map.npz"
        np.savez(file, clients=clients, sites=sites, households=households)
        theirs = {}
        for solver in ("cbc", "highs"):
            command = [VENV / "bin" / "python", FOLDER / "mclp.py", file, solver, str(NEW), str(SPOPT_SECONDS)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            theirs[solver] = json.loads(done.stdout.splitlines()[-1])
    return {"ours": ours} | theirs


def environment(uv: Path) -> None:
    """spopt's, made from its lock."""
    if (VENV / "bin" / "python").exists():
        return
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, VENV], check=True)
    env = os.environ | {"VIRTUAL_ENV": str(VENV)}
    subprocess.run([uv, "pip", "sync", "-q", "--require-hashes", FOLDER / "requirements.lock"], check=True, env=env)


def rows() -> list[tuple[str, str, str, str]]:
    """The lines of docs/reference/speed.md."""
    environment(FOLDER.parent.parent / ".tools" / "bin" / "uv")
    said = []
    compile_siting()
    for name, make in (("城区", scattered), ("成团", clustered), ("稀疏", thin), ("疏密相间", mixed), ("沿河", ribbon)):
        found = capacities(*make())
        proof = "已证明最优" if found["value"] == found["bound"] else f"差距 {found['gap']:.2%}"
        words = f"{found['wall']:.1f} 秒（{found['cpu']:.1f} CPU 秒），{found['value']:.0f} 个，下界 {found['bound']:.0f}，{proof}"
        said.append((f"选址，每中心 5 个小区、1 公里：{name}", words, "≤ 5 秒，差距 < 1%", "600 个小区"))
    every = covering()
    ours = every.pop("ours")
    short = 1 - ours["value"] / ours["bound"]
    words = f"{ours['wall']:.2f} 秒（{ours['cpu']:.2f} CPU 秒），离上界 {short:.2%}"
    said.append(("最大覆盖，青蓝", words, "离上界 ≤ 1%", f"5,000 × 600，选 {NEW} 处"))
    for solver, one in every.items():
        short = 1 - one["value"] / ours["bound"]
        words = f"{one['wall']:.1f} 秒（{one['cpu']:.1f} CPU 秒），离上界 {short:.2%}"
        said.append((f"最大覆盖，spopt 0.7（{solver.upper()}，至多 {SPOPT_SECONDS} 秒求解）", words, "", "同一张图"))
    return said


if __name__ == "__main__":
    for row in rows():
        print(" | ".join(row))
