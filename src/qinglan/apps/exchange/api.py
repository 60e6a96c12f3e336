"""The door of the JSON API: who asks (a token, never a cookie), how often, and the answering once of what counts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, Any

import pghistory
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Header, Schema
from ninja.security import HttpBearer
from ninja.utils import contribute_operation_args
from pydantic import StringConstraints

from qinglan.apps.base.api import ApiError
from qinglan.apps.exchange.actions import answers, tokens

JSON = "application/json"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{8,80}$")]


class Bearer(HttpBearer):
    """Takes a token whose scopes hold `<resource>:read`, or `:write` for a request that changes something.

    The account behind it becomes `request.user`, narrowed to the token's place; a session cookie opens nothing here, so no
    page of another site can make a browser write.
    """

    def __init__(self, resource: str) -> None:
        super().__init__()
        self.resource = resource

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        found = tokens.owner_of(presented=token, today=timezone.localdate())
        if found is None:
            return None
        known, user = found
        request.user = user
        wait = tokens.count_call(token=known)
        if wait:
            raise ApiError(429, "too_many", f"这个令牌一分钟内的请求太多，请 {wait} 秒后再试。", str(wait))
        reading = request.method in READING
        if f"{self.resource}:{'read' if reading else 'write'}" not in known.scopes:
            raise ApiError(403, "scope", f"这个令牌没有{'查看' if reading else '写入'}的权限（{self.resource}）。")
        if not reading and request.content_type != JSON:
            raise ApiError(415, "media_type", f"请以 {JSON} 提交。")
        return known


def once(status: int = 201) -> Callable[[Callable[..., Schema]], Callable[..., HttpResponse]]:
    """Decorates an operation that counts (below the router's own decorator): it needs an Idempotency-Key, and the same key
    with the same content is answered as it was the first time, byte for byte, without doing it again."""

    def decorate(operation: Callable[..., Schema]) -> Callable[..., HttpResponse]:
        @functools.wraps(operation)
        def answered(request: HttpRequest, **arguments: Any) -> HttpResponse:
            key, token = arguments.pop("idempotency_key"), request.auth  # type: ignore[attr-defined]
            with pghistory.context(token=token.prefix):
                kept = answers.once(
                    key=key, operation=f"{request.method} {request.path}"[:300], body=request.body, token=token,
                    by=request.user, status=status, work=lambda: operation(request, **arguments).model_dump_json(),
                )  # fmt: skip
            if kept is None:
                raise ApiError(
                    409,
                    "key_conflict",
                    "这个 Idempotency-Key 已经用于另一次提交；内容已留存待查，请换一个键。",
                    "Idempotency-Key",
                )
            return HttpResponse(kept.body, status=kept.status, content_type=f"{JSON}; charset=utf-8")

        contribute_operation_args(answered, "idempotency_key", Key, Header(..., alias="Idempotency-Key"))
        answered.answers_once = True  # type: ignore[attr-defined]  # a guard asks every POST for it
        return answered

    return decorate
