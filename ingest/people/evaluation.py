"""How good are the groups of mentions against known people? Pairwise and B-cubed figures, by name and pooled.

Precision and recall of pairs of mentions of one name; B-cubed after Bagga and Baldwin (1998). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

_WORST_NAMES: Final = 20
# Of two people in one group, or two groups of one person, so many mentions of each are paired.
_MENTIONS_PAIRED: Final = 3


class Known(Protocol):
    """A mention (its id) and the person known to stand behind it."""

    @property
    def mention(self) -> str:
        """Id of the mention."""
        ...

    @property
    def person(self) -> str:
        """Who it is."""
        ...


class Measures(BaseModel):
    """Precision, recall and their harmonic mean; precision of nothing joined is 1, recall of nothing to join is 1."""

    precision: float
    recall: float
    f: float


class NameRow(BaseModel):
    """The figures of one name; `wrong` pairs are joined though different, `missed` are apart though the same."""

    name: str
    mentions: int
    people: int
    groups: int
    pairwise: Measures
    bcubed: Measures
    wrong: int
    missed: int


class Figures(BaseModel):
    """Means over names (all names weigh alike) and pooled figures (all pairs weigh alike).

    `people` are counted name by name. `automatic_share` is the share of mentions that stand in a group of two or more;
    `not_found` labelled mentions are not in the store and counted nowhere. Questions are None when nobody counted them.
    """

    mentions: int
    not_found: int
    names: int
    people: int
    mean: Measures
    mean_bcubed: Measures
    pooled: Measures
    pooled_bcubed: Measures
    automatic_share: float
    questions: int | None
    questions_per_1000: float | None


class IdentityReport(Figures):
    """The figures, and the names that went worst: most wrong pairs first, then most missed ones."""

    worst: list[NameRow]


@dataclass(frozen=True, slots=True)
class Counted:
    """Pairs of one name: joined and right, joined, really one person; and the B-cubed sums."""

    right: int
    joined: int
    true: int
    mentions: int
    bcubed_precision: float
    bcubed_recall: float

    @property
    def pairwise(self) -> Measures:
        """Precision and recall of the pairs."""
        return measures(self.right, self.joined, self.true)

    @property
    def bcubed(self) -> Measures:
        """B-cubed precision and recall."""
        size = max(1, self.mentions)
        return _harmonic(self.bcubed_precision / size, self.bcubed_recall / size)

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            self.right + other.right,
            self.joined + other.joined,
            self.true + other.true,
            self.mentions + other.mentions,
            self.bcubed_precision + other.bcubed_precision,
            self.bcubed_recall + other.bcubed_recall,
        )


NOTHING: Final = Counted(0, 0, 0, 0, 0.0, 0.0)


def measures(right: int, joined: int, true: int) -> Measures:
    """Return precision, recall and F of pairs."""
    return _harmonic(right / joined if joined else 1.0, right / true if true else 1.0)


def count_pairs(person: Sequence[object], group: Sequence[object]) -> Counted:
    """Compare the persons and the groups of the mentions of one name."""
    people, groups = _codes(person), _codes(group)
    if not len(people):
        return NOTHING
    width = int(groups.max()) + 1
    cells, inverse, sizes = np.unique(people * width + groups, return_inverse=True, return_counts=True)
    of_person, of_group = np.bincount(people), np.bincount(groups)
    cell = sizes[inverse].astype(np.float64)
    return Counted(
        _pairs(sizes),
        _pairs(of_group),
        _pairs(of_person),
        len(people),
        float((cell / of_group[groups]).sum()),
        float((cell / of_person[people]).sum()) if len(cells) else 0.0,
    )


def evaluate_identity(
    labels: Sequence[Known],
    assignment: Mapping[str, object],
    names: Mapping[str, str],
    *,
    questions: int | None = None,
    worst: int = _WORST_NAMES,
) -> IdentityReport:
    """Compare an assignment with the labels.

    `assignment` gives the group (any hashable), `names` the name (block key) of a mention, both by `Known.mention`;
    labelled mentions without assignment are counted as not found. `questions` is how many concern these mentions,
    `worst` how many names are listed.
    """
    by_name: dict[str, list[Known]] = {}
    for label in labels:
        if label.mention in assignment:
            by_name.setdefault(names.get(label.mention, ""), []).append(label)
    counted = {
        name: count_pairs([label.person for label in own], [assignment[label.mention] for label in own])
        for name, own in by_name.items()
    }
    pooled = sum(counted.values(), NOTHING)
    order = sorted(
        counted, key=lambda name: (-(counted[name].joined - counted[name].right), _missed(counted[name]), name)
    )
    found = [label for own in by_name.values() for label in own]
    sizes: dict[object, int] = {}
    for label in found:
        sizes[assignment[label.mention]] = sizes.get(assignment[label.mention], 0) + 1
    joined = sum(sizes[assignment[label.mention]] > 1 for label in found)
    return IdentityReport(
        mentions=len(found),
        not_found=len(labels) - len(found),
        names=len(counted),
        people=len({(names.get(label.mention, ""), label.person) for label in found}),
        mean=_mean([count.pairwise for count in counted.values()]),
        mean_bcubed=_mean([count.bcubed for count in counted.values()]),
        pooled=pooled.pairwise,
        pooled_bcubed=pooled.bcubed,
        automatic_share=joined / max(1, len(found)),
        questions=questions,
        questions_per_1000=None if questions is None else 1000 * questions / max(1, len(found)),
        worst=[_row(name, by_name[name], counted[name], assignment) for name in order[:worst]],
    )


def _row(name: str, own: list[Known], count: Counted, assignment: Mapping[str, object]) -> NameRow:
    return NameRow(
        name=name,
        mentions=count.mentions,
        people=len({label.person for label in own}),
        groups=len({assignment[label.mention] for label in own}),
        pairwise=count.pairwise,
        bcubed=count.bcubed,
        wrong=count.joined - count.right,
        missed=count.true - count.right,
    )


def wrong_pairs(
    own: Iterable[Known], assignment: Mapping[str, object], most: int
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Which mentions of one name are joined though different, and which are apart though the same?

    At most `most` pairs of each, spread over the groups and people; in the order of `own`, so that the same labels
    always give the same pairs.
    """
    groups: dict[object, dict[object, list[str]]] = {}
    people: dict[object, dict[object, list[str]]] = {}
    for label in own:
        group = assignment[label.mention]
        groups.setdefault(group, {}).setdefault(label.person, []).append(label.mention)
        people.setdefault(label.person, {}).setdefault(group, []).append(label.mention)
    return list(islice(_across(groups), most)), list(islice(_across(people), most))


def _across(wholes: Mapping[object, Mapping[object, list[str]]]) -> Iterator[tuple[str, str]]:
    for parts in wholes.values():
        for one, other in combinations(parts.values(), 2):
            yield from product(one[:_MENTIONS_PAIRED], other[:_MENTIONS_PAIRED])


def _missed(count: Counted) -> int:
    return count.right - count.true


def _mean(values: list[Measures]) -> Measures:
    if not values:
        return _harmonic(1.0, 1.0)
    number = len(values)
    # F of the mean P and R differs from the mean of the F: the latter is what "mean over names" means.
    return Measures(
        precision=sum(value.precision for value in values) / number,
        recall=sum(value.recall for value in values) / number,
        f=sum(value.f for value in values) / number,
    )


def _harmonic(precision: float, recall: float) -> Measures:
    both = precision + recall
    return Measures(precision=precision, recall=recall, f=2 * precision * recall / both if both else 0.0)


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())


def _codes(values: Sequence[object]) -> NDArray[np.int64]:
    known: dict[object, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int64)
