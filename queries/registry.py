"""The one list of the questions and of the Cypher texts they ask; docs and contract tests walk it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from graph.database import Query
from queries.experts import EXPERT_FACTS, experts_for_topic
from queries.legal_entities import LEGAL_UNITS, legal_entity_root
from queries.networks import (
    CURRENT_PEOPLE,
    CURRENT_PERSON,
    PEOPLE_SHOWN,
    SHARED_WORKS,
    WORKS_TOGETHER,
    collaboration_network,
    collaborators,
)
from queries.organisations import ORGANISATION_FACTS, organisations_for_topic
from queries.profiles import PROFILE_FACTS, PROFILE_WORKS, expert_profile
from queries.unverified import UNVERIFIED_COUNT, UNVERIFIED_ORGANISATIONS, unverified_count, unverified_organisations
from queries.works import OUTPUTS_FOUND, PROJECTS_FOUND, outputs_for_topic, projects_for_topic

# In the order of the documentation.
QUESTIONS: Final[tuple[Callable[..., Any], ...]] = (
    experts_for_topic,
    organisations_for_topic,
    outputs_for_topic,
    projects_for_topic,
    expert_profile,
    collaborators,
    collaboration_network,
    legal_entity_root,
    unverified_organisations,
    unverified_count,
)

QUERIES: Final[tuple[Query[Any], ...]] = (
    EXPERT_FACTS,
    ORGANISATION_FACTS,
    LEGAL_UNITS,
    UNVERIFIED_ORGANISATIONS,
    UNVERIFIED_COUNT,
    OUTPUTS_FOUND,
    PROJECTS_FOUND,
    PROFILE_FACTS,
    PROFILE_WORKS,
    CURRENT_PERSON,
    CURRENT_PEOPLE,
    SHARED_WORKS,
    WORKS_TOGETHER,
    PEOPLE_SHOWN,
)
