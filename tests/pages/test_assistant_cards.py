"""The officer's pages of knowledge cards: list, card, draft, two people, files, what varies by city."""

import base64
import io
import re
from datetime import timedelta

import openpyxl
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from qinglan.apps.assistant.models import CardVersion, CityValue, HandOver, Question, Talk
from qinglan.apps.people.models import RoleGrant
from qinglan.core.retrieval import shipped
from tests.factories import deciders
from tests.factories.cards import measured, mended, new_card, released

pytestmark = pytest.mark.django_db
LIST, CARD = "/assistant/cards/", "/assistant/cards/35/"


def text(client: Client, address: str, **more: str) -> str:
    answer = client.get(address, more or None)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def titles(page: str) -> list[str]:
    return re.findall(r'data-label="卡片"><a [^>]+>([^<]+)<', page)


def test_every_card_stands_on_the_list(officer):
    found = [title for page in range(1, 4) for title in titles(text(officer, LIST, per_page="100", page=str(page)))][
        :200
    ]
    assert set(found) == {card.title for card in shipped.cards()}


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ({"q": "35"}, "高龄津贴怎么领"),
        ({"q": "s7"}, next(card.title for card in shipped.cards() if "S7" in card.items)),
        ({"q": "俺爹八十咧"}, "高龄津贴怎么领"),
        ({"q": "老年人权益保障法 低收入老年人"}, "高龄津贴怎么领"),
    ],
)
def test_a_card_is_found_by_number_question_and_text(officer, asked, first):
    assert titles(text(officer, LIST, **asked))[:1] == [first]


def test_filters_narrow_the_list(officer):
    every = {card.title: card for card in shipped.cards()}
    kinds = titles(text(officer, LIST, kind="certificate", per_page="100"))
    assert kinds
    assert {every[title].kind for title in kinds} == {"certificate"}
    varying = titles(text(officer, LIST, show="unfilled", per_page="100"))
    assert set(varying) == {title for title, card in every.items() if card.city}
    workers = titles(text(officer, LIST, audience="worker", per_page="100"))
    assert workers
    assert all(every[title].audience != "resident" for title in workers)
    assert "没有符合条件的卡片" in text(officer, LIST, show="own")
    assert "没有符合条件的卡片" in text(officer, LIST, q="量子力学")
    assert titles(text(officer, LIST, show="nonsense")), "an address that makes no sense shows all"


def test_the_list_is_a_workbook_too(officer):
    answer = officer.get(LIST, {"export": "xlsx", "q": "35"})
    assert answer["Content-Type"].endswith("sheet")
    assert answer.content[:2] == b"PK"


def test_a_card_is_shown_whole_and_as_it_is_read(officer):
    page, card = text(officer, CARD), next(card for card in shipped.cards() if card.key == "35")
    for said in (
        card.answer,
        card.next,
        card.decides,
        *card.asked,
        *map(str, card.law),
        *(one.label for one in card.city),
    ):
        assert said in page
    assert f"请问{card.decides}" in page, "an unfilled field says who knows"


@pytest.mark.parametrize("key", ["120", "120-2"])
def test_the_two_cards_of_one_item_have_a_page_each(officer, key):
    assert f"编号 {key}" in text(officer, f"{LIST}{key}/")


@pytest.mark.parametrize(
    "address", [f"{LIST}999/", f"{LIST}N1/", f"{CARD}?district=990102", f"{LIST}versions/999999999/"]
)
def test_what_there_is_not_is_not_there(officer, address):
    assert officer.get(address).status_code == 404


def test_it_is_for_those_who_keep_cards(sign_in):
    for name in ("subdistrict_a", "worker_a", "auditor_a", "administrator"):
        answer = sign_in(name).get(LIST)
        assert answer.status_code == 403
        assert "区级管理员" in answer.content.decode()


def tomorrow() -> str:
    return (timezone.localdate() + timedelta(days=1)).isoformat()


def sent(client: Client, address: str, **changes: object) -> dict[str, object]:
    """What the form at an address sends when nothing is changed but these."""
    page = client.get(address)
    assert page.status_code == 200, page.status_code
    found: dict[str, object] = {}
    for name in ("form", "laws", "fields"):
        form = page.context[name]
        for one in [form] if name == "form" else [form.management_form, *form]:
            found |= {one.add_prefix(field): one[field].value() for field in one.fields}
    return {key: value for key, value in (found | changes).items() if value is not None}


def last() -> CardVersion:
    return CardVersion.objects.latest("pk")


