"""Who knows about a topic?  Ranked experts, each with the works that speak for them and what is known of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from graph.database import Database
from graph.textindex import TextIndex
from queries.answers import DeclaredExpert, ExpertsAnswer, FoundExpert
from queries.declared import DECLARED_SHOWN, Declaring
from queries.disciplines import Discipline
from queries.evidence import WorksRead, shown_evidence
from queries.expansion import in_both_scripts, widened
from queries.expert_facts import ExpertFacts, distinct_names, expert_facts
from queries.exposed_experts import ExposedRanking
from queries.exposure import ExposureOptions
from queries.facets import filter_costs, too_few_note
from queries.filters import ExpertFilters, given, put_together, said_of_people
from queries.posts import posts_and_memberships, today
from queries.ranking import Hit, Ranked, rank
from queries.reached import Reached, listed, works_wanted
from queries.retrieval import (
    EVIDENCE_SHOWN,
    MOST_EVIDENCE,
    RANKING,
    Asked,
    Reasons,
    answers_with_facts,
    asked,
    check_limit,
    collection_of,
    nearness_of,
    nothing_found,
    ranking_hits,
)
from queries.selection import Selection, selected
from queries.unplaced import unplaced_note

NOBODY_MATCHES: Final = "没有人同时符合所选的筛选条件（{}）：放宽或去掉其中一项"


def experts_for_topic(
    db: Database,
    index: TextIndex,
    *,
    text: str,
    limit: int = 20,
    region: str | None = None,
    organisation: str | None = None,
    society: str | None = None,
    since_year: int | None = None,
    professional_title: str | None = None,
    exclude: Collection[str] = (),
    evidence: int = EVIDENCE_SHOWN,
    on: date | None = None,
    filters: ExpertFilters | None = None,
    discipline: str | None = None,
    expand: Collection[str] = (),
    counted: Reached | None = None,
    exposure: ExposureOptions | None = None,
    shown: Mapping[str, int] | None = None,
    declared: bool = False,
) -> ExpertsAnswer:
    """Who knows about this topic, best first, and why?

    `text` is a word or a paragraph (cut at 50,000 characters). At most `limit` (1 to 200) people, each with `evidence`
    (0 to 50) works: the share of the score, and the place without that work; `evidence_total` counts all works found.
    Filters: `region` code (13 or 130000, subtree included), `organisation` and `society` by id or exact name
    (departments included), `since_year` of the works that count, `professional_title`; they apply before the ranking.
    `exclude` are person ids, merges followed. `filters` has these and more (`queries.filters`); what is given beside it
    comes first, and a note says which filter costs most when fewer than `limit` remain, unless the filters name the
    people (`among`), another how many people the region passes over because nobody says where they are. `discipline`
    (topic id or name, with all below it, or as projects write it) excludes nobody: whose works found are in it counts
    up to half more. `expand` are further terms that count for less (`queries.expansion`). `counted` are the works that
    `queries.facets` found for the same question. Posts hold on the day `on`, today by default.
    `works_without_abstract` counts those of all evidence works that are a title and keywords only. A question without
    words, or with words nobody wrote about, gives an empty answer whose notes say what to do. Scores of two answers are
    not comparable (`queries.ranking`).

    `exposure` are declared options that spread attention, off by default (`queries.exposure`): the answer names them,
    and what they moved. `shown` says how often each was shown; by default that is counted on lists saved lately. With
    `declared` those who only say that they know the topic stand beside the others (`queries.declared`).

    Raises `InputError` for a number out of bounds, `StoreUnavailableError` when the graph does not answer.
    """
    _check(limit, evidence)
    question, day = widened(in_both_scripts(index, asked(text)), tuple(expand)), on or today()
    own = {
        "region": region,
        "organisation": organisation,
        "society": society,
        "since_year": since_year,
        "professional_title": professional_title,
        "exclude": tuple(exclude),
    }
    all_filters = put_together(filters, own)
    exposing = None if exposure is None or exposure.off else ExposedRanking(db, index, exposure, shown=shown, on=day)
    # Who names the people wanted knows why there are few.
    costs = filters is not None and filters.among is None
    wanted = _Wanted(question, all_filters, limit, evidence, (discipline or "").strip(), day, counted, costs, declared)
    answer = _found(db, index, wanted, exposing)
    return answer if exposing is None else exposing.told(answer, limit=limit)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A question with all that was asked for; `costs`: whether to say which filter costs most."""

    question: Asked
    filters: ExpertFilters
    limit: int
    evidence: int
    discipline: str
    day: date
    counted: Reached | None
    costs: bool
    declared: bool


