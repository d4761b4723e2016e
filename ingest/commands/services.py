"""What a person enters in the register of services (论证, 评估, 标准, 资格认定, 咨询), and who saw the evidence."""

from __future__ import annotations

from datetime import date
from typing import Final

from graph.claims import node_claim, relationship_claim
from graph.database import Transaction
from graph.errors import InputError, NotFoundError
from graph.model import OFFERS, SERVICE
from graph.store import Store
from ingest.commands.demands import SERVICE_KINDS, VISIBILITIES
from ingest.commands.local_writes import (
    LONGEST_NOTE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    Label,
    LocalChange,
    Written,
    chosen,
    cleaned,
    day_of,
    fresh_id,
    period_properties,
    required,
    standing,
    write_local,
)

_SERVICE: Final = """
MATCH (s:Service {id: $id})
WHERE s.tombstone IS NULL AND coalesce(s.visibility, '') <> 'restricted'
RETURN coalesce(s.evidence, '') AS evidence
"""


def offer_service(
    store: Store,
    *,
    provider: str,
    title: str,
    kind: str,
    actor: str,
    client: str = "",
    evidence: str = "",
    description: str = "",
    since: str = "",
    until: str = "",
    visibility: str = "public",
) -> Written:
    """Enter what a body or person (`provider`, an id) offers or has done; it counts as verified only after
    `verify_service`.

    `since` and `until` are dates in any notation. Raises `InputError` for an empty or over-long text, a word that is
    not of its list or a wrong date, `NotFoundError` for an unknown provider.
    """
    facts = {
        "title": cleaned("服务名称", title, longest=LONGEST_TITLE, needed=True),
        "kind": chosen("种类", kind, SERVICE_KINDS),
        "client": cleaned("委托方", client, longest=LONGEST_TITLE),
        "evidence": cleaned("依据", evidence, longest=LONGEST_NOTE),
        "description": cleaned("说明", description, longest=LONGEST_TEXT),
        "visibility": chosen("可见范围", visibility, VISIBILITIES),
        **period_properties(since, until),
    }

    def change(transaction: Transaction, seq: int) -> LocalChange:
        key = fresh_id(store, "Service", seq)
        tie = relationship_claim(OFFERS, _provider(transaction, provider.strip()), ("Service", key))
        return LocalChange(key, [node_claim(SERVICE, key, facts)], [tie])

    return write_local(store, action="service_offer", subject="Service", actor=actor, change=change)


def verify_service(store: Store, service: str, *, actor: str, evidence: str = "", on: date | None = None) -> Written:
    """Say that one has seen the evidence of a service; `evidence` names it where the register did not.

    Raises `InputError` when no evidence is named anywhere, `NotFoundError` for an unknown service, `ConflictError` when
    nothing is new.
    """
    named = cleaned("依据", evidence, longest=LONGEST_NOTE)
    day = day_of(on).isoformat()

    def change(transaction: Transaction, _seq: int) -> LocalChange:
        required(transaction, "Service", [service])
        if not named and not transaction.run(_SERVICE, {"id": service})[0]["evidence"]:
            raise InputError("这项服务没有写依据，不能记为已核实", hint="用 --evidence 写上看过的合同、批文或验收意见")
        facts = {"evidence": named, "verified": True, "verified_by": actor, "verified_on": day}
        return LocalChange(service, [node_claim(SERVICE, service, facts)])

    return write_local(store, action="service_verify", subject=service, actor=actor, change=change)


def _provider(transaction: Transaction, id_: str) -> tuple[str, str]:
    labels: tuple[Label, ...] = ("Organisation", "Person")
    for label in labels:
        if found := standing(transaction, label, [id_]):
            return label, found[id_]
    raise NotFoundError(f"没有这个编号的机构或人：{id_[:80]}", hint="用 zhiku find organisations 或 experts 查编号")
