"""What every part of the JSON API is made of: one shape of refusal, bounded pages, texts and numbers that a database takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from ninja import Field, Schema
from ninja.errors import HttpError
from ninja.errors import ValidationError as Unreadable
from pydantic import AfterValidator, StringConstraints

LARGEST = 2**63 - 1
MOST_ROWS, MOST_OFFSET = 200, 1_000_000


class Fault(Schema):
    """What was wrong, for programs (`code`, `field`) and for people (`message`)."""

    code: str
    message: str
    field: str = ""


class Refusal(Schema):
    """Every answer that is not a success has this body."""

    error: Fault


class ApiError(Exception):
    """A refusal with its status and code, where Django and ninja have no exception of that meaning."""

    def __init__(self, status: int, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.field = status, code, message, field


REFUSALS = frozenset({400, 401, 403, 404, 409, 415, 422, 429})
READ_REFUSALS = frozenset({400, 401, 403, 404, 422, 429})


def answers(success: Any, status: int = 200) -> dict[Any, Any]:
    """The documented answers of an operation: what it gives, and every refusal that it may give."""
    refusals = READ_REFUSALS if status == 200 else REFUSALS
    return {status: success, **dict.fromkeys(sorted(refusals), Refusal)}


def writable(text: str) -> str:
    """PostgreSQL keeps no NUL; half a surrogate pair is no text."""
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("文字里有不能保存的字符")
    return text


def _sensible(day: date) -> date:
    if not 1900 <= day.year <= 2200:
        raise ValueError("日期应在 1900 年至 2200 年之间")
    return day


def _in_utc(moment: datetime) -> datetime:
    """One without a zone is local time. In UTC, because offsets may be written that the database does not know."""
    _sensible(moment.date())
    return (timezone.make_aware(moment) if timezone.is_naive(moment) else moment).astimezone(UTC)


Id = Annotated[int, Field(ge=1, le=LARGEST)]
Word = Annotated[str, StringConstraints(max_length=60), AfterValidator(writable)]  # what a list is searched for
OrgCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,15}([BSTF][0-9]{3})?$")]
DistrictCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Day = Annotated[date, AfterValidator(_sensible)]
Year = Annotated[int, Field(ge=1990, le=2200)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]


class Asked(Schema):
    """Which part of a list: at most 200 rows a page."""

    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50
    offset: Annotated[int, Field(ge=0, le=MOST_OFFSET)] = 0


def page(rows: QuerySet[Any] | list[Any], asked: Asked, row: Callable[[Any], Any]) -> dict[str, Any]:
    """The part of a list that was asked for, with how many there are in all."""
    count = len(rows) if isinstance(rows, list) else rows.count()
    some = rows[asked.offset : asked.offset + asked.limit]
    return {"items": [row(one) for one in some], "count": count, "limit": asked.limit, "offset": asked.offset}


class Paged(Schema):
    """A part of a list: `count` is of the whole list as the asker sees it."""

    count: int
    limit: int
    offset: int


def since_until(span: DateRange) -> dict[str, date | None]:
    """A span of days as {since, until}; `until` is the first day after it, null while it runs."""
    return {"since": span.lower, "until": span.upper}


def refusal_of(error: Exception) -> tuple[int, Fault] | None:
    """(status, fault) of an exception that is a refusal; None for one that is a defect of ours."""
    match error:
        case ApiError():
            return error.status, Fault(code=error.code, message=error.message, field=error.field)
        case Unreadable():
            first = error.errors[0] if error.errors else {}
            where = ".".join(
                str(part) for part in first.get("loc", ()) if part not in ("body", "query", "path", "header")
            )
            message = str(first.get("msg", "")).removeprefix("Value error, ")
            return 422, Fault(code="invalid", message=f"「{where}」不合要求：{message}", field=where)
        case HttpError():
            return _of_http(error)
        case Http404():
            return 404, Fault(code="not_found", message="没有找到，或不在您的范围内。")
        case PermissionDenied():
            return 403, Fault(code="forbidden", message=str(error) or "您没有做这件事的权限。")
        case ValidationError():
            return 422, Fault(code="refused", message="；".join(error.messages), field=getattr(error, "field", ""))
    return None


def _of_http(error: HttpError) -> tuple[int, Fault]:
    if error.status_code == 401:
        return 401, Fault(code="unauthorised", message="请在 Authorization 头里给出有效的令牌：Bearer …。")
    if error.status_code == 400:
        return 400, Fault(code="malformed", message="请求的内容不是 JSON，或编码不是 UTF-8。")
    return error.status_code, Fault(code="refused", message=error.message)
