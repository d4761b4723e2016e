"""How was a question understood?  Its words, people and bodies named in it, two fields, slips, what else to ask for.

Nothing of it changes the answer silently: a slip is a suggestion, an expansion counts when it is switched on, a body
named is offered as a filter. Only traditional characters are always asked in simplified ones, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from graph.database import Database
from graph.text import HAN, fold, name_key, tokens
from graph.textindex import NameHit, TextIndex
from graph.vocabulary import Vocabulary
from graph.vocabulary_keeping import vocabulary_of
from queries.answers import ExpertsAnswer
from queries.bridging import two_fields
from queries.expansion import proposed_expansions, simplified
from queries.networks import PEOPLE_SHOWN, PersonCard
from queries.posts import posts_and_memberships, today
from queries.retrieval import asked
from queries.understood import NamedOrganisation, NamedPerson, Understanding
from queries.words import question_words

# Above this a question is a text: people, bodies and topics stand in it in passing.
LONGEST_ASKED: Final = 200
PEOPLE_SHOWN_AT_MOST: Final = 8
BODIES_SHOWN: Final = 5
SUGGESTIONS_SHOWN: Final = 3
# A part that one of the best works holds whole is no slip.
_WORKS_LOOKED_AT: Final = 20
_LONGEST_SLIP: Final = 24
_MOST_PARTS: Final = 20
# A name that is also a keyword of so many works ("高山", "白云") is meant as a word unless a person is asked for.
_A_WORD: Final = 2
_SOUNDS_ALIKE: Final = 3.0
_NAME_HITS: Final = 200

_SEPARATORS: Final = re.compile(r"[\s\x00-\x1f\u202a-\u202e,，;；、/／|｜。？?！!“”\"()（）《》×＋+&＆]+")
_BEFORE: Final = re.compile(
    "^(?:请问|请|帮我)?(?:查询|查找|查一下|查|找一下|找|搜索|搜|谁是|认识|介绍一下|介绍|推荐|关于)?"
)
_AFTER: Final = re.compile(
    "(?:老师|教授|副教授|研究员|院士|博士|主任|先生|女士|同志)?(?:到底|现在|主要|以前)?"
    "(?:是做什么的|做什么的|是干什么的|干什么的|做什么|研究什么的|研究什么|是研究什么的|是谁|是哪里的|是哪个单位的|在哪工作|在哪里工作|在哪里|在哪|"
    "的?(?:研究方向|研究领域|简介|简历|介绍|成果|论文|项目|课题|合作者|单位|专长|领域|情况|主页))?$"
)
_HAN_NAME: Final = re.compile(f"[{HAN}]{{2,4}}|[{HAN}]+(?:·[{HAN}]+)+")
# What names of bodies end with: every substring of a question that does is looked up.
_BODY_ENDS: Final = re.compile(
    "大学|学院|学校|研究所|研究院|科学院|工程院|学会|协会|联合会|科协|公司|集团|中心|医院|实验室|工作站|基地|智库|委员会|出版社|图书馆|博物馆|局|厅|部|院|所|会|校"
)
_LONGEST_BODY: Final = 30


def understanding(db: Database, index: TextIndex, *, text: str, expand: Collection[str] = ()) -> Understanding:
    """How is this question understood: words, people, organisations, fields, slips, and terms to widen it by?

    `text` is any text; people, bodies, fields, slips and expansions are looked for in questions of up to 200
    characters only. `expand` are the proposed terms that are switched on. Raises `StoreUnavailableError`.
    """
    question = asked(text)
    vocabulary = vocabulary_of(db, index)
    plain = simplified(question.text[:LONGEST_ASKED])
    short = 0 < len(question.text) <= LONGEST_ASKED
    written = plain if short else question.text
    people: tuple[NamedPerson, ...] = ()
    total = 0
    if short:
        people, total = _people(db, index, vocabulary, written)
    bodies = tuple(_organisations(index, written)) if short else ()
    names = {each.asked for each in (*people, *bodies)}
    return Understanding(
        words=question_words(written, vocabulary, names),
        simplified=plain if short and plain != question.text else "",
        did_you_mean=did_you_mean(index, vocabulary, question.text) if short else (),
        people=people,
        people_total=total,
        organisations=bodies,
        fields=(two_fields(written, vocabulary) or ()) if short else (),
        expansions=proposed_expansions(db, vocabulary, text=written, applied=expand) if short else (),
        sequence=index.sequence,
    )


# --- people ----------------------------------------------------------------------------------------------------------


def names_asked(text: str) -> dict[str, tuple[str, bool]]:
    """Which parts of a question could be a person's name?  Key → (as written, whether it asks for a person)."""
    found: dict[str, tuple[str, bool]] = {}
    for part in _SEPARATORS.split(text)[:_MOST_PARTS]:
        bare = _AFTER.sub("", _BEFORE.sub("", part, count=1), count=1)
        for written, stated in ((part, False), (bare, True)):
            if written and _HAN_NAME.fullmatch(written):
                found.setdefault(name_key(written), (written, stated))
    # "张三 做什么": the question around a name stands apart from it.
    whole = _AFTER.sub("", _BEFORE.sub("", "".join(_SEPARATORS.split(text)), count=1), count=1)
    if _HAN_NAME.fullmatch(whole):
        found[name_key(whole)] = (whole, True)
    return {key: each for key, each in found.items() if key}


