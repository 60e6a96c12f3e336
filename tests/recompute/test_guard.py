"""The recomputer stays independent: it imports nothing of the package, and every family is either covered or named as not yet."""

import ast
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from qinglan.core.rules.registry import ITEMS
from qinglan.core.year import order
from tests.recompute import families, items

TESTS = Path(__file__).parents[1]
ROOTS = ("tests.recompute.year", "tests.recompute.paymonth", "tests.recompute.holding", "tests.recompute.awkward")
ALLOWED = {"polars", "yaml"}  # to read Parquet and YAML
NOT_YET: dict[str, set[str]] = {}  # frame → families that the recomputer does not cover; may only become fewer


def imports(file: Path) -> set[str]:
    """Every module that a file imports anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: relative import"
            found |= {node.module or ""} | {f"{node.module}.{one.name}" for one in node.names}
    return found


def file_of(module: str) -> Path | None:
    path = TESTS.parent / Path(*module.split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.exists()), None)


def reached(roots: tuple[str, ...]) -> dict[str, set[str]]:
    """{module of the tests: what it imports} of the roots and all that they reach inside the tests, packages' __init__ too."""
    found: dict[str, set[str]] = {}
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        file = file_of(module)
        if module in found or file is None:
            continue
        found[module] = imports(file)
        waiting += [one for one in found[module] if one.startswith("tests")] + [module.rpartition(".")[0]]
    return {name: one for name, one in found.items() if name}


def strangers(roots: tuple[str, ...]) -> set[tuple[str, str]]:
    """(module, what it imports) outside the standard library, the tests and ALLOWED."""
    return {
        (module, one)
        for module, names in reached(roots).items()
        for one in names
        if one.split(".")[0] not in {*sys.stdlib_module_names, *ALLOWED, "tests"}
    }


def test_the_recomputer_and_all_that_it_reaches_import_nothing_of_the_package() -> None:
    assert strangers(ROOTS) == set()
    assert {"tests.reference.pay", "tests.recompute.frame", "tests.recompute.between"} <= set(reached(ROOTS))


def test_the_references_alone_import_nothing_of_the_package() -> None:
    assert strangers(("tests.reference", "tests.reference.values")) == set()


def test_the_guard_sees_an_import_of_the_package() -> None:
    """The control: this file imports the package, and is found."""
    assert ("tests.recompute.test_guard", "qinglan.core.year.order") in strangers(("tests.recompute.test_guard",))


def test_running_it_loads_nothing_of_the_package() -> None:
    """Not by names in text only: a fresh interpreter has it all loaded and no qinglan, numpy kernels or Django among it."""
    program = f"import sys; import {', '.join(ROOTS)}; print(sorted(n for n in sys.modules if n.split('.')[0] in {{'qinglan', 'django', 'numba'}}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=TESTS.parent, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_every_family_is_covered_in_the_order_of_the_release_or_named_as_not_yet() -> None:
    for frame in fields(order.Order):
        ours = getattr(families, frame.name.upper())
        left = NOT_YET.get(frame.name, set())
        assert not left & set(ours), "covered by now: take it off the list"
        assert [one.id for one in getattr(order.NOW, frame.name) if one.id not in left] == list(ours), frame.name
    assert set(NOT_YET) <= {frame.name for frame in fields(order.Order)}


def test_every_item_of_a_pack_is_readable() -> None:
    assert set(items.ITEMS) == set(ITEMS)
