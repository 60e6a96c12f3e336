"""The site as it is served: it answers, and no end of it leaves anything running."""

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.unit.server_house import Site, alive, until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(port: int) -> str:
    """Return the sign-in page, or nothing while nobody listens."""
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=60).read().decode()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return ""


def family(pid: int) -> set[int]:
    """Return `pid` and all that descend from it."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout.split()
    parents = dict(zip(map(int, listed[::2]), map(int, listed[1::2]), strict=True))
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def database(pid: int) -> bool:
    """Whether `pid` belongs to the embedded database: it has a life of its own, and others may be using it."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"postgres" in words or b"qinglan.server.supervisor" in words


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        signal.SIGKILL,
        *(pytest.param(one, marks=pytest.mark.slow) for one in (signal.SIGINT, signal.SIGHUP)),
    ],
)
def test_site_answers_and_ends_whole(site: Site, number: int) -> None:
    port = free_port()
    command = [sys.executable, "-m", "qinglan.cli", "serve", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, env=site.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert "青蓝" in until(lambda: answer(port), 300)
        members = {pid for pid in family(process.pid) if not database(pid)}
        assert len(members) >= 3  # the site, its web worker, its job worker
        process.send_signal(number)
        until(lambda: not [pid for pid in members - {process.pid} if alive(pid)])
        process.wait(120)
    finally:
        process.kill()
        process.wait()
    assert answer(port) == ""


def test_taken_port_is_told_in_one_sentence(site: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "qinglan.cli", "serve", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, env=site.environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "QINGLAN_PORT" in done.stderr
    assert "Traceback" not in done.stderr
