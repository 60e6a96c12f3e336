"""Letters of result and other printed sheets: what they say, to whom, in which glyphs; the same data gives the same bytes."""

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typst
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qinglan.apps.base import printing
from qinglan.apps.base.printing import CannotPrint, check_glyphs, pdf
from qinglan.apps.base.printing.bundle import zipped
from qinglan.apps.base.printing.coverage import coverage_of
from qinglan.apps.people.models import Person
from qinglan.apps.policy.actions import adoption, years
from qinglan.apps.policy.models import PersonResult, Run
from qinglan.apps.policy.queries.letters import Letters
from tests import cast as casting
from tests.factories import posted, published
from tests.pages.pdfs import read

DISTRICT = "990101"
# A name of each kind that offices meet and old fonts lack: the basic plane, extensions A, B, and a compatibility form.
RARE = "𠮷䶮㛃𡱖﨑"
NOWHERE = "\U00031350"  # extension H: in no packaged font
SPITEFUL = [
    '#import "house.typ": *',
    "#panic()",
    '"; #read("/etc/passwd")',
    "\\n\\u{41} #v(100cm)",
    "*粗* _斜_ `码` $x^2$ <记> @引 = 标题\n- 列\n+ 号\n/ 词: 义",
    '"}, {"title": "改"',
    "'); DROP TABLE",
    "{{ 7 * 7 }} {% now 'Y' %}",
    "]]>//注释 /* */ ~--- \\",
]
SignIn = Callable[[str], Client]


def _letter(**more: Any) -> dict[str, Any]:
    """The least that template "letter" takes."""
    return {
        "date": "2026-01-02", "title": "通知书", "number": "1", "state": "已公布", "to": "王芳", "opening": [],
        "figures": [["等次", "优秀"]], "steps": [], "proposals": [], "rights": [], "issuer": "甲区", "day": "2026年",
    } | more  # fmt: skip


def _slip(**more: Any) -> dict[str, Any]:
    """The least that template "slip" takes."""
    return {
        "date": "2025-03-31", "title": "2025 年 3 月工资条", "name": "王芳", "place": "甲一东社区", "post": "网格员",
        "month": "2025-03", "groups": [{"title": "应发", "rows": [["基本工资", "3,000.00", "第 1 档"]]}],
        "sums": [["实发", "¥2,700.00"]], "notes": ["合成数据"],
    } | more  # fmt: skip


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("sign", RARE)
def test_rare_characters_are_printed_by_embedded_fonts(sign: str) -> None:
    found = read(pdf("letter", _letter(to=f"王{sign}")))
    assert f"王{sign}" in found.text
    assert found.fonts
    assert all(found.fonts.values()), found.fonts


@pytest.mark.parametrize("template", ["letter", "slip"])
def test_a_character_without_a_glyph_is_refused_in_words(template: str) -> None:
    data = _letter(to=f"王{NOWHERE}") if template == "letter" else _slip(name=f"王{NOWHERE}")
    with pytest.raises(CannotPrint, match=r"U\+31350.*没有.*fonts"):
        pdf(template, data)


@pytest.mark.parametrize("sign", ["\ue000", "👍", "ไ"])
def test_other_signs_without_a_glyph_are_refused_too(sign: str) -> None:
    with pytest.raises(CannotPrint):
        pdf("letter", _letter(steps=[{"title": "等次", "answer": "", "rows": [["a", sign, "c"]]}]))


def test_typst_itself_refuses_what_the_check_lets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: without our check the standard that we print by still refuses an empty box."""
    monkeypatch.setattr(printing, "check_glyphs", lambda data: None)
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        pdf("letter", _letter(to=NOWHERE))


def test_the_coverage_that_we_read_is_what_typst_can_print(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the edges of the blocks that hold names, our reading of the font and typst's agree."""
    monkeypatch.setattr(printing, "check_glyphs", lambda data: None)
    *_, known = printing._fonts(())
    points = [
        0x3400,
        0x4DB5,
        0x4DBF,
        0x4E00,
        0x9FA5,
        0x9FFF,
        0xF900,
        0xFA0E,
        0x20000,
        0x2A6D6,
        0x2A700,
        0x2B740,
        0x2B820,
    ]
    said = {}
    for point in points:
        try:
            pdf("letter", _letter(to=chr(point)))
            said[point] = True
        except typst.TypstError:
            said[point] = False
    assert said == {point: known.has(point) for point in points}
    assert set(said.values()) == {True, False}


