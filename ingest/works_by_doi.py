"""Which known work bears a DOI, and may a record of the same DOI be that work?"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from graph.database import Database
from graph.text import HAN, tokens

_OUTPUTS_BY_DOI: Final = """
UNWIND $keys AS key
MATCH (w:Output {doi: key})
WHERE w.tombstone IS NULL
RETURN key, w.id AS work, w.title AS title
"""
_HAN: Final = re.compile(f"[{HAN}]")


class WorksByDoi:
    """The works of the DOIs asked for so far, from the graph and from the run itself."""

    def __init__(self) -> None:
        self._bearers: dict[str, dict[str, str]] = {}

    def load(self, database: Database, dois: Collection[str]) -> None:
        """Ask the graph for those DOIs that were not asked for before."""
        new = sorted(set(dois) - self._bearers.keys())
        if new:
            for row in database.records("works_by_doi", _OUTPUTS_BY_DOI, keys=new):
                self._bearers.setdefault(str(row["key"]), {})[str(row["work"])] = str(row["title"] or "")

    def bearing(self, dois: Collection[str]) -> set[str]:
        """Return the ids of works that bear one of these."""
        return {work for doi in dois for work in self._bearers.get(doi, ())}

    def identify(self, doi: str, title: str, own: str) -> str:
        """Return the id of the known work that this record is: its own, or that of a work whose title agrees."""
        if not doi:
            return own
        bearers = self._bearers.setdefault(doi, {})
        if own not in bearers:
            agreeing = sorted(work for work, other in bearers.items() if same_title(title, other))
            if agreeing:
                return agreeing[0]
        bearers[own] = title
        return own


def same_title(one: str, other: str) -> bool:
    """May two works of one DOI be one work?  Yes when half of the shorter title's tokens stand in the other.

    Of the 6 DOIs that chinaxiv_zh prints on several titles, 3 stand on unrelated papers: OCR and copying spoil DOIs,
    and a wrong merge costs more than a missed one. Titles in different scripts (a translation) say nothing against it.
    """
    first, second = set(tokens(one)), set(tokens(other))
    if not first or not second or bool(_HAN.search(one)) != bool(_HAN.search(other)):
        return True
    return 2 * len(first & second) >= min(len(first), len(second))
