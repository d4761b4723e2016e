"""Where a command works: the settings read once, the home folder, the store and its text index opened for it."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from cli.options import GlobalOptions
from cli.output import note
from cli.tables import progress_bar
from graph.errors import InputError
from graph.settings import DatabaseSettings, HomeSettings, IndexSettings
from graph.store import Store, open_store
from graph.textindex import TextIndex
from graph.vocabulary_keeping import follow_vocabulary

Settings = TypeVar("Settings", bound=BaseSettings)

# Fictional data have a home of their own inside the real one, so that they never mix and go away with one folder.
DEMO_FOLDER: Final = "demo"
_LOG_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """A home folder and how its graph is reached."""

    home: Path
    database: DatabaseSettings
    demo: bool

    def open(self) -> Store:
        """Open the store; raises `StoreUnavailableError`."""
        return open_store(self.database, self.home, encoder=settings(IndexSettings).encoder)

    @contextmanager
    def opened(self) -> Generator[tuple[Store, TextIndex]]:
        """Open the store and its text index, caught up with the graph."""
        with self.open() as store:
            yield store, caught_up(store)


def place(ctx: typer.Context) -> Place:
    """Return where this command works, by its options and the environment; raises `InputError` for a wrong setting."""
    options = cast(GlobalOptions, ctx.obj)
    home = options.home or settings(HomeSettings).home
    if options.demo:
        home = home / DEMO_FOLDER
    # Recorded for the error log, which must lie where the person looks for it.
    options.home = home
    log_to(home)
    if options.demo:
        return Place(home, settings(DatabaseSettings, uri=""), demo=True)
    return Place(home, settings(DatabaseSettings), demo=False)


def settings(kind: type[Settings], **given: object) -> Settings:
    """Build settings from the environment and `given`; raises `InputError` naming the variable, never its value."""
    try:
        return kind(**cast(dict[str, Any], {name: value for name, value in given.items() if value is not None}))
    except ValidationError as error:
        prefix = str(kind.model_config.get("env_prefix", ""))
        names = [f"{prefix}{'_'.join(str(part) for part in found['loc'])}".upper() for found in error.errors()]
        raise InputError(
            f"设置不对：{'、'.join(names)}", hint="改正这个环境变量或对应的选项；允许的值见 docs/settings.md"
        ) from None


def caught_up(store: Store) -> TextIndex:
    """Return the text index of a store, following the graph to its last write."""
    with progress_bar("文本索引跟进图数据库") as moved:
        moved(0, "")
        index = TextIndex.open(store, progress=lambda done, _total: moved(done, ""))
        follow_vocabulary(store.database, index)
    return index


def log_to(home: Path) -> None:
    """Send the program's log into the home folder, for the engineer; that it cannot be written is no reason to stop."""
    logger = logging.getLogger("zhiku")
    folder = home / "logs"
    for earlier in [h for h in logger.handlers if isinstance(h, RotatingFileHandler)]:
        logger.removeHandler(earlier)
        earlier.close()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "zhiku.log"
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8")
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def readable_file(path: Path) -> Path:
    """Return `path` if it is a file that can be read; raises `InputError` saying what is wrong with it."""
    try:
        if path.is_dir():
            raise InputError(f"{path} 是文件夹，不是文件", hint="给出文件夹里的某个文件")
        with path.open("rb"):
            return path
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "路径不能用"
        raise InputError(f"打不开文件 {path}（{reason}）", hint="检查路径和权限；路径含空格时放在引号里") from error


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all; raises `InputError` when it cannot be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except (OSError, ValueError) as error:
        temporary.unlink(missing_ok=True)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "路径不能用"
        raise InputError(f"写不出文件 {path}（{reason}）", hint="换一个文件夹，或检查权限和磁盘空间") from error
    return path


def told(path: Path) -> None:
    """Say where a file was written, on stderr, so that stdout stays the answer."""
    note(f"已写入 {path}")
