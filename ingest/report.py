"""What a run has to say when it is done: its counts, and the list of what was not taken."""

from __future__ import annotations

import csv
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from graph.errors import InputError
from graph.merge import Counts
from ingest.source import Reject

# Kept in the report and in the graph; the file has them all.
MOST_LISTED: Final = 1_000
_COLUMNS: Final = ("文件", "工作表", "行", "列", "值", "原因", "范围")


@dataclass(slots=True)
class RunReport:
    """What an ingest did: records read, claims written, what was rejected and where the list lies.

    Every record read was taken or stands in `rejected_records`; `rejected_values` are values left out of records that
    were taken, `conflicts` values that contradict what an earlier record of the file says (the earlier one stands).
    `rejects` are the first thousand of them all, `rejects_file` has every one.
    """

    run: str
    source: str
    mapping: str = ""
    file: str = ""
    read: int = 0
    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    rejected_records: int = 0
    rejected_values: int = 0
    conflicts: int = 0
    resumed_at: int = 0
    seconds: float = 0.0
    dry_run: bool = False
    rejects: list[Reject] = field(default_factory=list[Reject])
    rejects_file: Path | None = None

    @property
    def written(self) -> int:
        """Claims and relationships that are different now; 0 on a second run of the same file."""
        return self.created + self.changed + self.removed

    @property
    def taken(self) -> int:
        """Records whose facts are in the graph (but for single values)."""
        return self.read - self.rejected_records

    def add(self, counts: Counts) -> None:
        """Count a write."""
        self.created += counts.created
        self.changed += counts.changed
        self.removed += counts.removed
        self.unchanged += counts.unchanged


class RejectsFile:
    """A list of rejects that Excel opens as it is, made when the first one comes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: IO[str] | None = None
        self._writer: Any = None

    def write(self, reject: Reject, scope: str) -> None:
        """Add a line; values that Excel would run as formulas get an apostrophe. Raises `InputError` on a full disk."""
        cells = (reject.file, reject.sheet, str(reject.row), reject.column, reject.value, reject.reason, scope)
        with self._told():
            if self._stream is None:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._stream = self._path.open("w", encoding="utf-8-sig", errors="replace", newline="")
                self._writer = csv.writer(self._stream)
                self._writer.writerow(_COLUMNS)
            self._writer.writerow([_inert(cell) for cell in cells])

    def close(self) -> Path | None:
        """End the list and return where it lies, None when there was nothing to list."""
        if self._stream is None:
            return None
        with self._told():
            self._stream.close()
        return self._path

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"拒收清单写不出去：{self._path}（{error.strerror}）", hint="腾出磁盘空间后再导入一次，会接着做"
            ) from error


def _inert(cell: str) -> str:
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
