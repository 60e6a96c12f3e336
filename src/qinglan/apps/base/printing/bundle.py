"""Many files as one zip, sent while it is made: nothing is kept whole in memory or on disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, cast

EARLIEST = (1980, 1, 1, 0, 0, 0)  # one day for all entries: the same files give the same zip


class _Pipe:
    """A file that only remembers what was written since it was last emptied."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing lies anywhere else."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The zip of (name, content) in pieces. Names are made unique by the caller; PDF is compressed already, so it is stored."""
    pipe = _Pipe()
    with zipfile.ZipFile(cast(IO[bytes], pipe), "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, EARLIEST), content)
            yield pipe.taken()
    yield pipe.taken()
