"""The Cypher texts behind trends and maps. One subject, one way to find its works.

A subject is a set of topics (a subtree) or a keyword: `$topics` (ids), `$keyword` (lower case, "" = none). Works of
unknown year have the year null and are outside every bound but `first = 0`.
"""

from __future__ import annotations

from typing import Final, LiteralString

from graph.database import Query
from queries.trend_rows import (
    BodyShown,
    BodyWorks,
    PersonWork,
    RegionYear,
    RisingPerson,
    SchemeYear,
    SubjectPerson,
    TopicBelow,
    TwoWindows,
    YearCount,
)

_SHOWN: Final[LiteralString] = """w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
    AND NOT EXISTS { (w)-[:MERGED_INTO]->(:Output) }"""
_PERSON: Final[LiteralString] = """p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted'
  AND NOT EXISTS { (p)-[:MERGED_INTO]->(:Person) }"""

# UNION drops the works that several of the topics share.
_WORKS: Final[LiteralString] = (
    """
UNWIND COLLECT {
  UNWIND $topics AS topic
  MATCH (t:Topic {id: topic})
  WITH t
  MATCH (t)<-[:ABOUT]-(w)
  RETURN w AS found
  UNION
  MATCH (w:Output)
  WHERE $keyword <> '' AND any(word IN w.keywords WHERE toLower(trim(word)) = $keyword)
  RETURN w AS found
  UNION
  MATCH (w:Project)
  WHERE $keyword <> '' AND any(word IN w.keywords WHERE toLower(trim(word)) = $keyword)
  RETURN w AS found
} AS w
WITH DISTINCT w
WHERE coalesce(w.year, 0) >= $first AND coalesce(w.year, 0) <= $last AND """
    + _SHOWN
    + "\n"
)
_MENTIONS: Final[LiteralString] = (
    """
MATCH (w)<-[m:AUTHORED|LED|PARTICIPATED_IN]-(p:Person)
WHERE """
    + _PERSON
    + "\n"
)

TOPICS_BELOW: Final = Query(
    "topics_below",
    """
MATCH (t:Topic {id: $topic})
WHERE t.tombstone IS NULL
MATCH (b:Topic)-[:BROADER*0..8]->(t)
RETURN DISTINCT t.id AS id, coalesce(t.name, t.id) AS name, b.id AS below
UNION
MATCH (t:Topic {name: $topic})
WHERE t.tombstone IS NULL
MATCH (b:Topic)-[:BROADER*0..8]->(t)
RETURN DISTINCT t.id AS id, coalesce(t.name, t.id) AS name, b.id AS below
""",
    TopicBelow,
)

TREND_YEARS: Final = Query(
    "trend_years",
    _WORKS
    + "OPTIONAL"
    + _MENTIONS
    + """
RETURN w.year AS year, count(DISTINCT w) AS works, count(DISTINCT p) AS people
ORDER BY year
""",
    YearCount,
)

TREND_REGIONS: Final = Query(
    "trend_regions",
    _WORKS
    + _MENTIONS
    + """
UNWIND m.organisations AS body
WITH DISTINCT w, p, body
MATCH (o:Organisation {id: body})
WITH w, p, o
MATCH (o)-[:PART_OF|MERGED_INTO*0..4]->(u:Organisation)-[:LOCATED_IN]->(r:Region)
WHERE (u.id = o.id OR NOT EXISTS { (o)-[:LOCATED_IN]->(:Region) }) AND r.code STARTS WITH $region
RETURN left(r.code, $digits) AS region, w.year AS year, count(DISTINCT w) AS works, count(DISTINCT p) AS people
ORDER BY region, year
""",
    RegionYear,
)

TOPIC_TOTALS: Final = Query(
    "topic_totals",
    """
MATCH (t:Topic)
WHERE t.tombstone IS NULL
WITH t
MATCH (t)<-[:ABOUT]-(w)
WHERE w.year IS NOT NULL AND """
    + _SHOWN
    + """
RETURN coalesce(t.scheme, '') AS scheme, w.year AS year, count(DISTINCT w) AS works
ORDER BY scheme, year
""",
    SchemeYear,
)

