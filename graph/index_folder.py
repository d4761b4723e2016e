"""The folder of the text index: what its files look like, which generation is current, and who may write.

    text/<store id>-f<FORMAT>/CURRENT          one line: the name of the generation that readers use
                             /writer.lock      held by the one process that indexes
                             /g-…/works, names two Tantivy indexes, each with a marker document
                             /g-…/records      the stored works (`graph.index_records`)
                             /g-…/encoders     what made the vectors of its works (`graph.encoders`)

A rebuild is made in a new generation folder; replacing CURRENT (an atomic rename) is the moment readers see it. They
keep the files of the old one open, so that it is removed at the next rebuild. Works and names are two indexes because
BM25 counts the documents of a whole index: people and bodies in it would change the scores of works.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import tantivy
from filelock import FileLock, Timeout

from graph.documents import Change, Document, OrganisationDocument, PersonDocument, WorkDocument
from graph.encoders import Encoders, opened, vectored
from graph.errors import StoreUnavailableError
from graph.index_records import Records, RecordsWriter
from graph.text import fold, name_key, pinyin_forms, tokens

# Raise it with every change of the schema, of the stored form or of `graph.text`: another folder, built anew.
FORMAT: Final = 4
# Bounds what one indexing process holds (50 to 128 MB wanted); above it a segment is written out.
_HEAP_BYTES: Final = 50_000_000
_NAMES_HEAP_BYTES: Final = 20_000_000
# Tantivy merges eight segments of like size. A build leaves up to seven of some thousand works, which the first small
# commits after it would complete to eight: seconds of merging for one changed document. So eight commits of one
# document make it happen in the build; it leaves fewer segments to search, too (a filter costs per person and segment).
_SETTLING: Final = 8
# A validity without an end lasts for ever; dates are numbers like 20190101.
EVER: Final = 99_999_999


class Marker(NamedTuple):
    """How far an index is: the store, the number and the hash of the last audit event it has seen."""

    store: str
    seq: int
    event: str


def _works_schema() -> tantivy.Schema:
    schema = tantivy.SchemaBuilder()
    for name in ("type", "id", "kind", "work_type", "person", "organisation"):
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic")
    schema.add_unsigned_field("year", indexed=True, fast=True)
    schema.add_unsigned_field("length", fast=True)
    schema.add_text_field("tokens", tokenizer_name="whitespace", index_option="freq")
    # Where the stored work begins in the records; of the marker, where they end.
    schema.add_unsigned_field("record", fast=True)
    # Of the marker only.
    schema.add_bytes_field("stored", stored=True)
    return schema.build()


def _names_schema() -> tantivy.Schema:
    schema = tantivy.SchemaBuilder()
    for name in ("type", "id", "name", "sound"):
        schema.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("words", "fields"):
        schema.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    # The write it came with: `PeopleColumns` reads the newer ones only.
    schema.add_unsigned_field("written", indexed=True, fast=True)
    schema.add_bytes_field("stored", stored=True)
    return schema.build()


WORKS: Final = _works_schema()
NAMES: Final = _names_schema()


@dataclass(frozen=True, slots=True)
class Generation:
    """One built index: its folder and the two Tantivy indexes in it."""

    folder: Path
    works: tantivy.Index
    names: tantivy.Index
    encoders: Encoders
    records: Records

    @classmethod
    def open(cls, folder: Path) -> Generation:
        """Open what is there; raises `ValueError` or `OSError` when it is not an index of this format."""
        works, names = tantivy.Index.open(str(folder / "works")), tantivy.Index.open(str(folder / "names"))
        for index in (works, names):
            # Otherwise every index keeps a thread that looks for commits twice a second.
            index.config_reader("manual")
        return cls(folder, works, names, opened(folder / "encoders"), Records(folder / "records"))

    @classmethod
    def create(cls, folder: Path, made: Encoders) -> Generation:
        """Make an empty one with these encoders."""
        for name, schema in (("works", WORKS), ("names", NAMES)):
            (folder / name).mkdir(parents=True)
            tantivy.Index(schema, str(folder / name))
        made.save(folder / "encoders")
        (folder / "records").touch()
        return cls.open(folder)

    def write(self, changes: Iterable[Change], marker: Marker, *, fresh: bool = False) -> int:
        """Put documents in the place of older ones of the same id (None: only take those away) and commit.

        Works get the vectors that the encoders of this generation make of them.

        Both indexes get the marker in the same commit as the documents. `fresh` is for an index without documents.
        Returns the number of changes. After an error or a crash in between, one index may be further than the other;
        the smaller marker counts then, and doing the changes again gives the same.
        """
        works, names = self.works.writer(_HEAP_BYTES, 1), self.names.writer(_NAMES_HEAP_BYTES, 1)
        try:
            with RecordsWriter(self.folder / "records") as records:
                put_in = vectored(changes, self.encoders.encoding)
                done = _put(_Writers(works, names, records), put_in, fresh, marker.seq)
                end = records.flush()
            if fresh:
                names, works = _settled(names, self.names), _settled(works, self.works)
            for writer in (names, works):
                writer.delete_documents_by_term("type", "marker")
                _commit_with(writer, "marker", json.dumps(marker).encode(), end if writer is works else None)
            names.wait_merging_threads()
            works.wait_merging_threads()
        finally:
            # A writer holds its lock as long as it lives, and a traceback would keep it alive.
            del works, names
            writer = None  # pyright: ignore[reportUnusedVariable]
        return done


def _commit_with(writer: tantivy.IndexWriter, kind: str, stored: bytes, record: int | None = None) -> None:
    fields = tantivy.Document()
    fields.add_text("type", kind)
    fields.add_bytes("stored", stored)
    if record is not None:
        fields.add_unsigned("record", record)
    writer.add_document(fields)
    writer.commit()


def _settled(writer: tantivy.IndexWriter, index: tantivy.Index) -> tantivy.IndexWriter:
    """Commit a build, let Tantivy merge its segments now (see `_SETTLING`), and return the writer to go on with."""
    writer.commit()
    index.reload()
    if index.searcher().num_segments <= 1:
        return writer
    for _ in range(_SETTLING):
        # A merge is only sure to be looked for, and waited for, by a writer that begins with the segments there are.
        writer.wait_merging_threads()
        writer = index.writer(_NAMES_HEAP_BYTES, 1)
        _commit_with(writer, "settling", b"")
    writer.delete_documents_by_term("type", "settling")
    return writer


class _Writers(NamedTuple):
    works: tantivy.IndexWriter
    names: tantivy.IndexWriter
    records: RecordsWriter


def _put(writers: _Writers, changes: Iterable[tuple[str, Document | None]], fresh: bool, written: int) -> int:
    works, names, records = writers
    done = 0
    for key, document in changes:
        if not fresh:
            works.delete_documents_by_term("id", key)
            names.delete_documents_by_term("id", key)
        if isinstance(document, WorkDocument):
            works.add_document(work_fields(document, records.add(document.packed())))
        elif isinstance(document, PersonDocument):
            names.add_document(person_fields(document, written))
        elif document is not None:
            names.add_document(organisation_fields(document, written))
        done += 1
    return done


def work_fields(document: WorkDocument, record: int) -> tantivy.Document:
    """Return the indexed form of a work whose stored form begins at `record`."""
    fields = tantivy.Document()
    fields.add_text("type", "work")
    fields.add_text("id", document.id)
    fields.add_text("kind", document.kind)
    fields.add_text("work_type", work_type(document.kind, document.type))
    for person in document.people:
        fields.add_text("person", person)
    for organisation in document.organisations:
        fields.add_text("organisation", organisation)
    if document.year is not None and document.year >= 0:
        fields.add_unsigned("year", document.year)
    fields.add_unsigned("length", document.length)
    fields.add_text("tokens", document.tokens)
    fields.add_unsigned("record", record)
    return fields


def work_type(kind: str, type: str) -> str:
    """Return the term for a kind of work within outputs or projects: "output:paper"."""
    return f"{kind}:{fold(type)}"


def person_fields(document: PersonDocument, written: int = 0) -> tantivy.Document:
    """Return the indexed form of a person: what is looked up by name; filters are answered from `PeopleColumns`."""
    fields = tantivy.Document()
    fields.add_text("type", "person")
    fields.add_text("id", document.id)
    _add_names(fields, document.names, [name_key(name) for name in document.names])
    fields.add_text("fields", document.fields)
    fields.add_unsigned("written", written)
    fields.add_bytes("stored", document.packed())
    return fields


def organisation_fields(document: OrganisationDocument, written: int = 0) -> tantivy.Document:
    """Return the indexed form of a body."""
    fields = tantivy.Document()
    fields.add_text("type", "organisation")
    fields.add_text("id", document.id)
    _add_names(fields, document.names, [fold(name) for name in document.names])
    fields.add_unsigned("written", written)
    fields.add_bytes("stored", document.packed())
    return fields


def _add_names(fields: tantivy.Document, names: Iterable[str], keys: Iterable[str]) -> None:
    for key in dict.fromkeys(keys):
        fields.add_text("name", key[:LONGEST_NAME])
    for sound in dict.fromkeys(form for name in names for form in pinyin_forms(name)):
        fields.add_text("sound", sound)
    # Latin names are found by "wangwei" as well as by "wang wei".
    for key in dict.fromkeys(keys):
        if key.isascii() and " " in key:
            fields.add_text("sound", key.replace(" ", "")[:LONGEST_NAME])
    fields.add_text("words", " ".join(tokens(" ".join(names))))


# A longer name is a mistake in the file; its beginning still finds it.
LONGEST_NAME: Final = 128


def day_number(day: str, unknown: int) -> int:
    """Return an ISO date as a number (2019-01-31 → 20190131), or `unknown`."""
    digits = day[:10].replace("-", "")
    return int(digits) if len(digits) == 8 and digits.isascii() and digits.isdigit() else unknown


class IndexFolder:
    """The generations of one store's text index, and the lock of its one writer."""

    def __init__(self, home: Path, store_id: str) -> None:
        self.root = home / "text" / f"{store_id}-f{FORMAT}"
        self._pointer = self.root / "CURRENT"

    def current(self) -> Path | None:
        """Return the folder of the current generation; None when nothing was ever built."""
        try:
            name = self._pointer.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return self.root / name if name else None

    def state(self) -> tuple[object, ...]:
        """Return something that is different after every swap and every commit: three `stat` calls."""
        current = self.current()
        if current is None:
            return ()
        return (current, _version(current / "works" / "meta.json"), _version(current / "names" / "meta.json"))

    @contextmanager
    def writing(self, wait_s: float) -> Generator[bool]:
        """Hold the lock of the one writer; gives False when another process still has it after `wait_s` seconds."""
        with reported(self.root):
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self.root / "writer.lock", timeout=wait_s)
            mine = True
            try:
                lock.acquire()
            except Timeout:
                mine = False
        try:
            yield mine
        finally:
            lock.release()

    def begin(self, made: Encoders) -> Generation:
        """Make an empty generation beside the current one, removing those that no reader starts with any more."""
        self.remove_old()
        return Generation.create(self.root / f"g-{secrets.token_hex(8)}", made)

    def swap(self, generation: Generation) -> None:
        """Make this generation the current one: whole or not at all."""
        temporary = self.root / "CURRENT.new"
        with temporary.open("w", encoding="ascii") as out:
            out.write(generation.folder.name + "\n")
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(self._pointer)

    def remove_old(self) -> None:
        """Remove generations that are not current; what a reader has open of them stays readable to it."""
        current = self.current()
        for folder in self.root.glob("g-*"):
            if folder != current:
                with suppress(OSError):
                    shutil.rmtree(folder)


def _version(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns)


@contextmanager
def reported(root: Path) -> Generator[None]:
    """Turn what the disk and Tantivy raise into `StoreUnavailableError`; the index on disk stays as it was."""
    try:
        yield
    except (OSError, ValueError) as error:
        words = str(error)
        reason = "磁盘已满" if "os error 28" in words or "No space" in words else "读写失败"
        raise StoreUnavailableError(
            f"文本索引写不进去（{reason}）：{root}",
            hint="腾出磁盘空间或改正目录权限后再试；图中的数据没有受影响，索引会自动补上",
        ) from error
