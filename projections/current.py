"""The state of every subject as known now, kept finished: what lists and the first page are made of."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Column, Index, LargeBinary, MetaData, Table, Text, select

from events.history import HEAD, Entry
from projections.clocks import Asked, Clocks
from projections.grouping import reached_from
from projections.ledger import chunks, linked, plain, subjects_of
from projections.redactions import Redacted, erase, redacted_in
from projections.states import states
from projections.store import Snapshot
from projections.understanding import State


class Current:
    """The view of current states: each subject that a batch touches is folded anew."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Its table."""
        Table(
            f"{prefix}current",
            metadata,
            Column("id", Text, primary_key=True),
            Column("kind", Text),
            Column("status", Text),
            Column("part_of", Text),
            Column("merged_into", Text),
            Column("state", LargeBinary, nullable=False),
            Index(f"{prefix}current_kind", "kind", "status", "id"),
            Index(f"{prefix}current_status", "status", "id"),
            Index(f"{prefix}current_part_of", "part_of", "id"),
        )

    def apply(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Fold the subjects that the batch touches; the ledger has followed the batch already."""
        position = batch[-1].position
        clocks = Clocks(Asked(), None, None, position)
        for chunk in chunks(sorted(_touched(snapshot, batch, position))):
            rows = [
                {
                    "id": each["id"],
                    "kind": each["kind"],
                    "status": each["status"]["value"],
                    "part_of": each["part_of"],
                    "merged_into": each.get("merged_into"),
                    "state": orjson.dumps(each),
                }
                for each in states(snapshot, list(chunk), clocks)
            ]
            snapshot.add("current", rows, on_repeat="replace")


def _touched(snapshot: Snapshot, batch: Sequence[Entry], position: int) -> set[str]:
    """The subjects whose state the batch may change: of its facts, of facts citing its sources, newly opened ones."""
    facts, sources, touched = set(), set(), set()
    for entry in batch:
        sort, stream, data = plain(entry)
        if sort == "fact":
            facts.add(stream)
            touched |= set(data.get("opens", {}))
        elif sort == "subject":
            touched.add(stream)
        elif sort == "source" and entry.version > 1:
            sources.add(stream)
    for redacted in redacted_in(batch):
        {"source": sources, "fact": facts}.get(redacted.sort, set()).add(redacted.name)
    for cited in linked(snapshot, "cites", sources, position).values():
        facts |= set(cited)
    return reached_from(snapshot, touched | subjects_of(snapshot, facts), position)


def erase_beside(beside: Snapshot, redacted: list[Redacted]) -> None:
    """Erase words from the generation beside the one in use; one that is being rebuilt folds the states again."""
    erase(beside, redacted)
    facts = {each.name for each in redacted if each.sort == "fact"}
    for cited in linked(beside, "cites", [each.name for each in redacted if each.sort == "source"], HEAD).values():
        facts |= set(cited)
    table = beside.table("current")
    for chunk in chunks(sorted(reached_from(beside, subjects_of(beside, facts), HEAD))):
        beside.connection.execute(table.delete().where(table.c.id.in_(chunk)))


def current_states(snapshot: Snapshot, filters: dict[str, str | None], after: str, limit: int) -> list[State]:
    """Current states in the order of their ids, from behind `after`, filtered by `kind`, `status` and `part_of`."""
    table = snapshot.table("current")
    wanted: Any = select(table.c.state).where(table.c.id > after, table.c.merged_into.is_(None))
    for name, value in filters.items():
        if value is not None:
            wanted = wanted.where(table.c[name] == value)
    return [orjson.loads(row.state) for row in snapshot.rows(wanted.order_by(table.c.id).limit(limit))]
