"""The roster upsert: what it adds, changes, leaves alone and refuses; twice is once; all or nothing."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import TODAY, Cast
from tests.factories import id_number, organisation, roster_rows

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.people.actions import ActionError, employment, organisation_load, roster
from qinglan.apps.people.models import Certificate, Employment, ExitReason, Person, Posting, PostKind
from qinglan.apps.people.queries import people as read

pytestmark = pytest.mark.django_db
EAST, WEST, OTHER = "990101001001", "990101001002", "990101002001"
DISTRICT = "990101"
BIRTH = date(1990, 1, 2)
TRUTH = Path(__file__).parents[2] / "data" / "intake" / "roster-jianghan.truth.json"


def row(**values: Any) -> dict[str, Any]:
    """One canonical row."""
    return {
        "name": "尉迟敏",
        "sex": "女",
        "id": id_number(499, BIRTH),
        "birth": "1990-01-02",
        "nation": "汉族",
        "party": "群众",
        "edu": "大专",
        "post": "社区工作者",
        "start": "2019-07-01",
        "cert": "无",
        "cd": None,
        "phone": "13800000001",
        "org": EAST,
    } | values


def load(*rows: dict[str, Any], on: date = TODAY, by: Any = None) -> roster.Plan:
    return roster.apply(rows=list(enumerate(rows, 4)), district=DISTRICT, on=on, by=by, source="测试名册.xlsx")


def me() -> Person:
    return Person.objects.get(name="尉迟敏")


class TestOneRow:
    @pytest.fixture(autouse=True)
    def _cast(self, cast: Cast) -> None:
        self.cast = cast

    def test_adds_person_post_employment_and_certificate(self) -> None:
        plan = load(row(cert="社会工作师", cd="2021-09-01", post="网格员"))
        assert plan.counts() == {"read": 1, "added": 1, "changed": 0, "unchanged": 0, "refused": 0}
        someone = me()
        assert (someone.org_code, someone.pinyin, someone.initials, someone.sex) == (EAST, "yuchimin", "ycm", "female")
        assert (someone.birth, someone.party, someone.education, someone.synthetic) == (
            BIRTH,
            "masses",
            "college",
            True,
        )
        assert (someone.id_number.open(), someone.phone.open()) == (id_number(499, BIRTH), "13800000001")
        post = someone.postings.get()
        assert (post.kind, post.org_code, post.span.lower, post.elected) == ("grid", EAST, date(2019, 7, 1), False)
        assert post.source == "测试名册.xlsx"
        assert someone.employments.get().span.lower == date(2019, 7, 1)
        assert [(c.level, c.issued) for c in someone.certificates.all()] == [("middle", date(2021, 9, 1))]
        assert read.search(Person.objects.all(), "yuchi").get() == someone
        assert read.search(Person.objects.all(), "YCM").get() == someone

    def test_same_again_changes_nothing_at_all(self) -> None:
        rows = (
            row(cert="初级", cd="2021-09-01"),
            row(name="单雄", id=id_number(498, BIRTH), post="党委书记、居委会主任"),
        )
        load(*rows)
        tables = (Person, Posting, Employment, Certificate)
        events = [m.pgh_event_model.objects.count() for m in tables]
        plan = load(*rows, on=TODAY + timedelta(days=30))
        assert plan.counts()["unchanged"] == 2
        assert not plan.inserts
        assert not plan.updates
        assert [m.pgh_event_model.objects.count() for m in tables] == events

    def test_changed_fields_are_told_in_words_and_written(self) -> None:
        load(row())
        changed = row(name="尉迟敏敏", party="党员", edu="本科", phone="13800000002", cert="初级", cd="2025-09-01")
        plan = load(changed)
        assert plan.rows[0].diffs == {
            "姓名": ("尉迟敏", "尉迟敏敏"),
            "政治面貌": ("群众", "中共党员"),
            "最高学历": ("大专", "本科"),
            "手机号": ("138****0001", "138****0002"),
            "证书": ("", "助理社会工作师 2025-09-01"),
        }
        someone = Person.objects.get(name="尉迟敏敏")
        assert (someone.party, someone.education, someone.pinyin) == ("member", "bachelor", "yuchiminmin")
        assert someone.phone.open() == "13800000002"
        assert read.search(Person.objects.all(), "13800000002").get() == someone
        assert load(changed).counts()["unchanged"] == 1

    def test_missing_values_erase_nothing(self) -> None:
        load(row(cert="初级", cd="2021-09-01"))
        plan = load(row(party=None, edu=None, phone=None, start=None, cert="无", cd=None, nation="", post=None))
        assert plan.counts()["unchanged"] == 1

    def test_another_post_ends_the_old_one_on_the_day_of_the_roster(self) -> None:
        load(row())
        plan = load(row(post="居委会副主任", org=OTHER))
        assert plan.rows[0].diffs == {"任职": (f"{EAST} 社区工作者", f"{OTHER} 居委会副主任")}
        posts = me().postings.order_by("span")
        assert [(p.org_code, p.kind, p.span.lower, p.span.upper, p.elected) for p in posts] == [
            (EAST, "worker", date(2019, 7, 1), TODAY, False),
            (OTHER, "deputy_director", TODAY, None, True),
        ]
        assert me().org_code == OTHER
        # the same day's roster corrected: no third post
        load(row(post="党委副书记", org=OTHER))
        assert me().postings.count() == 2
        assert me().postings.latest("span").kind == PostKind.DEPUTY_SECRETARY

    def test_corrected_entry_date_corrects_employment_and_first_post(self) -> None:
        load(row())
        plan = load(row(start="2018-07-01"))
        assert plan.rows[0].diffs == {"入职日期": ("2019-07-01", "2018-07-01")}
        assert me().employments.get().span.lower == me().postings.get().span.lower == date(2018, 7, 1)

    def test_post_outside_the_list_is_kept_as_written(self) -> None:
        load(row(post="财务专员"))
        post = me().postings.get()
        assert (post.kind, post.title, post.label) == ("other", "财务专员", "财务专员")
        assert load(row(post="财务专员")).counts()["unchanged"] == 1

    def test_who_left_comes_back_only_with_a_later_entry_date(self) -> None:
        load(row())
        employment.end(person=me(), last_day=date(2026, 3, 31), reason=ExitReason.VOLUNTARY, by=None)
        assert [r[0] for r in load(row()).rows[0].reasons] == ["has left"]
        assert load(row(start="2026-05-01")).counts()["changed"] == 1
        assert [e.span.lower for e in me().employments.order_by("span")] == [date(2019, 7, 1), date(2026, 5, 1)]
        assert me().postings.get(span__upper_inf=True).org_code == EAST

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"id": None}, "no name or id"),
            ({"name": ""}, "no name or id"),
            ({"org": "990101001999"}, "unknown organisation"),
            ({"org": "990102001001"}, "unknown organisation"),
            ({"org": None}, "unknown organisation"),
            ({"edu": "私塾"}, "bad value"),
            ({"birth": None}, "no birth or sex"),
        ],
    )
    def test_rows_that_cannot_be_taken_are_refused_alone(self, values: dict[str, Any], code: str) -> None:
        plan = load(row(**values), row(name="单雄", id=id_number(498, BIRTH)))
        assert plan.counts() == {"read": 2, "added": 1, "changed": 0, "unchanged": 0, "refused": 1}
        assert plan.rows[0].reasons[0][0] == code
        assert not Person.objects.filter(name="尉迟敏").exists()

    def test_one_person_twice_in_a_file(self) -> None:
        plan = load(row(), row(post="网格员"))
        assert [r.outcome for r in plan.rows] == ["added", "refused"]
        assert me().postings.get().kind == "worker"

    def test_scope_of_the_loader_holds(self) -> None:
        officer = self.cast.users["subdistrict_a"]
        plan = load(row(), row(name="单雄", id=id_number(498, BIRTH), org=OTHER), by=officer)
        assert [r.reasons[:1] and r.reasons[0][0] for r in plan.rows] == [[], "out of scope"]
        elsewhere = self.cast.people["sibling_a"]
        values = row(name="张敏", id=elsewhere.id_number.open(), birth=str(elsewhere.birth))
        refused = load(values, by=officer).rows[0]
        assert refused.reasons[0][0] == "person elsewhere"
        assert load(values, by=self.cast.users["district_a"]).rows[0].outcome == "changed"
        foreign = self.cast.people["worker_b"]
        values = row(name="陈静", id=foreign.id_number.open(), birth=str(foreign.birth))
        assert load(values, by=officer).rows[0].outcome == "added"  # unknown here, and nothing is told

    def test_dry_run_writes_nothing_and_says_the_same(self) -> None:
        load(row())
        rows = [(4, row(edu="本科")), (5, row(name="单雄", id=id_number(498, BIRTH)))]
        people = Person.objects.count()
        dry = roster.plan(rows=rows, district=DISTRICT, on=TODAY, by=None)
        assert Person.objects.count() == people
        assert me().education == "college"
        wet = roster.apply(rows=rows, district=DISTRICT, on=TODAY, by=None, source="x")
        assert [(r.key, r.outcome, r.diffs) for r in dry.rows] == [(r.key, r.outcome, r.diffs) for r in wet.rows]

    def test_log_names_the_file_and_each_change_without_numbers(self) -> None:
        load(row(), by=self.cast.users["district_a"])
        load(row(phone="13800000002"), by=self.cast.users["district_a"])
        events = AuditEvent.objects.filter(action="roster.apply").order_by("id")
        whole = [e for e in events if e.target_key == ""]
        assert [e.after["added"] for e in whole] == [1, 0]
        single = [e for e in events if e.target_key == str(me().pk)]
        assert [e.after["outcome"] for e in single] == ["added", "changed"]
        assert single[1].after["diffs"] == {"手机号": ["138****0001", "138****0002"]}
        assert {e.by_id for e in events} == {self.cast.users["district_a"].pk}

    def test_all_or_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        load(row())
        clash = roster.plan(
            rows=[(4, row(name="单雄", id=id_number(498, BIRTH)))], district=DISTRICT, on=TODAY, by=None
        )
        clash.inserts.append(Posting(person=me(), org_code=EAST, kind="grid", span=me().postings.get().span))
        monkeypatch.setattr(roster, "plan", lambda **_: clash)
        with pytest.raises(ActionError, match="没有载入任何数据"):
            load(row())
        assert not Person.objects.filter(name="单雄").exists()


@pytest.mark.slow
def test_five_thousand_people_in_few_statements(cast: Cast) -> None:
    """The number of statements grows by batches of a thousand, not by people; the second load writes nothing."""
    codes = [f"990101001{i:03d}" for i in range(10, 60)]
    for code in codes:
        organisation(code)
    rows = list(roster_rows(codes, 5000))
    assert len({r["id"] for _, r in rows}) == 5000
    with CaptureQueriesContext(
        connection,
    ) as queries:
        plan = roster.apply(rows=rows, district=DISTRICT, on=TODAY, by=None, source="x")
    assert plan.counts()["added"] == 5000
    assert len(queries) < 60
    with CaptureQueriesContext(connection) as queries:
        again = roster.apply(rows=rows, district=DISTRICT, on=TODAY, by=None, source="x")
    assert again.counts()["unchanged"] == 5000
    assert len(queries) < 20
    assert Person.objects.within("990101001").filter(merged_into=None).count() == 5004


def test_the_roster_of_the_sources_loads_twice() -> None:
    """The canonical values of the published example, in the real district's tree."""
    organisation_load.load_districts()
    accepted = [(r["row"], r["canonical"]) for r in json.loads(TRUTH.read_text()) if r["ok"]]
    first = roster.apply(rows=accepted, district="420103", on=TODAY, by=None, source="roster-jianghan.xlsx")
    assert Counter(r.outcome for r in first.rows) == {"added": len(accepted)}, [
        r.reasons for r in first.rows if r.reasons
    ]
    second = roster.apply(rows=accepted, district="420103", on=TODAY, by=None, source="roster-jianghan.xlsx")
    assert Counter(r.outcome for r in second.rows) == {"unchanged": len(accepted)}
    assert Posting.objects.count() == Employment.objects.count() == len(accepted)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("社区书记", PostKind.SECRETARY),
        ("党总支书记", PostKind.SECRETARY),
        ("书记主任一肩挑", PostKind.SECRETARY_DIRECTOR),
        ("社区 副主任", PostKind.DEPUTY_DIRECTOR),
        ("专职社区工作者", PostKind.WORKER),
    ],
)
def test_posts_as_offices_write_them_are_known(words: str, kind: PostKind) -> None:
    assert PostKind.from_words(words) == kind