ICON = "\uea60"  # of the private area: no Chinese font has it, a font of icons that Playwright brings has


@pytest.fixture
def own_fonts(tmp_path: Path, settings: Any) -> Path:
    """The folder for fonts of an empty data folder."""
    settings.DATA_DIR = tmp_path
    (tmp_path / "fonts").mkdir()
    return tmp_path / "fonts"


def test_a_font_of_the_data_folder_helps_out(own_fonts: Path) -> None:
    spec = find_spec("playwright")
    assert spec is not None
    assert spec.origin is not None
    icons = next(Path(spec.origin).parent.rglob("codicon*.ttf"))
    with pytest.raises(CannotPrint):
        check_glyphs({"name": f"王{ICON}"})
    (own_fonts / "more.ttf").write_bytes(icons.read_bytes())
    check_glyphs({"name": f"王{ICON}"})
    assert "codicon" in printing._fonts(printing._own_fonts())[1]
    with pytest.raises(CannotPrint):
        check_glyphs({"name": NOWHERE})


def _font(*tables: tuple[int, int, bytes]) -> bytes:
    """A file with nothing but a cmap of (platform, encoding, table)."""
    head = struct.pack(">HH", 0, len(tables))
    at, records, bodies = 4 + 8 * len(tables), b"", b""
    for platform, encoding, body in tables:
        records += struct.pack(">HHI", platform, encoding, at + len(bodies))
        bodies += body
    start = struct.pack(">IHHHH", 0x00010000, 1, 0, 0, 0) + struct.pack(">4sIII", b"cmap", 0, 28, 0)
    return start + head + records + bodies


def _format_12(*groups: tuple[int, int, int]) -> bytes:
    body = b"".join(struct.pack(">III", *group) for group in groups)
    return struct.pack(">HHIII", 12, 0, 16 + len(body), 0, len(groups)) + body


def _format_4() -> bytes:
    """A–C by a difference, D–E by glyph numbers of which the second is 0 (none), and the closing segment."""
    lasts, firsts, deltas, offsets = (0x43, 0x45, 0xFFFF), (0x41, 0x44, 0xFFFF), (0xFFC0, 0, 1), (0, 4, 0)
    parts = [
        struct.pack(">3H", *lasts),
        b"\0\0",
        struct.pack(">3H", *firsts),
        struct.pack(">3H", *deltas),
        struct.pack(">3H", *offsets),
    ]
    body = b"".join(parts) + struct.pack(">2H", 7, 0)
    return struct.pack(">HHHHHHH", 4, 14 + len(body), 0, 6, 0, 0, 0) + body


def test_coverage_is_read_as_the_specification_has_it(tmp_path: Path) -> None:
    """Both kinds of table, glyph 0 (the box) in each, tables that are not Unicode, several fonts in one file."""
    first = _font((3, 1, _format_4()), (1, 0, _format_12((0x61, 0x62, 1))))
    second = _font((3, 10, _format_12((0x4E00, 0x4E02, 0), (0x20000, 0x20001, 9))))
    (tmp_path / "a.ttf").write_bytes(first)
    (tmp_path / "b.otf").write_bytes(second)
    known = coverage_of([tmp_path / "a.ttf", tmp_path / "b.otf"])
    has = {
        point for point in (*range(0x40, 0x64), *range(0x4DFF, 0x4E04), *range(0x1FFFF, 0x20003)) if known.has(point)
    }
    assert has == {0x41, 0x42, 0x43, 0x44, 0x4E01, 0x4E02, 0x20000, 0x20001}
    assert known.has(ord("\n"))


