"""Any table by a mapping: CSV, workbook or JSON Lines, packed or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Final, cast

from graph.errors import InputError
from ingest.mapping import TableMapping
from ingest.readers import Encoding, Format, Record, Unreadable, open_records
from ingest.source import HIDDEN, Draft

# Lines of JSON may lack a key that later ones have; a column that none of the first has is not there.
_LOOKED_AT: Final = 50


@dataclass(frozen=True)
class TableSource:
    """A table understood through a mapping; satisfies `Source`."""

    rules: TableMapping
    dataset: str = ""

    @property
    def kind(self) -> str:
        """Kind of source, as the mapping names it."""
        return self.rules.kind

    @property
    def mapping(self) -> str:
        """Name of the mapping."""
        return self.rules.name

    @property
    def precedence(self) -> int:
        """Whose claim is shown, smaller first."""
        return self.rules.precedence

    @property
    def complete(self) -> bool:
        """Whether what the file no longer says is taken away."""
        return self.rules.complete

    @property
    def unique(self) -> bool:
        """Whether two rows of one key are a mistake."""
        return self.rules.unique

    @property
    def makes(self) -> frozenset[str]:
        """Labels of the nodes it can make."""
        return self.rules.makes

    def fetch(self, path: Path) -> Iterator[Record | Unreadable]:
        """Read the table; raises `InputError` when it cannot be read or lacks a required column."""
        rules = self.rules
        items = open_records(
            path,
            format=cast(Format, rules.format),
            sheet=rules.sheet,
            encoding=cast(Encoding, rules.encoding),
            header_row=rules.header_row,
            expected=rules.expected(),
        )
        first = list(islice(items, _LOOKED_AT))
        self._check_columns(path, [item for item in first if isinstance(item, Record)])
        for item in chain(first, items):
            # The text of a broken row may hold anything of it.
            masked = isinstance(item, Unreadable) and rules.hidden and (not item.column or item.column in rules.hidden)
            yield replace(item, value=HIDDEN) if masked and isinstance(item, Unreadable) else item

    def _check_columns(self, path: Path, records: list[Record]) -> None:
        if not records:
            return
        present = {column: "" for record in records for column in record.values}
        if missing := self.rules.missing_columns(present):
            sheet = records[0].sheet
            where = f"文件“{path.name}”" + (f"的工作表“{sheet}”" if sheet else "")
            raise InputError(
                f"{where}缺少映射 {self.rules.name} 需要的列：{'、'.join(missing)}",
                hint=f"表中的列是：{'、'.join(list(present)[:30])}；请改列名或换一个映射",
            )

    def transform(self, record: Record) -> Draft:
        """Say what a row means."""
        return self.rules.draft(record)

    def fingerprint(self) -> str:
        """The mapping's digest."""
        return self.rules.digest
