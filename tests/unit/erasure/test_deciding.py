"""Who may have somebody erased, on what conditions, by which two; what the list outside holds, and what a restore makes of it."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from tests import cast as casting
from tests.cast import Cast
from tests.factories import posted
from tests.unit.facts.workbooks import book

from qinglan.apps.base.models import span
from qinglan.apps.erasure.actions import asking, carrying, listing
from qinglan.apps.erasure.models import Erasure
from qinglan.apps.erasure.queries import conditions, hers
from qinglan.apps.erasure.queries.needles import Needles, needles_of
from qinglan.apps.facts.actions import imports
from qinglan.apps.notices.models import Notice
from qinglan.apps.people.actions import ActionError, persons, roles
from qinglan.apps.people.models import Employment, ExitReason, Person, PersonMerge, Posting, Role, RoleGrant, User
from qinglan.apps.people.permissions import people_for
from qinglan.apps.policy.models import PersonResult
from qinglan.apps.rights.actions import claims
from qinglan.commands.erasure import before_restore
from qinglan.server import ServerError

pytestmark = pytest.mark.django_db
EAST = "990101001001"
State = Erasure.State


@pytest.fixture(autouse=True)
def aside(settings: Any, tmp_path: Path) -> Path:
    settings.QINGLAN_ERASED = tmp_path / "keys" / "erased.jsonl"
    return tmp_path / "keys" / "erased.jsonl"


def leave(person: Person, last: date) -> Person:
    """She left, whatever the rules."""
    ended = span(date(2010, 1, 1), last + timedelta(days=1))
    Employment.objects.filter(person=person).update(span=ended, exit_reason=ExitReason.RETIRED)
    Posting.objects.filter(person=person).update(span=ended)
    return person


@pytest.fixture
def gone(cast: Cast) -> Person:
    return leave(posted(EAST, name="慕容旧人"), date(2012, 5, 31))


@pytest.fixture
def second(cast: Cast) -> User:
    """Another officer of the district."""
    user = User.objects.create(username="second_a", last_name="另一位")
    RoleGrant.objects.create(user=user, role=Role.DISTRICT_OFFICER, org_code="990101", span=span(date(2020, 1, 1)))
    return user


def ask(person: Person, by: User, ground: str = "expired", reason: str = "保存期满") -> Erasure:
    return asking.ask(person=person, ground=ground, reason=reason, by=by)


# --- who ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_only_the_officer_of_her_district_asks_and_confirms(cast: Cast, gone: Person, second: User, name: str) -> None:
    user = cast.users[name]
    if name == "district_a":
        assert ask(gone, user).state == State.ASKED
        return
    with pytest.raises(PermissionDenied):
        ask(gone, user)
    erasure = ask(gone, second)
    for move in (
        lambda: asking.confirm(erasure=erasure, by=user),
        lambda: asking.drop(erasure=erasure, note="x", by=user),
    ):
        with pytest.raises(PermissionDenied):
            move()
    erasure.refresh_from_db()
    assert erasure.state == State.ASKED


def test_two_people_and_neither_is_she(cast: Cast, gone: Person, second: User) -> None:
    first = cast.users["district_a"]
    erasure = ask(gone, first)
    with pytest.raises(PermissionDenied, match="须由另一人确认"):
        asking.confirm(erasure=erasure, by=first)
    second.person = gone
    second.save()
    for move in (asking.confirm, lambda **said: asking.drop(note="不", **said)):
        with pytest.raises(PermissionDenied, match="本人"):
            move(erasure=erasure, by=second)
    asking.drop(erasure=erasure, note="她还在岗", by=first)
    with pytest.raises(PermissionDenied, match="本人"):
        ask(gone, second)


def test_the_database_holds_the_two_people_too(cast: Cast, gone: Person, second: User) -> None:
    erasure = ask(gone, cast.users["district_a"])
    same = {"state": "confirmed", "confirmed_by_id": erasure.asked_by_id}
    for values in (same, {"state": "done"}, {"reason": "另一个"}, {"person": cast.people["worker_a"].pk}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Erasure.objects.filter(pk=erasure.pk).update(**values)
    with pytest.raises(DatabaseError), transaction.atomic():
        erasure.delete()


def test_asked_once_confirmed_once_and_the_same_answer(cast: Cast, gone: Person, second: User) -> None:
    erasure = ask(gone, cast.users["district_a"])
    with pytest.raises(ValidationError, match="已经提出"):
        ask(gone, second)
    confirmed = asking.confirm(erasure=erasure, by=second)
    assert asking.confirm(erasure=erasure, by=second).confirmed_at == confirmed.confirmed_at
    with pytest.raises(ValidationError, match="不能改为不删除"):
        asking.drop(erasure=erasure, note="晚了", by=second)
    done = carrying.carry_out(erasure=erasure)
    assert carrying.carry_out(erasure=erasure).done_at == done.done_at
    with pytest.raises(ValidationError, match="不能删除"):
        carrying.carry_out(erasure=ask(leave(posted(EAST, name="慕容旧二"), date(2012, 1, 1)), second))


# --- on what conditions ------------------------------------------------------------------------------------------------------


def unmet(person: Person, ground: str = "expired") -> list[str]:
    found = conditions.conditions(Person.objects.get(pk=person.pk), ground, timezone.localdate())
    return [one.label for one in found if not one.met]


def test_the_term_counts_from_her_last_day_unless_the_law_gives_another_ground(
    cast: Cast, gone: Person, settings: Any
) -> None:
    assert unmet(gone) == []
    today = timezone.localdate()
    leave(gone, today - timedelta(days=1))
    assert unmet(gone) == ["保存期限已届满，或有其他法定理由"]
    assert unmet(gone, "withdrawn") == []
    settings.RETENTION_YEARS = 0
    leave(gone, today - timedelta(days=2))
    assert unmet(gone) == []
    assert conditions.kept_until(date(2024, 2, 29)) == date(2024, 2, 29)
    settings.RETENTION_YEARS = 5
    assert conditions.kept_until(date(2024, 2, 29)) == date(2029, 2, 28)


def test_who_is_still_here_or_whose_matters_are_open_stays(cast: Cast, gone: Person) -> None:
    worker = cast.people["worker_a"]
    assert unmet(worker)[0] == "已经离任"
    leave(worker, date(2012, 1, 1))
    assert unmet(worker) == []
    claim = claims.file(person=worker, text="还欠我一天", key="k", on=date(2026, 6, 1), by=cast.users["worker_a"])
    assert unmet(worker) == ["没有未办结的诉求"]
    claims.withdraw(claim=claim, by=cast.users["worker_a"])
    assert unmet(worker) == []
    secretary = leave(cast.people["secretary_a"], date(2012, 1, 1))
    assert unmet(secretary) == ["账号没有在任的职务和在办的事"]


def test_a_file_that_waits_with_her_in_it_comes_first(cast: Cast, gone: Person) -> None:
    head = ["身份证号码", "姓名", "所属社区", "培训日期", "培训课程", "培训类别", "学时", "佐证材料", "记录人"]
    row = [gone.id_number.open(), gone.name, "甲一东社区", "2011-06-12", "课", "年度培训", 8, "签到表", "李四"]
    batch = imports.submit(
        kind="training", filename="培训.xlsx", data=book(head, row), district="990101", today=timezone.localdate(),
        by=cast.users["district_a"],
    )  # fmt: skip
    assert unmet(gone) == ["没有含本人的待确认导入文件"]
    imports.give_up(batch=batch, by=cast.users["district_a"])
    assert unmet(gone) == []


def test_a_merged_record_is_erased_with_the_one_it_went_into(cast: Cast, gone: Person, second: User) -> None:
    twin = leave(posted(EAST, name="慕容旧人", id_number=None), date(2009, 1, 1) + timedelta(days=800))
    Posting.objects.filter(person=twin).delete()
    Employment.objects.filter(person=twin).delete()
    persons.merge(kept=gone, dropped=twin, reason="同一人", by=cast.users["district_a"])
    assert unmet(twin)[0] == "是保留的、未删除的档案"
    erasure = ask(gone, cast.users["district_a"])
    asking.confirm(erasure=erasure, by=second)
    carrying.carry_out(erasure=erasure)
    twin.refresh_from_db()
    assert (twin.name, twin.erased_at is None) == ("已删除人员", False)
    merge = PersonMerge.objects.get(dropped=twin)
    with pytest.raises(ActionError, match="已经删除"):
        persons.unmerge(merge=merge, by=cast.users["district_a"])


def test_the_reason_stays_so_it_names_nobody(cast: Cast, gone: Person) -> None:
    for reason in ("慕容旧人申请", f"电话{gone.phone.open()}", " "):
        with pytest.raises(ValidationError):
            ask(gone, cast.users["district_a"], reason=reason)


def test_what_is_erased_is_out_of_reach(cast: Cast, gone: Person, second: User) -> None:
    account = roles.open_account(username="murong.jr", name=gone.name, by=cast.users["district_a"], person=gone)
    erasure = ask(gone, cast.users["district_a"])
    asking.confirm(erasure=erasure, by=second)
    carrying.carry_out(erasure=erasure)
    gone.refresh_from_db()
    account.refresh_from_db()
    assert not people_for(second).filter(pk=gone.pk).exists()
    assert (account.username, account.is_active, account.has_usable_password()) == (
        f"deleted-{account.pk}",
        False,
        False,
    )
    for act in (
        lambda: persons.update(person=gone, by=None, today=timezone.localdate(), name="慕容旧人"),
        lambda: roles.reactivate(user=account, by=None),
        lambda: roles.hand_out_password(user=account, by=None),
    ):
        with pytest.raises(ActionError, match="已经删除"):
            act()


def test_nobody_confirms_by_an_account_whose_password_the_asker_has_had(cast: Cast, gone: Person, second: User) -> None:
    """One officer could else open another account, make it an officer's, and be both."""
    chief = cast.users["district_a"]
    made, _ = roles.open_with_password(
        username="made",
        name="新管理员",
        since=date(2020, 1, 1),
        by=chief,
        role=Role.DISTRICT_OFFICER,
        org_code="990101",
    )
    erasure = ask(gone, chief)
    with pytest.raises(PermissionDenied, match="重设过密码"):
        asking.confirm(erasure=erasure, by=made)
    roles.hand_out_password(user=chief, by=second)  # nor the other way round
    with pytest.raises(PermissionDenied, match="重设过密码"):
        asking.confirm(erasure=erasure, by=second)
    third = User.objects.create(username="third_a", last_name="第三位")
    RoleGrant.objects.create(user=third, role=Role.DISTRICT_OFFICER, org_code="990101", span=span(date(2020, 1, 1)))
    assert asking.confirm(erasure=erasure, by=third).state == State.CONFIRMED


