"""Who is who among the mentions of a store: automatic groups, questions for a person, and what is suspicious.

Automatic are the connected components of pairs at or above the cut, less what may never be joined (constraints.py).
They depend on the set of mentions, the snapshot and the decisions only; the order of arrival cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.people.bridges import cut_bridges
from ingest.people.constraints import EXCLUSIVE, LARGEST, Decisions, Rules
from ingest.people.linkage import components, spanning_forest
from ingest.people.mentions import Floats, Ints, MentionTable
from ingest.people.pairs import PairSet
from ingest.people.questions import Question, ask_about
from ingest.people.scoring import Scorer, Scores
from ingest.people.statistics import Background
from ingest.people.weights import ASK, BRIDGE, CUT, DEFAULT, FLOOR, Weights

# Pairs scored at once: about 400 bytes each while they are.
BATCH: Final = 600_000
# A block of more mentions than this is compared tile by tile.
_TILE: Final = 800
# A name borne by more mentions than this is no name (or needs a person): only hard signs join its mentions.
TOO_MANY: Final = 20_000


@dataclass(frozen=True, slots=True)
class Flag:
    """A group of mentions that a person should look at, and why (a Chinese sentence)."""

    rows: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class Resolution:
    """The outcome for a table: `component` holds for every row the first row (by mention id) of its group."""

    component: Ints
    questions: list[Question]
    flags: list[Flag]
    pairs_scored: int


@dataclass(slots=True)
class _Found:
    """What a batch of blocks gave: edges at the cut, and pairs above the floor."""

    left: list[Ints] = field(default_factory=list["Ints"])
    right: list[Ints] = field(default_factory=list["Ints"])
    score: list[NDArray[np.float32]] = field(default_factory=list["NDArray[np.float32]"])
    pairs: int = 0

    def arrays(self) -> tuple[Ints, Ints, Floats]:
        if not self.left:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
        return np.concatenate(self.left), np.concatenate(self.right), np.concatenate(self.score).astype(np.float64)


def resolve_blocks(
    table: MentionTable,
    background: Background,
    decisions: Decisions | None = None,
    weights: Weights = DEFAULT,
    *,
    cut: float = CUT,
    ask: float = ASK,
    bridge: float = BRIDGE,
    blocks: Iterable[str] | None = None,
    exclusive: frozenset[str] = EXCLUSIVE,
    largest: int = LARGEST,
) -> Resolution:
    """Resolve a table, or only the blocks of the given keys (what a batch touched).

    `cut`, `ask` and `bridge` (what pairs of two groups must average for one pair to join them) are points of the score;
    a `bridge` of −1 or less asks for nothing. Time is linear in the pairs of one name; memory is bounded by `BATCH`.
    """
    rules = Rules.read(table, decisions or Decisions(), exclusive=exclusive, largest=largest)
    scorer = Scorer(table, background, weights)
    component = np.arange(len(table))
    questions: list[Question] = []
    flags: list[Flag] = []
    scored = 0
    for rows, sets, large in _batches(table, rules, blocks):
        found = _score(scorer, sets, large=large)
        scored += found.pairs
        label = _join(rows, found, rules, (cut, bridge), flags)
        component[rows] = rows[label]
        questions.extend(_ask(rows, label, found, rules, ask))
        if large and len(rows) > TOO_MANY:
            flags.append(Flag(tuple(rows.tolist()), f"同名 {len(rows)} 处，超过 {TOO_MANY}，只按编号和人工判断合并"))
    questions.sort(key=lambda q: (-q.decides, -q.average, table.ids[q.pair[0]], table.ids[q.pair[1]]))
    return Resolution(component, questions, flags, scored)


def _batches(
    table: MentionTable, rules: Rules, blocks: Iterable[str] | None
) -> Iterator[tuple[Ints, Iterator[PairSet], bool]]:
    """Yield (rows sorted by mention id, what to compare, is it a large block) until all blocks were given.

    Blocks that a hard sign connects come in one batch, so that each batch can be finished by itself.
    """
    group = components(
        len(table.names), table.block[rules.left].astype(np.int64), table.block[rules.right].astype(np.int64)
    )[table.block]
    order = np.lexsort((table.rank, group))
    if blocks is not None:
        codes = {key: code for code, key in enumerate(table.names)}
        touched = [codes[key] for key in set(blocks) if key in codes]
        concerned = np.unique(group[np.isin(table.block, np.array(touched, dtype=np.int64))])
        order = order[np.isin(group[order], concerned)]
    group = group[order]
    first = (
        np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]])) if len(order) else np.zeros(0, dtype=np.int64)
    )
    sizes = np.diff(np.append(first, len(order)))
    small = np.flatnonzero((sizes > 1) & (sizes <= _TILE))
    weight = np.cumsum(sizes[small] * (sizes[small] - 1) // 2 + 20 * sizes[small])
    start = 0
    while start < len(small):
        done = weight[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(weight, done + BATCH, "right")))
        pieces = [order[first[g] : first[g] + sizes[g]] for g in map(int, small[start:end])]
        rows: Ints = np.concatenate(pieces)
        yield rows, iter([PairSet.within(*_compared(table, rows))]), False
        start = end
    for number in np.flatnonzero(sizes > _TILE).tolist():
        rows = order[first[number] : first[number] + sizes[number]]
        yield rows, _tiles(table, rows) if len(rows) <= TOO_MANY else iter(()), True


def _compared(table: MentionTable, rows: Ints) -> tuple[Ints, Ints]:
    """Return the rows that may be compared, sorted by block and mention id, and their blocks."""
    rows = rows[~table.alone[rows] & (table.block[rows] > 0)]
    rows = rows[np.lexsort((table.rank[rows], table.block[rows]))]
    return rows, table.block[rows].astype(np.int64)


def _tiles(table: MentionTable, rows: Ints) -> Iterator[PairSet]:
    rows, block = _compared(table, rows)
    cuts = list(range(0, len(rows), _TILE))
    for number, start in enumerate(cuts):
        one = slice(start, start + _TILE)
        yield PairSet.within(rows[one], block[one])
        for other in cuts[number + 1 :]:
            two = slice(other, other + _TILE)
            yield PairSet.across(rows[one], block[one], rows[two], block[two])


def _score(scorer: Scorer, sets: Iterator[PairSet], *, large: bool) -> _Found:
    """Score the sets; of a large block only pairs with a co-author or organisation in common count above the floor.

    For the automatic part that is exact: pairs without such a sign are capped below any cut.
    """
    found = _Found()
    for pairs in sets:
        if not len(pairs):
            continue
        scores = scorer.score(pairs, met=large)
        found.pairs += len(pairs)
        kept = scores.total > FLOOR
        found.left.append(scores.left[kept])
        found.right.append(scores.right[kept])
        found.score.append(scores.total[kept].astype(np.float32))
    return found


def _join(rows: Ints, found: _Found, rules: Rules, cuts: tuple[float, float], flags: list[Flag]) -> Ints:
    """Return for every one of the rows the position of the first row of its group."""
    place = _Places(rows)
    cut, bridge = cuts
    left, right, score = found.arrays()
    all_pairs = place(left), place(right), score
    above = score >= cut
    left, right, level = all_pairs[0][above], all_pairs[1][above], score[above].astype(np.float64)
    forest = spanning_forest(len(rows), left, right, level)
    here = place.known(rules.left)
    left = np.concatenate([left[forest], place(rules.left[here])])
    right = np.concatenate([right[forest], place(rules.right[here])])
    level = np.concatenate([level[forest], rules.level[here].astype(np.float64)])
    label = components(len(rows), left, right)
    for wrong in sorted(rules.contradictions(rows, label)):
        members = np.flatnonzero(label == wrong)
        inside = label[left] == wrong
        parts = rules.break_up(rows[members], (rows[left[inside]], rows[right[inside]], level[inside]))
        for part in parts:
            where = place(np.array(part))
            label[where] = where.min()
        flags.append(Flag(tuple(rows[members].tolist()), _reason(len(members), rules)))
    if bridge > FLOOR:
        for members in cut_bridges(label, (left, right, level), all_pairs, bridge):
            flags.append(Flag(tuple(rows[members].tolist()), "只靠一两处联系连成一片，已在该处断开，请人工确认"))
    return label


def _reason(size: int, rules: Rules) -> str:
    if size > rules.largest:
        return f"{size} 处署名连成一片，超过 {rules.largest}，已拆开，请人工确认"
    return "其中有同一成果上的两人、不同的 ORCID 或人工判定的两人，已拆开，请人工确认"


class _Places:
    """Where a row of the table stands in a batch."""

    def __init__(self, rows: Ints) -> None:
        self._order = np.argsort(rows)
        self._sorted = rows[self._order]

    def known(self, rows: Ints) -> NDArray[np.bool_]:
        place = np.minimum(np.searchsorted(self._sorted, rows), len(self._sorted) - 1)
        return self._sorted[place] == rows

    def __call__(self, rows: Ints) -> Ints:
        return self._order[np.searchsorted(self._sorted, rows)]


def _ask(rows: Ints, label: Ints, found: _Found, rules: Rules, ask: float) -> list[Question]:
    place = _Places(rows)
    left, right, score = found.arrays()
    left, right = place(left), place(right)
    open_ = label[left] != label[right]
    return ask_about(rows, label, (left[open_], right[open_], score[open_].astype(np.float64)), rules, ask=ask)


def score_new(table: MentionTable, background: Background, new: Ints, weights: Weights = DEFAULT) -> Iterator[Scores]:
    """Score only the pairs that involve one of the `new` rows, in bounded pieces: what would a batch touch?

    Rows that are alone are left out. The groups themselves come from `resolve_blocks(…, blocks=…)`: what a group may
    hold depends on all of its mentions.
    """
    scorer = Scorer(table, background, weights)
    usable = ~table.alone & (table.block > 0)
    fresh = np.zeros(len(table), dtype=np.bool_)
    fresh[new] = True
    order = np.lexsort((table.rank, table.block))
    order = order[usable[order] & np.isin(table.block[order], table.block[new])]
    left, right = order[fresh[order]], order[~fresh[order]]
    left_block, right_block = table.block[left].astype(np.int64), table.block[right].astype(np.int64)
    for one in range(0, len(left), _TILE):
        mine, blocks = left[one : one + _TILE], left_block[one : one + _TILE]
        near = slice(*np.searchsorted(right_block, [blocks[0], blocks[-1] + 1]))
        others, other_blocks = right[near], right_block[near]
        for other in range(0, max(1, len(others)), 4 * _TILE):
            piece = slice(other, other + 4 * _TILE)
            pairs = PairSet.across(mine, blocks, others[piece], other_blocks[piece])
            if len(pairs):
                yield scorer.score(pairs)
        for other in range(one, len(left), _TILE):
            piece = slice(other, other + _TILE)
            if left_block[other] > blocks[-1]:
                break
            pairs = (
                PairSet.within(mine, blocks)
                if other == one
                else PairSet.across(mine, blocks, left[piece], left_block[piece])
            )
            if len(pairs):
                yield scorer.score(pairs)