def test_an_unchanged_form_says_that_nothing_changed(officer):
    """The control of the form: it gives back the very card that it was filled with."""
    for key in ("35", "S7", "120-2", "W4"):
        answer = officer.post(f"{LIST}{key}/edit/", sent(officer, f"{LIST}{key}/edit/"))
        assert answer.status_code == 422, key
        assert "完全一样" in answer.content.decode(), key
    assert not CardVersion.objects.exists()


def test_a_card_is_mended_submitted_and_released(officer, client):
    said = "甲区的老人满八十周岁就能领高龄津贴，到街道窗口申请，标准见下面。"
    officer.post(f"{CARD}edit/", sent(officer, f"{CARD}edit/", answer=said, note="改得更白"), follow=True)
    row = last()
    page = text(officer, f"{LIST}versions/{row.pk}/")
    assert said in page
    assert "答复" in page
    assert "完全一样" not in page
    officer.post(f"{LIST}versions/{row.pk}/move/", {"move": "submit", "note": ""})
    told = officer.post(f"{LIST}versions/{row.pk}/move/", {"move": "release", "note": ""}, follow=True).content.decode()
    assert "须由另一人发布" in told
    client.force_login(deciders("990101")[1])
    told = client.post(f"{LIST}versions/{row.pk}/move/", {"move": "release", "note": ""}, follow=True).content.decode()
    assert "还没有照现在的知识卡评测过" in told
    assert "还没有评测" in text(client, f"{LIST}versions/{row.pk}/")
    measured(row)
    assert "已评测" in text(client, f"{LIST}versions/{row.pk}/")
    told = client.post(f"{LIST}versions/{row.pk}/move/", {"move": "release", "note": ""}, follow=True).content.decode()
    assert "已发布" in told
    assert said in text(client, CARD)
    assert titles(text(client, LIST, show="own")) == ["高龄津贴怎么领"]


def test_nothing_typed_is_lost_where_something_is_wrong(officer):
    body = sent(
        officer, f"{LIST}new/", title="共享菜园", answer="太短", next="去报名", basis="社区公告", q_plain="菜园怎么报名\n菜园在哪",
        **{"law-0-name": "《民法典》", "law-0-articles": "第十条", "city-0-label": "每块多少钱", "city-0-unit": "元/年"},
    )  # fmt: skip
    answer = officer.post(f"{LIST}new/", body)
    page = answer.content.decode()
    assert answer.status_code == 422
    for typed in ("共享菜园", "太短", "去报名", "菜园怎么报名\n菜园在哪", "第十条", "每块多少钱", "元/年"):
        assert typed in page
    assert "请写阿拉伯数字" in page
    assert "现有 2 字；请写到至少 20 字" in page
    body |= {"answer": "社区的共享菜园由居民认领，每年春天报名，先到先得，以公布为准。", "law-0-articles": "10"}
    page = officer.post(f"{LIST}new/", body).content.decode()
    assert "缺少问法" in page
    assert not CardVersion.objects.exists()
    body |= {f"q_{way}": "\n".join(lines) for way, lines in new_card().questions.items()}
    officer.post(f"{LIST}new/", body)
    content = last().content["card"]
    assert content["items"] == ["N1"]
    assert content["law"] == [{"name": "民法典", "articles": ["10"]}]
    assert content["city"] == [{"name": "own_1", "label": "每块多少钱", "unit": "元/年"}]


def test_a_field_that_another_card_has_is_the_same_field(officer):
    shared = next(card for card in shipped.cards() if card.key == "35").city[0]
    body = sent(officer, f"{LIST}new/", title="共享菜园", **{"city-0-label": shared.label, "city-0-unit": shared.unit})
    kept = new_card()
    body |= {f"q_{way}": "\n".join(lines) for way, lines in kept.questions.items()}
    officer.post(f"{LIST}new/", body | {"answer": kept.answer, "next": kept.next, "basis": "公告"})
    assert last().content["card"]["city"] == [shared.model_dump()]


def test_who_mends_an_older_version_is_told(officer):
    body = sent(officer, f"{CARD}edit/", fee="不收费")
    newer = released(mended(limit="十五天"))
    page = officer.post(f"{CARD}edit/", body).content.decode()
    assert "已换了新的版本" in page
    assert "不收费" in page
    assert not CardVersion.objects.exclude(pk=newer.pk).exists()


def test_her_draft_is_gone_on_with_and_another_version_may_be_the_beginning(officer, cast):
    officer.post(f"{CARD}edit/", sent(officer, f"{CARD}edit/", fee="不收费"))
    first = last()
    assert sent(officer, f"{CARD}edit/")["fee"] == "不收费"
    officer.post(f"{CARD}edit/", sent(officer, f"{CARD}edit/", limit="十五天"))
    assert last().content["card"]["fee"] == "不收费"
    first.refresh_from_db()
    assert first.state == "withdrawn"
    assert sent(officer, f"{CARD}edit/?version={first.pk}")["limit"] == ""
    for number in ("999999999", "x", "²", "9" * 30):
        assert officer.get(f"{CARD}edit/?version={number}").status_code == 404


