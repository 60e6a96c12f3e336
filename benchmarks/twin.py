"""The twin beside Mesa, and at the sizes that it promises: rows for docs/reference/speed.md.

python -m benchmarks.twin — measures and prints the rows alone; `--page` puts them into the page in place of the rows of last time.
Each measurement runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from tests.unit.core.twin.scenarios import scenario

from benchmarks import twin_months
from benchmarks.twin_months import COMPARED, DISTRICT, SUBDISTRICTS
from qinglan.core.twin.ensemble import rehearse
from qinglan.core.twin.month import WORKS

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGE = ROOT / "docs" / "reference" / "speed.md"
MESA = HERE / "mesa_twin"
LARGE_TILES, COUNTRY_TILES = 45, 2_008  # about 100,000 and 4,500,000 people in districts of 2,241
MONTH = 12
OURS = "推演"
Row = tuple[str, str, str, str]
# Bytes of a person that a month reads and writes when the state is streamed: rows of the state and of the work that the loops touch.
STREAMED = (12 + 14 + 2 * WORKS) * 4


def used() -> dict[str, float]:
    """The peak of this program in MiB; getrusage would count who started it as well."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return {"memory": next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024}


def timed(work: Callable[[], object]) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, **used()}


# --- what runs in a process of its own: name → numbers ---


def months(tiles: int, replicates: int, years: int, workers: int) -> dict[str, object]:
    """The months alone."""
    one = twin_months.district(tiles, years)
    twin_months.live(one, 0, 1)
    found: list[tuple[np.ndarray, float]] = []
    measured = timed(lambda: found.append(twin_months.ensemble(one, replicates, years, workers)))
    lived, making = found[0]
    sums = [[[float(year[row]) / scale for row, scale in COMPARED.values()] for year in years_] for years_ in lived]
    kept = sums if replicates <= 200 else []
    return {**measured, "making": making, "people": one.whole.shape[1], "years": kept}


def whole(replicates: int, workers: int) -> dict[str, object]:
    """The twin as the page runs it: the months, and every year the pack's rules and pay of everybody."""
    one = scenario(DISTRICT, SUBDISTRICTS, months=120, replicates=replicates)
    rehearse(one.with_(replicates=1, months=12))
    return timed(lambda: rehearse(one, workers=workers))


def cold(replicates: int) -> dict[str, object]:
    """From the program's start to the first coarse band; kernels were compiled at install, nothing else is warm."""
    one = scenario(DISTRICT, SUBDISTRICTS, months=120, replicates=replicates)
    return timed(lambda: rehearse(one))


def barrier(districts: int) -> dict[str, object]:
    """Districts one after another for ten years, and all of them year by year."""
    one = twin_months.district()
    twin_months.live(one, 0, 1)
    free = min(timed(lambda: twin_months.by_barrier(one, districts, 10, yearly=False))["cpu"] for _ in range(2))
    held = min(timed(lambda: twin_months.by_barrier(one, districts, 10, yearly=True))["cpu"] for _ in range(2))
    return {"free": free, "held": held}


def bandwidth() -> dict[str, object]:
    """Bytes a second of one core that copies 256 MB: read and written."""
    source = np.ones(1 << 25)
    target = np.empty_like(source)
    np.copyto(target, source)
    best = min(timed(lambda: np.copyto(target, source))["wall"] for _ in range(7))
    return {"bytes": 2 * source.nbytes / best}


PARTS: dict[str, Callable[..., dict[str, object]]] = {
    one.__name__: one for one in (months, whole, cold, barrier, bandwidth)
}  # fmt: skip


