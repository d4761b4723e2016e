"""Works of many people are found by marks: the same works as with the people inside the search, whatever the pages."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, cast

import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import index_marks, index_works
from graph.documents import Change, PersonDocument, WorkDocument
from graph.encoders import NONE, made
from graph.index_folder import Generation, Marker
from graph.index_marks import KeptMarks, is_marked
from graph.index_snapshot import Snapshot
from graph.index_works import WorkHit

PEOPLE: Final = [f"P{number:02}" for number in range(24)]
WORDS: Final = [f"w{number}" for number in range(8)]
# Few texts for many works: long runs of equal scores.
TEXTS: Final = [" ".join(WORDS[: 1 + number % 5] * (1 + number % 3)) for number in range(12)]


def person(key: str) -> Change:
    return Change(key, PersonDocument(key, (f"名{key}",), True, "", (), (), (), ""))


def work(key: str, text: str, people: tuple[str, ...] = (), **facts: Any) -> Change:
    document = WorkDocument(key, "output", 2020, True, len(text.split()), people, (), text)
    return Change(key, document._replace(**facts))


def some_work(chance: random.Random, number: int) -> Change:
    # The lower half of the people write, and one by whom half of all is; some works are nobody's.
    people = tuple(chance.sample(PEOPLE[:12], chance.choice([0, 1, 1, 2])))
    return work(
        f"W{number:04}",
        chance.choice(TEXTS),
        (*people, "P12") if number % 2 else people,
        kind=chance.choice(["output", "project"]),
        year=chance.choice([None, 2010, 2020]),
        organisations=tuple(chance.sample(["O1", "O2"], chance.choice([0, 1]))),
        type=chance.choice(["paper", "patent"]),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("marks")


@pytest.fixture(scope="module")
def snapshot(folder: Path) -> Snapshot:
    """Some 700 works in several segments, a tenth of them replaced or taken away again."""
    chance = random.Random(7)
    generation = Generation.create(folder / "g", made(NONE, (), folder))
    generation.write([person(key) for key in PEOPLE], Marker("s", 1, "e"), fresh=True)
    for part in range(4):
        changes = [some_work(chance, number) for number in range(part * 180, part * 180 + 180)]
        generation.write(changes, Marker("s", 2 + part, "e"))
    again = chance.sample(range(720), 72)
    changes = [some_work(chance, number) if number % 3 else Change(f"W{number:04}", None) for number in again]
    generation.write(changes, Marker("s", 9, "e"))
    return Snapshot(generation)


@contextmanager
def marks(fewest: int = 1, most: int = 10**6, **pages: int) -> Generator[None]:
    """Any set of people between these sizes is looked for by marks; `pages` are limits of `graph.index_works`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graph.index_marks._FEWEST", fewest)
        patch.setattr("graph.index_marks._SMALLEST_SHARE", 0.0)
        patch.setattr("graph.index_marks._MOST", most)
        patch.setattr("graph.index_marks._LARGEST_SHARE", 100.0)
        for name, size in pages.items():
            assert hasattr(index_works, name)
            patch.setattr(f"graph.index_works.{name}", size)
        yield


def made_of(patch: pytest.MonkeyPatch) -> list[frozenset[str]]:
    """Return a list that grows with every set of people for which marks are made."""
    made_for: list[frozenset[str]] = []
    real: Callable[..., index_marks.Marks] = index_marks._marks  # pyright: ignore[reportPrivateUsage]

    def told(works: Any, people: frozenset[str]) -> index_marks.Marks:
        made_for.append(people)
        return real(works, people)

    patch.setattr("graph.index_marks._marks", told)
    return made_for


def by_hand(
    everything: list[WorkHit],
    limit: int,
    *,
    people: frozenset[str],
    exclude_people: frozenset[str] = frozenset(),
    organisations: list[str] | None = None,
    kinds: list[str] | None = None,
    types: list[str] | None = None,
    since_year: int | None = None,
) -> list[WorkHit]:
    """Look at each work there is, one by one."""
    wanted = [
        hit
        for hit in everything
        if not people.isdisjoint(hit.people)
        and not exclude_people.issuperset(hit.people)
        and (organisations is None or set(organisations) & set(hit.organisations))
        and (kinds is None or hit.kind in kinds)
        and (types is None or f"{hit.kind}:{hit.type}" in types)
        and (since_year is None or (hit.year or 0) >= since_year)
    ]
    return sorted(wanted, key=lambda hit: (-hit.score, hit.id))[:limit]


