"""Accounts from pages: opened, handed a password, shut and opened again; roles granted and ended; nobody reaches beyond her scope."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import span
from qinglan.apps.people.models import Role, RoleGrant, User
from tests import cast as casting

pytestmark = pytest.mark.django_db

OWN = "Taohua-Yuan-2026"  # a password that its owner chooses


@pytest.fixture
def officer(cast, client):
    client.force_login(cast.users["district_a"])
    return client


def _errors(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {field: [str(one) for one in errors] for field, errors in answer.context["form"].errors.items()}


def _password(page: str) -> str:
    return re.search(r'id="one-time">([^<]+)<', page).group(1)


def _sign_in(username: str, password: str) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": username, "password": password})
    return browser


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        (
            "district_a",
            {name for name, (_, code, _) in casting.MEMBERS.items() if code.startswith("990101")},
            {"worker_b", "nobody"},
        ),
        ("administrator", set(casting.MEMBERS), set()),
    ],
)
def test_list_holds_the_accounts_of_the_scope(name, shown, hidden, cast, client):
    client.force_login(cast.users[name])
    page = client.get("/users/").content.decode()
    listed = {one for one, user in cast.users.items() if f'href="/users/{user.pk}/"' in page}
    assert listed == shown
    assert not listed & hidden
    assert 'href="/users/"' in client.get("/organisations/").content.decode()  # in the navigation


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=WORKER", {"worker_a"}),
        ("role=subdistrict_officer", {"subdistrict_a", "subdistrict_a2"}),
        ("state=shut", {"secretary_a"}),
        ("role=none", {"former_a"}),
    ],
)
def test_list_is_narrowed(asked, found, cast, officer):
    User.objects.filter(username="secretary_a").update(is_active=False)
    page = officer.get(f"/users/?{asked}").content.decode()
    assert {one for one, user in cast.users.items() if f'href="/users/{user.pk}/"' in page} == found


def test_account_of_a_person_begins_with_a_password_of_her_own(cast, officer):
    someone = cast.people["neighbour_a"]
    answers = {"username": "lina", "role": "worker", "org_code": "990101001002"}
    page = officer.post(f"/users/new/?person={someone.pk}", answers).content.decode()
    password = _password(page)
    user = User.objects.get(username="lina")
    assert (user.person, user.password_temporary) == (someone, True)
    assert password not in officer.get(f"/users/{user.pk}/").content.decode()  # shown once
    assert AuditEvent.objects.filter(action="roles.hand_out_password", target_key=str(user.pk)).exists()
    browser = _sign_in("lina", password)
    for address in ("/", "/people/", f"/people/{someone.pk}/"):
        assert browser.get(address).url == "/accounts/password/change/", address
    browser.post("/accounts/password/change/", {"oldpassword": password, "password1": OWN, "password2": OWN})
    user.refresh_from_db()
    assert not user.password_temporary
    assert browser.get(f"/people/{someone.pk}/").status_code == 200


@pytest.mark.parametrize(("name", "may"), [("district_a", True), ("security_a", False), ("administrator", False)])
def test_who_sees_no_people_reads_no_name_off_an_account_to_open(name, may, cast, sign_in):
    """The security administrator keeps accounts and sees no people: the number of one tells her nothing, and opens none."""
    someone = cast.people["neighbour_a"]
    client = sign_in(name)
    page = client.get(f"/users/new/?person={someone.pk}")
    assert page.status_code == (200 if may else 404)
    assert (someone.name in page.content.decode()) == may
    unknown = client.get("/users/new/?person=999999999")
    assert unknown.status_code == 404
    answers = {"username": "lina", "role": "worker", "org_code": "990101001002"}
    assert client.post(f"/users/new/?person={someone.pk}", answers).status_code == (200 if may else 404)
    assert User.objects.filter(username="lina").exists() == may


def test_the_security_administrator_still_opens_accounts_of_officers(cast, sign_in):
    answers = {"username": "waibu", "name": "周强", "role": "subdistrict_officer", "org_code": "990101001"}
    assert "一次性密码" in sign_in("security_a").post("/users/new/", answers).content.decode()


def test_account_of_an_outside_officer_needs_a_role(cast, officer):
    answers = {"username": "waibu", "name": "周强", "role": "", "org_code": ""}
    assert "须同时选择角色与机构" in _errors(officer.post("/users/new/", answers))["role"][0]
    assert not User.objects.filter(username="waibu").exists()
    answers |= {"role": "subdistrict_officer", "org_code": "990101001"}
    assert _password(officer.post("/users/new/", answers).content.decode())
    assert User.objects.get(username="waibu").grants.get().role == Role.SUBDISTRICT_OFFICER


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"username": "worker_a"}, "username", "已被使用"),
        ({"username": "a b"}, "username", "不能有空格"),
        ({"org_code": "990101"}, "org_code", "应授予街道一级"),
        ({"org_code": "990102001"}, "org_code", "选择一个有效的选项"),
        ({"org_code": ""}, "org_code", "须同时选择机构"),
    ],
)
def test_new_account_is_refused_at_the_field(change, field, sentence, cast, officer):
    answers = {"username": "waibu", "name": "周强", "role": "subdistrict_officer", "org_code": "990101001"} | change
    assert sentence in _errors(officer.post("/users/new/", answers))[field][0]
    assert not User.objects.filter(username="waibu").exists()


def test_reset_ends_open_sessions_and_the_old_password(cast, officer):
    there = Client()
    there.force_login(cast.users["worker_a"])
    password = _password(officer.post(f"/users/{cast.users['worker_a'].pk}/password/").content.decode())
    assert there.get("/organisations/").url.startswith("/accounts/login/")
    assert "_auth_user_id" not in _sign_in("worker_a", casting.PASSWORD).session
    assert "_auth_user_id" in _sign_in("worker_a", password).session


def test_shut_account_loses_its_sessions_and_comes_back(cast, officer):
    user = cast.users["worker_a"]
    there = Client()
    there.force_login(user)
    officer.post(f"/users/{user.pk}/deactivate/")
    assert there.get("/organisations/").url.startswith("/accounts/login/")
    assert "_auth_user_id" not in _sign_in("worker_a", casting.PASSWORD).session
    officer.post(f"/users/{user.pk}/reactivate/")
    assert "_auth_user_id" in _sign_in("worker_a", casting.PASSWORD).session


@pytest.mark.parametrize("what", ["password", "deactivate"])
def test_nobody_shuts_or_resets_herself_here(what, cast, officer):
    own = cast.users["district_a"]
    assert "自己的" in _errors(officer.post(f"/users/{own.pk}/{what}/"))["__all__"][0]
    own.refresh_from_db()
    assert own.is_active
    assert own.check_password(casting.PASSWORD)


@pytest.mark.parametrize("what", ["password", "deactivate"])
def test_account_with_rights_elsewhere_is_for_the_administrator(what, cast, officer):
    """Who could hand out its password would have its rights in the other district."""
    both, keeper = cast.users["district_b"], cast.users["administrator"]
    for user in (both, keeper):
        RoleGrant.objects.create(user=user, role=Role.DISTRICT_OFFICER, org_code="990101", span=span(casting.SINCE))
        assert officer.get(f"/users/{user.pk}/").status_code == 200
        assert officer.post(f"/users/{user.pk}/{what}/").status_code == 403
        user.refresh_from_db()
        assert user.is_active
        assert user.check_password(casting.PASSWORD)
    page = officer.get(f"/users/{both.pk}/").content.decode()
    assert "乙区" not in page
    officer.force_login(keeper)
    assert officer.post(f"/users/{both.pk}/{what}/").status_code in (200, 302)


def test_role_is_granted_and_ended(cast, officer):
    user = cast.users["worker_a"]
    today = timezone.localdate()
    address = f"/users/{user.pk}/grant/"
    data = {"role": "community_secretary", "org_code": "990101001001", "since": f"{today}"}
    assert "应授予社区一级" in _errors(officer.post(address, data | {"org_code": "990101001"}))["org_code"][0]
    assert "until" in _errors(officer.post(address, data | {"until": "2020-01-01"}))
    assert officer.post(address, data).status_code == 302
    assert "已有这一角色" in _errors(officer.post(address, data))["role"][0]
    there = Client()
    there.force_login(User.objects.get(pk=user.pk))
    colleague = cast.people["colleague_a"].pk
    assert there.get(f"/people/{colleague}/").status_code == 200
    grant = user.grants.get(role="community_secretary")
    assert "on" in _errors(officer.post(f"/users/grants/{grant.pk}/end/", {"on": "x"}))
    assert officer.post(f"/users/grants/{grant.pk}/end/", {"on": f"{today}"}).status_code == 302
    assert there.get(f"/people/{colleague}/").status_code == 404


def test_administrator_grants_by_code(cast, client):
    client.force_login(cast.users["administrator"])
    address, today = f"/users/{cast.users['nobody'].pk}/grant/", timezone.localdate()
    data = {"role": "district_officer", "since": f"{today}"}
    assert "没有代码为" in _errors(client.post(address, data | {"org_code": "990199"}))["org_code"][0]
    assert "org_code" in _errors(client.post(address, data | {"org_code": "甲区"}))
    assert client.post(address, data | {"org_code": "990102"}).status_code == 302
    assert cast.users["nobody"].grants.get().org_code == "990102"
