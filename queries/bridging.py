"""Who works in both of two fields?  ("人工智能 与 中医"): the people who bridge them, beside the best of each side.

The works found for either field and for both together are one pool; everybody is ranked in it for each field alone by
`queries.ranking`, and the two scores, each as a share of that field's best, are put together by their geometric mean:
who has nothing on one side is no bridge, and no strength on one side replaces the other. On hidden works whose
keywords come from two disciplines it finds no more than the plain question (MRR −.002 [−.017, .010] when completed
by it, bench/understanding.py): it stands beside that answer for its reasons, and does not replace it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import Final, NamedTuple

from graph.database import Database
from graph.textindex import TextIndex, WorkHit
from graph.vocabulary import Vocabulary
from graph.vocabulary_keeping import vocabulary_of
from queries.answers import Answer, Evidence
from queries.evidence import WorkShown, WorksRead, shown_evidence
from queries.expansion import in_both_scripts
from queries.expert_facts import ExpertFacts, expert_facts
from queries.posts import posts_and_memberships, today
from queries.ranking import Hit, Ranked, WorkShare, rank
from queries.retrieval import (
    RANKING,
    Asked,
    Reasons,
    asked,
    check_limit,
    collection_of,
    nothing_found,
    ranking_hits,
    works_found,
)

# Everybody in the pool: 3 × 500 works with their people.
_EVERYBODY: Final = 100_000
SIDE_SHOWN: Final = 5
EVIDENCE_SHOWN: Final = 3
# A work counts for both fields when it holds this share of the weight of each field's words: a field of one word as a
# whole, of a long name the greater part of it.
HOLDS_FIELD: Final = 0.6
ONE_FIELD: Final = "问题里没有看出两个领域：写成“人工智能 与 中医”，或分别给出两个领域"
NO_BRIDGE: Final = "没有人在这两个领域都有成果；下面分别列出每个领域的专家，可以组成一个小组"

_LONGEST_FIELD: Final = 60
_REMARK: Final = re.compile(r"[（(][^（）()]*[)）]")
_SIGNS: Final = re.compile(r"\s*[×✕✖＋+&＆/／|｜、]\s*|\s+[xX]\s+")
_SPACED: Final = re.compile(r"\s+(?:与|和|及|跟|同|以及|结合|交叉|and|with|meets|in)\s+", re.IGNORECASE)
_INSIDE: Final = re.compile("以及|与|和|及|跟|同")
_APPLIED: Final = re.compile(
    r"^\s*(?P<one>.{2,40}?)\s*(?:在|于)\s*(?P<other>.{2,40}?)(?:领域|方面|行业|研究|教学|实践)?(?:中|里|上)?的?(?:应用|运用|实践|作用)"
)
_ENDING: Final = re.compile(
    r"\s*的?\s*(?:交叉(?:学科|领域|研究|融合)?|结合|融合|跨学科|相关)?\s*的?\s*"
    r"(?:研究|专家|学者|应用|问题|关系|领域|方向|人)?[?？。！!\s]*$"
)


class BridgingExpert(Answer):
    """One person who works in both fields: the score and its two sides (shares of each field's best, 0 to 1).

    `works_in_both` are works that hold both fields, `one` and `other` the best works of each field alone.
    """

    rank: int
    id: str
    name: str
    organisations: tuple[str, ...]
    professional_title: str
    score: float
    one_score: float
    other_score: float
    works_in_both: tuple[Evidence, ...]
    works_in_both_total: int
    one: tuple[Evidence, ...]
    other: tuple[Evidence, ...]
    fictional: bool


class SideExpert(Answer):
    """One of the best of a single field; `bridging` says whether the person stands among the bridges as well."""

    rank: int
    id: str
    name: str
    organisations: tuple[str, ...]
    score: float
    bridging: bool


class BridgingAnswer(Answer):
    """The people between two fields, and the best of each."""

    question: str
    fields: tuple[str, ...]
    candidates: int
    experts: tuple[BridgingExpert, ...]
    one: tuple[SideExpert, ...]
    other: tuple[SideExpert, ...]
    notes: tuple[str, ...]
    ranking: str
    sequence: int


# --- the question ----------------------------------------------------------------------------------------------------


def two_fields(text: str, vocabulary: Vocabulary) -> tuple[str, str] | None:
    """Which two fields does a question put side by side?  None when it is about one thing.

    "人工智能 与 中医", "AI and traditional medicine", "人工智能×中医": divided at the sign or the spaced word. Without
    spaces ("人工智能与中医", "人工智能在中医中的应用") only where both sides are words the graph knows, since 与 and 和
    stand inside words, too.
    """
    whole = " ".join(text.split())
    if not 3 <= len(whole) <= 2 * _LONGEST_FIELD:
        return None
    for divider in (_SPACED, _SIGNS):
        sides = [_field(side) for side in divider.split(whole)]
        if len(sides) == 2 and all(len(side) > 1 for side in sides) and _differ(*sides):
            return sides[0], sides[1]
    found = _APPLIED.match(whole)
    pairs = [(found["one"], found["other"])] if found else []
    pairs += [(whole[: each.start()], whole[each.end() :]) for each in _INSIDE.finditer(whole)]
    for one, other in ((before.strip(), _field(after)) for before, after in pairs):
        if vocabulary.find(one) and vocabulary.find(other) and _differ(one, other):
            return one, other
    return None


def _field(text: str) -> str:
    text = _REMARK.sub("", text)
    return _ENDING.sub("", text).strip(" ,，;；“”\"'()（）") or text.strip()


def _differ(one: str, other: str) -> bool:
    return bool(asked(one).question.terms and asked(other).question.terms) and set(asked(one).question.terms) != set(
        asked(other).question.terms
    )


# --- the ranking (pure) ----------------------------------------------------------------------------------------------


class Bridge(NamedTuple):
    """Who stands between two fields, and how strongly: the geometric mean of the two shares, and the shares."""

    id: str
    score: float
    one: float
    other: float


def bridges(one: Mapping[str, float], other: Mapping[str, float]) -> list[Bridge]:
    """Put the scores of two fields together, best first, equal ones by id; who lacks one of them is left out.

    Each score counts as a share of its field's best; the mean is √(a · b). Symmetric in the fields.
    """
    best_one, best_other = max(one.values(), default=0.0), max(other.values(), default=0.0)
    if best_one <= 0 or best_other <= 0:
        return []
    found: list[Bridge] = []
    for each in one.keys() & other.keys():
        a, b = one[each] / best_one, other[each] / best_other
        if a > 0 and b > 0:
            found.append(Bridge(each, sqrt(a) * sqrt(b), a, b))
    return sorted(found, key=lambda bridge: (-bridge.score, bridge.id))


def holds(hit: WorkHit, question: Asked) -> bool:
    """Does a work hold a field: at least 60 % of the weight of its words?"""
    words = frozenset(hit.tokens.split())
    terms = zip(question.question.terms, question.question.weights, strict=True)
    return sum(weight for term, weight in terms if term in words) >= HOLDS_FIELD * question.question.length


class _Ranking(NamedTuple):
    """Everybody in the pool for each field, and the works of the pool."""

    one: dict[str, Ranked]
    other: dict[str, Ranked]
    pool: dict[str, WorkHit]


def ranked_between(index: TextIndex, one: Asked, other: Asked, *, people: Collection[str] | None = None) -> _Ranking:
    """Rank everybody for each of two fields over the works found for one, the other, and both together."""
    both = replace(one, question=asked(f"{one.text} {other.text}").question)
    pool: dict[str, WorkHit] = {}
    for question in (one, other, both):
        pool.update((hit.id, hit) for hit in works_found(index, question, people=people))
    in_one = [hit for hit in pool.values() if holds(hit, one)]
    in_other = [hit for hit in pool.values() if holds(hit, other)]
    collection = collection_of(index)

    def scores(question: Asked, works: Sequence[WorkHit]) -> dict[str, Ranked]:
        hits: list[Hit] = ranking_hits(works)
        return {each.id: each for each in rank(question.question, hits, collection, limit=_EVERYBODY)}

    return _Ranking(scores(one, in_one), scores(other, in_other), pool)


# --- the answer ------------------------------------------------------------------------------------------------------


def experts_between_fields(
    db: Database, index: TextIndex, *, text: str, other: str = "", limit: int = 10
) -> BridgingAnswer:
    """Who bridges two fields, with which works, and who are the best of each field alone?

    `text` names both fields ("人工智能 与 中医"), or one, with the `other` given apart. At most `limit` (1 to 200)
    bridging people, the 5 best of each field. Where the question names one field only, or nobody works in both, a note
    says so. A score is between 0 and 1 and orders this answer only.

    Raises `InputError` for a limit out of bounds, `StoreUnavailableError` when the graph does not answer.
    """
    check_limit(limit)
    fields = (text, other) if other.strip() else two_fields(text, vocabulary_of(db, index))
    whole = asked(f"{text} {other}".strip())
    if fields is None:
        return _nothing(index, whole, (), (*whole.notes, ONE_FIELD) if whole.question.terms else whole.notes)
    sides = tuple(in_both_scripts(index, asked(field)) for field in fields)
    ranking = ranked_between(index, *sides)
    found = bridges(*({id: each.score for id, each in side.items()} for side in ranking[:2]))
    if not ranking.one and not ranking.other:
        return _nothing(index, whole, fields, (nothing_found(index),))
    return _Shown(db, index, whole, sides, ranking).answer(found, limit)


def _nothing(index: TextIndex, whole: Asked, fields: Sequence[str], notes: Sequence[str]) -> BridgingAnswer:
    return BridgingAnswer(
        question=whole.text,
        fields=tuple(fields),
        candidates=0,
        experts=(),
        one=(),
        other=(),
        notes=tuple(notes),
        ranking=RANKING,
        sequence=index.sequence,
    )


class _Shown:
    """The rows of one answer, from one read of the graph for everybody shown."""

    def __init__(self, db: Database, index: TextIndex, whole: Asked, sides: Sequence[Asked], ranking: _Ranking) -> None:
        self._db, self._index, self._whole, self._sides, self._ranking = db, index, whole, sides, ranking
        self._reasons = [Reasons(side, ranking.pool.values()) for side in sides]
        self._facts: dict[str, ExpertFacts] = {}

    def answer(self, found: Sequence[Bridge], limit: int) -> BridgingAnswer:
        bridging = self._existing([each.id for each in found], limit)
        best = [self._existing(list(side), SIDE_SHOWN) for side in self._ranking[:2]]
        of_id = {each.id: each for each in found}
        chosen = {id: self._chosen(id) for id in bridging}
        shown = dict.fromkeys(work for lists in chosen.values() for works in lists for work in works)
        works = WorksRead(self._db, (self._ranking.pool[work] for work in shown))
        return BridgingAnswer(
            question=self._whole.text,
            fields=tuple(side.text for side in self._sides),
            candidates=len(found),
            experts=tuple(
                self._bridge(place, of_id[id], chosen[id], works) for place, id in enumerate(bridging, start=1)
            ),
            one=self._side(best[0], 0, of_id),
            other=self._side(best[1], 1, of_id),
            notes=(*self._whole.notes, *(() if bridging else (NO_BRIDGE,))),
            ranking=RANKING,
            sequence=self._index.sequence,
        )

    def _existing(self, ids: Sequence[str], limit: int) -> list[str]:
        """Return the first people whom the graph shows, reading on while some are stubs or hidden."""
        shown: list[str] = []
        for start in range(0, len(ids), limit):
            piece = ids[start : start + limit]
            self._facts.update(expert_facts(self._db, (id for id in piece if id not in self._facts)))
            shown += [id for id in piece if id in self._facts]
            if len(shown) >= limit:
                break
        return shown[:limit]

    def _in_both(self, id: str) -> list[str]:
        works = [
            {share.work_id: share.share for share in side[id].evidence} for side in self._ranking[:2] if id in side
        ]
        if len(works) < 2:
            return []
        return sorted(works[0].keys() & works[1].keys(), key=lambda work: (-works[0][work] - works[1][work], work))

    def _chosen(self, id: str) -> list[list[str]]:
        """Return the works shown of a bridging person: those in both fields, and the best of each field alone."""
        common = self._in_both(id)
        alone = [
            [share.work_id for share in side[id].evidence if share.work_id not in common] for side in self._ranking[:2]
        ]
        return [works[:EVIDENCE_SHOWN] for works in (common, *alone)]

    def _bridge(self, place: int, bridge: Bridge, chosen: Sequence[Sequence[str]], works: WorksRead) -> BridgingExpert:
        person = self._facts[bridge.id]
        common, *alone = [works.of(bridge.id, each) for each in chosen]
        sides = [side[bridge.id] for side in self._ranking[:2]]
        return BridgingExpert(
            rank=place,
            id=bridge.id,
            name=person.name,
            organisations=_organisations(person),
            professional_title=person.professional_title,
            score=bridge.score,
            one_score=bridge.one,
            other_score=bridge.other,
            works_in_both=self._evidence(sides[0], 0, common),
            works_in_both_total=len(self._in_both(bridge.id)),
            one=self._evidence(sides[0], 0, alone[0]),
            other=self._evidence(sides[1], 1, alone[1]),
            fictional=person.fictional,
        )

    def _evidence(self, ranked: Ranked, side: int, works: Mapping[str, WorkShown]) -> tuple[Evidence, ...]:
        share = {each.work_id: each.share for each in ranked.evidence}
        chosen = tuple(WorkShare(work, share[work]) for work in works)
        return shown_evidence(replace(ranked, evidence=chosen), works, self._reasons[side])

    def _side(self, ids: Sequence[str], side: int, bridging: Mapping[str, Bridge]) -> tuple[SideExpert, ...]:
        return tuple(
            SideExpert(
                rank=place,
                id=id,
                name=self._facts[id].name,
                organisations=_organisations(self._facts[id]),
                score=self._ranking[side][id].score,
                bridging=id in bridging,
            )
            for place, id in enumerate(ids, start=1)
        )


def _organisations(person: ExpertFacts) -> tuple[str, ...]:
    posts, _ = posts_and_memberships(person.affiliations, today())
    return tuple(dict.fromkeys(post.name for post in posts if post.standing != "former"))
