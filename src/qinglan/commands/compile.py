"""`qinglan compile`: compiles the rule kernels at install, so that the first page does not wait for them."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import click

from qinglan.commands.start import say
from qinglan.core.matching.fewest import compile_siting
from qinglan.core.retrieval.encoding import local
from qinglan.core.twin.desk.simulating import compile_desk
from qinglan.core.twin.warming import compile_twin
from qinglan.core.year.warming import compile_all


def compile_encoder() -> None:
    """Reads one sentence."""
    local().vectors(["问"])


# What stands on the rules' kernels, and what stands by itself; the longest first.
OTHERS: tuple[Callable[[], None], ...] = (compile_twin, compile_siting, compile_desk, compile_encoder)


@click.command("compile")
def compile_() -> None:
    """编译规则内核；已编译过的不再编译。 / Compile the rule kernels; those compiled before are left alone."""
    started = time.perf_counter()
    say("编译规则内核，第一次约需一分钟 … / compiling the rules, about a minute the first time …")
    processes = max(1, min(4, os.cpu_count() or 1))
    count = compile_all(processes)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for other in [pool.submit(one) for one in OTHERS]:
            other.result()
    say(f"{count} 族规则可用，用时 {time.perf_counter() - started:.0f} 秒。")
