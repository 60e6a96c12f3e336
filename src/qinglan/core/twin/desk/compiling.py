"""Compiles the desk's kernels into a folder of their own: they call the twin's chance and arithmetic, nothing calls them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qinglan.core.twin.compiling import TWIN, cache_folder, kept

CALLED = ("random.py", "maths.py", "compiling.py")
FOLDER = cache_folder("desk", [*Path(__file__).parent.glob("*.py"), *(TWIN / name for name in CALLED)])


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """This kernel compiled; as it is when QINGLAN_UNCOMPILED=1."""
    return kept(function, FOLDER)