WORK_TOTALS: Final = Query(
    "work_totals",
    """
MATCH (w:Output)
WHERE w.year IS NOT NULL AND """
    + _SHOWN
    + """
RETURN '' AS scheme, w.year AS year, count(w) AS works
UNION ALL
MATCH (w:Project)
WHERE w.year IS NOT NULL AND w.tombstone IS NULL AND coalesce(w.visibility, '') <> 'restricted'
RETURN '' AS scheme, w.year AS year, count(w) AS works
""",
    SchemeYear,
)

RISING_TOPICS: Final = Query(
    "rising_topics",
    """
MATCH (t:Topic)
WHERE t.tombstone IS NULL AND coalesce(t.scheme, '') = $scheme
WITH t
MATCH (t)<-[:BROADER*0..8]-(b:Topic)
WITH t, b
MATCH (b)<-[:ABOUT]-(w)
WHERE w.year >= $first AND w.year <= $last AND """
    + _SHOWN
    + """
WITH t, count(DISTINCT CASE WHEN w.year >= $since THEN w.id END) AS recent,
  count(DISTINCT CASE WHEN w.year < $since THEN w.id END) AS before
WHERE recent + before >= $minimum
RETURN t.id AS id, coalesce(t.name, t.id) AS name, recent AS recent, before AS before
ORDER BY id
""",
    TwoWindows,
)

_WITH_KEYWORDS: Final[LiteralString] = (
    """
UNWIND COLLECT {
  MATCH (w:Output)
  WHERE w.year >= $first AND w.year <= $last AND size(w.keywords) > 0
  RETURN w AS found
  UNION ALL
  MATCH (w:Project)
  WHERE w.year >= $first AND w.year <= $last AND size(w.keywords) > 0
  RETURN w AS found
} AS w
WITH w
WHERE """
    + _SHOWN
    + "\n"
)

KEYWORD_TOTALS: Final = Query(
    "keyword_totals",
    _WITH_KEYWORDS
    + """
RETURN '' AS scheme, w.year AS year, count(DISTINCT w) AS works
ORDER BY year
""",
    SchemeYear,
)

RISING_KEYWORDS: Final = Query(
    "rising_keywords",
    _WITH_KEYWORDS
    + """
UNWIND w.keywords AS word
WITH toLower(trim(word)) AS key, min(trim(word)) AS shown,
  count(DISTINCT CASE WHEN w.year >= $since THEN w.id END) AS recent,
  count(DISTINCT CASE WHEN w.year < $since THEN w.id END) AS before
WHERE recent + before >= $minimum AND key <> ''
RETURN key AS id, shown AS name, recent AS recent, before AS before
ORDER BY id
""",
    TwoWindows,
)

# Somebody's first work is looked for among all of theirs, whatever the subject.
_RISING: Final[LiteralString] = """
WITH p, recent, before, min(w.year) AS first_year, count(DISTINCT w) AS total
WHERE first_year >= $newcomer
RETURN p.id AS id, recent AS recent, before AS before, first_year AS first_year, total AS total
ORDER BY recent - before DESC, recent DESC, id
LIMIT $most
"""

RISING_PEOPLE: Final = Query(
    "rising_people",
    _WORKS
    + _MENTIONS
    + """
WITH p, count(DISTINCT CASE WHEN w.year >= $since THEN w.id END) AS recent,
  count(DISTINCT CASE WHEN w.year < $since THEN w.id END) AS before
WHERE recent >= $minimum AND recent > before
MATCH (p)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.year IS NOT NULL AND """
    + _SHOWN
    + _RISING,
    RisingPerson,
)