def test_an_answer_of_a_person_becomes_a_card(officer, cast):
    given = {
        "text": "菜园怎么报名",
        "answer": "每年三月到居委会登记，先到先得，一户一块地。",
        "answered_by_name": "x",
        "state": "answered",
    }
    row = HandOver.objects.create(org_code="990101001001", **given)
    waits = HandOver.objects.create(org_code="990101001001", text="还没答")
    theirs = HandOver.objects.create(org_code="990102001001", **given)
    begun = sent(officer, f"{LIST}new/?hand_over={row.pk}")
    assert begun["answer"] == row.answer
    assert begun["q_plain"] == row.text
    kept = new_card()
    body = (
        begun
        | {f"q_{way}": "\n".join(lines) for way, lines in kept.questions.items()}
        | {"title": kept.title, "next": "去登记。"}
    )
    officer.post(f"{LIST}new/?hand_over={row.pk}", body)
    assert last().hand_over == row
    for number in (waits.pk, theirs.pk, "x"):
        assert officer.get(f"{LIST}new/?hand_over={number}").status_code == 404


def test_questions_of_residents_become_ways_of_asking(officer, cast):
    rows = []
    for place in ("990101001001", "990102001001"):
        talk = Talk.objects.create(key=place, channel="page", org_code=place)
        rows.append(Question.objects.create(talk=talk, text=f"{place}老人钱咋领", outcome="refused", reply={}))
    address = f"{CARD}edit/?questions={rows[0].pk},{rows[1].pk},x,{'9' * 30}"
    body = sent(officer, address)
    assert rows[0].text in body["q_plain"].splitlines()
    assert rows[1].text not in body["q_plain"]
    officer.post(address, body)
    assert list(last().questions.all()) == [rows[0]]


def upload(client: Client, raw: bytes, name: str = "卡片.yaml"):
    return client.post(f"{LIST}file/", {"file": SimpleUploadedFile(name, raw), "since": tomorrow(), "note": ""})


def test_a_file_goes_out_and_comes_back_mended(officer):
    raw = officer.get(f"{CARD}card.yaml").content.decode()
    answer = upload(officer, raw.encode())
    assert answer.status_code == 422
    assert "完全一样" in answer.content.decode()
    assert upload(officer, raw.replace("fee: ''", "fee: 不收费").encode()).status_code == 302
    assert last().content["card"]["fee"] == "不收费"


def test_of_a_file_of_all_cards_only_what_changed_is_kept(officer):
    raw = officer.get(f"{LIST}all.yaml").content.decode()
    assert len(yaml.load(raw, Loader=yaml.CSafeLoader)) == len(shipped.cards())
    assert upload(officer, raw.replace("title: 高龄津贴怎么领", "title: 高龄津贴怎样领").encode()).status_code == 302
    assert [row.title for row in CardVersion.objects.all()] == ["高龄津贴怎样领"]


def test_a_hand_over_opens_the_form_of_its_own_district(officer, cast):
    grant = RoleGrant.objects.get(user=cast.users["district_a"])
    RoleGrant.objects.create(user=grant.user, role=grant.role, org_code="990102", span=grant.span)
    row = HandOver.objects.create(
        org_code="990102001001", state="answered", text="菜园", answer="有", answered_by_name="x"
    )
    assert "乙区" in text(officer, f"{LIST}new/?hand_over={row.pk}")
    assert officer.get(f"{LIST}new/?hand_over={row.pk}&district=990101").status_code == 404


def test_a_new_card_comes_by_file_without_a_number(officer):
    plain = {name: value for name, value in new_card().model_dump(mode="json").items() if name not in ("items", "part")}
    assert upload(officer, yaml.safe_dump([plain], allow_unicode=True).encode()).status_code == 302
    assert last().key == "N1"


def test_one_bad_card_keeps_the_whole_file_out_and_every_problem_has_its_line(officer):
    raw = officer.get(f"{CARD}card.yaml").content.decode().replace("fee: ''", "fee: 不收费")
    other = officer.get(f"{LIST}36/card.yaml").content.decode().replace("kind: answer", "kind: poem")
    other = re.sub(r"(?m)^  next: .*\n(    .*\n)*", "", other)
    both = raw + other
    line = both[: both.index("kind: poem")].count("\n") + 1
    page = upload(officer, both.encode()).content.decode()
    assert f'data-label="行">{line}<' in page
    assert "没有“poem”这个选项" in page
    assert "没有写" in page
    assert not CardVersion.objects.exists()


