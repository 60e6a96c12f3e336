"""The tree over time: dated changes, mapping of codes, loading, and reading by index range."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from tests.cast import TODAY, Cast
from tests.factories import organisation, posted

from qinglan.apps.audit.models import AuditEvent
from qinglan.apps.base.models import span
from qinglan.apps.people.actions import ActionError, organisation_load, organisations, postings
from qinglan.apps.people.models import (
    Organisation,
    OrganisationKind,
    Person,
    Posting,
    PostKind,
    RoleGrant,
    level_of,
    parent_of,
)
from qinglan.apps.people.queries import organisations as read

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 1)
BEFORE = JULY - timedelta(days=1)
EAST, WEST, OTHER = "990101001001", "990101001002", "990101002001"


class TestCodes:
    @pytest.mark.parametrize(
        ("code", "level", "parent"),
        [
            ("42", "province", ""),
            ("4201", "city", "42"),
            ("420103", "district", "4201"),
            ("420103001", "subdistrict", "420103"),
            ("420103001007", "community", "420103001"),
            ("420103001007003", "grid", "420103001007"),
            ("420103B001", "body", "420103"),
            ("420103001007T012", "body", "420103001007"),
        ],
    )
    def test_say_level_and_parent(self, code: str, level: str, parent: str) -> None:
        assert (level_of(code), parent_of(code)) == (level, parent)

    @pytest.mark.parametrize(
        "code", ["", "4", "420", "42010", "420103X001", "420103B01", "420103001007001B001", "４２", "420103 "]
    )
    def test_refuse_what_is_none(self, code: str) -> None:
        with pytest.raises(ValueError, match="不合规则"):
            parent_of(code)

    def test_bodies_stand_in_the_scope_of_their_parent_alone(self, cast: Cast) -> None:
        body = organisations.add_body(
            scope="990101", kind=OrganisationKind.BUREAU, name="甲区民政局", since=None, by=cast.users["district_a"]
        )
        firm = organisations.add_body(
            scope="990101", kind=OrganisationKind.ASSESSING_FIRM, name="某评估", since=None, by=cast.users["district_a"]
        )
        second = organisations.add_body(
            scope="990101", kind=OrganisationKind.BUREAU, name="甲区财政局", since=None, by=cast.users["district_a"]
        )
        assert [body.code, firm.code, second.code] == ["990101B001", "990101F001", "990101B002"]
        within = set(Organisation.objects.within("990101").values_list("code", flat=True))
        assert {"990101B001", "990101F001", "990101B002", EAST} <= within
        assert not Organisation.objects.within("990101001").filter(level="body").exists()
        assert not Organisation.objects.within("990102").filter(level="body").exists()


class TestChanges:
    def test_merge_in_mid_year_keeps_totals_and_history(self, cast: Cast) -> None:
        by = cast.users["district_a"]
        facts = {(EAST, date(2026, 3, 1)): 7, (WEST, date(2026, 3, 1)): 5, (OTHER, date(2026, 3, 1)): 11}
        counted_before = {b.organisation.code: b.headcount for b in read.branches("990101001", BEFORE)}
        organisations.merge(codes=[EAST, WEST], into=EAST, on=JULY, by=by, note="区政发〔2026〕1号")
        facts |= {(EAST, date(2026, 8, 1)): 2}

        old, new = read.totals(facts, BEFORE), read.totals(facts, JULY)
        assert new == {EAST: 14, OTHER: 11}
        assert sum(old.values()) == sum(new.values()) == 25
        assert read.map_code(WEST, BEFORE, JULY) == [EAST]
        assert read.map_code(WEST, BEFORE, BEFORE) == [WEST]
        assert read.map_code(EAST, JULY, BEFORE) == [EAST, WEST]
        # the tree: before as it was, after with one community and everybody in it
        assert {b.organisation.code: b.headcount for b in read.branches("990101001", BEFORE)} == counted_before
        assert counted_before == {EAST: 3, WEST: 1}
        assert {b.organisation.code: b.headcount for b in read.branches("990101001", JULY)} == {EAST: 4}
        # posts: the old one ended where it was, a new one began
        posts = Posting.objects.filter(person=cast.people["neighbour_a"]).order_by("span")
        assert [(p.org_code, p.span.lower, p.span.upper) for p in posts] == [
            (WEST, date(2020, 1, 1), JULY),
            (EAST, JULY, None),
        ]
        assert Person.objects.get(pk=cast.people["neighbour_a"].pk).org_code == EAST
        merged = Organisation.objects.as_of(JULY).get(code=EAST)
        assert "甲一西社区" in merged.aliases
        event = AuditEvent.objects.get(action="organisations.merge")
        assert (event.by_id, event.org_code, event.after["posts"]) == (by.pk, "990101001", 1)

    def test_merge_into_a_new_code_carries_roles(self, cast: Cast) -> None:
        new = "990101001009"
        organisations.merge(codes=[EAST, WEST], into=new, name="甲一新社区", on=JULY, by=None)
        assert read.map_code(EAST, BEFORE, JULY) == [new]
        assert read.headcount(new, JULY) == 4
        grants = RoleGrant.objects.filter(user=cast.users["secretary_a"]).order_by("span")
        assert [(g.org_code, g.span.upper) for g in grants] == [(EAST, JULY), (new, None)]
        assert not Organisation.objects.as_of(JULY).filter(code__in=[EAST, WEST]).exists()

    def test_split_cannot_divide_the_past_and_says_so(self, cast: Cast) -> None:
        organisations.split(
            code=EAST, into={EAST: "甲一东社区", "990101001003": "甲一南社区"}, keep=EAST, on=JULY, by=None
        )
        assert read.map_code(EAST, BEFORE, JULY) == [EAST, "990101001003"]
        assert read.totals({(EAST, BEFORE): 9, (WEST, BEFORE): 1}, JULY) == {"990101001": 9, WEST: 1}
        assert read.totals({(EAST, JULY): 9}, JULY) == {EAST: 9}

    def test_rename_keeps_the_old_name_on_its_days(self, cast: Cast) -> None:
        organisations.rename(code=EAST, name="桃花社区", on=JULY, by=cast.users["district_a"])
        assert [o.name for o in read.history(EAST)] == ["甲一东社区", "桃花社区"]
        assert read.names([EAST], BEFORE) == {EAST: "甲一东社区"}
        assert read.names([EAST], JULY) == {EAST: "桃花社区"}
        assert read.find("990101", "桃花", JULY).get().aliases == ["甲一东社区"]
        with pytest.raises(ActionError, match="无须更名"):
            organisations.rename(code=EAST, name="桃花社区", on=date(2026, 8, 1), by=None)

    def test_move_takes_everything_below_along(self, cast: Cast) -> None:
        organisations.add(code=f"{EAST}001", name="第一网格", since=None, by=None)
        organisations.move(code=EAST, to_code="990101002002", on=JULY, by=cast.users["district_a"])
        assert read.map_code(f"{EAST}001", BEFORE, JULY) == ["990101002002001"]
        assert read.headcount("990101002", JULY) == 4
        assert read.headcount("990101002", BEFORE) == 1
        assert read.headcount("990101", JULY) == read.headcount("990101", BEFORE) == 5
        assert [o.name for o in read.path("990101002002001", JULY)][-3:] == ["甲二街道", "甲一东社区", "第一网格"]

    def test_changes_follow_one_another(self, cast: Cast) -> None:
        organisations.merge(codes=[EAST, WEST], into=WEST, on=JULY, by=None)
        organisations.move(code=WEST, to_code="990101002005", on=date(2026, 10, 1), by=None)
        assert read.map_code(EAST, BEFORE, date(2026, 12, 31)) == ["990101002005"]
        assert read.map_code("990101002005", date(2026, 12, 31), BEFORE) == [EAST, WEST]
        assert read.totals({(EAST, BEFORE): 3, (WEST, JULY): 4}, date(2026, 12, 31)) == {"990101002005": 7}

    def test_totals_ask_once_for_any_number_of_values(self, cast: Cast, django_assert_num_queries: object) -> None:
        organisations.merge(codes=[EAST, WEST], into=EAST, on=JULY, by=None)
        values = {(code, date(2026, month, 1)): 1 for code in (EAST, WEST, OTHER) for month in range(1, 13)}
        with django_assert_num_queries(1):  # type: ignore[operator]
            by_new = read.totals(values, JULY)
        assert by_new == {EAST: 18, WEST: 6, OTHER: 12}  # WEST's values from July on were recorded where nothing stands

    def test_refusals_leave_nothing_behind(self, cast: Cast) -> None:
        rows = Organisation.objects.count()
        for attempt, message in {
            lambda: organisations.merge(codes=[EAST], into=EAST, on=JULY, by=None): "至少要有两个",
            lambda: organisations.merge(codes=[EAST, "990102001001"], into=EAST, on=JULY, by=None): "同一区内",
            lambda: organisations.merge(codes=[EAST, "990101001777"], into=EAST, on=JULY, by=None): "没有代码为",
            lambda: organisations.merge(codes=["990101001", "990101002"], into="990101001", on=JULY, by=None): "划转",
            lambda: organisations.close(code=EAST, on=JULY, by=None): "在任人员",
            lambda: organisations.add(code="990101009001", name="孤儿", since=None, by=None): "上级机构",
            lambda: organisations.move(code=EAST, to_code="990101", on=JULY, by=None): "层级须相同",
        }.items():
            with pytest.raises(ActionError, match=message):
                attempt()
        assert Organisation.objects.count() == rows
        assert not AuditEvent.objects.exists()


class TestLoading:
    def test_six_districts_load_and_load_again(self) -> None:
        first = organisation_load.load_districts()
        assert (first.read, first.added, first.renamed) == (1437, 1437, 0)
        again = organisation_load.load_districts()
        assert (again.added, again.renamed, again.unchanged) == (0, 0, 1437)
        assert read.path("420103001007", TODAY)[-1].name == "龙王庙社区居委会"
        levels = {o.level: o for o in Organisation.objects.filter(code__in=["42", "4201", "420103", "420103001"])}
        assert set(levels) == {"province", "city", "district", "subdistrict"}
        assert {o.parent_code for o in levels.values()} == {"", "42", "4201", "420103"}

    def test_files_of_the_country_and_a_later_edition(self, tmp_path: Path) -> None:
        (tmp_path / "provinces.csv").write_text('code,name\n98,"某省"\n', encoding="utf-8")
        (tmp_path / "cities.csv").write_text('code,name,provinceCode\n9801,"市辖区",98\n', encoding="utf-8")
        files = [tmp_path / "cities.csv", tmp_path / "provinces.csv"]  # the order does not matter
        assert organisation_load.load(files=files, source="测试", by=None).added == 2
        (tmp_path / "cities.csv").write_text(
            'code,name,provinceCode\n9801,"新市",98\n9802,"乙市",98\n', encoding="utf-8"
        )
        later = organisation_load.load(files=files, source="测试", by=None, on=JULY)
        assert (later.added, later.renamed, later.unchanged) == (1, 1, 1)
        assert [(o.name, o.valid.lower) for o in read.history("9801")] == [("市辖区", None), ("新市", JULY)]
        assert organisation_load.load(files=files, source="测试", by=None, on=JULY).unchanged == 3

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("code,name\n9,某\n", "bad.csv 第 2 行：机构代码“9”"),
            ("code,name\n98,\n", "第 2 行：机构 98 没有名称"),
            ("number,name\n98,某\n", "缺少 code 或 name"),
            ("code,name\n98,某\n98,别\n", "两个不同的名称"),
            ("code,name\n9801,某\n", "上级 98"),
            ("", "第 1 行"),
        ],
    )
    def test_bad_files_load_nothing(self, tmp_path: Path, content: str, message: str) -> None:
        (tmp_path / "bad.csv").write_text(content, encoding="utf-8")
        with pytest.raises(ActionError, match=message):
            organisation_load.load(files=[tmp_path / "bad.csv"], source="测试", by=None)
        assert not Organisation.objects.exists()


def plan_of(queryset: object) -> str:
    sql, parameters = queryset.query.sql_with_params()  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_subtree_is_an_index_range_scan(cast: Cast) -> None:
    """On tens of thousands of rows the planner reads the range of codes from the index, never the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO people_organisation (code, parent_code, level, kind, name, short_name, aliases, valid, synthetic, source)
            SELECT code, left(code, 9), 'community', 'statistical', code, '', '{}', daterange(NULL, NULL), true, ''
              FROM (SELECT (980000000000 + i * 1000)::text AS code FROM generate_series(1, 40000) i) s
            """
        )
        cursor.execute(
            """
            INSERT INTO people_person (org_code, name, pinyin, initials, sex, birth, nation, party, education, degree,
                                       sw_major, willing, synthetic)
            SELECT (980000000000 + i * 1000)::text, '某', 'mou', 'm', 'female', '1990-01-01', '', '', '', '', false, false, true
              FROM generate_series(1, 40000) i
            """
        )
        cursor.execute("ANALYZE people_organisation; ANALYZE people_person")
    for queryset, index in (
        (Organisation.objects.within("980011"), "people_org_code"),
        (Organisation.objects.within("980011").as_of(TODAY), "people_org_code"),
        (Person.objects.within("980011").order_by(), "people_person_scope"),
    ):
        plan = plan_of(queryset)
        assert index in plan, plan
        assert "Seq Scan" not in plan
        assert "Index Cond: " in plan
        assert ">= '980011'" in plan
        assert "< '980012'" in plan
    assert read.subtree_count("980011", TODAY) == 1000


def test_tree_page_asks_the_same_number_of_questions_at_any_size(cast: Cast, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert sum(b.headcount for b in read.branches("990101", TODAY)) == 5
    for i in range(3, 40):
        organisation(f"990101001{i:03d}")
        posted(f"990101001{i:03d}")
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert sum(b.headcount for b in read.branches("990101001", TODAY)) == 4 + 37


def test_people_at_a_body_count_there(cast: Cast) -> None:
    body = organisations.add_body(scope=EAST, kind=OrganisationKind.STUDIO, name="某社工室", since=None, by=None)
    postings.assign(
        person=cast.people["worker_a"], org_code=body.code, kind=PostKind.STUDIO, since=TODAY, by=None, today=TODAY
    )
    assert {b.organisation.code: b.headcount for b in read.branches(EAST, TODAY)} == {body.code: 1}
    assert {b.organisation.code: b.headcount for b in read.branches("990101001", TODAY)} == {EAST: 3, WEST: 1}


def test_a_closed_organisation_is_gone_from_its_day(cast: Cast) -> None:
    organisation("990101001007", "空社区", valid=span(None))
    organisations.close(code="990101001007", on=JULY, by=cast.users["district_a"], note="撤销")
    assert read.find("990101", "空社区", BEFORE).exists()
    assert not read.find("990101", "空社区", JULY).exists()
