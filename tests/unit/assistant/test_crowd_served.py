"""Twenty thousand questions to the site as it is served: two processes of four threads, asked by residents at once. No error, no
deadlock, every answer the one that a single process gives, no growth of memory.

What it measured is printed (pytest -s): python -m pytest tests/unit/assistant/test_crowd_served.py -m slow -s -n0 -k 20000.
"""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.unit.server_house import Site, until
from tests.unit.test_serve import answer, database, family, free_port

from qinglan.core.retrieval.deciding import Reply
from qinglan.core.retrieval.evaluating import read_questions
from qinglan.core.retrieval.shipped import DEVELOPMENT, answerer, cards

WORKERS, THREADS, CLIENTS = 2, 4, 12
SETTLED = 0.1  # of the questions; from then on memory must not grow
GROWTH = 0.04
SECRET = "a" * 32  # a csrf cookie; the field repeats it
LIMIT = 120  # seconds for one answer; a deadlock ends as a time-out
HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={SECRET}", "HX-Request": "true", "X-CSRFToken": SECRET,
}  # fmt: skip
KEPT = """
select json_build_array(q.text, q.reply->>'outcome', coalesce(q.reply->'card'->>'key', ''), q.reply->>'text', q.reply->'details',
  q.reply->'choices', (q.reply->>'certain')::float, count(*))
from assistant_question q where q.id > {since} group by q.text, q.reply
"""


def different() -> list[str]:
    return [one.question for one in read_questions(DEVELOPMENT.read_text(encoding="utf-8"), cards()) if not one.context]


def told(reply: Reply) -> list[object]:
    """What is kept of a reply and must be the same everywhere."""
    return [
        str(reply.outcome), reply.card.key if reply.card else "", reply.text,
        [{"label": label, "text": text} for label, text in reply.lines], [one.title for one in reply.choices],
        round(reply.certain, 3),
    ]  # fmt: skip


def resident(pid: int) -> float:
    """MiB that a process holds now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def worked(pid: int) -> float:
    """Seconds for which a process has used a processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(site: Site) -> Iterator[tuple[int, list[int]]]:
    """The port of a running site, and its web processes."""
    port = free_port()
    command = [sys.executable, "-m", "qinglan.cli", "serve", "--no-jobs", "--port", str(port)]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS)]
    environment = site.environment | {"QINGLAN_ASSISTANT_RATE": "1000000", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert "青蓝" in until(lambda: answer(port), 300)
        yield port, _web(process.pid)
    finally:
        process.terminate()
        process.wait(120)


def _web(pid: int) -> list[int]:
    """The web processes: all below the site's own but the tracker of what multiprocessing shares."""
    found = [one for one in family(pid) - {pid} if not database(one)]
    return [one for one in found if b"resource_tracker" not in Path(f"/proc/{one}/cmdline").read_bytes()]


def ask(port: int, number: int, questions: list[str]) -> list[float]:
    """One resident after the other over one connection, each question a talk of its own; seconds until each answer.

    Every client comes from an address of its own: those of one address wait for each other where they are counted.
    """
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT, source_address=(f"127.0.0.{10 + number}", 0))
    times = []
    for question in questions:
        started = time.perf_counter()
        line.request("POST", "/ask/anywhere/question/", urlencode({"text": question}), HEADERS)
        found = line.getresponse()
        said = found.read()
        assert found.status == 200, (found.status, question, said[:400])
        times.append(time.perf_counter() - started)
    line.close()
    return times


def crowd(site: Site, count: int) -> dict[str, object]:
    """Ask so many questions; what came of it."""
    many = different()
    every = list(islice(cycle(many), count))
    first = max(len(many), int(count * SETTLED))
    since = int(site.sql("select coalesce(max(id), 0) from assistant_question"))
    with served(site) as (port, web), ThreadPoolExecutor(CLIENTS) as clients:
        assert len(web) == WORKERS, web
        started, held = time.perf_counter(), []
        times: list[float] = []
        for part in (every[:first], every[first:]):
            asked = clients.map(ask, [port] * CLIENTS, range(CLIENTS), [part[at::CLIENTS] for at in range(CLIENTS)])
            times += [one for some in asked for one in some]
            held.append([resident(pid) for pid in web])
        seconds = time.perf_counter() - started
        cpu = [worked(pid) for pid in web]
        assert all(Path(f"/proc/{pid}").exists() for pid in web)  # none fell and was started anew
    times.sort()
    return {
        "count": count, "seconds": seconds, "median_ms": times[len(times) // 2] * 1000, "p95_ms": times[int(len(times) * 0.95)] * 1000,
        "cpu_seconds": cpu, "rss_mib_settled": held[0], "rss_mib_end": held[1],
        "kept": [json.loads(line) for line in site.sql(KEPT.format(since=since)).splitlines()],
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("count", [2_000, 20_000])
def test_a_crowd_is_answered_alike(site: Site, count: int) -> None:
    alone = {}
    for question in different()[:count]:
        reply = answerer().ask(question, today=date.today())
        alone[reply.question] = told(reply)
    found = crowd(site, count)
    kept = found.pop("kept")
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    assert sum(row[-1] for row in kept) == count
    assert len(kept) == len(alone)  # one answer a question, whichever process and thread gave it
    for text, *answered, _ in kept:
        assert answered == alone[text], text
    assert min(found["cpu_seconds"]) > 0.2 * sum(found["cpu_seconds"])  # both worked
    for settled, end in zip(found["rss_mib_settled"], found["rss_mib_end"], strict=True):
        assert end < settled * (1 + GROWTH)
