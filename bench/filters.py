"""How long do the filters on people take?  `python -m bench.filters [people] [works]`: best of five, in milliseconds.

The index is made straight from generated documents (a folder that is removed afterwards), without a graph: 5,000
bodies, two posts and a membership for each person, three people for each work.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sized
from pathlib import Path
from time import perf_counter
from typing import Final

from cli.output import say
from graph.documents import Change, OrganisationDocument, PersonDocument, Tie, WorkDocument
from graph.encoders import NONE, made
from graph.index_folder import Generation, Marker
from graph.index_snapshot import Snapshot

_BODIES: Final = 5_000
_WORDS: Final = [chr(0x4E00 + a) + chr(0x4E00 + b) for a in range(70) for b in range(70)]
_DAY: Final = 20260601


def documents(people: int, works: int, dice: random.Random) -> Iterator[Change]:
    """Generate bodies (a tenth with departments below), people and works."""
    for n in range(_BODIES):
        top = n < _BODIES // 10
        yield Change(
            _id("O", n),
            OrganisationDocument(
                _id("O", n),
                (f"机构{n}",),
                "university" if top else "department",
                n % 50 == 7,
                True,
                (f"{dice.choice((11, 13, 32, 44, 51))}01",) if top else (),
                () if top else (_id("O", n % (_BODIES // 10)),),
                "province" if top else "",
            ),
        )
    for n in range(people):
        yield Change(_id("P", n), _person(n, dice))
    for n in range(works):
        authors = tuple(_id("P", min(people - 1, int(dice.random() ** 2 * people))) for _ in range(3))
        words = " ".join(_WORDS[int(dice.paretovariate(0.5)) % len(_WORDS)] for _ in range(40))
        kind = dice.choice(["paper", "patent", "report"])
        year = 2000 + dice.randrange(26)
        yield Change(_id("W", n), WorkDocument(_id("W", n), "output", year, True, 40, authors, (), words, kind))


def _person(n: int, dice: random.Random) -> PersonDocument:
    posts = tuple(Tie("post", _id("O", dice.randrange(_BODIES)), "2015-01-01", "", "教授") for _ in range(2))
    member = Tie("membership", _id("O", dice.randrange(100) * 50 + 7), "", "", dice.choice(["理事", "会员"]))
    return PersonDocument(
        _id("P", n),
        (f"张伟{n % 1000}",),
        True,
        dice.choice(["教授", "副教授", "研究员"]),
        (*posts, member),
        (),
        (f"gbt13745:{dice.randrange(3000)}",),
        "土壤 壤学",
        dice.choice(["", "leading", "backbone", "young"]),
        dice.choice(["researcher", "engineer"]),
        "admitted",
        f"202{dice.randrange(6)}-01-01",
        "2020-01-01",
        dice.random() < 0.5,
        (f"方向{dice.randrange(20_000)}",),
    )


def _id(prefix: str, number: int) -> str:
    return f"{prefix}{number:026d}"


def timed(name: str, question: Callable[[], Sized], times: int = 5) -> None:
    """Print the best time of a question and the size of its answer."""
    best = float("inf")
    size = 0
    for _ in range(times):
        begun = perf_counter()
        size = len(question())
        best = min(best, perf_counter() - begun)
    say(f"{name:<44} {best * 1000:9.2f} ms  {size:>8}")


def main(people: int, works: int) -> None:
    """Build, then ask."""
    with tempfile.TemporaryDirectory() as folder:
        generation = Generation.create(Path(folder) / "g", made(NONE, (), Path(folder)))
        generation.write(documents(people, works, random.Random(1)), Marker("bench", 1, ""), fresh=True)
        first = Snapshot(generation)
        timed("columns read for the first time", lambda: first.people, 1)
        generation.write([Change(_id("P", 5), _person(5, random.Random(2)))], Marker("bench", 2, ""))
        snapshot = first.followed_by()
        timed("columns after one changed person", lambda: snapshot.people, 1)
        _filters(snapshot)
        _works(snapshot)


def _filters(snapshot: Snapshot) -> None:
    everybody = snapshot.people
    bodies = everybody.bodies
    filters = {
        "region": lambda: everybody.tied(bodies.within("13"), _DAY),
        "organisation": lambda: everybody.tied(bodies.below({_id("O", 3)}), _DAY),
        "society and role": lambda: everybody.tied(
            bodies.below({_id("O", 7)}), _DAY, kinds=("post", "membership"), role="理事"
        ),
        "title": lambda: everybody.of("title", ["教授"]),
        "verified since": lambda: everybody.verified_on >= 20240101,
        "500 topics": lambda: everybody.in_topics([f"gbt13745:{n}" for n in range(500)]),
        "500 declared fields": lambda: everybody.declaring([f"方向{n}" for n in range(500)]),
        "10,000 ids": lambda: everybody.of_ids(everybody.ids[:10_000]),
    }
    for name, mask in filters.items():
        timed(f"filter: {name}", lambda mask=mask: everybody.ids_of(mask()))


def _works(snapshot: Snapshot) -> None:
    everybody = snapshot.people
    timed(
        "who has a work until 2023, first time",
        lambda: snapshot.people_with_works(types=None, since_year=None, until_year=2023),
        1,
    )
    for name, words in (("keyword", _WORDS[:3] + _WORDS[100:103]), ("paragraph", _WORDS[::40])):
        terms = dict.fromkeys(words, 1.0)
        timed(f"{name}: 500 works", lambda terms=terms: snapshot.search_works(terms, limit=500))
        timed(f"{name}: 4,000 works (facets)", lambda terms=terms: snapshot.search_works(terms, limit=4_000))
        for size in (1_000, 10_000, 30_000, 60_000):
            chosen = frozenset(everybody.ids[:size])
            timed(
                f"{name}: 500 works of {len(chosen)} people",
                lambda terms=terms, chosen=chosen: snapshot.search_works(terms, limit=500, people=chosen),
            )


if __name__ == "__main__":
    main(*(int(each) for each in [*sys.argv[1:], "100000", "300000"][:2]))
