"""Single writes: records, posts, employment, certificates; duplicates merged and parted again."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.cast import TODAY, Cast
from tests.factories import id_number, person, posted

from qinglan.apps.base.models import last_day
from qinglan.apps.people.actions import ActionError, certificates, employment, persons, postings, roles
from qinglan.apps.people.models import (
    CertificateLevel,
    EducationLevel,
    ExitReason,
    Person,
    Posting,
    PostKind,
    StatusKind,
    person_names,
)
from qinglan.apps.people.queries import people as read

pytestmark = pytest.mark.django_db
EAST, OTHER = "990101001001", "990101002001"
BIRTH = date(1990, 1, 2)
NEW = {"name": "仇英", "sex": "female", "birth": BIRTH}


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("仇英", "qiuying", "qy"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("尉迟敬德", "yuchijingde", "ycjd"),
        ("曾国藩", "zengguofan", "zgf"),
        ("解晓东", "xiexiaodong", "xxd"),
        ("王重庆", "wangchongqing", "wcq"),
        ("区丽", "ouli", "ol"),
        ("吕布", "lvbu", "lb"),
        ("买买提·艾力", "maimaitiaili", "mmtal"),
        ("Li Na", "lina", "l"),
    ],
)
def test_surnames_are_read_as_surnames(name: str, pinyin: str, initials: str) -> None:
    assert person_names(name) == (pinyin, initials)


class TestRecords:
    def test_id_number_is_checked_against_sum_sex_and_birth(self, cast: Cast) -> None:
        number = id_number(490, BIRTH)
        for fields, message in (
            ({"id_number": number[:17] + ("1" if number[17] != "1" else "2")}, "校验位"),
            ({"id_number": number[:17]}, "18位"),
            ({"id_number": id_number(490, date(1991, 1, 2))}, "出生日期"),
            ({"id_number": id_number(490, BIRTH, "male")}, "性别"),
        ):
            with pytest.raises(ActionError, match=message):
                persons.add(org_code=EAST, by=None, today=TODAY, **(NEW | fields))
        someone = persons.add(org_code=EAST, by=None, today=TODAY, **NEW, id_number=f" {number.lower()} ")
        assert someone.id_number.open() == number
        with pytest.raises(ActionError, match=r"本区已有.*仇英"):
            persons.add(org_code=OTHER, by=None, today=TODAY, **NEW, id_number=number)
        with pytest.raises(ActionError, match="性别"):
            persons.update(person=someone, by=None, today=TODAY, sex="male")
        with pytest.raises(ActionError, match="没有代码"):
            persons.add(org_code="990101001888", by=None, today=TODAY, **NEW)
        with pytest.raises(TypeError, match="pinyin"):
            persons.update(person=someone, by=None, today=TODAY, pinyin="x")

    def test_update_without_difference_writes_nothing(self, cast: Cast) -> None:
        someone = cast.people["worker_a"]
        events = Person.pgh_event_model.objects.count()
        persons.update(person=someone, by=None, today=TODAY, name=someone.name, phone=someone.phone.open())
        assert Person.pgh_event_model.objects.count() == events


class TestPosts:
    def test_new_post_ends_the_running_one_the_day_before(self, cast: Cast) -> None:
        someone = cast.people["worker_a"]
        postings.assign(
            person=someone, org_code=OTHER, kind=PostKind.DEPUTY_DIRECTOR, since=TODAY, by=None, today=TODAY
        )
        old, new = Posting.objects.filter(person=someone).order_by("span")
        assert (last_day(old.span), new.since) == (TODAY - timedelta(days=1), TODAY)
        assert (new.elected, PostKind(new.kind).band.label) == (True, "副职")
        assert Person.objects.get(pk=someone.pk).org_code == OTHER

    def test_a_post_of_the_future_moves_her_on_its_day(self, cast: Cast) -> None:
        someone, later = cast.people["worker_a"], TODAY + timedelta(days=30)
        postings.assign(person=someone, org_code=OTHER, kind=PostKind.WORKER, since=later, by=None, today=TODAY)
        assert Person.objects.get(pk=someone.pk).org_code == EAST
        assert persons.settle(today=TODAY) == 0
        assert persons.settle(today=later) == 1
        assert persons.settle(today=later) == 0
        assert Person.objects.get(pk=someone.pk).org_code == OTHER

    def test_refusals(self, cast: Cast) -> None:
        someone = cast.people["worker_a"]
        post = someone.postings.get()
        for attempt, message in (
            (lambda: _assign(someone, since=date(2019, 1, 1)), "已有主岗任职"),
            (lambda: _assign(someone, org_code="990102001001"), "调往外区"),
            (lambda: _assign(someone, org_code="990101001888"), "没有代码"),
            (lambda: _assign(someone, until=TODAY), "不能早于"),
            (lambda: postings.end(posting=post, on=post.since, by=None), "须晚于"),
        ):
            with pytest.raises(ActionError, match=message):
                attempt()
        assert someone.postings.count() == 1
        ended = postings.end(posting=post, on=TODAY, by=None)
        with pytest.raises(ActionError, match="已经结束"):
            postings.end(posting=ended, on=TODAY + timedelta(days=1), by=None)


def _assign(someone: Person, **more: object) -> Posting:
    values = {"org_code": OTHER, "kind": PostKind.WORKER, "since": TODAY, "by": None, "today": TODAY} | more
    return postings.assign(person=someone, **values)  # type: ignore[arg-type]


class TestWorkingLife:
    def test_leaving_closes_what_runs(self, cast: Cast) -> None:
        someone = cast.people["worker_a"]
        employment.set_status(person=someone, kind=StatusKind.SICK, since=date(2026, 1, 1), by=None)
        employment.hold_grade(person=someone, ladder="five_nine", grade=4, since=date(2025, 1, 1), by=None)
        left = employment.end(person=someone, last_day=TODAY, reason=ExitReason.UPWARD, by=None, note="考录")
        assert (last_day(left.span), left.exit_reason) == (TODAY, "upward")
        for rows in (someone.postings, someone.statuses, someone.grades):
            assert last_day(rows.get().span) == TODAY
        with pytest.raises(ActionError, match="没有在用"):
            employment.end(person=someone, last_day=TODAY, reason=ExitReason.RETIRED, by=None)
        again = employment.begin(person=someone, entry_date=date(2026, 9, 1), by=None, recognised_months=18)
        assert (again.org_code, again.recognised_months) == ("990101", 18)
        with pytest.raises(ActionError, match="已有用工"):
            employment.begin(person=someone, entry_date=date(2027, 1, 1), by=None)

    def test_statuses_and_grades_follow_one_another(self, cast: Cast) -> None:
        someone = cast.people["worker_a"]
        for grade, day in ((4, date(2024, 1, 1)), (5, date(2026, 1, 1))):
            employment.hold_grade(person=someone, ladder="five_nine", grade=grade, since=day, by=None)
        assert [(g.grade, last_day(g.span)) for g in someone.grades.order_by("span")] == [
            (4, date(2025, 12, 31)),
            (5, None),
        ]
        employment.set_status(
            person=someone, kind=StatusKind.MATERNITY, since=date(2026, 1, 1), until=date(2026, 6, 8), by=None
        )
        with pytest.raises(ActionError, match="其他状态"):
            employment.set_status(person=someone, kind=StatusKind.SICK, since=date(2026, 6, 7), by=None)

    def test_certificates_and_schooling(self, cast: Cast) -> None:
        someone = cast.people["worker_a"]
        held = certificates.add(person=someone, level=CertificateLevel.JUNIOR, issued=date(2020, 9, 1), by=None)
        with pytest.raises(ActionError, match="已登记过助理社会工作师"):
            certificates.add(person=someone, level=CertificateLevel.JUNIOR, by=None)
        certificates.renew(certificate=held, registered_until=date(2026, 8, 31), by=None)
        with pytest.raises(ActionError, match="须晚于"):
            certificates.renew(certificate=held, registered_until=date(2026, 8, 31), by=None)
        certificates.add_schooling(
            person=someone, level=EducationLevel.MASTER, sw_major=True, degree="社会工作硕士", by=None
        )
        certificates.add_schooling(person=someone, level=EducationLevel.BACHELOR, by=None)
        someone.refresh_from_db()
        assert (someone.education, someone.degree, someone.sw_major) == ("master", "社会工作硕士", True)


class TestDuplicates:
    @pytest.fixture
    def pair(self, cast: Cast) -> tuple[Person, Person]:
        """One woman entered twice: once with her ID number, once without."""
        kept = posted(EAST, since=date(2022, 1, 1), name="尉迟敏", birth=BIRTH, id_number=id_number(480, BIRTH))
        dropped = person(EAST, name="尉迟敏", birth=BIRTH, id_number=None)
        early = postings.assign(
            person=dropped,
            org_code=EAST,
            kind=PostKind.GRID,
            since=date(2019, 1, 1),
            until=date(2021, 1, 1),
            by=None,
            today=TODAY,
        )
        over = postings.assign(
            person=dropped,
            org_code=EAST,
            kind=PostKind.GRID,
            since=date(2022, 6, 1),
            until=date(2023, 1, 1),
            by=None,
            today=TODAY,
        )
        assert early.pk != over.pk
        return kept, dropped

    def test_are_found_within_scope(self, pair: tuple[Person, Person]) -> None:
        assert read.duplicates(Person.objects.living_records().within("990101")) == [list(pair)]
        assert read.duplicates(Person.objects.living_records().within("990102")) == []

    def test_merge_keeps_both_histories_and_can_be_undone(self, pair: tuple[Person, Person], cast: Cast) -> None:
        kept, dropped = pair
        officer = cast.users["district_a"]
        spans = {p.pk: (p.person_id, p.span) for p in Posting.objects.filter(person__in=pair)}
        done = persons.merge(kept=kept, dropped=dropped, reason="同一人", by=officer)
        assert [len(ids) for ids in (done.moved["people.posting"], done.left["people.posting"])] == [1, 1]
        assert len(read.profile(kept).postings) == 3  # hers, the moved one, and the overlapping one left readable
        assert read.identity_ids(kept) == [kept.pk, dropped.pk]
        assert list(Person.objects.living_records().filter(name="尉迟敏")) == [kept]
        with pytest.raises(ActionError, match="已并入"):
            persons.merge(kept=cast.people["worker_a"], dropped=dropped, reason="x", by=officer)
        persons.unmerge(merge=done, by=officer)
        assert {p.pk: (p.person_id, p.span) for p in Posting.objects.filter(person__in=pair)} == spans
        assert Person.objects.living_records().filter(name="尉迟敏").count() == 2
        with pytest.raises(ActionError, match="已经撤销"):
            persons.unmerge(merge=done, by=officer)

    def test_merge_refuses_itself_and_another_district(self, cast: Cast) -> None:
        one, foreign = cast.people["worker_a"], cast.people["worker_b"]
        with pytest.raises(ActionError, match="两份不同"):
            persons.merge(kept=one, dropped=one, reason="x", by=None)
        with pytest.raises(ActionError, match="同一个区"):
            persons.merge(kept=one, dropped=foreign, reason="x", by=None)


class TestSearch:
    @pytest.mark.parametrize("text", ["仇", "仇芳", "qiu", "QIUFANG", "qf", " 990101001001 ", "9901010010"])
    def test_finds_by_name_pinyin_initials_and_code(self, cast: Cast, text: str) -> None:
        assert cast.people["worker_a"] in read.search(Person.objects.all(), text)

    @pytest.mark.parametrize("text", ["芳芳", "chou", "xx", "990102", "123456789012345678"])
    def test_finds_nobody_else(self, cast: Cast, text: str) -> None:
        assert cast.people["worker_a"] not in read.search(Person.objects.all(), text)

    def test_filters_go_by_the_day(self, cast: Cast) -> None:
        someone = cast.people["colleague_a"]
        employment.set_status(person=someone, kind=StatusKind.SICK, since=TODAY, by=None)
        everyone = Person.objects.living_records()
        assert list(read.filtered(everyone, on=TODAY, post="grid")) == [someone]
        assert list(read.filtered(everyone, on=date(2019, 12, 31), post="grid")) == []
        assert list(read.filtered(everyone, on=TODAY, status="sick", org_code=EAST)) == [someone]
        assert list(read.filtered(everyone, on=TODAY - timedelta(days=1), status="sick")) == []

    def test_list_rows_cost_three_queries(self, cast: Cast, django_assert_num_queries: object) -> None:
        with django_assert_num_queries(3):  # type: ignore[operator]
            rows = list(read.for_list(Person.objects.living_records(), TODAY))
            assert all(len(row.main_posts) == 1 and list(row.certificates.all()) == [] for row in rows)


def test_accounts(cast: Cast) -> None:
    by = cast.users["district_a"]
    user = roles.open_account(username="li.na", name="李娜", person=cast.people["neighbour_a"], by=by)
    assert (user.get_full_name(), user.has_usable_password()) == ("李娜", False)
    with pytest.raises(ActionError, match="已被使用"):
        roles.open_account(username="li.na", name="李娜", by=by)
    with pytest.raises(ActionError, match="已有账号"):
        roles.open_account(username="li.na2", name="李娜", person=cast.people["neighbour_a"], by=by)
    for name in ("worker_a", "secretary_a", "subdistrict_a"):
        with pytest.raises(PermissionDenied):
            roles.open_account(username="x", name="某某", by=cast.users[name])
