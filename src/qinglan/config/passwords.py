"""What a password must be under the settings, and what becomes of it: the checks that Django asks for a new password."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from qinglan.apps.people.models import FormerPassword, User

_CLASSES = (r"[A-Z]", r"[a-z]", r"[0-9]", r"[^A-Za-z0-9]")


class Classes:
    """Capital and small letters, digits, signs: as many of the four as the setting asks for."""

    def validate(self, password: str, user: Any = None) -> None:
        wanted = settings.PASSWORD_CLASSES
        if sum(bool(re.search(one, password)) for one in _CLASSES) < wanted:
            raise ValidationError(
                f"密码须含大写字母、小写字母、数字、符号中的至少 {wanted} 类。", code="password_classes"
            )

    def get_help_text(self) -> str:
        wanted = settings.PASSWORD_CLASSES
        return f"大写字母、小写字母、数字、符号中至少要有 {wanted} 类。" if wanted else ""


class Remembered:
    """Refuses a password that the account had lately, and keeps when each began."""

    def validate(self, password: str, user: Any = None) -> None:
        last = settings.PASSWORD_HISTORY
        if not last or user is None or user.pk is None:
            return
        kept = FormerPassword.objects.filter(user_id=user.pk).order_by("-since", "-pk")[:last]
        if any(check_password(password, one.password) for one in kept):
            raise ValidationError(f"不能使用最近 {last} 次用过的密码，请换一个。", code="password_history")

    def password_changed(self, password: str, user: Any = None) -> None:
        if not isinstance(user, User) or user.pk is None:
            return
        User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now())
        FormerPassword.objects.create(user=user, password=user.password)

    def get_help_text(self) -> str:
        last = settings.PASSWORD_HISTORY
        return f"不能与最近 {last} 次用过的相同。" if last else ""


def too_old(user: User) -> bool:
    """Whether the password has been in use longer than the setting allows."""
    days = settings.PASSWORD_DAYS
    return bool(days) and (timezone.now() - user.password_changed_at).days >= days
