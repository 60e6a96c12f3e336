"""A district's own pack: uploaded, checked, tried on the real year, released by a second person, and computed by for ever."""

import io
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from tests.factories import deciders
from tests.unit.policy.test_policy_years import DISTRICT, OTHER, settle

from qinglan.apps.base.models import ReleaseMove
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.models import Certificate, Person
from qinglan.apps.policy.actions import decisions, releases, telling, years
from qinglan.apps.policy.models import PackAdoption, PackRelease, PersonResult
from qinglan.apps.policy.queries import packs
from qinglan.apps.policy.queries import releases as queries
from qinglan.apps.policy.queries.verifying import verify
from qinglan.core.packs import freezing, loading
from qinglan.core.packs.errors import PackError

RAISED = """pay.cert_allowance.amount:
  values:
    - since: {since}
      setting: 区政府常务会议纪要〔2026〕8 号（测试）
      value: {{无: 0, 初级: 150, 中级: 300, 高级: 400}}
"""


@pytest.fixture(scope="module")
def module_place(module_db: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        settle()
        Certificate.objects.create(person=worker(), level="middle", issued=date(2020, 9, 1))


@pytest.fixture
def place(module_place: None, db: None) -> None:
    """A district with its people, once for the module."""


def worker() -> Person:
    return Person.objects.filter(org_code__startswith=DISTRICT).order_by("pk").last()


def upload(text: str | bytes, name: str = "改.yaml", year: int = 2026, **other: Any) -> PackRelease:
    raw = text if isinstance(text, bytes) else text.encode()
    given = {
        "title": "桃源区政策包（修订）",
        "version": "2026.2",
        "district": DISTRICT,
        "by": deciders(DISTRICT)[0],
        **other,
    }
    return releases.upload(file_name=name, raw=raw, since=date(year, 1, 1), **given)


def zipped(files: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def released(row: PackRelease) -> PackRelease:
    proposes, releases_, _ = deciders(DISTRICT)
    releases.submit(release=row, by=proposes)
    return releases.release(release=row, by=releases_)


def certificate_pay(run: Any) -> int:
    """The certificate allowance of December of the one who holds a certificate, in fen."""
    result = PersonResult.objects.select_related("run").get(run=run, person=worker())
    names = [name for _, steps in run.segment_columns for name in steps]
    last = result.segments[-len(names) :]
    return dict(zip(names, last, strict=True))["segment_certificate_pay"]


def test_a_few_values_amend_the_pack_in_force_from_their_day(place: None) -> None:
    before = packs.pack_for(DISTRICT, date(2026, 12, 31))
    row = released(upload(RAISED.format(since="2026-07-01")))
    now = packs.pack_for(DISTRICT, date(2026, 12, 31))
    assert (now.title, now.version) == ("桃源区政策包（修订）", "2026.2")
    item = "pay.cert_allowance.amount"
    assert now.on(date(2026, 6, 30)).dated(item).value == before.on(date(2026, 6, 30)).dated(item).value
    assert now.on(date(2026, 7, 1)).dated(item).value != before.on(date(2026, 7, 1)).dated(item).value
    assert {key for key in now.entries if now.entries[key].values != before.entries[key].values} == {item}
    assert packs.pack_for(DISTRICT, date(2025, 12, 31)).name == "taoyuan", "the years before stay with their pack"
    assert packs.pack_for(OTHER, date(2026, 12, 31)).name == "taoyuan", "and the other district with its own"
    assert row.state == "released"


def test_a_year_is_computed_and_verified_by_the_pack_as_it_was_released(place: None) -> None:
    plain = years.compute(district=DISTRICT, year=2025, by=None)
    released(upload(RAISED.format(since="2025-01-01"), year=2025))
    raised = years.compute(district=DISTRICT, year=2025, by=None)
    assert (certificate_pay(plain), certificate_pay(raised)) == (20_000, 30_000)
    assert raised.pack_title == "桃源区政策包（修订）"
    released(upload(RAISED.format(since="2025-01-01").replace("300", "350"), year=2025, title="再修订", version="3"))
    assert verify(plain) == verify(raised) == [], "later packs change nothing that was computed"
    again = years.compute(district=DISTRICT, year=2025, by=None)
    assert certificate_pay(again) == 35_000, "an amended pack can be amended again"


def test_an_update_of_the_system_prices_nothing_anew(
    place: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, client: Client
) -> None:
    """A shipped pack is kept as it was adopted; the newer wording is told and waits for two people."""
    before = years.compute(district=DISTRICT, year=2025, by=None)
    page, told = "/packs/?on=2025-12-31", "系统更新带来了"
    client.force_login(deciders(DISTRICT)[0])
    assert told not in client.get(page).content.decode()

    updated = tmp_path / "packs"
    shutil.copytree(loading.SHIPPED, updated)
    pay = updated / "taoyuan" / "pay.yaml"
    text = pay.read_text(encoding="utf-8")
    assert "中级: 200, 高级: 400" in text
    pay.write_text(text.replace("中级: 200, 高级: 400", "中级: 270, 高级: 400"), encoding="utf-8")
    for module in (loading, freezing):
        monkeypatch.setattr(module, "SHIPPED", updated)
    packs.pack.cache_clear()
    try:
        after = years.compute(district=DISTRICT, year=2025, by=None)
        assert (certificate_pay(before), certificate_pay(after)) == (20_000, 20_000)
        assert before.results_hash == after.results_hash
        assert told in client.get(page).content.decode()
        proposes = deciders(DISTRICT)[0]
        released(releases.propose(district=DISTRICT, pack="taoyuan", since=date(2025, 1, 1), by=proposes))
        assert told not in client.get(page).content.decode()
        assert certificate_pay(years.compute(district=DISTRICT, year=2025, by=None)) == 27_000
    finally:
        packs.pack.cache_clear()
    assert verify(before) == verify(after) == []


def test_what_it_would_change_is_seen_before_and_kept(place: None) -> None:
    years.compute(district=DISTRICT, year=2025, by=None)
    row = upload(RAISED.format(since="2026-01-01"))
    (difference,) = queries.compared(row)
    assert difference["label"]
    found = queries.rehearse(row)
    assert found is not None
    run, what = found
    assert run.year == 2025, "a coming year is tried on the newest one"
    assert what.groups[0].change == 12 * 10_000
    assert (what.groups[0].gain, what.groups[0].lose) == (1, 0)
    releases.submit(release=row, by=deciders(DISTRICT)[0])
    row.refresh_from_db()
    assert row.effects["groups"][0]["change"] == 12 * 10_000


def test_values_that_say_the_same_change_exactly_nothing(place: None) -> None:
    years.compute(district=DISTRICT, year=2025, by=None)
    row = upload(RAISED.format(since="2026-01-01").replace("150", "100").replace("300", "200"))
    assert queries.compared(row) == []
    found = queries.rehearse(row)
    assert found is not None
    assert found[1].same


def test_a_whole_pack_comes_as_a_zip_of_its_folder(place: None) -> None:
    head = "name: linjiang\ntitle: 临江区政策包\nversion: '1'\ninherits: [taoyuan]\n"
    row = upload(
        zipped(
            {
                "linjiang/pack.yaml": head,
                "linjiang/pay.yml": RAISED.format(since="2020-01-01"),
                "linjiang/readme.txt": "x",
            }
        ),
        "a.ZIP",
    )
    assert (row.pack, row.title) == ("linjiang", "临江区政策包")
    assert {name.split("/")[0] for name in row.text.files} >= {"linjiang", "taoyuan", "national"}
    released(row)
    assert packs.pack_for(DISTRICT, date(2026, 1, 1)).name == "linjiang"


BAD = {
    "not yaml": ("a.yaml", "a: [", "a.yaml 第 2 行：格式读不懂"),
    "unknown item": ("a.yaml", "pay.nothing:\n  values: []\n", "pay.nothing"),
    "no reason": ("a.yaml", RAISED.format(since="2026-01-01").replace("      setting: 区政府常务会议纪要〔2026〕8 号（测试）\n", ""), ""),
    "not utf-8": ("a.yaml", RAISED.format(since="2026-01-01").encode("gb18030"), "UTF-8"),
    "no zip": ("a.zip", b"PK nothing", "打不开"),
    "two packs": ("a.zip", zipped({"a/pack.yaml": "name: a", "b/pack.yaml": "name: b"}), "2 个 pack.yaml"),
    "no pack": ("a.zip", zipped({"a/pay.yaml": "x: y"}), "0 个 pack.yaml"),
    "below": ("a.zip", zipped({"a/pack.yaml": "name: a", "a/b/c.yaml": "x: y"}), "不在政策包的文件夹里"),
    "out of the folder": ("a.zip", zipped({"a/pack.yaml": "name: a", "../evil.yaml": "x: y"}), "不在政策包的文件夹里"),
    "a path for a name": ("a.zip", zipped({"pack.yaml": "name: ../../evil"}), "名称"),
    "one file twice": ("a.zip", zipped({"pack.yaml": "name: a", "x.yaml": "x: y", "x.yml": "x: z"}), "有两份"),
    "a long name": ("a.zip", zipped({"pack.yaml": "name: a", "长" * 90 + ".yaml": "x: y"}), "太长"),
    "parent elsewhere": ("a.zip", zipped({"pack.yaml": "name: a\ntitle: t\nversion: '1'\ninherits: [../../etc]\n"}), "上级政策包"),
}  # fmt: skip


def test_of_two_amendments_on_one_base_the_second_does_not_undo_the_first(place: None) -> None:
    first, second = (upload(RAISED.format(since="2026-01-01"), title=one, version=one) for one in ("甲", "乙"))
    released(first)
    with pytest.raises(ValidationError, match="现行的政策包已经换了"):
        releases.submit(release=second, by=deciders(DISTRICT)[0])


def test_a_pack_that_lacks_a_value_on_its_first_day_is_refused(place: None) -> None:
    head = "name: linjiang\ntitle: 临江区政策包\nversion: '1'\n"
    with pytest.raises(PackError, match="没有「"):
        upload(zipped({"pack.yaml": head, "pay.yaml": RAISED.format(since="2020-01-01")}), "a.zip")
    assert not PackRelease.objects.exists()


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_pass_is_told_and_nothing_is_kept(case: str, place: None) -> None:
    name, raw, said = BAD[case]
    with pytest.raises(PackError) as caught:
        upload(raw, name)
    assert said in str(caught.value)
    assert not PackRelease.objects.exists()


def test_what_a_form_can_get_wrong_is_told(place: None) -> None:
    good = RAISED.format(since="2026-01-01")
    with pytest.raises(ValidationError, match="名称和版本"):
        upload(good, title=" ")
    with pytest.raises(ValidationError, match="1 月 1 日"):
        releases.upload(
            district=DISTRICT,
            file_name="a.yaml",
            raw=good.encode(),
            title="t",
            version="1",
            since=date(2026, 7, 1),
            by=deciders(DISTRICT)[0],
        )
    with pytest.raises(ValidationError, match="没有可以改的底本"):
        upload(good, year=2015)
    head = "name: taoyuan\ntitle: 冒名\nversion: '1'\ninherits: [blueprint]\n"
    with pytest.raises(ValidationError, match="随系统提供的政策包的名称"):
        upload(zipped({"pack.yaml": head}), "a.zip")
    with pytest.raises(PermissionDenied):
        upload(good, by=deciders(OTHER)[0])
    assert not PackRelease.objects.exists()


def test_who_made_or_submitted_it_does_not_release_it(place: None) -> None:
    makes, submits, third = deciders(DISTRICT)
    row = upload(RAISED.format(since="2026-01-01"))
    releases.submit(release=row, by=submits)
    for one in (makes, submits):
        with pytest.raises(PermissionDenied, match="须由另一人发布"):
            releases.release(release=row, by=one)
    with pytest.raises(PermissionDenied):
        releases.release(release=row, by=deciders(OTHER)[2])
    assert PackAdoption.objects.filter(org_code=DISTRICT).count() == 1
    releases.send_back(release=row, by=third, note="金额与纪要不符")
    with pytest.raises(ValidationError, match="现在是「草稿」"):
        releases.release(release=row, by=third)
    releases.submit(release=row, by=makes)
    releases.release(release=row, by=third)
    assert releases.release(release=row, by=third).state == "released", "asked twice, answered the same"
    assert PackAdoption.objects.filter(org_code=DISTRICT).count() == 2
    with pytest.raises(ValidationError, match="现在是「已发布」"):
        releases.withdraw(release=row, by=makes)


@pytest.mark.parametrize("statement", [
    "UPDATE policy_packrelease SET text_id = 0", "UPDATE policy_packrelease SET since = '2020-01-01'", "DELETE FROM policy_packrelease",
    "UPDATE policy_packrelease SET state = 'draft'", "UPDATE policy_packadoption SET text_id = NULL", "UPDATE policy_packtext SET files = '{}'",
])  # fmt: skip
def test_the_database_refuses_to_alter_what_was_released(place: None, statement: str) -> None:
    released(upload(RAISED.format(since="2026-01-01")))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_releases_at_once_adopt_once(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    settle()
    row = upload(RAISED.format(since="2026-01-01"))
    releases.submit(release=row, by=deciders(DISTRICT)[0])
    by, barrier = deciders(DISTRICT)[1], Barrier(2, timeout=120)
    if not guarded:  # the control: the row as it was read before, whatever became of it
        monkeypatch.setattr(releases, "_locked", lambda row: PackRelease.objects.get(pk=row.pk))
        advance = PackRelease.advance

        def slowly(self: PackRelease, move: ReleaseMove, **given: Any) -> bool:
            done = advance(self, move, **given)
            barrier.wait()
            return done

        monkeypatch.setattr(PackRelease, "advance", slowly)

    def one(_: int) -> Any:
        if guarded:
            barrier.wait()
        try:
            return releases.release(release=row, by=by)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(one, range(2)))
    own = PackAdoption.objects.filter(org_code=DISTRICT).exclude(pack="taoyuan").count()
    if guarded:
        assert own == 1
        assert [getattr(answer, "state", answer) for answer in found] == ["released"] * 2
    else:
        assert own == 2 or any(isinstance(answer, DatabaseError) for answer in found)


def test_who_may_take_the_next_step_is_told_and_reminded(place: None) -> None:
    makes, second, third = deciders(DISTRICT)
    row = upload(RAISED.format(since="2026-01-01"))
    releases.submit(release=row, by=makes)
    told = Notice.objects.values_list("user__username", flat=True)
    assert set(told) == {second.username, third.username}
    submitted = timezone.localdate()
    assert telling.remind(today=submitted + timedelta(days=settings.DECIDE_DAYS - 1)) == 0
    assert telling.remind(today=submitted + timedelta(days=settings.DECIDE_DAYS)) == 2
    assert telling.remind(today=submitted + timedelta(days=settings.DECIDE_DAYS + 1)) == 0, "once a round"
    run = years.compute(district=DISTRICT, year=2025, by=None)
    decisions.submit(run=run, by=makes)
    assert telling.remind(today=submitted + timedelta(days=2 * settings.DECIDE_DAYS)) == 4
    releases.release(release=row, by=second)
    assert telling.remind(today=submitted + timedelta(days=3 * settings.DECIDE_DAYS)) == 2, "the run alone still waits"
