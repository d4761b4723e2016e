"""Experts ranked under declared exposure options: who was shown how often, who is new, and what the options moved.

The cap counts what the exposure report counts: people on lists saved in a period, and in a batch the answers before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.textindex import TextIndex
from queries.answers import ExpertsAnswer, ExposureShown, FoundExpert, LeftOutExpert, MovedExpert
from queries.exposure import Exposed, ExposureOptions, with_exposure
from queries.exposure_report import last_days, listed_between
from queries.ranking import Standing

# More are counted only: nobody reads on, and a batch under a low cap leaves out hundreds.
MOST_NAMED: Final = 50
_NAMED_IN_NOTE: Final = 5


class FirstWork(BaseModel):
    """Somebody who may be shown, and the year of the first work; None when no work has a year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    year: int | None


FIRST_WORKS: Final = Query(
    "first_works",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
OPTIONAL MATCH (p)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
RETURN p.id AS id, coalesce(p.name, '') AS name, min(w.year) AS year
ORDER BY id
""",
    FirstWork,
)


def times_listed(db: Database, *, days: int, on: date, leaving: str = "") -> Counter[str]:
    """How often was each person shown: on how many expert lists saved in the last `days` days (`on` included)?

    Merges are followed, as in the exposure report. The list with the id `leaving` is not counted. Raises `InputError`
    for days out of bounds.
    """
    first, last = last_days(days, on=on)
    listed = {(row.question, row.person) for row in listed_between(db, from_day=first, until_day=last)}
    return Counter(person for list_, person in listed if list_ != leaving)


class ExposedRanking:
    """One question under declared options: weighs everybody who matches, and says what that moved."""

    def __init__(
        self, db: Database, index: TextIndex, options: ExposureOptions, *, shown: Mapping[str, int] | None, on: date
    ) -> None:
        """Take the options; `shown` are the appearances that count (None: those of `times_listed`)."""
        self._db, self._index, self._options = db, index, options
        counted = shown is None and options.cap is not None
        self._shown = times_listed(db, days=options.days, on=on) if counted else shown or {}
        self._years: dict[str, int] = {}
        self._exposed: Exposed[Standing] | None = None

    @property
    def people(self) -> Collection[str]:
        """Who can have a place: the people of the index. Others would count in the places without being shown."""
        return self._index.people.row_of

    def weigh(self, standing: Sequence[Standing]) -> dict[str, float]:
        """Return the factor on the score of each who stays; the `reweigh` of `queries.ranking.rank`."""
        options = self._options
        if options.boost > 1.0 and options.year is not None:
            before = options.year - options.newcomer_years
            known = self._index.people_with_works(until_year=before)
            # Most people have an earlier work and need not be asked about.
            asked = [row.id for row in standing if row.id not in known and row.id not in self._years]
            self._years |= {row.id: row.year for row in self._first_works(asked) if row.year is not None}
        self._exposed = with_exposure(standing, options=options, shown=self._shown, first_years=self._years)
        boosted = frozenset(self._exposed.boosted)
        return {row.id: options.boost if row.id in boosted else 1.0 for row in self._exposed.ranked}

    def told(self, answer: ExpertsAnswer, *, limit: int) -> ExpertsAnswer:
        """Return the answer with the options named, and with what moved each person shown."""
        exposed = self._exposed
        experts = answer.experts if exposed is None else tuple(self._moved(one, exposed) for one in answer.experts)
        left_out, further = ((), 0) if exposed is None else self._left_out(exposed, experts, limit)
        options = self._options
        exposure = ExposureShown(
            statement=options.statement,
            cap=options.cap,
            days=options.days,
            boost=options.boost,
            newcomer_years=options.newcomer_years,
            year=options.year,
            left_out=left_out,
            left_out_further=further,
        )
        notes = (f"按所选的声明选项排序：{options.statement}", *_notes(experts, left_out, further), *answer.notes)
        return answer.model_copy(update={"experts": experts, "exposure": exposure, "notes": notes})

    def _first_works(self, people: Collection[str]) -> list[FirstWork]:
        return self._db.read(FIRST_WORKS, people=sorted(people)) if people else []

    def _moved(self, expert: FoundExpert, exposed: Exposed[Standing]) -> FoundExpert:
        place, boosted = exposed.places[expert.id], expert.id in exposed.boosted
        if not boosted and place == expert.rank:
            return expert
        year = self._years.get(expert.id) if boosted else None
        if boosted:
            why = f"新人加权 ×{self._options.boost:g}（首项成果 {year} 年）"
        elif expert.rank > place:
            why = "有新人经加权排到前面"
        else:
            why = "前面有人因曝光上限没有列出"
        moved = MovedExpert(
            rank_without=place,
            boost=self._options.boost if boosted else None,
            first_year=year,
            reason=f"{why}；不用所选的选项排第 {place}",
        )
        return expert.model_copy(update={"moved": moved})

    def _left_out(
        self, exposed: Exposed[Standing], experts: Sequence[FoundExpert], limit: int
    ) -> tuple[tuple[LeftOutExpert, ...], int]:
        """Name those who would have been listed, with the options or without; count the others."""
        last = experts[-1].score if len(experts) == limit else 0.0
        wanted = [out for out in exposed.left_out if out.rank <= limit or exposed.scores[out.id] >= last]
        names = {row.id: row.name for row in self._first_works([out.id for out in wanted[:MOST_NAMED]])}
        named = tuple(
            LeftOutExpert(id=out.id, name=names[out.id], shown=out.shown, rank=out.rank)
            for out in wanted
            if out.id in names
        )
        return named, len(exposed.left_out) - len(named)


def _notes(experts: Sequence[FoundExpert], left_out: Sequence[LeftOutExpert], further: int) -> list[str]:
    notes: list[str] = []
    if left_out:
        said = [
            f"{one.name or one.id}（已出现 {one.shown} 次，原第 {one.rank} 位）" for one in left_out[:_NAMED_IN_NOTE]
        ]
        more = "等" if len(left_out) > len(said) else ""
        notes.append(f"因曝光上限没有列出 {len(left_out)} 位：{'、'.join(said)}{more}")
    if further:
        notes.append(f"另有 {further} 位也因曝光上限没有列出，多排在更后")
    boosted = sum(one.moved is not None and one.moved.boost is not None for one in experts)
    if boosted:
        notes.append(f"{boosted} 位因新人加权得分提高，各人不加权的名次见其说明")
    return notes
