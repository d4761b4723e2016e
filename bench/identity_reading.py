"""Print what settling did, for reading by eye: a seeded sample of merged people, and of open questions.

    python -m bench.identity_reading merges   # 50 people that were merged, with all their mentions
    python -m bench.identity_reading questions

Reads the configured store (`make corpora` fills it) and writes nothing. Ids come from the store's key, so that another
store gives another sample of the same size and kinds. The verdicts of 2026-11 stand in `bench/RESULTS.md`.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from typing import Final

from graph.identity import mention_parts
from graph.store import Store, open_store
from ingest.commands.people_records import PersonRecord, person_record, question_shown
from ingest.people.review import review_questions

SEED: Final = 11
# By source, so that the few of a small source are seen too.
MERGES: Final = {
    "works:chinaxiv_zh": 6,
    "works:acl_anthology": 4,
    "projects:nssfc": 16,
    "projects:nsfc_mgmt": 10,
    "several sources": 14,
}
QUESTIONS: Final = {"other": 36, "works:acl_anthology": 14}
_MERGED: Final = """
MATCH (:Person)-[:MERGED_INTO]->(p:Person)
RETURN DISTINCT p.id AS id
ORDER BY id
"""


def main() -> int:
    """Print the sample named on the command line."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    if wanted not in {"merges", "questions"}:
        sys.stderr.write("用法：python -m bench.identity_reading merges|questions\n")
        return 2
    with open_store() as store:
        if wanted == "merges":
            print_merges(store)
        else:
            print_questions(store)
    return 0


def print_merges(store: Store) -> None:
    """Print merged people, each with the mentions that were brought together."""
    left = dict(MERGES)
    ids = [str(row["id"]) for row in store.database.records("merged", _MERGED)]
    random.Random(SEED).shuffle(ids)
    number = 0
    for id_ in ids:
        record = person_record(store.database, id_)
        sources = {mention_parts(mention.mention).source for mention in record.mentions}
        kind = "several sources" if len(sources) != 1 else sources.pop()
        if left.get(kind, 0):
            left[kind] -= 1
            number += 1
            sys.stdout.write(f"[{number}] {kind}\n")
            print_side(record, most=6)
        if not any(left.values()):
            break


def print_questions(store: Store) -> None:
    """Print open questions with both sides and the reasons."""
    found = sorted(review_questions(store.database, limit=10**6), key=lambda question: question.id)
    by_kind: defaultdict[str, list[int]] = defaultdict(list)
    for place, question in enumerate(found):
        source = mention_parts(question.left_mention).source
        by_kind[source if source in QUESTIONS else "other"].append(place)
    dice = random.Random(SEED)
    chosen = [place for kind, most in QUESTIONS.items() for place in dice.sample(by_kind[kind], most)]
    sys.stdout.write(f"{len(found)} questions\n")
    for number, place in enumerate(chosen, 1):
        shown = question_shown(store, found[place])
        asked = shown.question
        sys.stdout.write(f"[{number}] {asked.kind}: best {asked.points:.1f}, average {asked.average:.1f}\n")
        sys.stdout.write(f"   {'；'.join(f'{r.points:+.1f} {r.sentence}' for r in shown.reasons)}\n")
        for name, side in (("甲", shown.left), ("乙", shown.right)):
            sys.stdout.write(f"   {name}\n")
            print_side(side, most=3)


def print_side(record: PersonRecord, *, most: int) -> None:
    """Print one person's newest mentions."""
    sys.stdout.write(f"   {record.name}: {record.works} works, {'；'.join(record.posts[:4])}\n")
    for mention in record.mentions[:most]:
        others = "、".join(mention.others[:6])
        sys.stdout.write(f"      {mention.year} {mention.title[:50]} | {mention.affiliation[:40]} | {others}\n")


if __name__ == "__main__":
    raise SystemExit(main())
