"""Where an account is signed in now. Read from Django's own table: a session says in itself whose it is, since when and by what.

No address of the network is kept: browser and system are enough to know one's own device by, and say nothing of where one is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from ..models import User

BROWSER = "browser"  # the key in the session
_UNKNOWN = "没有说明的浏览器"
# What a browser says of itself, the first that fits: those that pretend to be another stand before it.
_FAMILIES = (
    ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Lark", "飞书"), ("QQBrowser", "QQ 浏览器"), ("Edg", "Edge"),
    ("OPR/", "Opera"), ("HuaweiBrowser", "华为浏览器"), ("MiuiBrowser", "小米浏览器"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"), ("Android", "安卓"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
METHODS = {"password": "密码", "mfa": "两步验证或通行密钥"}


@dataclass(frozen=True)
class SignedIn:
    """One open session of an account. `mark` names it on pages and says nothing of its key."""

    mark: str
    key: str
    browser: str
    methods: str
    since: datetime | None
    until: datetime
    current: bool


def browser_of(agent: str) -> str:
    """Family of the browser and of the system, in words; nothing finer."""
    family = next((word for sign, word in _FAMILIES if sign in agent), "")
    system = next((word for sign, word in _SYSTEMS if sign in agent), "")
    return " · ".join(word for word in (family, system) if word) or _UNKNOWN


def mark_of(key: str) -> str:
    """What a page may show of a session's key."""
    return hashlib.sha256(f"qinglan.session {key}".encode()).hexdigest()[:20]


def open_sessions(user: User, current_key: str | None = None) -> list[SignedIn]:
    """The sessions that still open this account, the one in hand first, then the newest. All open sessions of the site are looked
    at: some thousand at most, as none lives longer than a day's work."""
    found = []
    hash_now = user.get_session_auth_hash()
    for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=2000):
        data = row.get_decoded()
        ours = str(data.get(SESSION_KEY, "")) == str(user.pk) and BACKEND_SESSION_KEY in data
        if ours and constant_time_compare(str(data.get(HASH_SESSION_KEY, "")), hash_now):
            found.append(_signed_in(row, data, row.session_key == current_key))
    return sorted(found, key=lambda one: (not one.current, -(one.since or one.until).timestamp()))


def _signed_in(row: Session, data: dict[str, Any], current: bool) -> SignedIn:
    records = data.get("account_authentication_methods") or []
    moments = [float(one["at"]) for one in records if "at" in one]
    return SignedIn(
        mark=mark_of(row.session_key),
        key=row.session_key,
        browser=str(data.get(BROWSER, _UNKNOWN)),
        methods="、".join(dict.fromkeys(METHODS.get(one.get("method", ""), "其他方式") for one in records)),
        since=datetime.fromtimestamp(min(moments), tz=timezone.get_current_timezone()) if moments else None,
        until=row.expire_date,
        current=current,
    )
