"""Locks that the kernel frees when their holder dies, and waiting that says what it waits for."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def try_lock(handle: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_free(path: Path) -> bool:
    """Tell whether nobody holds the lock `path`."""
    handle = open_lock(path)
    try:
        return try_lock(handle, fcntl.LOCK_SH)  # shared: two who ask at once do not see each other
    finally:
        os.close(handle)


@contextmanager
def waiting(say: Callable[[str], None], sentence: str) -> Iterator[Callable[[], None]]:
    """Give a function that sleeps a moment and says `sentence` after 3 seconds and then every 10."""
    started = time.monotonic()
    spoken = started - 7

    def pause() -> None:
        nonlocal spoken
        time.sleep(0.03)
        if time.monotonic() - spoken > 10:
            spoken = time.monotonic()
            say(f"{sentence}（已等 {spoken - started:.0f} 秒）")

    yield pause


def first_number(path: Path) -> int:
    try:
        return int(path.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def send(pid: int, number: int) -> None:
    """Send a signal to process `pid` if there is one. Never to a group or to all (0, negative) nor to init."""
    if pid > 1:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