def _people(db: Database, index: TextIndex, vocabulary: Vocabulary, text: str) -> tuple[tuple[NamedPerson, ...], int]:
    candidates = names_asked(text)
    hits: list[tuple[str, NameHit]] = []
    for key, hit in index.people_called(candidates, _NAME_HITS):
        written, stated = candidates[key]
        known = vocabulary.find(written)
        if stated or known is None or (known.works < _A_WORD and not known.topic):
            hits.append((written, hit))
    if not candidates and text.isascii():
        # "zhangsan", "Zhang San": the sound of a name, or a Latin one.
        found = index.find_people(text, _NAME_HITS) if len(text) <= 40 else []
        hits = [(text, hit) for hit in found if hit.score >= _SOUNDS_ALIKE]
    distinct = {hit.id: (written, hit) for written, hit in hits}
    shown = list(distinct.values())[:PEOPLE_SHOWN_AT_MOST]
    cards = {card.id: card for card in db.read(PEOPLE_SHOWN, people=[hit.id for _, hit in shown])} if shown else {}
    people = [_person(written, cards[hit.id]) for written, hit in shown if hit.id in cards]
    return tuple(people), len(distinct)


def _person(written: str, card: PersonCard) -> NamedPerson:
    posts, _ = posts_and_memberships(card.affiliations, today())
    return NamedPerson(
        asked=written,
        id=card.id,
        name=card.name,
        organisation=next((post.name for post in posts if post.standing != "former"), ""),
        professional_title=card.professional_title,
    )


# --- bodies ----------------------------------------------------------------------------------------------------------


def bodies_asked(text: str) -> dict[str, list[tuple[int, int]]]:
    """Which parts of a question could name a body?  Key → places: whole parts, and all that ends like a body's name."""
    places: dict[str, list[tuple[int, int]]] = {}

    def add(start: int, end: int) -> None:
        key = fold(text[start:end])
        if len(key) > 1 and (start, end) not in places.setdefault(key, []):
            places[key].append((start, end))

    start = 0
    for separator in [*_SEPARATORS.finditer(text), None]:
        end = len(text) if separator is None else separator.start()
        add(start, end)
        for ending in _BODY_ENDS.finditer(text, start, end):
            for begin in range(max(start, ending.end() - _LONGEST_BODY), ending.start()):
                add(begin, ending.end())
        start = end if separator is None else separator.end()
    if " " in text:
        add(0, len(text))
    return places


