"""Which registered bodies may a written string mean, and why?  Gives candidates with their points. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graph.text import fold
from ingest.bodies import scoring, spelling
from ingest.bodies.names import Names
from ingest.bodies.scoring import Candidate, Judgement, Part

_SHORTEST_PREFIX = 4
# 宁波理工学院 may be a college of its own, 江西省鄱阳湖流域经济管理学院 is a department named after a region.
_LONGEST_CAMPUS = 10


@dataclass(frozen=True, slots=True)
class _Parts:
    """A string taken apart, with the umbrella bodies that stand in it by themselves."""

    keys: list[str]
    umbrellas: dict[str, str]
    campuses: frozenset[str]
    footnoted: bool


def candidates(names: Names, text: str, *, near: bool) -> list[Candidate]:
    """Return every reading of a cleaned string as a registered body; `near` adds cut-off and misprinted names.

    The answer depends on registered bodies only, never on strings met before.
    """
    key = fold(text)
    if not key or len(text) >= spelling.LONGEST:
        return []
    found = list(_exact(names, key))
    for reading in (_longer(names, key, text), _in_parts(names, text)):
        if not _sure(found):
            found += reading
    if near and not found:
        found += _near(names, spelling.split_entity(key)[0])
    return found


def _sure(found: list[Candidate]) -> bool:
    return scoring.judge(found).outcome == "same"


# --- one name ---------------------------------------------------------------------------------------------------------


def _exact(names: Names, key: str, *extra: Part) -> Iterator[Candidate]:
    """Bodies of exactly this name, alias, abbreviation, English name, or generally used short name."""
    registered = [id_ for id_ in names.named(key) if names.verified(id_)]
    if registered:
        reason = scoring.REGISTERED if len(registered) == 1 else scoring.SHARED
        yield from (Candidate(id_, (reason, *extra)) for id_ in registered)
        return
    aliased = {id_: kind for id_, kind in names.aliased(key).items() if names.verified(id_)}
    generic = _generic(key)
    for id_, kind in aliased.items():
        yield Candidate(id_, (_alias(key, kind) if len(aliased) == 1 else scoring.SHARED, *generic, *extra))
    if aliased:
        return
    if not spelling.is_han(key):
        yield from _english(names, key, extra)
        return
    for short, full in spelling.SHORT_NAMES.items():
        if key == short or (key.startswith(short) and len(short) > 2):
            yield from _exact(names, full + key[len(short) :], scoring.EXPANDED, *extra)


def _alias(key: str, kind: str) -> Part:
    if kind != "abbreviation":
        return scoring.ALIAS
    return scoring.SHORT if spelling.is_han(key) or len(key) > 4 else scoring.LATIN_SHORT


def _english(names: Names, key: str, extra: tuple[Part, ...]) -> Iterator[Candidate]:
    english = spelling.english_key(key)
    ids = sorted(id_ for id_ in names.in_english(english) if names.verified(id_))
    for id_ in ids:
        reason = scoring.ENGLISH if len(ids) == 1 else scoring.SHARED
        yield Candidate(id_, (reason, *_generic(key), *extra))


def _generic(key: str) -> tuple[Part, ...]:
    generic = not spelling.is_han(key) and spelling.is_generic(spelling.english_key(key))
    # "Institute of Psychology, Chinese Academy of Sciences" as one registered name says which one it is.
    return (scoring.GENERIC,) if generic and "," not in key else ()


# --- a name and its department ----------------------------------------------------------------------------------------


def _longer(names: Names, key: str, text: str) -> Iterator[Candidate]:
    """Bodies whose name a string begins with, or ends with, the rest being a department or a place."""
    if not spelling.is_han(key):
        yield from _longer_english(names, key)
        return
    if under := list(_under_umbrella(names, key)):
        yield from under
        return
    found = list(_beginning(names, key, text))
    if not found or spelling.is_laboratory(key[: len(key) - len(found[0].department)]):
        found = list(_behind(names, key)) or found
    yield from found
    for short, full in spelling.SHORT_NAMES.items():
        if not found and key.startswith(short) and len(short) > 2:
            whole = full + key[len(short) :]
            yield from (each.also(scoring.EXPANDED) for each in _beginning(names, whole, whole))


def _beginning(names: Names, key: str, text: str) -> list[Candidate]:
    """Bodies with the longest name that a string begins with; laboratories only where nothing else is."""
    laboratory: list[Candidate] = []
    for length in range(len(key) - 1, _SHORTEST_PREFIX - 1, -1):
        if names.known_prefix(key[:length]) and (found := list(_with_rest(names, key, length, text))):
            if not spelling.is_laboratory(key[:length]):
                return found
            laboratory = laboratory or found
    return laboratory


def _under_umbrella(names: Names, key: str) -> Iterator[Candidate]:
    """`中国科学院国家空间科学中心`, registered without the academy: the rest is perhaps one of its bodies."""
    for length in range(_SHORTEST_PREFIX, len(key) - _SHORTEST_PREFIX + 1):
        head, rest = key[:length], key[length:]
        if not spelling.is_umbrella(head) or not names.known_prefix(head):
            continue
        uppers = [id_ for id_ in names.named(head) if names.verified(id_)]
        for found in _one(names, rest) if uppers else ():
            belongs = not names.above(found.id).isdisjoint(uppers)
            yield found.also(scoring.UPPER_AGREES if belongs else scoring.UPPER_ADDED)


def _one(names: Names, key: str) -> list[Candidate]:
    """The body of this name, or the one it begins with."""
    return list(_exact(names, key)) or _beginning(names, key, key)


def _with_rest(names: Names, key: str, length: int, text: str) -> Iterator[Candidate]:
    head, rest = key[:length], key[length:]
    if spelling.is_umbrella(head) or (spelling.is_inside(head) and rest.startswith((",", ";", "/"))):
        return
    if spelling.is_place(rest.strip(" ,;-·()")):
        reason = scoring.CAMPUS if rest.startswith("(") else scoring.ONE_OF_PARTS
        yield from (found.also(reason) for found in _exact(names, head))
    elif spelling.is_department(rest):
        written = spelling.department(key, length, text)
        campus = (scoring.CAMPUS,) if _is_campus(rest) else ()
        for found in _exact(names, head):
            yield Candidate(found.id, (*found.parts, scoring.DEPARTMENT, *campus), written)


def _is_campus(rest: str) -> bool:
    """宁波理工学院, (深圳)数据学院, 深圳研究院: bodies of their own behind a university's; 深圳研究生院 is none."""
    return spelling.begins_with_place(rest) and (
        rest.startswith("(") or rest.endswith("研究院") or (rest.endswith("学院") and len(rest) <= _LONGEST_CAMPUS)
    )