def test_a_name_that_no_card_has_is_named_with_its_line(officer):
    raw = officer.get(f"{CARD}card.yaml").content.decode().replace("fee: ''", "fee: 不收费\n  colour: red")
    line = raw[: raw.index("colour")].count("\n") + 1
    page = upload(officer, raw.encode()).content.decode()
    assert f'data-label="行">{line}<' in page
    assert "colour 不认识" in page


def test_one_card_twice_in_a_file_is_refused(officer):
    raw = officer.get(f"{CARD}card.yaml").content.decode().replace("fee: ''", "fee: 不收费")
    assert "编号 35 在文件里有 2 张卡片" in upload(officer, (raw + raw).encode()).content.decode()
    assert not CardVersion.objects.exists()


def test_a_card_is_proposed_to_be_retired(officer):
    page = officer.post(f"{CARD}retire/", {"since": tomorrow(), "note": "不办了"}, follow=True).content.decode()
    assert "停用这张卡片" in page
    assert last().retired
    assert "请写明" in officer.post(f"{CARD}retire/", {"since": "", "note": ""}, follow=True).content.decode()


CITY, FIELD = "/assistant/city/", "/assistant/city/gaoling_age/"
SAID = {"text": "80", "since": "2026-01-01", "source": "甲政发〔2025〕3号", "back": ""}


def test_a_value_is_filled_in_on_the_list_and_shown_on_the_card(officer):
    assert officer.post(FIELD, SAID | {"back": "show=unfilled&page=2"})["Location"] == f"{CITY}?show=unfilled&page=2"
    assert "80岁（甲区填写，2026年1月1日）" in text(officer, CARD)
    assert "高龄津贴从几岁起发" in text(officer, CITY, show="filled")
    assert "高龄津贴从几岁起发" not in text(officer, CITY, show="unfilled", per_page="100")
    assert "甲政发〔2025〕3号" in text(officer, FIELD)


def test_a_value_that_is_refused_stays_in_the_form(officer):
    answer = officer.post(FIELD, SAID | {"text": "<b>八十</b>"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "平常的文字" in page
    assert "&lt;b&gt;八十&lt;/b&gt;" in page
    assert "<b>八十" not in page


def test_the_list_of_values_is_the_workbook_to_fill_in(officer):
    officer.post(FIELD, SAID)
    made = openpyxl.load_workbook(io.BytesIO(officer.get(CITY, {"export": "xlsx"}).content))
    rows = list(made.active.iter_rows(values_only=True))
    head = list(rows[1])
    assert head == ["字段", "内容", "单位", "用在哪些卡片", "本区的值", "自哪天起", "依据"]
    values = {row[0]: row for row in rows[2:]}
    assert values["gaoling_age"][4:] == ("80", "2026-01-01", "甲政发〔2025〕3号")
    names = [name for name in values if name != "gaoling_age"][:2]
    for row in made.active.iter_rows(min_row=3):
        if row[0].value in names:
            row[4].value, row[5].value, row[6].value = "12", "2026-02-01", "" if row[0].value == names[1] else "公告"
    kept = io.BytesIO()
    made.save(kept)
    file = SimpleUploadedFile("填好的<b>.xlsx", kept.getvalue())
    page = officer.post("/assistant/city/from-file/", {"file": file}).content.decode()
    assert "填好的&lt;b&gt;.xlsx" in page
    assert re.findall(r"ql-stat-value[^>]*>(\d+)", page) == ["1", "1", str(len(values) - 3), "1"]
    assert "依据（G 列）：请写明依据" in page
    assert f'<td data-label="内容">{values[names[1]][1]}</td>' in page, "which content, not its row alone"
    marked = base64.b64decode(re.search(r'base64,([^"]+)"', page)[1])
    assert "请写明依据" in str(list(openpyxl.load_workbook(io.BytesIO(marked)).active.iter_rows(values_only=True)))
    assert CityValue.objects.get(field=names[0]).text == "12"


@pytest.mark.parametrize("name", ["subdistrict_a", "worker_a", "auditor_a", "administrator", "nobody"])
def test_a_workbook_of_values_is_for_those_who_keep_them(sign_in, name):
    file = SimpleUploadedFile("a.xlsx", b"PK")
    assert sign_in(name).post("/assistant/city/from-file/", {"file": file}).status_code == 403


def test_a_field_that_no_card_has_has_no_page(officer):
    for address in (f"{CITY}nowhere/", f"{FIELD}?district=990102"):
        assert officer.get(address).status_code == 404
        assert officer.post(address, SAID).status_code == 404
    assert not CityValue.objects.exists()
