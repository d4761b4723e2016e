"""English topic names and who is known for them: series of workshops of the anthology, whose names no index holds.

The topic is the name of a workshop without its number, year and abbreviation ("Noisy User-generated Text"); the people
known for it have two papers or more in the series. Venues are not part of a work's text, so that nothing has to be
hidden. A weakness: many who know a topic never went to its workshop, so that precision is a lower bound.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final, NamedTuple

from graph.text import name_key, tokens

FEWEST_PAPERS: Final = 2
FEWEST_PEOPLE: Final = 5
_NUMBER = (
    r"\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|"
    r"fourteenth|fifteenth|sixteenth|\d{4}|emnlp|naacl|acl|coling|lrec\s?\d*|international|joint|annual|the|ijcnlp"
)
_BEFORE: Final = re.compile(rf"^proceedings of (?:(?:{_NUMBER})\s+)*", re.IGNORECASE)
_SERIES: Final = re.compile(
    rf"workshop(?:\s+\S+:)?(?:\s+(?:{_NUMBER}))*\s+(?:on|for|in)\s+(?P<topic>.+)", re.IGNORECASE
)
_AFTER: Final = re.compile(
    r"\s*(?:\([^)]*\)|held in conjunction.*|at (?:EMNLP|ACL|COLING|NAACL).*|&.*|and shared task.*|:.*)$"
)
# Names that say no topic.
_NOT_A_TOPIC: Final = frozenset(
    {"nlp", "natural language processing", "semantic evaluation", "widening nlp", "asian translation"}
)


class NamedTopic(NamedTuple):
    """A topic by its name and the normalised names of people known for it."""

    name: str
    people: frozenset[str]


def topics(path: Path) -> list[NamedTopic]:
    """Read the topics of the anthology, by name; a series is told by the words of its name."""
    papers_of: defaultdict[str, Counter[str]] = defaultdict(Counter)
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            paper: dict[str, Any] = json.loads(line)
            name = _topic(paper["venue"] or "")
            if not name:
                continue
            series = " ".join(sorted(set(tokens(name))))
            names[series][name] += 1
            authors = {name_key(f"{author['first'] or ''} {author['last'] or ''}") for author in paper["authors"]}
            papers_of[series].update(authors - {""})
    found: list[NamedTopic] = []
    for series, papers in papers_of.items():
        known = frozenset(person for person, count in papers.items() if count >= FEWEST_PAPERS)
        if len(known) >= FEWEST_PEOPLE:
            found.append(NamedTopic(names[series].most_common(1)[0][0], known))
    return sorted(found)


def _topic(venue: str) -> str:
    match = _SERIES.search(_BEFORE.sub("", venue))
    if match is None:
        return ""
    topic = match["topic"]
    while (shorter := _AFTER.sub("", topic)) != topic:
        topic = shorter
    topic = topic.strip(" .,")
    return "" if topic.casefold() in _NOT_A_TOPIC or not tokens(topic) else topic
