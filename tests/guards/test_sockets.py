"""The guard on sockets holds: the control tries to leave and is stopped, and noticed even where the refusal is swallowed."""

import contextlib
import socket

import httpx
import pytest

from tests.sockets import Outbound, is_local, shut

ELSEWHERE = "203.0.113.7"  # of a range that belongs to nobody (RFC 5737)


def test_leaving_the_machine_is_refused_and_noted() -> None:
    with shut() as tried:
        with socket.socket() as one, pytest.raises(Outbound):
            one.connect((ELSEWHERE, 9))
        with socket.socket() as one, pytest.raises(Outbound):
            one.connect_ex((ELSEWHERE, 9))
        with socket.socket(type=socket.SOCK_DGRAM) as one, pytest.raises(Outbound):
            one.sendto(b"x", (ELSEWHERE, 9))
        with pytest.raises(Outbound):
            socket.getaddrinfo("example.com", 80)
        with contextlib.suppress(httpx.HTTPError):  # takes it for a network that is down: the note remains
            httpx.get(f"http://{ELSEWHERE}/", trust_env=False, timeout=2)
    assert len(tried) == 5


def test_the_guard_is_on_in_every_test(no_outbound_socket: list[str]) -> None:
    with socket.socket() as one, pytest.raises(Outbound):
        one.connect((ELSEWHERE, 9))
    assert no_outbound_socket
    no_outbound_socket.clear()  # or this test would fail for it, as it should


def test_the_loopback_is_open(no_outbound_socket: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5):
        pass  # it need not be taken up
    assert not no_outbound_socket


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        (None, True),
        ("10.0.0.1", False),
        ("example.com", False),
    ],
)
def test_what_is_local(host: str | None, local: bool) -> None:
    assert is_local(host) == local
