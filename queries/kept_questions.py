"""What is kept of a question beside its text so that it can be asked again: every filter, and the options."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from pydantic import ValidationError

from queries.filters import FILTER_TITLES, LISTS, ExpertFilters, put_together, several

DISCIPLINE: Final = "discipline"
EXPAND: Final = "expand"
# Of the filters, those that `queries.organisations.organisations_for_topic` takes.
ORGANISATION_FILTERS: Final = ("region", "since_year", "until_year", "organisation_level", "organisation_kind")
_TITLES: Final[Mapping[str, str]] = {
    **FILTER_TITLES, DISCIPLINE: "侧重学科", EXPAND: "扩展词",
}  # fmt: skip


class KeptQuestion(NamedTuple):
    """What a question was asked with; `unknown` are the names kept that this version cannot use."""

    filters: ExpertFilters
    discipline: str
    expand: tuple[str, ...]
    unknown: tuple[str, ...]


def question_kept(
    filters: ExpertFilters | None, *, discipline: str | None = None, expand: Collection[str] = ()
) -> dict[str, Any]:
    """Return what is to be kept, as JSON has it: what says nothing is left out."""
    kept: dict[str, Any] = {} if filters is None else filters.model_dump(mode="json", exclude_defaults=True)
    if kept.get("among") is not None:
        kept["among"] = sorted(kept["among"])
    if discipline and discipline.strip():
        kept[DISCIPLINE] = discipline
    if expand:
        kept[EXPAND] = list(expand)
    return kept


def kept_question(kept: Mapping[str, object], *, organisations: bool = False) -> KeptQuestion:
    """What was a question asked with?  Lists kept before this version wrote several names as one text.

    `organisations`: a question for bodies, which knows `ORGANISATION_FILTERS` only. What a later version kept, or
    somebody wrote into the graph, is `unknown`.
    """
    known = ORGANISATION_FILTERS if organisations else tuple(ExpertFilters.model_fields)
    given: dict[str, object] = {}
    options: dict[str, tuple[str, ...]] = {}
    unknown: list[str] = []
    for name, value in sorted(kept.items()):
        if value in (None, "", []):
            continue
        read = several(value) if name in (*LISTS, EXPAND) and isinstance(value, str) else value
        if not organisations and name in (DISCIPLINE, EXPAND) and (texts := _texts(read)):
            options[name] = texts
        elif name in known and _usable(name, read):
            given[name] = read
        else:
            unknown.append(name)
    discipline = next(iter(options.get(DISCIPLINE, ())), "")
    return KeptQuestion(put_together(None, given), discipline, options.get(EXPAND, ()), tuple(unknown))


def said_of_question(kept: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what was kept as a person reads it: the names in Chinese, in the order in which filters are shown."""
    order = {name: place for place, name in enumerate(_TITLES)}
    said = {name: kept[name] for name in sorted(kept, key=lambda name: (order.get(name, len(order)), name))}
    return [(_TITLES.get(name, name), _written(value)) for name, value in said.items() if value not in (None, "", [])]


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "无"
    return "、".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    listed = cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()
    texts = tuple(each for each in listed if isinstance(each, str))
    return texts if len(texts) == len(listed) else ()


def _usable(name: str, value: object) -> bool:
    try:
        ExpertFilters.model_validate({name: value})
    except ValidationError:
        return False
    return True
