"""The first run of an empty system."""

import pytest

from qinglan.apps.people.models import Organisation, Role, User
from qinglan.apps.policy.actions import adoption
from qinglan.apps.policy.models import PackAdoption
from qinglan.core.packs import freezing

pytestmark = pytest.mark.django_db

ANSWERS = {
    "name": "林晓青",
    "username": "linxiaoqing",
    "password": "Taohua-Yuan-2026",
    "again": "Taohua-Yuan-2026",
    "district": "420103",
    "pack": "jianghan",
}


def test_empty_system_leads_to_set_up(client):
    assert client.get("/", follow=True).redirect_chain == [("/setup/", 302)]


def test_set_up_makes_administrator_district_and_pack(client):
    answer = client.post("/setup/", ANSWERS, follow=True)
    page = answer.content.decode()
    assert "导入花名册" in page
    user = User.objects.get()
    assert user.is_superuser
    assert user.check_password(ANSWERS["password"])
    assert [(grant.role, grant.org_code) for grant in user.grants.all()] == [(Role.DISTRICT_OFFICER, "420103")]
    assert Organisation.objects.filter(code="420103").exists()
    assert PackAdoption.objects.get().pack == "jianghan"


def test_set_up_for_another_district_leaves_the_role_for_later(client):
    answer = client.post("/setup/", ANSWERS | {"district": "another"}, follow=True)
    assert "您是系统管理员，还没有辖区" in answer.content.decode()
    assert not User.objects.get().grants.exists()
    assert not PackAdoption.objects.exists()


def test_set_up_is_gone_once_an_account_exists(client):
    User.objects.create_user("someone", password="x")
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", ANSWERS).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"again": "different-1"}, "两次输入的密码不一样"),
        ({"password": "12345678", "again": "12345678"}, "密码"),
        ({"username": "a b"}, "不能有空格"),
        ({"district": "999999"}, "选择一个有效的选项"),
        ({"district": ""}, "这个字段是必填项"),
    ],
)
def test_set_up_says_what_is_wrong(change, sentence, client):
    page = client.post("/setup/", ANSWERS | change).content.decode()
    assert sentence in page
    assert not User.objects.exists()


def test_a_pack_that_must_not_be_used_is_said_at_its_field(client, monkeypatch, tmp_path):
    (tmp_path / "jianghan").mkdir()
    (tmp_path / "jianghan" / "pack.yaml").write_text("name: jianghan\n", encoding="utf-8")
    monkeypatch.setattr(adoption, "freeze", lambda pack: freezing.freeze(tmp_path / pack))
    answer = client.post("/setup/", ANSWERS)
    assert answer.status_code == 200
    assert "这个政策包现在不能用" in answer.context["form"].errors["pack"][0]
    assert not User.objects.exists()
    assert not Organisation.objects.exists()
