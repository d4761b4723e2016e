"""The generated pages are what the code says today."""

from pathlib import Path

import pytest

from cli.reference import pages
from graph.model import NODES, RELATIONSHIPS
from queries.registry import QUERIES, QUESTIONS

_DOCS = Path(__file__).parents[2] / "docs"
_PAGES = pages()


@pytest.mark.parametrize("name", _PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    written = (_DOCS / name).read_text(encoding="utf-8") if (_DOCS / name).exists() else ""
    assert written == _PAGES[name], f"docs/{name} is stale: run .venv/bin/python -m cli.reference"


def test_the_pages_name_everything_there_is() -> None:
    for node in NODES:
        assert f"### {node.label} " in _PAGES["schema.md"]
        for prop in node.by_name.values():
            assert f"| `{prop.name}` |" in _PAGES["schema.md"]
    for relationship in RELATIONSHIPS:
        assert f"### {relationship.name} " in _PAGES["schema.md"]
    for query in QUERIES:
        assert query.text.strip() in _PAGES["queries.md"]
    for question in QUESTIONS:
        assert f"### `{question.__name__}`" in _PAGES["queries.md"]


def test_no_default_of_a_secret_is_written() -> None:
    assert "`ZHIKU_DB_PASSWORD` | （空）" in _PAGES["settings.md"]
