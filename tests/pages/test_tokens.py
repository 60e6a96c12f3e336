"""Tokens and addresses to be told on their pages: made by whom, shown once, shut by whom; the lists."""

import re
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.exchange.actions import tokens, webhooks
from qinglan.apps.exchange.models import Delivery, Token, Webhook
from qinglan.apps.people.models import User
from tests import cast as casting
from tests.pages.test_api import post, training

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def answers(**more):
    until = timezone.localdate() + 90 * DAY
    return {
        "name": "区政务协同平台", "scopes": ["people:read", "facts:write"], "org_code": "990101001",
        "expires_on": until.isoformat(),
    } | more  # fmt: skip


def secret_of(page: str) -> str:
    return re.search(r'id="secret">([^<]+)<', page)[1]


class TestTokens:
    def test_made_on_the_page_and_shown_once(self, officer):
        page = officer.post("/tokens/new/", answers()).content.decode()
        secret = secret_of(page)
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        assert client.get("/api/v1/people").json()["count"] == 4
        assert client.get("/api/v1/runs").status_code == 403
        listed = officer.get("/tokens/").content.decode()
        assert "区政务协同平台" in listed
        assert "查看人员、登记、更正、撤销事实" in listed
        assert secret not in listed
        assert secret.rsplit("_", 1)[1] not in listed
        made = AuditEvent.objects.get(action="tokens.make")
        assert (made.org_code, made.after["scopes"]) == ("990101001", ["people:read", "facts:write"])
        assert "digest" not in made.after

    @pytest.mark.parametrize(
        ("name", "change", "field"),
        [
            ("subdistrict_a", {"org_code": "990101"}, "org_code"),
            ("subdistrict_a", {"org_code": "990101002"}, "org_code"),
            ("district_a", {"org_code": "990102"}, "org_code"),
            ("district_a", {"org_code": "99"}, "org_code"),
            ("district_a", {"scopes": []}, "scopes"),
            ("district_a", {"scopes": ["everything"]}, "scopes"),
            ("district_a", {"expires_on": "2020-01-01"}, "expires_on"),
            ("district_a", {"expires_on": "2999-01-01"}, "expires_on"),
            ("district_a", {"name": " "}, "name"),
        ],
    )
    def test_what_reaches_further_than_its_owner_or_lasts_too_long_is_refused(self, name, change, field, sign_in):
        answer = sign_in(name).post("/tokens/new/", answers(**change))
        assert field in answer.context["form"].errors
        assert not Token.objects.exists()

    def test_who_may_keep_webhooks_finds_them_from_the_tokens(self, sign_in):
        assert 'href="/webhooks/"' in sign_in("district_a").get("/tokens/").content.decode()
        assert 'href="/webhooks/"' not in sign_in("subdistrict_a").get("/tokens/").content.decode()

    def test_not_more_than_a_few_at_a_time(self, officer):
        for _ in range(tokens.MOST_TOKENS):
            secret_of(officer.post("/tokens/new/", answers()).content.decode())
        assert "请先停用不用的" in officer.post("/tokens/new/", answers()).content.decode()
        assert Token.objects.count() == tokens.MOST_TOKENS

    @pytest.mark.parametrize("name", casting.MEMBERS)
    def test_who_sees_and_shuts_a_token(self, name, token, sign_in):
        token("subdistrict_a")
        row = Token.objects.get()
        may = name in ("subdistrict_a", "district_a", "security_a", "administrator")
        client = sign_in(name)
        assert ("测试" in client.get("/tokens/").content.decode()) == may
        assert client.get(f"/tokens/{row.pk}/revoke/").status_code == (200 if may else 404)
        answer = client.post(f"/tokens/{row.pk}/revoke/")
        assert answer.status_code == (302 if may else 404)
        row.refresh_from_db()
        assert (row.revoked_at is not None) == may

    def test_shutting_ends_it_at_once_and_once(self, officer, token):
        client = Client(headers={"Authorization": f"Bearer {token('district_a')}"})
        assert client.get("/api/v1/people").status_code == 200
        row = Token.objects.get()
        officer.post(f"/tokens/{row.pk}/revoke/")
        assert client.get("/api/v1/people").status_code == 401
        row.refresh_from_db()
        first = row.revoked_at
        officer.post(f"/tokens/{row.pk}/revoke/")
        row.refresh_from_db()
        assert row.revoked_at == first
        assert AuditEvent.objects.filter(action="tokens.revoke").count() == 1

    def test_a_token_of_an_administrator_gives_nothing_beyond_her_roles(self, cast, system):
        user = cast.users["district_a"]
        User.objects.filter(pk=user.pk).update(is_superuser=True, is_staff=True)
        codes = {row["code"] for row in system("district_a").get("/api/v1/organisations").json()["items"]}
        assert codes == {code for code in casting.ORGANISATIONS if code.startswith("990101")}
        user.refresh_from_db()
        assert user.is_superuser  # nothing of the narrowing was saved

    def test_list_is_narrowed_and_exported(self, officer, token):
        token("district_a")
        token("subdistrict_a")
        assert "没有符合条件的令牌" in officer.get("/tokens/?q=不存在").content.decode()
        assert "没有符合条件的令牌" in officer.get("/tokens/?state=shut").content.decode()
        page = officer.get("/tokens/?q=subdistrict&state=open").content.decode()
        assert 'data-label="账号">subdistrict_a<' in page
        assert 'data-label="账号">district_a<' not in page
        assert officer.get("/tokens/?export=xlsx").headers["Content-Type"].endswith("sheet")