@pytest.mark.parametrize("text", SPITEFUL)
def test_a_text_is_never_a_command(text: str) -> None:
    everywhere = _letter(
        title=text, number=text, state=text, to=text, opening=[text], figures=[[text, text]], proposals=[text],
        steps=[{"title": text, "answer": text, "rows": [[text, text, text]]}], rights=[text], issuer=text, day=text, foot=text, mark=text,
    )  # fmt: skip
    found = read(pdf("letter", everywhere))
    assert _plain(found.text).count(_plain(text)) >= 15
    slip = read(pdf("slip", _slip(name=text, title=text, groups=[{"title": text, "rows": [[text, text, text]]}])))
    assert _plain(slip.text).count(_plain(text)) >= 5


def test_the_same_data_gives_the_same_bytes_and_another_day_others() -> None:
    first = pdf("letter", _letter())
    assert pdf("letter", json.loads(json.dumps(_letter()))) == first
    assert pdf("letter", _letter(date="2026-01-03")) != first
    assert b"2026-01-02" in first or b"D:20260102" in first
    assert pdf("slip", _slip()) == pdf("slip", _slip())


def test_a_warning_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "letter.typ").write_text('#set document(title: "x")\n#set text(font: "No Such Font", lang: "zh")\n甲')
    monkeypatch.setattr(printing, "TEMPLATES", tmp_path)
    with pytest.raises(RuntimeError, match="unknown font"):
        pdf("letter", _letter())


def test_a_zip_is_whole_and_the_same_twice() -> None:
    files = [("甲/一.pdf", b"%PDF-1"), ("二.txt", b"x" * 100_000)]
    data = b"".join(zipped(files))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert [(one, archive.read(one)) for one in archive.namelist()] == files
    assert b"".join(zipped(files)) == data


# --- on the site ---


@pytest.fixture(scope="module")
def module_draft(module_cast: casting.Cast, django_db_blocker: Any) -> int:
    with django_db_blocker.unblock():
        adoption.adopt(district=DISTRICT, pack="taoyuan", since=date(2020, 1, 1), by=None)
        return years.compute(district=DISTRICT, year=2025, by=None).pk


@pytest.fixture
def draft(cast: casting.Cast, module_draft: int) -> Run:
    return Run.objects.get(pk=module_draft)


@pytest.fixture
def run(draft: Run) -> Run:
    return published(draft)


def _own(cast: casting.Cast, run: Run, name: str = "worker_a") -> PersonResult:
    return PersonResult.objects.get(run=run, person=cast.people[name])


@pytest.mark.django_db
def test_there_is_no_letter_before_publication(cast: casting.Cast, draft: Run, sign_in: SignIn) -> None:
    own = _own(cast, draft)
    for name in ("district_a", "worker_a"):
        client = sign_in(name)
        assert client.get(f"/results/{own.pk}/letter/").status_code == 404, name
        assert client.get(f"/results/runs/{draft.pk}/letters/").status_code == 404, name
    assert f"/results/{own.pk}/letter/" not in sign_in("district_a").get(f"/results/{own.pk}/").content.decode()
    published(draft)
    assert f"/results/{own.pk}/letter/" in sign_in("worker_a").get("/me/").content.decode()


@pytest.mark.django_db
def test_a_letter_opens_for_whom_the_page_opens(cast: casting.Cast, run: Run, client: Client) -> None:
    for name, user in cast.users.items():
        client.force_login(user)
        for whose in ("worker_a", "sibling_a"):
            one = _own(cast, run, whose)
            page, letter = client.get(f"/results/{one.pk}/"), client.get(f"/results/{one.pk}/letter/")
            assert letter.status_code == page.status_code, f"{name} {whose}"
            if letter.status_code == 200:
                assert letter["Content-Type"] == "application/pdf"
                assert letter["Cache-Control"].startswith("max-age=0")
    client.logout()
    assert client.get(f"/results/{one.pk}/letter/").status_code == 302