filters: Final = st.fixed_dictionaries(
    {},
    optional={
        "exclude_people": st.frozensets(st.sampled_from(PEOPLE)),
        "organisations": st.sampled_from([["O1"], ["O1", "O2", "unknown"]]),
        "kinds": st.sampled_from([["output"], ["project"], ["output", "project"]]),
        "types": st.sampled_from([["output:paper"], ["output:patent", "project:paper"]]),
        "since_year": st.sampled_from([2010, 2020]),
    },
)
sizes: Final = st.fixed_dictionaries(
    {},
    optional={
        "_SLACK": st.sampled_from([1, 3]),
        "_SMALLEST_PAGE": st.sampled_from([1, 7, 50]),
        "_LARGEST_PAGE": st.sampled_from([1, 20, 100]),
        "_MOST_LOOKED_AT": st.sampled_from([0, 60, 300]),
    },
)


@given(
    terms=st.dictionaries(st.sampled_from(WORDS), st.sampled_from([1.0, 1.5849625007211562, 2.0]), min_size=1),
    people=st.frozensets(st.sampled_from([*PEOPLE, "nobody", "unknown"]), min_size=1),
    limit=st.sampled_from([1, 2, 5, 30, 200, 5_000]),
    narrowed=st.tuples(filters, sizes),
)
@settings(max_examples=150, deadline=None)
def test_marks_find_what_the_search_finds(
    snapshot: Snapshot,
    terms: dict[str, float],
    people: frozenset[str],
    limit: int,
    narrowed: tuple[dict[str, Any], dict[str, int]],
) -> None:
    filters_given, pages = narrowed
    everything = snapshot.search_works(terms, limit=10_000)
    wanted = by_hand(everything, limit, people=people, **filters_given)
    with marks(fewest=10**6):
        assert snapshot.search_works(terms, limit=limit, people=people, **filters_given) == wanted
    with marks(**pages):
        assert snapshot.search_works(terms, limit=limit, people=people, **filters_given) == wanted


@given(
    terms=st.sets(st.sampled_from([*WORDS, "nowhere"]), min_size=1),
    excluded=st.frozensets(st.sampled_from(PEOPLE)),
    limit=st.integers(1, 900),
    pages=sizes,
)
@settings(max_examples=60, deadline=None)
def test_pages_end_and_change_nothing(
    snapshot: Snapshot, terms: set[str], excluded: frozenset[str], limit: int, pages: dict[str, int]
) -> None:
    boosts = dict.fromkeys(terms, 1.0)
    kept = [
        hit for hit in snapshot.search_works(boosts, limit=10_000) if not (hit.people and excluded >= {*hit.people})
    ]
    assert [hit.id for hit in kept] == [hit.id for hit in sorted(kept, key=lambda hit: (-hit.score, hit.id))]
    with marks(**pages):
        assert snapshot.search_works(boosts, limit=limit, exclude_people=excluded) == kept[:limit]
        assert snapshot.search_works(boosts, limit=0, people=["P01"]) == []
        assert snapshot.search_works(boosts, limit=limit, people=[]) == []


def test_every_work_with_a_term_is_found(snapshot: Snapshot) -> None:
    every = [change.document for change in snapshot.documents() if isinstance(change.document, WorkDocument)]
    with marks():
        for person_ in PEOPLE:
            found = snapshot.search_works({"w3": 1.0}, limit=1_000, people=[person_])
            held = {each.id for each in every if "w3" in each.tokens.split() and person_ in each.people}
            assert {hit.id for hit in found} == held, person_
    assert len({hit.id for hit in snapshot.search_works({"w0": 1.0}, limit=1_000)}) == len(every) == snapshot.works


def test_which_sets_are_marked() -> None:
    province, everybody = 7_500, 100_000
    assert is_marked(province, everybody)
    assert not is_marked(3_999, everybody), "inside the search they are quicker"
    assert not is_marked(20_001, everybody), "reading their works is no detour"
    assert not is_marked(1_499, 10_000)
    assert not is_marked(25_001, 1_000_000)
    assert not any(is_marked(people, 0) for people in (0, 1, 10_000))


# --- one work among many, runs of equal scores -----------------------------------------------------------------------


