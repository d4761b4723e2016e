"""What the texts of `queries.trend_texts` return."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TopicBelow(_Row):
    """A topic asked for, and one below it (or itself)."""

    id: str
    name: str
    below: str


class YearCount(_Row):
    """Works and people of one year (None: unknown)."""

    year: int | None
    works: int
    people: int


class RegionYear(_Row):
    """Works and people of one year in one region, by code."""

    region: str
    year: int | None
    works: int
    people: int


class SchemeYear(_Row):
    """How many works of a year have a topic of a scheme ("" = a keyword)."""

    scheme: str
    year: int
    works: int


class TwoWindows(_Row):
    """How many works a topic or keyword has in the later window and in the earlier one."""

    id: str
    name: str
    recent: int
    before: int


class RisingPerson(_Row):
    """A person's works on a subject in both windows, the year of the first work of all, and the number of all."""

    id: str
    recent: int
    before: int
    first_year: int
    total: int


class PersonWork(_Row):
    """A person in a work: year, whether on the subject, and whether first or corresponding author or leader."""

    id: str
    work: str
    year: int | None
    leads: bool


class BodyWorks(_Row):
    """Works and people of a subject under one body, as mentions name it."""

    body: str
    works: list[str]
    people: list[str]


class SubjectPerson(_Row):
    """A person with the number of works on a subject, first and last year."""

    id: str
    works: int
    leads: int
    first_year: int | None
    last_year: int | None


class BodyShown(_Row):
    """A body's name, kind and the codes of the regions it, or what it is part of, lies in."""

    id: str
    name: str
    kind: str
    regions: list[str]
