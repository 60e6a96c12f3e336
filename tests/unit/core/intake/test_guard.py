"""Hostile files are refused with a sentence before anything builds a grid of them; odd but honest files lose nothing."""

import contextlib
import io
import os
import re
import struct
import subprocess
import sys
import time
import zipfile

import pytest

from qinglan.core.intake import IntakeError, check_roster, read_workbook

from .books import DATA, TODAY, book, person_id

SHEET = "xl/worksheets/sheet1.xml"
GOOD = book([["姓名", "身份证号码", "所属社区", "参加社区工作时间"], ["张三", person_id(), "云天社区", "2019.7"]])
XLS = (DATA / "month-cells.xls").read_bytes()


def rebuilt(change=None, add=None, flags=0):
    """Return GOOD with parts changed or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change[name](content) if change and name in change else content)
        for name, content in (add or {}).items():
            target.writestr(name, content)
    return buffer.getvalue()


def with_rows(rows):
    return rebuilt({SHEET: lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>")})


def lying_about_size():
    """Return a book whose directory says that the inflated sheet is 1,000 bytes."""
    data = bytearray(with_rows(b" " * 20_000_000))
    at = data.find(b"PK\x01\x02")
    while data[at + 46 : at + 46 + len(SHEET)] != SHEET.encode():
        at = data.find(b"PK\x01\x02", at + 4)
    struct.pack_into("<I", data, at + 24, 1_000)
    return bytes(data)


def encrypted_flag():
    data = bytearray(GOOD)
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def renamed_stream(name):
    """Return the small xls with its stream renamed: what a password or another program's file looks like from outside."""
    raw = name.encode("utf-16-le")
    old = "Workbook".encode("utf-16-le")
    data = bytearray(XLS)
    at = data.find(old)
    data[at : at + 64] = raw.ljust(64, b"\0")
    struct.pack_into("<H", data, at + 64, len(raw) + 2)
    return bytes(data)


# ruff: noqa: E501
EXTERNAL = b'<Relationships><Relationship Id="r9" Type="http://x/oleLink" Target="file:///etc/passwd" TargetMode="External"/></Relationships>'
ENTITY = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet'
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><worksheet'
FORMULA = b'<row r="5"><c r="C5"><f>SUM(A1:A2)</f><v>2</v></c></row>'

