"""Which organisation does a written string mean?  Scored in parts: the same, a question for a person, or a new one.

Registered bodies decide: exact names, aliases, English names, a name and its department, the parts of an address. What
is known from strings only is found again by its very name. A person's decision on a string comes before everything.
What decides never depends on the order of rows. Spelling, points and readings are in `ingest.bodies`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph.database import Database
from graph.decisions import ORGANISATION_NAMES, Decision, decisions_about
from graph.text import fold
from ingest.bodies import scoring, spelling
from ingest.bodies.matching import candidates
from ingest.bodies.names import Known, Names
from ingest.bodies.scoring import Candidate, Judgement

_ORGANISATIONS: Final = """
MATCH (o:Organisation)
WHERE o.tombstone IS NULL AND o.id > $after
RETURN o.id AS id, o.name_key AS name_key, o.verified AS verified, o.kind AS kind,
       o.is_legal_entity AS is_legal_entity, o.ror AS ror, o.uscc AS uscc, o.external_ids AS external,
       [(o)-[:HAS_NAME]->(n:Name) | [n.text_key, n.kind]] AS names,
       [(o)-[:PART_OF]->(p:Organisation) | p.id] AS parents,
       [(o)-[s:SUCCEEDED_BY]->(n:Organisation) | [n.id, s.kind]] AS successors,
       [(o)-[:MERGED_INTO]->(t:Organisation) | t.id] AS merged
