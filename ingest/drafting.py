"""From one record to its draft, as a mapping says. Pure; what cannot be taken is noted in the draft, never lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Final, cast

from graph.dates import parse_day, parse_period
from graph.errors import InputError
from graph.model import NODE_BY_LABEL, RELATIONSHIP_BY_NAME, Value, check_value
from graph.text import fold, name_key
from ingest.mapping_specs import EntitySpec, LinkSpec, Setter
from ingest.people.names import block_key
from ingest.readers import Record
from ingest.source import LONGEST_NAME, Draft, Entity, Link, RejectedRecordError, bounded_row_key
from ingest.values import Context, ValueRejectError, ValueSpec, plain_text

if TYPE_CHECKING:
    from ingest.mapping import TableMapping

# One cell with more members than this is another kind of file (largest real author list here: 98).
_MOST_ITEMS: Final = 5_000
_MOST_LINKS: Final = 20_000

_NAME_WITH_TIME: Final = re.compile(r"(?P<name>.*\S)\s*[(（](?P<time>[^()（）]+)[)）]\s*\Z")

Made = dict[str, list[tuple[int, int, Context]]]
"""By the name of an entity: index in the draft, number in its list, context."""


def draft_record(mapping: TableMapping, values: Mapping[str, object], record: Record) -> Draft:
    """Return what a record means; raises `RejectedRecordError` when a required value is missing or wrong."""
    draft = Draft(record, _row_key(mapping, values, record), mapping.hidden)
    made: Made = {}
    for alias, spec in mapping.entities.items():
        made[alias] = []
        for number, context in _items(spec, values, draft):
            entity = _entity(mapping, spec, number, context, draft)
            if entity is not None:
                made[alias].append((len(draft.entities), number, context))
                draft.entities.append(entity)
                _add_names(mapping, spec, entity, context, draft)
    _employers(mapping.entities, draft, made)
    for link in mapping.links:
        _add_links(link, mapping.entities, made, draft)
    return draft


def _row_key(mapping: TableMapping, values: Mapping[str, object], record: Record) -> str:
    paths = [path for spec in mapping.row_key for path in spec.paths]
    # Row keys stand in mention ids and messages: what is restricted only as a digest.
    if paths and mapping.hidden.isdisjoint(paths):
        context = Context(values)
        try:
            parts = [plain_text(spec.raw(context)) for spec in mapping.row_key]
        except InputError as error:
            raise RejectedRecordError(mapping.row_key[0].column, "", f"行键：{error.message}") from error
        except ValueRejectError as error:
            raise RejectedRecordError(error.column, "", f"行键：{error.reason}") from error
        if not any(parts):
            raise RejectedRecordError(mapping.row_key[0].column, "", "行键为空")
        return bounded_row_key("|".join(part.replace("|", "/") for part in parts))
    content = "\x1f".join(f"{path}={record.values.get(path)!r}" for path in paths or record.values)
    return sha256(content.encode("utf-8", "replace")).hexdigest()[:32]


def _items(spec: EntitySpec, values: Mapping[str, object], draft: Draft) -> Sequence[tuple[int, Context]]:
    try:
        items = spec.items(values)
    except ValueRejectError as error:
        draft.reject(error.column, error.value, error.reason)
        return ()
    if len(items) > _MOST_ITEMS:
        column = spec.each.column if spec.each is not None else ""
        draft.reject(column, len(items), f"多达 {len(items)} 项，只取前 {_MOST_ITEMS} 项")
    return items[:_MOST_ITEMS]


def _entity(mapping: TableMapping, spec: EntitySpec, number: int, context: Context, draft: Draft) -> Entity | None:
    entity = Entity(spec.node, f"{spec.alias}{number + 1}", slot=f"{spec.alias}1")
    entity.labels, entity.reference, entity.optional = spec.labels, spec.reference, spec.optional
    try:
        if not _identified(spec, entity, context):
            return None
    except ValueRejectError as error:
        if spec.required:
            hidden = error.column in draft.hidden
            raise RejectedRecordError(error.column, error.value, error.reason, hidden=hidden) from error
        draft.reject(error.column, error.value, error.reason)
        return None
    if spec.reference:
        return entity
    _fill(entity.properties, mapping.common, spec.node.label, context, draft)
    _fill(entity.properties, spec.setters, spec.node.label, context, draft)
    _fill_period(entity.properties, spec.period, context, draft)
    if spec.issued is not None:
        _fill_issued(entity.properties, spec.issued, context, draft)
    _name_keys(spec, entity)
    return entity


def _identified(spec: EntitySpec, entity: Entity, context: Context) -> bool:
    """Fill in what says which thing it is; False when the record does not speak of it. Raises `ValueRejectError`."""
    if spec.key is not None:
        entity.key, entity.column = spec.key.key(context), spec.key.column
        if not entity.key:
            return False
    if spec.written is not None:
        entity.written, entity.column = spec.written.text(context), spec.written.column
        if not entity.written:
            return False
        _check_written(spec, entity.written)
        if entity.column.startswith(".") and spec.each is not None:
            # A reject names the column of the list, not the item in it.
            entity.column = spec.each.column
    if spec.hint is not None:
        entity.hint = spec.hint.text(context)
    parts = [own.text(context).replace("|", "/") for own in spec.own]
    entity.own = "|".join(parts) if any(parts) else ""
    if spec.own and not entity.own and not entity.written:
        return False
    if spec.second:
        entity.labels += tuple(name for name, value in spec.second.items() if value.texts(context))
    return True


def _check_written(spec: EntitySpec, written: str) -> None:
    column = spec.written.column if spec.written is not None else ""
    if len(written) > LONGEST_NAME:
        raise ValueRejectError(column, written, f"名称长达 {len(written)} 字，超过上限 {LONGEST_NAME}")
    if spec.node.label == "Person" and not name_key(written):
        raise ValueRejectError(column, written, "看不出姓名")
    if spec.node.label == "Organisation" and not fold(written):
        raise ValueRejectError(column, written, "看不出机构名称")


def _name_keys(spec: EntitySpec, entity: Entity) -> None:
    if spec.node.label == "Person":
        entity.properties.setdefault("name", entity.written)
        entity.properties["name_key"] = block_key(entity.written) or name_key(entity.written)
    elif spec.node.label == "Organisation" and spec.register:
        entity.properties.setdefault("name", entity.written)
        entity.properties["name_key"] = fold(entity.written)


def _fill(target: dict[str, Value], setters: Sequence[Setter], owner: str, context: Context, draft: Draft) -> None:
    for setter in setters:
        spec = setter.spec
        try:
            value = spec.value(context, setter.prop)
            if value is None:
                continue
            check_value(owner, setter.prop, value)
            target[setter.prop.name] = cast(Value, value)
        except ValueRejectError as error:
            if spec.required:
                hidden = error.column in draft.hidden
                raise RejectedRecordError(error.column, error.value, error.reason, hidden=hidden) from error
            draft.reject(error.column, error.value, error.reason)
        except InputError as error:
            if spec.required:
                raise RejectedRecordError(spec.column, "", error.message) from error
            draft.reject(spec.column, "", error.message)


def _fill_period(target: dict[str, Value], period: Sequence[ValueSpec], context: Context, draft: Draft) -> None:
    for number, spec in enumerate(period):
        raw: object = None
        try:
            raw = spec.written(context)
            if raw is None:
                continue
            found = parse_period(raw)
            single = len(period) > 1 or _is_day(raw)
        except (InputError, ValueRejectError) as error:
            draft.reject(spec.column, raw, error.message if isinstance(error, InputError) else error.reason)
            continue
        if number == 0:
            _put(target, valid_from=found.valid_from, valid_from_precision=found.from_precision)
        # One column with one date says when something began, not that it lasted a day.
        if number == 1 or not single:
            begin = target.get("valid_from")
            if isinstance(begin, str) and found.valid_to and found.valid_to <= begin:
                draft.reject(spec.column, raw, "结束时间早于起始时间")
                continue
            _put(target, valid_to=found.valid_to, valid_to_precision=found.to_precision)


def _fill_issued(target: dict[str, Value], issued: ValueSpec, context: Context, draft: Draft) -> None:
    raw: object = None
    try:
        raw = issued.written(context)
        if raw is None:
            return
        found = parse_period(raw)
    except (InputError, ValueRejectError) as error:
        draft.reject(issued.column, raw, error.message if isinstance(error, InputError) else error.reason)
        return
    _put(target, issued_on=found.valid_from, issued_precision=found.from_precision)
    if found.valid_from:
        target.setdefault("year", int(found.valid_from[:4]))


def _is_day(raw: object) -> bool:
    try:
        parse_day(raw)
    except InputError:
        return False
    return True


def _put(target: dict[str, Value], **values: str | None) -> None:
    target.update({name: value for name, value in values.items() if value})


def _add_names(mapping: TableMapping, spec: EntitySpec, entity: Entity, context: Context, draft: Draft) -> None:
    owner = len(draft.entities) - 1
    seen = {fold(entity.written)}
    for name in spec.names:
        try:
            texts = name.spec.texts(context)
        except ValueRejectError as error:
            draft.reject(error.column, error.value, error.reason)
            continue
        for written in texts:
            text, period = _with_time(written) if name.dated else (written, {})
            key = fold(text)
            if len(text) > LONGEST_NAME or not key:
                draft.reject(name.spec.column, text, f"名称长达 {len(text)} 字" if key else "看不出名称")
                continue
            if key in seen:
                continue
            seen.add(key)
            properties: dict[str, Value] = {"text": text, "text_key": key, **name.properties, **period}
            _fill(properties, mapping.common, "Name", context, draft)
            draft.links.append(Link(RELATIONSHIP_BY_NAME["HAS_NAME"], owner, len(draft.entities)))
            further = Entity(NODE_BY_LABEL["Name"], f"{entity.position}/{text}", column=name.spec.column)
            further.own, further.slot, further.properties = draft.row_key, further.position, properties
            draft.entities.append(further)


def _with_time(written: str) -> tuple[str, dict[str, Value]]:
    """`某某学院（1958—1995）` → name and validity; brackets that hold no time belong to the name."""
    found = _NAME_WITH_TIME.match(written)
    if found is None:
        return written, {}
    try:
        period = parse_period(found["time"])
    except InputError:
        return written, {}
    times: dict[str, Value] = {}
    _put(
        times,
        valid_from=period.valid_from,
        valid_to=period.valid_to,
        valid_from_precision=period.from_precision,
        valid_to_precision=period.to_precision,
    )
    return found["name"], times


def _employers(entities: Mapping[str, EntitySpec], draft: Draft, made: Made) -> None:
    """Say where people work: two lists (people; their units) walk side by side, one unit serves all people of a row."""
    for alias, spec in entities.items():
        for employer in spec.employers:
            people, units = made[alias], made[employer]
            each = entities[employer].each
            side_by_side = spec.each is not None and each is not None and len(units) > 1
            if side_by_side and people and units[-1][1] > people[-1][1]:
                column = each.column if each is not None else ""
                reason = f"有 {units[-1][1] + 1} 个单位，却只有 {people[-1][1] + 1} 人，对不上，未采用"
                draft.reject(column, "", reason)
                continue
            for index, number, _ in people:
                draft.entities[index].employers += [u for u, place, _ in units if not side_by_side or place == number]


def _add_links(spec: LinkSpec, entities: Mapping[str, EntitySpec], made: Made, draft: Draft) -> None:
    for start, start_number, start_context in made[spec.start]:
        for end, end_number, end_context in made[spec.end]:
            if start == end or (spec.paired and start_number != end_number):
                continue
            if spec.employment and end not in draft.entities[start].employers:
                continue
            if len(draft.links) >= _MOST_LINKS:
                draft.reject("", "", f"一条记录的关系超过 {_MOST_LINKS} 个，其余未采用")
                return
            context = start_context if start_context.item is not None else end_context
            _add_link(spec, (start, end), start_number, context, draft)


def _add_link(spec: LinkSpec, ends: tuple[int, int], number: int, context: Context, draft: Draft) -> None:
    try:
        if spec.when is not None and not spec.when.texts(context):
            return
        key = bounded_row_key(spec.key.key(context)) if spec.key is not None else ""
    except ValueRejectError as error:
        draft.reject(error.column, error.value, error.reason)
        return
    link = Link(spec.type, *ends, key, mention=spec.mention)
    _fill(link.properties, spec.setters, spec.type.name, context, draft)
    _fill_period(link.properties, spec.period, context, draft)
    if link.mention:
        link.key = draft.entities[link.start].position
        link.properties["name_as_written"] = draft.entities[link.start].written
        if spec.numbered:
            link.properties.setdefault("position", number + 1)
    draft.links.append(link)
