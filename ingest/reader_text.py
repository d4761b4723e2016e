"""Text files: which encoding and delimiter, lines of bounded length, rows of CSV."""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter, deque
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Literal, cast

from graph.errors import InputError

from .reader_records import HEADER_SEARCH, Limits, Place, Record, Row, Unreadable, header_key, header_names, tabulate

Encoding = Literal["auto", "utf-8", "gb18030", "gbk", "utf-16", "big5"]

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# So many continuation bytes in valid places do not happen by chance: the file is UTF-8, one place in it is damaged.
_SURELY_UTF8 = 16
_SAMPLE = 1 << 16
# Prose has not this many lines on end with exactly as many delimiters as the table.
_ROWS_IN_CELL = 5
_DECLARED = re.compile(r"[sS][eE][pP]=([,;\t]|\\t)")
BROKEN_STREAM = (EOFError, OSError, zlib.error)


@dataclass(frozen=True, slots=True)
class Encoded:
    """The encoding of a file; `damaged`: single lines of it may hold bytes that are not of it."""

    name: str
    damaged: bool = False


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacked if its first bytes say gzip. Raises `InputError` when it cannot be opened."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
        return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")
    except PermissionError as error:
        raise InputError(f"没有权限读取文件“{path.name}”", hint="请检查文件权限") from error
    except OSError as error:
        raise InputError(f"无法打开文件“{path.name}”：{error.strerror or error}") from error


def _chunks(path: Path) -> Iterator[bytes]:
    with open_bytes(path) as stream:
        while True:
            try:
                data = stream.read1(_CHUNK) if isinstance(stream, gzip.GzipFile) else stream.read(_CHUNK)
            except BROKEN_STREAM:
                return  # the rows before the break are read first; the same break is reported then
            if not data:
                return
            yield data


