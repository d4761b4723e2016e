"""The Cypher that reads what the documents of the text index are made of, by label (`graph.documents`)."""

from __future__ import annotations

from typing import Final, Literal, LiteralString

Label = Literal["Output", "Project", "Person", "Organisation"]

NODE_TEXTS: Final[dict[Label, LiteralString]] = {
    "Output": """
UNWIND $ids AS id
MATCH (n:Output {id: id})
RETURN id, n.title AS title, n.abstract AS abstract, n.keywords AS keywords, n.year AS year, n.kind AS kind,
       n.visibility AS visibility, n.tombstone AS tombstone""",
    "Project": """
UNWIND $ids AS id
MATCH (n:Project {id: id})
RETURN id, n.title AS title, n.abstract AS abstract, n.keywords AS keywords, n.year AS year, n.kind AS kind,
       n.visibility AS visibility, n.tombstone AS tombstone""",
    "Person": """
UNWIND $ids AS id
MATCH (n:Person {id: id})
RETURN id, n.name AS name, labels(n) AS labels, n.professional_title AS professional_title, n.fields AS fields,
       n.summary AS summary, n.tier AS tier, n.expert_kind AS expert_kind, n.status AS status,
       n.verified_on AS verified_on, n.admitted_on AS admitted_on,
       n.email IS NOT NULL OR n.phone IS NOT NULL AS has_contact, n.visibility AS visibility,
       n.tombstone AS tombstone""",
    "Organisation": """
UNWIND $ids AS id
MATCH (n:Organisation {id: id})
RETURN id, n.name AS name, labels(n) AS labels, n.kind AS kind, n.verified AS verified,
       n.level AS level, n.visibility AS visibility, n.tombstone AS tombstone""",
}
# `WITH` keeps the order: Neo4j 5.26 and 2026 otherwise begin at the far label when the plan is made while the store is
# nearly empty, and keep that plan (4.0 s for a page set that takes 0.7 s).
RELATED_TEXTS: Final[dict[Label, tuple[tuple[str, LiteralString], ...]]] = {
    "Output": (
        (
            "mentions",
            """UNWIND $ids AS id MATCH (n:Output {id: id}) WITH id, n MATCH (n)<-[r:AUTHORED]-(p:Person)
               RETURN id, p.id AS person, r.organisations AS organisations, r.position AS position,
               'AUTHORED' AS type, r.corresponding AS corresponding, null AS role""",
        ),
        (
            "merged",
            """UNWIND $ids AS id MATCH (n:Output {id: id}) WITH id, n MATCH (n)-[:MERGED_INTO]->(m:Output)
               RETURN id, m.id AS to""",
        ),
    ),
    "Project": (
        (
            "mentions",
            """UNWIND $ids AS id MATCH (n:Project {id: id}) WITH id, n MATCH (n)<-[r:LED|PARTICIPATED_IN]-(p:Person)
               RETURN id, p.id AS person, r.organisations AS organisations, r.position AS position,
               type(r) AS type, null AS corresponding, r.role AS role""",
        ),
    ),
    "Person": (
        (
            "posts",
            """UNWIND $ids AS id MATCH (n:Person {id: id}) WITH id, n MATCH (n)-[r:AFFILIATED_WITH]->(m:Organisation)
               RETURN id, m.id AS to, r.valid_from AS since, r.valid_to AS until, r.role AS role""",
        ),
        (
            "memberships",
            """UNWIND $ids AS id MATCH (n:Person {id: id}) WITH id, n MATCH (n)-[r:MEMBER_OF]->(m:Organisation)
               RETURN id, m.id AS to, r.valid_from AS since, r.valid_to AS until, r.role AS role""",
        ),
        (
            "names",
            """UNWIND $ids AS id MATCH (n:Person {id: id}) WITH id, n MATCH (n)-[:HAS_NAME]->(m:Name)
               RETURN id, m.text AS text, m.tombstone AS gone""",
        ),
        (
            "honours",
            """UNWIND $ids AS id MATCH (n:Person {id: id}) WITH id, n MATCH (n)-[:HAS_HONOUR]->(m:Honour)
               RETURN id, m.id AS to""",
        ),
        (
            "topics",
            """UNWIND $ids AS id MATCH (n:Person {id: id}) WITH id, n MATCH (n)-[:EXPERT_IN]->(m:Topic)
               RETURN id, m.id AS to""",
        ),
        (
            "merged",
            """UNWIND $ids AS id MATCH (n:Person {id: id}) WITH id, n MATCH (n)-[:MERGED_INTO]->(m:Person)
               RETURN id, m.id AS to""",
        ),
    ),
    "Organisation": (
        (
            "names",
            """UNWIND $ids AS id MATCH (n:Organisation {id: id}) WITH id, n MATCH (n)-[:HAS_NAME]->(m:Name)
               RETURN id, m.text AS text, m.tombstone AS gone""",
        ),
        (
            "regions",
            """UNWIND $ids AS id MATCH (n:Organisation {id: id}) WITH id, n MATCH (n)-[:LOCATED_IN]->(m:Region)
               RETURN id, m.code AS to""",
        ),
        (
            "parents",
            """UNWIND $ids AS id MATCH (n:Organisation {id: id}) WITH id, n MATCH (n)-[:PART_OF]->(m:Organisation)
               RETURN id, m.id AS to""",
        ),
        (
            "merged",
            """UNWIND $ids AS id MATCH (n:Organisation {id: id}) WITH id, n MATCH (n)-[:MERGED_INTO]->(m:Organisation)
               RETURN id, m.id AS to""",
        ),
    ),
}
