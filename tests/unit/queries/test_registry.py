"""What every question and every Cypher text of `queries/` keeps to, found by walking all of them."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import pytest
from pydantic import BaseModel

import queries
from graph.database import Query
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME, restricted_names
from queries import answers, networks
from queries.registry import QUERIES, QUESTIONS

FOLDER: Final = Path(queries.__file__ or "").parent
MODULES: Final = sorted(FOLDER.glob("*.py"))
# Nodes that only bookkeeping reads; `hash` and `id` of theirs are other modules' words.
RESTRICTED: Final = sorted({name for _, name in restricted_names()})
EXPLAINED: Final = {"region", "organisation", "society", "since_year", "steps", "evidence"}
_CLAUSE: Final = re.compile(r"\b(RETURN|UNION|ORDER BY|LIMIT)\b")


def _reads() -> Iterator[tuple[str, set[str]]]:
    """Every `db.read(QUERY, name=…)` of the package: the constant's name and the keywords passed."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "read":
                first = node.args[0]
                assert isinstance(first, ast.Name), f"{module.name}:{node.lineno} reads no named query"
                yield first.id, {keyword.arg or "**" for keyword in node.keywords}


def _constants() -> dict[str, Query[Any]]:
    """Every Query constant of the package by name."""
    found: dict[str, Query[Any]] = {}
    for module in MODULES:
        for name, value in vars(import_module(f"queries.{module.stem}")).items():
            if isinstance(value, Query):
                found[name] = cast("Query[Any]", value)
    return found


def _top_level(text: str) -> str:
    """The text with everything inside brackets and quotes blanked."""
    kept: list[str] = []
    depth, quoted = 0, False
    for character in text:
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "([{":
            depth += 1
        elif not quoted and character in ")]}":
            depth -= 1
        outside = depth == 0 and not quoted and character not in ")]}'"
        kept.append(character if outside else " ")
    return "".join(kept)


def _aliases(text: str) -> list[list[str]]:
    """The names that each top-level RETURN gives."""
    plain = _top_level(text)
    clauses = [*_CLAUSE.finditer(plain)]
    ends = [clause.start() for clause in clauses[1:]] + [len(plain)]
    returned = [plain[clause.end() : end] for clause, end in zip(clauses, ends, strict=True) if clause[1] == "RETURN"]
    return [[part.split()[-1] for part in clause.split(",")] for clause in returned]


def test_the_registry_holds_every_query_of_the_package() -> None:
    assert set(_constants().values()) == set(QUERIES)
    assert len({query.name for query in QUERIES}) == len(QUERIES)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_is_read_with_its_own_parameters(query: Query[Any]) -> None:
    own = {name for name, value in _constants().items() if value is query}
    passed = [keywords for name, keywords in _reads() if name in own]
    assert passed, f"{query.name} is never read"
    for keywords in passed:
        assert keywords == query.parameters


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_returns_the_fields_of_its_row(query: Query[Any]) -> None:
    returned = _aliases(query.text)
    assert returned, f"{query.name} returns nothing"
    for aliases in returned:
        assert aliases == list(query.row.model_fields), query.name


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_row_is_frozen_and_a_text_only_reads(query: Query[Any]) -> None:
    assert query.row.model_config.get("frozen") is True
    assert not re.search(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|CALL|LOAD|FOREACH)\b", query.text)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_names_only_what_the_model_has(query: Query[Any]) -> None:
    labels = set(re.findall(r":([A-Z][a-z]\w*)", query.text))
    seconds = {second.label for node in NODE_BY_LABEL.values() for second in node.seconds}
    assert labels <= NODE_BY_LABEL.keys() | seconds
    patterns = re.findall(r":([A-Z][A-Z_|]+)", query.text)
    assert {name for pattern in patterns for name in pattern.split("|")} <= RELATIONSHIP_BY_NAME.keys()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
def test_a_question_is_asked_by_name_and_explains_itself(question: Callable[..., Any]) -> None:
    signature = inspect.signature(question)
    first, *others = signature.parameters.values()
    assert first.name == "db"
    assert all(each.name == "index" or each.kind is inspect.Parameter.KEYWORD_ONLY for each in others)
    said = question.__doc__ or ""
    assert "?" in said.split("\n\n", maxsplit=1)[0], "the docstring begins with the question it answers"
    assert "Raises `" in said
    for name in {each.name for each in others} & EXPLAINED:
        assert f"`{name}`" in said, name


def test_no_text_and_no_answer_names_a_restricted_property() -> None:
    assert {"gender", "birth_year", "email", "phone", "token_hash"} <= set(RESTRICTED)
    for query in QUERIES:
        for name in RESTRICTED:
            assert not re.search(rf"\.{name}\b", query.text), (query.name, name)
        assert "properties(" not in query.text, query.name
        assert not re.search(r"\bRETURN \w+(,|$)|\{\s*\.\*", query.text), (query.name, "whole nodes")
    for row in _rows():
        assert not set(row.model_fields) & set(RESTRICTED), row.__name__


def _rows() -> Iterator[type[BaseModel]]:
    for module in (answers, networks):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseModel):
                yield value
    for query in QUERIES:
        yield cast("type[BaseModel]", query.row)
