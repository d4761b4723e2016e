"""Forming a team (专家组, 服务团, 咨询委员会): its members with their roles, the topics it covers, where it serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from graph.claims import node_claim, relationship_claim
from graph.database import Transaction
from graph.errors import InputError
from graph.identity import region_code
from graph.model import COVERS, ON_TEAM, SERVES, TEAM
from graph.store import Store
from ingest.commands.local_writes import (
    LONGEST_TITLE,
    LocalChange,
    Written,
    chosen,
    cleaned,
    fresh_id,
    period_properties,
    required,
    write_local,
)

KINDS: Final = ("group", "corps", "committee")
_LONGEST_ROLE: Final = 100


class Seat(NamedTuple):
    """A member by id, and the role in the team ("" when none is said)."""

    person: str
    role: str = ""


def form_team(
    store: Store,
    *,
    name: str,
    members: Sequence[Seat],
    actor: str,
    kind: str = "group",
    topics: Sequence[str] = (),
    regions: Sequence[str] = (),
    since: str = "",
    until: str = "",
) -> Written:
    """Form a team of people known to the graph.

    `topics` are ids, `regions` codes (padded or not), `since` and `until` dates in any notation: the term of the team.
    Raises `InputError` without a name or a member, for a word that is not of its list, a wrong code or date,
    `NotFoundError` for a person, topic or region that is not there.
    """
    facts = {
        "name": cleaned("团队名称", name, longest=LONGEST_TITLE, needed=True),
        "kind": chosen("种类", kind, KINDS),
        **period_properties(since, until),
    }
    if not members:
        raise InputError("团队没有成员", hint="至少写一位成员的编号")
    roles = {seat.person: cleaned("角色", seat.role, longest=_LONGEST_ROLE) for seat in members}
    codes = [region_code(code) for code in regions]

    def change(transaction: Transaction, seq: int) -> LocalChange:
        key = fresh_id(store, "Team", seq)
        team = ("Team", key)
        ties = [
            *(
                relationship_claim(
                    ON_TEAM, ("Person", required(transaction, "Person", [id_])[0]), team, properties={"role": role}
                )
                for id_, role in roles.items()
            ),
            *(relationship_claim(COVERS, team, ("Topic", id_)) for id_ in required(transaction, "Topic", topics)),
            *(relationship_claim(SERVES, team, ("Region", code)) for code in required(transaction, "Region", codes)),
        ]
        return LocalChange(key, [node_claim(TEAM, key, facts)], ties)

    return write_local(store, action="team_form", subject="Team", actor=actor, change=change)
