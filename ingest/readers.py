"""Read other people's files into positioned raw records: CSV, TSV, XLSX, XLS, ODS, JSON Lines, packed by gzip or not.

Knows nothing of mappings or of the graph. A row that cannot be read is given as an `Unreadable`; a file that cannot be
read raises `InputError` with the Chinese reason, after the rows before the break.
"""

import gzip
import hashlib
import stat
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, Literal, cast

from graph.errors import InputError

from .reader_json import read_jsonl
from .reader_records import Limits, Record, Unreadable, header_key
from .reader_sheets import read_sheet
from .reader_text import BROKEN_STREAM, Encoding, open_bytes, read_csv

__all__ = ["Encoding", "Format", "Limits", "Record", "Unreadable", "file_digest", "header_key", "open_records"]

Format = Literal["auto", "csv", "xlsx", "jsonl"]

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON_NAMES = {".jsonl", ".ndjson", ".json"}
_SHEET_NAMES = {".xlsx", ".xlsm", ".xls", ".ods"}
_IN_MEMORY = 16 << 20


def open_records(
    path: Path,
    *,
    format: Format = "auto",
    sheet: str | None = None,
    encoding: Encoding = "auto",
    header_row: int | None = None,
    expected: Collection[str] = (),
    limits: Limits | None = None,
) -> Iterator[Record | Unreadable]:
    """Give the records of a file in its order, rejects in their places, without holding a text file in memory.

    `format` "auto" goes by the first bytes, then the name; "csv" is any delimited text (comma, semicolon or tab),
    "xlsx" any workbook. `sheet`: name of a sheet (default: the visible one whose header fits `expected` best).
    `header_row`: number of the header row from 1 (default: the one of the first ten that fits `expected` best).
    `expected`: column names the caller knows; they are matched whatever their case, width, spaces or "*", and are the
    keys of `Record.values` as the caller wrote them. Blank rows are passed over. Raises `InputError` at once for a
    path that cannot be opened, and at the first or a later record for an empty or damaged file, an unknown encoding, a
    repeated column or a broken limit.
    """
    bounds = limits or Limits()
    size = _size(path)
    if not size:
        raise InputError(f"文件“{path.name}”是空的", hint="请检查是否选对了文件")
    if header_row is not None and header_row < 1:
        raise InputError("表头行号从 1 开始", hint="请检查映射文件的表头行号")
    kind = format if format != "auto" else _format(path)
    if kind == "xlsx":
        return _from_workbook(path, sheet, expected, header_row, bounds)
    if kind == "jsonl":
        return read_jsonl(path, encoding, bounds)
    return read_csv(path, encoding, expected, header_row, bounds, tabs=_suffix(path) == ".tsv")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as they lie on disk, in hexadecimal. Raises `InputError` if unreadable."""
    _size(path)
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"无法读取文件“{path.name}”：{error.strerror or error}", hint="请检查文件权限") from error


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise InputError(f"找不到文件“{path}”", hint="请检查路径") from error
    except PermissionError as error:
        raise InputError(f"没有权限访问“{path}”", hint="请检查文件权限") from error
    except (OSError, ValueError) as error:
        raise InputError(f"路径“{str(path)[:200]!r}”无法使用", hint="请检查路径") from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"“{path}”是文件夹，不是文件", hint="请给出其中一个文件")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"“{path}”不是普通文件", hint="请先存成文件")
    return status.st_size


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in {".gz", ".gzip"}:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _format(path: Path) -> Format:
    try:
        with open_bytes(path) as stream:
            head = stream.read(4096)
    except BROKEN_STREAM as error:
        raise InputError(f"压缩文件“{path.name}”不完整或已损坏", hint="请重新复制或下载这个文件") from error
    suffix = _suffix(path)
    if head.startswith((_ZIP, _OLE)) or suffix in _SHEET_NAMES:
        return "xlsx"
    if suffix in _JSON_NAMES:
        return "jsonl"
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    known = suffix in {".csv", ".tsv", ".txt"}
    return "jsonl" if plain.startswith(b'{"') and not known else "csv"


def _from_workbook(
    path: Path, sheet: str | None, expected: Collection[str], header_row: int | None, limits: Limits
) -> Iterator[Record | Unreadable]:
    with open_bytes(path) as stream:
        if not isinstance(stream, gzip.GzipFile):
            yield from read_sheet(path, stream, sheet=sheet, expected=expected, header_row=header_row, limits=limits)
            return
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as plain:
            unpacked = cast("IO[bytes]", plain)
            _unpack(path, stream, unpacked, limits)
            yield from read_sheet(path, unpacked, sheet=sheet, expected=expected, header_row=header_row, limits=limits)


def _unpack(path: Path, stream: IO[bytes], plain: IO[bytes], limits: Limits) -> None:
    left = limits.unpacked
    try:
        while data := stream.read(1 << 20):
            left -= len(data)
            if left < 0:
                raise InputError(f"文件“{path.name}”解压后超过 {limits.unpacked // 2**20} MiB", hint="请拆成几个文件")
            plain.write(data)
    except BROKEN_STREAM as error:
        raise InputError(f"压缩文件“{path.name}”不完整或已损坏", hint="请重新复制或下载这个文件") from error
    plain.seek(0)
