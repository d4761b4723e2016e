"""How the vocabulary of the fictional sample is built: disciplines, topics, and words that fit into the same places.

The grammar in `text.py` relies on what the fields promise; every phrase is ours, none is taken from a publication.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A research topic; `local` if its objects may follow a place name.

    `objects`: what is studied; `aims`: what is done with it (an action noun after the
    object); `factors`: what acts on it; `responses`: a property of the object that changes.
    """

    code: str
    name: str
    objects: tuple[str, ...]
    aims: tuple[str, ...]
    factors: tuple[str, ...]
    responses: tuple[str, ...]
    local: bool = True


@dataclass(frozen=True, slots=True)
class Discipline:
    """A discipline with what its papers have in common.

    `places`: places its objects may lie in ("" for sciences without place); `gains` and `cuts`: measures that rise and
    fall with success; `sites` and `data`: "12 个" + site + "的" + data.
    """

    code: str
    name: str
    places: tuple[str, ...]
    methods: tuple[str, ...]
    goals: tuple[str, ...]
    sites: tuple[str, ...]
    data: tuple[str, ...]
    venues: tuple[str, ...]
    topics: tuple[Topic, ...]


TopicWords = tuple[str, str, str, str, str]
"""Name ("~" before it: not local), objects, aims, factors, responses; each list in one string, parted by spaces."""


def discipline(
    code: str,
    name: str,
    *topics: TopicWords,
    places: str,
    methods: str,
    goals: str,
    sites: str,
    data: str,
    venues: str,
) -> Discipline:
    """Return a discipline from words parted by spaces; the topics are numbered in order."""
    return Discipline(
        code=code,
        name=name,
        places=tuple(places.split()),
        methods=tuple(methods.split()),
        goals=tuple(goals.split()),
        sites=tuple(sites.split()),
        data=tuple(data.split()),
        venues=tuple(venues.split()),
        topics=tuple(_topic(f"{code}{number:02d}", words) for number, words in enumerate(topics, 1)),
    )


def _topic(code: str, words: TopicWords) -> Topic:
    name, objects, aims, factors, responses = words
    return Topic(
        code,
        name.removeprefix("~"),
        tuple(objects.split()),
        tuple(aims.split()),
        tuple(factors.split()),
        tuple(responses.split()),
        local=not name.startswith("~"),
    )
