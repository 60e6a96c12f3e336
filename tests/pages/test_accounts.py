"""Signing in and what stands around it, in Chinese."""

import pytest

from qinglan.apps.people.models import User
from tests import cast as casting

pytestmark = pytest.mark.django_db


def test_nobody_signs_up_by_herself(client):
    answers = {"username": "stranger", "password1": "Taohua-Yuan-2026", "password2": "Taohua-Yuan-2026"}
    assert "不开放自行注册" in client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", answers)
    assert not User.objects.filter(username="stranger").exists()


def test_sign_in_leads_home(cast, client):
    answer = client.post("/accounts/login/", {"login": "district_a", "password": casting.PASSWORD}, follow=True)
    assert answer.redirect_chain[-1] == ("/", 302)
    assert "各机构在岗人数" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/accounts/login/", "同一账号连续五次输错密码会锁定五分钟"),
        ("/accounts/password/reset/", "请本区管理员在「用户」里为您重设"),
    ],
)
def test_entrance_pages_say_what_to_do(address, words, client):
    assert words in client.get(address).content.decode()


@pytest.mark.parametrize("address", ["/accounts/password/change/", "/accounts/logout/", "/accounts/2fa/"])
def test_account_pages_render_in_our_frame(address, cast, client):
    client.force_login(cast.users["subdistrict_a"])
    page = client.get(address).content.decode()
    assert 'class="ql-top"' in page
    assert 'href="/people/"' in page


@pytest.mark.parametrize(("address", "words"), [("/nowhere/", "找不到这一页"), ("/imports/", "您没有")])
def test_refusals_say_what_to_do(address, words, cast, client):
    client.force_login(cast.users["worker_a"])
    assert words in client.get(address).content.decode()
