"""Events told to another system: signed, to allowed hosts alone, in the end or given up; the other side is a server on the loopback."""

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import transaction
from tests.factories import published

from qinglan.apps.exchange.actions import sending, webhooks
from qinglan.apps.exchange.models import Delivery, Event, Webhook
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import Run

pytestmark = pytest.mark.django_db


@dataclass
class Receiver:
    """The other side: answers `status` and keeps what it was sent."""

    url: str = ""
    status: int = 204
    location: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    kept = Receiver()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(kept.status)
            if kept.location:
                self.send_header("Location", kept.location)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    kept.url = f"http://oa.test:{server.server_port}/events"
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_NETWORKS = [f"oa.test:{server.server_port}"], ["127.0.0.0/8"]
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def names(monkeypatch) -> dict[str, str]:
    """What names stand for, instead of asking a server of names."""
    book = {"oa.test": "127.0.0.1"}
    real = socket.getaddrinfo

    def look_up(host, port, *args, **more):
        return real(book.get(host, host), port, *args, **more)

    monkeypatch.setattr(sending.socket, "getaddrinfo", look_up)
    return book


def hook(cast, url: str, events: tuple[str, ...] = ("run.published",), org_code: str = "990101") -> tuple[Webhook, str]:
    return webhooks.register(name="协同平台", url=url, events=events, org_code=org_code, by=cast.users["district_a"])


def announced() -> Delivery:
    webhooks.announce(event=Event.RUN_PUBLISHED, org_code="990101", run=7, year=2025)
    return Delivery.objects.get()


def test_told_signed_with_time_and_id(cast, receiver):
    _, secret = hook(cast, receiver.url)
    made = announced()
    assert webhooks.deliver(delivery_id=made.pk)
    headers, body = receiver.got[0]
    told = json.loads(body)
    assert (told["event"], told["run"], told["org_code"], told["id"]) == ("run.published", 7, "990101", str(made.uid))
    moment, mark = (part.split("=", 1)[1] for part in headers["Qinglan-Signature"].split(","))
    assert hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest() == mark
    assert headers["Host"] == receiver.url.split("/")[2]
    made.refresh_from_db()
    assert (made.state, made.attempts, made.answer) == ("delivered", 1, 204)
    assert webhooks.deliver(delivery_id=made.pk)  # once more changes nothing
    assert len(receiver.got) == 1


def test_refused_is_tried_again_and_given_up_in_the_end(cast, receiver):
    hook(cast, receiver.url)
    made = announced()
    receiver.status = 500
    settled = [webhooks.deliver(delivery_id=made.pk) for _ in range(webhooks.MOST_ATTEMPTS)]
    assert settled == [False] * (webhooks.MOST_ATTEMPTS - 1) + [True]
    made.refresh_from_db()
    assert (made.state, made.attempts, made.answer, made.problem) == ("given_up", 8, 500, "对方答复 500")
    receiver.status = 200
    webhooks.again(delivery=made, by=cast.users["district_a"])
    assert webhooks.deliver(delivery_id=made.pk)
    made.refresh_from_db()
    assert made.state == "delivered"


def test_nobody_there_is_noted(cast, receiver, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.WEBHOOK_HOSTS = [f"oa.test:{port}"]
    hook(cast, f"http://oa.test:{port}/")
    made = announced()
    assert not webhooks.deliver(delivery_id=made.pk)
    made.refresh_from_db()
    assert (made.state, made.answer, made.problem) == ("waiting", None, "没有送达：ConnectError")


def test_an_answer_that_leads_elsewhere_is_not_followed(cast, receiver):
    hook(cast, receiver.url)
    made = announced()
    receiver.status, receiver.location = 302, receiver.url
    assert not webhooks.deliver(delivery_id=made.pk)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "place",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "::ffff:10.0.0.1", "224.0.0.1", "100.64.0.1"],
)  # fmt: skip
def test_a_name_that_leads_inside_is_not_told(place, cast, receiver, names, settings):
    hook(cast, receiver.url)
    made = announced()
    names["oa.test"], settings.WEBHOOK_NETWORKS = place, ["172.16.0.0/12"]
    assert webhooks.deliver(delivery_id=made.pk)
    made.refresh_from_db()
    assert made.state == "given_up"
    assert "内网或本机地址" in made.problem
    assert not receiver.got


def test_the_address_judged_is_the_address_connected_to(cast, receiver, monkeypatch):
    """A name that says something else the second time is not asked a second time."""
    hook(cast, receiver.url)
    made, asked = announced(), []
    before = sending.socket.getaddrinfo

    def look_up(host, *args, **more):
        asked.append(host)
        return before(host if len(asked) == 1 or host != "oa.test" else "10.9.9.9", *args, **more)

    monkeypatch.setattr(sending.socket, "getaddrinfo", look_up)
    assert webhooks.deliver(delivery_id=made.pk)
    assert asked.count("oa.test") == 1
    assert len(receiver.got) == 1


def test_a_host_that_is_no_longer_allowed_is_told_nothing(cast, receiver, settings):
    hook(cast, receiver.url)
    made = announced()
    settings.WEBHOOK_HOSTS = []
    assert webhooks.deliver(delivery_id=made.pk)
    made.refresh_from_db()
    assert (made.state, receiver.got) == ("given_up", [])


def test_only_wanted_events_of_the_place_and_nothing_after_the_stop(cast, receiver):
    row, _ = hook(cast, receiver.url, ("pack.adopted",), "990101001")
    assert webhooks.announce(event=Event.PACK_ADOPTED, org_code="990101", pack="x") == 0  # above its place
    assert webhooks.announce(event=Event.RUN_PUBLISHED, org_code="990101001", run=1) == 0
    assert webhooks.announce(event=Event.PACK_ADOPTED, org_code="990101001", pack="x") == 1
    webhooks.stop(webhook=row, by=cast.users["district_a"])
    assert webhooks.announce(event=Event.PACK_ADOPTED, org_code="990101001", pack="x") == 0
    assert webhooks.deliver(delivery_id=Delivery.objects.get().pk)
    assert not receiver.got


def test_what_is_rolled_back_is_told_to_nobody(cast, receiver):
    hook(cast, receiver.url)
    with transaction.atomic():
        announced()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_a_year_tells_of_its_pack_its_publication_and_its_correction(cast, receiver):
    hook(cast, receiver.url, tuple(Event.values))
    adoption.adopt(district="990101", pack="taoyuan", since=date(2020, 1, 1), by=None)
    first = published(years.compute(district="990101", year=2025, by=None))
    second = published(years.compute(district="990101", year=2025, by=None))
    told = [(one.event, one.payload.get("run")) for one in Delivery.objects.order_by("pk")]
    assert told == [
        ("pack.adopted", None), ("run.published", first.pk), ("run.amended", first.pk), ("run.published", second.pk),
    ]  # fmt: skip
    assert Run.objects.get(pk=first.pk).state == Run.State.AMENDED
    names = [person.name for person in cast.people.values()]
    assert not [
        name for one in Delivery.objects.all() for name in names if name in json.dumps(one.payload, ensure_ascii=False)
    ]
