"""Which organisation does a written string mean?  Exact name, alias, longest known prefix; otherwise a new one.

The recipe of the foundation: the identity issue puts a scored one behind the same methods.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph.database import Database
from graph.text import fold

_ORGANISATIONS: Final = """
MATCH (o:Organisation)
WHERE o.tombstone IS NULL AND o.id > $after
RETURN o.id AS id, o.name_key AS name_key, o.verified AS verified, o.kind AS kind,
       o.is_legal_entity AS is_legal_entity, o.ror AS ror, o.uscc AS uscc, o.external_ids AS external,
       [(o)-[:HAS_NAME]->(n:Name) | [n.text_key, n.kind]] AS names,
       [(o)-[:PART_OF]->(p:Organisation) | p.id] AS parents
ORDER BY id
LIMIT $page
"""
_PAGE: Final = 5_000
_SHORTEST_PREFIX: Final = 4
# Academies and groups are umbrellas: their "departments" are legal entities of their own (identity page: resolve very
# large bodies down to the institute), so a longer string never means the umbrella.
_UMBRELLA: Final = re.compile(r"(科学院|工程院|^中国.*(研究院|总院)|集团|总公司|委员会|部|局|厅|协会|学会|政府)$")
# What follows a legal entity's name must look like a part of it; hospitals, publishers and companies are bodies of
# their own.
_DEPARTMENT: Final = re.compile(
    r"(学院|学部|系|所|研究院|中心|实验室|部|处|室|馆|院|组|科|校区|教研室|课题组|研究室|基地|平台|工作站|流动站|分院)$"
)
_OWN_BODY: Final = re.compile(r"(医院|公司|出版社|附中|附小|中学|小学|幼儿园|分校|独立学院|卫生院)")
_NOISE: Final = re.compile(r"^[\s\d.,;:、，；：()（）*]+|[\s\d.,;:、，；：]+$")


@dataclass(frozen=True, slots=True)
class Match:
    """An organisation found: its id and the department the string names beside it."""

    id: str
    department: str = ""


@dataclass(slots=True)
class _Known:
    id: str
    verified: bool
    legal: bool | None
    kind: str
    ror: str
    uscc: str
    parents: tuple[str, ...]


class Organisations:
    """All organisations of a store by name and strong identifier, kept up to date while a run adds to them."""

    def __init__(self) -> None:
        self._by_id: dict[str, _Known] = {}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_alias: dict[str, set[str]] = defaultdict(set)
        self._by_strong: dict[str, str] = {}

    @classmethod
    def load(cls, database: Database) -> Organisations:
        """Read them all, page by page (100,000 take some seconds, once a run)."""
        found = cls()
        after = ""
        while rows := database.records("known_organisations", _ORGANISATIONS, after=after, page=_PAGE):
            for row in rows:
                found._take(row)
            after = str(rows[-1]["id"])
        return found

    def _take(self, row: dict[str, Any]) -> None:
        self.add(
            row["id"],
            name_key=row["name_key"] or "",
            verified=bool(row["verified"]),
            legal=row["is_legal_entity"],
            kind=row["kind"] or "",
            ror=row["ror"] or "",
            uscc=row["uscc"] or "",
            external=row["external"] or (),
            parents=tuple(row["parents"]),
        )
        for alias, kind in row["names"]:
            self.add_alias(row["id"], alias, kind or "")

    def add(
        self,
        id_: str,
        *,
        name_key: str,
        verified: bool = False,
        legal: bool | None = None,
        kind: str = "",
        ror: str = "",
        uscc: str = "",
        external: Sequence[str] = (),
        parents: tuple[str, ...] = (),
    ) -> None:
        """Make an organisation known; what is known of it already stays where nothing new is said."""
        old = self._by_id.get(id_)
        if old is not None:
            verified, legal = verified or old.verified, old.legal if legal is None else legal
            kind, ror, uscc, parents = kind or old.kind, ror or old.ror, uscc or old.uscc, parents or old.parents
        self._by_id[id_] = _Known(id_, verified, legal, kind, ror, uscc, parents)
        if name_key and id_ not in self._by_name[name_key]:
            self._by_name[name_key].append(id_)
            self._by_name[name_key].sort(key=lambda i: (not self._by_id[i].verified, i))
        for identifier in (f"ror:{ror}" if ror else "", f"uscc:{uscc}" if uscc else "", *external):
            if identifier:
                self._by_strong.setdefault(identifier, id_)

    def add_alias(self, id_: str, alias: str, kind: str) -> None:
        """Make a further name known; two-letter abbreviations name too many bodies and are left out."""
        if alias and not (kind == "abbreviation" and len(alias) < 3):
            self._by_alias[alias].add(id_)

    def add_parent(self, id_: str, parent: str) -> None:
        """Note that one organisation is part of another."""
        known = self._by_id.get(id_)
        if known is not None and parent not in known.parents:
            known.parents = (*known.parents, parent)

    def knows(self, id_: str) -> bool:
        """Is there an organisation of this id?"""
        return id_ in self._by_id

    def is_unregistered(self, id_: str, name_key: str) -> bool:
        """Is this body known from strings only, and by this very name?"""
        known = self._by_id.get(id_)
        return known is not None and not known.verified and id_ in self._by_name.get(name_key, ())

    def by_strong(self, identifier: str) -> str | None:
        """Return the id behind `ror:…`, `uscc:…` or an external id (`platform:…`)."""
        return self._by_strong.get(identifier)

    def by_register(self, name: str, *, ror: str, uscc: str) -> str | None:
        """Which organisation is this row of a register?  Strong ids first; a name only where no strong id differs."""
        for identifier in (f"ror:{ror}", f"uscc:{uscc}"):
            if identifier in self._by_strong:
                return self._by_strong[identifier]
        for candidate in self._by_name.get(fold(name), []):
            known = self._by_id[candidate]
            if not (ror and known.ror and ror != known.ror) and not (uscc and known.uscc and uscc != known.uscc):
                return candidate
        return None

    def by_name(self, name: str) -> str | None:
        """Return the organisation of exactly this name, or of exactly this alias where only one has it."""
        key = fold(name)
        if exact := self._by_name.get(key):
            return exact[0]
        aliased = self._by_alias.get(key, set())
        return next(iter(aliased)) if len(aliased) == 1 else None

    def match(self, written: str, hint: str = "") -> Match | None:
        """Which known organisation is meant?  None when none is: the caller makes an unverified one.

        `hint` is a legal entity the source guesses; it counts only where the string begins with it.
        """
        text, guess = clean(written), clean(hint)
        if found := self._verified(text):
            return found
        if guess and fold(text).startswith(fold(guess)):
            # Before the whole string: whether a row came before or after another must not decide.
            rest = department(fold(text), len(fold(guess)), text)
            if verified := self._verified(guess):
                return Match(verified.id, verified.department + rest)
            if known := self.by_name(guess):
                return Match(known, rest)
            return None
        exact = self.by_name(text)
        return Match(exact) if exact else None

    def _verified(self, text: str) -> Match | None:
        """The registered body of exactly this name, or whose name it begins with, the rest being a department."""
        exact = self.by_name(text)
        if exact and self._by_id[exact].verified:
            return Match(exact)
        key = fold(text)
        for length in range(len(key) - 1, _SHORTEST_PREFIX - 1, -1):
            candidates = self._by_name.get(key[:length])
            if not candidates:
                continue
            known = self._by_id[candidates[0]]
            if known.verified and not _UMBRELLA.search(key[:length]) and is_department(key[length:]):
                return Match(known.id, department(key, length, text))
        return None

    def root(self, id_: str) -> str:
        """Return the legal-entity root: up PART_OF while a body is a department or said not to be a legal entity.

        A body of which nothing is said counts as its own root: joining two bodies wrongly costs more than keeping them
        apart.
        """
        seen: set[str] = set()
        while id_ not in seen:
            seen.add(id_)
            known = self._by_id.get(id_)
            if known is None or not known.parents or not (known.legal is False or known.kind == "department"):
                return id_
            id_ = known.parents[0]
        return min(seen)


def clean(written: str) -> str:
    """Return an organisation string without numbering in front and postcodes behind."""
    return _NOISE.sub("", written)


def is_department(rest: str) -> bool:
    """Does what follows a legal entity's name look like a part of it?"""
    rest = rest.strip(" ,，;；-·()（）")
    return bool(rest) and bool(_DEPARTMENT.search(rest)) and not _OWN_BODY.search(rest)


def split_hint(written: str, hint: str) -> tuple[str, str]:
    """Cut an unknown string into (legal entity, department) at the hint, where it begins with it."""
    text, guess = clean(written), clean(hint)
    if guess and fold(text).startswith(fold(guess)):
        return guess, department(fold(text), len(fold(guess)), text)
    return text, ""


def department(key: str, length: int, text: str) -> str:
    """Return what follows the first `length` characters of a folded name, as written where folding kept the length."""
    return (text[length:] if len(text) == len(key) else key[length:]).strip(" ,，;；-·()（）")
