"""Mappings and rows that nobody would write (Hypothesis): an input error or a reject, nothing else."""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graph.claims import node_claim
from graph.errors import InputError
from ingest.mapping import TableMapping, load_mapping, parse_mapping, shipped_mappings
from ingest.readers import Record
from ingest.source import Entity, RejectedRecordError
from ingest.sources.table import TableSource

WORDS = st.sampled_from(
    [
        "entity", "link", "type", "as", "key", "own", "each", "written", "set", "from", "const", "map", "split", "name",
        "Organisation", "Person", "PART_OF", "aliases", "row_key", "period", "names", "kind", "second", "Society",
        "employers", "labels", "Expert", "reference", "title", "Output", "Project", "template", "{x}", "times",
        "find", "remove", "default", "required", "start", "end", "AUTHORED", "when", "issued", "hint", "encoding",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    WORDS, st.text(max_size=6), st.integers(), st.floats(), st.booleans(), st.dates(), st.just("("), st.just("[;；]")
)
TABLES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=5),
    max_leaves=20,
)
PARTS = ("as", "key", "own", "each", "written", "set", "when", "period", "names", "second", "reference")
ENTITIES = st.fixed_dictionaries(
    {"type": st.sampled_from(["Organisation", "Person", "Output", "Project", "Topic", "Region", "Honour"])},
    optional=dict.fromkeys(PARTS, TABLES),
)


@given(
    st.dictionaries(WORDS, TABLES, max_size=6), st.lists(ENTITIES | TABLES, max_size=3), st.lists(TABLES, max_size=2)
)
def test_any_table_is_a_mapping_or_an_input_error(top: dict[str, Any], entities: list[Any], links: list[Any]) -> None:
    try:
        mapping = TableMapping({**top, "entity": entities, "link": links}, "text", "fuzz")
    except InputError:
        return
    source = TableSource(mapping)
    assert source.fingerprint()
    check_draft(mapping, Record("f", "", 1, {"from": "甲", "x": ["乙", {"name": 1}], "kind": 3.5}))


@given(st.text())
def test_any_text_is_a_mapping_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        parse_mapping(text, "fuzz")


# --- rows of rubbish ------------------------------------------------------------------------------------------------

CELLS = st.one_of(
    st.none(),
    st.text(),
    st.text("甲乙丙；;:：()（）=+-@|{}<>'\"\\\t\n0123456789.年月-/", max_size=30),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.sampled_from(["2019.13", "=HYPERLINK(1)", "<script>", "MATCH (n) DETACH DELETE n", "长" * 10_000, "\u202e甲"]),
    st.lists(st.text(max_size=5) | st.integers() | st.lists(st.text(max_size=3), max_size=2), max_size=4),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)
COMPILED = {name: load_mapping(path) for name, path in shipped_mappings().items()}


def check_draft(mapping: TableMapping, record: Record) -> None:
    """Either a reject with a reason, or a draft whose every claim the model accepts or names as a reject."""
    try:
        draft = mapping.draft(record)
    except RejectedRecordError:
        return
    assert draft.row_key
    assert len(draft.row_key) <= 200
    for link in draft.links:
        assert 0 <= link.start < len(draft.entities)
        assert 0 <= link.end < len(draft.entities)
    for entity in draft.entities:
        if not entity.reference:
            check_entity(entity)


def check_entity(entity: Entity) -> None:
    # Everything was checked when the value was taken; only what ids are made from is left to `run`.
    claim = node_claim(
        entity.type, "key", {k: v for k, v in entity.properties.items() if k not in {"name", "name_key"}}
    )
    assert claim.type is entity.type


@given(st.sampled_from(sorted(COMPILED)), st.data())
def test_any_row_gives_a_draft_or_a_reject(name: str, data: st.DataObject) -> None:
    mapping = COMPILED[name]
    columns = st.sampled_from(mapping.columns())
    values = data.draw(st.dictionaries(columns, CELLS, max_size=12))
    check_draft(mapping, Record("f.csv", "", 2, values))
