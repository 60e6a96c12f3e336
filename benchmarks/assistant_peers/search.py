"""Runs in its own environment: BM25 over jieba's words, and tantivy over characters and pairs of them. JSON in, JSON out.

In: {"documents": [text], "queries": [text]}. Out: {"bm25": [[document, score]], "tantivy": …, "seconds": {…}}: the best document of each query.
"""

import json
import logging
import re
import sys
import tempfile
import time
from itertools import pairwise

import jieba
import tantivy
from rank_bm25 import BM25Okapi

jieba.setLogLevel(logging.WARNING)
KEEP = re.compile(r"[一-鿿]|[a-z]+|\d+")


def pairs(text: str) -> list[str]:
    """Characters and pairs of them."""
    tokens = KEEP.findall(text.lower())
    return tokens + [a + b for a, b in pairwise(tokens)]


def words(text: str) -> list[str]:
    return [one for one in jieba.lcut(text.lower()) if one.strip()]


def bm25(documents: list[str], queries: list[str]) -> list[tuple[int, float]]:
    index = BM25Okapi([words(one) or ["-"] for one in documents])
    found = []
    for query in queries:
        scores = index.get_scores(words(query))
        best = int(scores.argmax())
        found.append((best, float(scores[best])))
    return found


def by_tantivy(documents: list[str], queries: list[str]) -> list[tuple[int, float]]:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", tokenizer_name="whitespace")
    builder.add_integer_field("number", stored=True)
    with tempfile.TemporaryDirectory() as folder:
        index = tantivy.Index(builder.build(), path=folder)
        writer = index.writer()
        for number, one in enumerate(documents):
            writer.add_document(tantivy.Document(body=" ".join(pairs(one)), number=number))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        searcher, found = index.searcher(), []
        for query in queries:
            tokens = " ".join(f'"{one}"' for one in pairs(query)) or '"-"'
            hits = searcher.search(index.parse_query(tokens, ["body"]), 1).hits
            found.append((searcher.doc(hits[0][1])["number"][0], float(hits[0][0])) if hits else (-1, 0.0))
    return found


def main() -> None:
    asked = json.load(sys.stdin)
    found: dict[str, object] = {}
    seconds = {}
    for name, search in (("bm25", bm25), ("tantivy", by_tantivy)):
        started = time.perf_counter()
        found[name] = search(asked["documents"], asked["queries"])
        seconds[name] = time.perf_counter() - started
    json.dump(found | {"seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
