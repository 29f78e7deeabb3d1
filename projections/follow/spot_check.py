"""A slow look through the views in use, a few rows at a time: whether they are still what the log and a fold make them.

It takes a small share of a processor and finds what was edited behind the follower's back; what it finds is kept beside
the bookmark, where every process sees it. It is no proof, as it does not look at all tables: that is `comparison`.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from eventsourcing.persistence import PersistenceError
from sqlalchemy import Column, Table, Text, delete, insert
from sqlalchemy.exc import DBAPIError

from events.errors import ChronologyError
from events.history.streams import HEAD
from events.log.application import Record
from projections.follow.comparison import is_redacted_after, logged_between
from projections.follow.rebuild import subjects_after
from projections.read_models.current_states import fold_subjects, in_pieces, write_folded
from projections.read_models.ledger import Ledger
from projections.store.engine import temporary_database
from projections.store.generations import BOOKMARKS, Store
from projections.store.snapshots import Snapshot

log = logging.getLogger("chronology.follow")

DOUBTS = Table(
    "chronology_doubts",
    BOOKMARKS.metadata,
    Column("generation", Text, primary_key=True),
    Column("sentence", Text, nullable=False),
)
"""Why a generation of views is not to be trusted: it was found not to follow from the log."""
SHARE = 0.02
"""Of a processor, at the most."""
_EVENTS_AT_ONCE = 256
_SUBJECTS_AT_ONCE = 20
_LEAST_PAUSE_SECONDS = 0.5
_BY_POSITION = ("entries", "cites", "about", "mentions", "parts", "promises", "derived")
_BY_SUBJECT = {"current": "id", "planes": "plane IN (0, 1) AND subject", "fact_places": "subject", "names": "subject"}
_FIRST = "\0"
"""Stands before all subjects."""
_LATER = "touched"  # may name an event after those that a subject is folded from
_EDITED = "the views do not follow from the log any more: run `chronology verify`, which says where, then rebuild them"
_AHEAD = "the views say that they have followed further than the log goes: it was cut, or their bookmark was moved"


def doubt(snapshot: Snapshot) -> str | None:
    """Why the views that are read are not to be trusted; None while nothing is known against them."""
    if snapshot.position > snapshot.head:
        return _AHEAD
    generation = DOUBTS.c.generation == snapshot.generation
    found = snapshot.rows(DOUBTS.select().where(generation))
    return str(found[0].sentence) if found else None


def forget_doubts(store: Store) -> None:
    """Trust views that were just made from the log."""
    with store.writing() as snapshot:
        snapshot.connection.execute(delete(DOUBTS))


class SpotCheck:
    """Looks through the views of `store` again and again: first by the events of the log, then by subjects."""

    def __init__(self, record: Record, store: Store) -> None:
        self._record = record
        self._store = store
        self._next = 0.0
        self._position = 0
        self._subject = ""
        self._is_clean = True

    def step(self) -> None:
        """Look at the next few rows, unless that would take more than its share."""
        if time.monotonic() < self._next:
            return
        began = time.thread_time()
        self.look()
        spent = time.thread_time() - began
        self._next = time.monotonic() + max(_LEAST_PAUSE_SECONDS, spent / SHARE)

    def look(self) -> bool:
        """Look at the next few rows; return whether that was the end of a round."""
        with self._store.reading() as seen:
            generation = seen.generation
            try:
                differing = self._differing(seen)
            except (DBAPIError, PersistenceError, ChronologyError):
                raise
            except Exception as error:  # what somebody edited may fail in any way when it is read
                differing = f"{type(error).__name__} after position {self._position}, subject {self._subject!r}"
            if differing and is_redacted_after(self._record, seen.position):
                differing = ""  # its words are gone from the log, and not yet from the views
        if differing:
            log.error("the views are not what the log makes them: %s", differing)
        is_over = not self._position and not self._subject
        self._note(generation, differing, is_over)
        self._is_clean = is_over or self._is_clean
        return is_over

    def _differing(self, seen: Snapshot) -> str:
        """Where the next rows differ; first come those of events, then those of subjects."""
        return self._by_subject(seen) if self._subject else self._by_position(seen)

    def _by_position(self, seen: Snapshot) -> str:
        first = self._position
        last = min(first + _EVENTS_AT_ONCE, seen.position)
        self._position = last
        if last >= seen.position:
            self._subject = _FIRST
        with _apart(seen) as anew:
            for entries in logged_between(self._record, first, last):
                Ledger().load(anew, entries)
            span = "WHERE position > ? AND position <= ?", first, last
            wrong = [name for name in _BY_POSITION if _rows(seen, name, *span) != _rows(anew, name, *span)]
            texts = _rows(anew, "texts", "")
            keys = {source for source, *_ in texts}
            kept = _rows(seen, "texts", "WHERE source {among}", among=keys) if keys else Counter()
            wrong += ["texts"] if texts - kept else []
        return f"{', '.join(wrong)} after position {first}" if wrong else ""

    def _by_subject(self, seen: Snapshot) -> str:
        found = subjects_after(seen, self._subject.removeprefix(_FIRST))[:_SUBJECTS_AT_ONCE]
        piece = next(iter(in_pieces(seen, found)), [])
        if not piece:
            self._position, self._subject = 0, ""
            return ""
        self._subject = piece[-1]
        with _apart(seen) as anew:
            write_folded(anew, list(fold_subjects(seen, piece, seen.position)), {})
            wrong = []
            for name, key in _BY_SUBJECT.items():
                where = f"WHERE {key} {{among}}"
                if _rows(seen, name, where, among=piece) != _rows(anew, name, where, among=piece):
                    wrong.append(name)
        return f"{', '.join(wrong)} of {', '.join(piece)}" if wrong else ""

    def _note(self, generation: str, differing: str, is_over: bool) -> None:
        """Keep what was found where all processes see it; a round that found nothing takes it back."""
        self._is_clean = self._is_clean and not differing
        if not differing and not (is_over and self._is_clean):
            return
        with self._store.reading() as seen:
            if not differing and doubt(seen) is None:
                return
        with self._store.writing() as snapshot:
            snapshot.connection.execute(delete(DOUBTS).where(DOUBTS.c.generation == generation))
            if differing:
                snapshot.connection.execute(insert(DOUBTS).values(generation=generation, sentence=_EDITED))


@contextmanager
def _apart(seen: Snapshot) -> Iterator[Snapshot]:
    """An empty generation apart, in memory."""
    with temporary_database(":memory:") as connection:
        seen.metadata.create_all(connection)
        yield Snapshot(connection, seen.metadata, seen.generation, seen.position, head=HEAD)


def _rows(snapshot: Snapshot, name: str, where: str, *values: int, among: Iterable[str] | None = None) -> Counter[Any]:
    """Rows of a table as values."""
    columns = ", ".join(f'"{each.name}"' for each in snapshot.table(name).c if each.name != _LATER)
    question = f"SELECT {columns} FROM {{{name}}} {where}"
    return Counter(map(tuple, snapshot.probe(question, among, *values)))
