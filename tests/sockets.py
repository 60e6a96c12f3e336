"""No test speaks to another machine: sockets of this process connect to the loopback and to local files only.

What is refused is noted besides, so that a test fails also where the program takes the refusal for a network that is down.
Programs that tests start (the browser, the server) are not seen from here.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = {"localhost", "localhost.localdomain", socket.gethostname(), ""}


class Outbound(OSError):
    """A test wanted to leave the machine."""


def is_local(host: object) -> bool:
    """Whether an address as Python writes it is this machine's own."""
    if host is None:
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return text in NAMES
    return address.is_loopback or address.is_unspecified


def _numeric(host: object) -> bool:
    try:
        ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return True


@contextmanager
def shut() -> Iterator[list[str]]:
    """Inside, only local addresses are reached; gives the list of those that were tried besides."""
    tried: list[str] = []
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
    look_up = socket.getaddrinfo

    def refuse(where: object) -> None:
        tried.append(str(where))
        raise Outbound(f"a test wanted to reach {where}")

    def guarded(name: str) -> Any:
        def call(self: socket.socket, *args: Any) -> Any:
            where = args[-1]
            if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(where[0]):
                refuse(where[:2])
            return real[name](self, *args)

        return call

    def names_only(host: Any, *args: Any, **more: Any) -> Any:
        if not is_local(host) and not _numeric(host):  # a name would be asked of a server of names
            refuse(host)
        return look_up(host, *args, **more)

    for name in real:
        setattr(socket.socket, name, guarded(name))
    socket.getaddrinfo = names_only
    try:
        yield tried
    finally:
        for name, method in real.items():
            setattr(socket.socket, name, method)
        socket.getaddrinfo = look_up
