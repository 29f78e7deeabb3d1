"""The log read as an auditor would: what was acknowledged is there, calls are whole, positions and instants go on."""

import re
import sqlite3
from collections import Counter
from typing import Any

from sqlalchemy import inspect, select

from events.history.streams import Entry
from service.databases.chronology import Chronology

_BATCH = re.compile(r"(?P<batch>.+)-(?P<number>\d+)-of-(?P<size>\d+)")


class Reading:
    """Reads a log onwards from where it stopped, and counts what is wrong; nothing is, where all counts are 0."""

    COUNTS = ("lost", "half", "gaps", "reused", "backwards", "corrupt")

    def __init__(self) -> None:
        self.wrong: Counter[str] = Counter(dict.fromkeys(self.COUNTS, 0))
        self.position = 0
        self._recorded = 0
        self._positions: dict[str, int] = {}
        self._unfinished: dict[str, set[int]] = {}

    def go_on(self, chronology: Chronology) -> None:
        """Read the events that came since."""
        while entries := chronology.record.after(self.position, 1_000):
            for entry in entries:
                self._take(entry)
        self.wrong["half"] += len(self._unfinished)
        self._unfinished.clear()

    def _take(self, entry: Entry) -> None:
        self.wrong["gaps"] += entry.position != self.position + 1
        self.wrong["reused"] += entry.position <= self.position
        self.wrong["backwards"] += entry.recorded < self._recorded
        self.position, self._recorded = entry.position, entry.recorded
        name = entry.data["id"]
        self.wrong["reused"] += name in self._positions
        self._positions[name] = entry.position
        match = _BATCH.fullmatch(name)
        if match:
            there = self._unfinished.setdefault(match["batch"], set())
            there.add(int(match["number"]))
            if len(there) == int(match["size"]):
                del self._unfinished[match["batch"]]

    def compare(self, noted: list[dict[str, int]]) -> None:
        """Find each acknowledged event at the position that was told."""
        for call in noted:
            for name, position in call.items():
                self.wrong["lost"] += self._positions.get(name) != position

    def examine(self, database: str) -> None:
        """Let SQLite check its file; PostgreSQL's is checked by reading all of it."""
        if database.startswith("sqlite"):
            connection = sqlite3.connect(database.removeprefix("sqlite:///"))
            found = connection.execute("PRAGMA integrity_check").fetchall()
            connection.close()
            self.wrong["corrupt"] += found != [("ok",)]


def positions_are_kept_by_the_record(chronology: Chronology) -> bool:
    """Whether positions come from the writer's turn; PostgreSQL's own sequence leaves gaps where a call is undone."""
    if chronology.settings.is_sqlite:
        return True
    return len(inspect(chronology.store.engine).get_columns("chronology_turn")) > len(("one", "recorded"))


def rows(chronology: Chronology) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every view, in order."""
    with chronology.store.reading() as snapshot:
        prefix = f"view_{snapshot.generation}_"
        return {
            name.removeprefix(prefix): sorted(map(tuple, snapshot.rows(select(table))), key=repr)
            for name, table in snapshot.metadata.tables.items()
        }


def views_equal_a_rebuild(chronology: Chronology) -> bool:
    """Whether the views, caught up, hold what a rebuild makes."""
    chronology.follower.catch_up()
    followed = rows(chronology)
    chronology.follower.rebuild()
    return followed == rows(chronology)
