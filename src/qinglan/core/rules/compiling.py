"""Compiles rule kernels with numba, and keeps the compiled code under a key that cannot go stale (design §4.9).

numba's own cache misses an edited callee in another file. The cache folder's name is therefore a hash of every source
file of the rules and of numba's version; numba itself adds the CPU. QINGLAN_UNCOMPILED=1 runs the same kernels as
plain Python.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

RULES = Path(__file__).parent
FRAME = RULES.parent / "frame"
UNCOMPILED = os.environ.get("QINGLAN_UNCOMPILED") == "1"


def cache_key() -> str:
    """Hash of all rule sources, Python's and numba's version; changes with any edit."""
    digest = hashlib.sha256(f"{sys.version}|{version('numba')}".encode())
    for path in sorted([*RULES.rglob("*.py"), *FRAME.rglob("*.py")]):
        digest.update(path.relative_to(RULES.parent).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """A writable folder for the compiled kernels: beside the environment, else in the user's cache, else temporary."""
    wished = os.environ.get("QINGLAN_KERNEL_CACHE")
    candidates = (
        [Path(wished)] if wished else [Path(sys.prefix) / "var" / "kernels", Path.home() / ".cache" / "qinglan"]
    )
    for candidate in candidates:
        folder = candidate / cache_key()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="qinglan-kernels-"))


os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())

import numba  # noqa: E402  (numba reads NUMBA_CACHE_DIR when it is imported)

numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """This kernel compiled; as it is when QINGLAN_UNCOMPILED=1.

    Kernels read and write arrays that their caller holds and make none, so they count no references: counting those of the
    tables' arrays took two thirds of a kernel's time. One that makes an array does not compile.
    """
    if UNCOMPILED:
        return function
    return numba.njit(cache=True, nogil=True, _nrt=False)(function)


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The Python function behind a compiled kernel. Its callees stay compiled; QINGLAN_UNCOMPILED=1 runs all plain."""
    return getattr(function, "py_func", function)
