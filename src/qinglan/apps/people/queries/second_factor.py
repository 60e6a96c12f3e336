"""Whether an account has proved a second factor, and where one is asked for."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings

from ..models import Organisation

WHERE = "右上角菜单的“两步验证与通行密钥”"


def needed_in(org_code: str) -> bool:
    """Whether who signs in this district must have proved one. By the setting: on, off, or (auto) everywhere but in
    fictional districts, so that a demo asks for nothing and a real office cannot forget to switch it on."""
    if settings.SECOND_FACTOR != "auto":
        return bool(settings.SECOND_FACTOR == "on")
    return not Organisation.objects.filter(code=org_code[:6], synthetic=True).exists()


def lacking(user: Any) -> str:
    """What the user must do first, "" when her second factor is proved.

    A session says what it was opened with (`second_factor_seen`, put on the user by config.accounts). A token proves no second
    factor, so nothing is signed by one; who acts without a session otherwise, by a command, must have one set up."""
    if getattr(user, "_limit", ""):  # stands for a token (permissions.limit)
        return "这一步须由本人登录并用两步验证办理，不能用接口令牌。"
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    if not Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists():
        return f"这一步须用两步验证：请先到{WHERE}设置动态口令或通行密钥，再重新登录。"
    if getattr(user, "second_factor_seen", None) is False:
        return "这次登录没有用两步验证：请退出后用动态口令或通行密钥重新登录，再办这一步。"
    return ""
