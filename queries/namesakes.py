"""Two people of one name who share an employer or a co-author: are they one person?

What is shared comes from the graph as groups (everybody of one name at one body, or beside one co-author); from groups
to pairs is pure. Counting takes bit masks, not pairs: ten thousand people of one name in one body are fifty million
pairs, counted in a moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.decisions import PERSON_MENTIONS, decisions_about

# A work of more people than this makes acquaintances of nobody: the tie of two authors of a work of n weighs 1/(n-1)
# (Newman, Phys. Rev. E 64, 016132, 2001, eq. 2), here less than 2 %.
MOST_PEOPLE: Final = 50
# Pairs of a larger group are counted, not listed: to share one body with two hundred of one's name is no sign.
LISTED: Final = 200
# People asked about at a time: with fifty co-authors each, 100,000 groups, of which ArcadeDB holds some 370,000 (its
# budget for one query is 512 MB of the heap; measured with 26.10.2).
PIECE: Final = 2_000

Pair = tuple[str, str]


class Namesakes(BaseModel):
    """Several people of one name key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name_key: str
    people: list[str]


class Shared(BaseModel):
    """People of one name key who share a body or a co-author."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name_key: str
    kind: Literal["organisation", "co-author"]
    shared: str
    name: str
    people: list[str]


class PersonOfMention(BaseModel):
    """The person that a mention a decision was made about belongs to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: str
    mention: str


class PersonName(BaseModel):
    """A person's name as shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str


class SameNamePair(BaseModel):
    """Two people of one name, and by name what they share: bodies first, then co-authors, each as (id, name)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str
    first_name: str
    second: str
    second_name: str
    organisations: tuple[tuple[str, str], ...]
    co_authors: tuple[tuple[str, str], ...]


NAMESAKES: Final = Query(
    "namesakes",
    """
MATCH (p:Person)
WHERE coalesce(p.name_key, '') <> '' AND p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }
WITH p.name_key AS key, collect(p.id) AS bearers
WHERE size(bearers) > 1
RETURN key AS name_key, bearers AS people
""",
    Namesakes,
)
NAMESAKES_AT_A_BODY: Final = Query(
    "namesakes_at_a_body",
    """
UNWIND $bearers AS bearer
MATCH (q:Person {id: bearer.id})-[:AFFILIATED_WITH]->(o:Organisation)
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
WITH bearer.name_key AS key, o.id AS body, coalesce(o.name, o.id) AS known_as, collect(DISTINCT q.id) AS found
WHERE size(found) > 1
RETURN key AS name_key, 'organisation' AS kind, body AS shared, known_as AS name, found AS people
""",
    Shared,
)
NAMESAKES_BESIDE_A_PERSON: Final = Query(
    "namesakes_beside_a_person",
    """
UNWIND $bearers AS bearer
MATCH (q:Person {id: bearer.id})-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
  AND COUNT { (w)<-[:AUTHORED|LED|PARTICIPATED_IN]-() } <= $most
MATCH (w)<-[:AUTHORED|LED|PARTICIPATED_IN]-(c:Person)
WHERE coalesce(c.name_key, '') <> bearer.name_key AND c.tombstone IS NULL
  AND coalesce(c.visibility, '') <> 'restricted' AND NOT EXISTS { (c)-[:MERGED_INTO]->(:Person) }
WITH bearer.name_key AS key, c.id AS beside, coalesce(c.name, '') AS known_as, collect(DISTINCT q.id) AS found
WHERE size(found) > 1
RETURN key AS name_key, 'co-author' AS kind, beside AS shared, known_as AS name, found AS people
""",
    Shared,
)
NAMESAKES_IN_A_WORK: Final = Query(
    "namesakes_in_a_work",
    """
UNWIND $bearers AS bearer
MATCH (q:Person {id: bearer.id})-[m:AUTHORED|LED|PARTICIPATED_IN]->(w)
WITH bearer.name_key AS key, w.id AS work, m.source AS source, collect(DISTINCT q.id) AS found
WHERE size(found) > 1
RETURN key AS name_key, found AS people
""",
    Namesakes,
)
PEOPLE_OF_MENTIONS: Final = Query(
    "people_of_mentions",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})-[m:AUTHORED|LED|PARTICIPATED_IN]->()
WHERE m.mention IN $mentions
RETURN DISTINCT p.id AS person, m.mention AS mention
UNION
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})
WHERE size(coalesce(p.records, [])) > 0
UNWIND p.records AS record
WITH p, record
WHERE record IN $mentions
RETURN DISTINCT p.id AS person, record AS mention
""",
    PersonOfMention,
)
NAMES_SHOWN: Final = Query(
    "names_shown",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})
RETURN p.id AS id, coalesce(p.name, '') AS name
""",
    PersonName,
)


def same_name_pairs_count(db: Database) -> int:
    """How many pairs of people of one name share an employer or a co-author?

    The pairs are those of `same_name_pairs`, and those of the largest groups. Raises `StoreUnavailableError`.
    """
    shared = _shared(db)
    return count_pairs(shared, apart=_apart(db, shared))


