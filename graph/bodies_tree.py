"""Organisations as the text index has them, and what follows from their hierarchy: places, levels, kinds, societies.

A department without a place, level or kind of its own has that of the body it is part of. Circles in the hierarchy end
where they close.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graph.documents import OrganisationDocument

# A department says nothing of what its body is.
_INNER: Final = frozenset({"", "department"})


@dataclass(frozen=True, slots=True)
class BodiesTree:
    """All bodies of one state of the index."""

    bodies: Mapping[str, OrganisationDocument]
    children: Mapping[str, tuple[str, ...]]
    _kept: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])

    @classmethod
    def of(cls, bodies: Mapping[str, OrganisationDocument]) -> BodiesTree:
        """Make the tree."""
        children: defaultdict[str, list[str]] = defaultdict(list)
        for body in bodies.values():
            for parent in body.parents:
                children[parent].append(body.id)
        return cls(bodies, {parent: tuple(below) for parent, below in children.items()})

    def updated(self, stored: Iterable[bytes]) -> BodiesTree:
        """Return the tree with these bodies (as `OrganisationDocument.packed` wrote them) put in or changed."""
        found = [OrganisationDocument.unpacked(each) for each in stored]
        return BodiesTree.of({**self.bodies, **{body.id: body for body in found}}) if found else self

    def below(self, ids: Collection[str]) -> set[str]:
        """Return these bodies and everything below them, known or not."""
        found = set(ids)
        level = list(found)
        while level:
            level = [child for id in level for child in self.children.get(id, ()) if child not in found]
            found.update(level)
        return found

    def within(self, region: str) -> set[str]:
        """Which bodies lie in a region (by the beginning of its code)?"""
        return {id for id in self.bodies if any(code.startswith(region) for code in self.regions(id))}

    def regions(self, id: str) -> frozenset[str]:
        """Return the codes of the regions where a body lies; none when nobody says."""
        return self._inherited("regions", id, lambda body: frozenset(body.regions))

    def levels(self, id: str) -> frozenset[str]:
        """Return the levels (national, province …) of a body: one, but for a unit of several bodies."""
        return self._inherited("levels", id, lambda body: frozenset([body.level] if body.level else []))

    def kinds(self, id: str) -> frozenset[str]:
        """Return the kinds of body (university …) that a body is, or is part of."""
        return self._inherited("kinds", id, lambda body: frozenset([body.kind] if body.kind not in _INNER else []))

    def societies(self, id: str) -> frozenset[str]:
        """Return the societies that a body is, or is a part of."""
        known = self._kept.get(("societies", id))
        if known is None:
            above = self._above(id)
            known = self._kept["societies", id] = frozenset(each for each in above if self.bodies[each].society)
        return known

    def _above(self, id: str) -> list[str]:
        """Return a body and all it is part of, nearest first."""
        found = [id] if id in self.bodies else []
        for each in found:
            found += [up for up in dict.fromkeys(self.bodies[each].parents) if up in self.bodies and up not in found]
        return found

    def _inherited(self, what: str, id: str, own: Callable[[OrganisationDocument], frozenset[str]]) -> frozenset[str]:
        """Return what a body says of itself, else what those it is part of say."""
        known = self._kept.get((what, id))
        if known is not None:
            return known
        values: set[str] = set()
        seen, level = {id}, [id] if id in self.bodies else []
        while level:
            further: list[str] = []
            for each in level:
                said = own(self.bodies[each])
                values |= said
                if not said:
                    further += [up for up in self.bodies[each].parents if up in self.bodies and up not in seen]
            seen.update(further)
            level = list(dict.fromkeys(further))
        result = self._kept[what, id] = frozenset(values)
        return result