def apart(name: str, *numbers: int) -> dict:
    """What a part says, run by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.twin", name, *map(str, numbers)], check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    found: dict = json.loads(done.stdout.splitlines()[-1])
    return found


# --- Mesa ---


def mesa(tiles: int, count: int, replicates: int) -> dict:
    """The same district, lived by agents in the environment of Mesa's own lock."""
    folder, uv = MESA / ".venv", [ROOT / ".tools" / "bin" / "uv"]
    if not (folder / "bin" / "python").exists():
        subprocess.run([*uv, "venv", "-q", "--python", sys.executable, folder], check=True)
        lock, env = MESA / "requirements.lock", os.environ | {"VIRTUAL_ENV": str(folder)}
        subprocess.run([*uv, "pip", "sync", "-q", "--require-hashes", lock], check=True, env=env)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "district.json"
        twin_months.written(twin_months.district(tiles, max(count // MONTH, 1)), file)
        call = [folder / "bin" / "python", MESA / "model.py", file, str(count), str(replicates)]
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(call, check=True, env=env, stdout=subprocess.PIPE, text=True)
    found: dict = json.loads(done.stdout.splitlines()[-1])
    return found


def scores(ours: dict, theirs: dict) -> dict[str, float]:
    """z of every measure, the largest over the years. The load is no chance: posts ÷ people, so its sum is the posts."""
    a, b = np.array(ours["years"])[:, : len(theirs["years"][0])], np.array(theirs["years"])
    spread = np.sqrt(a.var(axis=0, ddof=1) * (1 / len(a) + 1 / len(b)))
    z = (b.mean(axis=0) - a.mean(axis=0)) / np.maximum(spread, 1e-9)
    found = {name: float(z[np.abs(z[:, k]).argmax(), k]) for k, name in enumerate(COMPARED)}
    load = list(COMPARED).index("load")
    if np.abs(b.mean(axis=0)[:, load] / a.mean(axis=0)[:, load] - 1).max() > 1e-4:
        raise ValueError("the load of both models differs")
    return {name: value for name, value in found.items() if name != "load"}


# --- rows ---


def speed(mine: dict, count: int, replicates: int) -> float:
    """Person-months a CPU second of `apart("months", …)`, the making of the people not counted."""
    return float(mine["people"] * count * replicates / (mine["cpu"] - mine["making"]))


def coupled() -> Row:
    """What it costs that the blocks of a large district wait for each other: the same people as one district, and as many."""
    count, replicates = MONTH, 6
    one = speed(apart("months", LARGE_TILES, replicates, 1, 1), count, replicates)
    many = speed(apart("months", 1, replicates * LARGE_TILES, 1, 1), count, replicates * LARGE_TILES)
    said = f"多用 {many / one - 1:.0%}（{many:,.0f} → {one:,.0f} 人月/CPU 秒）"
    work = f"{LARGE_TILES * DISTRICT:,} 人 × {count} 个月；补岗要等三个月，所以每四个月互相等一次"
    return f"{OURS}：一个区一个候选人池，比分成 {LARGE_TILES} 个区各有各的池", said, "", work


def beside(tiles: int, count: int, replicates: int, ours: int, goal: str, stream: float) -> Iterator[Row]:
    """Both models of one size, their ratio, and whether they agree. Neither's seconds count the making of its people."""
    theirs = mesa(tiles, count, replicates)
    mine = apart("months", tiles, ours, count // MONTH, 1)
    people = mine["people"]
    rate, mesas = speed(mine, count, ours), people * count * replicates / theirs["cpu"]
    z = scores(mine, theirs)
    work = f"{people:,} 人（一个区，一个候选人池）× {count} 个月，只有月份，没有年度规则，不计造人"
    yield (
        f"{OURS}：Mesa 3.3.1 的人月",
        f"{mesas:,.0f} 人月/CPU 秒，峰值 {theirs['memory']:,.0f} MiB",
        "",
        f"{work}，{replicates} 次",
    )
    said = f"{rate:,.0f} 人月/CPU 秒，{rate / mesas:,.0f} 倍，峰值 {mine['memory']:,.0f} MiB"
    yield (f"{OURS}：青蓝的人月", said, goal, f"{work}，{ours} 次")
    words = f"z 的绝对值最大 {max(map(abs, z.values())):.1f}（{len(z)} 个指标 × {count // MONTH} 年）"
    yield (
        f"{OURS}：两者逐年的和是否一致",
        words,
        "在偶然误差之内",
        "；".join(f"{name} {value:+.1f}" for name, value in z.items()),
    )
    bound = stream / STREAMED
    words = f"{rate / bound:.0%}（每月把状态从内存读写一遍，上限 {bound:,.0f} 人月/秒）"
    yield (
        f"{OURS}：占内存带宽上限",
        words,
        "",
        f"{people:,} 人；带宽实测 {stream / 1e9:.0f} GB/秒；青蓝分块住在缓存里，大的区每四个月才读写一遍",
    )


def rows() -> Iterator[Row]:
    stream = apart("bandwidth")["bytes"]
    yield from beside(1, 36, 5, 100, "≥ 200 倍", stream)
    yield from beside(LARGE_TILES, 12, 1, 12, "≥ 500 倍", stream)
    for what, tiles, goal in (
        ("1,000 次 × 2,241 人", 1_000, "≤ 10 秒"),
        ("450 万人", COUNTRY_TILES, "≤ 10 秒，≤ 1 GiB"),
    ):
        one = apart("months", 1, tiles, 10, 2)
        said = f"{one['wall']:.1f} 秒（{one['cpu']:.1f} CPU 秒），峰值 {one['memory']:,.0f} MiB"
        yield (f"{OURS}：{what} × 120 个月，只有月份", said, goal, f"{tiles:,} 个 2,241 人的区，两核")
    one = apart("whole", 100, 2)
    said = f"{one['wall']:.1f} 秒（{one['cpu']:.1f} CPU 秒），峰值 {one['memory']:,.0f} MiB"
    yield (f"{OURS}：100 次 × 2,241 人 × 10 年，每年都算规则与工资", said, "", "与页面所算相同，两核")
    one = apart("whole", 1000, 2)
    said = f"{one['wall']:.1f} 秒（{one['cpu']:.1f} CPU 秒），峰值 {one['memory']:,.0f} MiB"
    yield (f"{OURS}：1,000 次 × 2,241 人 × 10 年，每年都算规则与工资", said, "≤ 10 秒", "两核")
    one = apart("cold", 3)
    said = f"{one['wall']:.1f} 秒（{one['cpu']:.1f} CPU 秒）"
    yield (f"{OURS}：程序刚起、内核已编译，读人员到三次 × 10 年", said, "≤ 3 秒", "2,241 人，一核")
    yield coupled()
    one = apart("barrier", LARGE_TILES)
    said = f"多用 {one['held'] / one['free'] - 1:.0%}（{one['free']:.2f} → {one['held']:.2f} CPU 秒）"
    yield (f"{OURS}：各区每年 1 月 1 日互相等一次，比各算各的", said, "", f"{LARGE_TILES} 个区，只有月份")


def into_page(made: list[Row]) -> None:
    """Puts the rows in place of those of the same names; what else the page says of the twin was measured otherwise, and stays."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    names = tuple(f"| {row[0]} |" for row in made)
    kept = [line for line in lines if not line.startswith(names)]
    last = max(number for number, line in enumerate(kept) if line.startswith("| "))
    PAGE.write_text(
        "\n".join([*kept[: last + 1], *(f"| {' | '.join(row)} |" for row in made), *kept[last + 1 :]]) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in PARTS:
        print(json.dumps(PARTS[sys.argv[1]](*map(int, sys.argv[2:]))))
    else:
        made = list(rows())
        print("\n".join(f"| {' | '.join(row)} |" for row in made))
        if "--page" in sys.argv:
            into_page(made)
