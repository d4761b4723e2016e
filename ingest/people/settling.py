"""Who is one person?  Decided over all mentions of a name at once, after an import, and written as merges.

Every mention comes in as a person of its own (or as the one it already is). Here the mentions of all names that changed
are read and grouped by the recipe (`clusters.py`). A person whose mentions the recipe no longer holds together gives
the smaller groups away, then the people of one group become one: the one with most mentions stays, the others lead to
it. So the outcome follows from the mentions, the counts and what people decided, not from the order of imports, and a
killed run is simply done again. Where the graph cannot take a person apart (two rows of one source), a question
proposes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from graph.database import Database, Transaction
from graph.decisions import PERSON_MENTIONS, decided_so_far
from graph.documents import Label, changed
from graph.errors import ConflictError, NotFoundError
from graph.jobs import exclusive
from graph.joining import join_many
from graph.people import Also
from graph.separating import separate_people
from graph.store import Store
from ingest.people.clusters import Resolution
from ingest.people.constraints import Group, Rules, merged
from ingest.people.flagged import flags_said
from ingest.people.known import WITH_MENTIONS, Known, by_group, everything_known, home_of, names_known, names_of
from ingest.people.names import person_name
from ingest.people.progress import Settled, keep_background, keep_settled, read_background, read_settled
from ingest.people.review import keep_questions, questions_of

RUN: Final = "identity"
# Fewer works than this say nothing of how frequent a name is; from then on counts are made anew when there are twice
# as many works as when they were made.
_FEWEST: Final = 200
_ATTEMPTS: Final = 3
Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class SettleReport:
    """What settling did: names looked at, mentions and pairs compared, people before, how many merged into others.

    `parted` people were taken out of others. `people` counts those of the names looked at. `recounted` says that the
    counts were made anew. `flags` groups are suspicious, `flagged` says of the largest of them which and why
    (`ingest.people.flagged`). `no_names` mentions bear no person's name and are joined with nobody.
    """

    names: int = 0
    mentions: int = 0
    pairs: int = 0
    people: int = 0
    merged: int = 0
    parted: int = 0
    flags: int = 0
    questions: int = 0
    recounted: bool = False
    flagged: tuple[str, ...] = ()
    no_names: int = 0


def settle(
    store: Store, *, actor: str, progress: Progress | None = None, again: bool = False, run: str = RUN
) -> SettleReport:
    """Bring together the people that are one, among the names changed since last time; `again` looks at all names.

    `progress(number, phase)` goes along, phases "read", "compare", "merge". One at a time in a store, imports wait.
    Raises `StoreUnavailableError`, and `ConflictError` when people kept answering questions all the time.
    """
    tell: Progress = progress or _silent
    done = read_settled(store)
    if done is not None and not again and not any(_touched(store, done).values()):
        return SettleReport()
    with exclusive(store, "ingest", actor=actor):
        for _ in range(_ATTEMPTS - 1):
            with suppress(_ChangedMeanwhileError, NotFoundError):
                return _settle(store, actor=actor, tell=tell, again=again, run=run)
        return _settle(store, actor=actor, tell=tell, again=again, run=run)


class _ChangedMeanwhileError(ConflictError):
    """Somebody answered a question while people were compared: what was found may contradict it."""


def _settle(store: Store, *, actor: str, tell: Progress, again: bool, run: str) -> SettleReport:
    done = read_settled(store)
    works = _works(store.database)
    background = None if done is None else read_background(store, done.version)
    if done is None or background is None or again or works >= 2 * max(done.works, _FEWEST // 2):
        known = everything_known(store, lambda number: tell(number, "read"))
        background = known.background
        report = _merge(store, known, actor=actor, run=run, tell=tell, recounted=True)
        keep_background(store, background)
    else:
        works = done.works
        known = names_known(store, names_of(store.database, _touched(store, done)), background)
        report = _merge(store, known, actor=actor, run=run, tell=tell, recounted=False)
    keep_settled(store, version=background.version, made_on=background.made_on, works=works, actor=actor)
    return report


def _touched(store: Store, done: Settled) -> dict[Label, list[str]]:
    """Return the people and works written since last time."""
    found = changed(store.database, done.seq, store.audit.head().number)
    return {label: found[label] for label in WITH_MENTIONS}


def _silent(_number: int, _phase: str) -> None:
    pass


def _merge(store: Store, known: Known, *, actor: str, run: str, tell: Progress, recounted: bool) -> SettleReport:
    def undecided(transaction: Transaction, _batch: str) -> None:
        if decided_so_far(transaction, PERSON_MENTIONS) != known.decided:
            raise _ChangedMeanwhileError("整理期间有人回答了问题", hint="再运行一次 zhiku identity settle")

    tell(len(known.table), "compare")
    found = known.resolve()
    flagged = flags_said(store.database, known, found.flags)
    before = len(known.mentions_of)
    parted = _part(store, known, found, actor=actor, run=run, also=undecided)
    joins = people_to_join(known, found)
    join_many(store, joins, actor=actor, run=run, progress=lambda number, _of: tell(number, "merge"), also=undecided)
    survivors = {other: stays for stays, others in joins for other in others}
    asked = questions_of(known, found, survivors)
    keep_questions(store, None if recounted else known.names, asked, actor=actor)
    return SettleReport(
        names=len(known.names),
        mentions=len(known.table),
        pairs=found.pairs_scored,
        people=before,
        merged=sum(len(others) for _, others in joins),
        parted=parted,
        flags=len(found.flags),
        questions=len(asked),
        recounted=recounted,
        flagged=flagged,
        no_names=int(known.table.alone.sum()),
    )


def _part(store: Store, known: Known, found: Resolution, *, actor: str, run: str, also: Also) -> int:
    """Let people give away the mentions that the recipe no longer holds together with most of theirs."""
    parted = 0
    grouped = [(person, by_group(found, rows)) for person, rows in known.mentions_of.items()]
    for person, groups in sorted(each for each in grouped if len(each[1]) > 1):
        home = home_of(groups)
        for group in sorted(groups.keys() - {home}):
            leaving = sorted(mention for row in groups[group] for mention in known.mentions_of[person][row])
            try:
                done = separate_people(
                    store, person=person, mentions=leaving, actor=actor, run=run, name_key=_name_key, also=also
                )
            except _ChangedMeanwhileError:
                raise
            except ConflictError:
                continue
            known.mentions_of[done.new] = {row: known.mentions_of[person].pop(row) for row in groups[group]}
            parted += 1
    return parted


def _name_key(name: str) -> str:
    return person_name(name).key


def people_to_join(known: Known, found: Resolution) -> list[tuple[str, list[str]]]:
    """Return (who stays, who goes into them) for every group that several people have their home in.

    A person of several groups, whom nobody could take apart, is at home where most of its mentions are; then two people
    are left apart where any of their mentions may not be one person's: one work names both, a person said no.
    """
    homes: defaultdict[int, list[str]] = defaultdict(list)
    for person, rows in known.mentions_of.items():
        homes[home_of(by_group(found, rows))].append(person)
    rules = Rules.read(known.table, known.decisions, exclusive=known.exclusive)
    joins: list[tuple[str, list[str]]] = []
    for people in homes.values():
        if len(people) > 1:
            joins.extend(_joins_of(known, rules, people))
    return sorted((stays, sorted(others)) for stays, others in joins)


def _joins_of(known: Known, rules: Rules, people: Sequence[str]) -> list[tuple[str, list[str]]]:
    rows_of = known.mentions_of
    order = sorted(people, key=lambda person: (-len(rows_of[person]), person))
    parts: list[tuple[str, Group, list[str]]] = []
    for person in order:
        group = rules.group_of(rows_of[person])
        for number, (stays, theirs, others) in enumerate(parts):
            if rules.may_join(theirs, group):
                parts[number] = (stays, merged([theirs, group]), [*others, person])
                break
        else:
            parts.append((person, group, []))
    return [(stays, others) for stays, _, others in parts if others]


def _works(database: Database) -> int:
    text: Final = "MATCH (w:Output) RETURN count(w) AS number UNION ALL MATCH (w:Project) RETURN count(w) AS number"
    return sum(int(row["number"]) for row in database.records("identity_works_count", text))
