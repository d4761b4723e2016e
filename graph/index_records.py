"""The stored works of one generation of the text index: one file that only grows, read through a mapping.

    records        length of a record (4 bytes), the record; length, record; …

The index holds where each work's record begins. Tantivy's own store of documents was read before: 500 works of a
question took 5.2 ms, each under a lock given back and taken again, and 580 MB of it counted as memory of the service
(1,000,000 works, bench/lookup_scale.py). From here they take 0.9 ms.

A record is on the disk before the index points to it. What a killed write leaves at the end belongs to nobody; records
of works that were replaced stay until the index is written anew (`TextIndex`, at one replaced work in twenty).
"""

from __future__ import annotations

import mmap
import os
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_HEAD: Final = 4
# The kernel maps 64 kB around every record read, and all of that counts as memory of this process until it is given
# back; it stays in the page cache. At most some 60 MB, and at two questions a record is still read in 2 µs.
_READ_BEFORE_GIVEN_BACK: Final = 1_000


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
        self._mapping: mmap.mmap | None = None
        self._growing = threading.Lock()
        self._read = 0

    def reach(self, length: int) -> None:
        """Make the first `length` bytes readable; raises `ValueError` when the file is shorter: it was damaged."""
        with self._growing:
            if length > (0 if self._mapping is None else len(self._mapping)):
                if os.fstat(self._descriptor).st_size < length:
                    raise ValueError("the stored works are shorter than the index says")
                self._mapping = mmap.mmap(self._descriptor, length, access=mmap.ACCESS_READ)

    def read(self, begins: Sequence[int]) -> list[bytes]:
        """Return the records that begin at these places, all within what was reached."""
        mapping = self._mapping
        if mapping is None:
            return []
        found: list[bytes] = []
        for begin in begins:
            first = begin + _HEAD
            found.append(mapping[first : first + int.from_bytes(mapping[begin:first], "big")])
        self._read += len(found)
        if self._read > _READ_BEFORE_GIVEN_BACK:
            self._read = 0
            mapping.madvise(mmap.MADV_DONTNEED)
        return found
