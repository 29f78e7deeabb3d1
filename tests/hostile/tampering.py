"""What somebody with a grudge and the database's password may do to a chronology, and whether it is seen.

`python -m tests.hostile.tampering sqlite|postgres [N]` makes N random edits, one after another, in all tables of a small
chronology: the log, the views in use, tokens, keys. It prints how many of each table were seen by what `verify` does.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import Notification
from sqlalchemy import MetaData, Table, text
from sqlalchemy.exc import DatabaseError

from events.commands.acts_on_subjects import merge
from events.commands.redact import redact
from events.commands.review import accept, propose
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.log.proofs.merkle import frontier_to_bytes, leaf_bytes, leaf_hash, with_leaves
from events.log.proofs.verification import LogCheck, verify
from events.log.receipts import Recorder
from service.chronicle.checkpoints import Checkpoint, read_checkpoint
from service.chronicle.evidence import examine
from service.chronicle.file import ParsedChronicle
from service.chronicle.signing import checkpoint_of
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.databases import fresh
from tests.fixtures.stories import Chronicle, Ticking

LOGS = {"chronology_events": "chronology_turn", "keyring_events": "keyring_turn"}
_CONTROL_EVERY = 25
_DAY = 86_400_000_000  # microseconds


def told(chronology: Chronology) -> Chronicle:
    """A small log: sources, facts, amendments."""
    chronicle = Chronicle(chronology)
    agreed = chronicle.given(SwapAgreed, "swap", "agreed", count_each=5, note="as both sides said")
    chronicle.given(SwapCompleted, "swap", "done", occurred="2024-01-03")
    chronicle.amend(agreed, "corrections", changes={"count_each": 6})
    chronicle.amend(agreed, "corroborations", reported="2024-01-04", publisher="Courier")
    chronicle.report()
    return chronicle


def decision(chronicle: dict[str, Any]) -> Any:
    return ParsedChronicle(chronicle).record


def told_with_tokens(chronology: Chronology) -> None:
    """About a hundred events of all types, recorded by bearers of tokens."""
    keyring = chronology.keyring
    roles = ("reader", "recorder", "editor", "admin")
    issued = {role: keyring.issue(f"the {role}", role, "command line") for role in roles}
    recorder, editor, admin = (Recorder(f"the {role}", issued[role][0]) for role in roles[1:])
    keyring.open_session(keyring.bearer_of(issued["editor"][1]), timedelta(hours=12))
    keyring.revoke(keyring.issue("Mallory", "editor", "command line")[0], "command line")
    chronicle = Chronicle(chronology, editor)
    for n in range(12):
        agreed = chronicle.given(SwapAgreed, f"swap-{n}", f"agreed-{n}", count_each=5 + n, note="as both sides said")
        chronicle.given(SwapCompleted, f"swap-{n}", f"done-{n}", occurred="2024-01-03")
        chronicle.amend(agreed, "corrections", changes={"count_each": 6})
        chronicle.amend(agreed, "corroborations", reported="2024-01-04", publisher="Courier")
    chronology.write(
        editor, lambda call: merge(call, "swap-0", {"into": "swap-1", "kind": "reassessment", "reason": "one"})
    )
    fact = {"id": "proposed", "kind": "SwapAgreed", "subject": "swap-2", "occurred": "2024-01-05"}
    fact["citations"] = [{"source": "report-1", "exact": "What report 1 says."}]
    for name in ("proposed", "waiting"):
        said = {"facts": [{**fact, "id": name}]}
        made, _ = chronology.write(recorder, lambda call, said=said: propose(call, said, decision(said)))
        if name == "proposed":
            chronology.write(editor, lambda call, id=made.id: accept(call, id, decision, keyring.person_of))
    chronology.write(admin, lambda call: redact(call, "fact", "agreed-3", {"reason": "asked"}))
    chronology.erase(admin, "source", "report-9", {"reason": "asked"})  # both leave the disk at once
    chronology.follower.catch_up()


class Grudge:
    """Changes to the stored log behind the service's back."""

    def __init__(self, chronology: Chronology) -> None:
        self.chronology = chronology
        self.position = "rowid" if chronology.settings.is_sqlite else "notification_id"

    def sql(self, statement: str, **values: Any) -> None:
        with self.chronology.store.engine.begin() as connection:
            connection.execute(text(statement.replace("POSITION", self.position)), values)

    def events(self) -> Sequence[Notification]:
        return self.chronology.record.stored_after(0, 10_000)

    def put(self, position: int, column: str, value: Any, log: str = "chronology_events") -> None:
        self.sql(f"UPDATE {log} SET {column} = :value WHERE POSITION = :at", value=value, at=position)

    def rehash(self, log: str = "chronology_events") -> None:
        """Note the tree of a log as it is now."""
        kept = self.chronology.record if log == "chronology_events" else self.chronology.keyring
        events = kept.stored_after(0, 10_000)
        size, frontier = with_leaves(0, [], (leaf_hash(leaf_bytes(each)) for each in events))
        self.sql(
            f"UPDATE {LOGS[log]} SET position = :size, frontier = :tree", size=size, tree=frontier_to_bytes(frontier)
        )

    def fresh_hashes(self) -> None:
        """Hide a change from everybody who kept no checkpoint: the tree noted is that of the changed log."""
        self.rehash()
        self.sql("UPDATE chronology_views SET position = 0")
        self.chronology.follower.rebuild()

    def view(self, name: str) -> str:
        """The table of a view in use."""
        with self.chronology.store.reading() as snapshot:
            return snapshot.table(name).name

    def verdict(self, **checkpoints: dict[int, bytes]) -> LogCheck:
        return verify(self.chronology.record, checkpoints.get("against", {}))

    def flaws(self, *checkpoints: Checkpoint) -> list[str]:
        """What `chronology verify` finds."""
        return examine(self.chronology, checkpoints).flaws


