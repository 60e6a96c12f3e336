"""A chat endpoint that may rephrase: a real one on this machine, which lies, fails and dawdles."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from qinglan.apps.assistant.actions import rephrasing
from qinglan.apps.assistant.actions.rephrasing import NOTE, rephrased
from qinglan.core.retrieval.deciding import Outcome, Reply
from qinglan.core.retrieval.shipped import answerer

DAY = date(2026, 11, 22)
PLAIN = "国家鼓励各地给80周岁以上的低收入老年人发高龄津贴，几岁起发、发多少由各地自己定。请带上老人的居民身份证，到街道的受理窗口问清并申请。"


@contextmanager
def endpoint(settings: Any, answer: Callable[[], bytes], status: int = 200) -> Iterator[list[dict[str, Any]]]:
    """An endpoint that answers every request so; what it was sent."""
    sent: list[dict[str, Any]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sent.append({"body": json.loads(body), "key": self.headers.get("Authorization"), "path": self.path})
            said = answer()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Nothing on the tests' screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.CHAT_URL = f"http://127.0.0.1:{server.server_port}/v1/chat/completions"
    settings.CHAT_KEY, settings.CHAT_MODEL = "k", "m"
    try:
        yield sent
    finally:
        server.shutdown()
        server.server_close()


def saying(text: Any) -> Callable[[], bytes]:
    return lambda: json.dumps({"choices": [{"message": {"content": text}}]}).encode()


def ask(question: str = "高龄津贴怎么申请") -> Reply:
    return answerer().ask(question, today=DAY)


def test_off_unless_set(settings):
    assert settings.CHAT_URL == ""
    reply = ask()
    assert rephrased(reply) is reply


def test_a_faithful_text_is_shown_and_marked(settings):
    with endpoint(settings, saying(PLAIN)) as sent:
        reply = rephrased(ask())
    assert reply.text == PLAIN
    assert NOTE in reply.lines
    assert sent[0]["key"] == "Bearer k"
    assert sent[0]["body"]["model"] == "m"


@pytest.mark.parametrize(
    "lie",
    [
        PLAIN + "每月发500元。", PLAIN + "每月五百元。", PLAIN.replace("80", "70"), PLAIN + "依据《养老服务条例》。", PLAIN + "找税务局办。",
        PLAIN + "见 http://evil.example", "<script>alert(1)</script>" + PLAIN, "好的", PLAIN * 20, 17, None, ["x"],
    ],
)  # fmt: skip
def test_a_lie_is_thrown_away(settings, lie):
    with endpoint(settings, saying(lie)) as sent:
        reply = ask()
        assert rephrased(reply) == reply
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"not json", 200),
        (b"{}", 200),
        (b'{"choices": []}', 200),
        (b"x" * 200_000, 200),
        (b"", 500),
        (b"", 302),
        (b"[]", 200),
    ],
)
def test_a_broken_endpoint_changes_nothing(settings, answer, status):
    with endpoint(settings, lambda: answer, status) as sent:
        reply = ask()
        assert rephrased(reply) == reply
    assert len(sent) == 1, "asked once, no redirect followed"


def test_one_that_dawdles_is_not_waited_for(settings, monkeypatch):
    monkeypatch.setattr(rephrasing, "SECONDS", 0.3)
    with endpoint(settings, lambda: time.sleep(1.2) or saying(PLAIN)()):
        reply = ask()
        assert rephrased(reply) == reply  # what comes late would be another text


def test_nobody_there_and_no_address(settings):
    reply = ask()
    for url in ("http://127.0.0.1:9/", "nonsense", "ftp://x", "http://[::bad"):
        settings.CHAT_URL = url
        assert rephrased(reply) == reply


@pytest.mark.parametrize(
    "question",
    [
        "明天天气怎么样", "给我开一张无犯罪记录证明", "高龄津贴每月多少钱", "老公打我怎么办", "异地看病报销",
        "我身份证11010519491231002X，高龄津贴怎么申请",
    ],
)  # fmt: skip
def test_never_asked_of_what_is_refused_dangerous_or_personal(settings, question):
    with endpoint(settings, saying(PLAIN)) as sent:
        reply = ask(question)
        assert reply.outcome is not Outcome.ANSWERED or reply.emergency or reply.masked, "the control"
        assert rephrased(reply) is reply
    assert sent == []
