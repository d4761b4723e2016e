"""Who works with whom: the rows a collaboration network is made of, from the person, organisation or topic outwards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from queries.answers import Collaborator
from queries.merges import current_person
from queries.posts import Affiliation, posts_and_memberships, today
from queries.retrieval import check_limit


class NetworkNode(BaseModel, frozen=True):
    """One person, organisation or topic of a network.

    `label` is the name shown, `group` the organisation's name (empty when unknown), `weight` the number of works,
    `distance` the number of steps from the centre (0 = the centre itself), `detail` one line such as "organisation ·
    title".
    """

    id: str
    label: str
    kind: Literal["person", "organisation", "topic"]
    group: str
    weight: float
    distance: int
    detail: str


class NetworkEdge(BaseModel, frozen=True):
    """One relationship between two nodes: `weight` shared works between the first and the last year of `years`."""

    source: str
    target: str
    weight: int
    kind: str = "collaborated"
    years: tuple[int, int] | None


class Network(BaseModel, frozen=True):
    """A network around `centre` (None: around nothing in particular).

    `total_nodes` is the number of nodes before the cap and `truncated` whether the cap left any out; `fictional` makes
    every picture carry the mark 虚构示例数据.
    """

    centre: str | None
    nodes: tuple[NetworkNode, ...]
    edges: tuple[NetworkEdge, ...]
    total_nodes: int
    truncated: bool
    fictional: bool = False


MOST_NODES: Final = 500
MOST_COLLABORATORS: Final = 1_000


class SharedWorks(BaseModel):
    """Somebody in the works of the people asked about: how many of those works, and their first and last year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    works: int
    first_year: int | None
    last_year: int | None


class WorkTogether(BaseModel):
    """One work of the centre or of several people asked about, and which of them are in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    work: str
    year: int | None
    people: list[str]


class PersonCard(BaseModel):
    """What a network shows of one person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    professional_title: str
    fictional: bool
    affiliations: list[Affiliation]


SHARED_WORKS: Final = Query(
    "shared_works",
    """
UNWIND $people AS asked
MATCH (p:Person {id: asked})-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
WITH DISTINCT w
MATCH (w)<-[:AUTHORED|LED|PARTICIPATED_IN]-(other:Person)
WHERE other.tombstone IS NULL AND coalesce(other.visibility, '') <> 'restricted' AND NOT other.id IN $known
  AND NOT EXISTS { (other)-[:MERGED_INTO]->(:Person) }
WITH DISTINCT other, w
RETURN other.id AS id, count(w) AS works, min(w.year) AS first_year, max(w.year) AS last_year
""",
    SharedWorks,
)

# Grouped by work: as many steps as mentions, where pairs of people would be their square.
WORKS_TOGETHER: Final = Query(
    "works_together",
    """
UNWIND $people AS asked
MATCH (p:Person {id: asked})-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
WITH w, collect(DISTINCT p.id) AS people
WHERE size(people) > 1 OR $centre IN people
RETURN w.id AS work, w.year AS year, people AS people
""",
    WorkTogether,
)

PEOPLE_SHOWN: Final = Query(
    "people_shown",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})
RETURN p.id AS id,
  coalesce(p.name, '') AS name,
  coalesce(p.professional_title, '') AS professional_title,
  coalesce(p.fictional, false) AS fictional,
  [(p)-[r:AFFILIATED_WITH]->(o:Organisation)
    WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' | {
    organisation: o.id, name: coalesce(o.name, ''), society: o:Society, member: false, role: r.role,
    department: r.department, observed_year: r.observed_year, valid_from: r.valid_from,
    valid_from_precision: r.valid_from_precision, valid_to: r.valid_to, valid_to_precision: r.valid_to_precision
  }] AS affiliations
