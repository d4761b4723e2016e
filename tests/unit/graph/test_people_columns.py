"""People as columns: however they came in, they answer like a plain look at each document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graph.bodies_tree import BodiesTree
from graph.documents import OrganisationDocument, PersonDocument, Tie
from graph.index_folder import EVER, day_number
from graph.people_columns import PeopleColumns
from graph.text import fold

_IDS = st.sampled_from([f"P{n}" for n in range(6)])
_BODIES = st.sampled_from([f"O{n}" for n in range(4)])
_DAYS = st.sampled_from(["", "2019-01-01", "2024-06-30", "2026-06-01"])
_TIES = st.builds(
    Tie, st.sampled_from(["post", "membership"]), _BODIES, _DAYS, _DAYS, st.sampled_from(["", "常务理事"])
)
_PEOPLE = st.builds(
    PersonDocument,
    _IDS,
    st.tuples(st.sampled_from(["王伟", "李娜"])),
    st.booleans(),
    st.sampled_from(["", "教授", "Professor"]),
    st.lists(_TIES, max_size=3).map(tuple),
    st.lists(st.sampled_from(["H1", "H2"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["t:1", "t:2"]), max_size=2).map(tuple),
    st.just(""),
    st.sampled_from(["", "leading"]),
    st.sampled_from(["", "engineer"]),
    st.sampled_from(["", "admitted", "left"]),
    _DAYS,
    _DAYS,
    st.booleans(),
    st.lists(st.sampled_from(["农学", "土壤"]), max_size=2).map(tuple),
)


def _tied(person: PersonDocument, bodies: set[str], day: int, kinds: set[str], role: str) -> bool:
    return any(
        tie.kind in kinds
        and tie.organisation in bodies
        and day_number(tie.since, 0) <= day < day_number(tie.until, EVER)
        and role in tie.role
        for tie in person.ties
    )


@given(
    st.lists(st.lists(_PEOPLE, max_size=5, unique_by=lambda person: person.id), max_size=4),
    st.sets(_BODIES),
    st.sampled_from([20190101, 20240629, 20260601]),
    st.sampled_from(["", "理事"]),
)
def test_changed_people_answer_as_if_read_at_once(
    batches: list[list[PersonDocument]], bodies: set[str], day: int, role: str
) -> None:
    columns, now = PeopleColumns.empty(), dict[str, PersonDocument]()
    for batch in batches:
        columns = columns.updated([person.packed() for person in batch])
        now.update((person.id, person) for person in batch)
    assert set(columns.ids) == set(now)
    for kinds in ({"post"}, {"post", "membership"}):
        found = columns.ids_of(columns.tied(bodies, day, kinds=kinds, role=role))  # pyright: ignore[reportArgumentType]
        assert set(found) == {id for id, person in now.items() if _tied(person, bodies, day, kinds, role)}
    assert set(columns.ids_of(columns.of("title", ["ＰＲＯＦＥＳＳＯＲ"]))) == {
        id for id, person in now.items() if fold(person.title) == "professor"
    }
    assert set(columns.ids_of(columns.in_topics(["t:1"]))) == {id for id, p in now.items() if "t:1" in p.topics}
    assert set(columns.ids_of(columns.declaring(["农学"]))) == {id for id, p in now.items() if "农学" in p.declared}
    assert set(columns.ids_of(columns.with_honour(["H2", "H9"]))) == {id for id, p in now.items() if "H2" in p.honours}
    assert set(columns.ids_of(columns.contact)) == {id for id, person in now.items() if person.has_contact}
    assert set(columns.ids_of(columns.verified_on >= 20240630)) == {
        id for id, person in now.items() if person.verified_on >= "2024-06-30"
    }
    assert columns.ids_of(columns.everybody())[:0] == []
    rows: list[int] = columns.by_name.tolist()
    by_name = [columns.ids[row] for row in rows]
    assert by_name == sorted(now, key=lambda id: (now[id].names[0], id))


@given(st.lists(st.lists(_PEOPLE, max_size=5, unique_by=lambda person: person.id), min_size=2, max_size=3))
def test_an_older_state_stays_as_it_was(batches: list[list[PersonDocument]]) -> None:
    first = PeopleColumns.empty().updated([person.packed() for person in batches[0]])
    before = (list(first.ids), first.contact.tolist(), first.tied({"O1"}, 20240101).tolist())
    later = first
    for batch in batches[1:]:
        later = later.updated([person.packed() for person in batch])
    assert before == (first.ids, first.contact.tolist(), first.tied({"O1"}, 20240101).tolist())
    assert later.ids[: len(first)] == first.ids, "rows never move"


@given(
    st.dictionaries(
        _BODIES,
        st.tuples(
            st.lists(_BODIES, max_size=2), st.sampled_from(["", "1301", "32"]), st.sampled_from(["", "province"])
        ),
    )
)
def test_what_a_department_does_not_say_its_body_says(
    bodies: dict[str, tuple[list[str], str, str]],
) -> None:
    documents = {
        id: OrganisationDocument(id, (id,), "department", False, True, (code,) if code else (), tuple(parents), level)
        for id, (parents, code, level) in bodies.items()
    }
    tree = BodiesTree.of({}).updated(document.packed() for document in documents.values())
    for id, (parents, code, level) in bodies.items():
        known = [up for up in parents if up in bodies]
        if code:
            assert tree.regions(id) == {code}
        elif not known:
            assert tree.regions(id) == frozenset()
        assert tree.levels(id) >= ({level} if level else frozenset())
        assert (id in tree.within("13")) == any(each.startswith("13") for each in tree.regions(id))
        assert tree.kinds(id) == frozenset()
        for up in known:
            assert id in tree.below([up])
            # In a circle each says what it finds first; outside one, nothing is lost on the way.
            if not code and id not in tree.below([id]) - {id} and up not in tree.below([id]):
                assert tree.regions(id) >= tree.regions(up)