def _survey(path: Path, encoding: str) -> tuple[int, int, int] | None:
    """Return where a file stops being of an encoding: byte offset, line, continuation bytes before; None if nowhere."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = line = extra = 0
    for data in chain(_chunks(path), (b"",)):
        pending = decoder.getstate()[0]
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            good = (pending + data)[: error.start]
            extra += len(good) - len(good.decode(encoding, "ignore"))
            return offset - len(pending) + error.start, line + good.count(b"\n") + 1, extra
        offset += len(data)
        line += data.count(b"\n")
        extra += len(data) - len(text)
    return None


def find_encoding(path: Path, asked: Encoding) -> Encoded:
    """Return the encoding in which the whole file can be read: its mark (BOM), else UTF-8, else GB18030.

    A file that is UTF-8 but for a few places is given as damaged: their lines become rejects. Raises `InputError` with
    the byte offset and line where neither fits (or the encoding asked for does not).
    """
    head = next(_chunks(path), b"")[:4096]
    marked = next((name for mark, name in _BOMS if head.startswith(mark)), None)
    if asked != "auto":
        wanted = marked if marked and marked.startswith(asked) else asked
        failed = _survey(path, wanted)
        if failed is None:
            return Encoded(wanted)
        raise InputError(
            f"文件“{path.name}”不是 {asked} 编码：第 {failed[0] + 1} 字节（第 {failed[1]} 行）无法解码",
            hint="请去掉编码设置让系统自动判断，或另存为 UTF-8",
        )
    if not marked and head.count(0) > len(head) // 10:
        raise InputError(
            f"文件“{path.name}”不是文本文件，或是没有标记的 UTF-16", hint="请在 Excel 或记事本里另存为 UTF-8"
        )
    first = marked or "utf-8"
    failed = _survey(path, first)
    if failed is None:
        return Encoded(first)
    if marked == "utf-8-sig" or failed[2] >= _SURELY_UTF8:
        return Encoded(first, damaged=True)
    second = None if marked else _survey(path, "gb18030")
    if second is None and not marked:
        return Encoded("gb18030")
    name, where = ("GB18030", second) if second and second[0] > failed[0] else (first.upper(), failed)
    raise InputError(
        f"文件“{path.name}”的编码无法识别：按 {name} 读到第 {where[0] + 1} 字节（第 {where[1]} 行）出错",
        hint="请在 Excel 或记事本里另存为 UTF-8",
    )


class Lines:
    """The lines of a text, one by one, none longer than the limit; lines with faults are left out and kept as rejects.

    `taken` are the lines since it was last cleared (for a reader that takes several for one row), `broken` says that a
    line was left out or the text ended among them.
    """

    def __init__(self, place: Place, stream: io.TextIOWrapper, limits: Limits, *, damaged: bool) -> None:
        self.place = place
        self.rejects: list[Unreadable] = []
        self.taken: list[tuple[int, str]] = []
        self.broken = False
        self.number = 0
        self._read = stream.readline
        self._limit = limits.line
        self._damaged = damaged
        self._again: deque[tuple[int, str]] = deque()

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if self._again:
            numbered = self._again.popleft()
            self.taken.append(numbered)
            return numbered[1]
        while True:
            line = self._line()
            if not line:
                self.broken = bool(self.taken)
                raise StopIteration
            self.number += 1
            fault = self._fault(line)
            if not fault:
                self.taken.append((self.number, line))
                return line
            self.rejects.append(self.place.unreadable(self.number, fault, line))
            self.broken = bool(self.taken)
            if len(self.rejects) >= 100 and not self.taken:
                self.taken.append((self.number, "\n"))
                return "\n"  # gives the caller a chance to hand the rejects on

    def give_back(self, lines: list[tuple[int, str]]) -> None:
        """Have lines read again, before any other."""
        self._again.extendleft(reversed(lines))

    def _line(self) -> str:
        try:
            return self._read(self._limit + 1)
        except UnicodeDecodeError as error:
            raise InputError(f"{self.place}第 {self.number + 1} 行之后无法解码", hint="文件可能正在被改动") from error
        except BROKEN_STREAM as error:
            raise InputError(
                f"{self.place}在第 {self.number} 行之后中断：压缩文件不完整或已损坏", hint="请重新复制或下载这个文件"
            ) from error

    def _fault(self, line: str) -> str:
        if len(line) > self._limit and line[-1] not in "\r\n":
            while (more := self._line()) and more[-1] not in "\r\n":
                pass
            return f"这一行超过 {self._limit} 个字符"
        if "\0" in line:
            return "这一行含有空字符（NUL）"
        if self._damaged and not line.isascii():
            try:
                line.encode()
            except UnicodeEncodeError:
                return "这一行含有不是 UTF-8 的字节"
        return ""


class _Rows:
    """The rows of a text table; a quotation that is never closed costs its own line, not the rest of the file."""

    def __init__(self, lines: Lines, delimiter: str, width: int, limits: Limits) -> None:
        self._width = width
        self._lines = lines
        self._delimiter = delimiter
        self._limits = limits

    def __iter__(self) -> Iterator[Row | Unreadable]:
        lines = self._lines
        reader = csv.reader(lines, delimiter=self._delimiter)
        faults = 0
        while True:
            try:
                cells = next(reader, None)
                bad = "" if cells is not None else None
            except csv.Error:
                cells, bad = [], "引号没有闭合，或单元格过长"
            if lines.rejects:
                yield from drain(lines)
            if cells is None or bad is None:
                return
            taken = lines.taken
            if lines.broken or (len(taken) > 1 and (self._too_wide(cells) or self._swallows(taken))):
                bad, lines.broken = "引号没有闭合", False
            if bad:
                faults += 1
                if faults > self._limits.faults:
                    raise InputError(
                        f"{lines.place}有超过 {self._limits.faults} 行的引号没有闭合", hint="请重新导出，或改用 XLSX"
                    )
                yield lines.place.unreadable(taken[0][0], bad, taken[0][1].rstrip("\r\n"))
                lines.give_back(taken[1:])
                reader = csv.reader(lines, delimiter=self._delimiter)
            elif cells:
                yield Row(taken[0][0], cells)
            taken.clear()

    def _swallows(self, taken: list[tuple[int, str]]) -> bool:
        """Say whether a cell of many lines is made of whole rows: its quotation was closed by one far below."""
        inner = [line for _, line in taken[1:-1]]
        like_rows = sum(line.count(self._delimiter) == self._width - 1 for line in inner)
        return self._width > 1 and len(inner) >= _ROWS_IN_CELL and like_rows >= 0.8 * len(inner)

    def _too_wide(self, cells: list[str]) -> bool:
        return any(cells[self._width :])


def read_csv(
    path: Path, encoding: Encoding, expected: Collection[str], header_row: int | None, limits: Limits, *, tabs: bool
) -> Iterator[Record | Unreadable]:
    """Give the rows of a CSV or TSV file; the errors of the file as a whole come before the first row."""
    place = Place(path.name)
    encoded = find_encoding(path, encoding)
    delimiter, skip = ("\t", 0) if tabs else _sniff(path, encoded, expected)
    header = _header(path, encoded, delimiter, skip, expected=expected, header_row=header_row, limits=limits)
    names = header_names(place, header, expected, limits)
    width = len(names)
    with _lines(path, encoded, limits, skip) as lines:
        for row in _Rows(lines, delimiter, width, limits):
            if isinstance(row, Unreadable):
                yield row
                continue
            number, cells = row
            if number <= header.number or _blank(row):
                continue
            if len(cells) != width:
                if any(cells[width:]):
                    reason = f"这一行有 {len(cells)} 列，表头只有 {width} 列"
                    yield place.unreadable(number, reason, delimiter.join(cast("list[str]", cells)))
                    continue
                cells = (*cells, *[""] * (width - len(cells)))
            yield Record(place.file, "", number, dict(zip(names, cells, strict=False)))


def _header(
    path: Path,
    encoded: Encoded,
    delimiter: str,
    skip: int,
    *,
    expected: Collection[str],
    header_row: int | None,
    limits: Limits,
) -> Row:
    """Find the header in a pass of its own: how a quotation is mended depends on the width of the table."""
    with _lines(path, encoded, limits, skip) as lines:
        rows = (row for row in _Rows(lines, delimiter, limits.columns, limits) if not _blank(row))
        return tabulate(Place(path.name), rows, expected, header_row)[0]


@contextmanager
def _lines(path: Path, encoded: Encoded, limits: Limits, skip: int) -> Generator[Lines]:
    with open_bytes(path) as raw, decoded(raw, encoded, newline="") as stream:
        lines = Lines(Place(path.name), stream, limits, damaged=encoded.damaged)
        for _ in range(skip):
            next(lines, None)
        lines.taken.clear()
        yield lines


def drain(lines: Lines) -> Iterator[Unreadable]:
    """Hand over the lines that were left out."""
    yield from lines.rejects
    lines.rejects.clear()


def _sniff(path: Path, encoded: Encoded, expected: Collection[str]) -> tuple[str, int]:
    """Return the delimiter of a table (comma, semicolon, tab) and how many lines stand before it (Excel's "sep=;")."""
    with open_bytes(path) as raw, decoded(raw, encoded, newline="") as stream:
        try:
            lines = stream.read(_SAMPLE).splitlines(keepends=True)[:20]
        except (UnicodeDecodeError, *BROKEN_STREAM):
            lines = []
    lines = [line.replace("\0", "") for line in lines]
    if lines and (declared := _DECLARED.fullmatch(lines[0].strip())):
        return declared[1].replace("\\t", "\t"), 1
    wanted = {header_key(name) for name in expected}
    best, found = (0, 0, 0), ","
    for delimiter in ",;\t":
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        widths = Counter(map(len, rows))
        width = max(widths, key=lambda cells: (cells > 1, widths[cells], cells), default=0)
        named = max((len(wanted.intersection(map(header_key, row))) for row in rows[:HEADER_SEARCH]), default=0)
        score = (named, widths[width] if width > 1 else 0, width)
        if score > best:
            best, found = score, delimiter
    return found, 0


def _blank(row: Row | Unreadable) -> bool:
    if isinstance(row, Unreadable):
        return False
    joined = "".join(cast("list[str]", row.cells))
    return not joined or joined.isspace()


def decoded(raw: IO[bytes], encoded: Encoded, *, newline: str) -> io.TextIOWrapper:
    """Return a byte stream as text; bytes not of the encoding come as surrogates if the file is damaged."""
    errors = "surrogateescape" if encoded.damaged else "strict"
    return io.TextIOWrapper(cast("io.BufferedReader", raw), encoding=encoded.name, errors=errors, newline=newline)
