"""The one list of the questions and of the Cypher texts they ask; docs and contract tests walk it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from graph.database import Query
from queries.availability import (
    DECLARED_LOADS,
    JOB_LOADS,
    PEOPLE_WITHOUT_JOBS,
    PERIODS_OF_PERSON,
    PERIODS_STATED,
    availability_of,
    experts_who_can_go,
    people_available,
)
from queries.cohorts import COHORT_SNAPSHOTS, MEMBER_WORKS, cohort_figures, cohort_tracking
from queries.experts import EXPERT_FACTS, experts_for_topic
from queries.exposure_report import (
    LIBRARY_PEOPLE,
    LIBRARY_UNITS,
    LISTED_IN_PERIOD,
    REGION_NAMES,
    exposure_report,
    listed_between,
)
from queries.gaps import (
    EXPERTS_WITHOUT_EVIDENCE,
    EXPERTS_WITHOUT_EVIDENCE_COUNT,
    MENTIONS_WITHOUT_ORGANISATION,
    MENTIONS_WITHOUT_ORGANISATION_COUNT,
    PEOPLE_WITHOUT_ORGANISATION,
    PEOPLE_WITHOUT_ORGANISATION_COUNT,
    STALE_POSTS,
    STALE_POSTS_COUNT,
    WORKS_WITHOUT_ABSTRACT,
    WORKS_WITHOUT_ABSTRACT_COUNT,
)
from queries.legal_entities import LEGAL_UNITS, legal_entity_root
from queries.list_comparison import compare_lists, list_asked_again
from queries.namesakes import (
    NAMES_SHOWN,
    NAMESAKES,
    NAMESAKES_AT_A_BODY,
    NAMESAKES_BESIDE_A_PERSON,
    NAMESAKES_IN_A_WORK,
    PEOPLE_OF_MENTIONS,
)
from queries.networks import (
    CURRENT_PEOPLE,
    CURRENT_PERSON,
    PEOPLE_SHOWN,
    SHARED_WORKS,
    WORKS_TOGETHER,
    collaboration_network,
    collaborators,
)
from queries.nominations import NOMINATIONS, nominations
from queries.organisations import ORGANISATION_FACTS, organisations_for_topic
from queries.parallel_posts import SEVERAL_BODIES, UNITS_BELOW
from queries.profiles import PROFILE_FACTS, PROFILE_WORKS, expert_profile
from queries.quality import quality_cases, quality_counts
from queries.saved_lists import (
    LIST_MEMBERS,
    LIST_NAMED,
    LIST_PROOF,
    LISTED_BODIES,
    LISTED_PEOPLE,
    SAVED_LIST,
    SAVED_LISTS,
    list_verification,
    saved_list,
    saved_lists,
)
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
    quality_counts,
    quality_cases,
    saved_lists,
    saved_list,
    compare_lists,
    list_asked_again,
    list_verification,
    experts_who_can_go,
    people_available,
    availability_of,
    nominations,
    cohort_figures,
    cohort_tracking,
    listed_between,
    exposure_report,
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
    NAMESAKES,
    NAMESAKES_AT_A_BODY,
    NAMESAKES_BESIDE_A_PERSON,
    NAMESAKES_IN_A_WORK,
    PEOPLE_OF_MENTIONS,
    NAMES_SHOWN,
    UNITS_BELOW,
    SEVERAL_BODIES,
    MENTIONS_WITHOUT_ORGANISATION_COUNT,
    MENTIONS_WITHOUT_ORGANISATION,
    PEOPLE_WITHOUT_ORGANISATION_COUNT,
    PEOPLE_WITHOUT_ORGANISATION,
    STALE_POSTS_COUNT,
    STALE_POSTS,
    EXPERTS_WITHOUT_EVIDENCE_COUNT,
    EXPERTS_WITHOUT_EVIDENCE,
    WORKS_WITHOUT_ABSTRACT_COUNT,
    WORKS_WITHOUT_ABSTRACT,
    SAVED_LISTS,
    SAVED_LIST,
    LIST_NAMED,
    LIST_MEMBERS,
    LISTED_PEOPLE,
    LISTED_BODIES,
    LIST_PROOF,
    PERIODS_STATED,
    PERIODS_OF_PERSON,
    JOB_LOADS,
    DECLARED_LOADS,
    PEOPLE_WITHOUT_JOBS,
    NOMINATIONS,
    MEMBER_WORKS,
    COHORT_SNAPSHOTS,
    LIBRARY_PEOPLE,
    LIBRARY_UNITS,
    REGION_NAMES,
    LISTED_IN_PERIOD,
)
