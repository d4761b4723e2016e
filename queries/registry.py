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
from queries.bridging import experts_between_fields
from queries.cohorts import COHORT_SNAPSHOTS, MEMBER_WORKS, cohort_figures, cohort_tracking
from queries.commissions import COMMISSIONED_PROJECTS, projects_commissioned
from queries.declared import experts_declaring
from queries.demand_matches import demand_matches, matches_for_text
from queries.demand_rows import DEMAND_TRACED, DEMANDS_OF_STATUS
from queries.demand_topics import TOPICS_OF_WORKS, topics_suggested
from queries.demands import demand_trace, demands_listed, demands_open, demands_overdue, response_times
from queries.disciplines import OUTPUTS_IN_DISCIPLINE, PROJECTS_IN_DISCIPLINE
from queries.evidence import EVIDENCE_OUTPUTS, EVIDENCE_PROJECTS
from queries.expansion import TOPICS_NAMED
from queries.expert_facts import EXPERT_FACTS
from queries.expertise import NEWEST_WORKS_OF, WORK_TEXTS, expertise_of
from queries.experts import experts_for_topic
from queries.exposed_experts import FIRST_WORKS
from queries.exposure_report import (
    LIBRARY_PEOPLE,
    LIBRARY_UNITS,
    LISTED_IN_PERIOD,
    exposure_report,
    listed_between,
)
from queries.facets import expert_facets
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
from queries.known_people import PEOPLE_AND_BODIES, known_people
from queries.legal_entities import LEGAL_UNITS, legal_entity_root
from queries.list_comparison import compare_lists, list_asked_again
from queries.listing import experts_by_facets
from queries.match_rows import TEAM_CANDIDATES
from queries.merges import CURRENT_BODIES, CURRENT_PEOPLE
from queries.namesakes import (
    NAMES_SHOWN,
    NAMESAKES,
    NAMESAKES_AT_A_BODY,
    NAMESAKES_BESIDE_A_PERSON,
    NAMESAKES_IN_A_WORK,
    PEOPLE_OF_MENTIONS,
)
from queries.networks import (
    PEOPLE_SHOWN,
    SHARED_WORKS,
    WORKS_TOGETHER,
    collaboration_network,
    collaborators,
)
from queries.nominations import NOMINATIONS, nominations
from queries.organisation_profiles import organisation_profile
from queries.organisation_rows import (
    ORGANISATION_PEOPLE,
    ORGANISATION_PEOPLE_TOTAL,
    ORGANISATION_PROFILE_FACTS,
    ORGANISATION_YEARS,
    UNITS_UNDER,
)
from queries.organisations import ORGANISATION_FACTS, organisations_for_topic
from queries.parallel_posts import SEVERAL_BODIES, UNITS_BELOW
from queries.profiles import PROFILE_FACTS, PROFILE_WORKS, expert_profile
from queries.quality import quality_cases, quality_counts
from queries.region_names import REGION_NAMES
from queries.rising_experts import rising_experts
from queries.saved_lists import (
    LIST_MEMBERS,
    LIST_NAMED,
    LIST_PROOF,
    SAVED_LIST,
    SAVED_LISTS,
    list_verification,
    saved_list,
    saved_lists,
)
from queries.selection import UNITS_OF_LEGAL_ENTITY
from queries.services import (
    BODIES_SHOWN,
    SERVICES_OF_BODIES,
    SERVICES_OF_KIND,
    organisations_offering,
    services_listed,
)
from queries.suggestions import suggestions
from queries.teams import TEAMS
from queries.topic_map import topic_map
from queries.topic_tree import TOPIC_TREE
from queries.topics import OUTPUTS_ABOUT, PROJECTS_ABOUT, TAGGED_TOPICS, topic_tags
from queries.trend_texts import (
    KEYWORD_TOTALS,
    MAP_BODIES,
    MAP_BODIES_SHOWN,
    MAP_PEOPLE,
    MAP_SUBTOPICS,
    PERSON_WORKS,
    RISING_ANYBODY,
    RISING_KEYWORDS,
    RISING_PEOPLE,
    RISING_TOPICS,
    TOPIC_TOTALS,
    TOPICS_BELOW,
    TREND_REGIONS,
    TREND_YEARS,
    WORK_TOTALS,
)
from queries.trends import rising_topics, topic_trend
from queries.understanding import understanding
from queries.unverified import UNVERIFIED_COUNT, UNVERIFIED_ORGANISATIONS, unverified_count, unverified_organisations
from queries.works import OUTPUTS_FOUND, PROJECTS_FOUND, outputs_for_topic, projects_for_topic

# In the order of the documentation.
QUESTIONS: Final[tuple[Callable[..., Any], ...]] = (
    experts_for_topic,
    organisations_for_topic,
    outputs_for_topic,
    projects_for_topic,
    experts_declaring,
    expert_profile,
    collaborators,
    collaboration_network,
    legal_entity_root,
    unverified_organisations,
    unverified_count,
    quality_counts,
    quality_cases,
    experts_by_facets,
    expert_facets,
    understanding,
    suggestions,
    experts_between_fields,
    topic_tags,
    expertise_of,
    known_people,
    topic_trend,
    rising_topics,
    rising_experts,
    topic_map,
    organisation_profile,
    organisations_offering,
    services_listed,
    demands_open,
    demands_listed,
    demands_overdue,
    demand_trace,
    response_times,
    demand_matches,
    matches_for_text,
    topics_suggested,
    projects_commissioned,
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
    EVIDENCE_OUTPUTS,
    EVIDENCE_PROJECTS,
    EXPERT_FACTS,
    FIRST_WORKS,
    OUTPUTS_IN_DISCIPLINE,
    PROJECTS_IN_DISCIPLINE,
    ORGANISATION_FACTS,
    LEGAL_UNITS,
    UNVERIFIED_ORGANISATIONS,
    UNVERIFIED_COUNT,
    OUTPUTS_FOUND,
    PROJECTS_FOUND,
    PROFILE_FACTS,
    PROFILE_WORKS,
    CURRENT_PEOPLE,
    CURRENT_BODIES,
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
    TOPIC_TREE,
    REGION_NAMES,
    UNITS_OF_LEGAL_ENTITY,
    TOPICS_NAMED,
    TAGGED_TOPICS,
    OUTPUTS_ABOUT,
    PROJECTS_ABOUT,
    NEWEST_WORKS_OF,
    WORK_TEXTS,
    PEOPLE_AND_BODIES,
    TOPICS_BELOW,
    TREND_YEARS,
    TREND_REGIONS,
    TOPIC_TOTALS,
    RISING_TOPICS,
    KEYWORD_TOTALS,
    RISING_KEYWORDS,
    WORK_TOTALS,
    RISING_PEOPLE,
    RISING_ANYBODY,
    PERSON_WORKS,
    MAP_BODIES,
    MAP_PEOPLE,
    MAP_SUBTOPICS,
    MAP_BODIES_SHOWN,
    ORGANISATION_PROFILE_FACTS,
    UNITS_UNDER,
    ORGANISATION_PEOPLE,
    ORGANISATION_PEOPLE_TOTAL,
    ORGANISATION_YEARS,
    SERVICES_OF_KIND,
    SERVICES_OF_BODIES,
    BODIES_SHOWN,
    DEMANDS_OF_STATUS,
    DEMAND_TRACED,
    TEAM_CANDIDATES,
    TEAMS,
    TOPICS_OF_WORKS,
    COMMISSIONED_PROJECTS,
    SAVED_LISTS,
    SAVED_LIST,
    LIST_NAMED,
    LIST_MEMBERS,
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
    LISTED_IN_PERIOD,
)
