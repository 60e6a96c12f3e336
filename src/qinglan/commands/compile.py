"""`qinglan compile`: compiles the rule kernels at install, so that the first page does not wait for them."""

import os
import time

import click

from qinglan.commands.start import say
from qinglan.core.matching.fewest import compile_siting
from qinglan.core.retrieval.encoding import local
from qinglan.core.twin.desk.simulating import compile_desk
from qinglan.core.twin.warming import compile_twin
from qinglan.core.year.warming import compile_all


@click.command("compile")
def compile_() -> None:
    """编译规则内核；已编译过的不再编译。 / Compile the rule kernels; those compiled before are left alone."""
    started = time.perf_counter()
    say("编译规则内核，第一次约需一分钟 … / compiling the rules, about a minute the first time …")
    count = compile_all(max(1, min(4, os.cpu_count() or 1)))
    compile_twin()
    compile_desk()
    compile_siting()
    local().vectors(["问"])
    say(f"{count} 族规则可用，用时 {time.perf_counter() - started:.0f} 秒。")
