"""How pages are made: templates with every value escaped, words for codes, highlighted titles, pages for problems."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from api.access import Session
from api.console.words import KIND_WORDS, STANDING_WORDS
from api.problems import Problem
from graph.text import highlight_spans, tokens

_TEMPLATES: Final = Path(__file__).parent / "templates"


def page(
    template: str,
    context: Mapping[str, object],
    *,
    session: Session | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Render a page; with `session` it can be left, and its forms carry the session's CSRF token."""
    html = _environment().get_template(template).render(session=session, **context)
    # Text from the graph may hold lone surrogates, which UTF-8 cannot: shown as question marks.
    return HTMLResponse(html.encode("utf-8", "replace"), status_code=status, headers=dict(headers or {}))


def problem_page(problem: Problem, *, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """Show a problem to a person."""
    return page("problem.html", {"problem": problem}, status=problem.status, headers=headers)


def sign_in_page(*, message: str = "", status: int = 200) -> HTMLResponse:
    """Show how to get in."""
    return page("sign_in.html", {"message": message}, status=status)


def marked(text: str, phrases: Collection[str]) -> Markup:
    """Return the text with the matched phrases in <mark>; everything of it escaped."""
    terms = {term for phrase in phrases for term in tokens(phrase)}
    parts: list[Markup] = []
    done = 0
    for start, end in highlight_spans(text, terms):
        parts += [escape(text[done:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        done = end
    return Markup("").join([*parts, escape(text[done:])])


def percent(share: float) -> str:
    """0.123 → 12%; what is there but rounds to nothing is shown as <1%."""
    return "<1%" if 0 < share < 0.005 else f"{share * 100:.0f}%"


def points(value: float) -> str:
    """Points of a score with their sign, the minus as print has it: +3.5, −2.0."""
    return f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")


def span(first: str | None, last: str | None) -> str:
    """Two dates as the rows write them (2015, 2015-07 or 2015-07-01, the last one included), as a person reads them."""
    if last:
        return f"{first} 至 {last}" if first else f"至 {last}"
    return f"{first} 起" if first else ""


def tidy(text: str) -> str:
    """Text of the graph on one line, without control and direction characters that would disturb the page around it."""
    kept = (
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in text
        if letter not in "\u200e\u200f\u061c"
        and not "\u202a" <= letter <= "\u202e"
        and not "\u2066" <= letter <= "\u2069"
    )
    return " ".join("".join(kept).split())


def word(code: str) -> str:
    """The Chinese word for a code of the model; a code that has none stands for itself."""
    return KIND_WORDS.get(code, code)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
    )
    filters: dict[str, Any] = environment.filters
    filters.update(marked=marked, percent=percent, points=points, tidy=tidy, word=word)
    names: dict[str, Any] = environment.globals
    names.update(span=span, standing=STANDING_WORDS, zhiku_version=version("zhiku"))
    return environment