def _behind(names: Names, key: str) -> Iterator[Candidate]:
    """`某某重点实验室陇东学院`: a laboratory in front of the body it belongs to, nothing between them."""
    for start in range(_SHORTEST_PREFIX, len(key) - _SHORTEST_PREFIX + 1):
        head, rest = key[:start], key[start:]
        if key[start - 1] not in "室心院部" or spelling.is_umbrella(rest) or spelling.is_laboratory(rest):
            continue
        laboratory = spelling.is_laboratory(head)
        if laboratory or spelling.is_department(head):
            # A school in front of a whole name only: of two names in a row nobody knows where one ends.
            found = _one(names, rest) if laboratory else list(_exact(names, rest))
            yield from (Candidate(f.id, (*f.parts, scoring.DEPARTMENT_FIRST), f.department or head) for f in found)
            if found:
                return


def _longer_english(names: Names, key: str) -> Iterator[Candidate]:
    words = spelling.english_words(key)
    for length in range(min(len(words) - 1, 12), 1, -1):
        for head, rest in ((words[:length], words[length:]), (words[-length:], words[:-length])):
            joined = " ".join(head)
            ids = [id_ for id_ in sorted(names.in_english(joined)) if names.verified(id_)]
            if not ids or spelling.is_umbrella(joined) or spelling.is_generic(joined):
                continue
            if spelling.is_department_en(rest) or spelling.is_place(" ".join(rest)):
                reason = scoring.ENGLISH if len(ids) == 1 else scoring.SHARED
                yield from (Candidate(id_, (reason, scoring.DEPARTMENT), " ".join(rest)) for id_ in ids)
                return


# --- several parts ----------------------------------------------------------------------------------------------------


def _in_parts(names: Names, text: str) -> Iterator[Candidate]:
    """Read "College, University, City, Country", in either order, laboratories and upper bodies among the parts."""
    keys = spelling.parts_of(text)
    if not keys or keys == [fold(text)]:
        return
    parts = _Parts(keys, {}, spelling.campuses_of(text), spelling.has_footnotes(text))
    hits: list[list[Candidate]] = []
    for key in keys:
        found = list(_exact(names, key)) or list(_longer(names, key, key))
        if spelling.is_umbrella(key) and found and _exact_sure(found):
            parts.umbrellas[key] = found[0].id
        hits.append(found)
    joined = list(_joined(names, parts))
    yield from joined
    if not joined:
        yield from _chosen(names, parts, hits)


