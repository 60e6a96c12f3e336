"""A pack on its pages from upload to release: who may, what is told, what stays as it was."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qinglan.apps.policy.actions import adoption, releases, years
from qinglan.apps.policy.models import PackAdoption, PackRelease
from tests import cast as casting
from tests.factories import deciders

pytestmark = pytest.mark.django_db
DISTRICT = "990101"
RAISED = """pay.cert_allowance.amount:
  values:
    - since: 2026-01-01
      setting: 区政府常务会议纪要〔2026〕8 号（测试）
      value: {无: 0, 初级: 150, 中级: 300, 高级: 400}
"""


@pytest.fixture
def place(cast):
    adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
    return cast


@pytest.fixture
def row(place) -> PackRelease:
    return releases.upload(
        district=DISTRICT, file_name="改.yaml", raw=RAISED.encode(), title="修订", version="2", since=date(2026, 1, 1),
        by=deciders(DISTRICT)[0],
    )  # fmt: skip


def sent(text: str | bytes, **other: str) -> dict:
    raw = text if isinstance(text, bytes) else text.encode()
    return {"file": SimpleUploadedFile("改.yaml", raw), "title": "修订", "version": "2", "year": "2026", **other}


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_only_the_district_sees_and_moves_it(name, place, row, client):
    client.force_login(place.users[name])
    reads = name in ("district_a", "auditor_a", "audit_a", "administrator")
    assert client.get(f"/packs/releases/{row.pk}/").status_code == (200 if reads else 404)
    assert client.get(f"/packs/releases/{row.pk}/read/").status_code == (200 if reads else 404)
    for move in ("submit", "release", "return", "withdraw"):
        client.post(f"/packs/releases/{row.pk}/move/", {"move": move, "note": "x"})
    row.refresh_from_db()
    may = name in ("district_a", "administrator")
    assert row.state == ("withdrawn" if may else "draft"), "nobody releases what she submitted"
    assert PackAdoption.objects.filter(org_code=DISTRICT).count() == 1


def test_two_officers_walk_a_pack_to_its_release(place, client):
    years.compute(district=DISTRICT, year=2025, by=None)
    client.force_login(place.users["district_a"])
    page = client.post("/packs/upload/", sent(RAISED), follow=True).content.decode()
    assert "检查通过" in page
    row = PackRelease.objects.get()
    page = client.get(f"/packs/releases/{row.pk}/").content.decode()
    assert "用 2025 年的人和事实试算" in page
    assert "持证" in page or "津贴" in page
    assert "每个人的每一步都与现在相同" in page, "nobody of the cast holds a certificate"
    assert "150" in client.get(f"/packs/releases/{row.pk}/read/?q=津贴").content.decode()
    assert "已提交" in client.post(f"/packs/releases/{row.pk}/move/", {"move": "submit"}, follow=True).content.decode()
    page = client.post(f"/packs/releases/{row.pk}/move/", {"move": "release"}, follow=True).content.decode()
    assert "须由另一人发布" in page
    client.force_login(deciders(DISTRICT)[1])
    assert "已发布" in client.post(f"/packs/releases/{row.pk}/move/", {"move": "release"}, follow=True).content.decode()
    assert "按自己的政策包「修订」计算" in client.get("/packs/?on=2026-06-01").content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (sent("pay.nothing:\n  values: []\n"), "pay.nothing"),
        (sent("a: ["), "格式读不懂"),
        (sent(RAISED, title=""), "名称和版本"),
        (sent(b"\xff\xfe\x00"), "UTF-8"),
        ({"title": "x", "version": "1", "year": "2026"}, "这个字段是必填项"),
        (sent(RAISED, year="1900"), "1900"),
    ],
)
def test_what_does_not_pass_is_told_on_the_page(data, said, place, client):
    client.force_login(place.users["district_a"])
    answer = client.post("/packs/upload/", data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not PackRelease.objects.exists()


def test_a_shipped_pack_in_place_of_one_in_force_is_proposed_first(place, client):
    client.force_login(place.users["district_a"])
    page = client.post("/packs/adopt/", {"pack": "jianghan", "year": "2026"}, follow=True).content.decode()
    assert "由另一人发布" in page
    row = PackRelease.objects.get()
    assert row.shipped
    assert PackAdoption.objects.filter(org_code=DISTRICT).count() == 1
    releases.submit(release=row, by=place.users["district_a"])
    releases.release(release=row, by=deciders(DISTRICT)[1])
    newest = PackAdoption.objects.filter(org_code=DISTRICT).order_by("pk").last()
    assert (newest.pack, newest.text) == ("jianghan", row.text)
