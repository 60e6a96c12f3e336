"""What the pages share: the way down to an organisation, the trying of an action with its refusal put at the field, and the
noting of one that is only told."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.urls import reverse

from qinglan.apps.people.actions.errors import ActionError
from qinglan.apps.people.permissions import organisations_for
from qinglan.apps.people.queries import organisations as organisation_queries


def done(form: forms.Form, act: Callable[..., Any]) -> bool:
    """Whether the form was sound and the action, given its cleaned data, went through."""
    if not form.is_valid():
        return False
    try:
        act(**form.cleaned_data)
    except ActionError as error:
        form.add_error(error.field if error.field in form.fields else None, error)
        return False
    return True


def refused(request: HttpRequest) -> None:
    """Have a refusal that the page tells in words written down as a 403 is (config.security.RefusalsRecorded)."""
    request.refused = True  # type: ignore[attr-defined]


def attempt(request: HttpRequest, work: Callable[[], object], said: str) -> bool:
    """Do the work of a button; the sentence of success or of the refusal is shown on the page that follows."""
    try:
        work()
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    except PermissionDenied as error:
        refused(request)
        messages.error(request, str(error))
    else:
        messages.success(request, said)
        return True
    return False


def crumbs(user: Any, code: str, on: date) -> list[tuple[str, str]]:
    """The way down to `code` as (name, address); organisations above the user's scope are named, not linked."""
    seen = set(
        organisations_for(user, on)
        .filter(code__in=organisation_queries.codes_above(code))
        .values_list("code", flat=True)
    )
    return [
        (one.name, reverse("people:organisation", args=[one.code]) if one.code in seen else "")
        for one in organisation_queries.path(code, on)
        if len(one.code) >= 6
    ]
