"""`python -m bench.questions`: are the people judged by eye still found?  Questions in Chinese over the real corpora.

The store is that of ZHIKU_HOME after `make corpora`. The questions, with what was judged of their first ten experts,
are in `tests/corpora/questions.toml`. A person of the set is met by name and by a post or membership whose organisation
holds the one written there (or is held by it); people without any are met by name alone.

`must_share`: of the people who must be within ten, how many are. `unwanted`: people shown who must not be. `mended`: of
those who should have been within ten on the day of judging and were not (`missing`), how many are now.
`judged_share`: of the first ten shown, how many were judged before (the rest is new and wants an eye). `precision`:
mean over the questions of (fits + half of partly) over the judged ones shown; `precision_when_judged`: the same on the
day of judging, over all ten. Questions whose honest answer is "nobody here" are in none of the means; `nobody_shown`
counts the people they still show.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bench.report import finish, table
from graph.database import Query
from graph.store import Store, open_store
from graph.text import fold, name_key
from graph.textindex import TextIndex
from queries.answers import ExpertsAnswer, FoundExpert
from queries.experts import experts_for_topic
from queries.filters import ExpertFilters

QUESTIONS: Final = Path(__file__).resolve().parents[1] / "tests" / "corpora" / "questions.toml"
SHOWN: Final = 10
_SEPARATOR: Final = "｜"
# The sources whose works answer the questions (`bench.corpora`).
CORPORA: Final = ("works:chinaxiv_zh", "projects:nssfc", "projects:nsfc_mgmt", "works:acl_anthology")


class Named(NamedTuple):
    """A person of the set: the name, and a part of an organisation's name ("" = met by name alone)."""

    name: str
    organisation: str


def _named(value: object) -> object:
    """Read 姓名｜单位."""
    if not isinstance(value, str):
        return value
    name, _, organisation = value.partition(_SEPARATOR)
    return Named(name.strip(), organisation.strip())


_Person = Annotated[Named, BeforeValidator(_named)]


class Judged(BaseModel):
    """One question with what was judged of its first ten experts.

    `must` (a part of `fits`) have to be within ten; `never` (a part of `does_not`) must not be; `missing` should be and
    were not. `nobody`: the corpora hold nobody who knows this. `precision`: of the day of judging, (fits + half of
    partly) over all shown, to two digits; 0 when nobody was shown. `organisations_note`: on the organisations found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    text: str
    day: date
    note: str
    precision: float
    organisations_note: str = ""
    filters: ExpertFilters | None = None
    discipline: str | None = None
    must: tuple[_Person, ...] = ()
    never: tuple[_Person, ...] = ()
    missing: tuple[_Person, ...] = ()
    fits: tuple[_Person, ...] = ()
    partly: tuple[_Person, ...] = ()
    does_not: tuple[_Person, ...] = ()
    nobody: bool = False


class Found(NamedTuple):
    """What one question gives today."""

    must: int
    unwanted: int
    mended: int
    shown: int
    judged: int
    precision: float | None
    milliseconds: float


class SourceRow(BaseModel):
    """A source of the store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str


_SOURCES: Final = Query(
    "bench_sources",
    """
UNWIND $sources AS id
MATCH (s:Source {id: id})
RETURN s.id AS id
""",
    SourceRow,
)


def read_questions(path: Path = QUESTIONS) -> list[Judged]:
    """Return the set in the order of its file."""
    with path.open("rb") as file:
        return [Judged.model_validate(row) for row in tomllib.load(file)["question"]]


def is_the_person(expert: FoundExpert, wanted: Named) -> bool:
    """Is the expert shown the one of the set?  One organisation's name holds the other, spelling normalised."""
    if name_key(expert.name) != name_key(wanted.name):
        return False
    ours, theirs = fold(wanted.organisation), [fold(post.name) for post in (*expert.posts, *expert.memberships)]
    return not ours or any(ours in each or each in ours for each in theirs if each)


def compared(question: Judged, answer: ExpertsAnswer, milliseconds: float) -> Found:
    """Compare the first ten with what was judged."""

    def met(people: Sequence[Named]) -> int:
        return sum(any(is_the_person(expert, one) for expert in answer.experts) for one in people)

    def shown(people: Sequence[Named]) -> int:
        return sum(any(is_the_person(expert, one) for one in people) for expert in answer.experts)

    fits, partly, does_not = shown(question.fits), shown(question.partly), shown(question.does_not)
    judged = fits + partly + does_not
    precision = (fits + partly / 2) / judged if judged else None
    return Found(
        must=met(question.must),
        unwanted=shown(question.never),
        mended=met(question.missing),
        shown=len(answer.experts),
        judged=judged,
        precision=precision,
        milliseconds=milliseconds,
    )


def ask(store: Store, index: TextIndex, question: Judged, rounds: int) -> Found:
    """Ask the question, once to warm up and `rounds` times to measure."""
    answer = _asked(store, index, question)
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        answer = _asked(store, index, question)
        taken.append((time.perf_counter() - began) * 1000)
    return compared(question, answer, statistics.median(taken))


def _asked(store: Store, index: TextIndex, question: Judged) -> ExpertsAnswer:
    return experts_for_topic(
        store.database,
        index,
        text=question.text,
        limit=SHOWN,
        filters=question.filters,
        discipline=question.discipline,
    )


def figures(questions: Sequence[Judged], found: Sequence[Found]) -> dict[str, object]:
    """Return what the last line holds."""
    pairs = list(zip(questions, found, strict=True))
    means = [(question, each) for question, each in pairs if not question.nobody]
    wanted = sum(len(question.must) for question in questions)
    shown = sum(each.shown for _, each in means)
    return {
        "questions": len(questions),
        "must": wanted,
        "must_share": sum(each.must for each in found) / max(wanted, 1),
        "unwanted": sum(each.unwanted for each in found),
        "missing": sum(len(question.missing) for question in questions),
        "mended": sum(each.mended for each in found),
        "judged_share": sum(each.judged for _, each in means) / max(shown, 1),
        "precision": statistics.fmean([each.precision or 0.0 for _, each in means]),
        "precision_when_judged": statistics.fmean([question.precision for question, _ in means]),
        "nobody_shown": sum(each.shown for question, each in pairs if question.nobody),
        "p50_ms": statistics.median(each.milliseconds for each in found),
    }


def main() -> int:
    """Ask all, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds 至少为 1")
    questions = read_questions()
    with open_store() as store:
        there = {row.id for row in store.database.read(_SOURCES, sources=CORPORA)}
        if missing := [name for name in CORPORA if name not in there]:
            sys.stderr.write(
                f"这个数据目录里没有语料 {'、'.join(missing)}：先运行 make corpora（ZHIKU_HOME 指明目录）\n"
            )
            finish({"questions": 0})
            return 0
        index = TextIndex.open(store)
        found = [ask(store, index, question, options.rounds) for question in questions]
    table(
        "questions",
        ["question", "must", "never", "mended", "judged", "precision", "then", "ms"],
        [_row(question, each) for question, each in zip(questions, found, strict=True)],
    )
    finish(figures(questions, found))
    return 0


def _row(question: Judged, each: Found) -> list[object]:
    return [
        question.id,
        f"{each.must}/{len(question.must)}",
        each.unwanted,
        f"{each.mended}/{len(question.missing)}",
        f"{each.judged}/{each.shown}",
        "" if each.precision is None else each.precision,
        "–" if question.nobody else question.precision,
        each.milliseconds,
    ]


if __name__ == "__main__":
    sys.exit(main())
