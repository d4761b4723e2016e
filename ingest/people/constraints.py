"""Who may never be one person, and what becomes of a group of mentions that would break that.

Never: two mentions of one work, two identifiers of a kind of which a person has one (ORCID), a person's "no". Joined
whatever the score: a person's "yes", the same identifier. A person's "yes" outranks the work and the identifier (an
author may be listed twice), a "no" outranks all.

A group that contains such a contradiction is broken up at the lowest threshold at which it contains none, which is a
function of the set of mentions alone: neither the order of arrival nor the order of edges can matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from ingest.people.linkage import components
from ingest.people.mentions import Floats, Ints, MentionTable
from ingest.people.names import may_be_one

# identity.md, guard: a component above about 200 mentions goes to a person.
LARGEST: Final = 200
# Levels above any score.
SAME_LEVEL: Final = 2e6
STRONG_LEVEL: Final = 1e6
# A person has one identifier of these kinds; "id:<source>" may be added for registers that list everyone once.
EXCLUSIVE: Final = frozenset({"orcid"})
# An identifier under more names than this is a mistake of a source.
_MOST_NAMES: Final = 20


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people said, by pairs of mention ids; of contradicting answers the "no" holds."""

    same: frozenset[tuple[str, str]] = frozenset()
    different: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class Group:
    """What a set of mentions holds that another may not hold too."""

    members: list[int]
    works: set[int]
    identifiers: dict[str, int]
    forbidden: set[int]
    size: int = 1
    frozen: bool = False


@dataclass
class Rules:
    """Hard signs between the rows of a table: joins as edges with their level, and what contradicts.

    `atom` and `tied` are the groups that a person's yes, or that and identifiers, hold together.
    """

    table: MentionTable
    left: Ints
    right: Ints
    level: Ints
    atom: Ints
    tied: Ints
    forbidden: dict[int, set[int]]
    identifiers: dict[int, dict[str, int]]
    largest: int = LARGEST

    @classmethod
    def read(
        cls,
        table: MentionTable,
        decisions: Decisions,
        *,
        exclusive: frozenset[str] = EXCLUSIVE,
        largest: int = LARGEST,
    ) -> Rules:
        """Collect them from a table and the decisions about its mentions (others are passed over)."""
        wanted = {id_ for pairs in (decisions.same, decisions.different) for pair in pairs for id_ in pair}
        row_of = {id_: row for row, id_ in enumerate(table.ids) if id_ in wanted} if wanted else {}
        forbidden: defaultdict[int, set[int]] = defaultdict(set)
        for one, other in decisions.different:
            if one in row_of and other in row_of and one != other:
                forbidden[row_of[one]].add(row_of[other])
                forbidden[row_of[other]].add(row_of[one])
        same = [
            (row_of[one], row_of[other])
            for one, other in sorted(decisions.same)
            if one in row_of and other in row_of and row_of[other] not in forbidden.get(row_of[one], ())
        ]
        said = np.array(same, dtype=np.int64).reshape(-1, 2)
        strong = _strong_joins(table)
        atom = components(len(table), said[:, 0], said[:, 1])
        level = np.repeat(np.array([SAME_LEVEL, STRONG_LEVEL]), [len(said), len(strong)]).astype(np.int64)
        joined = np.concatenate([said, strong])
        identifiers = _identifiers(table, atom, exclusive)
        left, right = joined[:, 0], joined[:, 1]
        tied = components(len(table), left, right)
        return cls(table, left, right, level, atom, tied, dict(forbidden), identifiers, largest)

    def contradictions(self, rows: Ints, label: Ints) -> set[int]:
        """Return the labels of components (one label for each of `rows`) that hold what may never be joined."""
        keys = np.unique(np.column_stack([label, self.table.work[rows], self.atom[rows]]), axis=0)
        found = set(keys[1:][(keys[1:, :2] == keys[:-1, :2]).all(axis=1), 0].tolist())
        # What an identifier or a person holds together is one, however many: no guess made it large.
        sizes = np.unique(np.column_stack([label, self.tied[rows]]), axis=0)[:, 0]
        names, counts = np.unique(sizes, return_counts=True)
        found |= set(names[counts > self.largest].tolist())
        if not self.forbidden and not self.identifiers:
            return found
        held: dict[tuple[int, str], int] = {}
        label_of = dict(zip(rows.tolist(), label.tolist(), strict=True))
        for row, group in label_of.items():
            for scheme, code in self.identifiers.get(row, {}).items():
                if held.setdefault((group, scheme), code) != code:
                    found.add(group)
            if any(label_of.get(other) == group for other in self.forbidden.get(row, ())):
                found.add(group)
        return found

    def may_join(self, left: Group, right: Group) -> bool:
        """May these two groups be one person?  Their sizes do not matter."""
        return self._allowed([left, right], limit=None)

    def break_up(self, rows: Ints, edges: tuple[Ints, Ints, Floats]) -> list[list[int]]:
        """Return the parts of one contradictory component; `edges` are (left, right, level) between its rows."""
        leader = {int(row): int(row) for row in rows}
        groups = {int(row): self.group_of([int(row)]) for row in rows}

        def find(row: int) -> int:
            while leader[row] != row:
                leader[row] = leader[leader[row]]
                row = leader[row]
            return row

        left, right, level = edges
        for value in np.unique(level)[::-1].tolist():
            here = np.flatnonzero(level == value)
            touched = [(find(int(left[edge])), find(int(right[edge]))) for edge in here]
            limit = None if value >= STRONG_LEVEL else self.largest
            for parts in _connected(touched):
                joined = [groups[part] for part in parts]
                if self._allowed(joined, limit=limit):
                    first = min(parts)
                    groups[first] = merged(joined)
                    for part in parts:
                        leader[part] = first
                else:
                    for group in joined:
                        group.frozen = True
        return [groups[row].members for row in sorted(groups) if leader[row] == row]

    def group_of(self, rows: Iterable[int]) -> Group:
        """Return what a set of rows holds."""
        singles = [
            Group(
                [row],
                {int(self.table.work[row])},
                dict(self.identifiers.get(row, {})),
                self.forbidden.get(row, set()),
            )
            for row in rows
        ]
        return singles[0] if len(singles) == 1 else merged(singles)

    def _allowed(self, groups: list[Group], limit: int | None) -> bool:
        if any(group.frozen for group in groups):
            return False
        if limit is not None and sum(group.size for group in groups) > limit:
            return False
        identifiers: dict[str, int] = {}
        for group in groups:
            if any(identifiers.setdefault(scheme, code) != code for scheme, code in group.identifiers.items()):
                return False
            if group.forbidden and any(not group.forbidden.isdisjoint(other.members) for other in groups):
                return False
        if len(groups) == 2 and groups[0].works.isdisjoint(groups[1].works):
            return True
        works: dict[int, set[int]] = defaultdict(set)
        for member in (member for group in groups for member in group.members):
            works[int(self.table.work[member])].add(int(self.atom[member]))
        return all(len(atoms) == 1 for atoms in works.values())


