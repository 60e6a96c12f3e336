"""Writing to records and to the tree from pages: each form's good way, and a refusal said at the field that it is about."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.people.models import (
    Certificate,
    Organisation,
    OrganisationChange,
    Person,
    PersonMerge,
    Posting,
    Schooling,
)
from tests import factories

pytestmark = pytest.mark.django_db

EAST, WEST = "990101001001", "990101001002"


@pytest.fixture
def officer(cast, client):
    client.force_login(cast.users["district_a"])
    return client


def _errors(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200, answer.status_code
    return {field: [str(one) for one in errors] for field, errors in answer.context["form"].errors.items()}


def _saved(answer) -> None:
    assert answer.status_code == 302, answer.context["form"].errors


def _last_action() -> str:
    return AuditEvent.objects.order_by("-pk").first().action


NEW = {
    "org_code": EAST,
    "name": "林 晓青",
    "id_number": factories.id_number(300, date(1991, 5, 6)),
    "phone": "13900001111",
}


def test_new_person_with_entry_and_post(cast, officer):
    answer = officer.post("/people/new/", NEW | {"kind": "grid", "entry_date": "2026-03-01", "contract": "labour"})
    someone = Person.objects.get(name="林晓青")
    assert answer.url == f"/people/{someone.pk}/"
    assert (someone.sex, someone.birth, someone.org_code) == ("female", date(1991, 5, 6), EAST)
    assert someone.employments.get().span.lower == date(2026, 3, 1)
    assert someone.postings.get().kind == "grid"


def test_new_person_as_a_record_alone(cast, officer):
    _saved(officer.post("/people/new/", NEW))
    assert not Person.objects.get(name="林晓青").postings.exists()


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        (
            {"id_number": NEW["id_number"][:17] + ("0" if NEW["id_number"][17] != "0" else "1")},
            "id_number",
            "校验位不对",
        ),
        ({"birth": "1991-05-07"}, "birth", "身份证号中的出生日期 1991-05-06"),
        ({"sex": "male"}, "sex", "身份证号表示性别为女"),
        ({"id_number": ""}, "birth", "没有身份证号时须填写"),
        ({"phone": "123"}, "phone", "11 位数字"),
        ({"kind": "grid"}, "entry_date", "须同时填写"),
        ({"org_code": "990102001001"}, "org_code", "选择一个有效的选项"),
    ],
)
def test_new_person_is_refused_at_the_field(change, field, sentence, cast, officer):
    count = Person.objects.count()
    assert sentence in _errors(officer.post("/people/new/", NEW | change))[field][0]
    assert Person.objects.count() == count


def test_nothing_is_kept_when_the_first_post_is_refused(cast, officer):
    grid = f"{EAST}001"
    _saved(_change(officer, EAST, "add", code=grid, name="第一网格", since="2026-05-01", source="街道文件"))
    answer = officer.post("/people/new/", NEW | {"org_code": grid, "kind": "grid", "entry_date": "2026-03-01"})
    assert "2026-03-01 没有代码为" in _errors(answer)["org_code"][0]
    assert not Person.objects.filter(name="林晓青").exists()


def test_known_id_number_is_refused(cast, officer):
    number = cast.people["worker_a"].id_number.open()
    assert (
        "本区已有使用这个身份证号" in _errors(officer.post("/people/new/", NEW | {"id_number": number}))["id_number"][0]
    )


def _fields(someone: Person, **changed: str) -> dict[str, str]:
    return {"name": someone.name, "sex": someone.sex, "birth": f"{someone.birth}"} | changed


def test_fields_are_corrected_and_sealed_ones_stay_when_left_empty(cast, officer):
    someone = cast.people["worker_a"]
    number = someone.id_number.open()
    _saved(officer.post(f"/people/{someone.pk}/change/fields/", _fields(someone, name="仇小芳", nation="汉族")))
    someone.refresh_from_db()
    assert (someone.name, someone.pinyin, someone.nation) == ("仇小芳", "qiuxiaofang", "汉族")
    assert someone.id_number.open() == number
    assert _last_action() == "persons.update"


def test_birth_that_contradicts_the_number_is_refused(cast, officer):
    someone = cast.people["worker_a"]
    answer = officer.post(f"/people/{someone.pk}/change/fields/", _fields(someone, birth="2001-01-01"))
    assert "与填写的 2001-01-01 不一致" in _errors(answer)["birth"][0]


def test_post_is_assigned_and_the_person_moves(cast, officer):
    someone = cast.people["worker_a"]
    data = {
        "org_code": WEST,
        "kind": "other",
        "title": "档案员",
        "since": "2026-01-01",
        "main": "1",
        "track": "management",
    }
    _saved(officer.post(f"/people/{someone.pk}/change/post/", data))
    someone.refresh_from_db()
    assert someone.org_code == WEST
    assert [one.span.upper for one in someone.postings.order_by("span")] == [date(2026, 1, 1), None]
    assert "档案员" in officer.get(f"/people/{someone.pk}/").content.decode()


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"since": "2019-01-01"}, "since", "已有主岗任职"),
        ({"until": "2025-01-01"}, "until", "不能早于"),
        ({"org_code": "990102001001"}, "org_code", "选择一个有效的选项"),
        ({"kind": "other"}, "title", "请写明岗位名称"),
    ],
)
def test_post_is_refused_at_the_field(change, field, sentence, cast, officer):
    someone = cast.people["worker_a"]
    data = {"org_code": WEST, "kind": "grid", "since": "2026-01-01", "main": "1", "track": "management"} | change
    assert sentence in _errors(officer.post(f"/people/{someone.pk}/change/post/", data))[field][0]


def test_post_ends_after_its_last_day(cast, officer):
    post = Posting.objects.get(person=cast.people["worker_a"])
    address = f"/people/{post.person_id}/posts/{post.pk}/end/"
    assert "结束日期须晚于" in _errors(officer.post(address, {"on": "2019-12-31"}))["on"][0]
    _saved(officer.post(address, {"on": "2026-06-30"}))
    post.refresh_from_db()
    assert post.span.upper == date(2026, 7, 1)


def test_leave_and_begin_again(cast, officer):
    someone = cast.people["worker_a"]
    begin = {"entry_date": "2026-03-01", "employer": "990101", "recognised_months": "6"}
    assert "已有用工记录" in _errors(officer.post(f"/people/{someone.pk}/change/begin/", begin))["entry_date"][0]
    leave = {"last_day": "2026-01-31", "reason": "voluntary"}
    early = officer.post(f"/people/{someone.pk}/change/leave/", leave | {"last_day": "2019-01-01"})
    assert "不能早于入职日期" in _errors(early)["last_day"][0]
    _saved(officer.post(f"/people/{someone.pk}/change/leave/", leave))
    assert someone.postings.get().span.upper == date(2026, 2, 1)
    assert someone.user.grants.get().span.upper == date(2026, 2, 1)
    _saved(officer.post(f"/people/{someone.pk}/change/begin/", begin))
    assert someone.employments.order_by("-span")[0].recognised_months == 6


def test_status(cast, officer):
    someone = cast.people["worker_a"]
    address, data = (
        f"/people/{someone.pk}/change/status/",
        {"kind": "sick", "since": "2026-01-05", "until": "2026-01-09"},
    )
    _saved(officer.post(address, data))
    assert someone.statuses.get().span.upper == date(2026, 1, 10)
    assert "已登记其他状态" in _errors(officer.post(address, data))["since"][0]


def test_certificate_and_its_renewal(cast, officer):
    someone = cast.people["worker_a"]
    address, data = f"/people/{someone.pk}/change/certificate/", {"level": "middle", "issued": "2022-09-01"}
    wrong = officer.post(address, data | {"registered_until": "2021-01-01"})
    assert "不能早于取得日期" in _errors(wrong)["registered_until"][0]
    _saved(officer.post(address, data | {"registered_until": "2025-08-31"}))
    assert "已登记过" in _errors(officer.post(address, data))["level"][0]
    certificate = Certificate.objects.get()
    renewing = f"/people/{someone.pk}/certificates/{certificate.pk}/renew/"
    assert (
        "须晚于原有效期" in _errors(officer.post(renewing, {"registered_until": "2025-08-31"}))["registered_until"][0]
    )
    _saved(officer.post(renewing, {"registered_until": "2028-08-31"}))
    certificate.refresh_from_db()
    assert certificate.registered_until == date(2028, 8, 31)


def test_schooling_raises_education(cast, officer):
    someone = cast.people["worker_a"]
    address, data = f"/people/{someone.pk}/change/schooling/", {"level": "master", "graduated": "2024-06-30"}
    assert "graduated" in _errors(officer.post(address, {"level": "master"}))
    _saved(officer.post(address, data))
    assert Schooling.objects.get().level == "master"
    someone.refresh_from_db()
    assert someone.education == "master"


def test_grade(cast, officer):
    someone = cast.people["worker_a"]
    address = f"/people/{someone.pk}/change/grade/"
    data = {"ladder": "五级九档", "grade": "3", "since": "2026-01-01", "reason": "2025 年度考核"}
    _saved(officer.post(address, data))
    assert "已有这一体系的等级" in _errors(officer.post(address, data))["since"][0]
    assert "五级九档第 3 档" in officer.get(f"/people/{someone.pk}/").content.decode()


def test_duplicates_are_listed_compared_merged_and_parted(cast, officer):
    known = cast.people["worker_a"]
    twin = factories.posted(WEST, name=known.name, birth=known.birth, id_number=None, since=date(2018, 1, 1))
    compare = f"/people/duplicates/{known.pk}/{twin.pk}/"
    assert compare in officer.get("/people/duplicates/").content.decode()
    page = officer.get(compare)
    assert page.context["form"].initial["kept"] == known.pk
    assert known.id_number.open() not in page.content.decode()
    assert "reason" in _errors(officer.post(compare, {"kept": known.pk}))
    _saved(officer.post(compare, {"kept": known.pk, "reason": "本人确认"}))
    twin.refresh_from_db()
    assert twin.merged_into_id == known.pk
    undo = f"/people/merges/{PersonMerge.objects.get().pk}/undo/"
    listed = officer.get("/people/duplicates/").content.decode()
    assert undo in listed
    assert compare not in listed
    _saved(officer.post(undo))
    twin.refresh_from_db()
    assert twin.merged_into_id is None
    assert _last_action() == "persons.unmerge"
    assert "已经撤销过" in _errors(officer.post(undo))["__all__"][0]


def test_account_goes_with_the_merge_and_comes_back(cast, officer):
    kept = factories.posted(EAST, name="仇芳")
    gone = cast.people["worker_a"]
    officer.post(f"/people/duplicates/{kept.pk}/{gone.pk}/", {"kept": kept.pk, "reason": "同一人"})
    cast.users["worker_a"].refresh_from_db()
    assert cast.users["worker_a"].person_id == kept.pk
    officer.post(f"/people/merges/{PersonMerge.objects.get().pk}/undo/")
    cast.users["worker_a"].refresh_from_db()
    assert cast.users["worker_a"].person_id == gone.pk


TODAY = timezone.localdate()
DAY = {"on": f"{TODAY}", "note": "区发〔2026〕1号"}


def _change(officer, place: str, what: str, /, **data):
    return officer.post(f"/organisations/{place}/change/{what}/", data)


def test_grid_is_added_with_the_next_code(cast, officer):
    code = officer.get(f"/organisations/{EAST}/change/add/").context["form"].initial["code"]
    assert code == f"{EAST}001"
    _saved(_change(officer, EAST, "add", code=code, name="第一网格", source="街道文件"))
    assert Organisation.objects.get(code=code).level == "grid"
    assert "已有机构使用" in _errors(_change(officer, EAST, "add", code=code, name="又一个", source="x"))["code"][0]
    assert "应以" in _errors(_change(officer, EAST, "add", code=f"{WEST}001", name="别处", source="x"))["code"][0]


def test_body_gets_a_code_of_ours(cast, officer):
    _saved(_change(officer, "990101", "body", kind="social_organisation", name="桃花社工服务社"))
    assert Organisation.objects.get(name="桃花社工服务社").code == "990101S001"
    assert "kind" in _errors(_change(officer, "990101", "body", kind="statistical", name="x"))


def test_rename_stands_in_the_history(cast, officer):
    assert "就是现在的名称" in _errors(_change(officer, EAST, "rename", name="甲一东社区", **DAY))["name"][0]
    _saved(_change(officer, EAST, "rename", name="甲一新东社区", **DAY))
    assert "甲一新东社区" in officer.get(f"/organisations/{EAST}/").content.decode()
    assert (
        "区发〔2026〕1号" in officer.get("/organisations/990101/").content.decode()
    )  # the district tells of those below


def test_merge_carries_people(cast, officer):
    assert "codes" in _errors(_change(officer, EAST, "merge", into=EAST, **DAY))
    assert "同级" in _errors(_change(officer, EAST, "merge", codes=[WEST], into="990101001009", **DAY))["name"][0]
    _saved(_change(officer, EAST, "merge", codes=[WEST], into=EAST, **DAY))
    assert Person.objects.get(pk=cast.people["neighbour_a"].pk).org_code == EAST
    closed = officer.get(f"/organisations/{WEST}/").content.decode()
    assert "今天不在册" in closed
    assert "合并" in closed


def test_split_keeps_people_in_the_part_named(cast, officer):
    form = officer.get(f"/organisations/{EAST}/change/split/").context["form"]
    assert form.fields["code_2"].initial == "990101001003"
    data = {"code_1": EAST, "name_1": "甲一东社区", "code_2": "990101001003", "name_2": "甲一南社区", "keep": "2"} | DAY
    assert "没有填写名称" in _errors(_change(officer, EAST, "split", **data | {"keep": "3"}))["keep"][0]
    _saved(_change(officer, EAST, "split", **data))
    assert Person.objects.get(pk=cast.people["worker_a"].pk).org_code == "990101001003"


def test_move_takes_the_next_code_of_the_new_parent(cast, officer):
    wrong = _change(officer, WEST, "move", parent="990101002", to_code="990101001009", **DAY)
    assert "应以 990101002 开头" in _errors(wrong)["to_code"][0]
    _saved(_change(officer, WEST, "move", parent="990101002", **DAY))
    assert Organisation.objects.get(code="990101002002").name == "甲一西社区"
    assert OrganisationChange.objects.get().kind == "move"


def test_close_is_refused_while_people_serve_there(cast, officer):
    assert "还有在任人员" in _errors(_change(officer, WEST, "close", **DAY))["__all__"][0]
    post = Posting.objects.get(person=cast.people["neighbour_a"])
    officer.post(f"/people/{post.person_id}/posts/{post.pk}/end/", {"on": f"{TODAY - timedelta(days=1)}"})
    _saved(_change(officer, WEST, "close", **DAY))
    page = officer.get(f"/organisations/{WEST}/").content.decode()
    assert "撤销" in page
    assert "区发〔2026〕1号" in page
