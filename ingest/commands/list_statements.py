"""The Cypher texts by which lists are written; read inside the same transaction."""

from __future__ import annotations

from typing import Final

STATE: Final = """
MATCH (l:SavedList {id: $id})
RETURN l.name AS name, l.kind AS kind, coalesce(l.frozen_hash, '') AS hash
"""
CREATE: Final = """
CREATE (l:SavedList)
SET l = $list
"""
PEOPLE: Final = """
UNWIND $ids AS id
MATCH (p:Person {id: id})
WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
RETURN p.id AS id
"""
BODIES: Final = """
UNWIND $ids AS id
MATCH (o:Organisation {id: id})
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
RETURN o.id AS id
"""
LIST_PEOPLE: Final = """
MATCH (l:SavedList {id: $id})
UNWIND $rows AS row
MATCH (p:Person {id: row.id})
CREATE (l)-[m:LISTS]->(p)
SET m = row.facts
"""
LIST_BODIES: Final = """
MATCH (l:SavedList {id: $id})
UNWIND $rows AS row
MATCH (o:Organisation {id: row.id})
CREATE (l)-[m:LISTS]->(o)
SET m = row.facts
"""
MEMBERS: Final = """
MATCH (l:SavedList {id: $id})
MATCH (l)-[m:LISTS]->(e)
RETURN e.id AS id, m.rank AS rank, m.score AS score, coalesce(m.note, '') AS note
ORDER BY rank, id
"""
ANNOTATE: Final = """
MATCH (l:SavedList {id: $id})
MATCH (l)-[m:LISTS]->(e)
WHERE e.id = $member
SET m.note = $note
RETURN count(m) AS done
"""
REMOVE: Final = """
MATCH (l:SavedList {id: $id})
MATCH (l)-[m:LISTS]->(e)
WHERE e.id = $member
WITH collect(m) AS ended
UNWIND ended AS m
DELETE m
"""
RERANK: Final = """
MATCH (l:SavedList {id: $id})
MATCH (l)-[m:LISTS]->(e)
WHERE m.rank > $after
SET m.rank = m.rank - 1
"""
FREEZE: Final = """
MATCH (l:SavedList {id: $id})
SET l.frozen = $content, l.frozen_hash = $hash, l.frozen_on = $day, l.frozen_by = $actor, l.frozen_seq = $seq
"""
DISCARD: Final = """
MATCH (l:SavedList {id: $id})
DETACH DELETE l
"""
