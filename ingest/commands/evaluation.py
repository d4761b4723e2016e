"""`zhiku evaluate identity`: is the same person one person in the graph?  Figures against labels, and why they err.

Nothing is written. The figures are those of `ingest.people.evaluation`: pairs, and B-cubed (Bagga and Baldwin 1998).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from graph.errors import InputError, NotFoundError
from graph.store import Store
from ingest.commands.labelled_mentions import (
    GraphMention,
    LabelledMentions,
    Progress,
    Unlocated,
    labelled_mentions,
)
from ingest.commands.labelled_works import read_works
from ingest.people import evaluation
from ingest.people.evaluation import Figures, NameRow
from ingest.people.explain import Comparison, Explainer, explain
from ingest.people.labels import Labelled
from ingest.people.mentions import build_table
from ingest.people.statistics import Background, default_background

# Of each kind and name so many wrong pairs are compared, to show the one with most points.
_COMPARED: Final = 12
_UNLOCATED_SHOWN: Final = 20
MOST_NAMES: Final = 200

Pair = tuple[str, str]


class ShownMention(BaseModel):
    """A mention as a person looks at it: work, name and affiliation as written, the Person it belongs to now."""

    mention: str
    work: str
    title: str
    year: int | None
    name: str
    affiliation: str
    person: str
    known: str


class ShownPair(BaseModel):
    """Two mentions with the points of the score and every reason; None and none where the scorer cannot compare."""

    left: ShownMention
    right: ShownMention
    score: float | None
    reasons: list[str]


class WorstName(NameRow):
    """A name with wrong or missed pairs.

    `joined` are two people taken for one, `separate` one person taken for two: of those compared the pair with most
    points, which is what misled, or came nearest. None without such a pair.
    """

    joined: ShownPair | None
    separate: ShownPair | None


class Unused(BaseModel):
    """A label that names no mention, with the reason."""

    mention: str
    reason: str


class IdentityEvaluation(Figures):
    """What `zhiku evaluate identity` tells; `labels` were read, `mentions` found (two postings of a paper are two).

    `unlocated` are the first of those `not_found`; `repeated` name a mention that another label named. `hidden` names
    would stand in `worst`, but a restricted person or work is among their mentions.
    """

    labels: int
    repeated: int
    hidden: int
    unlocated: list[Unused]
    worst: list[WorstName]


def evaluate_identity(
    store: Store,
    labels: Sequence[Labelled],
    *,
    limit: int = 20,
    background: Background | None = None,
    questions: Iterable[Pair] | None = None,
    progress: Progress = lambda _done, _phase: None,
) -> IdentityEvaluation:
    """Compare the people of the graph with the people that labels name.

    `limit` (0 to 200) names are listed, those with most wrong pairs first. `background` is the snapshot the reasons are
    made with (without one nothing is rare or frequent). `questions` are open questions as pairs of mention ids
    (`ingest.people.review.question_pairs`); those with a labelled mention count. Raises `NotFoundError` when no label
    names a mention, `InputError` for a limit out of bounds, `StoreUnavailableError`.
    """
    if not 0 <= limit <= MOST_NAMES:
        raise InputError(f"limit 应在 0 到 {MOST_NAMES} 之间")
    found = labelled_mentions(store, labels, progress)
    if not found.mentions:
        raise _nothing_found(labels, found.unlocated)
    progress(len(labels), "比较")
    group: dict[str, object] = {m.mention: m.found for m in found.mentions}
    names = {m.mention: m.name for m in found.mentions}
    places = {m.place for m in found.mentions}
    asked = None if questions is None else sum(left in places or right in places for left, right in questions)
    hidden = {m.name for m in found.mentions if not m.shown}
    # So many that the hidden ones do not take the places of others.
    report = evaluation.evaluate_identity(found.mentions, group, names, questions=asked, worst=limit + len(hidden))
    rows: list[NameRow] = []
    passed = 0
    for row in report.worst:
        if len(rows) < limit and (row.wrong or row.missed):
            passed += row.name in hidden
            rows += [] if row.name in hidden else [row]
    worst = _explained(store, rows, found, group, background or default_background())
    return _evaluation(report, found, len(labels), worst, passed)


def _evaluation(
    report: Figures, found: LabelledMentions, labels: int, worst: list[WorstName], hidden: int
) -> IdentityEvaluation:
    return IdentityEvaluation(
        **{name: getattr(report, name) for name in Figures.model_fields if name != "not_found"},
        labels=labels,
        not_found=found.not_found,
        repeated=found.repeated,
        hidden=hidden,
        unlocated=[Unused(mention=u.mention, reason=u.reason) for u in found.unlocated[:_UNLOCATED_SHOWN]],
        worst=worst,
    )


def _nothing_found(labels: Sequence[Labelled], unlocated: Sequence[Unlocated]) -> NotFoundError:
    first = f"；例如 {unlocated[0].mention}：{unlocated[0].reason}" if unlocated else ""
    return NotFoundError(
        f"{len(labels)} 条标注中没有一条能在图中找到{first}",
        hint="先导入这些成果；成果编号可写图中编号、DOI、项目编号、文件里的编号（行号），位置从 1 数起",
    )


# --- the worst names --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Candidates:
    joined: list[Pair]
    separate: list[Pair]


def _explained(
    store: Store, rows: Sequence[NameRow], found: LabelledMentions, group: Mapping[str, object], background: Background
) -> list[WorstName]:
    names = {row.name for row in rows}
    own: dict[str, list[GraphMention]] = {}
    for mention in found.mentions:
        if mention.name in names:
            own.setdefault(mention.name, []).append(mention)
    pairs = {name: _Candidates(*evaluation.wrong_pairs(listed, group, _COMPARED)) for name, listed in own.items()}
    involved = {
        id_ for candidates in pairs.values() for pair in candidates.joined + candidates.separate for id_ in pair
    }
    mentions = {m.mention: m for listed in own.values() for m in listed if m.mention in involved}
    shown = _Shown(store, mentions, pairs.values(), background)
    return [
        WorstName(
            **row.model_dump(), joined=shown.best(pairs[row.name].joined), separate=shown.best(pairs[row.name].separate)
        )
        for row in rows
    ]


class _Shown:
    """Shows and compares pairs of some mentions; their works are read at once."""

    def __init__(
        self,
        store: Store,
        mentions: Mapping[str, GraphMention],
        pairs: Iterable[_Candidates],
        background: Background,
    ) -> None:
        self._mentions = mentions
        one_person = {id_ for candidates in pairs for pair in candidates.joined for id_ in pair}
        read = read_works(store, {m.work for m in mentions.values() if m.work}, identified=mentions.keys() - one_person)
        self._titled = {titled.work.id: titled for titled in read.works}
        self._table = build_table(titled.work for titled in read.works)
        self._row_of = {id_: row for row, id_ in enumerate(self._table.ids) if id_ in mentions}
        names = read.organisations
        self._explainer = Explainer(self._table, background, organisation_name=lambda key: names.get(key, key))

    def best(self, pairs: Sequence[Pair]) -> ShownPair | None:
        """The pair with most points; of equals the first."""
        if not pairs:
            return None
        compared = [(pair, self._compared(pair)) for pair in pairs]
        known = [entry for entry in compared if entry[1] is not None]
        pair, comparison = max(known or compared[:1], key=lambda entry: entry[1].score if entry[1] else 0.0)
        left, right = pair
        return ShownPair(
            left=self._mention(left),
            right=self._mention(right),
            score=None if comparison is None else round(comparison.score, 2),
            reasons=[] if comparison is None else [*comparison.hard, *explain(comparison.parts)],
        )

    def _compared(self, pair: Pair) -> Comparison | None:
        left, right = (self._row_of.get(id_) for id_ in pair)
        return None if left is None or right is None else self._explainer.compare(left, right)

    def _mention(self, id_: str) -> ShownMention:
        mention, row = self._mentions[id_], self._row_of.get(id_)
        titled = self._titled.get(mention.work)
        table = self._table
        return ShownMention(
            mention=id_,
            work=mention.work,
            title="" if titled is None else titled.title,
            year=None if titled is None else titled.work.year,
            name=mention.name if row is None else table.written[int(table.name_written[row])],
            affiliation="" if row is None else table.affiliations[int(table.affiliation[row])],
            person=mention.found,
            known=mention.person,
        )
