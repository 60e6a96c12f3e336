"""Adds the content security policy (scripts only from our own files, never inline, nothing from other sites), and records
who was refused a page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from qinglan.apps.audit.actions.denied import denied
from qinglan.apps.people.models import User
from qinglan.apps.people.permissions import grants_of

# Style attributes are allowed (bar widths, chart sizes), style elements and inline scripts are not.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


class ContentSecurityPolicy:
    """Middleware: sets the policy on every answer that has none yet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class RefusalsRecorded:
    """Middleware: writes down which account asked for which page of ours and was told 403 or 404, or was told in words that it
    may not (people.views.frame.refused), which counts as a 403.

    Addresses that no page has (a typing error, a robot) are not recorded, nor are strangers: they see only the way in, whose
    failures are limited by address and account."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        told = getattr(request, "refused", False)
        if (told or response.status_code in {403, 404}) and match is not None:
            user = request.user  # signed in, or by a token: the API puts its owner here
            if isinstance(user, User):
                codes = sorted(grant.org_code for grant in grants_of(user)) or [getattr(user.person, "org_code", "")]
                denied(
                    by=user,
                    org_code=codes[0],
                    method=request.method or "",
                    path=request.path,
                    view=match.view_name,
                    status=403 if told else response.status_code,
                )
        return response
