"""Who or which body bears one of these very names?  Many names in one search of the text index, for reading a question.

`find_people` and `find_organisations` look for one name and what is near it; here every part of a question may be one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

import tantivy
from tantivy import Occur, Query

from graph.documents import OrganisationDocument, PersonDocument
from graph.index_folder import LONGEST_NAME, NAMES
from graph.index_snapshot import NameHit
from graph.text import fold, name_key


def people_called(names: tantivy.Searcher, keys: Collection[str], limit: int) -> list[tuple[str, NameHit]]:
    """Return (key that matched, person), by key, listed ones first, then by id; keys as `name_key` makes them."""
    wanted = frozenset(keys)
    hits: list[tuple[str, NameHit]] = []
    for stored in _stored(names, "person", wanted, limit):
        person = PersonDocument.unpacked(stored)
        hit = NameHit(person.id, person.names[0], 5.0, person.expert)
        hits.extend((key, hit) for key in dict.fromkeys(map(name_key, person.names)) if key in wanted)
    return sorted(hits, key=lambda each: (each[0], not each[1].listed, each[1].id))


def organisations_called(names: tantivy.Searcher, keys: Collection[str], limit: int) -> list[tuple[str, NameHit]]:
    """Return (key that matched, body), by key, registered ones first, then by id; keys as `fold` makes them."""
    wanted = frozenset(keys)
    hits: list[tuple[str, NameHit]] = []
    for stored in _stored(names, "organisation", wanted, limit):
        body = OrganisationDocument.unpacked(stored)
        hit = NameHit(body.id, body.names[0], 5.0, body.verified)
        hits.extend((key, hit) for key in dict.fromkeys(map(fold, body.names)) if key in wanted)
    return sorted(hits, key=lambda each: (each[0], not each[1].listed, each[1].id))


def _stored(names: tantivy.Searcher, kind: str, keys: Collection[str], limit: int) -> list[bytes]:
    terms = sorted({key[:LONGEST_NAME] for key in keys if key})
    if not terms or limit <= 0:
        return []
    called = Query.term_set_query(NAMES, "name", terms)
    of_kind = Query.term_query(NAMES, "type", kind, index_option="basic")
    query = Query.const_score_query(Query.boolean_query([(Occur.Must, called), (Occur.Must, of_kind)]), 0.0)
    hits = names.search(query, limit=limit, count=False).hits
    return [cast("bytes", names.doc(address).get_first("stored")) for _, address in hits]