class TestConflicts:
    def test_what_came_is_read_by_its_sender_alone(self, cast, system, sign_in):
        client, person = system("subdistrict_a"), cast.people["worker_a"].pk
        post(client, "/facts", training(person), "key-0001")
        post(client, "/facts", training(person, valid_on="2025-06-13"), "key-0001")
        own = sign_in("subdistrict_a")
        link = re.search(r'href="(/tokens/conflicts/\d+/)"', own.get("/tokens/conflicts/").content.decode())[1]
        assert "2025-06-13" in own.get(link).content.decode()
        chief = sign_in("district_a")
        assert "由提交的账号查看" in chief.get("/tokens/conflicts/").content.decode()
        assert chief.get(link).status_code == 404
        assert "key-0001" not in sign_in("subdistrict_b").get("/tokens/conflicts/").content.decode()


class TestWebhooks:
    @pytest.fixture(autouse=True)
    def allowed(self, settings):
        settings.WEBHOOK_HOSTS = ["oa.example.gov.cn"]

    ANSWERS = {
        "name": "协同平台",
        "url": "https://oa.example.gov.cn/events",
        "events": ["run.published"],
        "org_code": "990101",
    }

    def test_named_on_the_page_with_a_secret_shown_once(self, officer):
        secret = secret_of(officer.post("/webhooks/new/", self.ANSWERS).content.decode())
        row = Webhook.objects.get()
        assert row.secret.open() == secret
        page = officer.get("/webhooks/").content.decode()
        assert "https://oa.example.gov.cn/events" in page
        assert secret not in page
        assert secret not in str(list(AuditEvent.objects.values()))

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example.com/", "https://oa.example.gov.cn.evil.com/", "https://oa.example.gov.cn@evil.com/", "ftp://oa.example.gov.cn/",
            "https://oa.example.gov.cn:8443/x y", "https://user:pw@oa.example.gov.cn/", "http://[::1", "javascript:alert(1)",
            "https://oa.example.gov.cn\\@evil.com/", "https://oa.example.gov.cn/#x", "//oa.example.gov.cn/", "https://",
        ],
    )  # fmt: skip
    def test_other_hosts_are_refused(self, url, officer):
        answer = officer.post("/webhooks/new/", self.ANSWERS | {"url": url})
        assert "url" in answer.context["form"].errors
        assert not Webhook.objects.exists()

    def test_no_host_is_allowed_unless_named(self, officer):
        with override_settings(WEBHOOK_HOSTS=[]):
            answer = officer.post("/webhooks/new/", self.ANSWERS)
        assert "QINGLAN_WEBHOOK_HOSTS" in str(answer.context["form"].errors["url"])

    def test_place_stays_within_the_roles(self, officer):
        answer = officer.post("/webhooks/new/", self.ANSWERS | {"org_code": "990102"})
        assert "org_code" in answer.context["form"].errors

    @pytest.mark.parametrize("name", casting.MEMBERS)
    def test_who_sees_and_stops_an_address(self, name, cast, sign_in):
        row, _ = webhooks.register(**self.ANSWERS, by=cast.users["district_a"])
        webhooks.announce(event="run.published", org_code="990101", run=1)
        made, may = Delivery.objects.get(), name in ("district_a", "security_a")
        Delivery.objects.update(state=Delivery.State.GIVEN_UP)
        client = sign_in(name)
        assert ("协同平台" in client.get("/webhooks/").content.decode()) == may
        assert client.post(f"/webhooks/deliveries/{made.pk}/again/").status_code == (302 if may else 404)
        made.refresh_from_db()
        assert (made.state == Delivery.State.WAITING) == may
        assert client.post(f"/webhooks/{row.pk}/stop/").status_code == (302 if may else 404)
        row.refresh_from_db()
        assert (row.stopped_at is not None) == may

    def test_log_is_narrowed_and_exported(self, cast, officer):
        webhooks.register(**self.ANSWERS, by=cast.users["district_a"])
        webhooks.announce(event="run.published", org_code="990101", run=1)
        assert "待送达" in officer.get("/webhooks/?event=run.published&state=waiting").content.decode()
        assert "没有符合条件的送达记录" in officer.get("/webhooks/?q=nothing").content.decode()
        assert officer.get("/webhooks/?export=xlsx").headers["Content-Type"].endswith("sheet")