HOSTILE = {
    "cell in the last corner": (lambda: with_rows(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "far cell", "XFD1048576"),
    "cell far to the right": (lambda: with_rows(b'<row r="9"><c r="XFD9"><v>1</v></c></row>'), "far cell", "XFD9"),
    "cell far down": (lambda: with_rows(b'<row r="900000"><c r="A900000"><v>1</v></c></row>'), "far cell", "A900000"),
    "formula": (lambda: with_rows(FORMULA), "formula", "第5行C列是公式"),
    "one part of half a gigabyte": (lambda: with_rows(b" " * 300_000_000), "zip bomb", "MB"),
    "many large parts": (lambda: rebuilt(add={f"xl/a{n}.xml": b"<a>" + os.urandom(2).hex().encode() * 1_500_000 + b"</a>" for n in range(12)}), "zip bomb", "MB"),
    "size that lies": (lying_about_size, "zip bomb", "MB"),
    "three thousand parts": (lambda: rebuilt(add={f"xl/x{n}.xml": b"<a/>" for n in range(3000)}), "too many entries", "部件"),
    "zip in the zip": (lambda: rebuilt(add={"xl/embeddings/inner.zip": b"PK"}), "nested archive", "inner.zip"),
    "macros": (lambda: rebuilt(add={"xl/vbaProject.bin": b"x"}), "macros", "宏"),
    "sheet of old macros": (lambda: rebuilt(add={"xl/macrosheets/sheet1.xml": b"<a/>"}), "macros", "宏"),
    "external workbook": (lambda: rebuilt(add={"xl/externalLinks/externalLink1.xml": b"<a/>"}), "external links", "链接"),
    "external relation": (lambda: rebuilt(add={"xl/worksheets/_rels/sheet1.xml.rels": EXTERNAL}), "external links", "外部"),
    "external data": (lambda: rebuilt(add={"xl/connections.xml": b"<a/>"}), "external links", "连接"),
    "external entity": (lambda: rebuilt({SHEET: lambda xml: xml.replace(b"<worksheet", ENTITY, 1)}), "dtd", "DTD"),
    "entity in another part": (lambda: rebuilt(add={"docProps/custom.xml": b"<!DOCTYPE a><a/>"}), "dtd", "DTD"),
    "billion laughs": (lambda: rebuilt({SHEET: lambda xml: xml.replace(b"<worksheet", LAUGHS, 1)}), "dtd", "DTD"),
    "endless nesting": (lambda: rebuilt({SHEET: lambda _: b"<worksheet>" + b"".join(b"<a%d>" % (n * 7919 % 9973) for n in range(2_000_000))}), "zip bomb", "MB"),
    "endless tag": (lambda: rebuilt({SHEET: lambda _: b"<worksheet " + b" ".join(b'a%d="%d"' % (n, n * 7919 % 99991) for n in range(600_000)) + b"/>"}), "zip bomb", "MB"),
    "one sheet listed twice": (
        lambda: rebuilt({"xl/workbook.xml": lambda xml: re.sub(rb"(<sheet [^>]*name=\")([^\"]*)([^>]*/>)", rb"\1\2\3\1b\3", xml)}),
        "not a workbook", "工作表",
    ),
    "password on the zip": (encrypted_flag, "encrypted", "密码"),
    "password on the book": (lambda: renamed_stream("EncryptedPackage"), "encrypted", "密码"),
    "macros in an xls": (lambda: renamed_stream("_VBA_PROJECT"), "macros", "宏"),
    "not a workbook of xls": (lambda: renamed_stream("WordDocument"), "not a workbook", "Word"),
    "formula in an xls": (lambda: (DATA / "formula.xls").read_bytes(), "formula", "第3行E列是公式"),
    "far cell in an xls": (lambda: (DATA / "far-cell.xls").read_bytes(), "far cell", "IV65536"),
    "xls of noise": (lambda: XLS[:8] + b"\xff" * 4000, "not a workbook", "损坏"),
    "xls cut short": (lambda: XLS[:1500], "not a workbook", "另存"),
    "xlsx cut short": (lambda: GOOD[: len(GOOD) // 2], "not a workbook", "另存"),
    "only called xlsx": (lambda: b"PK\x03\x04 not really", "not a workbook", "另存"),
    "csv with NUL": (lambda: b"a,b\x00c\n", "nul", "NUL"),
    "csv with a formula": (lambda: "姓名,电话\n张三,=cmd|' /C calc'!A0\n".encode(), "formula", "第2行B列是公式"),
    "csv in no encoding": (lambda: b"\xff\xff\xff,\xff\n", "encoding", "编码"),
    "csv with an endless cell": (lambda: b'"' + b"a\n" * 200_000, "not a workbook", "CSV"),
    "merges without end": (lambda: rebuilt({SHEET: lambda xml: xml.replace(b"</sheetData>", b"</sheetData><mergeCells>" + b"".join(b'<mergeCell ref="A%d:C%d"/>' % (n, n + 50) for n in range(1, 30_000)) + b"</mergeCells>")}), "too large", "合并"),
    "web page called xls": (lambda: b"<html><table><tr><td>a</td></tr></table></html>", "not a workbook", "网页"),
    "string that is not there": (lambda: with_rows(b'<row r="5"><c r="A5" t="s"><v>99999999</v></c></row>'), "not a workbook", "编号"),
    "row nought": (lambda: with_rows(b'<row r="0"><c r="A0"><v>1</v></c></row>'), "not a workbook", "编号"),
    "nothing": (lambda: b"", "empty file", "空"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_with_a_sentence(name):
    make, code, words = HOSTILE[name]

    with pytest.raises(IntakeError) as refusal:
        read_workbook(make(), "花名册.xlsx")

    assert (refusal.value.code, words in refusal.value.sentence) == (code, True), refusal.value.sentence
    assert "请" in refusal.value.sentence
    assert "\n" not in refusal.value.sentence


@pytest.mark.parametrize(
    "name", ["many large parts", "endless nesting", "endless tag", "size that lies", "cell in the last corner"]
)
def test_refusal_takes_little_time_and_memory(name, tmp_path):
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(HOSTILE[name][0]())
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from qinglan.core.intake import IntakeError, read_workbook\n"
        "start = time.process_time()\n"
        "try:\n    read_workbook(Path(sys.argv[1]).read_bytes(), 'a')\n"
        "except IntakeError:\n    pass\n"
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "sys.stdout.write(f'{time.process_time() - start} {int(peak.split()[1]) // 1024}')\n"
    )
    seconds, megabytes = subprocess.run(
        [sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True, timeout=300
    ).stdout.split()

    assert float(seconds) < 5
    assert int(megabytes) < 300


@pytest.mark.parametrize("reference", ["A1:A1", "A1", "A1:XFD1048576", "C3:B2"])
def test_lying_dimension_loses_no_rows(reference):
    data = rebuilt(
        {SHEET: lambda xml: re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{reference}"'.encode(), xml)}
    )

    assert read_workbook(data, "a.xlsx").sheets[0].rows[1] == ["张三", person_id(), "云天社区", "2019.7"]


def test_claimed_counts_reserve_no_memory():
    """A reader that believes such a count asks for 100 GB and is ended by the system."""
    strings = b'<sst count="4294967295" uniqueCount="4294967295"><si><t>a</t></si></sst>'
    data = rebuilt(
        {
            SHEET: lambda xml: xml.replace(
                b"</sheetData>", b'<row r="3"><c r="A3" t="s"><v>0</v></c></row></sheetData>'
            ),
            "xl/styles.xml": lambda xml: re.sub(rb'count="[0-9]+"', b'count="4294967295"', xml),
        },
        {"xl/sharedStrings.xml": strings},
    )

    assert read_workbook(data, "a.xlsx").sheets[0].rows[2] == ["a"]


def test_styled_empty_cells_far_away_are_no_cells():
    data = with_rows(b'<row r="1048576"><c r="XFD1048576" s="0"/></row>')

    assert len(read_workbook(data, "a.xlsx").sheets[0].rows) == 2


def test_error_cells_and_hyperlinks_are_read():
    link = b'<Relationships><Relationship Id="r9" Type="http://x/hyperlink" Target="mailto:a@b" TargetMode="External"/></Relationships>'
    data = rebuilt(
        {
            SHEET: lambda xml: xml.replace(
                b"</sheetData>", b'<row r="3"><c r="A3" t="e"><v>#N/A</v></c></row></sheetData>'
            )
        },
        {"xl/worksheets/_rels/sheet1.xml.rels": link},
    )

    assert read_workbook(data, "a.xlsx").sheets[0].rows[2][0] == "#N/A"


def test_months_shown_without_day_are_read_as_months():
    rows = read_workbook(XLS, "a.xls").sheets[0].rows

    assert rows[1][2] == "1990年1月"
    assert rows[1][4].isoformat() == "2019-07-01"


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_are_read_or_refused_never_worse(seed):
    for number in range(40):
        data = bytearray(XLS)
        for step in range(1 + number % 9):
            at = hash((seed, number, step)) % len(data)
            data[at] = (0, 255, hash((step, seed)) % 256)[step % 3]
        with contextlib.suppress(IntakeError):
            read_workbook(bytes(data), "a.xls")


def test_many_columns_of_header_words_are_told(organisations):
    """Each of 299 rows could be the header, and each of 200 columns could be the start of work."""
    rows = [[f"入职{n}时间" for n in range(200)] for _ in range(299)]
    assert check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY).problems


def test_a_roster_of_noise_is_refused_row_by_row(organisations):
    rows = [
        ["姓名", "身份证号码", "所属社区", "参加社区工作时间"],
        *(["张三", person_id(), f"没有的社区{n}号", "2019.7"] for n in range(5_000)),
    ]
    assert check_roster(read_workbook(book(rows), "a.xlsx"), organisations, TODAY).counts()["refused"] == 5_000


def million() -> bytes:
    return with_rows(b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (n, n) for n in range(3, 1_000_000)))


def test_a_million_empty_cells_with_a_style_are_refused():
    with pytest.raises(IntakeError, match="单元格"):
        read_workbook(million(), "a.xlsx")


@pytest.mark.slow
def test_none_of_them_takes_time(organisations):
    data = million()
    start = time.process_time()
    with pytest.raises(IntakeError, match="单元格"):
        read_workbook(data, "a.xlsx")  # unparsed
    assert time.process_time() - start < 1
    for test in (test_many_columns_of_header_words_are_told, test_a_roster_of_noise_is_refused_row_by_row):
        start = time.process_time()
        test(organisations)
        assert time.process_time() - start < 5
