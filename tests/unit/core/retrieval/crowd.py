"""Two processes, forked after the model was used, with four threads each, asking one answerer. Run by itself: python -m … COUNT.

Prints JSON: {"alone": digest, "processes": [{"digests": […], "asked": n, "grown_mib": x}]}.
"""

import hashlib
import json
import multiprocessing
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from qinglan.core.retrieval.evaluating import read_questions
from qinglan.core.retrieval.shipped import DEVELOPMENT, answerer, cards

DAY = date(2026, 11, 22)
PROCESSES, THREADS, DIFFERENT = 2, 4, 25
WARM = 4  # rounds of the different questions before memory is looked at


def said(question: str) -> str:
    reply = answerer().ask(question, today=DAY)
    return f"{reply.outcome}|{reply.card.title if reply.card else ''}|{reply.text}|{reply.lines}|{reply.certain:.6f}"


def digest(answers: list[str]) -> str:
    return hashlib.sha256("\n".join(answers).encode()).hexdigest()


def resident() -> float:
    """MiB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def work(questions: list[str], rounds: int, told: Connection) -> None:
    """Every round asks all questions by four threads; the digest of each round's answers."""
    digests: set[str] = set()
    before = 0.0
    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(rounds):
            if number == min(WARM, rounds - 1):
                before = resident()
            digests.add(digest(list(pool.map(said, questions))))
    told.send({"digests": sorted(digests), "asked": rounds * len(questions), "grown_mib": resident() - before})


def main(count: int) -> dict[str, object]:
    every = [one.question for one in read_questions(DEVELOPMENT.read_text(encoding="utf-8"), cards())]
    questions = every[:: len(every) // DIFFERENT][:DIFFERENT]
    alone = digest([said(one) for one in questions])
    context = multiprocessing.get_context("fork")
    running = []
    for _ in range(PROCESSES):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(questions, count // PROCESSES // len(questions), there))
        process.start()
        running.append((process, here))
    found = [here.recv() for _, here in running]
    for process, _ in running:
        process.join()
    return {"alone": alone, "processes": found}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]))) + "\n")