def merged(groups: list[Group]) -> Group:
    """Return what some groups hold together."""
    return Group(
        sorted(member for group in groups for member in group.members),
        set[int]().union(*(group.works for group in groups)),
        {scheme: code for group in groups for scheme, code in group.identifiers.items()},
        set[int]().union(*(group.forbidden for group in groups)),
        sum(group.size for group in groups),
    )


def _connected(pairs: list[tuple[int, int]]) -> list[list[int]]:
    """Return the connected sets of the nodes of some edges, each sorted."""
    leader: dict[int, int] = {}

    def find(node: int) -> int:
        while leader.setdefault(node, node) != node:
            node = leader[node]
        return node

    for one, other in pairs:
        low, high = sorted((find(one), find(other)))
        leader[high] = low
    sets: defaultdict[int, list[int]] = defaultdict(list)
    for node in sorted(leader):
        sets[find(node)].append(node)
    return [nodes for nodes in sets.values() if len(nodes) > 1]


def _strong_joins(table: MentionTable) -> Ints:
    """Edges between mentions that bear one identifier: inside a name, and between names that can be one person's.

    An ORCID on the wrong line of a paper, or the address of a whole group, must not join a 王伟 with a 李娜; an address
    joins inside one name only. What is no name is joined with nothing.
    """
    rows = np.flatnonzero(~table.alone & (table.block > 0))
    owners, items = table.strong.take(rows)
    owners = rows[owners]
    order = np.lexsort((table.rank[owners], table.block[owners], items))
    owners, items = owners[order], items[order]
    block = table.block[owners]
    same = (items[1:] == items[:-1]) & (block[1:] == block[:-1])
    edges = np.column_stack([owners[:-1][same], owners[1:][same]]).astype(np.int64).reshape(-1, 2)
    across: list[tuple[int, int]] = []
    first = np.flatnonzero(np.r_[True, ~same]) if len(items) else np.zeros(0, dtype=np.int64)
    bearers: defaultdict[int, list[int]] = defaultdict(list)
    for item, row in zip(items[first].tolist(), owners[first].tolist(), strict=True):
        bearers[item].append(row)
    for item, firsts in bearers.items():
        if not 1 < len(firsts) <= _MOST_NAMES or table.identifiers[item].startswith("mail:"):
            continue
        names = [table.names[int(table.block[row])] for row in firsts]
        across += [
            (firsts[one], firsts[other])
            for one, other in combinations(range(len(firsts)), 2)
            if may_be_one(names[one], names[other])
        ]
    return np.concatenate([edges, np.array(across, dtype=np.int64).reshape(-1, 2)])


def _identifiers(table: MentionTable, atom: Ints, exclusive: frozenset[str]) -> dict[int, dict[str, int]]:
    """The exclusive identifiers of every row; those a person joined by a "yes" count as one."""
    found: dict[int, dict[str, int]] = {}
    alias: dict[int, int] = {}
    owners, items = table.strong.take(np.arange(len(table)))
    of_atom: dict[tuple[int, str], int] = {}
    kind: Callable[[int], str] = lambda code: table.identifiers[code].rpartition(":")[0]  # noqa: E731

    def canonical(code: int) -> int:
        while code in alias:
            code = alias[code]
        return code

    listed = [(int(row), int(code), kind(int(code))) for row, code in zip(owners, items, strict=True)]
    listed = [entry for entry in listed if entry[2] in exclusive]
    for row, code, scheme in listed:
        one, other = canonical(of_atom.setdefault((int(atom[row]), scheme), code)), canonical(code)
        if one != other:
            alias[max(one, other)] = min(one, other)
    for row, code, scheme in listed:
        found.setdefault(row, {}).setdefault(scheme, canonical(code))
    return found
