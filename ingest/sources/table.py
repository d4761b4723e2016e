"""Any table by a mapping: CSV, workbook or JSON Lines, packed or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from graph.errors import InputError
from ingest.mapping import TableMapping
from ingest.readers import Encoding, Format, Record, Unreadable, open_records
from ingest.source import Draft


@dataclass(frozen=True)
class TableSource:
    """A table understood through a mapping; satisfies `Source`."""

    mapping: TableMapping
    dataset: str = ""

    @property
    def kind(self) -> str:
        """Kind of source, as the mapping names it."""
        return self.mapping.kind

    @property
    def precedence(self) -> int:
        """Whose claim is shown, smaller first."""
        return self.mapping.precedence

    @property
    def complete(self) -> bool:
        """Whether what the file no longer says is taken away."""
        return self.mapping.complete

    @property
    def unique(self) -> bool:
        """Whether two rows of one key are a mistake."""
        return self.mapping.unique

    def fetch(self, path: Path) -> Iterator[Record | Unreadable]:
        """Read the table; raises `InputError` when it cannot be read or lacks a required column."""
        mapping = self.mapping
        checked = False
        for item in open_records(
            path,
            format=cast(Format, mapping.format),
            sheet=mapping.sheet,
            encoding=cast(Encoding, mapping.encoding),
            header_row=mapping.header_row,
            expected=mapping.expected(),
        ):
            if not checked and isinstance(item, Record):
                checked = True
                self._check_columns(path, item)
            yield item

    def _check_columns(self, path: Path, record: Record) -> None:
        missing = self.mapping.missing_columns(record.values)
        if missing:
            where = f"文件“{path.name}”" + (f"的工作表“{record.sheet}”" if record.sheet else "")
            raise InputError(
                f"{where}缺少映射 {self.mapping.name} 需要的列：{'、'.join(missing)}",
                hint=f"表中的列是：{'、'.join(list(record.values)[:30])}；请改列名或换一个映射",
            )

    def transform(self, record: Record) -> Draft:
        """Say what a row means."""
        return self.mapping.draft(record)

    def fingerprint(self) -> str:
        """The mapping's digest."""
        return self.mapping.digest
