"""Reads the PDF files that tests get: their text by each font's ToUnicode table, and whether the fonts lie inside."""

import re
import zlib
from dataclasses import dataclass

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n")
# A string may hold brackets of its own that are not escaped, as long as they pair (two deep here; the writer escapes odd ones).
_INSIDE = rb"(?:\\.|[^\\()]|\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\))*"
STRING = rb"\(" + _INSIDE + rb"\)|<[0-9a-fA-F]*>"
SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|\[((?:" + STRING + rb"|[-\d.\s])*)\] ?TJ|(" + STRING + rb") ?Tj", re.DOTALL)
PAGE = re.compile(rb"/Type ?/Page\b")
PIECE = re.compile(rb"<([0-9a-fA-F]*)>|\((" + _INSIDE + rb")\)", re.DOTALL)
ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass
class Read:
    """`text` of all pages in the order of the content; `fonts` by name with whether each is embedded."""

    text: str
    fonts: dict[str, bool]


def read(data: bytes) -> Read:
    """The text and fonts of a PDF as typst writes it (no encryption, flate streams)."""
    assert data.startswith(b"%PDF-")
    objects = {int(number): body for number, body in OBJECT.findall(data)}
    for body in list(objects.values()):
        if b"/ObjStm" in body:
            objects |= _unpacked(body)
    fonts = {number: body for number, body in objects.items() if b"/Type0" in body}
    tables = {number: _table(objects, body) for number, body in fonts.items()}
    text = [_page(objects, body, tables) for body in objects.values() if PAGE.search(body)]
    return Read("".join(text), {_name(body): _embedded(objects, body) for body in fonts.values()})


def _page(objects: dict[int, bytes], page: bytes, tables: dict[int, dict[int, str]]) -> str:
    """Font names are the page's own: /f0 of one page is another font than /f0 of the next."""
    resources = _referred(objects, page, b"Resources")
    names = {name: int(n) for name, n in re.findall(rb"/(\w+) (\d+) 0 R", _referred(objects, resources, b"Font"))}
    return _shown(_stream(_referred(objects, page, b"Contents")), names, tables)


def _referred(objects: dict[int, bytes], body: bytes, key: bytes) -> bytes:
    """What stands under `key`: the object referred to, or all that follows the key in place."""
    found = re.search(rb"/" + key + rb" (\d+) 0 R", body)
    return objects[int(found[1])] if found else body[body.index(b"/" + key + b"<<") :]


def _stream(body: bytes) -> bytes:
    found, length = STREAM.search(body), re.search(rb"/Length (\d+)", body)
    assert found is not None
    assert length is not None
    content = body[found.end() : found.end() + int(length[1])]  # its last byte may look like the end of a line
    return zlib.decompress(content) if b"/FlateDecode" in body else content


def _unpacked(body: bytes) -> dict[int, bytes]:
    content = _stream(body)
    first, count = (int(re.search(rb"/" + key + rb" (\d+)", body)[1]) for key in (b"First", b"N"))  # type: ignore[index]
    numbers = list(map(int, content[:first].split()))[: 2 * count]
    places = [first + place for place in numbers[1::2]] + [len(content)]
    return {number: content[places[n] : places[n + 1]] for n, number in enumerate(numbers[::2])}


def _table(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    where = re.search(rb"/ToUnicode (\d+) 0 R", font)
    assert where is not None, "a font without ToUnicode"
    cmap = _stream(objects[int(where[1])])
    table = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
            table[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return table


def _shown(content: bytes, names: dict[bytes, int], tables: dict[int, dict[int, str]]) -> str:
    table: dict[int, str] = {}
    text = []
    for font, several, one in SHOWN.findall(content):
        if font:
            table = tables.get(names[font], {})
            continue
        for hexed, raw in PIECE.findall(several or one):
            code = bytes.fromhex(hexed.decode()) if hexed else _raw(raw)
            text += [table.get(int.from_bytes(code[n : n + 2]), "\ufffd") for n in range(0, len(code), 2)]
    return "".join(text)


def _raw(text: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        escaped = match[1]
        return bytes([int(escaped, 8)]) if escaped[:1].isdigit() else ESCAPED.get(escaped, escaped)

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, text, flags=re.DOTALL)


def _name(font: bytes) -> str:
    found = re.search(rb"/BaseFont ?/([^\s/>]+)", font)
    assert found is not None
    return found[1].decode()


def _embedded(objects: dict[int, bytes], font: bytes) -> bool:
    below = re.search(rb"/DescendantFonts ?\[(\d+) 0 R\]", font)
    assert below is not None
    descriptor = re.search(rb"/FontDescriptor (\d+) 0 R", objects[int(below[1])])
    assert descriptor is not None
    file = re.search(rb"/FontFile[23]? (\d+) 0 R", objects[int(descriptor[1])])
    return file is not None and len(_stream(objects[int(file[1])])) > 100
