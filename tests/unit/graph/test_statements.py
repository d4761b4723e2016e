"""Every generated statement, walked: what may stand in a MERGE pattern, where MERGE starts, names from the model
only."""

import inspect
import re
from collections.abc import Iterator

import pytest

from graph import statements
from graph.errors import InputError
from graph.model import DOMAIN, NODE_BY_LABEL, NODES, RELATIONSHIPS, NodeType, RelationshipType, SecondLabel
from graph.statements import merge_relationship

_MERGE = re.compile(r"^MERGE (.*)$", re.MULTILINE)
_PROPERTY = re.compile(r"(\w+): (\$?[\w.]+)")


def typed() -> Iterator[tuple[RelationshipType, NodeType, NodeType]]:
    for relationship in RELATIONSHIPS:
        for start, end in relationship.ends:
            if start in NODE_BY_LABEL and end in NODE_BY_LABEL and not relationship.working:
                yield relationship, NODE_BY_LABEL[start], NODE_BY_LABEL[end]


def texts() -> Iterator[tuple[str, str]]:
    """Every text of `graph.statements`: each public function with each type of the model it can be asked for."""
    for name, function in inspect.getmembers(statements, callable):
        if name.startswith("_") or getattr(function, "__module__", "") != "graph.statements":
            continue
        parameters = list(inspect.signature(function).parameters)
        if parameters == ["node"]:
            yield from ((f"{name} {node.label}", str(function(node))) for node in DOMAIN)
        elif parameters == ["node", "labels"]:
            for node in DOMAIN:
                yield f"{name} {node.label}", str(function(node))
                yield f"{name} {node.label}", str(function(node, tuple(second.label for second in node.seconds)))
        elif parameters == ["node", "label", "verb"]:
            for node in DOMAIN:
                for second in node.seconds:
                    yield f"{name} {second.label}", str(function(node, second.label, "SET"))
                    yield f"{name} {second.label}", str(function(node, second.label, "REMOVE"))
        else:
            assert parameters == ["relationship", "start", "end"], f"{name} is not walked"
            yield from ((f"{name} {r.name}", str(function(r, a, b))) for r, a, b in typed())


ALL = list(texts())


def test_every_function_is_walked() -> None:
    assert len({name.split()[0] for name, _ in ALL}) == 15


@pytest.mark.parametrize(("name", "text"), ALL)
def test_no_nullable_property_stands_in_a_merge_pattern(name: str, text: str) -> None:
    """Neo4j refuses a null there, ArcadeDB makes a new relationship each time."""
    keys = {node.key for node in NODES}
    never_null = {("source", "$source"), ("key", "row.key")} | {(key, "row.key") for key in keys}
    for pattern in _MERGE.findall(text):
        assert set(_PROPERTY.findall(pattern)) <= never_null, name


@pytest.mark.parametrize(("relationship", "start", "end"), list(typed()))
def test_merge_starts_at_the_end_with_few(relationship: RelationshipType, start: NodeType, end: NodeType) -> None:
    (pattern,) = _MERGE.findall(merge_relationship(relationship, start, end))
    if relationship.few == "start":
        assert re.match(r"\(a\)-\[r:\w+ \{source: \$source, key: row.key\}\]->\(b\)\Z", pattern)
    else:
        assert re.match(r"\(b\)<-\[r:\w+ \{source: \$source, key: row.key\}\]-\(a\)\Z", pattern)


@pytest.mark.parametrize(("name", "text"), ALL)
def test_labels_come_from_the_model(name: str, text: str) -> None:
    labels = {node.label for node in NODES} | {s.label for node in NODES for s in node.seconds}
    types = {relationship.name for relationship in RELATIONSHIPS}
    assert set(re.findall(r":([A-Z]\w*)", text)) <= labels | types, name


def test_a_name_that_is_none_becomes_no_text() -> None:
    with pytest.raises(ValueError, match="not a name"):
        NodeType("Person) DETACH DELETE (n", "", "", ())
    with pytest.raises(ValueError, match="not a name"):
        SecondLabel("x y", "", "")
    with pytest.raises(InputError):
        statements.change_label(NODE_BY_LABEL["Person"], "Expert SET n.x = 1", "SET")
    with pytest.raises(InputError):
        statements.merge_node(NODE_BY_LABEL["Person"], ("Expert {id: 1}",))