# --- words of others ---------------------------------------------------------------------------------------------------------


def test_names_are_taken_out_of_words_only_where_they_can_be_nothing_else() -> None:
    known = Needles(marks={"13900001111"}, words={"murong.jr"}, names={"慕容旧人"}, short={"高兴"}, shared={"王芳"})
    assert (
        known.replaced("与慕容旧人、高兴（13900001111）一起很高兴")
        == "与已删除人员、已删除人员（（已删除））一起很高兴"
    )
    assert known.replaced("高兴") == "已删除人员"
    assert known.replaced("王芳") == "王芳"
    assert known.replaced("murong.jr 与 murong.jr2") == "（已删除） 与 murong.jr2"
    assert known.replaced("/people/?q=%E6%85%95%E5%AE%B9%E6%97%A7%E4%BA%BA") == "/people/?q=已删除人员"
    assert known.in_value({"谁": ["慕容旧人", 3, None]}) == {"谁": ["已删除人员", 3, None]}
    assert known.speaks("很高兴")
    assert not known.speaks("王芳来了")


def test_an_account_called_by_a_number_is_found_where_an_account_is_meant() -> None:
    known = Needles(words={"1001", "murong.jr"})
    assert (
        known.replaced("由账号 1001 录入，补贴 1001 元，1001 人次") == "由账号 （已删除） 录入，补贴 1001 元，1001 人次"
    )
    assert known.replaced("用户“1001”与 murong.jr") == "用户“（已删除）”与 （已删除）"
    assert known.replaced("1001") == "（已删除）"  # alone, where names stand
    assert not known.found_in("书面申请，编号 1001")
    assert known.found_in("账号：1001")


