"""A worker's claims by page: from the step she doubts to the answer, the review and the difference; nobody else's business."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qinglan.apps.facts.actions import recording
from qinglan.apps.facts.models import TrainingRecord
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.rights.actions import claims, corrections
from qinglan.apps.rights.models import Claim, ClaimFile
from tests import cast as casting
from tests.factories import published

pytestmark = pytest.mark.django_db
DISTRICT, WHY = "990101", "why/train.annual_days/"
PDF = b"%PDF-1.7 evidence"


@pytest.fixture(scope="module")
def module_run(module_cast, django_db_blocker) -> Run:
    """A published year of 甲区, computed once for the module; the worker has eight hours of training in it."""
    with django_db_blocker.unblock():
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        row = {"person_id": module_cast.people["worker_a"].pk, "org_code": "990101001001", "kind": "annual", "hours": 800,
               "valid_on": date(2025, 3, 1), "course": "社区治理", "days": None}  # fmt: skip
        recording.record_many(kind="training", rows=[row], by=None, org_code=DISTRICT)
        return published(years.compute(district=DISTRICT, year=2025, by=None))


@pytest.fixture
def result(cast, module_run) -> PersonResult:
    return PersonResult.objects.select_related("run", "person").get(run=module_run, person=cast.people["worker_a"])


def _address(result: PersonResult, more: str = "") -> str:
    return f"/rights/new/?result={result.pk}&family=train.annual_days&step=annual_shortfall{more}"


def _key(page: str) -> str:
    return re.search(r'name="key" value="(\w+)"', page).group(1)


def _send(client, address: str, **more) -> Claim | str:
    """Fill in the form as it came and send it; the claim, or the page that refused."""
    page = client.get(address).content.decode()
    answer = client.post(address, {"text": "少记了 8 学时", "key": _key(page)} | more)
    if answer.status_code == 302:
        return Claim.objects.get(pk=int(answer.url.strip("/").split("/")[-1]))
    return answer.content.decode()


def _file(cast, result, **more) -> Claim:
    given = {
        "person": cast.people["worker_a"], "text": "少记了 8 学时", "key": "k", "on": date(2026, 6, 1),
        "by": cast.users["worker_a"], "objection": claims.Objection(result, "train.annual_days", "annual_shortfall"),
    }  # fmt: skip
    return claims.file(**(given | more))


def test_each_step_of_her_own_published_year_leads_to_an_objection(cast, result, sign_in):
    page = sign_in("worker_a").get(f"/results/{result.pk}/{WHY}").content.decode()
    links = re.findall(r'href="(/rights/new/[^"]+)"', page)
    assert len(links) == page.count("有异议<span")
    for link in links:
        answer = sign_in("worker_a").get(link.replace("&amp;", "&"))
        assert answer.status_code == 200
        assert "对这个数有异议" in answer.content.decode()
    month = sign_in("worker_a").get(f"/results/{result.pk}/pay/3/").content.decode()
    link = next(one for one in re.findall(r'href="(/rights/new/[^"]+)"', month) if "family=pay.gross" in one)
    assert "3 月，" in sign_in("worker_a").get(link.replace("&amp;", "&")).content.decode()


@pytest.mark.parametrize("name", ["district_a", "subdistrict_a", "secretary_a", "auditor_a"])
def test_others_who_read_her_year_are_not_asked_to_object(name, result, sign_in):
    page = sign_in(name).get(f"/results/{result.pk}/{WHY}").content.decode()
    assert "一步一步" in page
    assert "/rights/new/" not in page


def test_who_keeps_her_record_objects_to_a_step_for_her(cast, result, sign_in):
    for name, may in (("subdistrict_a", True), ("secretary_a", False), ("auditor_a", False)):
        client = sign_in(name)
        assert ("代本人" in client.get(f"/results/{result.pk}/{WHY}").content.decode()) == may, name
        page = client.get(f"/results/{result.pk}/{WHY}?for=1").content.decode()
        links = re.findall(r'href="(/rights/new/[^"]+)"', page)
        assert bool(links) == may, name
    client = sign_in("subdistrict_a")
    page = client.get(f"/results/{result.pk}/pay/3/?for=1").content.decode()
    link = re.findall(r'href="(/rights/new/[^"]+)"', page)[-1].replace("&amp;", "&")
    claim = _send(client, link)
    assert (claim.person_id, claim.month, claim.kind) == (result.person_id, 3, "figure")
    assert "代为登记诉求" in client.get(f"/people/{result.person_id}/").content.decode()
    assert "代为登记诉求" not in sign_in("secretary_a").get(f"/people/{result.person_id}/").content.decode()


def test_a_draft_is_not_objected_to(cast, result, sign_in):
    draft = years.compute(district=DISTRICT, year=2025, by=None)
    other = PersonResult.objects.get(run=draft, person=cast.people["worker_a"])
    assert sign_in("worker_a").get(_address(other)).status_code == 404


def test_she_files_with_evidence_and_follows_her_claim(cast, result, sign_in):
    client = sign_in("worker_a")
    claim = _send(
        client,
        _address(result),
        papers=[SimpleUploadedFile("签到表.pdf", PDF), SimpleUploadedFile("图.png", b"\x89PNG\r\n\x1a\n")],
    )
    assert claim.by_id == cast.users["worker_a"].pk
    assert [one.name for one in claim.files.all()] == ["签到表.pdf", "图.png"]
    page = client.get(f"/rights/{claim.pk}/").content.decode()
    for words in (claim.number, "等待指派", "少记了 8 学时", claim.shown, "签到表.pdf", "撤回"):
        assert words in page
    assert claim.number in client.get("/rights/").content.decode()
    kept = claim.files.first()
    answer = client.get(f"/rights/{claim.pk}/files/{kept.pk}/")
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "private, no-store"
    assert "撤回" in client.post(f"/rights/{claim.pk}/withdraw/", {"note": ""}, follow=True).content.decode()
    claim.refresh_from_db()
    assert claim.state == Claim.State.WITHDRAWN


def test_a_form_sent_twice_is_one_claim_and_another_text_is_told(cast, result, sign_in):
    client, address = sign_in("worker_a"), _address(result)
    body = {"text": "少记了 8 学时", "key": _key(client.get(address).content.decode())}
    first, second = client.post(address, body), client.post(address, body)
    assert first.url == second.url
    assert "已经提交过" in client.post(address, body | {"text": "别的"}).content.decode()
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(
    ("file", "word"),
    [
        (SimpleUploadedFile("x.exe", b"MZ"), "不是可以收的文件"),
        (SimpleUploadedFile("x.pdf", b"<html>"), "不是可以收的文件"),
        (SimpleUploadedFile("x.svg", b"<svg onload=1>"), "不是可以收的文件"),
        (SimpleUploadedFile("大.pdf", b"%PDF-" + b"0" * 5_000_000), "超过 5 MB"),
    ],
)
def test_files_of_other_kinds_or_sizes_are_refused(file, word, result, sign_in):
    file.seek(0)
    assert word in _send(sign_in("worker_a"), _address(result), papers=[file])
    assert not Claim.objects.exists()


def test_too_many_files_are_refused(result, sign_in):
    files = [SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(6)]
    assert "最多 5 个文件" in _send(sign_in("worker_a"), _address(result), papers=files)


@pytest.mark.parametrize("name", casting.MEMBERS)
def test_who_opens_a_claim_its_files_and_its_lists(name, cast, result, sign_in):
    claim = _file(cast, result, evidence=[claims.Evidence("a.pdf", "application/pdf", PDF)])
    kept = ClaimFile.objects.get()
    client = sign_in(name)
    reads = name in ("worker_a", "district_a", "subdistrict_a", "auditor_a")
    for address in (f"/rights/{claim.pk}/", f"/rights/{claim.pk}/files/{kept.pk}/"):
        assert client.get(address).status_code == (200 if reads else 404), address
    for address in ("/rights/desk/", "/rights/day/?on=2026-06-10", "/rights/"):
        answer = client.get(address)
        shown = answer.status_code == 200 and claim.number in answer.content.decode()
        own = address == "/rights/"
        assert shown == (name == "worker_a" if own else reads and name != "worker_a"), address
    export = client.get("/rights/desk/?export=xlsx")
    if name in ("district_a", "subdistrict_a", "auditor_a"):
        cells = [cell for row in openpyxl.load_workbook(io.BytesIO(export.content)).active.values for cell in row]
        assert claim.number in cells
    elif export.status_code == 200:
        assert claim.number not in str(list(openpyxl.load_workbook(io.BytesIO(export.content)).active.values))


MOVES = {
    "withdraw": {},
    "review": {"note": "x"},
    "close": {},
    "assign": {"to": "1"},
    "answer": {"outcome": "rejected", "reasons": "x"},
    "correct": {"note": "x"},
    "complete": {},
}


@pytest.mark.parametrize("name", [one for one in casting.MEMBERS if one != "district_a"])
def test_who_may_not_move_a_claim_changes_nothing(name, cast, result, sign_in):
    claim, client = _file(cast, result), sign_in(name)
    for move, data in MOVES.items():
        if name == "worker_a" and move in ("withdraw", "review", "close"):
            continue
        status = client.post(f"/rights/{claim.pk}/{move}/", data).status_code
        assert status == 404, move
    claim.refresh_from_db()
    assert claim.state == Claim.State.RECEIVED
    assert claim.steps.count() == 1


def test_another_claims_file_is_not_reached_through_hers(cast, result, sign_in):
    theirs = claims.file(
        person=cast.people["worker_b"], text="x", key="b", on=date(2026, 6, 1), by=cast.users["worker_b"],
        evidence=[claims.Evidence("a.pdf", "application/pdf", PDF)],
    )  # fmt: skip
    claim = _file(cast, result)
    assert sign_in("worker_a").get(f"/rights/{claim.pk}/files/{theirs.files.get().pk}/").status_code == 404


def test_an_officer_files_for_somebody_in_her_care(cast, result, sign_in):
    client = sign_in("subdistrict_a")
    address = f"/rights/new/?person={cast.people['neighbour_a'].pk}"
    assert "代为登记" in client.get(address).content.decode()
    claim = _send(client, address)
    assert (claim.person_id, claim.kind) == (cast.people["neighbour_a"].pk, "general")
    assert client.get(f"/rights/new/?person={cast.people['sibling_a'].pk}").status_code == 404


def test_the_claim_shows_the_difference_after_the_amended_publication(cast, result, sign_in):
    claim, reviewer = _file(cast, result), cast.users["district_a"]
    training = TrainingRecord.objects.get()
    client = sign_in("district_a")
    page = client.get(f"/rights/{claim.pk}/").content.decode()
    assert "不能办理的人" in page
    assert "签署过这次结果" in page
    client.post(f"/rights/{claim.pk}/assign/", {"to": reviewer.pk})
    page = client.get(f"/rights/{claim.pk}/answer/").content.decode()
    assert f'value="training:{training.pk}"' in page
    body = {"outcome": "upheld", "reasons": "签到表记 16 学时", "to_correct": "", "fact": f"training:{training.pk}"}
    assert "要更正什么" in client.post(f"/rights/{claim.pk}/answer/", body).content.decode()
    client.post(f"/rights/{claim.pk}/answer/", body | {"to_correct": "16 学时"})
    page = client.get(f"/rights/{claim.pk}/").content.decode()
    assert f'href="/facts/training/{training.pk}/"' in page
    assert "登记更正" in page
    client.post(
        f"/facts/training/{training.pk}/correct/",
        {"kind": "annual", "hours": "16", "days": "", "evidence": "签到表", "recorder": "张", "reason": "诉求成立"},
    )  # fmt: skip
    made = TrainingRecord.objects.get(supersedes=training)
    client.post(f"/rights/{claim.pk}/correct/", {"fact": f"training:{made.pk}", "note": ""})
    assert "还没有更正后的公布" in client.post(f"/rights/{claim.pk}/complete/", follow=True).content.decode()
    published(years.compute(district=DISTRICT, year=2025, by=None))
    assert corrections.amending_run(Claim.objects.get(pk=claim.pk))
    assert "已记为更正" in client.post(f"/rights/{claim.pk}/complete/", follow=True).content.decode()
    worker = sign_in("worker_a")
    hers = worker.get(f"/rights/{claim.pk}/").content.decode()
    links = set(re.findall(r'href="(/(?:results|facts|rights)/[^"#]*)"', hers.split("<main")[1]))
    assert len(links) >= 3
    assert {link: worker.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    difference = hers.split('id="difference"')[1].split("</section>")[0]
    assert "16" in difference
    assert claim.shown in difference
    assert "→" in difference
    assert "劳动争议" in hers


def test_who_entered_it_for_her_accepts_for_her(cast, result, sign_in):
    entered, reviewer = _file(cast, result, by=cast.users["subdistrict_a"]), cast.users["district_a"]
    claims.assign(claim=entered, to=reviewer, by=reviewer)
    claims.answer(claim=entered, outcome="rejected", reasons="x", by=reviewer)
    client = sign_in("subdistrict_a")
    page = client.get(f"/rights/{entered.pk}/").content.decode()
    assert "本人接受，办结" in page
    assert 'href="/rights/desk/"' in page
    assert "已办结" in client.post(f"/rights/{entered.pk}/close/", {"note": ""}, follow=True).content.decode()


def test_what_next_and_the_lawful_ways_after_the_review(cast, result, sign_in):
    claim, reviewer = _file(cast, result), cast.users["district_a"]
    claims.assign(claim=claim, to=reviewer, by=reviewer)
    claims.answer(claim=claim, outcome="rejected", reasons="记录无误", by=reviewer)
    client = sign_in("worker_a")
    page = client.get(f"/rights/{claim.pk}/").content.decode()
    assert "申请复核（一次）" in page
    assert "一年内" in page
    client.post(f"/rights/{claim.pk}/review/", {"note": "签到表在附件"})
    page = client.get(f"/rights/{claim.pk}/").content.decode()
    assert "签到表在附件" in page
    assert "申请复核（一次）" not in page
    officer = sign_in("district_a").get(f"/rights/{claim.pk}/").content.decode()
    assert "作过第一次答复" in officer
    assert sign_in("district_a").get(f"/rights/{claim.pk}/answer/").status_code == 403
