"""Which bodies bear a name?  Names, aliases and English keys in memory, kept up to date while a run adds to them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ingest.bodies.spelling import PLACES, english_key, is_han, is_umbrella

# A name cut off to less than this says too little; of a name cut in front at most this many characters are missing.
_SHORTEST_CUT: Final = 5
_MOST_MISSING: Final = 2
# One wrong character in a shorter name makes another body as easily as a misprint.
_SHORTEST_MISPRINT: Final = 7
# More bodies than this behind one beginning or end are no hint at all.
_MOST_NEAR: Final = 5
# In front of a name they say that the body is the state's, and are left out as often.
_STATE: Final = frozenset(("中国", "国家", "中国人民"))
# Where two names differ in one of these they mean two bodies, not one misprinted.
_TELLING: Final = frozenset(
    "东西南北中上下前后左右一二三四五六七八九十0123456789省市区县州大小男女甲乙丙丁农林医工理师震质垦陕山院校"
)


@dataclass(slots=True)
class Known:
    """What is known of a body beside its names."""

    id: str
    verified: bool = False
    legal: bool | None = None
    kind: str = ""
    ror: str = ""
    uscc: str = ""
    parents: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()


@dataclass(slots=True)
class Names:
    """All names of all bodies; `changes` grows with every name of a registered body, so that callers can keep answers.

    Bodies that were merged into another lead to it: their names are further names of what they became.
    """

    bodies: dict[str, Known] = field(default_factory=dict[str, Known])
    changes: int = 0
    _by_name: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _by_alias: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    _by_english: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _name_of: dict[str, str] = field(default_factory=dict[str, str])
    _redirects: dict[str, str] = field(default_factory=dict[str, str])
    _near: _Near | None = None

    def add(self, body: Known, name_key: str) -> None:
        """Make a body known under its name."""
        old = self.bodies.get(body.id)
        self.bodies[body.id] = body
        listed = self._by_name.setdefault(name_key, []) if name_key else []
        fresh = bool(name_key) and body.id not in listed
        if fresh:
            listed.append(body.id)
        if body.verified and (fresh or old is None or not old.verified):
            self._changed()
        listed.sort(key=lambda i: (not self.bodies[i].verified, i))
        if name_key:
            self._name_of.setdefault(body.id, name_key)
        if fresh and not is_han(name_key) and (key := english_key(name_key)):
            self._by_english[key].add(body.id)

    def add_alias(self, id_: str, alias: str, kind: str) -> None:
        """Make a further name known; abbreviations of one character, or two Latin letters, are left out."""
        if not alias or (kind == "abbreviation" and len(alias) < (2 if is_han(alias) else 3)):
            return
        owners = self._by_alias.setdefault(alias, {})
        if owners.get(id_, "abbreviation") == kind and id_ in owners:
            return
        # A name that is an alias in one register and an abbreviation in another is an alias.
        owners[id_] = kind if owners.get(id_, "abbreviation") == "abbreviation" else owners[id_]
        if not is_han(alias) and kind != "abbreviation" and (key := english_key(alias)):
            self._by_english[key].add(id_)
        self._changed()

    def redirect(self, stub: str, target: str) -> None:
        """Note that a body was merged into another."""
        self._redirects[stub] = target
        self._changed()

    def _changed(self) -> None:
        self.changes += 1
        self._near = None

    def target(self, id_: str) -> str:
        """Return the body that an id leads to; a circle, which no write makes, ends at its smallest id."""
        seen = {id_}
        while (following := self._redirects.get(id_)) is not None:
            if following in seen:
                return min(seen)
            seen.add(following)
            id_ = following
        return id_

    def verified(self, id_: str) -> bool:
        """Is this body known from a register, or what it led to?"""
        known = self.bodies.get(id_)
        return known is not None and known.verified

    def named(self, key: str) -> list[str]:
        """Return all bodies of exactly this name, registered ones first, then by id."""
        return list(dict.fromkeys(self.target(i) for i in self._by_name.get(key, ())))

    def aliased(self, key: str) -> dict[str, str]:
        """Return the bodies of exactly this further name, with its kind."""
        return {self.target(i): kind for i, kind in self._by_alias.get(key, {}).items()}

    def in_english(self, key: str) -> set[str]:
        """Return the bodies of this English key, of a register or not."""
        return {self.target(i) for i in self._by_english.get(key, ())} if key in self._by_english else set()

    def bears(self, id_: str, key: str) -> bool:
        """Is this the very name of this body?"""
        return id_ in self._by_name.get(key, ())

    def name_of(self, id_: str) -> str:
        """Return the name a body was first made known by, folded; "" for an unknown one."""
        return self._name_of.get(id_, "")

    def known_prefix(self, key: str) -> bool:
        """Does any body bear this name or alias?"""
        return key in self._by_name or key in self._by_alias

    def above(self, id_: str) -> set[str]:
        """Return everything a body is part of."""
        found: set[str] = set()
        queue = [id_]
        for each in queue:
            known = self.bodies.get(each)
            for parent in known.parents if known else ():
                if parent not in found:
                    found.add(parent)
                    queue.append(parent)
        return found

    def near(self) -> _Near:
        """Return the index of registered names by their beginnings and ends, made when first asked for."""
        if self._near is None:
            registered = {key: ids[0] for key, ids in self._by_name.items() if ids and self.verified(ids[0])}
            self._near = _Near(registered)
        return self._near


class _Near:
    """Registered names that a cut-off or misprinted string may stand for; only questions are made from it."""

    def __init__(self, registered: dict[str, str]) -> None:
        self._of = registered
        self._forward = sorted(registered)
        self._backward = sorted(key[::-1] for key in registered)
        self._halves: dict[tuple[bool, str], list[str]] = defaultdict(list)
        for key in registered:
            if len(key) >= _SHORTEST_MISPRINT:
                half = len(key) // 2
                self._halves[False, key[:half]].append(key)
                self._halves[True, key[-half:]].append(key)

    def beginning_with(self, key: str) -> list[str]:
        """Return the bodies whose names begin with a string that is cut off behind."""
        if len(key) < _SHORTEST_CUT:
            return []
        return self._ids(_starting(self._forward, key))

    def ending_with(self, key: str) -> Iterator[tuple[str, str]]:
        """Return the bodies whose names end with this string, with what is missing in front."""
        if len(key) < _SHORTEST_CUT:
            return
        names = [name[::-1] for name in _starting(self._backward, key[::-1])]
        for name in names if len(names) <= _MOST_NEAR else ():
            missing = name[: -len(key)]
            cut = len(missing) <= _MOST_MISSING and missing not in PLACES
            if cut or missing in _STATE or is_umbrella(missing):
                yield self._of[name], missing

    def misprinted(self, key: str) -> list[str]:
        """Return the bodies whose name differs from this string in one character that does not tell bodies apart."""
        if len(key) < _SHORTEST_MISPRINT:
            return []
        found: set[str] = set()
        for half in {(len(key) - 1) // 2, len(key) // 2, (len(key) + 1) // 2}:
            for back, piece in ((False, key[:half]), (True, key[-half:])):
                found.update(name for name in self._halves.get((back, piece), ()) if _one_character(name, key))
        return self._ids(sorted(found))

    def _ids(self, names: list[str]) -> list[str]:
        ids = sorted({self._of[name] for name in names})
        return ids if len(ids) <= _MOST_NEAR else []


def _starting(ordered: list[str], prefix: str) -> list[str]:
    found: list[str] = []
    for place in range(bisect_left(ordered, prefix), len(ordered)):
        name = ordered[place]
        if not name.startswith(prefix) or len(found) > _MOST_NEAR:
            break
        if name != prefix:
            found.append(name)
    return found


def _one_character(name: str, other: str) -> bool:
    """Are two names one insertion, deletion or substitution apart, in a character that does not tell bodies apart?"""
    if abs(len(name) - len(other)) > 1 or name == other:
        return False
    start = 0
    while start < min(len(name), len(other)) and name[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(name), len(other)) - start and name[-1 - end] == other[-1 - end]:
        end += 1
    gone, come = name[start : len(name) - end], other[start : len(other) - end]
    # The first characters name a place: 河北 and 湖北 are no misprints of each other.
    return len(gone) <= 1 and len(come) <= 1 and start >= 2 and _TELLING.isdisjoint(gone + come)
