"""Who can be asked for 论证, 评估, 标准, 资格认定 or 咨询, and who has done it?  The register of services.

Words are looked for in the title, description, client and evidence of each service of the kinds asked for, all of which
are read: a register has thousands of entries, not millions. Weights, stated here and nowhere hidden: a service whose
evidence somebody has seen counts 1, any other ½; of a body's services the second counts .8 of the first, the third
.8² … (`DISCOUNT`); each times the share of the question's weight it holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log
from typing import Final

from pydantic import BaseModel, ConfigDict

from graph.database import Database, Query
from graph.errors import InputError
from graph.identity import region_code
from graph.text import tokens
from graph.textindex import TextIndex
from queries.answers import Answer, ServiceEvidence
from queries.legal_entities import legal_entities
from queries.posts import today
from queries.retrieval import Asked, asked, check_limit, phrase_finder

# A further service counts .8 of the one before it, as titles of one person do (`queries.ranking.PEOPLE`).
DISCOUNT: Final = 0.8
SERVICE_KINDS: Final = ("论证", "评估", "标准", "资格认定", "咨询")
VERIFIED: Final = 1.0
UNVERIFIED: Final = 0.5
# A service that holds less of the question's weight than this shares a common word with it, no more (a choice).
LEAST_SHARE: Final = 0.05
SERVICES_SHOWN: Final = 5
NO_SERVICE: Final = "服务登记里没有符合条件的记录：放宽条件，或用 zhiku template services 补登记"
UNVERIFIED_NOTE: Final = "标“未核实”的服务只是登记过，还没有人看过依据"
_FIRST_YEAR: Final = 1000
_LAST_YEAR: Final = 2999


class Provider(BaseModel):
    """A body or person that offers a service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    person: bool


class ServiceFacts(BaseModel):
    """One service of the register, with its providers; two sources of one fact are one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: str
    title: str
    description: str
    client: str
    evidence: str
    verified: bool
    valid_from: str | None
    valid_from_precision: str | None
    valid_to: str | None
    valid_to_precision: str | None
    fictional: bool
    organisations: list[Provider]
    people: list[Provider]


SERVICES_OF_KIND: Final = Query(
    "services_of_kind",
    """
UNWIND $kinds AS wanted
MATCH (s:Service {kind: wanted})
WHERE s.tombstone IS NULL AND coalesce(s.visibility, '') <> 'restricted'
RETURN s.id AS id, s.kind AS kind, coalesce(s.title, '') AS title, coalesce(s.description, '') AS description,
  coalesce(s.client, '') AS client, coalesce(s.evidence, '') AS evidence, coalesce(s.verified, false) AS verified,
  s.valid_from AS valid_from, s.valid_from_precision AS valid_from_precision, s.valid_to AS valid_to,
  s.valid_to_precision AS valid_to_precision, coalesce(s.fictional, false) AS fictional,
  [(s)<-[:OFFERS]-(o:Organisation) WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted' | {
    id: o.id, name: coalesce(o.name, ''), person: false
  }] AS organisations,
  [(s)<-[:OFFERS]-(p:Person) WHERE p.tombstone IS NULL AND coalesce(p.visibility, '') <> 'restricted' | {
    id: p.id, name: coalesce(p.name, ''), person: true
  }] AS people
""",
    ServiceFacts,
)

# From the bodies down to their departments and what was merged into them.
SERVICES_OF_BODIES: Final = Query(
    "services_of_bodies",
    """
UNWIND $organisations AS wanted
MATCH (b:Organisation {id: wanted})<-[:PART_OF|MERGED_INTO*0..4]-(o:Organisation)-[:OFFERS]->(s:Service)
WHERE s.tombstone IS NULL AND coalesce(s.visibility, '') <> 'restricted'
  AND o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
WITH DISTINCT wanted, s
RETURN s.id AS id, coalesce(s.kind, '') AS kind, coalesce(s.title, '') AS title,
  coalesce(s.description, '') AS description, coalesce(s.client, '') AS client, coalesce(s.evidence, '') AS evidence,
  coalesce(s.verified, false) AS verified, s.valid_from AS valid_from,
  s.valid_from_precision AS valid_from_precision, s.valid_to AS valid_to, s.valid_to_precision AS valid_to_precision,
  coalesce(s.fictional, false) AS fictional, [{id: wanted, name: '', person: false}] AS organisations, [] AS people
""",
    ServiceFacts,
)


class BodyShown(BaseModel):
    """What is shown of a body in a register."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: str
    region: str
    verified: bool
    fictional: bool


BODIES_SHOWN: Final = Query(
    "bodies_shown",
    """
UNWIND $organisations AS wanted
MATCH (o:Organisation {id: wanted})
WHERE o.tombstone IS NULL AND coalesce(o.visibility, '') <> 'restricted'
  AND NOT EXISTS { (o)-[:MERGED_INTO]->(:Organisation) }
OPTIONAL MATCH (o)-[:LOCATED_IN]->(r:Region)
WHERE r.tombstone IS NULL
WITH o, r ORDER BY r.code
WITH o, collect(DISTINCT coalesce(r.name, r.code)) AS regions
RETURN o.id AS id, coalesce(o.name, '') AS name, coalesce(o.kind, '') AS kind, coalesce(head(regions), '') AS region,
  coalesce(o.verified, false) AS verified, coalesce(o.fictional, false) AS fictional
""",
    BodyShown,
)


