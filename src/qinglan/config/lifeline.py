"""Ends a process when the one that started it is gone, so that a killed site leaves no workers behind."""

import os
import signal
import threading
import time

PARENT = "QINGLAN_SERVE_PID"  # set by `qinglan serve` for its children: its own process id


def end_with_parent() -> None:
    """Watch the process named by QINGLAN_SERVE_PID, if it is our parent; end this one (orderly, then at once) after it."""
    parent = os.getppid()
    starter = os.environ.get(PARENT)
    if starter == str(parent):
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    elif starter is not None:
        raise SystemExit(1)  # killed while we were still starting: nobody is left to end us


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
    os._exit(1)