ORDER BY id
LIMIT $page
"""
_PAGE: Final = 5_000
# After these a body goes on as another one; of a split and an abolition nobody knows who went where.
_GOES_ON: Final = frozenset({"renamed", "merged"})
# Answers kept: a corpus of 20,000 papers has some 10,000 different strings.
_MOST_KEPT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Match:
    """An organisation found: its id and the department the string names beside it."""

    id: str
    department: str = ""


class Organisations:
    """All organisations of a store by name and strong identifier, kept up to date while a run adds to them."""

    def __init__(self) -> None:
        self._names = Names()
        self._by_strong: dict[str, str] = {}
        self._same: dict[str, str] = {}
        self._different: dict[str, set[str]] = defaultdict(set)
        self._kept: dict[str, Judgement] = {}
        self._kept_at = -1

    @classmethod
    def load(cls, database: Database) -> Organisations:
        """Read them all, page by page (100,000 take some seconds, once a run), and what people decided on strings."""
        found = cls()
        after = ""
        while rows := database.records("known_organisations", _ORGANISATIONS, after=after, page=_PAGE):
            for row in rows:
                found._take(row)
            after = str(rows[-1]["id"])
        for decision in decisions_about(database, ORGANISATION_NAMES):
            found.decide(decision)
        return found

    def _take(self, row: dict[str, Any]) -> None:
        id_ = str(row["id"])
        self.add(
            id_,
            name_key=row["name_key"] or "",
            verified=bool(row["verified"]),
            legal=row["is_legal_entity"],
            kind=row["kind"] or "",
            ror=row["ror"] or "",
            uscc=row["uscc"] or "",
            external=row["external"] or (),
            parents=tuple(sorted(set(row["parents"]))),
        )
        for alias, kind in row["names"]:
            self.add_alias(id_, alias, kind or "")
        for successor, kind in row["successors"]:
            self.add_successor(id_, successor, kind or "")
        for target in row["merged"]:
            self.redirect(id_, target)

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
        old = self._names.bodies.get(id_) or Known(id_)
        known = Known(
            id_,
            verified or old.verified,
            old.legal if legal is None else legal,
            kind or old.kind,
            ror or old.ror,
            uscc or old.uscc,
            parents or old.parents,
            old.successors,
        )
        self._names.add(known, name_key)
        for identifier in (f"ror:{ror}" if ror else "", f"uscc:{uscc}" if uscc else "", *external):
            if identifier:
                self._by_strong.setdefault(identifier, id_)

    def add_alias(self, id_: str, alias: str, kind: str) -> None:
        """Make a further name known; abbreviations of one character or two Latin letters are left out."""
        self._names.add_alias(id_, alias, kind)

    def add_parent(self, id_: str, parent: str) -> None:
        """Note that one organisation is part of another."""
        known = self._names.bodies.get(id_)
        if known is not None and parent not in known.parents:
            known.parents = (*known.parents, parent)

    def add_successor(self, id_: str, successor: str, kind: str) -> None:
        """Note what became of an organisation (renamed, merged, split, abolished)."""
        known = self._names.bodies.get(id_)
        if known is not None and kind in _GOES_ON and successor not in known.successors:
            known.successors = tuple(sorted((*known.successors, successor)))

    def redirect(self, stub: str, target: str) -> None:
        """Note that an organisation was merged into another: its id and names lead there."""
        self._names.redirect(stub, target)

    def decide(self, decision: Decision) -> None:
        """Take in what a person decided on a string: it means a body, or it does not."""
        if decision.outcome == "same":
            self._same[decision.subject] = decision.object
        else:
            self._different[decision.subject].add(decision.object)
        self._kept.clear()

    def knows(self, id_: str) -> bool:
        """Is there an organisation of this id?"""
        return id_ in self._names.bodies

    def name_of(self, id_: str) -> str:
        """Return the first folded name of a body, "" for an unknown one."""
        return self._names.name_of(id_)

    def is_registered(self, id_: str) -> bool:
        """Does a register speak for this body?"""
        return self._names.verified(id_)

    def is_unregistered(self, id_: str, name_key: str) -> bool:
        """Is this body known from strings only, and by this very name?"""
        return self.knows(id_) and not self._names.verified(id_) and self._names.bears(id_, name_key)

    def by_strong(self, identifier: str) -> str | None:
        """Return the id behind `ror:…`, `uscc:…` or an external id (`platform:…`)."""
        found = self._by_strong.get(identifier)
        return None if found is None else self._names.target(found)

    def by_register(self, name: str, *, ror: str, uscc: str, external: Sequence[str] = ()) -> str | None:
        """Which organisation is this row of a register?  Strong ids first; a name only where no strong id differs.

        `external` ids (`platform:id`) count but for `code:`, which every file has its own of.
        """
        for identifier in (f"ror:{ror}", f"uscc:{uscc}", *(id_ for id_ in external if not id_.startswith("code:"))):
            if found := self.by_strong(identifier):
                return found
        for candidate in self._names.named(fold(name)):
            known = self._names.bodies.get(candidate)
            if known and not (ror and known.ror and ror != known.ror) and not (uscc and known.uscc != uscc != ""):
                return candidate
        return None

    def by_name(self, name: str) -> str | None:
        """Return the organisation of exactly this name, or of exactly this alias where only one has it."""
        key = fold(name)
        if exact := self._names.named(key):
            return exact[0]
        aliased = self._names.aliased(key)
        return next(iter(aliased)) if len(aliased) == 1 else None

    def match(self, written: str, hint: str = "") -> Match | None:
        """Which known organisation is meant?  None when none is: the caller makes an unverified one (`unknown_name`).

        `hint` is a legal entity the source guesses; it counts only where the string begins with it, nothing is doubtful
        about the whole, and it is no academy whose institute the string names.
        """
        text = spelling.clean(written)
        judged = self.judge(text)
        if judged.outcome == "same" and judged.best is not None:
            return Match(judged.best.id, judged.best.department)
        name, rest = self.unknown_name(written, hint)
        # Before the whole string: whether a row came before or after another must not decide.
        guessed = self.judge(name) if rest else scoring.NOTHING
        if guessed.best is not None and guessed.outcome == "same":
            said = scoring.SAID_SAME in guessed.best.parts
            if said or judged.outcome == "new":
                return Match(guessed.best.id, spelling.joined(guessed.best.department, rest))
        for key in self._names.named(fold(name)):
            if not self._names.verified(key):
                return Match(key, rest)
        return None

    def unknown_name(self, written: str, hint: str = "") -> tuple[str, str]:
        """Return (name, department) of a string that means no known body: cut at the hint, or by plain grammar."""
        text, guess = spelling.clean(written), spelling.clean(hint)
        if guess and fold(text).startswith(fold(guess)) and self.judge(text).outcome == "new":
            rest = spelling.department(fold(text), len(fold(guess)), text)
            if not rest or not spelling.is_umbrella(fold(guess)):
                return guess, rest
        return spelling.split_entity(text)

    def judge(self, text: str) -> Judgement:
        """Which registered bodies may a cleaned string mean, and how sure is it?  Answers are kept."""
        if self._kept_at != self._names.changes or len(self._kept) > _MOST_KEPT:
            self._kept.clear()
            self._kept_at = self._names.changes
        judged = self._kept.get(text)
        if judged is None:
            judged = self._kept[text] = self._judge(text, near=False)
        return judged

    def doubts(self, text: str) -> Judgement:
        """Like `judge`, cut-off and misprinted names considered too: what a person is asked about an unknown string."""
        return self._judge(text, near=True)

    def _judge(self, text: str, *, near: bool) -> Judgement:
        key = fold(text)
        said = self._same.get(key)
        if said is not None and self.knows(target := self._names.target(said)):
            return scoring.judge([Candidate(target, (scoring.SAID_SAME,))])
        found = candidates(self._names, text, near=near)
        if refused := {self._names.target(id_) for id_ in self._different.get(key, ())}:
            found = [c.also(scoring.SAID_DIFFERENT) if c.id in refused else c for c in found]
        return scoring.judge(found)

    def root(self, id_: str) -> str:
        """Return the legal-entity root: up PART_OF while a body is a department or said not to be a legal entity.

        What was renamed or merged counts as what it became. A body of which nothing is said counts as its own root:
        joining two bodies wrongly costs more than keeping them apart.
        """
        id_ = self._names.target(id_)
        seen: set[str] = set()
        while id_ not in seen:
            seen.add(id_)
            known = self._names.bodies.get(id_)
            if known is None:
                return id_
            if known.parents and (known.legal is False or known.kind == "department"):
                id_ = self._names.target(known.parents[0])
            elif known.successors:
                id_ = self._names.target(known.successors[0])
            else:
                return id_
        return min(seen)