def test_a_namesake_and_a_place_of_her_name_are_left_alone(cast: Cast) -> None:
    for name, kind in (("王芳", "shared"), ("甲一东社", "short"), ("慕容旧人", "names"), ("慕容", "short")):
        person = leave(posted(EAST, name=name), date(2012, 1, 1))
        assert getattr(needles_of(hers.whole(person)), kind) == {name}


# --- the list and the restore ------------------------------------------------------------------------------------------------


def test_a_lost_list_is_written_anew_before_a_restore(
    cast: Cast, gone: Person, second: User, aside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roles.open_account(username="murong.jr", name=gone.name, by=cast.users["district_a"], person=gone)
    erasure = ask(gone, cast.users["district_a"])
    asking.confirm(erasure=erasure, by=second)
    carrying.carry_out(erasure=erasure)
    kept = listing.read()
    before_restore()
    assert listing.read() == kept
    aside.unlink()
    assert carrying.missing() == [gone.pk]
    before_restore()
    assert "已按现在的数据库补上" in "".join(capsys.readouterr())
    assert carrying.missing() == []
    assert listing.read() == kept


def test_the_list_holds_numbers_alone_and_is_written_first(
    cast: Cast, gone: Person, second: User, aside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, number = gone.name, gone.id_number.open()
    erasure = ask(gone, cast.users["district_a"])
    asking.confirm(erasure=erasure, by=second)

    def power_cut(*given: Any) -> Any:
        assert aside.exists()
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(carrying, "_erase", power_cut)
        with pytest.raises(KeyboardInterrupt):
            carrying.carry_out(erasure=erasure)
    gone.refresh_from_db()
    assert gone.name == name  # not erased, but in the list: the next start does it
    assert len(carrying.waiting()) == 1
    assert carrying.came_back() == [], "cut off, not brought back: the site may run"
    posts = Posting.objects.filter(person=gone)
    kept = list(posts.values_list("pk", "span"))
    posts.update(span=span(date(2010, 1, 1)))  # taken on again before the next start
    said: list[str] = []
    assert carrying.all_that_is_due(tell=said.append) == 0
    assert "已经离任" in said[0]
    assert Person.objects.get(pk=gone.pk).name == name
    for number_of, was in kept:
        posts.filter(pk=number_of).update(span=was)
    assert carrying.all_that_is_due() == 1
    gone.refresh_from_db()
    erasure.refresh_from_db()
    assert (gone.name, erasure.state) == ("已删除人员", State.DONE)
    assert carrying.all_that_is_due() == 0
    text = aside.read_text()
    assert len(text.splitlines()) == 1
    assert name not in text
    assert number not in text
    assert set(json.loads(text)) == {
        "persons",
        "accounts",
        "org_code",
        "ground",
        "asked_by",
        "confirmed_by",
        "at",
        "left",
        "exit",
    }
    assert aside.stat().st_mode & 0o077 == 0


def test_no_list_no_erasure(cast: Cast, gone: Person, second: User, aside: Path) -> None:
    erasure = ask(gone, cast.users["district_a"])
    asking.confirm(erasure=erasure, by=second)
    aside.parent.mkdir()
    aside.mkdir()
    with pytest.raises(listing.ListError), transaction.atomic():
        carrying.carry_out(erasure=erasure)
    gone.refresh_from_db()
    assert gone.erased_at is None


def test_a_line_cut_off_while_written_is_left_out_and_a_spoilt_one_is_told(aside: Path) -> None:
    line = listing.Line(((1, timezone.now()),), (), EAST, "expired", 1, 2, timezone.now())
    listing.add(line)
    with open(aside, "a") as file:
        file.write('{"persons": [[2, "20')
    assert listing.read() == [line]
    other = listing.Line(((3, timezone.now()),), (), EAST, "expired", 1, 2, timezone.now())
    listing.add(other)
    listing.add(other)
    assert listing.read() == [line, other]
    with open(aside, "a") as file:
        file.write("{}\n")
    with pytest.raises(listing.ListError, match="第 3 行"):
        listing.read()


def test_who_came_back_with_a_backup_is_erased_again_and_a_number_used_anew_is_not(
    cast: Cast, gone: Person, second: User
) -> None:
    """A savepoint stands for the backup: what was written after it is gone, but for the list; also that she had left."""
    other = leave(posted(EAST, name="慕容旧二"), date(2012, 1, 1))
    Posting.objects.filter(person=gone).update(span=span(date(2010, 1, 1)))
    Employment.objects.filter(person=gone).update(span=span(date(2010, 1, 1)), exit_reason="")
    before = transaction.atomic()
    before.__enter__()
    leave(gone, date(2012, 5, 31))
    erasure = ask(gone, cast.users["district_a"])
    asking.confirm(erasure=erasure, by=second)
    carrying.carry_out(erasure=erasure)
    transaction.set_rollback(True)
    before.__exit__(None, None, None)
    gone.refresh_from_db()
    assert gone.name == "慕容旧人"
    (line,) = listing.read()
    listing.add(
        listing.Line(((other.pk, other.created_at + timedelta(days=1)),), (), EAST, "expired", 1, 2, timezone.now())
    )
    assert carrying.waiting() == [line]
    assert carrying.all_that_is_due() == 1
    gone.refresh_from_db()
    other.refresh_from_db()
    assert (gone.name, other.name) == ("已删除人员", "慕容旧二")
    assert Posting.objects.get(person=gone).span == span(date(2010, 1, 1), date(2012, 6, 1))
    spell = Employment.objects.get(person=gone)
    assert (spell.span, spell.exit_reason) == (span(date(2010, 1, 1), date(2012, 6, 1)), ExitReason.RETIRED)
    again = Erasure.objects.get(person=gone)
    assert (again.again, again.asked_by_id, again.confirmed_by_id) == (True, cast.users["district_a"].pk, second.pk)
    assert carrying.missing() == []
    listing.path().unlink()
    assert carrying.missing() == [gone.pk]


def test_her_account_is_found_by_its_number_when_the_backup_did_not_link_it_yet(
    cast: Cast, gone: Person, second: User
) -> None:
    account = User.objects.create(username="murong.jr", last_name="慕容旧人")
    line = listing.Line(
        ((gone.pk, gone.created_at),), ((account.pk, account.date_joined),), EAST, "other", 1, 2, timezone.now()
    )  # fmt: skip
    listing.add(line)
    assert carrying.all_that_is_due() == 1
    account.refresh_from_db()
    assert account.username == f"deleted-{account.pk}"


def test_results_of_others_are_untouched(cast: Cast, gone: Person, second: User) -> None:
    people = {one.pk: (one.name, one.phone_index) for one in Person.objects.exclude(pk=gone.pk)}
    users = {one.pk: one.username for one in User.objects.all()}
    results = PersonResult.objects.count()
    erasure = ask(gone, cast.users["district_a"])
    asking.confirm(erasure=erasure, by=second)
    carrying.carry_out(erasure=erasure)
    assert {one.pk: (one.name, one.phone_index) for one in Person.objects.exclude(pk=gone.pk)} == people
    assert {one.pk: one.username for one in User.objects.all()} == users
    assert PersonResult.objects.count() == results
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_person WHERE name = '已删除人员'")
        assert cursor.fetchone() == (1,)


# --- what was confirmed and cannot be done -----------------------------------------------------------------------------------


def test_what_is_held_up_is_kept_shown_and_told_once(cast: Cast, gone: Person, second: User, client: Client) -> None:
    chief = cast.users["district_a"]
    erasure = ask(gone, chief)
    asking.confirm(erasure=erasure, by=second)
    back = Employment.objects.create(person=gone, org_code="990101", span=span(timezone.localdate()))
    for _ in range(2):
        assert carrying.all_that_is_due() == 0
    erasure.refresh_from_db()
    assert erasure.state == State.CONFIRMED
    assert "已经离任" in erasure.held
    told = Notice.objects.filter(key__startswith="erasure.held")
    assert {one.user_id for one in told} == {chief.pk, second.pk}
    assert told.count() == 2
    client.force_login(chief)
    assert erasure.held in client.get(f"/erasures/{erasure.pk}/").content.decode()
    Employment.objects.filter(pk=back.pk).delete()  # the control: nothing stands against it any more
    assert carrying.all_that_is_due() == 1
    erasure.refresh_from_db()
    assert (erasure.state, erasure.held) == (State.DONE, "")


def test_asking_is_not_offered_while_no_ground_would_do(cast: Cast, gone: Person, client: Client) -> None:
    client.force_login(cast.users["district_a"])
    offered = [
        'type="submit" disabled' not in client.get(f"/people/{person.pk}/erase/").content.decode()
        for person in (gone, cast.people["worker_a"])
    ]
    assert offered == [True, False]


def test_a_restore_over_an_older_database_waits_for_whom_the_list_lacks(
    cast: Cast, gone: Person, second: User, aside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = ask(gone, cast.users["district_a"])
    asking.confirm(erasure=erasure, by=second)
    carrying.carry_out(erasure=erasure)
    monkeypatch.setattr("qinglan.commands.erasure.up_to_date", lambda: False)
    before_restore()  # all are listed: nothing to wait for
    aside.unlink()
    with pytest.raises(ServerError, match="qinglan migrate"):
        before_restore()
