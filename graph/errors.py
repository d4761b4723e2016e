"""The one error family below the entry points; no HTTP here: `api/problems.py` and `cli/main.py` translate."""

from __future__ import annotations


class ZhikuError(Exception):
    """Something the caller can be told about.

    `message` says what happened and where, `hint` what to do; both are Chinese sentences for the person at the keyboard
    and hold no restricted value.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}（{self.hint}）" if self.hint else self.message


class InputError(ZhikuError):
    """The file, mapping, question or argument given cannot be used as it is."""


class NotFoundError(ZhikuError):
    """The thing asked for is not in the graph."""


class ConflictError(ZhikuError):
    """The store holds something that contradicts the request; nothing was written."""


class AccessError(ZhikuError):
    """The actor may not do this, or is not known."""


class StoreUnavailableError(ZhikuError):
    """The graph store does not answer, or cannot be started."""


class StoreDamagedError(ZhikuError):
    """The store answers but what it holds contradicts itself (audit chain, store id, schema)."""
