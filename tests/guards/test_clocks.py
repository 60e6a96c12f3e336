"""Nothing is timed in CI: how long something took says how busy the machine was. What must be fast is told by `make bench`, what must
not blow up is counted, or stands among the slow tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
CLOCKS = {
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "process_time",
    "process_time_ns",
    "thread_time",
    "times",
}
WHOSE = {"time", "os"}  # modules


def is_slow(function: ast.FunctionDef, module: ast.Module) -> bool:
    """Marked slow, itself or with the whole file."""
    marks = [ast.unparse(one) for one in function.decorator_list]
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            marks.append(ast.unparse(node.value))
    named = {
        node.targets[0].id
        for node in module.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and ast.unparse(node.value) == "pytest.mark.slow"
    }
    return any("mark.slow" in mark or mark in named for mark in marks)


def timed(text: str) -> Iterator[int]:
    """The lines at which a test of CI reads a clock that measures."""
    module = ast.parse(text)
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef) or not function.name.startswith("test_"):
            continue
        if is_slow(function, module):
            continue
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in CLOCKS
                and isinstance(node.value, ast.Name)
                and node.value.id in WHOSE
            ):
                yield node.lineno


def test_nothing_is_timed_in_ci() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("test_*.py"))
        if "node_modules" not in path.parts
        for line in timed(path.read_text(encoding="utf-8"))
    ]
    assert not found, "count what is done, mark it slow, or measure it in benchmarks"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("def test_a():\n    began = time.perf_counter()\n    assert time.perf_counter() - began < 1\n", [2, 3]),
        ("@pytest.mark.slow\ndef test_a():\n    time.monotonic()\n", []),
        ("SLOW = pytest.mark.slow\n@SLOW\ndef test_a():\n    time.monotonic()\n", []),
        ("pytestmark = [pytest.mark.slow]\ndef test_a():\n    time.monotonic()\n", []),
        ("def until():\n    time.monotonic()\ndef test_a():\n    until()\n", []),
    ],
)
def test_a_clock_in_a_test_is_seen(text: str, lines: list[int]) -> None:
    assert list(timed(text)) == lines