def same_name_pairs(db: Database, *, limit: int) -> list[SameNamePair]:
    """Which pairs of people of one name share an employer or a co-author, those who share most first?

    One name is one `name_key`, the key under which mentions are compared at all. An employer is shared by organisation
    id; a co-author is anybody of another name beside both, in works of at most 50 people. Pairs that one source has
    side by side in one work are two people (identity recipe), and so are those that a person's decision separates.
    Pairs in groups of more than 200 are counted, but not listed. Raises `StoreUnavailableError`.
    """
    shared = _shared(db)
    best = listed_pairs(shared, apart=_apart(db, shared), limit=limit)
    people = sorted({person for pair, _ in best for person in pair})
    names = {row.id: row.name for row in db.read(NAMES_SHOWN, people=people)}
    return [
        SameNamePair(
            first=first,
            first_name=names[first],
            second=second,
            second_name=names[second],
            organisations=_things(rows, "organisation"),
            co_authors=_things(rows, "co-author"),
        )
        for (first, second), rows in best
    ]


def _shared(db: Database) -> list[Shared]:
    found: list[Shared] = []
    for bearers in _pieces(db.read(NAMESAKES)):
        found += db.read(NAMESAKES_AT_A_BODY, bearers=bearers)
        found += db.read(NAMESAKES_BESIDE_A_PERSON, bearers=bearers, most=MOST_PEOPLE)
    return found


def _pieces(names: Iterable[Namesakes]) -> Iterator[list[dict[str, str]]]:
    """The bearers of whole names, so many at a time as a query takes; a name of more bearers comes alone."""
    piece: list[dict[str, str]] = []
    for name in names:
        if piece and len(piece) + len(name.people) > PIECE:
            yield piece
            piece = []
        piece += [{"id": person, "name_key": name.name_key} for person in name.people]
    if piece:
        yield piece


def _apart(db: Database, shared: Iterable[Shared]) -> list[list[str]]:
    """Groups of people who are, two by two, different ones."""
    of_name: dict[str, set[str]] = defaultdict(set)
    for row in shared:
        of_name[row.name_key] |= set(row.people)
    names = [Namesakes(name_key=key, people=sorted(people)) for key, people in sorted(of_name.items())]
    different = [each for each in decisions_about(db, PERSON_MENTIONS) if each.outcome == "different"]
    mentions = sorted({mention for each in different for mention in (each.subject, each.object)})
    found: list[list[str]] = []
    owners: dict[str, str] = {}
    for bearers in _pieces(names):
        found += [row.people for row in db.read(NAMESAKES_IN_A_WORK, bearers=bearers)]
        if mentions:
            people = [bearer["id"] for bearer in bearers]
            owners |= {row.mention: row.person for row in db.read(PEOPLE_OF_MENTIONS, people=people, mentions=mentions)}
    pairs = [(owners.get(each.subject), owners.get(each.object)) for each in different]
    return found + [[one, other] for one, other in pairs if one and other and one != other]


def _things(rows: Iterable[Shared], kind: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((row.shared, row.name) for row in rows if row.kind == kind))


# --- from groups to pairs, pure ---------------------------------------------------------------------------------------


def count_pairs(shared: Iterable[Shared], *, apart: Iterable[Sequence[str]] = ()) -> int:
    """How many pairs stand together in at least one group of one name, and in no group of `apart`?"""
    groups: dict[str, list[list[str]]] = defaultdict(list)
    for row in shared:
        groups[row.name_key].append(row.people)
    separated = _by_person(apart)
    return sum(_pairs_of_name(of_name, separated) for of_name in groups.values())


def _pairs_of_name(groups: Sequence[Sequence[str]], separated: Mapping[str, Sequence[Sequence[str]]]) -> int:
    bit = {person: 1 << place for place, person in enumerate(sorted({p for group in groups for p in group}))}
    near = dict.fromkeys(bit, 0)
    for group in groups:
        mask = _mask(bit[person] for person in group)
        for person in group:
            near[person] |= mask
    ends = 0
    for person, mask in near.items():
        far = _mask(bit[other] for group in separated.get(person, ()) for other in group if other in bit)
        ends += (mask & ~far & ~bit[person]).bit_count()
    return ends // 2


def _mask(bits: Iterable[int]) -> int:
    mask = 0
    for bit in bits:
        mask |= bit
    return mask


def listed_pairs(
    shared: Iterable[Shared], *, apart: Iterable[Sequence[str]] = (), limit: int, largest: int = LISTED
) -> list[tuple[Pair, list[Shared]]]:
    """Which pairs share most, and what?  Of groups of up to `largest` people; ties in the order of ids."""
    together: dict[Pair, list[Shared]] = defaultdict(list)
    for row in shared:
        if len(row.people) <= largest:
            for one, other in combinations(sorted(set(row.people)), 2):
                together[one, other].append(row)
    separated = _by_person(apart)
    for pair in [pair for pair in together if any(pair[1] in group for group in separated.get(pair[0], ()))]:
        del together[pair]
    return sorted(together.items(), key=lambda each: (-len(each[1]), each[0]))[:limit]


def _by_person(groups: Iterable[Sequence[str]]) -> dict[str, list[Sequence[str]]]:
    found: dict[str, list[Sequence[str]]] = defaultdict(list)
    for group in groups:
        for person in group:
            found[person].append(group)
    return found
