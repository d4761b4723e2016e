"""Joining and separating in any order: nothing is lost or doubled, no redirect goes round, all of it can be undone."""

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.changes import SourceRef
from graph.claims import NodeClaim, RelationshipClaim, Said, node_claim
from graph.database import Endpoint
from graph.errors import ConflictError, InputError, NotFoundError
from graph.joining import join_many, join_people
from graph.model import ORGANISATION, OUTPUT
from graph.people import STRICTNESS, strictest, united
from graph.separating import separate_people
from graph.store import Store
from graph.undo import undo
from tests.graph_dump import dump
from tests.graph_fixtures import empty_store
from tests.graph_people import GRANTS, PAPERS, ROSTER, holders, person, post, redirects, say, wrote

PEOPLE: Final = ("A", "B", "C", "D")
BODIES: Final = ("O1", "O2")

Facts = dict[str, Any]


@dataclass(frozen=True)
class Graph:
    """Who wrote which work for which source, named with which bodies; who stands in the roster; further claims."""

    mentions: list[tuple[str, SourceRef, str, set[str]]]
    rosters: list[tuple[str, Facts]]
    further: list[tuple[str, SourceRef, Facts]]

    def load(self, store: Store) -> None:
        things = [node_claim(OUTPUT, f"W{n}", {"title": "题"}) for n in (1, 2, 3)]
        things += [node_claim(ORGANISATION, body, {"name": body}) for body in BODIES]
        for source in (PAPERS, GRANTS):
            nodes = [*things, *(person(who) for who in PEOPLE)]
            nodes += [stated(who, said) for who, by, said in self.further if by is source]
            related: list[RelationshipClaim] = []
            for position, (who, by, work, named) in enumerate(self.mentions, start=1):
                if by is source:
                    related.append(wrote(source, who, work, position, sorted(named)))
                    related += [post(who, body) for body in sorted(named)]
            say(store, source, nodes, related)
        for number, (who, said) in enumerate(self.rosters, start=1):
            say(store, ROSTER, [stated(who, {**said, "records": [f"table:roster|r{number}|1"]})])


def stated(who: str, said: Facts) -> NodeClaim:
    return person(who, expert="status" in said, **said)


_mentions = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from([PAPERS, GRANTS]),
    st.sampled_from(["W1", "W2", "W3"]),
    st.sets(st.sampled_from(BODIES)),
)
_facts: st.SearchStrategy[Facts] = st.fixed_dictionaries(
    {},
    optional={
        "orcid": st.sampled_from(["0000-0002-1825-0097", "0000-0001-5109-3700"]),
        "fields": st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1),
        "visibility": st.sampled_from(["members", "staff", "restricted"]),
        "status": st.sampled_from(["candidate", "admitted", "suspended", "left"]),
    },
)
_graphs = st.builds(
    Graph,
    st.lists(_mentions, min_size=3, max_size=9),
    st.lists(st.tuples(st.sampled_from(PEOPLE), _facts), max_size=4),
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from([PAPERS, GRANTS]), _facts), max_size=4),
)


@dataclass(frozen=True)
class Step:
    """A join, several joins, a separation, an undo, or an import; each reads of the rest what it needs."""

    kind: Literal["join", "many", "separate", "undo", "import"]
    who: str
    others: frozenset[str]
    numbers: frozenset[int]
    facts: Facts

    def take(self, store: Store, made: list[str]) -> None:
        """Do it; `made` are the batches that stand, oldest first."""
        head = store.audit.head().number
        if self.kind == "join":
            join_people(store, into=self.who, others=sorted(self.others), actor="test", run="identity")
        elif self.kind == "many":
            joins = [(other, [self.who]) for other in sorted(self.others)]
            join_many(store, joins, actor="test", run="identity")
        elif self.kind == "separate":
            held = sorted({name[1] for name in holders(store)})
            chosen = sorted({held[number % len(held)] for number in self.numbers})
            separate_people(store, person=self.who, mentions=chosen, actor="test", run="identity")
        elif self.kind == "import":
            self.say_again(store)
        elif made:
            batch = made[min(self.numbers) % len(made)]
            undo(store, batch, actor="test")
            made.remove(batch)
            return
        if store.audit.head().number > head:
            made.append(str(store.audit.head().number))

    def say_again(self, store: Store) -> None:
        """Let the papers say more of mentions and their people where they stand now, as an import finds them."""
        rows = store.database.records("papers", _PAPERS, source=PAPERS.id)
        chosen = [rows[number % len(rows)] for number in sorted(self.numbers) if rows]
        related = [
            wrote(PAPERS, row["person"], row["work"], int(row["key"]), BODIES, affiliation_as_written=str(self.numbers))
            for row in chosen
        ]
        people = [stated(row["person"], self.facts) for row in chosen]
        if related:
            say(store, PAPERS, people, related, run="R2")


