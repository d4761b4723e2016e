"""The rows that say how a question was understood; on their own, so that an answer can carry them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Relation = Literal["same", "other_name", "narrower"]


class Understood(BaseModel):
    """Base of these rows: frozen, nothing beside the declared fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class QuestionWord(Understood):
    """One word of a question: where it stands (characters), and what the graph knows of it (`works` as keyword)."""

    text: str
    start: int
    end: int
    works: int
    kind: Literal["keyword", "topic", "name", "plain"]


class Expansion(Understood):
    """A term that the question could be widened by: which topic of which scheme proposes it, and why.

    `works` counts the works that have it as a keyword; `applied` says whether it counted in the answer.
    """

    term: str
    topic: str
    topic_name: str
    scheme: str
    relation: Relation
    works: int
    applied: bool


class NamedPerson(Understood):
    """A person who bears a name that stands in the question; `asked` is how the question writes it."""

    asked: str
    id: str
    name: str
    organisation: str
    professional_title: str


class NamedOrganisation(Understood):
    """A body named in the question: offered as a filter for the `rest` of it."""

    asked: str
    id: str
    name: str
    rest: str


class Understanding(Understood):
    """How a question was understood; every part may be empty.

    `simplified`: the form in simplified characters that was asked as well. `fields`: the two fields put side by side.
    `people_total` counts all who bear a name in the question.
    """

    words: tuple[QuestionWord, ...]
    simplified: str
    did_you_mean: tuple[str, ...]
    people: tuple[NamedPerson, ...]
    people_total: int
    organisations: tuple[NamedOrganisation, ...]
    fields: tuple[str, ...]
    expansions: tuple[Expansion, ...]
    sequence: int
