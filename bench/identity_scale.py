"""`python -m bench.identity_scale [--mentions N]`: a million mentions from nothing, then a batch of 1,000 works.

Works are made, not copied: people with names as frequent as Chinese names are (surnames and given characters by Zipf's
law, so that the most frequent name has hundreds of bearers), teams inside organisations, abstracts of a topic's words.
Every person is known, so precision and recall come out as well. The core only: no graph is written.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.report import finish, table
from ingest.people.clusters import Resolution, resolve_blocks
from ingest.people.evaluation import NOTHING, count_pairs
from ingest.people.mentions import MentionTable, MentionTableBuilder, Named, Work
from ingest.people.names import block_key
from ingest.people.statistics import count_background

# Drawn so that names collide as real ones do (identity.md: two names of two characters 1.5e-4, of three 1.1e-5; here
# 8.9e-4 and 1.4e-5): 117 surnames by Zipf's law, 200 given characters by the power .7, 15 % of names of two characters.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢姜崔钟谭陆范"
    "汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文庞樊兰殷施洪翟安颜倪"
)
_GIVEN = "".join(chr(code) for code in range(0x5B50, 0x5B50 + 200))
_GIVEN_WEIGHTS = [rank**-0.7 for rank in range(1, 201)]
_SURNAME_WEIGHTS = [1 / rank for rank in range(1, len(_SURNAMES) + 1)]
_TWO_CHARACTERS = 0.15
_AUTHORS = (1, 2, 3, 4, 5, 6, 7, 8)
_TEAM, _TEAMS_OF_A_BODY = 12, 15
_WORDS_OF_A_TOPIC, _WORDS_OF_A_TEXT = 60, 40


@dataclass
class World:
    """People by number: their names; teams of people in organisations, each with a topic."""

    names: list[str]
    teams: list[list[int]]
    topics: list[list[str]]


def make_world(people: int, seed: int) -> World:
    """Make people and teams; a tenth of the people belong to two teams."""
    rng = random.Random(seed)
    surnames = rng.choices(_SURNAMES, _SURNAME_WEIGHTS, k=people)
    given = rng.choices(_GIVEN, _GIVEN_WEIGHTS, k=2 * people)
    names = [
        surname + given[2 * number] + ("" if rng.random() < _TWO_CHARACTERS else given[2 * number + 1])
        for number, surname in enumerate(surnames)
    ]
    members = list(range(people)) + rng.sample(range(people), people // 10)
    rng.shuffle(members)
    teams = [members[start : start + _TEAM] for start in range(0, len(members), _TEAM)]
    characters = [chr(code) for code in range(0x4E00, 0x5600)]
    words = ["".join(rng.choice(characters) for _ in range(rng.randint(2, 4))) for _ in range(40_000)]
    topics = [rng.sample(words, _WORDS_OF_A_TOPIC) for _ in range(max(1, len(teams) // 10))]
    return World(names, teams, topics)


def works(world: World, count: int, seed: int, prefix: str) -> Iterator[tuple[Work, list[int]]]:
    """Give works with the number of the person behind each mention."""
    rng = random.Random(f"{seed}/{prefix}")
    common = world.topics[0]
    for number in range(count):
        # Some teams write far more than others: the first has about a hundred works of a million mentions' 217,000.
        team_number = int(len(world.teams) * rng.random() ** 1.3)
        team = world.teams[team_number]
        authors = rng.sample(team, min(len(team), rng.choice(_AUTHORS)))
        if rng.random() < 0.2:
            authors.append(rng.choice(world.teams[rng.randrange(len(world.teams))]))
        authors = list(dict.fromkeys(authors))
        body = f"大学{team_number // _TEAMS_OF_A_BODY}"
        topic = world.topics[team_number % len(world.topics)]
        text = " ".join(rng.choices(topic, k=_WORDS_OF_A_TEXT // 2) + rng.choices(common, k=_WORDS_OF_A_TEXT // 2))
        people = tuple(
            Named(f"{prefix}{number}#{place}", world.names[person], () if rng.random() < 0.3 else (body,), body)
            for place, person in enumerate(authors)
        )
        yield Work(f"{prefix}{number}", people, year=rng.randint(2005, 2024), text=text), authors


def peak_memory_gb() -> float:
    """Return the largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def quality(
    mentions: MentionTable, persons: np.ndarray[tuple[int], np.dtype[np.int64]], found: Resolution
) -> tuple[float, float]:
    """Return pooled precision and recall of the automatic part."""
    order = np.argsort(mentions.block, kind="stable")
    edges = np.flatnonzero(np.r_[True, np.diff(mentions.block[order]) != 0, True])
    total = NOTHING
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        rows = order[start:end]
        total += count_pairs(persons[rows].tolist(), found.component[rows].tolist())
    return total.pairwise.precision, total.pairwise.recall


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    count = round(options.mentions / 4.6)
    world = make_world(options.mentions // 6, options.seed)
    began = time.perf_counter()
    builder = MentionTableBuilder()
    persons: list[int] = []
    for work, authors in works(world, count, options.seed, "w"):
        builder.add(work)
        persons.extend(authors)
    mentions = builder.table()
    built = time.perf_counter()
    background = count_background(mentions)
    counted = time.perf_counter()
    found = resolve_blocks(mentions, background)
    resolved = time.perf_counter()
    touched: set[str] = set()
    for work, authors in works(world, options.batch, options.seed, "n"):
        builder.add(work)
        persons.extend(authors)
        touched.update(block_key(named.name) for named in work.people)
    grown = builder.table()
    again = resolve_blocks(grown, background, blocks=touched)
    added = time.perf_counter()
    precision, recall = quality(mentions, np.array(persons[: len(mentions)], dtype=np.int64), found)
    figures = {
        "mentions": len(mentions),
        "names": len(mentions.names),
        "largest_block": int(np.bincount(mentions.block).max()),
        "seconds_table": built - began,
        "seconds_background": counted - built,
        "seconds_resolve": resolved - counted,
        "seconds_scratch": resolved - began,
        "pairs": found.pairs_scored,
        "pairs_per_second": found.pairs_scored / (resolved - counted),
        "seconds_batch": added - resolved,
        "cpu_seconds": time.process_time(),
        "pairs_batch": again.pairs_scored,
        "groups": len(np.unique(found.component)),
        "questions_per_1000": 1000 * len(found.questions) / len(mentions),
        "flags": len(found.flags),
        "precision": precision,
        "recall": recall,
        "peak_gb": peak_memory_gb(),
    }
    table("identity at scale", ["figure", "value"], [[name, value] for name, value in figures.items()])
    finish(figures)


if __name__ == "__main__":
    main()
