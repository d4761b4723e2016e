"""How good are the groups of mentions against known people? Pairwise and B-cubed figures, by name and pooled.

Precision and recall of pairs of mentions of one name; B-cubed after Bagga and Baldwin (1998). Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from ingest.people.labels import Labelled

_WORST_NAMES: Final = 20
_WRONG_PAIRS: Final = 5
_MENTIONS_LOOKED_AT: Final = 300


class Measures(BaseModel):
    """Precision, recall and their harmonic mean; precision of nothing joined is 1, recall of nothing to join is 1."""

    precision: float
    recall: float
    f: float


class WrongPair(BaseModel):
    """Two mentions of different people in one group, with the reasons the score gives."""

    left: str
    right: str
    reasons: list[str] = []


class NameRow(BaseModel):
    """The figures of one name."""

    name: str
    mentions: int
    people: int
    groups: int
    pairwise: Measures
    bcubed: Measures
    wrong: int
    missed: int
    wrong_pairs: list[WrongPair] = []


class IdentityReport(BaseModel):
    """What `zhiku evaluate identity` shows: means over names, pooled figures, and the names that went worst.

    `automatic_share` is the share of mentions that stand in a group of two or more; `not_found` labelled mentions are
    not in the store and counted nowhere.
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
    questions: int
    questions_per_1000: float
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
    labels: Sequence[Labelled],
    assignment: Mapping[str, object],
    names: Mapping[str, str],
    *,
    questions: int = 0,
    explain: Callable[[str, str], list[str]] | None = None,
) -> IdentityReport:
    """Compare an assignment with the labels.

    `assignment` gives the group (any hashable), `names` the name (block key) of a mention, both by `Labelled.mention`;
    labelled mentions without assignment are counted as not found. `questions` is how many concern these mentions.
    `explain` gives the sentences for a pair of mentions.
    """
    by_name: dict[str, list[Labelled]] = {}
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
    worst = [_row(name, by_name[name], counted[name], assignment, explain) for name in order[:_WORST_NAMES]]
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
        questions_per_1000=1000 * questions / max(1, len(found)),
        worst=worst,
    )


def _row(
    name: str,
    own: list[Labelled],
    count: Counted,
    assignment: Mapping[str, object],
    explain: Callable[[str, str], list[str]] | None,
) -> NameRow:
    wrong: list[WrongPair] = []
    for one, other in combinations(own[:_MENTIONS_LOOKED_AT], 2):
        if one.person != other.person and assignment[one.mention] == assignment[other.mention]:
            reasons = explain(one.mention, other.mention) if explain else []
            wrong.append(WrongPair(left=one.mention, right=other.mention, reasons=reasons))
            if len(wrong) == _WRONG_PAIRS:
                break
    return NameRow(
        name=name,
        mentions=count.mentions,
        people=len({label.person for label in own}),
        groups=len({assignment[label.mention] for label in own}),
        pairwise=count.pairwise,
        bcubed=count.bcubed,
        wrong=count.joined - count.right,
        missed=count.true - count.right,
        wrong_pairs=wrong,
    )


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
