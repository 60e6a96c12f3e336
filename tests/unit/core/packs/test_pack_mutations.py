"""Whatever is done to a pack, it is loaded or refused with a PackError; nothing else escapes, and it takes no long time."""

import re
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qinglan.core.packs.errors import PackError
from qinglan.core.packs.loading import SHIPPED, load
from qinglan.core.rules.registry import ITEMS

FILES = sorted(path.relative_to(SHIPPED) for path in SHIPPED.glob("*/*.yaml"))
ALONE = {
    path: re.sub(r"^inherits:.*\n|^complete:.*\n", "", (SHIPPED / path).read_text(encoding="utf-8"), flags=re.MULTILINE)
    for path in FILES
}
RELAXED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

scalars = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "-1", "1e999", "nan", "inf", "1_000", "１２", "9" * 40, "是", "其余", "0x10", "2025-13-01", "~", "{"]
    ),
    st.integers().map(str),
)
data = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(scalars, inner, max_size=3)),
    max_leaves=6,
)


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """Copies of all shipped packs, each standing alone (not its parents are under test here), to be spoilt."""
    for file in FILES:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(ALONE[file], encoding="utf-8")
    return tmp_path


def load_or_refuse(folder: Path) -> None:
    began = time.perf_counter()
    try:
        load(folder, ITEMS)
        problems = []
    except PackError as refused:
        problems = refused.problems
    assert all(problem.wrong and problem.right for problem in problems)
    assert time.perf_counter() - began < 5


@given(file=st.sampled_from(FILES), seed=st.randoms(use_true_random=False), put=st.text(max_size=8))
@RELAXED
def test_bytes_cut_put_or_swapped(packs: Path, file: Path, seed, put: str) -> None:
    text = ALONE[file]
    start, end = sorted((seed.randrange(len(text) + 1), seed.randrange(len(text) + 1)))
    end = min(end, start + 40)
    (packs / file).write_text(text[:start] + put + text[end:], encoding="utf-8")
    load_or_refuse(packs / file.parent)
    (packs / file).write_text(text, encoding="utf-8")


@given(file=st.sampled_from(FILES), noise=st.binary(max_size=60), seed=st.randoms(use_true_random=False))
@RELAXED
def test_bytes_that_are_no_text(packs: Path, file: Path, noise: bytes, seed) -> None:
    raw = ALONE[file].encode()
    at = seed.randrange(len(raw) + 1)
    (packs / file).write_bytes(raw[:at] + noise + raw[at:])
    load_or_refuse(packs / file.parent)
    (packs / file).write_text(ALONE[file], encoding="utf-8")


@given(file=st.sampled_from(FILES), seed=st.randoms(use_true_random=False), other=data)
@RELAXED
def test_any_node_replaced_by_other_data(packs: Path, file: Path, seed, other) -> None:
    tree = yaml.load(ALONE[file], Loader=yaml.BaseLoader)
    parent, key, node = None, None, tree
    while isinstance(node, dict | list) and node and (parent is None or seed.random() < 0.8):
        key = seed.choice(list(node)) if isinstance(node, dict) else seed.randrange(len(node))
        parent, node = node, node[key]
    if parent is not None:
        parent[key] = other
    (packs / file).write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    load_or_refuse(packs / file.parent)
    (packs / file).write_text(ALONE[file], encoding="utf-8")
