"""Send to an address that the site allows, and to no other: the host is on the list, its IP address is looked up once, judged
and connected to, and no answer leads anywhere else."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

import httpx
from django.conf import settings

SCHEMES = {"https": 443, "http": 80}
type_of_address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowed(Exception):
    """The address is none that may be told; the message is for people."""


def check_address(url: str) -> SplitResult:
    """The parts of an address whose host the site allows. NotAllowed says why not. Looks nothing up."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotAllowed("地址写法不对，例如 https://oa.example.gov.cn/events") from None
    if parts.scheme not in SCHEMES or not parts.hostname or parts.username or parts.password or parts.fragment:
        raise NotAllowed(
            "地址须以 https:// 或 http:// 开头，不带用户名和 # 后缀，例如 https://oa.example.gov.cn/events"
        )
    if not url.isascii() or any(sign.isspace() or sign == "\\" for sign in url):
        raise NotAllowed("地址里有空格、反斜杠或中文，请用标准写法。")
    allowed = {host.lower() for host in settings.WEBHOOK_HOSTS}
    named = {parts.hostname, f"{parts.hostname}:{port or SCHEMES[parts.scheme]}"}
    if not named & allowed:
        raise NotAllowed(f"主机 {parts.hostname} 不在允许通知的名单里，请系统管理员设置 QINGLAN_WEBHOOK_HOSTS。")
    return parts


def place_of(parts: SplitResult) -> str:
    """The IP address to connect to: the first one found, if all that the name stands for may be told."""
    port = parts.port or SCHEMES[parts.scheme]
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Unreachable("找不到主机") from None
    places = list(dict.fromkeys(str(one[4][0]) for one in found))
    for place in places:
        _judge(ipaddress.ip_address(place.split("%")[0]))
    return places[0]


class Unreachable(Exception):
    """Nobody there for now; worth another try."""


def _judge(place: type_of_address) -> None:
    """Refuse addresses of this machine and of inner networks, unless their network is named in the settings."""
    seen = getattr(place, "ipv4_mapped", None) or place
    networks = [ipaddress.ip_network(one, strict=False) for one in settings.WEBHOOK_NETWORKS]
    if any(seen.version == network.version and seen in network for network in networks):
        return
    if not seen.is_global or seen.is_multicast:
        raise NotAllowed(f"{seen} 是内网或本机地址，请系统管理员在 QINGLAN_WEBHOOK_NETWORKS 写明允许的网段。")


def send(url: str, body: bytes, headers: dict[str, str], timeout: float) -> tuple[int | None, str]:
    """(status, what went wrong) of one POST. Goes to the looked-up IP address under the host's name and certificate; follows
    no redirect, uses no proxy, reads nothing of the answer's body. NotAllowed before anything is sent."""
    parts = check_address(url)
    try:
        place = place_of(parts)
    except Unreachable as error:
        return None, str(error)
    host = f"[{place}]" if ":" in place else place
    port = parts.port or SCHEMES[parts.scheme]
    target = parts._replace(netloc=f"{host}:{port}").geturl()
    named = parts.netloc
    try:
        with (
            httpx.Client(trust_env=False, follow_redirects=False, timeout=timeout) as client,
            client.stream(
                "POST", target, content=body, headers={"Host": named, "User-Agent": "Qinglan", **headers},
                extensions={"sni_hostname": parts.hostname},
            ) as answer,
        ):  # fmt: skip
            status = answer.status_code
    except httpx.HTTPError as error:
        return None, f"没有送达：{type(error).__name__}"
    return status, "" if 200 <= status < 300 else f"对方答复 {status}"