@contextmanager
def index_of(folder: Path, *parts: list[Change]) -> Generator[tuple[Generation, Snapshot]]:
    generation = Generation.create(folder / "own", made(NONE, (), folder))
    for number, changes in enumerate([[person("P1"), person("P2")], *parts]):
        generation.write(changes, Marker("s", number, "e"), fresh=not number)
    yield generation, Snapshot(generation)


def searches(patch: pytest.MonkeyPatch, snapshot: Snapshot) -> list[tuple[int, int]]:
    """Return a list that grows with every page asked for: its size, and where it begins."""
    pages: list[tuple[int, int]] = []
    searcher = snapshot._works  # pyright: ignore[reportPrivateUsage]

    class Told:
        def search(self, query: Any, *, limit: int, offset: int = 0, count: bool = True) -> Any:
            pages.append((limit, offset))
            return searcher.search(query, limit=limit, offset=offset, count=count)

        def __getattr__(self, name: str) -> Any:
            return getattr(searcher, name)

    told, stored = Told(), snapshot._stored  # pyright: ignore[reportPrivateUsage]
    patch.setattr(snapshot, "_works", told)
    patch.setattr(snapshot, "_stored", stored._replace(searcher=cast("tantivy.Searcher", told)))
    return pages


def equal_works(count: int, people: Callable[[int], tuple[str, ...]], first: int = 0) -> list[Change]:
    return [work(f"W{number:04}", "同一 题名", people(number)) for number in range(first, first + count)]


def test_the_only_works_of_the_people_are_found_behind_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    better = equal_works(900, lambda _: ("other",))
    theirs = [work(f"T{number}", "题名 " + "又 " * 20, ("P1",)) for number in range(5)]
    with index_of(tmp_path, theirs, better) as (_, snapshot), marks(_SMALLEST_PAGE=40, _LARGEST_PAGE=200):
        pages = searches(monkeypatch, snapshot)
        found = snapshot.search_works({"题名": 1.0}, limit=3, people=["P1", "P2"])
        assert [hit.id for hit in found] == ["T0", "T1", "T2"]
        # The marks, then more and more, at most by so many.
        more = [size for size, _ in pages[1:]]
        assert max(later - size for size, later in pairwise(more)) == 200
        assert len(pages) < 12


def test_a_run_of_equal_scores_longer_than_the_pages_is_cut_by_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backwards = list(reversed(equal_works(600, lambda number: (f"P{number % 2}",))))
    with index_of(tmp_path, backwards[:400], backwards[400:]) as (_, snapshot), marks(_SMALLEST_PAGE=5):
        pages = searches(monkeypatch, snapshot)
        found = snapshot.search_works({"题名": 1.0}, limit=4, people=["P1"])
        assert [hit.id for hit in found] == ["W0001", "W0003", "W0005", "W0007"]
        assert len(pages) < 12, "pages double, or a long run is searched over and over"


def test_people_with_hardly_any_works_are_looked_for_inside_the_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = equal_works(300, lambda number: ("P1",) if number == 299 else ("other",))
    with index_of(tmp_path, works) as (_, snapshot), marks(_MOST_LOOKED_AT=100, _LARGEST_PAGE=50):
        pages = searches(monkeypatch, snapshot)
        found = snapshot.search_works({"题名": 1.0}, limit=2, people=["P1", "P2"])
        assert [hit.id for hit in found] == ["W0299"]
        assert len(pages) == 2, "marks are made, and nothing is looked at that holds so few of them"
        assert snapshot.search_works({"题名": 1.0}, limit=2, people=["P7", "unknown"]) == []


def test_marks_that_lead_nowhere_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Half of all works are theirs, but of this subject one, behind all others.
    others = [work(f"X{number:04}", "别的", ("P1",)) for number in range(300)]
    works = [*equal_works(300, lambda _: ("other",)), work("T", "题名 " + "又 " * 20, ("P1",))]
    # Sets are to be compared with each hit, were it not for the marks.
    monkeypatch.setattr("graph.index_costs._COMPARED_MS", 0.0)
    with index_of(tmp_path, others, works) as (_, snapshot), marks(_MOST_LOOKED_AT=100, _SMALLEST_PAGE=40):
        pages = searches(monkeypatch, snapshot)
        found = snapshot.search_works({"题名": 1.0}, limit=2, people=["P1", "P2"])
        assert [hit.id for hit in found] == ["T"]
        assert [size for size, _ in pages[1:-1]] == [20, 74, 154]
        assert pages[-1][1] == 0


# --- marks and the states of an index --------------------------------------------------------------------------------


