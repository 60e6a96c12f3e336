"""Streams XML that nobody vouches for: no DTD, no entity, no endless tag, no endless nesting, no endless number of elements."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from .container import bomb_error
from .model import IntakeError

MOST_DEPTH = 60
MOST_NODES = 2_000_000
_CHUNK = 2**16
_LONGEST_TOKEN = 2**18

Start = Callable[[str, dict[str, str]], None]


def stream(
    content: bytes,
    start: Start,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse XML and call back; raise IntakeError for a DTD, a tag without end, or broken XML.

    Depth and number of elements are for the callbacks to watch: a second layer of calls would double the time.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        for at in range(0, len(content), _CHUNK):
            parser.Parse(content[at : at + _CHUNK], False)
            if at - parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise bomb_error()
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise IntakeError("not a workbook", "文件内部的XML已损坏，请用Excel打开后另存为xlsx再导入") from error


def _no_doctype(*_: object) -> None:
    raise IntakeError("dtd", "文件的XML里带有DTD或实体声明，可能被改动过，请用Excel打开后另存为xlsx再导入")


def check_part(name: str, content: bytes, left: int) -> int:
    """Refuse a part that nests or repeats without end, points outside the file or declares macros.

    Returns `left` less the elements and attributes seen.
    """
    depth = 0
    is_list = name.lower().endswith(".rels") or name.lower() == "[content_types].xml"

    def start(_tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, left
        depth += 1
        left -= 1 + len(attributes)
        if depth > MOST_DEPTH or left < 0:
            raise bomb_error()
        if is_list:
            if attributes.get("TargetMode") == "External" and not attributes.get("Type", "").endswith("/hyperlink"):
                raise IntakeError("external links", "文件引用了外部文件或网址，请断开链接、删去外部图片，另存后再导入")
            if "macroEnabled" in attributes.get("ContentType", ""):
                raise IntakeError("macros", "文件是启用宏的工作簿，请在Excel里另存为不含宏的xlsx再导入")

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    stream(content, start, end)
    return left