_PAPERS: Final = """
MATCH (p:Person)-[r:AUTHORED]->(w:Output)
WHERE r.source = $source
RETURN p.id AS person, w.id AS work, r.key AS key
ORDER BY work, key
"""


def steps(*kinds: Literal["join", "many", "separate", "undo", "import"]) -> st.SearchStrategy[list[Step]]:
    step = st.builds(
        Step,
        st.sampled_from(kinds),
        st.sampled_from(PEOPLE),
        st.frozensets(st.sampled_from(PEOPLE), min_size=1, max_size=3),
        st.frozensets(st.integers(0, 9), min_size=1, max_size=3),
        _facts,
    )
    return st.lists(step, min_size=1, max_size=7)


REFUSED: Final = (ConflictError, InputError, NotFoundError)
_SETTINGS: Final = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@_SETTINGS
@given(_graphs, steps("join", "many", "separate"))
def test_undoing_in_opposite_order_leads_back_step_by_step(engine: Endpoint, graph: Graph, plan: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(engine, Path(folder)) as store:
        graph.load(store)
        everything = set(holders(store))
        made: list[str] = []
        states: list[dict[str, list[str]]] = []
        for step in plan:
            earlier = dump(store.database)
            with contextlib.suppress(*REFUSED):
                step.take(store, made)
            if len(made) > len(states):
                states.append(earlier)
            else:
                assert dump(store.database) == earlier, "refused or nothing to do: nothing was written"
            assert set(holders(store)) == everything
            redirects(store)
        for batch, earlier in zip(reversed(made), reversed(states), strict=True):
            assert undo(store, batch, actor="test").kept == 0
            assert dump(store.database) == earlier
        verified = store.audit.verify()
        assert verified.ok, verified.faults


@_SETTINGS
@given(_graphs, steps("join", "many", "separate", "undo", "import"), st.randoms(use_true_random=False))
def test_whatever_happens_in_between_nothing_is_lost_or_doubled(
    engine: Endpoint, graph: Graph, plan: list[Step], random: Random
) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(engine, Path(folder)) as store:
        graph.load(store)
        before, everything = dump(store.database), set(holders(store))
        made: list[str] = []
        for step in plan:
            with contextlib.suppress(*REFUSED):
                step.take(store, made)
            assert set(holders(store)) == everything
            redirects(store)
        while made:
            # The newest is never refused, so that this ends.
            batch = made[-1] if random.random() < 0.3 else random.choice(made)
            try:
                undo(store, batch, actor="test")
            except ConflictError:
                assert batch != made[-1]
                continue
            made.remove(batch)
            assert set(holders(store)) == everything
            redirects(store)
        assert dump(store.database) == before
        verified = store.audit.verify()
        assert verified.ok, verified.faults


values = st.sampled_from(["", "public", "members", "staff", "restricted", "内部"])


@given(st.lists(values, min_size=1, max_size=4), values)
def test_nobody_becomes_less_restricted(visible: list[str], derived: str) -> None:
    def said(value: str) -> Said:
        return Said({"visibility": value} if value else {})

    needed = strictest([said(value) for value in visible], said(derived))
    result = str(needed.get("visibility", derived))
    order = STRICTNESS["visibility"]
    for value in [*visible, derived]:
        if value in order:
            assert result not in order or order.index(result) >= order.index(value)
            assert value != "restricted" or result == "restricted"
    assert needed == {} or needed["visibility"] in visible


def test_an_order_of_strictness_holds_for_experts() -> None:
    status = ["suspended", "left", "candidate", "admitted"]
    for place, strict in enumerate(status):
        for loose in status[place + 1 :]:
            both = [Said({"status": loose}), Said({"status": strict})]
            assert strictest(both, Said({"status": loose})) == {"status": strict}
            assert strictest(both, Said({"status": strict})) == {}


@pytest.mark.parametrize("name", ["records", "external_ids", "fields", "organisations"])
def test_lists_are_united_each_text_once(name: str) -> None:
    assert united({name: ["b", "a"]}, {name: ["a", "c"], "x": 1}) == {
        name: ["a", "b", "c"] if name in ("records", "external_ids") else ["b", "a", "c"],
        "x": 1,
    }