def test_marks_are_made_once_for_every_state_of_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_for = made_of(monkeypatch)
    with index_of(tmp_path, equal_works(40, lambda number: (f"P{number % 4}",))) as (generation, before), marks():

        def found(snapshot: Snapshot) -> list[str]:
            return [hit.id for hit in snapshot.search_works({"题名": 1.0}, limit=12, people=["P1", "P1"])]

        old = [f"W{number:04}" for number in range(1, 40, 4)]
        assert found(before) == found(before) == old
        assert made_for == [frozenset({"P1"})]
        # One comes, one goes, one is somebody else's now.
        generation.write(
            [work("W0000", "同一 题名", ("P1",)), Change("W0001", None), work("W0005", "同一 题名", ("P2",))],
            Marker("s", 2, "e"),
        )
        after = before.followed_by()
        assert found(after) == ["W0000", *old[2:]]
        assert found(before) == old, "a reader of the state before is not disturbed"
        assert len(made_for) == 2


def test_only_the_last_sets_are_kept(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    made_for, kept = made_of(monkeypatch), KeptMarks()
    searcher = snapshot._works  # pyright: ignore[reportPrivateUsage]
    sets = [frozenset({each}) for each in PEOPLE]
    for each in sets:
        kept.of(searcher, each)
    assert made_for == sets
    for each in sets[-8:]:
        kept.of(searcher, each)
    assert made_for == sets
    kept.of(searcher, sets[0])
    assert len(made_for) == len(sets) + 1


def test_marks_are_shared_by_threads(snapshot: Snapshot) -> None:
    sets = [frozenset(PEOPLE[number : number + 5]) for number in range(12)]

    def asked(number: int) -> list[WorkHit]:
        return snapshot.search_works({"w1": 1.0, "w2": 2.0}, limit=40, people=sets[number % len(sets)])

    alone = [asked(number) for number in range(len(sets))]
    with marks(), ThreadPoolExecutor(6) as threads:
        together: Iterator[list[WorkHit]] = threads.map(asked, range(10 * len(sets)))
        for number, found in enumerate(together):
            assert found == alone[number % len(sets)]


def test_an_index_without_works_has_no_marks(tmp_path: Path) -> None:
    with index_of(tmp_path) as (_, snapshot), marks():
        assert snapshot.search_works({"题名": 1.0}, limit=5, people=["P1"]) == []
        empty = KeptMarks().of(snapshot._works, frozenset({"P1"}))  # pyright: ignore[reportPrivateUsage]
        assert empty.share == 0


# --- people read in pages --------------------------------------------------------------------------------------------


def test_people_read_in_pages_are_those_read_at_once(tmp_path: Path) -> None:
    def known(number: int, title: str) -> Change:
        document = person(f"P{number:02}").document
        assert isinstance(document, PersonDocument)
        return Change(document.id, document._replace(title=title, names=(f"名{title}",), honours=(f"H{number % 3}",)))

    first: list[Change] = [known(number, f"T{number % 4}") for number in range(11)]
    second = [known(3, "新"), known(20, "新"), known(21, "T1")]
    third = [Change("P05", None), known(22, "T2")]
    with index_of(tmp_path, first) as (generation, before):
        assert len(before.people) == 13
        at_once = [columns(before)]
        # Nothing new, then new people, then one who is gone: everybody is read anew.
        for number, changes in enumerate([[], second, third], start=5):
            generation.write(changes, Marker("s", number, "e"))
            states = before.followed_by(), Snapshot(generation)
            at_once = [columns(state) for state in states]
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("graph.index_people._PAGE", 2)
                in_pages = [columns(state) for state in (before.followed_by(), Snapshot(generation))]
            assert in_pages == at_once
        assert {"P1", "P2", "P20", "P21", "P22"} < {*at_once[0]["ids"]}
        assert "P05" not in at_once[0]["ids"]


def columns(snapshot: Snapshot) -> dict[str, Any]:
    """Return everything that columns say of everybody, row by row."""
    people = snapshot.people
    return {
        "ids": people.ids,
        "row_of": people.row_of,
        "names": people.names,
        "coded": {name: [people.codes[name].texts[code] for code in codes] for name, codes in people.coded.items()},
        "honours": [
            (people.ids[row], people.codes["honour"].texts[value])
            for row, value in zip(people.honours.rows, people.honours.values, strict=True)
        ],
        "expert": people.expert.tolist(),
        "written": people.written,
        "bodies": dict(people.bodies.bodies),
    }
