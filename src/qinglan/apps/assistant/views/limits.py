"""How often one address may ask and hand over. Looking is never limited: a whole community may sit behind one address."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse

# Seconds after which there is room again at the latest, and what is said; the rates stand in the settings.
ASK, HAND_OVER = "assistant_ask", "assistant_hand_over"
WAIT = {ASK: 60, HAND_OVER: 3600}
TRIES = 3
SAYS = {
    ASK: "这个网络上一分钟内问得太多了，请过一分钟再问。您写的话还在，不用重写。急事请直接打 110、119、120 或 12345。",
    HAND_OVER: "这个网络上一小时内转人工的太多了，请过一会儿再转，或者直接到社区服务站、拨打 12345。",
}


def too_many(request: HttpRequest, action: str) -> bool:
    """Whether this address has asked for it too often; counts this time.

    The count is kept under a lock for which one waits a second, and who does not get it is refused like one too many: on a busy
    machine that met residents behind one address, so it is tried again. A refusal counts nothing.
    """
    return not any(ratelimit.consume(request, action=action) for _ in range(TRIES))


def refused(answer: HttpResponse, action: str) -> HttpResponse:
    """The page or fragment that says so, as a refusal that machines understand too."""
    answer.status_code = 429
    answer["Retry-After"] = str(WAIT[action])
    return answer
