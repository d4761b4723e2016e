"""The one list of sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graph.errors import InputError
from ingest.mapping import TableMapping, load_mapping, shipped_mappings
from ingest.source import Source
from ingest.sources.table import TableSource
from ingest.sources.works import WorksSource


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source: its name, what it reads, whether it wants a mapping, how it is made."""

    name: str
    zh: str
    wants_mapping: bool
    make: Callable[[TableMapping | None, str], Source]


def _table(mapping: TableMapping | None, dataset: str) -> Source:
    if mapping is None:
        raise InputError("来源 table 需要映射", hint="加 --mapping 名称或文件；用 zhiku mapping list 看自带的")
    return TableSource(mapping, dataset or mapping.dataset)


def _works(_: TableMapping | None, dataset: str) -> Source:
    return WorksSource(dataset)


SOURCES: Final[dict[str, SourceKind]] = {
    kind.name: kind
    for kind in (
        SourceKind("table", "表格（CSV、Excel、JSON Lines），按映射理解", True, _table),
        SourceKind("works", "论文、报告等成果（JSON Lines 交换格式）", False, _works),
    )
}


def open_source(name: str, *, mapping: str | None = None, dataset: str = "") -> Source:
    """Return the source of this name; `mapping` is a shipped mapping's name or the path of a TOML file.

    Raises `InputError` for an unknown source, or a mapping that is missing or wrong.
    """
    kind = SOURCES.get(name)
    if kind is None:
        raise InputError(f"没有名为 {name} 的来源", hint=f"可用：{'、'.join(SOURCES)}")
    return kind.make(_mapping(mapping) if mapping else None, dataset)


def _mapping(name: str) -> TableMapping:
    shipped = shipped_mappings()
    if name in shipped:
        return load_mapping(shipped[name])
    path = Path(name)
    if path.suffix != ".toml" and not path.exists():
        raise InputError(f"没有名为 {name} 的映射", hint=f"自带的有：{'、'.join(shipped)}；也可给出 .toml 文件的路径")
    return load_mapping(path)
