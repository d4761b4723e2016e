"""`zhiku evaluate retrieval`: does the lookup find the right people?  Figures on known answers, against other rankings.

Nothing is written to the graph. Measures, intervals and tests are those of `queries.measures`. An answer is right when
it is a person that the label means (`queries.known_people`); a person whom the graph has twice counts once, where the
first record stands. A relevant person whom the graph does not know counts as not found, and is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database
from graph.errors import InputError
from graph.textindex import TextIndex
from ingest.judged_questions import JudgedQuestion
from ingest.kept_answers import KeptAnswers
from queries.baselines import BASELINES
from queries.experts import experts_for_topic
from queries.known_people import KnownPerson, known_people
from queries.measures import MEASURES, Comparison, compare, interval, measured
from queries.merges import current_people
from queries.posts import today
from queries.retrieval import LONGEST_QUESTION, MOST_ANSWERS, RANKING
from queries.selection import selected

Progress = Callable[[int, str], None]

# What differences are told of: the others follow from the per-question table.
_COMPARED: Final = ("hit@1", "hit@10", "MRR", "nDCG@10", "MAP")
_UNKNOWN_SHOWN: Final = 20
_BEST_SHOWN: Final = 10
_TEXT_SHOWN: Final = 120


class Told(BaseModel):
    """Base of what the command tells: frozen rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(Told):
    """The mean of a measure over all questions with its bootstrap 95 % interval."""

    measure: str
    mean: float
    low: float
    high: float


class VersionFigures(Told):
    """All measures of one version of the ranking."""

    version: str
    figures: tuple[Figure, ...]


class Difference(Told):
    """The version measured − another one in a measure, question by question; see `queries.measures.Comparison`."""

    against: str
    measure: str
    mean: float
    low: float
    high: float
    wins: int
    losses: int
    ties: int
    sign_p: float
    permutation_p: float


class QuestionRow(Told):
    """One question: how many are right, how many of them the graph knows, the measures of each version.

    `first` is the place of the first right person in the version measured (None: none among the answers); `best` are
    its first ten answers.
    """

    line: int
    id: str
    text: str
    relevant: int
    known: int
    first: int | None
    measures: dict[str, dict[str, float]]
    best: tuple[str, ...]


class Unknown(Told):
    """A relevant person whom the graph does not know."""

    line: int
    described: str