def _exact_sure(found: list[Candidate]) -> bool:
    return found[0].points >= scoring.SAME and not found[0].department


def _joined(names: Names, parts: _Parts) -> Iterator[Candidate]:
    """`计算技术研究所，中国科学院`, "Institute of Psychology, Chinese Academy of Sciences": read as one name."""
    for umbrella in parts.umbrellas:
        for key in parts.keys:
            if key not in parts.umbrellas:
                name = umbrella + key if spelling.is_han(umbrella) else f"{key}, {umbrella}"
                found = list(_exact(names, name, scoring.JOINED))
                yield from found or (f.also(scoring.JOINED) for f in _longer(names, name, name))


def _chosen(names: Names, parts: _Parts, hits: list[list[Candidate]]) -> Iterator[Candidate]:
    """The bodies among the parts; the first that is no laboratory stands for the string."""
    keys = parts.keys
    known = [place for place, found in enumerate(hits) if found and keys[place] not in parts.umbrellas]
    if not known:
        # Only the academy itself is known: it is meant where nothing but addresses stands beside it.
        for key in parts.umbrellas:
            reason = scoring.ONE_OF_PARTS if len(keys) == 1 else scoring.UMBRELLA
            yield from (found.also(reason) for found in _exact(names, key))
        return
    place = next((p for p in known if not spelling.is_inside(keys[p])), known[0])
    beside = "，".join(key for p, key in enumerate(keys) if p != place and key not in parts.umbrellas)
    others = {h[0].id for p, h in enumerate(hits) if p in known and not spelling.is_inside(keys[p])}
    for found in hits[place]:
        upper = _upper(names, found, parts)
        vague = scoring.GENERIC in found.parts and scoring.UPPER_AGREES not in upper
        reasons = [scoring.ONE_OF_PARTS, *upper, *_unknown_beside(parts, hits, place, vague=vague)]
        if len(reasons) == 1 and others - {found.id}:
            reasons.append(scoring.OTHER_BODY)
        if keys[place] in parts.campuses:
            reasons.append(scoring.CAMPUS)
        kept = (part for part in found.parts if vague or part != scoring.GENERIC)
        yield Candidate(found.id, (*kept, *reasons), found.department or beside)


def _unknown_beside(parts: _Parts, hits: list[list[Candidate]], place: int, *, vague: bool) -> list[Part]:
    """What it costs that a hospital, company or university stands beside that nobody knows."""
    keys = parts.keys
    unknown = next((p for p, key in enumerate(keys) if not hits[p] and spelling.is_own_body(key)), None)
    if unknown is None:
        return []
    if vague:
        return [scoring.UNKNOWN_BODY_FIRST]
    if unknown < place:
        # Two names of one hospital stand in one string; a university behind a hospital is the body above it.
        return [scoring.UNKNOWN_HOSPITAL_FIRST if spelling.is_own_body(keys[place]) else scoring.UNKNOWN_BODY_FIRST]
    glued = unknown == place + 1 and (parts.footnoted or keys[unknown].startswith(("附属", "第")))
    return [scoring.UNKNOWN_HOSPITAL_FIRST if glued else scoring.OTHER_BODY]


def _upper(names: Names, found: Candidate, parts: _Parts) -> list[Part]:
    uppers = set(parts.umbrellas.values())
    if not uppers:
        return []
    above = names.above(found.id)
    if uppers & above:
        return [scoring.UPPER_AGREES]
    # A university may write the academy it works with; an institute whose register names another upper body may not.
    return [scoring.UPPER_DIFFERS] if above or scoring.GENERIC in found.parts else [scoring.OTHER_BODY]


# --- cut off, misprinted ----------------------------------------------------------------------------------------------


def _near(names: Names, key: str) -> Iterator[Candidate]:
    if not spelling.is_han(key):
        return
    near = names.near()
    yield from (Candidate(names.target(id_), (scoring.ONE_CHARACTER,)) for id_ in near.misprinted(key))
    for id_, missing in near.ending_with(key):
        reason = scoring.WITHOUT_UPPER if spelling.is_umbrella(missing) else scoring.CUT_IN_FRONT
        yield Candidate(names.target(id_), (reason,))
    if not _is_whole(key):
        yield from (Candidate(names.target(id_), (scoring.CUT_BEHIND,)) for id_ in near.beginning_with(key))


@lru_cache(maxsize=4096)
def _is_whole(key: str) -> bool:
    """Does a string end as names of bodies end?  Then it is not taken for the beginning of a longer one."""
    return spelling.is_department(key) or spelling.is_own_body(key) or spelling.is_umbrella(key) or key.endswith("大学")


__all__ = ["Judgement", "candidates"]
