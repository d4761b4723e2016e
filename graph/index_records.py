"""The stored works of one generation of the text index: one file that only grows.

    records        length of a record (4 bytes), the record; length, record; …

The index holds where each work's record begins. Tantivy's own store of documents was read before: 500 works of a
question took 5.2 ms, each under a lock given back and taken again, and 580 MB of it counted as memory of the service
(1,000,000 works, bench/lookup_scale.py). From here they take 0.9 ms.

A record is on the disk before the index points to it. What a killed write leaves at the end belongs to nobody; records
of works that were replaced stay until the index is written anew (`TextIndex`, at one replaced work in twenty).
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_HEAD: Final = 4
# Most records are no longer, and are read in one call. A mapping would be slower: a page is mapped in 4 µs, and what
# was mapped must be given back or counts as memory of the service.
_PAGE: Final = 2_048


class RecordsWriter:
    """Adds records at the end of the file; what was added is there for readers after `flush`."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._end = self._file.tell()

    def add(self, record: bytes) -> int:
        """Add a record and return where it begins."""
        begins = self._end
        self._end += self._file.write(len(record).to_bytes(_HEAD, "big") + record)
        return begins

    def flush(self) -> int:
        """Bring all to the disk, and return how long the file is."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


class Records:
    """Reads records; safe to share between threads, also while another process adds some."""

    def __init__(self, path: Path) -> None:
        # Held open: a rebuild removes the folder while readers still answer from it.
        self._descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._descriptor)

    def check(self, length: int) -> None:
        """Raise `ValueError` when the file is shorter than this: it was damaged."""
        if os.fstat(self._descriptor).st_size < length:
            raise ValueError("the stored works are shorter than the index says")

    def read(self, begins: Iterable[int]) -> list[bytes]:
        """Return the records that begin at these places."""
        descriptor, found = self._descriptor, list[bytes]()
        for begin in begins:
            page = os.pread(descriptor, _PAGE, begin)
            end = _HEAD + int.from_bytes(page[:_HEAD], "big")
            if end <= _PAGE:
                found.append(page[_HEAD:end])
            else:
                found.append(page[_HEAD:] + os.pread(descriptor, end - _PAGE, begin + _PAGE))
        return found
