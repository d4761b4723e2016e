"""People with mentions of several sources, and what must hold of them whatever was joined or separated."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from graph.changes import SourceRef
from graph.claims import NodeClaim, RelationshipClaim, node_claim, relationship_claim
from graph.identity import mention_id
from graph.joining import join_people
from graph.merge import upsert
from graph.model import (
    AFFILIATED_WITH,
    AUTHORED,
    EXPERT_IN,
    HAS_NAME,
    LED,
    NAME,
    ORGANISATION,
    OUTPUT,
    PERSON,
    PROJECT,
    TOPIC,
)
from graph.separating import separate_people
from graph.store import Store

ROSTER: Final = SourceRef("table", "roster", 100)
GRANTS: Final = SourceRef("table", "grants", 200)
PAPERS: Final = SourceRef("works", "papers", 500)

_MENTIONS: Final = """
MATCH (p:Person)-[r:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE r.mention IS NOT NULL
RETURN p.id AS person, r.source AS source, r.mention AS mention, p.tombstone AS tombstone
"""
_RECORDS: Final = """
MATCH (p:Person)
WHERE p.records IS NOT NULL
RETURN p.id AS person, p.records AS records
"""
_REDIRECTS: Final = """
MATCH (p:Person)-[:MERGED_INTO]->(q:Person)
RETURN p.id AS stub, q.id AS person, p.tombstone AS tombstone
"""
_AT_STUBS: Final = """
MATCH (p:Person)-[:MERGED_INTO]->(q:Person)
MATCH (p)-[r]->(x)
WHERE type(r) <> 'MERGED_INTO'
RETURN p.id AS stub, type(r) AS type
"""
_LIVING: Final = """
MATCH (p:Person)
WHERE p.tombstone IS NULL
RETURN p.id AS id
"""


def say(
    store: Store,
    source: SourceRef,
    nodes: Sequence[NodeClaim] = (),
    relationships: Sequence[RelationshipClaim] = (),
    run: str = "R1",
) -> str:
    """Let a source say this; returns the batch id."""
    upsert(store.audit, source, list(nodes), list(relationships), run=run, actor="test")
    return str(store.audit.head().number)


def person(key: str, name: str = "王伟", *, expert: bool = False, **more: object) -> NodeClaim:
    """A person, or an expert."""
    return node_claim(PERSON, key, {"name": name, "name_key": "王伟", **more}, ["Expert"] if expert else [])


def mention(source: SourceRef, work: str, position: int) -> str:
    """The mention id of an author."""
    return mention_id(source.id, work, position)


def wrote(
    source: SourceRef, who: str, work: str, position: int = 1, bodies: Sequence[str] = (), **more: object
) -> RelationshipClaim:
    """An author's mention."""
    facts = {
        "mention": mention(source, work, position),
        "position": position,
        "name_as_written": f"{work}第{position}作者",
        "organisations": list(bodies),
        **more,
    }
    return relationship_claim(AUTHORED, ("Person", who), ("Output", work), key=str(position), properties=facts)


def post(who: str, body: str, year: int = 2020) -> RelationshipClaim:
    """A post seen in a work."""
    seen = {"observed_year": year}
    return relationship_claim(AFFILIATED_WITH, ("Person", who), ("Organisation", body), key=str(year), properties=seen)


def rows(store: Store, text: Any, **parameters: object) -> list[dict[str, Any]]:
    """Read."""
    return store.database.records("test", text, **parameters)


def holders(store: Store) -> dict[tuple[str, str], str]:
    """Who has each mention and record, by source and id?  Fails when it stands at two people, or at a stub."""
    found = [(row["source"], row["mention"], row["person"]) for row in rows(store, _MENTIONS)]
    found += [("", record, row["person"]) for row in rows(store, _RECORDS) for record in row["records"]]
    twice = [name for name, number in Counter(each[:2] for each in found).items() if number > 1]
    assert twice == []
    living = {row["id"] for row in rows(store, _LIVING)}
    assert [each for each in found if each[2] not in living] == []
    return {each[:2]: each[2] for each in found}


def redirects(store: Store) -> dict[str, str]:
    """Where each stub leads.  Fails on a cycle, on a way longer than queries follow, on anything left at a stub."""
    assert rows(store, _AT_STUBS) == []
    found = rows(store, _REDIRECTS)
    assert [row["stub"] for row in found if not row["tombstone"]] == []
    ways = {row["stub"]: row["person"] for row in found}
    assert len(ways) == len(found), "a stub leads one way"
    living = {row["id"] for row in rows(store, _LIVING)}
    for stub in ways:
        here, steps = stub, 0
        while here in ways:
            here, steps = ways[here], steps + 1
            assert steps <= 16
        assert here in living
    return ways


RECORD: Final = "table:roster|r1|1"


def small(store: Store) -> None:
    """A: in the roster and two papers. B: two papers. C: a grant and a paper. D: wrote with A."""
    works = [node_claim(OUTPUT, f"W{n}", {"title": f"土壤改良研究{n}", "year": 2019}) for n in range(1, 6)]
    bodies = [node_claim(ORGANISATION, key, {"name": f"{key}研究所"}) for key in ("O1", "O2")]
    say(
        store,
        PAPERS,
        [*works, *bodies, person("A"), person("B", orcid="0000-0002-1825-0097"), person("C"), person("D", "李娜")],
        [
            wrote(PAPERS, "A", "W1", 1, ["O1"]),
            wrote(PAPERS, "A", "W2", 1, ["O1"]),
            wrote(PAPERS, "B", "W3", 1, ["O1"]),
            wrote(PAPERS, "B", "W4", 1, ["O2"]),
            wrote(PAPERS, "C", "W5", 1),
            wrote(PAPERS, "D", "W1", 2),
            post("A", "O1"),
            post("B", "O1"),
            post("B", "O2"),
        ],
    )
    say(
        store,
        ROSTER,
        [
            person("A", "王 伟", expert=True, professional_title="教授", fields=["土壤"], records=[RECORD]),
            node_claim(TOPIC, "t:1", {"name": "土壤"}),
            node_claim(NAME, "N1", {"text": "Wang Wei"}),
        ],
        [
            relationship_claim(EXPERT_IN, ("Person", "A"), ("Topic", "t:1")),
            relationship_claim(HAS_NAME, ("Person", "A"), ("Name", "N1")),
        ],
    )
    say(
        store,
        GRANTS,
        [node_claim(PROJECT, "J1", {"title": "土壤"}), person("C", gender="男"), person("B", phone="1")],
        [relationship_claim(LED, ("Person", "C"), ("Project", "J1"), properties={"mention": "table:grants|j1|1"})],
    )


def join(store: Store, into: str, *others: str) -> str:
    """Join; returns the batch id."""
    joined = join_people(store, into=into, others=others, actor="审核员", run="identity")
    assert joined.batch is not None
    return joined.batch


def separate(store: Store, who: str, *mentions: str) -> str:
    """Separate; returns the new person."""
    return separate_people(store, person=who, mentions=mentions, actor="审核员", run="identity").new


def has(store: Store, who: str) -> list[str]:
    """Mentions and records of a person."""
    return sorted(name[1] for name, holder in holders(store).items() if holder == who)


def shown(store: Store, who: str, name: str) -> object:
    """One visible property of a person."""
    return rows(store, "MATCH (p:Person {id: $id}) RETURN properties(p) AS p", id=who)[0]["p"].get(name)