@pytest.mark.django_db
def test_a_letter_says_what_the_page_says(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    Person.objects.filter(pk=cast.people["worker_a"].pk).update(name="𠮷䶮芳")
    own = _own(cast, run)
    client = sign_in("worker_a")
    answer = client.get(f"/results/{own.pk}/letter/")
    text = _plain(read(answer.content).text)
    page = client.get(f"/results/{own.pk}/").content.decode()
    words = re.findall(r'<div class="ql-stat-value">([^<]+)', page)
    assert len(words) == 7
    for word in words:
        assert _plain(word) in text, word
    assert "𠮷䶮芳（甲一东社区，社区工作者）" in text
    assert "合成数据" in text
    for family in ("assess.four_in_one", "pay.star_rating"):
        why = client.get(f"/results/{own.pk}/why/{family}/").content.decode()
        steps = re.findall(r'<th scope="row">([^<]+)<', why)
        assert steps
        assert all(_plain(step) in text for step in steps), family
    for sentence in ("什么时候都可以提出，不设截止日", "权益保护日", "工作日内书面答复"):
        assert sentence in text
    assert client.get(f"/results/{own.pk}/letter/").content == answer.content


@pytest.mark.django_db
def test_a_name_that_cannot_be_printed_is_said_on_the_page(cast: casting.Cast, run: Run, officer: Client) -> None:
    Person.objects.filter(pk=cast.people["worker_a"].pk).update(name=f"王{NOWHERE}")
    one = _own(cast, run)
    page = officer.get(f"/results/{one.pk}/letter/", follow=True)
    assert page.redirect_chain == [(f"/results/{one.pk}/", 302)]
    assert "U+31350" in page.content.decode()


@pytest.mark.django_db
def test_letters_of_a_subdistrict_in_one_file(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    Person.objects.filter(pk=cast.people["colleague_a"].pk).update(name=f"王{NOWHERE}")
    Person.objects.filter(pk=cast.people["neighbour_a"].pk).update(name="../../李/娜")
    officer = sign_in("district_a")
    page = officer.get(f"/results/runs/{run.pk}/letters/").content.decode()
    assert re.findall(r'href="\?org=(\d+)"', page) == ["990101001", "990101002"]
    answer = officer.get(f"/results/runs/{run.pk}/letters/?org=990101001")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        names = archive.namelist()
        assert not any(".." in name or name.startswith("/") or name.count("/") > 1 for name in names)
        letters = [archive.read(name) for name in names if name.endswith(".pdf")]
        told = archive.read("没有做出的通知书.txt").decode("utf-8-sig")
    inside = {"secretary_a", "worker_a", "neighbour_a"}
    assert len(letters) == len(inside)
    one = _own(cast, run)
    assert officer.get(f"/results/{one.pk}/letter/").content in letters
    assert NOWHERE in told
    assert "U+31350" in told


@pytest.mark.django_db
def test_letters_in_one_file_stop_at_the_scope(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    address = f"/results/runs/{run.pk}/letters/"
    client = sign_in("subdistrict_a2")
    assert re.findall(r'href="\?org=(\d+)"', client.get(address).content.decode()) == ["990101002"]
    for org in ("990101", "990101001", "990102", "990102001", "", "x", "9901"):
        assert client.get(f"{address}?org={org}").status_code == 404, org
    secretary = sign_in("secretary_a")
    assert re.findall(r'href="\?org=(\d+)"', secretary.get(address).content.decode()) == ["990101001001"]
    for name in ("worker_a", "district_b", "nobody", "administrator"):
        assert sign_in(name).get(address).status_code == 404, name


@pytest.mark.django_db
def test_queries_of_a_bundle_do_not_grow_with_people(cast: casting.Cast, draft: Run, officer: Client) -> None:
    for _ in range(8):
        posted("990101002001")
    run = published(years.compute(district=DISTRICT, year=2025, by=None))

    def count(org: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            answer = officer.get(f"/results/runs/{run.pk}/letters/?org={org}")
            data = b"".join(answer.streaming_content)
        return len(captured), len(zipfile.ZipFile(io.BytesIO(data)).namelist())

    count("990101001002")  # whatever is read once a process is read now
    (few, small), (many, large) = count("990101001002"), count("990101002001")
    assert (small, large) == (1, 9)
    assert few == many


@pytest.mark.django_db
def test_a_corrected_year_says_so(cast: casting.Cast, run: Run, sign_in: SignIn) -> None:
    published(years.compute(district=DISTRICT, year=2025, by=None))
    run.refresh_from_db()
    old = Letters(run).data(_own(cast, run))
    assert "已被更正" in "".join(old["opening"]) + old["state"]
    text = read(sign_in("worker_a").get(f"/results/{_own(cast, run).pk}/letter/").content).text
    assert "只供查阅" in text