class RegisteredService(Answer):
    """A service of the register with who offers it: organisations and people by id and name."""

    service: ServiceEvidence
    organisations: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]
    fictional: bool


class ServicesAnswer(Answer):
    """The services found; `total` counts all before the limit, `verified` those whose evidence somebody has seen."""

    total: int
    verified: int
    services: tuple[RegisteredService, ...]
    notes: tuple[str, ...]


class OfferingOrganisation(Answer):
    """A body with the services that answer; `score` orders one answer, `services_verified` counts seen evidence."""

    rank: int
    id: str
    name: str
    kind: str
    region: str
    verified: bool
    score: float
    services: tuple[ServiceEvidence, ...]
    services_total: int
    services_verified: int
    fictional: bool


class OfferingAnswer(Answer):
    """The bodies that offer or have done what was asked for; `candidates` counts all before the limit."""

    question: str
    candidates: int
    organisations: tuple[OfferingOrganisation, ...]
    notes: tuple[str, ...]


def services_listed(
    db: Database,
    *,
    kind: str | None = None,
    text: str = "",
    since_year: int | None = None,
    verified_only: bool = False,
    limit: int = 50,
) -> ServicesAnswer:
    """Which services of this kind, about these words, since this year are in the register?

    With words those that hold most of them first, else the newest first; verified ones first where that leaves a tie.
    `since_year` keeps services that went on in that year or later (an unknown end counts). Raises `InputError` for an
    unknown kind or a number out of bounds, `StoreUnavailableError`.
    """
    check_limit(limit)
    found = _register(db, kind=kind, text=text, since_year=since_year, verified_only=verified_only)
    if not found:
        return ServicesAnswer(total=0, verified=0, services=(), notes=(NO_SERVICE,))
    # Four stable sorts, the least important first.
    found.sort(key=lambda each: each.facts.id)
    found.sort(key=lambda each: each.facts.valid_from or "", reverse=True)
    found.sort(key=lambda each: each.facts.verified, reverse=True)
    found.sort(key=lambda each: each.share, reverse=True)
    shown = tuple(
        RegisteredService(
            service=each.shown(),
            organisations=_named(each.facts.organisations),
            people=_named(each.facts.people),
            fictional=each.facts.fictional,
        )
        for each in found[:limit]
    )
    verified = sum(each.facts.verified for each in found)
    return ServicesAnswer(total=len(found), verified=verified, services=shown, notes=_note(verified < len(found)))


def organisations_offering(
    db: Database,
    index: TextIndex,
    *,
    kind: str | None = None,
    text: str = "",
    region: str | None = None,
    since_year: int | None = None,
    verified_only: bool = False,
    limit: int = 20,
    on: date | None = None,
) -> OfferingAnswer:
    """Who offers or has done such a service: "who has done 评估 in 水利 since 2022, verified"?

    Bodies count under their legal entity on the day `on` (`queries.legal_entities`). `region` is a code, its subtree
    included, of where the body that offers lies; `since_year` as in `services_listed`; `verified_only` leaves out
    services whose evidence nobody has seen. Weights: the module says them. Raises `InputError` for an unknown kind or
    code or a number out of bounds, `StoreUnavailableError`.
    """
    check_limit(limit)
    inside = index.organisations_within(region=region_code(region)) if region and region.strip() else None
    found = _register(db, kind=kind, text=text, since_year=since_year, verified_only=verified_only)
    offering = {one.id for each in found for one in each.facts.organisations if inside is None or one.id in inside}
    root_of = legal_entities(db, organisations=offering, on=on or today())
    of_body: dict[str, dict[str, _Held]] = defaultdict(dict)
    for each in found:
        for one in each.facts.organisations:
            if one.id in root_of:
                of_body[root_of[one.id]][each.facts.id] = each
    facts = {row.id: row for row in db.read(BODIES_SHOWN, organisations=sorted(of_body))} if of_body else {}
    scored = {id_: _ordered(of_body[id_].values()) for id_ in of_body if id_ in facts}
    best = sorted(scored, key=lambda id_: (-_score(scored[id_]), facts[id_].name, id_))[:limit]
    shown = tuple(_offering(place, facts[id_], scored[id_]) for place, id_ in enumerate(best, start=1))
    doubtful = any(row.services_verified < row.services_total for row in shown)
    notes = _note(doubtful) if shown else (NO_SERVICE,)
    return OfferingAnswer(question=text.strip()[:500], candidates=len(scored), organisations=shown, notes=notes)