def flips(events: Sequence[Notification], every: int = 1) -> Iterator[tuple[int, str, Any, Any]]:
    """Every so-many-th byte of every stored event flipped in one bit: position, column, value before and after."""
    counted = 0
    for each in events:
        for column, value in (("state", each.state), ("topic", each.topic.encode())):
            for at in range(len(value)):
                counted += 1
                if counted % every == 0:
                    flipped = value[:at] + bytes([value[at] ^ (1 << counted % 7)]) + value[at + 1 :]
                    if column == "topic":
                        yield each.id, column, value.decode(), flipped.decode("latin-1")
                    else:
                        yield each.id, column, value, flipped


def seen(grudge: Grudge, every: int) -> tuple[int, int]:
    """How many flips were made, and how many were seen."""
    made = noticed = 0
    for position, column, before, after in flips(grudge.events(), every):
        grudge.put(position, column, after)
        made += 1
        noticed += not grudge.verdict().is_whole
        grudge.put(position, column, before)
    return made, noticed


class Edits:
    """Random edits of every table from which answers and rights are made; each is undone before the next."""

    def __init__(self, chronology: Chronology, seed: int) -> None:
        self.grudge = Grudge(chronology)
        self.random = random.Random(seed)
        self.kept = read_checkpoint(checkpoint_of(chronology))
        self.made: Counter[str] = Counter()
        self.missed: list[str] = []
        self.false_alarms: list[str] = []

    def run(self, number: int) -> None:
        """Make so many edits; between them, nothing may be found."""
        while sum(self.made.values()) < number:
            if sum(self.made.values()) % _CONTROL_EVERY == 0:
                self.false_alarms += self.grudge.flaws(self.kept)
            edit = self.random.choice([self._edit_a_row] * 19 + [self._rewrite, self._forge])
            edit()
        self.false_alarms += self.grudge.flaws(self.kept)

    def _tables(self) -> dict[str, str]:
        """The tables by the names that they are counted under."""
        with self.grudge.chronology.store.reading() as snapshot:
            prefix = f"view_{snapshot.generation}_"
            views = {f"view {name.removeprefix(prefix)}": name for name in snapshot.metadata.tables}
        others = (*LOGS, *LOGS.values(), "chronology_subjects", "chronology_keys", "chronology_views")
        return {**views, **{name: name for name in others}}

    @contextmanager
    def _undone(self, *tables: str) -> Iterator[list[Table]]:
        """The tables, whose rows are those of before at the end."""
        engine = self.grudge.chronology.store.engine
        with engine.begin() as connection:
            found = [Table(name, MetaData(), autoload_with=connection) for name in tables]
            before = [[tuple(row) for row in connection.execute(each.select())] for each in found]
        try:
            yield found
        finally:
            with engine.begin() as connection:
                for table, rows in zip(found, before, strict=True):
                    connection.execute(table.delete())
                    if rows:
                        connection.execute(
                            table.insert(), [dict(zip(table.c.keys(), row, strict=True)) for row in rows]
                        )

    def _count(self, name: str, what: str, *against: Checkpoint) -> None:
        self.made[name] += 1
        if not self.grudge.flaws(*against):
            self.missed.append(f"{name}: {what}")

    def _edit_a_row(self) -> None:
        """One row changed in one column, deleted, or there twice with another key."""
        name, stored = self.random.choice(sorted(self._tables().items()))
        with self._undone(stored) as (table,), self.grudge.chronology.store.engine.connect() as connection:
            rows = connection.execute(table.select()).fetchall()
            if stored == "chronology_views":
                rows = [row for row in rows if row.active]
            if not rows:
                return
            connection.rollback()
            row = self.random.choice(rows)._asdict()
            kinds = ["change"] * 3 + ["delete"] + ["add"] * (stored.startswith("view_") or stored in LOGS)
            change = self._changed(table, row, self.random.choice(kinds))
            try:
                with connection.begin():
                    for statement in change:
                        connection.execute(statement)
            except (DatabaseError, ValueError):  # the database itself refuses it
                return
            after = connection.execute(table.select()).fetchall()
            connection.rollback()
            if Counter(map(tuple, after)) != Counter(map(tuple, connection.execute(table.select()).fetchall())):
                raise AssertionError("the edit did not stay")
            connection.rollback()
            self._count(name, f"{change[-1]} {row}")

    def _changed(self, table: Table, row: dict[str, Any], how: str) -> list[Any]:
        here = [column.is_(row[name]) if row[name] is None else column == row[name] for name, column in table.c.items()]
        if how == "delete":
            return [table.delete().where(*here)]
        column = self.random.choice([*table.c]).name
        if how == "add":
            keys = [each.name for each in table.primary_key] or [column]
            return [table.insert().values({**row, **{each: self._other(row[each]) for each in keys}})]
        return [table.update().where(*here).values({column: self._other(row[column])})]

    def _other(self, value: Any) -> Any:
        """Another value of the same type."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + self.random.choice([-20, -3, -1, 1, 2, 40]) * (_DAY if value > _DAY else 1)
        if isinstance(value, bytes):
            at = self.random.randrange(len(value)) if value else 0
            return value[:at] + bytes([(value[at] if value else 0) ^ (1 << self.random.randrange(8))]) + value[at + 1 :]
        if isinstance(value, str):
            at = self.random.randrange(len(value)) if value else 0
            letter = self.random.choice([each for each in "abcdef0123456789" if each != value[at : at + 1]])
            return value[:at] + letter + value[at + 1 :]
        if isinstance(value, UUID):
            return UUID(int=value.int ^ (1 << self.random.randrange(128)))
        return self.random.choice(["x", 7])

    def _rewrite(self) -> None:
        """An event told otherwise, with fresh hashes and fresh views: only a checkpoint from before shows it."""
        log = self.random.choice(list(LOGS))
        kept = self.grudge.chronology.record if log == "chronology_events" else self.grudge.chronology.keyring
        event = self.random.choice(kept.stored_after(0, 10_000))
        state = orjson.loads(event.state)
        name = self.random.choice(
            [each for each, value in state.items() if isinstance(value, str) and each != "timestamp"]
        )
        state[name] = self._other(state[name])
        with self._undone(log, LOGS[log]):
            self.grudge.put(event.id, "state", orjson.dumps(state, option=orjson.OPT_SORT_KEYS), log)
            self.grudge.rehash(log)
            with suppress(Exception):  # not everything can be told otherwise and still be folded
                self.grudge.chronology.follower.rebuild()
            self._count(f"{log}, with fresh hashes", f"{name} of {event}", self.kept)
        self.grudge.chronology.follower.rebuild()

    def _forge(self) -> None:
        """An event appended as the editor's, well made, with a token that is not theirs, or none."""
        tokens = {each["name"]: each["id"] for each in self.grudge.chronology.keyring.issued()}
        forged = self.random.choice(
            [None, "0123456789ab", tokens["the reader"], tokens["Mallory"], tokens["the recorder"]]
        )
        tables = [stored for stored in self._tables().values() if not stored.startswith("keyring")]
        with self._undone(*tables):
            chronicle = Chronicle(self.grudge.chronology, Recorder("the editor", forged))
            chronicle._told = 1_000 + sum(self.made.values())
            chronicle.report()
            self.grudge.chronology.follower.catch_up()
            self._count("an event appended", f"with token {forged}")


def main(sort: str = "sqlite", number: str = "1000") -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/log.db" if sort == "sqlite" else fresh()
        settings = Settings(database=database, signing_key=f"{folder}/key", wait_seconds=0.3, four_eyes="yes")
        chronology = Chronology(settings, now=Ticking(), follows=True)
        told_with_tokens(chronology)
        edits = Edits(chronology, seed=1)
        edits.run(int(number))
        chronology.close()
    for name, made in sorted(edits.made.items()):
        print(f"{name}: {made} edits, {made - sum(each.startswith(f'{name}: ') for each in edits.missed)} seen")
    made = sum(edits.made.values())
    print(
        f"{sort}: {made} edits, {made - len(edits.missed)} seen, {len(edits.false_alarms)} flaws found where none was"
    )
    for each in (*edits.missed, *edits.false_alarms):
        print(f"  {each}")
    sys.exit(bool(edits.missed or edits.false_alarms))


if __name__ == "__main__":
    main(*sys.argv[1:])