""",
    PersonCard,
)


def collaborators(db: Database, *, id: str, limit: int = 50, on: date | None = None) -> list[Collaborator]:
    """With whom did this person work, most shared works first, then the latest, then by id?

    `works` counts distinct outputs and projects that both are in; years are None when no shared work has one;
    `organisation` is where the other is on the day `on` (today by default), as far as known. At most `limit` (1 to
    1000). Raises `NotFoundError` for an unknown person, `InputError` for a limit out of bounds.
    """
    check_limit(limit, most=MOST_COLLABORATORS)
    return collaborators_of(db, person=current_person(db, id=id), limit=limit, on=on)[0]


def collaborators_of(
    db: Database, *, person: str, limit: int, on: date | None = None
) -> tuple[list[Collaborator], int]:
    """Return the best `limit` collaborators of a person that exists, and how many there are in all."""
    found = sorted(db.read(SHARED_WORKS, people=[person], known=[person]), key=_most_shared)
    shown = found[:limit]
    cards = _cards(db, [row.id for row in shown])
    rows = [
        Collaborator(
            id=row.id,
            name=cards[row.id].name,
            organisation=_employer(cards[row.id], on or today()),
            works=row.works,
            first_year=row.first_year,
            last_year=row.last_year,
        )
        for row in shown
        if row.id in cards
    ]
    return rows, len(found)


def collaboration_network(
    db: Database, *, id: str, steps: Literal[1, 2] = 1, limit: int = 60, on: date | None = None
) -> Network:
    """Who worked with this person (`steps` = 1), and who with those (`steps` = 2)?

    At most `limit` (1 to 500) people: the nearer first, then the heavier, then by id; `total_nodes` counts all of
    them. A person's `weight` is the number of distinct works shared with the people one step nearer (the centre's: all
    its works), an edge's the number of works that both are in. Groups are employers on the day `on`, today by default.
    Raises `NotFoundError` for an unknown person, `InputError` for steps or a limit out of bounds.
    """
    check_limit(limit, most=MOST_NODES)
    check_limit(steps, name="steps", most=2)
    centre = current_person(db, id=id)
    ordered: list[tuple[str, int, int]] = []
    frontier, known = [centre], {centre}
    for distance in range(1, steps + 1):
        found = sorted(db.read(SHARED_WORKS, people=frontier, known=sorted(known)), key=_heaviest) if frontier else []
        frontier = [row.id for row in found]
        known.update(frontier)
        ordered.extend((row.id, distance, row.works) for row in found)
    shown = ordered[: limit - 1]
    together = db.read(WORKS_TOGETHER, people=[centre, *(person for person, _, _ in shown)], centre=centre)
    own = sum(centre in work.people for work in together)
    cards = _cards(db, [centre, *(person for person, _, _ in shown)])
    nodes = [
        _node(cards[person], distance, works, on or today())
        for person, distance, works in [(centre, 0, own), *shown]
        if person in cards
    ]
    return Network(
        centre=centre,
        nodes=tuple(nodes),
        edges=_edges(together, {node.id for node in nodes}),
        total_nodes=len(ordered) + 1,
        truncated=len(shown) < len(ordered),
        fictional=any(card.fictional for card in cards.values()),
    )


def _most_shared(row: SharedWorks) -> tuple[int, int, str]:
    return (-row.works, -(row.last_year or 0), row.id)


def _heaviest(row: SharedWorks) -> tuple[int, str]:
    return (-row.works, row.id)


def _cards(db: Database, people: Sequence[str]) -> dict[str, PersonCard]:
    return {card.id: card for card in db.read(PEOPLE_SHOWN, people=list(people))} if people else {}


def _employer(card: PersonCard, on: date) -> str:
    posts, _ = posts_and_memberships(card.affiliations, on)
    return next((post.name for post in posts if post.standing != "former"), "")


def _node(card: PersonCard, distance: int, works: int, on: date) -> NetworkNode:
    group = _employer(card, on)
    return NetworkNode(
        id=card.id,
        label=card.name,
        kind="person",
        group=group,
        weight=float(works),
        distance=distance,
        detail=" · ".join(part for part in (group, card.professional_title) if part),
    )


def _edges(together: Iterable[WorkTogether], shown: set[str]) -> tuple[NetworkEdge, ...]:
    works: Counter[tuple[str, str]] = Counter()
    years: Mapping[tuple[str, str], list[int]] = defaultdict(list)
    for work in together:
        for pair in combinations(sorted(shown & set(work.people)), 2):
            works[pair] += 1
            if work.year is not None:
                years[pair].append(work.year)
    return tuple(
        NetworkEdge(
            source=first,
            target=second,
            weight=works[first, second],
            years=(min(years[first, second]), max(years[first, second])) if years[first, second] else None,
        )
        for first, second in sorted(works)
    )
