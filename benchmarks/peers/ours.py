"""This service, asked through the questions that its routes ask, on SQLite or PostgreSQL."""

from contextlib import ExitStack
from functools import cached_property
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from benchmarks.reference import NOTHING, SUMS, Answer, told
from benchmarks.scale import BATCH, Told, Workload
from events.commands.amend_facts import amend
from events.commands.record_facts import read_facts, record_read
from events.commands.record_sources import register_source
from events.errors import NotFound
from events.log.unit_of_work import UnitOfWork
from projections.clocks import Asked, clocks_for
from projections.queries.history.diff import diff
from projections.queries.subjects.states import state_json
from projections.queries.subjects.values import ValuesJson, values, values_of
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from service.settings import Settings

_BESIDE = ("denied[", "planned[", "alleged[", "possibly[", SUMS)
"""How the names of differences begin that are in what stands beside a state, of which the peers know nothing."""


class Ours:
    """A chronology, with its views up to date.

    Args:
        folder: where its database is, unless `database` names another.
        database: `postgresql://...`.
    """

    packages = ("three-clocks", "eventsourcing", "SQLAlchemy")

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.name = "chronology" if database is None else "chronology on PostgreSQL"
        self.chronology = Chronology(Settings(database=database or f"sqlite:///{folder}/chronology.db"))
        self._open = ExitStack()

    def load(self, workload: Workload) -> dict[str, float]:
        """Take in sources, then facts and amendments, checked, their quotes found; then build the views."""
        seconds = {"sources": self._in_batches(workload.sources(), _take_sources)}
        seconds["import"] = self._in_batches(workload.calls(), _take_in)
        start = perf_counter()
        self.chronology.follower.rebuild()
        return {**seconds, "rebuild": perf_counter() - start}

    def _in_batches(self, given: Any, take: Any) -> float:
        seconds, batch = 0.0, []
        for each in given:
            batch.append(each)
            if len(batch) == BATCH:
                seconds += self._write(batch, take)
                batch = []
        return seconds + self._write(batch, take)

    def _write(self, batch: list[Any], take: Any) -> float:
        start = perf_counter()
        self.chronology.write("bench", lambda unit: take(unit, batch))
        return perf_counter() - start

    @cached_property
    def snapshot(self) -> Snapshot:
        """The views as they are once loaded, held open as the peers hold their sessions."""
        return self._open.enter_context(self.chronology.store.reading())

    def state(self, subject: str, at: str | None, recorded: int) -> Answer:
        """The state of a subject at a date, as of a position."""
        return self._one(subject, Asked(at=at, position=recorded))

    def state_reported(self, subject: str, at: str | None, reported: str) -> Answer:
        """The state of a subject at a date, as reported by another."""
        return self._one(subject, Asked(at=at, reported_until=reported))

    def _one(self, subject: str, asked: Asked) -> Answer:
        try:
            return _answer(values(self.snapshot, subject, clocks_for(self.snapshot, asked)))
        except NotFound:
            return NOTHING

    def evidence(self, subject: str, at: str | None, recorded: int) -> Answer:
        """The same with what each finding rests on, its rivals and what is possible, folded when first asked."""
        try:
            asked = clocks_for(self.snapshot, Asked(at=at, position=recorded))
            found = orjson.loads(state_json(self.snapshot, subject, asked))
        except NotFound:
            return NOTHING
        fields = told({name: finding["value"] for name, finding in found["fields"].items()})
        return {"status": found["status"]["value"], "fields": fields}

    def whole(self, at: str | None, recorded: int) -> dict[str, Answer]:
        """The states of all subjects that have one."""
        clocks = clocks_for(self.snapshot, Asked(at=at, position=recorded))
        members = (
            b'"%b":{"status":%b}' % (each.subject.encode(), each.content) for each in values_of(self.snapshot, clocks)
        )
        shown = orjson.loads(b"{%b}" % b",".join(members))
        return {subject: told for subject, answer in shown.items() if (told := _told(answer)) != NOTHING}

    def diff(self, first: int, last: int) -> list[list[Any]]:
        """Each field whose value differs between two positions; the events and causes found with it are left out."""
        one, other = (clocks_for(self.snapshot, Asked(position=position)) for position in (first, last))
        found = diff(self.snapshot, one, other)
        asked = (each for each in found if not each["finding"].startswith(_BESIDE))
        shown = ((each["subject"], each["finding"], *map(_value, (each["from"], each["to"]))) for each in asked)
        return sorted(([*each] for each in shown if each[2] != each[3]), key=lambda each: each[:2])

    def close(self) -> None:
        """Close it."""
        self._open.close()
        self.chronology.close()


def _take_sources(unit: UnitOfWork, batch: list[dict[str, Any]]) -> None:
    for source in batch:
        register_source(unit, source)


def _take_in(unit: UnitOfWork, batch: list[Told]) -> None:
    for name, group in groupby(batch, key=lambda told: told.call):
        told = list(group)
        if name == "facts":
            record_read(unit, read_facts([each.body for each in told], [f"/{place}" for place in range(len(told))]))
        else:
            unit.read_amended(f"fact-{each.number:09}" for each in told)
            for each in told:
                amend(unit, f"fact-{each.number:09}", name, each.body)


def _answer(found: ValuesJson) -> Answer:
    return _told(orjson.loads(b'{"status":%b}' % found.content))


def _told(answer: Answer) -> Answer:
    answer["fields"].pop(SUMS, None)
    return answer


def _value(finding: dict[str, Any] | None) -> Any:
    return None if finding is None else finding["value"]


Peer = Ours
