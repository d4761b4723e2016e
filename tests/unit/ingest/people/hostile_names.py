"""Names that are no names, or try to break what reads them; and works on which a real name would be merged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from graph.store import Store
from tests.ingest_runs import rows

# What no source may bring together, whoever stands beside it.
NO_NAMES: Final = (
    "王", "伟", "W", "Wang", "W. W.", "J.", "·", "--", "？",
    "123", "王3伟", "作者2", "0x41", "王伟2号",
    "<b>王伟</b>", "<script>alert(1)</script>", "王&nbsp;伟", "<img src=x onerror=alert(1)>", "=cmd|'/C calc'!A1",
    "') DETACH DELETE (n) //", "王伟\\'}) MATCH (n) DETACH DELETE n", "{{7*7}}", "${jndi:ldap://x}", "https://a.b/王伟",
    "wang@x.cn",
    "😀", "王伟😀", "👨‍👩‍👧", "王\u202e伟", "\u200f王伟", "\u2066王伟\u2069", "王\x07伟", "王\x1b[31m伟",
    "et al.", "et al", "Wang et al.", "王伟等", "王伟 等3人", "等", "等人", "作者1", "等*",
    "and others", "Anonymous", "佚名", "不详", "null", "王伟、李四", "王伟；李四", "Wei Wang / Si Li",
    "课题组", "水稻育种课题组", "本刊编辑部", "清华大学", "中国科学院计算技术研究所",
    "某某有限公司", "University of Testing",
    "The BES Collaboration", "OPERA Group", "一二三四五六七八九十", "名" * 190, "x" * 190, "a b c d e f g h i",
)  # fmt: skip
# Taken as no author at all, and said so: nothing left of them, too long, half characters.
NO_AUTHORS: Final = (
    "",
    " ",
    "\u200b",
    "𠀀" * 5_000,
    "王" * 5_000,
    "x" * 5_000,
    "\ud800王伟",
    "王伟\udfff",
    "\x00",
    "王\x00伟",
)
# One name, whatever invisible stands in it: zero-width space and joiner, soft hyphen, byte order mark, wide space.
INVISIBLE: Final = (
    "王建国",
    "王\u200b建国",
    "王建\u00ad国",
    "\ufeff王建国",
    "王\u2060建国",
    "王\u3000建国",
    "王建国\u200d",
)
CIRCLE: Final = ("张三丰", "李四光", "赵五娘")


class Held(NamedTuple):
    """A mention: as its source writes the name, the work it stands on, the person it is held to be."""

    mention: str
    written: str
    work: str
    person: str


def held(store: Store) -> list[Held]:
    """Every mention of every work."""
    found = rows(
        store,
        "MATCH (p:Person)-[r:AUTHORED]->(w:Output) WHERE r.mention IS NOT NULL "
        "RETURN r.mention AS mention, r.name_as_written AS written, w.id AS work, p.id AS person",
    )
    return [Held(str(row["mention"]), str(row["written"]), str(row["work"]), str(row["person"])) for row in found]


def work(number: int | str, names: Sequence[str], *, body: str = "甲大学", **more: Mapping[str, str]) -> dict[str, Any]:
    """A work of these people, all of one university; `more` adds to the author of that place (`a0`, `a1`, …)."""
    authors: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        author: dict[str, Any] = {"name": name, **more.get(f"a{place}", {})}
        authors.append({**author, "affiliations": body} if body else author)
    return {"id": f"w{number}", "title": f"盐碱地土壤改良{number}", "year": 2020, "authors": authors}


def circle(names: Iterable[str], times: int = 3) -> list[dict[str, Any]]:
    """Each name on some works with the same three colleagues: enough for any real name to become one person."""
    return [work(f"{n}-{k}", (name, *CIRCLE)) for n, name in enumerate(names) for k in range(times)]


def hostile_file(path: Path, works: Iterable[Mapping[str, object]]) -> Path:
    """Write works as JSON Lines with everything beyond ASCII escaped, half characters too."""
    path.write_text("".join(json.dumps(one) + "\n" for one in works), encoding="ascii")
    return path
