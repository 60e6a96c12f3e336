"""Where an account is signed in: its owner sees and ends her own sessions, whoever keeps the account all of them; each is recorded."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.people.queries.sessions import browser_of, open_sessions
from qinglan.apps.people.tasks import sweep_sessions
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"


def at_the_door(name: str, agent: str) -> Client:
    client = Client(headers={"User-Agent": agent})
    answer = client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.fixture
def desk(cast: Cast) -> Client:
    cache.clear()
    return at_the_door("worker_a", FIREFOX)


@pytest.fixture
def phone(desk: Client) -> Client:
    return at_the_door("worker_a", PHONE)


def is_in(client: Client) -> bool:
    return client.get("/devices/").status_code == 200


def test_she_sees_her_own_sessions_and_which_is_this_one(cast: Cast, desk: Client, phone: Client) -> None:
    other = at_the_door("worker_b", "curl/8")
    page = desk.get("/devices/").content.decode()
    assert "Firefox · Windows" in page
    assert "Chrome · 安卓" in page
    assert "没有说明的浏览器" not in page, "another's"
    assert page.index("Firefox") < page.index("本机") < page.index("Chrome")
    assert "密码" in page
    for client in (desk, phone, other):
        assert client.session.session_key not in page
    assert "没有说明的浏览器" in other.get("/devices/").content.decode()


def test_one_is_ended_and_no_other(cast: Cast, desk: Client, phone: Client) -> None:
    stranger = at_the_door("worker_b", FIREFOX)
    (mark,) = [one.mark for one in open_sessions(cast.users["worker_a"]) if "安卓" in one.browser]
    assert stranger.post("/devices/end/", {"mark": mark}).status_code == 302
    assert is_in(phone), "a mark of somebody else's session ends nothing"
    assert "要重新登录" in desk.post("/devices/end/", {"mark": mark}, follow=True).content.decode()
    assert not is_in(phone)
    assert is_in(desk)
    event = AuditEvent.objects.get(action="access.end_session")
    assert (event.by_name, event.after) == ("worker_a", {"结束的登录": ["Chrome · 安卓"]})
    assert "已经结束" in desk.post("/devices/end/", {"mark": mark}, follow=True).content.decode()


def test_the_one_in_hand_is_left_by_leaving(desk: Client, cast: Cast) -> None:
    (one,) = open_sessions(cast.users["worker_a"])
    assert "退出登录" in desk.post("/devices/end/", {"mark": one.mark}, follow=True).content.decode()
    assert is_in(desk)


def test_all_others_end_at_once(cast: Cast, desk: Client, phone: Client) -> None:
    third = at_the_door("worker_a", PHONE)
    bystander = at_the_door("worker_b", PHONE)
    assert "其他 2 个" in desk.post("/devices/end-others/", follow=True).content.decode()
    assert (is_in(desk), is_in(phone), is_in(third), is_in(bystander)) == (True, False, False, True)
    assert "没有别的登录" in desk.post("/devices/end-others/", follow=True).content.decode()
    assert AuditEvent.objects.filter(action="access.end_session").count() == 1


def test_a_session_that_opens_nothing_any_more_is_not_listed(cast: Cast, desk: Client, phone: Client) -> None:
    user = cast.users["worker_a"]
    Session.objects.filter(session_key=phone.session.session_key).update(
        expire_date=timezone.now() - timedelta(hours=1)
    )
    assert [one.browser for one in open_sessions(user)] == ["Firefox · Windows"]
    user.session_epoch += 1
    user.save()
    assert open_sessions(user) == []
    sweep_sessions(timestamp=0)
    assert Session.objects.count() == 1


def test_her_new_password_keeps_this_session_alone(cast: Cast, desk: Client, phone: Client) -> None:
    new = "Taohua-Yuan-2027"
    answer = desk.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}, follow=True
    )
    assert answer.status_code == 200
    assert "Firefox · Windows" in desk.get("/devices/").content.decode()
    assert not is_in(phone)


@pytest.mark.parametrize("name", ["district_a", "security_a", "administrator"])
def test_who_keeps_the_account_ends_all_of_it(cast: Cast, desk: Client, phone: Client, sign_in, name: str) -> None:
    user = cast.users["worker_a"]
    keeper = sign_in(name)
    page = keeper.get(f"/users/{user.pk}/").content.decode()
    assert "Firefox · Windows" in page
    assert desk.session.session_key not in page
    assert is_in(desk), "asking alone ends nothing"
    assert keeper.get(f"/users/{user.pk}/end-sessions/").status_code == 200
    assert is_in(desk)
    assert (
        "全部登录已结束" in keeper.post(f"/users/{user.pk}/end-sessions/", {"sure": "on"}, follow=True).content.decode()
    )
    assert not is_in(desk)
    assert not is_in(phone)
    event = AuditEvent.objects.get(action="roles.end_sessions")
    assert len(event.after["结束的登录"]) == 2
    assert is_in(at_the_door("worker_a", FIREFOX)), "her password and roles stay"


def test_not_ones_own_by_that_door(cast: Cast, sign_in) -> None:
    own = cast.users["security_a"]
    answer = sign_in("security_a").post(f"/users/{own.pk}/end-sessions/", {"sure": "on"})
    assert answer.status_code == 403 or "登录设备" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="roles.end_sessions").exists()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox · Windows"),
        (PHONE, "Chrome · 安卓"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/604.1 MicroMessenger/8.0", "微信 · iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Mac"),
        ("<script>", "没有说明的浏览器"),
        ("", "没有说明的浏览器"),
    ],
)
def test_a_browser_is_known_by_its_family_alone(agent: str, words: str) -> None:
    assert browser_of(agent) == words
