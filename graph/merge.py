"""`upsert`: claims in, one transaction with its before-images out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from graph.audit import Audit, Effect
from graph.batches import apply_changes, read_states
from graph.changes import LOCAL, Counts, NodeChange, RelationshipChange, SourceRef
from graph.claims import NodeClaim, RelationshipClaim, Said
from graph.database import RollbackRequest, Transaction
from graph.errors import InputError

# Images of one transaction lie on one Batch node (settled: chunks of at most 2,000).
MOST_ELEMENTS: Final = 2_000


def upsert(
    audit: Audit,
    source: SourceRef,
    nodes: Sequence[NodeClaim],
    relationships: Sequence[RelationshipClaim],
    *,
    run: str,
    actor: str,
    progress: Mapping[str, int] | None = None,
    first: bool = False,
) -> Counts:
    """Write what a source claims, adding to what it said before: one transaction, one event, one Batch.

    At most 2,000 claims and relationships at a time. Two claims of one node in a call are put together, the first
    one's values standing. `progress` is written on the Run in the same transaction, so that a resumed run knows where
    to go on. `first` promises that the source had said nothing before this run and that the run says each relationship
    once (its ledger sees to it): then none is looked for. Returns the counts; nothing at all is written (no event
    either) when all of it is there already. Raises `InputError` for too many elements, `ConflictError` when an end of a
    relationship does not exist.
    """
    if len(nodes) + len(relationships) > MOST_ELEMENTS:
        raise InputError(f"一次写入最多 {MOST_ELEMENTS} 项，收到 {len(nodes) + len(relationships)} 项")
    said: dict[tuple[str, str], NodeChange] = {}
    for claim in nodes:
        name = (claim.type.label, claim.key)
        new = Said(claim.properties, claim.labels)
        if name in said:
            earlier = cast(Said, said[name].said)
            new = new.extended(earlier)
        said[name] = NodeChange(claim.type, claim.key, new)
    related: dict[tuple[str, ...], RelationshipChange] = {}
    for claim in relationships:
        related.setdefault(claim.identity, RelationshipChange(claim, claim.properties))
    counts = Counts()

    def work(transaction: Transaction, seq: int) -> Effect[Counts]:
        return apply_changes(
            transaction,
            seq,
            source,
            list(said.values()),
            list(related.values()),
            run=run,
            adding=True,
            progress=progress,
            first=first,
        )

    committed = audit.write(actor=actor, action="upsert", subject=run, work=_remembering(work, counts))
    return counts if committed is None else committed.result


def _remembering(
    work: Callable[[Transaction, int], Effect[Counts]], counts: Counts
) -> Callable[[Transaction, int], Effect[Counts]]:
    """Keep the counts of a write that turned out empty, whose transaction is rolled back."""

    def run(transaction: Transaction, seq: int) -> Effect[Counts]:
        effect = work(transaction, seq)
        if effect.result.touched == 0:
            counts.unchanged = effect.result.unchanged
            raise RollbackRequest
        return effect

    return run


__all__ = ["LOCAL", "MOST_ELEMENTS", "Counts", "NodeChange", "RelationshipChange", "SourceRef", "apply_changes",
           "read_states", "upsert"]  # fmt: skip
