"""Organisations as others refer to them: by name."""

from __future__ import annotations

from typing import Final

from graph.text import fold
from graph.textindex import TextIndex

# More bodies of one very name than this are not told apart by a name anyway.
_SAME_NAME: Final = 50
# `graph.textindex.NameHit.score` of the very name or alias.
_VERY_NAME: Final = 5.0


def organisations_named(index: TextIndex, name: str) -> set[str]:
    """Which organisations bear this id or exact name (further names included, spelling normalised)?

    What is no known name is taken for an id: an unknown one belongs to nobody.
    """
    key = fold(name)
    hits = index.find_organisations(name, _SAME_NAME)
    return {hit.id for hit in hits if hit.score >= _VERY_NAME or fold(hit.name) == key} | {name.strip()}
