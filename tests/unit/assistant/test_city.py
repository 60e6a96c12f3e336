"""What varies by city: filled in with day and source, only growing, shown in the answer; a workbook whose good rows go in."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from tests.factories import deciders
from tests.factories.cards import shipped_card

from qinglan.apps.assistant.actions import city
from qinglan.apps.assistant.models import CityValue
from qinglan.apps.assistant.queries import city as queries
from qinglan.apps.assistant.queries.knowledge import city_of
from qinglan.apps.audit.models import AuditEvent
from qinglan.core.intake.model import MARK_HEADER
from qinglan.core.retrieval import shipped
from qinglan.core.retrieval.deciding import preview

pytestmark = pytest.mark.django_db
A, B, FIELD = "990101", "990102", "gaoling_age"
HEAD = ["字段", "内容", "本区的值", "自哪天起", "依据"]


def today() -> date:
    return timezone.localdate()


def fill(text: str = "80", district: str = A, **more: object) -> CityValue | None:
    given = {
        "field": FIELD,
        "since": date(2026, 1, 1),
        "source": "甲政发〔2025〕3号第二条",
        "by": deciders(district)[0],
    } | more
    return city.fill(district=district, text=text, **given)


def one(district: str = A) -> queries.Field:
    found = queries.field_of(district, FIELD, today())
    assert found is not None
    return found


def answer(district: str) -> str:
    lines = preview(shipped_card(), today=today(), city=city_of(district, today())).lines
    return "；".join(text for label, text in lines if label == one().label)


def test_every_field_of_every_card_is_there_once(cast):
    names = [field.name for field in queries.fields(A, today())]
    assert sorted(names) == sorted({field.name for card in shipped.cards() for field in card.city})
    assert all(field.cards and field.knows for field in queries.fields(A, today()))


def test_an_answer_says_value_and_date_or_who_knows(cast):
    assert "还没有填写，请向" in answer(A)
    fill()
    assert answer(A) == "80岁（甲区填写，2026年1月1日）"
    assert "还没有填写" in answer(B), "the other district has said nothing"
    fill("", since=today(), source="办法已废止")
    assert "还没有填写，请向" in answer(A)


def test_the_newest_counts_from_its_day_and_old_ones_stay(cast):
    fill("80")
    fill("75", since=today() + timedelta(days=5))
    assert one().text == "80"
    assert one().coming.text == "75"
    assert city_of(A, today() + timedelta(days=5)).values[FIELD].text == "75"
    fill("79", source="更正")
    assert one().text == "79", "of the same day the later one counts"
    assert [row.text for row in queries.history(A, FIELD)] == ["75", "79", "80"]


def test_the_same_again_is_no_row(cast):
    assert fill() is not None
    assert fill() is None
    assert CityValue.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"text": "80周岁"}, None, ""),  # the control: plain words go in
        ({"text": "八" * 61}, "text", "不超过 60 字"),
        ({"text": "80\n90"}, "text", "写成一行"),
        ({"text": "80\u202e09"}, "text", "看不见的字符"),
        ({"text": "80\x00"}, "text", "看不见的字符"),
        ({"text": "622202100112345678"}, "text", "身份证号或账号"),
        ({"text": "<b>80</b>"}, "text", "平常的文字"),
        ({"text": "{{ settings.SECRET_KEY }}"}, "text", "平常的文字"),
        ({"text": "{% debug %}"}, "text", "平常的文字"),
        ({"text": "[点这里](x)"}, "text", "平常的文字"),
        ({"text": "=cmd|'/c calc'!A1"}, "text", "不能以 ="),
        ({"text": "@SUM(1)"}, "text", "不能以 ="),
        ({"source": " "}, "source", "写明依据"),
        ({"source": "据" * 121}, "source", "不超过 120 字"),
        ({"source": "<script>x</script>"}, "source", "平常的文字"),
        ({"since": date(2031, 1, 1)}, "since", "今天以后一年"),
        ({"since": date(1949, 10, 1)}, "since", "1990 年以后"),
        ({"text": ""}, "text", "还不知道的不必填"),
    ],
)
def test_what_may_not_be_filled_in_is_said_at_its_field(cast, changes, field, said):
    if field is None:
        assert fill(**changes).text == changes["text"]
        return
    with pytest.raises(ValidationError) as error:
        fill(**changes)
    assert said in "".join(error.value.message_dict[field])
    assert not CityValue.objects.exists()


def test_an_older_day_than_the_one_in_force_is_refused(cast):
    fill()
    with pytest.raises(ValidationError, match="新值不能更早"):
        fill("75", since=date(2025, 1, 1))


def test_a_field_that_no_card_has_is_refused(cast):
    with pytest.raises(ValidationError, match="没有这一项"):
        fill(field="no_such_field")


@pytest.mark.parametrize("name", ["district_b", "subdistrict_a", "worker_a", "auditor_a", "administrator", "nobody"])
def test_only_the_districts_officer_fills_in(cast, name):
    with pytest.raises(PermissionDenied):
        fill(by=cast.users[name])
    with pytest.raises(PermissionDenied):
        city.bring_in(
            district=A, filename="a.xlsx", data=book([FIELD, "", "80", "2026-01-01", "文件"]), by=cast.users[name]
        )


def test_it_is_in_the_log_with_before_and_after_and_never_changes(cast):
    fill()
    row = fill("79")
    event = AuditEvent.objects.filter(action="assistant.city").latest("pk")
    assert event.before == {"text": "80", "since": "2026-01-01", "source": row.source}
    assert event.after["text"] == "79"
    assert (event.org_code, event.target_key, event.by_id) == (A, str(row.pk), deciders(A)[0].pk)
    for act in (lambda: CityValue.objects.update(text="1"), lambda: CityValue.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def book(*rows: list[object], head: list[str] = HEAD) -> bytes:
    made = openpyxl.Workbook()
    made.active.append(["说明：只填三列"])
    for row in [head, *rows]:
        made.active.append(row)
    kept = io.BytesIO()
    made.save(kept)
    return kept.getvalue()


def bring(*rows: list[object], **more: object) -> city.Brought:
    return city.bring_in(district=A, filename="本区的值.xlsx", data=book(*rows, **more), by=deciders(A)[1])


def others(count: int) -> list[str]:
    return [field.name for field in queries.fields(A, today()) if field.name != FIELD][:count]


def test_good_rows_go_in_and_bad_rows_come_back_marked_in_the_same_workbook(cast):
    first, second, third = others(3)
    fill("80", field=third)
    brought = bring(
        [FIELD, "高龄津贴", "80", date(2026, 1, 1), "甲政发〔2025〕3号"],
        [first, "", "<i>1</i>", "2026-01-01", "文件"],
        [second, "", None, None, None],
        ["nowhere", "", "1", "2026-01-01", "文件"],
        [third, "", "80", "2026年1月1日", "甲政发〔2025〕3号第二条"],
        [FIELD, "", "81", "2026-01-01", "文件"],
    )
    assert [row.outcome for row in brought.report.rows] == [
        "accepted",
        "refused",
        "skipped",
        "refused",
        "unchanged",
        "refused",
    ]
    assert one().text == "80"
    sheet = openpyxl.load_workbook(io.BytesIO(brought.marked)).active
    head = [cell.value for cell in sheet[2]]
    marks = {row[0].value: row[head.index(MARK_HEADER)].value for row in sheet.iter_rows(min_row=3)}
    assert "平常的文字" in marks[first]
    assert "没有这个字段" in marks["nowhere"]
    assert "写了两次" in marks[FIELD]
    assert marks[third] is None


def test_the_marked_workbook_goes_in_once_mended(cast):
    brought = bring([FIELD, "", "80", "不知道", "文件"])
    made = openpyxl.load_workbook(io.BytesIO(brought.marked))
    made.active.cell(3, 4).value = "2026-01-01"
    kept = io.BytesIO()
    made.save(kept)
    again = city.bring_in(district=A, filename="已标注.xlsx", data=kept.getvalue(), by=deciders(A)[1])
    assert again.report.counts()["accepted"] == 1
    assert again.marked is None


@pytest.mark.parametrize(
    ("day", "said"),
    [("", "写明自哪天起"), ("不知道", "读不出"), ("2026", "读不出"), (2019.1, "读不出"), ("2031-01-01", "一年")],
)
def test_a_day_that_cannot_be_read_is_refused(cast, day, said):
    row = bring([FIELD, "", "80", day, "文件"]).report.rows[0]
    assert row.outcome == "refused"
    assert said in row.reasons[0].message
    assert row.reasons[0].column == "D"


@pytest.mark.parametrize("day", ["", "不知道"])
def test_everything_wrong_with_a_row_is_said_at_once(cast, day):
    reasons = bring([FIELD, "", "<b>", day, ""]).report.rows[0].reasons
    assert sorted(one.field for one in reasons) == ["since", "source", "text"]


def test_a_workbook_with_formulas_fills_nothing_in(cast):
    """The reader refuses or reads them as text; nothing is computed and no formula goes in."""
    try:
        brought = bring([FIELD, "", '=HYPERLINK("http://x","80")', "2026-01-01", "文件"])
    except ValidationError as error:
        assert "公式" in "".join(error.messages)  # noqa: PT017
    else:
        assert brought.report.counts()["accepted"] == 0
    assert not CityValue.objects.exists()


@pytest.mark.parametrize(("data", "name"), [(b"not a workbook", "a.xlsx"), (b"", "a.csv"), (b"\x00" * 99, "a.xls")])
def test_what_is_no_workbook_is_refused_in_a_sentence(cast, data, name):
    with pytest.raises(ValidationError):
        city.bring_in(district=A, filename=name, data=data, by=deciders(A)[1])


def test_a_workbook_without_the_columns_is_told_so(cast):
    with pytest.raises(ValidationError, match="没有找到表头"):
        bring([FIELD, "", "80", "2026-01-01", "文件"], head=["字段", "内容", "值", "日期", "依据"])
