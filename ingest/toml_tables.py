"""Typed access to a TOML table that a person wrote: what is not as it should be is an `InputError` that says where."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from graph.errors import InputError

Table = Mapping[str, object]


def known_only(table: Table, known: Collection[str], place: str) -> None:
    """Raise `InputError` when the table has an entry that nobody would read."""
    unknown = set(table) - set(known)
    if unknown:
        raise InputError(
            f"映射的{place}有不认识的项：{'、'.join(sorted(unknown))}", hint=f"可用：{'、'.join(sorted(known))}"
        )


def text_of(table: Table, name: str, place: str, default: str = "") -> str:
    """Return a text entry; raises `InputError` for anything else."""
    value = table.get(name, default)
    if not isinstance(value, str):
        raise InputError(f"映射的{place}：{name} 应是一段文字")
    return value


def choice_of(table: Table, name: str, place: str, choices: Collection[str], default: str) -> str:
    """Return a text entry that is one of the choices; raises `InputError`."""
    value = text_of(table, name, place, default)
    if value not in choices:
        raise InputError(f"映射的{place}：{name} 只能是 {'、'.join(c or '（不写）' for c in choices)}")
    return value


def flag_of(table: Table, name: str, place: str) -> bool:
    """Return a true/false entry, False when it is not there; raises `InputError`."""
    value = table.get(name, False)
    if not isinstance(value, bool):
        raise InputError(f"映射的{place}：{name} 应是 true 或 false")
    return value


def integer_of(table: Table, name: str, place: str, between: tuple[int, int]) -> int | None:
    """Return a whole number within bounds, None when it is not there; raises `InputError`."""
    value = table.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not between[0] <= value <= between[1]:
        raise InputError(f"映射的{place}：{name} 应是 {between[0]} 到 {between[1]} 之间的整数")
    return value


def texts_of(table: Table, name: str, place: str) -> list[str]:
    """Return an entry that is one text or a list of texts; raises `InputError`."""
    found = list_of(table.get(name))
    if not all(isinstance(item, str) for item in found):
        raise InputError(f"映射的{place}：{name} 应是一段文字或文字的列表")
    return cast(list[str], found)


def table_of(value: object, place: str) -> Table:
    """Return a value that is a table, an empty one for nothing; raises `InputError`."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"映射的{place}应是一个表")
    return cast(Table, value)


def list_of(value: object) -> list[object]:
    """Return a list as it is, nothing as none, anything else as a list of one."""
    if value is None:
        return []
    return cast(list[object], value) if isinstance(value, list) else [value]