def services_matching(
    db: Database, *, organisations: Collection[str], question: Asked
) -> dict[str, tuple[ServiceEvidence, ...]]:
    """Which services of these bodies, and of what is part of them, hold words of a question?  By body, best first.

    Raises `StoreUnavailableError`.
    """
    if not organisations or not question.question.terms:
        return {}
    rows = db.read(SERVICES_OF_BODIES, organisations=sorted(organisations))
    distinct = list({row.id: row for row in rows}.values())
    held = {each.facts.id: each for each in _matching(distinct, question)}
    of_body: dict[str, dict[str, _Held]] = defaultdict(dict)
    for row in rows:
        if row.id in held:
            of_body[row.organisations[0].id][row.id] = held[row.id]
    return {
        body: tuple(each.shown() for each in _ordered(services.values())[:SERVICES_SHOWN])
        for body, services in of_body.items()
    }


@dataclass(frozen=True, slots=True)
class _Held:
    """A service with the share of the question's weight that it holds."""

    facts: ServiceFacts
    share: float
    matched: tuple[str, ...]

    @property
    def weight(self) -> float:
        return self.share * (VERIFIED if self.facts.verified else UNVERIFIED)

    def shown(self) -> ServiceEvidence:
        return service_shown(self.facts, share=self.share, matched=self.matched)


def service_shown(facts: ServiceFacts, *, share: float = 1.0, matched: tuple[str, ...] = ()) -> ServiceEvidence:
    """Return what an answer shows of a service; days as precise as the register has them, the last one included."""
    until = None
    if facts.valid_to is not None:
        last = (date.fromisoformat(facts.valid_to) - timedelta(days=1)).isoformat()
        until = _written(last, facts.valid_to_precision)
    return ServiceEvidence(
        id=facts.id,
        kind=facts.kind,
        title=facts.title,
        client=facts.client,
        evidence=facts.evidence,
        verified=facts.verified,
        since=None if facts.valid_from is None else _written(facts.valid_from, facts.valid_from_precision),
        until=until,
        matched=matched,
        share=share,
    )


def _register(db: Database, *, kind: str | None, text: str, since_year: int | None, verified_only: bool) -> list[_Held]:
    if kind is not None and kind not in SERVICE_KINDS:
        raise InputError(f"没有这个服务种类：{kind[:40]}", hint=f"可用：{'、'.join(SERVICE_KINDS)}")
    if since_year is not None:
        check_limit(since_year, name="since_year", least=_FIRST_YEAR, most=_LAST_YEAR)
    rows = db.read(SERVICES_OF_KIND, kinds=list(SERVICE_KINDS) if kind is None else [kind])
    first = None if since_year is None else f"{since_year:04d}-01-01"
    kept = [row for row in rows if first is None or row.valid_to is None or row.valid_to > first]
    question = asked(text)
    if text.strip() and not question.question.terms:
        return []
    held = _matching(kept, question) if question.question.terms else [_Held(row, 1.0, ()) for row in kept]
    return [each for each in held if each.facts.verified or not verified_only]


def _matching(rows: Sequence[ServiceFacts], question: Asked) -> list[_Held]:
    """Those that hold enough of the question, a rare word weighing more: n'(t) · ln(1 + N / (1 + df))."""
    words = {row.id: tokens(" ".join((row.title, row.description, row.client, row.evidence))) for row in rows}
    frequency: Counter[str] = Counter(term for each in words.values() for term in set(each))
    terms = dict(zip(question.question.terms, question.question.weights, strict=True))
    weight = {term: n * log(1 + (len(rows) + 1) / (1 + frequency[term])) for term, n in terms.items()}
    whole = sum(weight.values())
    phrases = phrase_finder(question)
    found: list[_Held] = []
    for row in rows:
        share = sum(weight[term] for term in terms.keys() & set(words[row.id])) / whole
        if share >= LEAST_SHARE:
            found.append(_Held(row, min(1.0, share), phrases(" ".join(words[row.id]))))
    return found


def _ordered(held: Iterable[_Held]) -> list[_Held]:
    newest = sorted(held, key=lambda each: each.facts.id)
    newest.sort(key=lambda each: each.facts.valid_from or "", reverse=True)
    return sorted(newest, key=lambda each: -each.weight)


def _score(held: Sequence[_Held]) -> float:
    return sum(each.weight * DISCOUNT**place for place, each in enumerate(held))


def _offering(place: int, body: BodyShown, held: Sequence[_Held]) -> OfferingOrganisation:
    return OfferingOrganisation(
        rank=place,
        **body.model_dump(),
        score=_score(held),
        services=tuple(each.shown() for each in held[:SERVICES_SHOWN]),
        services_total=len(held),
        services_verified=sum(each.facts.verified for each in held),
    )


def _named(providers: Iterable[Provider]) -> tuple[tuple[str, str], ...]:
    names: Mapping[str, str] = {each.id: each.name for each in providers}
    return tuple(sorted(names.items(), key=lambda pair: (pair[1], pair[0])))


def _note(doubtful: bool) -> tuple[str, ...]:
    return (UNVERIFIED_NOTE,) if doubtful else ()


def _written(day: str, precision: str | None) -> str:
    return day[: {"year": 4, "month": 7}.get(precision or "day", 10)]
