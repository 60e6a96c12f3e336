"""`make bench`: measures speed at named sizes and writes docs/reference/speed.md.

python -m benchmarks [small|medium|large] — Parquet to Parquet at this size; large unless said. The fictional district lives in a
data folder of its own under var/, made once. Times are the best of several rounds; CPU seconds are given beside, because a
machine shared with others stretches the wall-clock.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import assistant, kernels, parquet, siting, twin
from benchmarks.sizes import SIZES

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "speed.md"
KERNEL_PEOPLE = 20_000
Row = tuple[str, str, str, str]


def machine() -> str:
    """Processor, cores, memory, system, versions and how busy it is now."""
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return f"{model}，{os.cpu_count()} 核，{memory:.0f} GiB，{platform.system()}，Python {platform.python_version()}，开始时负载 {load:.1f}"


def comparison() -> Iterator[Row]:
    """The environment of the comparisons, made from its lock; then the kernels."""
    folder, lock = ROOT / "benchmarks" / ".venv", ROOT / "benchmarks" / "requirements.lock"
    uv = [ROOT / ".tools" / "bin" / "uv"]
    if not (folder / "bin" / "python").exists():
        subprocess.run([*uv, "venv", "-q", "--python", sys.executable, folder], check=True)
        env = os.environ | {"VIRTUAL_ENV": str(folder)}
        subprocess.run([*uv, "pip", "sync", "-q", "--require-hashes", lock], check=True, env=env)
    found = kernels.measure(KERNEL_PEOPLE)
    theirs = found["openfisca"]
    work = f"{KERNEL_PEOPLE:,} 人 × 12 个月，逐分相等"
    yield ("openfisca-core 46，同样规则", f"{theirs:.3f} CPU 秒", "", work)
    yield (
        "青蓝，年度计算（每一步都成列）", f"{found['driver']:.3f} CPU 秒，{theirs / found['driver']:.1f} 倍", "≥ 100 倍", work,
    )  # fmt: skip
    yield (
        "青蓝，同一批内核连成一个循环，只留合计",
        f"{found['fused']:.3f} CPU 秒，{theirs / found['fused']:.1f} 倍",
        "≥ 100 倍",
        work,
    )


def files(size: str) -> Iterator[Row]:
    found = parquet.measure(SIZES[size], rounds=2)
    goal = "≤ 15 秒，≤ 4 GiB" if size == "large" else ""
    said = f"{found['wall']:.1f} 秒，{found['cpu']:.1f} CPU 秒，峰值 {found['rss'] / 1024:.1f} GiB"
    yield ("Parquet 到 Parquet，薪酬页的每一步", said, goal, f"{SIZES[size]:,} 人 × 12 个月，写 {found['rows']:,} 行")


def district() -> Iterator[Row]:
    yield from told(measured("bench", "benchmarks.site", "migrate", "load-organisations", "demo-data"))
    for name, one in measured("bench-lists", "benchmarks.lists", "migrate", "load-organisations").items():
        said = f"最快 {one['best']:.0f}、中位 {one['median']:.0f} 毫秒（{one['cpu']:.0f} CPU 毫秒）"
        yield (f"列表页：{name}", said, "≤ 300 毫秒", "5,000 人，三年事实")


def measured(folder: str, module: str, *first: str) -> dict[str, dict[str, float]]:
    """What `module` measures in a database of its own, after the commands `first`."""
    data = os.environ.get("QINGLAN_BENCH_DATA", str(ROOT / "var"))
    env = os.environ | {"QINGLAN_DATA": f"{data}/{folder}"}
    qinglan = [sys.executable, "-m", "qinglan.cli"]
    for command in first:
        subprocess.run([*qinglan, command], check=True, env=env, stdout=subprocess.DEVNULL)
    done = subprocess.run([sys.executable, "-m", module], check=True, env=env, stdout=subprocess.PIPE, text=True)
    subprocess.run([*qinglan, "stop"], check=True, env=env, stdout=subprocess.DEVNULL)
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def told(found: dict[str, dict[str, float]]) -> Iterator[Row]:
    """The measurements of benchmarks.site in words."""

    def page(name: str) -> str:
        one = found[name]
        return f"最快 {one['best']:.0f}、中位 {one['median']:.0f} 毫秒（{one['cpu']:.0f} CPU 毫秒）"

    year, count, roster = found["year"], found["count"], found["roster"]
    said = f"{year['best'] / 1000:.1f} 秒（{year['cpu'] / 1000:.1f} CPU 秒，数据库的不在内）"
    yield ("桃源区一年：从事实到存好的步骤", said, "≤ 5 秒", "一个区，2,000 多人，三年事实")
    for name in found:
        if name.startswith("why "):
            yield (f"为什么是这个数：`{name[4:]}`", page(name), "≤ 50 毫秒", "一人一项")
    yield ("个人年度结果页", page("result"), "", "一人")
    yield ("某月工资页", page("month"), "", "一人一月")
    yield ("子树人数", f"p95 {count['p95']:.1f} 毫秒", "≤ 20 毫秒", "一个街道")
    said = (
        f"{roster['best'] / 1000:.1f} 秒，进程峰值 {roster['rss']:.0f} MiB（其中读名册增加 {roster['grown']:.0f} MiB）"
    )
    for name, what in (("verify years", "签署、公布过的年度"), ("verify months", "关过账的月份")):
        one = found[name]
        yield (f"核对：{what}由保存的输入重算、逐个数比较", f"{one['best'] / 1000:.1f} 秒（{one['cpu'] / 1000:.1f} CPU 秒）", "",
               f"{one['rows']:,.0f} 份结果")  # fmt: skip
    yield ("脏名册核对", said, "< 10 秒，< 500 MB", f"{roster['rows']:.0f} 行")


def write(rows: list[Row], described: str) -> None:
    lines = [
        "# 速度 / Speed", "",
        "<!-- 由 make bench 写出 / written by `make bench` -->",
        f"{time.strftime('%Y-%m-%d')}，{described}。", "",
        "各取几次里最快的一次，先热身。与别人共用的机器会拉长钟表时间，所以同时给 CPU 秒。/ Best of several rounds after a warm-up; CPU",
        "seconds stand beside, because others on the machine stretch the wall-clock.", "",
        "| 测什么 | 测得 | 目标 | 工作量 |", "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows), "",
    ]  # fmt: skip
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def main(size: str) -> None:
    described = machine()
    write([*comparison(), *files(size), *district(), *twin.rows(), *siting.rows(), *assistant.rows()], described)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "large")
