"""Opens an xlsx container without trusting a word of it: sizes, ratios, names, nesting, macros, links, DTDs.

The declared sizes of a zip may lie, and two readers of one zip may see different files. So every part is inflated here, with
a ceiling, and what stands behind reads exactly these parts.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from .model import IntakeError

MOST_ENTRIES = 2_000
MOST_UNPACKED = 56 * 2**20
MOST_RATIO = 250
RATIO_FROM = 2**20
_NESTED = re.compile(r"\.(zip|xlsx|xlsm|xlsb|docx|pptx|rar|7z|gz|jar|exe|dll)$", re.IGNORECASE)
_TEXT_PART = re.compile(r"\.(xml|rels)$", re.IGNORECASE)


def open_parts(data: bytes) -> dict[str, bytes]:
    """Return the XML parts of an xlsx by name; raise IntakeError for what a plain workbook does not contain.

    What stands inside the parts is for `ooxml.read_xlsx` to check.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error, UnicodeDecodeError) as error:
        raise IntakeError(
            "not a workbook", "文件已损坏或不是真正的Excel文件，请用Excel打开后另存为xlsx再导入"
        ) from error
    _check_directory(entries, len(data))
    parts: dict[str, bytes] = {}
    left = MOST_UNPACKED
    for entry in entries:
        if _TEXT_PART.search(entry.filename):
            content = _inflate(data, entry, left)
            left -= len(content)
            parts[entry.filename.replace("\\", "/").lstrip("/")] = content
    names = {name.lower() for name in parts}
    if "[content_types].xml" not in names or not any(name.endswith("workbook.xml") for name in names):
        if any(entry.filename.lower().endswith("workbook.bin") for entry in entries):
            raise IntakeError("binary workbook", "文件是二进制工作簿（xlsb），请在Excel里另存为xlsx再导入")
        raise IntakeError("not a workbook", "文件里没有Excel工作簿，请核对是否传错了文件，或在Excel里另存为xlsx再导入")
    return parts


def _check_directory(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise IntakeError(
            "too many entries", f"文件里装了{len(entries)}个部件，不是正常的表格，请复制内容到新建的xlsx再导入"
        )
    names = [entry.filename.replace("\\", "/").lstrip("/").lower() for entry in entries]
    if any(".." in name.split("/") or ":" in name for name in names):
        raise IntakeError("not a workbook", "文件里有指向别处的部件名，不是正常的表格，请复制内容到新建的xlsx再导入")
    if len(set(names)) != len(names):
        raise IntakeError("not a workbook", "文件里有重名的部件，可能被改动过，请用Excel打开后另存为xlsx再导入")
    if sum(entry.compress_size for entry in entries) > size:
        raise IntakeError("zip bomb", "文件的压缩内容互相重叠，不是正常的表格，请复制内容到新建的xlsx再导入")
    unpacked = sum(entry.file_size for entry in entries if _TEXT_PART.search(entry.filename))
    for entry in entries:
        name = entry.filename.lower()
        if entry.flag_bits & 0x1:
            raise IntakeError("encrypted", "文件加了密码，请在Excel里取消密码后另存再导入")
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise bomb_error()
        if "vbaproject" in name or "macrosheets/" in name:
            raise IntakeError("macros", "文件带有宏，请在Excel里另存为不含宏的xlsx再导入")
        if "externallinks/" in name:
            raise IntakeError(
                "external links",
                "文件引用了别的工作簿（外部链接），请在Excel〈数据－编辑链接〉里断开链接，另存后再导入",
            )
        if name.endswith(("connections.xml",)) or "querytables/" in name:
            raise IntakeError("external links", "文件带有外部数据连接，请在Excel〈数据－连接〉里删除连接，另存后再导入")
        if _NESTED.search(name):
            raise IntakeError(
                "nested archive", f"文件里嵌着另一个文件（{entry.filename[-40:]}），请删去嵌入的对象，另存后再导入"
            )
    if unpacked > MOST_UNPACKED:
        raise bomb_error()


def bomb_error() -> IntakeError:
    """Return the refusal of a file that grows without measure when it is opened."""
    return IntakeError(
        "zip bomb",
        f"文件解压后过大（超过{MOST_UNPACKED // 2**20}MB或压缩比异常），请删去多余的行列和格式，或分成几个文件再导入",
    )


def _inflate(data: bytes, entry: zipfile.ZipInfo, left: int) -> bytes:
    """Return an entry's content, at most as long as it declares and as is `left`."""
    broken = IntakeError("not a workbook", "文件已损坏，请用Excel打开后另存为xlsx再导入")
    head = data[entry.header_offset : entry.header_offset + 30]
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise broken
    name_length, extra_length = struct.unpack("<HH", head[26:30])
    start = entry.header_offset + 30 + name_length + extra_length
    raw = data[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        content = raw
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        most = min(entry.file_size, left)
        stream = zlib.decompressobj(-15)
        try:
            content = stream.decompress(raw, most + 1)
        except zlib.error as error:
            raise broken from error
    else:
        raise broken
    if len(content) > min(entry.file_size, left):
        raise bomb_error()
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        raise broken
    return content
