"""The record: the one door through which events enter the log, and the log as it is read back."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar
from urllib.parse import quote, unquote
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Notification, Transcoder

from events.dates.calendar import instant_text
from events.errors import ChronologyError, Conflict, Invalid
from events.history.streams import Entry
from events.kinds import vocabulary
from events.log.codec import JSONEvents, to_entries
from events.log.long_work import LongWork
from events.log.postgres import ADDRESS, MOST, is_postgres
from events.log.reader import LogReader
from events.log.receipts import Recorder
from events.log.recorders import Log, Rehearsal, WriterTransaction
from events.log.unit_of_work import UnitOfWork

Answer = TypeVar("Answer")
Clock = Callable[[], int]
MOST_NAMED = 20


class Record(Application[UUID]):
    """The event-sourced record of a chronology, on SQLite or PostgreSQL.

    `zone` is the IANA zone of sources that name none, `now` the server's clock in UTC microseconds.
    """

    name = "chronology"

    recorder: Log

    def __init__(self, database: str, zone: str = "UTC", now: Clock | None = None, *, create: bool = True) -> None:
        super().__init__({**settings_for(database), "CREATE_TABLE": "yes" if create else "no"})
        self.zone = zone
        self._now = now or (lambda: time.time_ns() // 1000)

    def construct_transcoder(self) -> Transcoder:
        """Events are stored as plain JSON."""
        return JSONEvents()

    def write(
        self,
        by: Recorder | str,
        decide: Callable[[UnitOfWork], Answer],
        seconds: float | None = None,
        recorded: int | None = None,
    ) -> Answer:
        """Carry out one unit of work: all that `decide` stages is stored, at one instant, or nothing is.

        `by` records it; a mere name has no token. Returns what `decide` returns, with positions filled in. It is called
        again where work was put off that takes too long for the writer's turn (see `LongWork`); all of that may take so
        many seconds. `recorded` is the instant at which it was recorded elsewhere, in UTC microseconds.

        Raises:
            Conflict: `recorded` is given, and the log holds what its own clock recorded, or a later instant.
        """
        return self._until_done(LongWork(seconds), lambda work: self._write(by, decide, work, recorded))

    def rehearse(self, by: Recorder | str, decide: Callable[[UnitOfWork], Answer]) -> Answer:
        """What a unit of work would come to: nothing that `decide` stages is stored, and no writer waits meanwhile."""
        with self.recorder.rehearsing(self._now()) as log:
            return decide(self._unit(log, by, LongWork(puts_off=False)))

    def _until_done(self, work: LongWork, decide: Callable[[LongWork], Answer]) -> Answer:
        """Decide, and again as long as work was put off."""
        while True:
            try:
                return decide(work)
            except ChronologyError:
                if not work.is_put_off:
                    raise
                work.catch_up()

    def _unit(self, log: WriterTransaction | Rehearsal, by: Recorder | str, work: LongWork) -> UnitOfWork:
        return UnitOfWork(log, self.mapper, by if isinstance(by, Recorder) else Recorder(by), self.zone, work)

    def _write(
        self, by: Recorder | str, decide: Callable[[UnitOfWork], Answer], work: LongWork, recorded: int | None
    ) -> Answer:
        with self.recorder.writing(self._now() if recorded is None else recorded) as transaction:
            if recorded is not None:
                self._check_elsewhere(transaction, recorded)
            unit = self._unit(transaction, by, work)
            answer = decide(unit)
            work.check()
            unit.store()
        return answer

    def _check_elsewhere(self, transaction: WriterTransaction, recorded: int) -> None:
        """Refuse what was recorded elsewhere after anything here, or before the last of what was taken in before."""
        last = transaction.tree().size
        found = [self.mapper.to_domain_event(each) for each in transaction.after(last - 1)] if last else []
        if not all(vars(each).get("imported") for each in found):
            raise Conflict("the log holds what its own clock recorded: only a log without that takes recorded instants")
        if transaction.recorded > recorded:
            reached = instant_text(transaction.recorded)
            sentence = (
                f"recorded {instant_text(recorded)}, but the log has come to {reached}: instants may not decrease"
            )
            raise Invalid.at("/recorded", sentence)

    def refuse_unknown_kinds(self) -> None:
        """Refuse a log with events of kinds that the program lacks.

        Raises:
            Conflict: naming the kinds, and how many events are of them.
        """
        with self.reading() as reader:
            unknown = sorted(set(reader.topics()) - vocabulary.topics())
            counts = {topic.rpartition(":")[2]: reader.count_of(topic) for topic in unknown}
        if counts:
            kinds = ", ".join(f"{name} ({count:,})" for name, count in [*counts.items()][:MOST_NAMED])
            more = f" and {len(counts) - MOST_NAMED} more" if len(counts) > MOST_NAMED else ""
            lacks = "kinds that this program lacks" if len(counts) > 1 else "a kind that this program lacks"
            raise Conflict(
                f"the log holds events of {lacks}: {kinds}{more}; what brings them must be installed to read it"
            )

    def head(self) -> int:
        """The position of the last event; 0 in an empty log."""
        return self.recorder.max_notification_id() or 0

    def stored_after(self, position: int, limit: int) -> Sequence[Notification]:
        """Up to `limit` events that stand after the position, in order, as they are stored; nothing is skipped."""
        return self.recorder.select_notifications(position, limit, inclusive_of_start=False)

    def after(self, position: int, limit: int) -> Sequence[Entry]:
        """The same events as they are read."""
        stored = self.stored_after(position, limit)
        return [entry for _, entry in to_entries(stored, self.mapper, self._keys_of, hashed=True)]

    def _keys_of(self, streams: set[str]) -> Mapping[str, bytes]:
        with self.recorder.reading() as reader:
            return reader.keys(streams)

    def reading(self) -> AbstractContextManager[LogReader]:
        """What the log's tables hold, read in one transaction."""
        return self.recorder.reading()


def settings_for(database: str) -> dict[str, str]:
    """The library's settings for a database address.

    Raises:
        Invalid: the address is neither `sqlite:///FILE` nor `postgresql://...`.
    """
    if database.startswith("sqlite:///") and len(database) > len("sqlite:///"):
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "APPLICATION_RECORDER_TOPIC": "events.log.recorders:SQLiteLog",
            "SQLITE_DBNAME": f"file:{quote(database.removeprefix('sqlite:///'))}",
            "SQLITE_LOCK_TIMEOUT": "60",
        }
    if all(map(is_postgres, database.split() or [""])):
        return {
            "PERSISTENCE_MODULE": "events.log.postgres",
            "APPLICATION_RECORDER_TOPIC": "events.log.recorders:PostgresLog",
            ADDRESS: database,
            MOST: "10",
            "POSTGRES_ENABLE_DB_FUNCTIONS": "no",
        }
    raise Invalid.at("/database", f"{_without_password(database)!r} is neither sqlite:///FILE nor postgresql://...")


def _without_password(database: str) -> str:
    head, at, tail = unquote(database).rpartition("@")
    return f"...@{tail}" if at and ":" in head else database
