"""The JSON API: each app's door under one address, with one description (/api/v1/openapi.json) and one shape of refusal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from ninja import NinjaAPI, Router

from qinglan import __version__
from qinglan.apps.assistant import api as assistant
from qinglan.apps.base.api import Fault, Refusal, refusal_of
from qinglan.apps.exchange.api import Bearer
from qinglan.apps.facts import api as facts
from qinglan.apps.pay import api as pay
from qinglan.apps.people import api as people
from qinglan.apps.policy import api as policy
from qinglan.apps.rights import api as rights

DESCRIPTION = """青蓝的数据接口。所有请求用令牌：`Authorization: Bearer ql_…`（在网站的「令牌」页建立）；浏览器的登录状态在这里不起作用。

- 范围以外的与不存在的，答复相同：404。
- 列表一次最多 200 条，用 `limit` 与 `offset` 取下一段；`count` 是本人可见的总数。
- 每个 POST 须带 `Idempotency-Key`（8–80 个字母、数字或 _ . : -，由调用方生成并先存好再发送）：同键同内容，永远得到同一答复；
  同键而内容不同，答 409，内容留存待查。被拒绝的提交不占用键。问答助手除外：按键留存的不会过期，问的话到期要清除，
  所以提问、评价、转人工不带键；再问一次，只多计一次数，评价以最后一次为准，转人工只转一次。
- 金额的单位是分，分数与学时的单位是百分之一，日期写作 2026-07-01；缺的是 null，不是 0。
- 身份证号与手机号总是遮盖的。
"""


class Api(NinjaAPI):
    """Refuses in our shape, and names an operation by its route."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        found = refusal_of(exc)
        if found is None:
            raise exc
        status, fault = found
        return refusal(request, status, fault)

    def get_openapi_operation_id(self, operation: Any) -> str:
        return str(operation.url_name)


def refusal(request: HttpRequest, status: int, fault: Fault) -> HttpResponse:
    """A refusal as every caller gets it."""
    answer = JsonResponse(Refusal(error=fault).model_dump(), status=status, json_dumps_params={"ensure_ascii": False})
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if status == 429:
        answer["Retry-After"] = fault.field
    return answer


def absent(request: HttpRequest, rest: str = "") -> HttpResponse:
    """What no address of the API means."""
    return refusal(request, 404, Fault(code="not_found", message="没有这个地址，请看 /api/v1/openapi.json。"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django refuses before any view is asked (a host not ours, a body too large): in the shape of who asked."""
    if request.path.startswith("/api/"):
        return refusal(
            request, 400, Fault(code="malformed", message="请求的主机名或内容不能接受，请看接口地址和大小。")
        )
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A defect of ours."""
    if request.path.startswith("/api/"):
        fault = Fault(code="defect", message="系统出错了，没有保存任何内容；请把时间和地址告诉管理员。")
        return refusal(request, 500, fault)
    return defaults.server_error(request)


api = Api(
    title="青蓝", version="1", description=DESCRIPTION, urls_namespace="api", docs_url=None, openapi_url="/openapi.json"
)
api.openapi_extra["info"] = {"x-release": __version__}
# Address, scope of tokens, router: an app that comes later adds its line.
DOORS: tuple[tuple[str, str, Router], ...] = (
    ("organisations", "organisations", people.organisations),
    ("people", "people", people.people),
    ("facts", "facts", facts.router),
    ("runs", "runs", policy.runs),
    ("results", "results", policy.results),
    ("packs", "packs", policy.packs),
    ("pay", "pay", pay.router),
    ("claims", "claims", rights.router),
    ("assistant", "assistant", assistant.router),
)
for address, resource, router in DOORS:
    api.add_router(f"/{address}", router, auth=Bearer(resource))