class RetrievalEvaluation(Told):
    """What `zhiku evaluate retrieval` tells; `version` is what was measured, at write `sequence` of the graph."""

    version: str
    sequence: int
    questions: int
    relevant: int
    unknown: int
    unknown_people: tuple[Unknown, ...]
    versions: tuple[VersionFigures, ...]
    differences: tuple[Difference, ...]
    rows: tuple[QuestionRow, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """The evaluation, and the answers it judged, to be kept for a later comparison."""

    evaluation: RetrievalEvaluation
    answers: KeptAnswers


def evaluate_retrieval(
    db: Database,
    index: TextIndex,
    questions: Sequence[JudgedQuestion],
    *,
    name: str = RANKING,
    baselines: Sequence[str] = (),
    earlier: Sequence[KeptAnswers] = (),
    progress: Progress = lambda _done, _phase: None,
) -> Answered:
    """Ask every question and judge the answers.

    `name` is what this version of the ranking is called. `baselines` are names of `queries.baselines.BASELINES`;
    `earlier` are kept answers of other versions, whose ids are followed to who they stand for now. Raises `InputError`
    for no question, an unknown baseline, two versions of one name, or earlier answers that lack a question;
    `StoreUnavailableError`.
    """
    _check(questions, name, baselines, earlier)
    described = [person for question in questions for person, _ in question.relevant]
    known = iter(known_people(db, index, people=described))
    wanted = [_Wanted(question, [next(known) for _ in question.relevant]) for question in questions]
    progress(0, "提问")
    answers: dict[str, dict[str, tuple[str, ...]]] = {each: {} for each in (name, *baselines)}
    for done, question in enumerate(questions, 1):
        answers[name][question.id] = _asked(db, index, question)
        # The same people and works as the question itself may have.
        allowed = selected(db, index, filters=question.filters, on=today()) if baselines else None
        for each in baselines:
            text = question.text[:LONGEST_QUESTION]
            answers[each][question.id] = tuple(BASELINES[each](index, text, allowed))
        progress(done, "提问")
    for kept in earlier:
        now = current_people(db, people=(id for question in questions for id in kept.answers[question.id]))
        answers[kept.version] = {
            question.id: tuple(now.get(id, id) for id in kept.answers[question.id]) for question in questions
        }
    evaluation = _evaluation(name, index.sequence, wanted, answers)
    return Answered(evaluation, KeptAnswers(name, index.sequence, answers[name]))


def _check(
    questions: Sequence[JudgedQuestion], name: str, baselines: Sequence[str], earlier: Sequence[KeptAnswers]
) -> None:
    if not questions:
        raise InputError("没有问题可以检验")
    if unknown := [each for each in baselines if each not in BASELINES]:
        raise InputError(f"没有这个对照：{unknown[0]}", hint=f"可用 {'、'.join(BASELINES)}，或以前保存的答案文件")
    names = [name, *baselines, *(kept.version for kept in earlier)]
    if repeated := [each for each in names if names.count(each) > 1]:
        raise InputError(f"两个版本同名：{repeated[0]}", hint="用 --name 给这一次起另一个名字，或去掉重复的 --against")
    for kept in earlier:
        if missing := [question.id for question in questions if question.id not in kept.answers]:
            raise InputError(
                f"以前的答案（{kept.version}）里没有问题 {missing[0]} 的答案，共缺 {len(missing)} 个",
                hint="只能与回答过同一批问题的答案比较",
            )


def _asked(db: Database, index: TextIndex, question: JudgedQuestion) -> tuple[str, ...]:
    answer = experts_for_topic(db, index, text=question.text, limit=MOST_ANSWERS, evidence=0, filters=question.filters)
    return tuple(expert.id for expert in answer.experts)


# --- judging, pure ----------------------------------------------------------------------------------------------------


class _Wanted:
    """Who is right for one question: which ids stand for which label, and the grades of the labels."""

    def __init__(self, question: JudgedQuestion, known: Sequence[KnownPerson]) -> None:
        self.question = question
        self.known = known
        self.grades: dict[str, float] = {}
        self._label_of: dict[str, str] = {}
        for number, ((_, grade), found) in enumerate(zip(question.relevant, known, strict=True)):
            free = [id for id in found.people if id not in self._label_of]
            if found.people and not free:
                # Two labels of one person: one right answer, with the better grade.
                label = self._label_of[found.people[0]]
                self.grades[label] = max(self.grades[label], grade)
                continue
            label = f"#{number}"
            self.grades[label] = grade
            self._label_of |= dict.fromkeys(free, label)

    def labelled(self, people: Iterable[str]) -> list[str]:
        """Ids as labels where they are right; others stay themselves (no id begins with "#")."""
        return [self._label_of.get(id, id) for id in people]


def _evaluation(
    name: str, sequence: int, wanted: Sequence[_Wanted], answers: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> RetrievalEvaluation:
    judged = {
        version: [measured(each.labelled(given[each.question.id]), each.grades) for each in wanted]
        for version, given in answers.items()
    }
    unknown = [
        Unknown(line=each.question.line, described=found.described)
        for each in wanted
        for found in each.known
        if not found.people
    ]
    return RetrievalEvaluation(
        version=name,
        sequence=sequence,
        questions=len(wanted),
        relevant=sum(len(each.known) for each in wanted),
        unknown=len(unknown),
        unknown_people=tuple(unknown[:_UNKNOWN_SHOWN]),
        versions=tuple(VersionFigures(version=version, figures=_figures(rows)) for version, rows in judged.items()),
        differences=tuple(
            _difference(version, measure, judged[name], rows)
            for version, rows in judged.items()
            if version != name
            for measure in _COMPARED
        ),
        rows=tuple(
            _row(each, {version: rows[place] for version, rows in judged.items()}, answers[name][each.question.id])
            for place, each in enumerate(wanted)
        ),
    )


def _figures(rows: Sequence[Mapping[str, float]]) -> tuple[Figure, ...]:
    found = {measure: interval([row[measure] for row in rows]) for measure in MEASURES}
    return tuple(Figure(measure=name, mean=each.mean, low=each.low, high=each.high) for name, each in found.items())


def _difference(
    against: str, measure: str, ours: Sequence[Mapping[str, float]], theirs: Sequence[Mapping[str, float]]
) -> Difference:
    found: Comparison = compare([row[measure] for row in ours], [row[measure] for row in theirs])
    return Difference(
        against=against,
        measure=measure,
        mean=found.difference.mean,
        low=found.difference.low,
        high=found.difference.high,
        wins=found.wins,
        losses=found.losses,
        ties=found.ties,
        sign_p=found.sign_p,
        permutation_p=found.permutation_p,
    )


def _row(wanted: _Wanted, measures: dict[str, dict[str, float]], people: Sequence[str]) -> QuestionRow:
    question = wanted.question
    places = [place for place, each in enumerate(wanted.labelled(people), 1) if each in wanted.grades]
    return QuestionRow(
        line=question.line,
        id=question.id,
        text=question.text[:_TEXT_SHOWN],
        relevant=len(wanted.grades),
        known=sum(bool(found.people) for found in wanted.known),
        first=places[0] if places else None,
        measures=measures,
        best=tuple(people[:_BEST_SHOWN]),
    )
