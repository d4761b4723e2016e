"""The house rules that no linter knows: names, sizes, vendored files, links."""

import ast
import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

_ROOT: Final = Path(__file__).parents[2]
_PROJECT: Final[dict[str, Any]] = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_PACKAGES: Final[list[str]] = _PROJECT["tool"]["uv"]["build-backend"]["module-name"]
_CODE: Final = sorted(
    path
    for folder in [*_PACKAGES, "tests", "bench"]
    for path in (_ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)
_VENDOR: Final = _ROOT / "api" / "console" / "static" / "vendor"

_FORBIDDEN_NAMES: Final = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
_FILE_LINES: Final = 400
_FUNCTION_LINES: Final = 60
# "path" or "path:function" → why it may be longer.
_LONGER: Final[dict[str, str]] = {
    "graph/model.py": "the model is declared once, in one place; it is a table, not control flow",
}


def _name(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function of a file with its length in lines, docstring not counted: the house wants those long."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield f"{_name(path)}:{node.name}", lines


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in _CODE if path.is_relative_to(_ROOT / "tests")}
    assert [_name(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_no_module_is_named_after_nothing() -> None:
    assert [_name(path) for path in _CODE if _FORBIDDEN_NAMES & {path.stem, *path.parts[len(_ROOT.parts) : -1]}] == []


def test_files_and_functions_are_short_or_listed_with_a_reason() -> None:
    lines = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in _CODE}
    functions = [entry for path in _CODE for entry in _functions(path)]
    long = {name: count for name, count in lines.items() if count > _FILE_LINES}
    long |= {name: count for name, count in functions if count > _FUNCTION_LINES}
    assert {name: count for name, count in long.items() if name not in _LONGER} == {}
    assert set(_LONGER) <= set(long), "listed as longer, but it is not any more"


def test_docstrings_and_prints_are_checked_by_ruff_without_exceptions() -> None:
    lint: dict[str, Any] = _PROJECT["tool"]["ruff"]["lint"]
    assert {"D1", "T20"} <= set(lint["select"])
    assert set(lint["ignore"]) & {"D1", "D100", "D101", "D102", "D103", "T20", "T201"} == set()
    pardoned = [path for path in _CODE if path.parts[len(_ROOT.parts)] in _PACKAGES]
    silenced = re.compile(r"#\s*(?:noqa(?!:)|(?:ruff:\s*)?noqa:.*\b(?:D10[0-3]|T20\d?)\b)")
    assert [_name(path) for path in pardoned if silenced.search(path.read_text(encoding="utf-8"))] == []


def _manifest() -> dict[str, dict[str, str]]:
    listed: list[dict[str, str]] = tomllib.loads((_VENDOR / "MANIFEST.toml").read_text(encoding="utf-8"))["file"]
    return {entry["name"]: entry for entry in listed}


def test_vendored_browser_files_are_listed_with_version_licence_and_hash() -> None:
    if not _VENDOR.is_dir():
        assert not list((_ROOT / "api").rglob("*.min.js")), "a browser library outside api/console/static/vendor"
        return
    manifest = _manifest()
    files = {path.relative_to(_VENDOR).as_posix(): path for path in _VENDOR.rglob("*") if path.is_file()}
    del files["MANIFEST.toml"]
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == {
        name: entry["sha256"] for name, entry in manifest.items()
    }
    for entry in manifest.values():
        assert entry["version"]
        assert entry["source"]
        assert re.search(r"MIT|Apache|BSD|ISC", entry["licence"])


def _links(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield target


def _anchors(page: Path) -> set[str]:
    """The names GitHub and most viewers give to headings."""
    headings = re.findall(r"^#+\s+(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [_ROOT / "README.md", *sorted((_ROOT / "docs").rglob("*.md"))], ids=_name)
def test_links_of_a_page_resolve(page: Path) -> None:
    broken: list[str] = []
    for link in _links(page):
        target, _, anchor = link.partition("#")
        place = page if not target else page.parent / target
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in _anchors(place)):
            broken.append(link)
    assert broken == []
