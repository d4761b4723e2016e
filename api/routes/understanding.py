"""How is a question understood, what could be meant, who stands between two fields, what is a text about?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Open
from api.examples_understanding import BRIDGING_ANSWER, SUGGESTIONS, TOPIC_TAGS, UNDERSTANDING
from api.problems import documented
from api.questions import FieldsQuestion, TextToTag, UnderstandingQuestion, WordsTyped
from queries.bridging import BridgingAnswer, experts_between_fields
from queries.suggestions import Suggestions, suggestions
from queries.topics import TopicTags, topic_tags
from queries.understanding import understanding
from queries.understood import Understanding

router = APIRouter(tags=["理解问题 Understanding"])


@router.get(
    "/suggest",
    summary="输入提示",
    operation_id="suggest",
    responses={200: SUGGESTIONS, **documented(401, 422, 503)},
)
def suggest(held: Open, typed: Annotated[WordsTyped, Query()]) -> Suggestions:
    """Which topics, keywords, people and organisations begin like this?  In characters, pinyin or initials."""
    return suggestions(held.store.database, held.index, text=typed.q, limit=typed.limit)


@router.get(
    "/understand",
    summary="问题怎么理解",
    operation_id="understand",
    responses={200: UNDERSTANDING, **documented(401, 422, 503)},
)
def understand(held: Open, question: Annotated[UnderstandingQuestion, Query()]) -> Understanding:
    """How is a question understood: words, people and bodies named, two fields, slips, proposed expansions?"""
    return understanding(held.store.database, held.index, text=question.q)


@router.get(
    "/between",
    summary="两个领域之间的专家",
    operation_id="searchExpertsBetweenFields",
    responses={200: BRIDGING_ANSWER, **documented(401, 422, 503)},
)
def between(held: Open, question: Annotated[FieldsQuestion, Query()]) -> BridgingAnswer:
    """Who works in both of two fields, with which works, and who are the best of each?"""
    return experts_between_fields(
        held.store.database, held.index, text=question.q, other=question.other, limit=question.limit
    )


@router.post(
    "/topics/tag",
    summary="一段文字属于哪些学科",
    operation_id="tagTopics",
    responses={200: TOPIC_TAGS, **documented(400, 401, 413, 422, 503)},
)
def tag(held: Open, text: TextToTag) -> TopicTags:
    """Which disciplines is a text about, and how sure is that?  Learnt from the graph's own tagged works."""
    return topic_tags(held.store.database, held.index, text=text.text, limit=text.limit)
