"""Sweep: take back what a source said before and a complete run no longer says.

Only for sources whose dataset is complete (settled): uploads add, they never take away. It runs after everything new is
written, so that a reader never sees a hole, and each batch keeps before-images like any other, so that undoing the run
brings back what it swept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from graph import statements
from graph.audit import Effect
from graph.changes import Counts, NodeChange, RelationshipChange, SourceRef
from graph.claims import RelationshipClaim
from graph.database import Database, RollbackRequest, Transaction
from graph.errors import ConflictError
from graph.merge import MOST_ELEMENTS, apply_changes
from graph.model import DOMAIN, NODE_BY_LABEL, RELATIONSHIP_BY_NAME, RELATIONSHIPS
from graph.store import Store

NodeName = tuple[str, str]
"""Label and key."""
RelationshipName = tuple[str, str, str, str, str, str]
"""As `RelationshipClaim.identity`: type, start label and key, end label and key, own key."""

# A tenth of a register gone at once is more often a cut file than a true change (settled).
MOST_SHARE: Final = 0.10


@dataclass(frozen=True, slots=True)
class Stale:
    """What a source says and a run no longer made, beside how much the source says in all."""

    nodes: tuple[NodeName, ...]
    relationships: tuple[RelationshipName, ...]
    nodes_in_all: int
    relationships_in_all: int

    @property
    def count(self) -> int:
        """Claims and relationships that a sweep would take away."""
        return len(self.nodes) + len(self.relationships)

    @property
    def share(self) -> float:
        """The larger of the shares of claims and of relationships that would go, 0 to 1."""
        pairs = ((len(self.nodes), self.nodes_in_all), (len(self.relationships), self.relationships_in_all))
        return max(part / whole if whole else 0.0 for part, whole in pairs)


@dataclass(slots=True)
class SweepReport:
    """What a sweep did, or in a dry run would do."""

    stale: int = 0
    share: float = 0.0
    removed: int = 0
    batches: int = 0
    examples: list[str] = field(default_factory=list[str])


def stale(
    database: Database,
    source_id: str,
    said_nodes: Collection[NodeName],
    said_relationships: Collection[RelationshipName],
) -> Stale:
    """Which claims and relationships of a source are not among those a run said?  Give sets: each is asked once."""
    nodes: list[NodeName] = []
    nodes_in_all = 0
    for node in DOMAIN:
        for row in database.records("claimed_keys", statements.claimed_keys(node), source=source_id):
            nodes_in_all += 1
            name = (node.label, str(row["key"]))
            if name not in said_nodes:
                nodes.append(name)
    relationships: list[RelationshipName] = []
    relationships_in_all = 0
    for relationship in RELATIONSHIPS:
        if relationship.working:
            continue
        for start, end in relationship.ends:
            text = statements.related_keys(relationship, NODE_BY_LABEL[start], NODE_BY_LABEL[end])
            for row in database.records("related_keys", text, source=source_id):
                relationships_in_all += 1
                identity = (relationship.name, start, str(row["start"]), end, str(row["end"]), str(row["key"]))
                if identity not in said_relationships:
                    relationships.append(identity)
    return Stale(tuple(sorted(nodes)), tuple(sorted(relationships)), nodes_in_all, relationships_in_all)


def sweep(
    store: Store,
    source: SourceRef,
    run: str,
    *,
    said_nodes: Collection[NodeName],
    said_relationships: Collection[RelationshipName],
    actor: str,
    confirm: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> SweepReport:
    """Take away what `source` says beside the given sets: relationships first, ≤ 2,000 elements a transaction.

    Call it after a complete run only. `dry_run` counts and writes nothing. Killed in between, it is called again with
    the same sets. Raises `ConflictError` before anything is written when more than 10 % of the source's claims, or of
    its relationships, would go and `confirm` is not given.
    """
    found = stale(store.database, source.id, said_nodes, said_relationships)
    report = SweepReport(found.count, found.share, examples=[" ".join(name) for name in found.nodes[:20]])
    if dry_run or not found.count:
        return report
    if found.share > MOST_SHARE and not confirm:
        raise ConflictError(
            f"来源 {source.id} 的 {found.count} 项将被撤下（"
            f"{len(found.nodes)} 个记录、{len(found.relationships)} 个关系，占 {found.share:.0%}），超过 10%，未执行",
            hint="请确认文件完整；确实如此时加上确认选项再运行",
        )
    done = 0
    for part in (found.relationships, found.nodes):
        for begin in range(0, len(part), MOST_ELEMENTS):
            counts = _take_away(store, source, run, part[begin : begin + MOST_ELEMENTS], actor=actor)
            report.removed += counts.removed
            report.batches += bool(counts.removed)
            done += min(MOST_ELEMENTS, len(part) - begin)
            if progress:
                progress(done, found.count)
    return report


def _take_away(
    store: Store, source: SourceRef, run: str, names: Sequence[NodeName | RelationshipName], *, actor: str
) -> Counts:
    nodes: list[NodeChange] = []
    relationships: list[RelationshipChange] = []
    for name in names:
        if len(name) == 2:
            nodes.append(NodeChange(NODE_BY_LABEL[name[0]], name[1], None))
        else:
            ends = (name[1], name[2]), (name[3], name[4])
            claim = RelationshipClaim(RELATIONSHIP_BY_NAME[name[0]], *ends, name[5])
            relationships.append(RelationshipChange(claim, None))

    def work(transaction: Transaction, seq: int) -> Effect[Counts]:
        effect = apply_changes(transaction, seq, source, nodes, relationships, run=run, adding=False)
        if not effect.result.touched:
            raise RollbackRequest
        return effect

    committed = store.audit.write(actor=actor, action="sweep", subject=run, work=work)
    return Counts() if committed is None else committed.result


__all__ = ["MOST_SHARE", "NodeName", "RelationshipName", "Stale", "SweepReport", "stale", "sweep"]
