"""Files for the tests of the readers: tables, workbooks, and what is read from them."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]
from hypothesis import HealthCheck, settings

from ingest.readers import Record, Unreadable, open_records

ROSTER = ["姓名", "单位", "职称", "经费(万元)"]
PEOPLE = [["张三", "云溟大学", "教授", "12"], ["李四", "云溟省水利科学研究院", "研究员", "3.5"]]
SAFE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def table(header: Iterable[str], rows: Iterable[Iterable[object]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def read(path: Path, **options: Any) -> list[Record | Unreadable]:
    return list(open_records(path, **options))


def rejects(items: list[Record | Unreadable]) -> list[Unreadable]:
    return [item for item in items if isinstance(item, Unreadable)]


def rows(items: list[Record | Unreadable]) -> list[list[object]]:
    return [list(item.values.values()) for item in items if isinstance(item, Record)]


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def workbook(path: Path, fill: Callable[[Any, Any], object]) -> Path:
    book: Any = xlsxwriter.Workbook(str(path))
    fill(book, book.add_worksheet("名册"))
    book.close()
    return path


def open_document(path: Path, body: str) -> Path:
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="表">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", content)
        parts.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return path
