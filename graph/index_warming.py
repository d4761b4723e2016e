"""The files of the text index brought into memory before anybody asks: Tantivy maps them, the first reader waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import psutil

from graph.index_folder import IndexFolder
from graph.store import Store

_BLOCK: Final = 4 * 1024 * 1024
# An index larger than this part of the free memory would only push itself out again.
_MOST_OF_FREE: Final = 0.5


def read_index_files(store: Store, *, stopped: Callable[[], bool] = lambda: False) -> int:
    """Read the files of the current text index once, and return how many bytes that were.

    Term lists and postings come before the stored texts; what exceeds half of the free memory is left out. Nothing is
    read when there is no index; a file that is removed meanwhile is passed over.
    """
    current = IndexFolder(store.folder, store.id).current()
    if current is None:
        return 0
    budget = int(psutil.virtual_memory().available * _MOST_OF_FREE)
    files = [path for name in ("works", "names") for path in (current / name).glob("*") if path.is_file()]
    done = 0
    for path in [*sorted(files, key=lambda path: (path.suffix == ".store", path.name)), current / "records"]:
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    done += len(block)
                    if done >= budget or stopped():
                        return done
        except OSError:
            continue
    return done
