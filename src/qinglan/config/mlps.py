"""The profile of graded protection (等保, GB/T 22239-2019): what it sets, each with its source. Off unless QINGLAN_PROFILE=mlps.

The standard (8.1.4.1 身份鉴别) asks for complexity, periodic change, limits on failures and automatic log-off, without numbers.
The numbers are common practice in assessments and can be set one by one. ASVS 5.0 (V6.2.5, V6.2.10) advises against composition
rules and periodic change, which is why the profile is off by default.

Logs (网络安全法第二十三条第三项，2026 年前为第二十一条第三项：不少于六个月，最长 184 天) need no number: the log's tables refuse deletion in the
database, and no command deletes from them, with or without the profile.
"""

from __future__ import annotations

from typing import NamedTuple


class Setting(NamedTuple):
    """One number: by default, under the profile, its bounds, what it does, where it comes from."""

    plain: int
    mlps: int
    least: int
    most: int
    chinese: str
    english: str
    source: str


SETTINGS = {
    "QINGLAN_PASSWORD_LENGTH": Setting(
        8, 10, 8, 64, "密码最短位数", "shortest password", "GB/T 22239-2019 8.1.4.1 a)；位数为通行做法"
    ),
    "QINGLAN_PASSWORD_CLASSES": Setting(
        0, 3, 0, 4, "密码须含大写、小写、数字、符号中的几类", "kinds of characters a password needs", "同上；类数为通行做法"
    ),
    "QINGLAN_PASSWORD_DAYS": Setting(
        0, 90, 0, 3650, "密码用满多少天须更换，0 为不限", "days until a password must change, 0: never",
        "GB/T 22239-2019 8.1.4.1 a) 定期更换；天数为通行做法",
    ),
    "QINGLAN_PASSWORD_HISTORY": Setting(
        0, 5, 0, 24, "不得与最近几次用过的密码相同", "former passwords refused", "通行做法"
    ),
    "QINGLAN_IDLE_MINUTES": Setting(
        0, 30, 0, 720, "多少分钟没有操作就退出登录，0 为不限（最长 12 小时）", "minutes of idleness that end a session, 0: none",
        "GB/T 22239-2019 8.1.4.1 b) 登录连接超时自动退出",
    ),
    "QINGLAN_LOGIN_FAILURES": Setting(
        5, 5, 3, 20, "密码连错几次就锁定", "wrong passwords that lock the door", "GB/T 22239-2019 8.1.4.1 b) 限制非法登录次数"
    ),
    "QINGLAN_LOCK_MINUTES": Setting(
        5, 30, 5, 1440, "锁定多少分钟", "minutes it stays locked", "同上；分钟数为通行做法"
    ),
}  # fmt: skip
PROFILES = ("standard", "mlps")


def value(name: str, profile: str, given: str | None) -> int:
    """The number of one setting: as given, else the profile's. Raises ValueError with a sentence when out of bounds."""
    one = SETTINGS[name]
    found = one.mlps if profile == "mlps" else one.plain
    if given:
        if not given.strip().isdigit():
            raise ValueError(f"{name} 应为整数，现在是“{given}”。")
        found = int(given)
    if not one.least <= found <= one.most:
        raise ValueError(f"{name} 应在 {one.least} 到 {one.most} 之间，现在是 {found}（{one.source}）。")
    return found