def _organisations(index: TextIndex, text: str) -> Iterable[NamedOrganisation]:
    places = bodies_asked(text)
    known = index.organisations_called(places)
    standing = [(start, end, hit) for key, hit in known for start, end in places[key]]
    taken: set[int] = set()
    shown = 0
    for start, end in sorted({each[:2] for each in standing}, key=lambda each: (each[0] - each[1], each[0])):
        if not taken.isdisjoint(range(start, end)):
            continue
        taken.update(range(start, end))
        for hit in [hit for begin, stop, hit in standing if (begin, stop) == (start, end)]:
            if shown == BODIES_SHOWN:
                return
            shown += 1
            rest = " ".join(f"{text[:start]} {text[end:]}".split()).strip(" 的,，、")
            yield NamedOrganisation(asked=text[start:end], id=hit.id, name=hit.name, rest=rest)


# --- slips -----------------------------------------------------------------------------------------------------------


def did_you_mean(index: TextIndex, vocabulary: Vocabulary, text: str) -> tuple[str, ...]:
    """What may have been meant?  The question with one part as the graph knows it; at most three, never applied.

    Pinyin ("rengongzhineng"), homophones and slips of one key ("人工只能", "人工智熊"), words of Taiwan ("人工智慧"):
    only where the part is no known word and none of its best works holds the whole of it.
    """
    found: list[str] = []
    joined = "".join(text.split())
    if joined.isascii() and joined.isalpha() and not vocabulary.find(text):
        found += _read_aloud(index, vocabulary, text, joined)
    mainland = simplified(text, words=True)
    if mainland not in (text, simplified(text)) and _rarest(index, mainland) > _rarest(index, simplified(text)):
        found.append(mainland)
    for part in _SEPARATORS.split(text)[:_MOST_PARTS]:
        if 2 <= len(part) <= _LONGEST_SLIP and len(found) < SUGGESTIONS_SHOWN:
            found += [text.replace(part, word, 1) for word in _meant(index, vocabulary, simplified(part))]
    return tuple(dict.fromkeys(each for each in found if fold(each) != fold(text)))[:SUGGESTIONS_SHOWN]


def _read_aloud(index: TextIndex, vocabulary: Vocabulary, text: str, joined: str) -> list[str]:
    if any(index.collection.frequency(token) for token in tokens(text)):
        return []
    words = vocabulary.sounding(joined, SUGGESTIONS_SHOWN)
    if not words and len(joined) >= 4:
        words = [word for word in vocabulary.beginning(joined, SUGGESTIONS_SHOWN) if not word.text.isascii()]
    return [word.text for word in words]


def _meant(index: TextIndex, vocabulary: Vocabulary, part: str) -> list[str]:
    terms = tokens(part)
    if not terms or vocabulary.find(part) is not None:
        return []
    near = [word.text for word in vocabulary.near(part, SUGGESTIONS_SHOWN) if word.works or word.topic]
    if not near:
        return []
    best = index.search_works(dict.fromkeys(terms, 1.0), limit=_WORKS_LOOKED_AT)
    # Stored tokens keep their order: the part stands whole where its tokens stand in a row.
    whole = f" {' '.join(terms)} "
    written_so = any(whole in f" {hit.tokens} " for hit in best)
    return [] if written_so else near


def _rarest(index: TextIndex, text: str) -> int:
    """In how many works does the rarest token of a text stand?"""
    frequency = index.collection.frequency
    return min((frequency(token) for token in tokens(text)), default=0)


def with_understanding(
    db: Database, index: TextIndex, answer: ExpertsAnswer, *, expand: Collection[str] = ()
) -> ExpertsAnswer:
    """Return an answer together with how its question was understood. Raises `StoreUnavailableError`."""
    read = understanding(db, index, text=answer.question, expand=expand)
    return answer.model_copy(update={"understanding": read})
