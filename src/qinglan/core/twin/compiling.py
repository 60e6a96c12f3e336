"""Compiles the twin's kernels: numba, kept on disk under a key that covers every source file they could call.

core.rules.compiling keys its folder by the sources of rules and frames. The twin's kernels call each other across files too, so
they lie in a folder below it, keyed by the twin's own sources: an edited callee never leaves a stale kernel behind. Packages below
the twin (desk) call it and are not called by it: they have folders of their own, so that an edit there compiles nothing here anew.
"""

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from qinglan.core.rules import compiling

TWIN = Path(__file__).parent
IMPORTED = re.compile(r"^from qinglan\.core\.twin\.(\w+) import", re.MULTILINE)
LISTED = re.compile(r"^from qinglan\.core\.twin import (.+)$", re.MULTILINE)


def cache_folder(name: str, sources: Iterable[Path]) -> Path:
    """The folder `name`-… of compiled kernels, below that of the rules', keyed by these source files."""
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    folder = Path(compiling.os.environ["NUMBA_CACHE_DIR"]) / f"{name}-{digest.hexdigest()[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def kernel_files(folder: Path) -> list[Path]:
    """The files of the twin that hold kernels, and those that they import: constants of theirs are compiled in."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    waiting = [name for name, text in texts.items() if "twin.compiling import" in text]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in IMPORTED.findall(texts[name]) if other in texts]
            waiting += [o for line in LISTED.findall(texts[name]) for o in re.findall(r"\w+", line) if o in texts]
    return [folder / f"{name}.py" for name in found]


FOLDER = cache_folder("twin", kernel_files(TWIN))


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """This kernel compiled without fused or reordered arithmetic; as it is when QINGLAN_UNCOMPILED=1."""
    return kept(function, FOLDER)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """A small kernel written into its callers, so that a loop that calls it can be done for eight people at once."""
    return kept(function, FOLDER, inline="always")


def kept(function: Callable[..., Any], folder: Path, **options: Any) -> Callable[..., Any]:
    """numba reads the cache's folder when it decorates, so the folder is named for that moment alone. No counting of
    references, as in core.rules.compiling."""
    if compiling.UNCOMPILED:
        return function
    numba = compiling.numba
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
    try:
        return numba.njit(cache=True, nogil=True, _nrt=False, **options)(function)
    finally:
        numba.config.CACHE_DIR = before
