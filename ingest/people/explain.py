"""Why are two mentions taken for one person, or not? Every part of the score as a Chinese sentence with its points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.people.constraints import EXCLUSIVE
from ingest.people.mentions import Lists, MentionTable
from ingest.people.pairs import PairSet
from ingest.people.scoring import ALIKE, DIFFERENT, ELSEWHERE, MISSING, PARTS, SAME, Scorer
from ingest.people.statistics import Background
from ingest.people.weights import DEFAULT, Weights

_LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the score: its name (of `scoring.PARTS`), its points, and what it means in words."""

    name: str
    points: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two mentions compared: the parts (their points add up to `score`) and hard signs, which outrank the score."""

    left: str
    right: str
    score: float
    parts: tuple[Part, ...]
    hard: tuple[str, ...]


class Explainer:
    """Explains pairs of one table against one background."""

    def __init__(
        self,
        table: MentionTable,
        background: Background,
        weights: Weights = DEFAULT,
        *,
        organisation_name: Callable[[str], str] = str,
        unnamed: frozenset[str] = frozenset(),
        unnamed_bodies: frozenset[str] = frozenset(),
        unquoted: frozenset[str] = frozenset(),
    ) -> None:
        """`organisation_name` gives the name to show for a key of the table's `organisations` (the key itself).

        Shared co-authors whose block key is in `unnamed`, and organisations whose key is in `unnamed_bodies`, are
        counted and never named; of the mentions `unquoted` the affiliation is not told as written.
        """
        self._table, self._scorer = table, Scorer(table, background, weights)
        self._background, self._organisation_name, self._unnamed = background, organisation_name, unnamed
        self._unnamed_bodies, self._unquoted = unnamed_bodies, unquoted

    def compare(self, left: int, right: int) -> Comparison:
        """Compare two rows of the table; their names need not be equal (a question about Han and pinyin)."""
        one = np.zeros(1, dtype=np.int64)
        low, high = sorted((left, right), key=lambda row: int(self._table.rank[row]))
        scores = self._scorer.score(PairSet.across(np.array([low]), one, np.array([high]), one))
        facts = _Facts(
            self._table,
            self._background,
            low,
            high,
            int(scores.organisation[0]),
            self._organisation_name,
            self._unnamed,
            self._unnamed_bodies,
            self._unquoted,
        )
        parts = tuple(
            Part(name, float(points), _SENTENCES[name](facts))
            for name, points in zip(PARTS, scores.parts[0], strict=True)
            if points or name == "start"
        )
        return Comparison(self._table.ids[low], self._table.ids[high], float(scores.total[0]), parts, facts.hard())


def explain(parts: Sequence[Part]) -> list[str]:
    """Return the sentences, each with its points: "有 2 位共同合作者：张三、李四（+6.0）"."""
    return [f"{part.sentence}（{part.points:+.1f}）" for part in parts]


@dataclass(frozen=True)
class _Facts:
    table: MentionTable
    background: Background
    left: int
    right: int
    state: int
    organisation_name: Callable[[str], str]
    unnamed: frozenset[str]
    unnamed_bodies: frozenset[str]
    unquoted: frozenset[str]

    @property
    def works(self) -> tuple[int, int]:
        return int(self.table.work[self.left]), int(self.table.work[self.right])

    def shared(self) -> list[str]:
        """Names of the shared co-authors."""
        one, other = (set(_codes(self.table.work_people, work)) for work in self.works)
        own = {int(self.table.block[self.left]), int(self.table.block[self.right])}
        return sorted(self.table.names[code] for code in (one & other) - own)

    def organisations(self, row: int) -> str:
        """Affiliation as written, else the roots: "“甲大学；乙研究所”"."""
        written = self.table.affiliations[int(self.table.affiliation[row])]
        codes = _codes(self.table.mention_orgs, row)
        if self.table.ids[row] in self.unquoted or any(self._hides(code) for code in codes):
            return f"{max(1, len(codes))} 个单位"
        return f"“{written or '；'.join(self.shown(codes))}”"

    def shown(self, codes: Iterable[int]) -> list[str]:
        """Names of organisations, without those that are not told."""
        named = (code for code in codes if not self._hides(code))
        return sorted(self.organisation_name(self.table.organisations[code]) for code in named)

    def _hides(self, code: int) -> bool:
        return self.table.organisations[code] in self.unnamed_bodies

    def years(self) -> list[int]:
        return [int(self.table.work_year[work]) for work in self.works]

    def hard(self) -> tuple[str, ...]:
        """Signs that decide whatever the score."""
        table = self.table
        found: list[str] = []
        if self.works[0] == self.works[1]:
            found.append("署名在同一成果上，不是同一人")
        one, other = (
            {table.identifiers[code] for code in _codes(table.strong, row)} for row in (self.left, self.right)
        )
        if common := sorted(one & other):
            found.append(f"编号相同：{'、'.join(_shown(item) for item in common)}")
        kinds = [{item.rpartition(":")[0]: item for item in items} for items in (one, other)]
        for kind in sorted(EXCLUSIVE & kinds[0].keys() & kinds[1].keys()):
            if kinds[0][kind] != kinds[1][kind] and not common:
                found.append(f"{kind.upper()} 不同，不是同一人")
        return tuple(found)


def _codes(lists: Lists, row: int) -> list[int]:
    return [int(code) for code in lists.of(row).tolist()]


def _shown(identifier: str) -> str:
    """E-mail addresses are kept as digests, which tell nobody anything."""
    return "邮箱" if identifier.startswith("mail:") else identifier


def _name(facts: _Facts) -> str:
    name = facts.table.names[int(facts.table.block[facts.left])]
    count = round(float(facts.background.names.of([name])[0]))
    return f"“{name}”是常见姓名（库中约 {count} 项成果）"


def _coauthors(facts: _Facts) -> str:
    names = facts.shared()
    listed = [name for name in names if name not in facts.unnamed][:_LISTED]
    more = " 等" if len(names) > len(listed) else ""
    return f"有 {len(names)} 位共同合作者" + (f"：{'、'.join(listed)}{more}" if listed else "")


def _rarity(facts: _Facts) -> str:
    count = facts.background.names.of(facts.shared())
    return f"共同合作者平均出现在 {float(np.exp(np.log(count).mean())):.0f} 项成果上"


def _share(facts: _Facts) -> str:
    sizes = [max(0, len(facts.table.work_people.of(work)) - 1) for work in facts.works]
    return f"两项成果各有 {sizes[0]} 位和 {sizes[1]} 位合作者，其中 {len(facts.shared())} 位相同"


def _organisation(facts: _Facts) -> str:
    one, other = (facts.organisations(row) for row in (facts.left, facts.right))
    if facts.state == SAME:
        roots = facts.table.mention_orgs
        both = set(_codes(roots, facts.left)) & set(_codes(roots, facts.right))
        listed = facts.shown(both)
        if len(listed) < len(both):
            return f"有 {len(both)} 个单位相同" + (f"：{'、'.join(listed)} 等" if listed else "")
        return f"单位相同：{'、'.join(listed)}"
    sentences = {
        ALIKE: f"单位写法相近：{one}与{other}",
        ELSEWHERE: "一方的单位出现在另一成果的其他作者名下",
        DIFFERENT: f"单位不同：{one}与{other}",
        MISSING: "至少一方没有写单位",
    }
    return sentences[facts.state]


def _years(facts: _Facts) -> str:
    first, second = facts.years()
    return f"年份相近（{first} 与 {second}）" if abs(first - second) < 5 else f"年份相隔 {abs(first - second)} 年"


def _venue(facts: _Facts) -> str:
    return f"发表在同一处：{facts.table.venues[int(facts.table.work_venue[facts.works[0]])]}"


_SENTENCES: Final[dict[str, Callable[[_Facts], str]]] = {
    "start": lambda _: "同名的两处署名，未看其他线索时",
    "name": _name,
    "coauthors": _coauthors,
    "coauthor_rarity": _rarity,
    "coauthor_share": _share,
    "circle": lambda _: "共同合作者与相同的单位是同一个圈子，不重复计算",
    "no_coauthor": lambda _: "双方各有三位以上合作者，却没有一位相同",
    "organisation": _organisation,
    "all_organisations": lambda _: "两项成果的全部单位有重合",
    "topic": lambda _: "研究主题相近",
    "words": lambda _: "题名、关键词和摘要用词相近",
    "venue": _venue,
    "years": _years,
    "record": lambda _: (
        "没有合作者可比（名册、荣誉，或只写负责人的课题），姓名和单位相同，按该单位可能有的同名人数折算"
    ),
    "cap": lambda _: "没有共同合作者，分数封顶",
}