def _found(db: Database, index: TextIndex, wanted: _Wanted, exposing: ExposedRanking | None) -> ExpertsAnswer:
    question, filters, limit, day = wanted.question, wanted.filters, wanted.limit, wanted.day
    filtered = question.question.terms and given(filters)
    selection = selected(db, index, filters=filters, on=day) if filtered else None
    unplaced = partial(unplaced_note, index, question, selection, wanted=limit, on=day)
    facts = _Facts(db, index, wanted, selection)
    if selection is not None and (said := said_of_people(filters)) and not selection.chosen:
        return _answer(index, question, 0, (), (), NOBODY_MATCHES.format("、".join(said)), unplaced(0))
    found = works_wanted(index, question, selection, counted=wanted.counted)
    everybody = None if exposing is None else exposing.people
    candidates = _candidates(ranking_hits(found), everybody if selection is None else selection.chosen)
    if not candidates.people:
        note = nothing_found(index) if question.question.terms else ""
        return _answer(index, question, 0, (), facts.of_nobody(), note, unplaced(0))
    inside = Discipline(db, index, wanted.discipline).works(found) if wanted.discipline else ()
    collection, reasons, near = collection_of(index), Reasons(question, found), nearness_of(index, question, found)

    def best(hidden: Collection[str]) -> list[Ranked]:
        return rank(
            question.question,
            candidates.hits,
            collection,
            limit=limit,
            exclude=hidden,
            discipline=inside,
            nearness=near.cosines,
            nearness_weights=near.weights,
            what_if=wanted.evidence,
            reweigh=None if exposing is None else exposing.weigh,
        )

    ranked, hidden = answers_with_facts(best, facts.of)
    works = WorksRead(db, reasons.works_of(ranked, wanted.evidence))
    shown = _Shown(facts.known, works, reasons, wanted)
    experts = tuple(shown.expert(place, each) for place, each in enumerate(ranked, start=1))
    total = len(candidates.people) - hidden
    few = wanted.costs and total < limit
    costs = filter_costs(db, index, question, filters, found=total, wanted=limit, on=day) if few else ()
    note = too_few_note(costs, total, limit) if costs else ""
    return _answer(index, question, total, experts, facts.declared(), note, unplaced(total))


def _check(limit: int, evidence: int) -> None:
    check_limit(limit)
    check_limit(evidence, name="evidence", least=0, most=MOST_EVIDENCE)


class _Facts:
    """What the graph knows of the ranked, and, read with it, of those who only declare the topic."""

    def __init__(self, db: Database, index: TextIndex, wanted: _Wanted, selection: Selection | None) -> None:
        self._db, self._day = db, wanted.day
        self.known: dict[str, ExpertFacts] = {}
        self._besides: list[str] = []
        self._declaring: Declaring | None = None
        question = wanted.question.question
        if wanted.declared and question.terms and len(index.people):
            allowed = None if selection is None else listed(index, selection)
            self._declaring = Declaring(db, index, question, allowed)

    def of(self, ranked: Sequence[Ranked]) -> dict[str, ExpertFacts]:
        """Read what is shown of the ranked; who is hidden is missing."""
        if self._declaring is not None:
            self._besides, _ = self._declaring.people([each.id for each in ranked], DECLARED_SHOWN)
        self.known.update(expert_facts(self._db, [*(each.id for each in ranked), *self._besides]))
        return self.known

    def of_nobody(self) -> tuple[DeclaredExpert, ...]:
        """Return those who declare the topic of a question that ranked nobody."""
        if self._declaring is not None:
            self._besides, _ = self._declaring.people((), DECLARED_SHOWN)
            self.known.update(expert_facts(self._db, self._besides))
        return self.declared()

    def declared(self) -> tuple[DeclaredExpert, ...]:
        """Return those read beside the ranked last."""
        return () if self._declaring is None else self._declaring.shown(self._besides, self.known, self._day)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The works found with only those people who may be in the answer."""

    hits: list[Hit]
    people: set[str]


def _candidates(hits: Sequence[Hit], allowed: Collection[str] | None) -> _Candidates:
    if allowed is None:
        return _Candidates(list(hits), {id for hit in hits for id in hit.people})
    kept: list[Hit] = []
    everybody: set[str] = set()
    for hit in hits:
        people = [id for id in hit.people if id in allowed]
        if people:
            everybody.update(people)
            kept.append(hit._replace(people=people))
    return _Candidates(kept, everybody)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the rows of an answer are made of."""

    known: Mapping[str, ExpertFacts]
    works: WorksRead
    reasons: Reasons
    wanted: _Wanted

    def expert(self, place: int, ranked: Ranked) -> FoundExpert:
        """Return the row of one who is ranked."""
        person = self.known[ranked.id]
        posts, memberships = posts_and_memberships(person.affiliations, self.wanted.day)
        works = self.works.of(ranked.id, (share.work_id for share in ranked.evidence[: self.wanted.evidence]))
        return FoundExpert(
            rank=place,
            id=ranked.id,
            name=person.name,
            score=ranked.score,
            coverage=ranked.coverage,
            parts=self.reasons.parts(ranked),
            evidence=shown_evidence(ranked, works, self.reasons),
            evidence_total=len(ranked.evidence),
            posts=posts,
            memberships=memberships,
            topics=distinct_names(person.topics),
            fields=tuple(person.fields),
            professional_title=person.professional_title,
            honours=distinct_names(person.honours),
            works_without_abstract=self.reasons.without_abstract(ranked),
            fictional=person.fictional,
        )


def _answer(
    index: TextIndex,
    question: Asked,
    candidates: int,
    experts: tuple[FoundExpert, ...],
    declared: tuple[DeclaredExpert, ...],
    *notes: str,
) -> ExpertsAnswer:
    return ExpertsAnswer(
        question=question.text,
        terms=question.question.terms,
        candidates=candidates,
        experts=experts,
        notes=(*question.notes, *filter(None, notes)),
        ranking=RANKING,
        sequence=index.sequence,
        declared=declared,
    )
