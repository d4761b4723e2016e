"""Which works, people and organisations contain these words?  The text index: derived from the graph, never the truth.

It follows the audit sequence: its marker names the last event it has seen, and `follow` reads the nodes that were
written after it. It can be deleted at any time. One process writes at a time, any number read.

    index = TextIndex.open(store)         builds or catches up
    index.search_works({"量子": 1.0})     best works by BM25, filters inside the search
    index.follow()                        after a write, or before a question: cheap when nothing is new

Scores of two indexes differ slightly when one has replaced documents (BM25 counts them until a merge): compare scores
only on freshly built ones.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from graph.audit import genesis
from graph.collecting import fewer_collections
from graph.documents import LABELS, Change, Document, Label, changed, read_documents
from graph.encoders import NONE, Encoders, in_sample, kept_parts, made
from graph.encoding import QuestionVectors
from graph.errors import StoreUnavailableError
from graph.index_called import organisations_called, people_called
from graph.index_folder import FORMAT, Generation, IndexFolder, Marker, day_number, reported
from graph.index_snapshot import MOST_TERMS, NameHit, Snapshot, Statistics
from graph.index_works import WorkHit
from graph.latent import FEWEST_WORKS
from graph.people_columns import PeopleColumns
from graph.store import Store

_WORK_LABELS: Final[tuple[Label, ...]] = ("Project", "Output")
Progress = Callable[[int, int], None]

# Above this share of replaced documents the index is written anew from its own documents, so that document frequencies
# (which count them) stay right; below the second figure nobody would see a difference.
_MOST_DELETED: Final = 0.05
_FEWEST_DELETED: Final = 1_000
# How long to wait for another process that indexes before reading what there is.
WAIT_S: Final = 30.0

_STATE: Final = """
MATCH (h:AuditHead {id: 'head'})
OPTIONAL MATCH (e:AuditEvent {number: $number})
RETURN h.number AS head, h.hash AS head_hash, e.hash AS event
"""


class TextIndex:
    """The text index of one store, as one process sees it. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = IndexFolder(store.folder, store.id)
        self._mutex = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._state: tuple[object, ...] = ()

    @classmethod
    def open(cls, store: Store, *, wait_s: float = WAIT_S, progress: Progress | None = None) -> TextIndex:
        """Open the index, building it when it is missing, of another store or history, and catching up otherwise.

        Raises `StoreUnavailableError` when it cannot be written (disk full, folder read-only) and none can be read.
        """
        index = cls(store)
        try:
            index.follow(wait_s=wait_s, progress=progress)
        except StoreUnavailableError:
            if index._current() is None:
                raise
        return index

    # --- following the graph

    def follow(self, *, wait_s: float = WAIT_S, progress: Progress | None = None) -> int:
        """Read what was written since the last call, put it into the index, and return the number it has now seen.

        One read when nothing is new. When another process is indexing it waits up to `wait_s` seconds, then goes on as
        a reader. Raises `StoreUnavailableError`; the index stays usable as it was.
        """
        snapshot = self._current()
        if snapshot is not None and self._is_up_to_date(snapshot):
            return snapshot.marker.seq
        with self._folder.writing(wait_s) as mine:
            if mine:
                self._catch_up(progress)
            snapshot = self._current()
        if snapshot is None:
            raise StoreUnavailableError("另一个进程正在建立文本索引，还没有可用的索引", hint="稍后再试")
        return snapshot.marker.seq

    def rebuild(self, progress: Progress | None = None, *, wait_s: float = WAIT_S) -> int:
        """Build the index anew from the graph beside the old one, which readers use until the swap.

        `progress(done, total)` is called as documents are read. Returns the number it has seen. Raises
        `StoreUnavailableError`, also when another process goes on indexing for more than `wait_s` seconds.
        """
        with self._folder.writing(wait_s) as mine:
            if not mine:
                raise StoreUnavailableError("另一个进程正在写文本索引", hint="等它结束后再重建")
            self._build_from_graph(progress)
        return self.sequence

    def _is_up_to_date(self, snapshot: Snapshot) -> bool:
        head, _ = self._graph(0)
        return all(marker == head for marker in snapshot.markers)

    def _graph(self, number: int) -> tuple[Marker, Marker]:
        """Return the marker of the audit head, and that of an event: no hash when there is no such event."""
        row = self._store.database.records("index_state", _STATE, number=number)[0]
        event = genesis(self._store.id) if number == 0 else row["event"] or ""
        return Marker(self._store.id, int(row["head"]), row["head_hash"]), Marker(self._store.id, number, event)

    def _catch_up(self, progress: Progress | None) -> None:
        snapshot = self._current()
        # A marker of another store or history: a restored backup, or a graph that lost its tail.
        if snapshot is None or any(marker != self._graph(marker.seq)[1] for marker in snapshot.markers):
            self._build_from_graph(progress)
            return
        head, _ = self._graph(0)
        marker = snapshot.marker
        if head == marker:
            return
        if snapshot.empty:
            # The first load: nothing to take away document by document, and one settled segment at the end.
            self._build_from_graph(progress)
            return
        ids = changed(self._store.database, marker.seq, head.seq)
        total = sum(len(each) for each in ids.values())
        changes = _counted(read_documents(self._store.database, ids), total, progress)
        try:
            with reported(self._folder.root), fewer_collections():
                snapshot.generation.write(changes, head)
        except StoreUnavailableError as error:
            # A commit that was killed left a file of the name the next one wants: the generation cannot go on.
            if "FileAlreadyExists" not in str(error.__cause__):
                raise
            self._build_from_graph(progress)
            return
        self._compact()

    def _build_from_graph(self, progress: Progress | None) -> None:
        # The head is read first: what is written meanwhile has greater numbers and is found by the next `follow`.
        head, _ = self._graph(0)
        ids = changed(self._store.database, 0, head.seq)
        works = len(ids["Output"]) + len(ids["Project"])
        learnt: dict[Label, list[str]] = {}
        if self._store.encoder != NONE and works >= FEWEST_WORKS:
            learnt = {label: [each for each in ids[label] if in_sample(each, works)] for label in _WORK_LABELS}
        sample = sum(len(each) for each in learnt.values())
        total = sample + sum(len(each) for each in ids.values())
        read = _counted(read_documents(self._store.database, learnt), total, progress)
        encoders = made(self._store.encoder, read, self._folder.root.parent)
        changes = _counted(read_documents(self._store.database, ids), total, progress, sample)
        self._build(changes, head, encoders)

    def _compact(self) -> None:
        """Write the index anew from its own documents, by id, when too many of them were replaced or are new."""
        snapshot = self._current()
        if snapshot is None:
            return
        encoders, works = snapshot.generation.encoders, snapshot.works
        most = max(_FEWEST_DELETED, _MOST_DELETED * works)
        if snapshot.deleted_works <= most and not encoders.outgrown(works):
            return
        sample = (each for each in snapshot.documents() if in_sample(each.id, works))
        new = made(encoders.setting, sample, self._folder.root.parent, encoders)
        self._build(kept_parts(snapshot.documents(), encoders), snapshot.marker, new)

    def _build(self, changes: Iterable[Change], marker: Marker, encoders: Encoders) -> None:
        with reported(self._folder.root), fewer_collections():
            generation = self._folder.begin(encoders)
            try:
                generation.write(changes, marker, fresh=True)
                self._folder.swap(generation)
            except BaseException:
                shutil.rmtree(generation.folder, ignore_errors=True)
                raise

    # --- reading

    def _current(self) -> Snapshot | None:
        """Return the newest committed state, looking at most at three files when nothing is new."""
        state = self._folder.state()
        if state == self._state:
            return self._snapshot
        with self._mutex:
            for _ in range(5):
                state = self._folder.state()
                if state == self._state:
                    break
                if not state:
                    self._snapshot, self._state = None, ()
                    break
                try:
                    self._snapshot = self._opened()
                    self._state = state
                    break
                except (ValueError, OSError):
                    # Swapped and removed under our eyes, or damaged: the pointer says which.
                    if self._folder.state() == state:
                        self._snapshot, self._state = None, state
                        break
            return self._snapshot

    def _opened(self) -> Snapshot:
        folder = self._folder.current()
        if folder is None:
            raise ValueError("no generation")
        known = self._snapshot
        if known is not None and known.generation.folder == folder:
            return known.followed_by()
        return Snapshot(Generation.open(folder))

    def _reading(self) -> Snapshot:
        snapshot = self._current()
        if snapshot is None:
            self.follow()
            snapshot = self._current()
        if snapshot is None:
            raise StoreUnavailableError("没有可用的文本索引", hint="运行 zhiku index rebuild")
        return snapshot

    @property
    def works(self) -> int:
        """How many works are indexed?"""
        return self._reading().works

    @property
    def sequence(self) -> int:
        """The number of the last write the index has seen."""
        return self._reading().marker.seq

    @property
    def collection(self) -> Statistics:
        """Token total and document frequency of all works: `CollectionStatistics(*index.collection)`."""
        return self._reading().statistics

    def documents(self) -> dict[str, Document]:
        """Return every stored document by id; for tests and for looking into an index."""
        return {change.id: change.document for change in self._reading().documents() if change.document is not None}

    def search_works(
        self,
        terms: Mapping[str, float],
        *,
        limit: int = 500,
        kinds: Collection[str] | None = None,
        since_year: int | None = None,
        people: Collection[str] | None = None,
        organisations: Collection[str] | None = None,
        exclude_people: Collection[str] = (),
        types: Collection[str] | None = None,
        until_year: int | None = None,
    ) -> list[WorkHit]:
        """Return the works that hold any of the terms, best first by BM25, equal scores by id.

        `terms`: token (as `graph.text.tokens` makes it) → boost; of more than `MOST_TERMS` the rarest are used, and the
        caller says so. Filters are part of the search: `kinds` ("output", "project"), `since_year` (works without a
        year left out), works of any of `people`, with a mention of any of `organisations`; works all of whose people
        are in `exclude_people` are left out; `types` are kinds within outputs and projects (`index_folder.work_type`).
        An empty collection finds nothing.
        """
        return self._reading().search_works(
            terms,
            limit=limit,
            kinds=kinds,
            since_year=since_year,
            people=people,
            organisations=organisations,
            exclude_people=exclude_people,
            types=types,
            until_year=until_year,
        )

    @property
    def people(self) -> PeopleColumns:
        """Everybody and every body as columns, for filters and counts; one state, whatever is written meanwhile."""
        return self._reading().people

    def people_with_works(
        self,
        *,
        types: Collection[str] | None = None,
        since_year: int | None = None,
        until_year: int | None = None,
    ) -> frozenset[str]:
        """Who has an output or project of one of these types (`index_folder.work_type`) in these years?

        Works without a year are left out when a year is given. Ids as the works have them: of people who were merged or
        taken away since, too.
        """
        return self._reading().people_with_works(types=types, since_year=since_year, until_year=until_year)

    def works_of(self, people: Collection[str], *, limit: int = 10_000) -> list[WorkHit]:
        """Return works of any of these people, at most `limit` of them, in no order that means anything."""
        return self._reading().works_of(people, limit)

    def encode(self, text: str) -> QuestionVectors | None:
        """Return a text as the encoders see it, to be compared with the `vector` of works found.

            question = index.encode(text)
            cosines = question.similarities([hit.vector for hit in hits])     (works, encoders)

        None when there is no encoder, or none can say anything of the text: a language or words it has never seen.
        """
        return self._reading().generation.encoders.encoding.question(text)

    @property
    def encoders(self) -> Encoders:
        """What were the vectors of the works made with?"""
        return self._reading().generation.encoders

    def people_matching(
        self,
        *,
        region: str | None = None,
        organisations: Collection[str] | None = None,
        societies: Collection[str] | None = None,
        professional_title: str | None = None,
        honours: Collection[str] | None = None,
        experts_only: bool = False,
        on: str | None = None,
    ) -> set[str]:
        """Return the ids of people for whom every given filter holds; of everybody when none is given.

        `region`: code of a region; a post in a body that lies in it, or in a part of it. `organisations`: a post in one
        of these or in anything below them. `societies`: a membership in one of these or below. Posts and memberships
        count when they hold on the day `on` (ISO; today by default), unknown ends as holding. `honours` are ids.
        """
        people = self.people
        day = day_number(on or "", 0) or int(datetime.now(UTC).astimezone().strftime("%Y%m%d"))
        wanted = people.everybody()
        if region is not None:
            wanted &= people.tied(people.bodies.within(region), day)
        if organisations is not None:
            wanted &= people.tied(people.bodies.below(organisations), day)
        if societies is not None:
            wanted &= people.tied(people.bodies.below(societies), day, kinds=("membership",))
        if professional_title is not None:
            wanted &= people.of("title", [professional_title])
        if honours is not None:
            wanted &= people.with_honour(honours)
        if experts_only:
            wanted &= people.expert
        return set(people.ids_of(wanted))

    def organisations_within(
        self, *, region: str | None = None, organisations: Collection[str] | None = None
    ) -> set[str]:
        """Return the ids of bodies in a region (by code) and of all below these bodies; both when both are given.

        A department without a place of its own is where the body above it is. Circles in the hierarchy do no harm.
        """
        bodies = self.people.bodies
        if organisations is None:
            return set(bodies.bodies) if region is None else bodies.within(region)
        # Ids of bodies that were merged into others have no document, but relationships may still bear them.
        below = bodies.below(organisations)
        return below if region is None else below & bodies.within(region)

    @property
    def folder(self) -> Path:
        """Where the present generation of the index lies; what is derived from it may be kept there."""
        return self._reading().generation.folder

    def people_called(self, keys: Collection[str], limit: int = 200) -> list[tuple[str, NameHit]]:
        """Who bears one of these very names (keys of `graph.text.name_key`)?  With the key that matched."""
        return people_called(self._reading().generation.names.searcher(), keys, limit)

    def organisations_called(self, keys: Collection[str], limit: int = 200) -> list[tuple[str, NameHit]]:
        """Which bodies bear one of these very names (keys of `graph.text.fold`)?  With the key that matched."""
        return organisations_called(self._reading().generation.names.searcher(), keys, limit)

    def find_people(self, name: str, limit: int = 20) -> list[NameHit]:
        """Who is called this, begins like this or sounds like this?  Han, pinyin, initials, Latin names, prefixes."""
        return self._reading().find_people(name, limit)

    def find_organisations(self, name: str, limit: int = 20) -> list[NameHit]:
        """Which bodies are called this: the very name or alias first, then beginnings, pinyin, shared words."""
        return self._reading().find_organisations(name, limit)


def _counted(changes: Iterable[Change], total: int, progress: Progress | None, done: int = 0) -> Iterator[Change]:
    for change in changes:
        if progress is not None and done % 200 == 0:
            progress(done, total)
        done += 1
        yield change
    if progress is not None and done == total:
        progress(total, total)


__all__ = ["FORMAT", "LABELS", "MOST_TERMS", "NameHit", "Statistics", "TextIndex", "WorkHit"]