# Whatever the subject: from the people, since all works at once are ten times slower on ArcadeDB (12 s and 1.2 s over
# 130,000 works).
RISING_ANYBODY: Final = Query(
    "rising_anybody",
    """
MATCH (p:Person)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.year >= $first AND w.year <= $last
WITH p, count(DISTINCT w) AS several
WHERE several >= $minimum AND """
    + _PERSON
    + """
MATCH (p)-[:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE w.year IS NOT NULL AND """
    + _SHOWN
    + """
WITH p, min(w.year) AS first_year, count(DISTINCT w) AS total,
  count(DISTINCT CASE WHEN w.year >= $since AND w.year <= $last THEN w.id END) AS recent,
  count(DISTINCT CASE WHEN w.year >= $first AND w.year < $since THEN w.id END) AS before
WHERE recent >= $minimum AND recent > before AND first_year >= $newcomer
RETURN p.id AS id, recent AS recent, before AS before, first_year AS first_year, total AS total
ORDER BY recent - before DESC, recent DESC, id
LIMIT $most
""",
    RisingPerson,
)

PERSON_WORKS: Final = Query(
    "person_works",
    """
UNWIND $people AS wanted
MATCH (p:Person {id: wanted})
MATCH (p)-[m:AUTHORED|LED|PARTICIPATED_IN]->(w)
WHERE """
    + _SHOWN
    + """
WITH p, w, max(CASE
  WHEN type(m) = 'LED' OR (type(m) = 'AUTHORED' AND (m.position = 1 OR coalesce(m.corresponding, false))) THEN 1
  ELSE 0 END) AS leads
RETURN p.id AS id, w.id AS work, w.year AS year, leads = 1 AS leads
ORDER BY id, work
""",
    PersonWork,
)

MAP_BODIES: Final = Query(
    "map_bodies",
    _WORKS
    + _MENTIONS
    + """
UNWIND m.organisations AS body
RETURN body AS body, collect(DISTINCT w.id) AS works, collect(DISTINCT p.id) AS people
ORDER BY body
""",
    BodyWorks,
)

MAP_PEOPLE: Final = Query(
    "map_people",
    _WORKS
    + _MENTIONS
    + """
WITH p, w, max(CASE
  WHEN type(m) = 'LED' OR (type(m) = 'AUTHORED' AND (m.position = 1 OR coalesce(m.corresponding, false))) THEN 1
  ELSE 0 END) AS leads
WITH p, count(w) AS works, sum(leads) AS leads, min(w.year) AS first_year, max(w.year) AS last_year
RETURN p.id AS id, works AS works, leads AS leads, first_year AS first_year, last_year AS last_year
ORDER BY works DESC, leads DESC, id
LIMIT $limit
""",
    SubjectPerson,
)

MAP_SUBTOPICS: Final = Query(
    "map_subtopics",
    """
UNWIND $topics AS above
MATCH (a:Topic {id: above})
WITH a
MATCH (a)<-[:BROADER]-(t:Topic)
WHERE t.tombstone IS NULL
WITH DISTINCT t
MATCH (t)<-[:BROADER*0..8]-(b:Topic)
WITH t, b
MATCH (b)<-[:ABOUT]-(w)
WHERE coalesce(w.year, 0) >= $first AND coalesce(w.year, 0) <= $last AND """
    + _SHOWN
    + """
RETURN t.id AS id, coalesce(t.name, t.id) AS name, count(DISTINCT w) AS recent, 0 AS before
ORDER BY recent DESC, id
""",
    TwoWindows,
)

MAP_BODIES_SHOWN: Final = Query(
    "map_bodies_shown",
    """
UNWIND $bodies AS wanted
MATCH (o:Organisation {id: wanted})
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
RETURN o.id AS id, coalesce(o.name, o.id) AS name, coalesce(o.kind, '') AS kind,
  COLLECT {
    MATCH (o)-[:PART_OF*0..4]->(u:Organisation)-[:LOCATED_IN]->(r:Region)
    WHERE u.id = o.id OR NOT EXISTS { (o)-[:LOCATED_IN]->(:Region) }
    RETURN DISTINCT r.code AS code
    ORDER BY code
  } AS regions
""",
    BodyShown,
)
