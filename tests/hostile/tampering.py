"""What somebody with a grudge and the database's password may do to a log, and whether it is seen.

`python -m tests.hostile.tampering` flips every byte of every stored event of a small log, one after another, and prints how many
of the flips were seen.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eventsourcing.persistence import Notification
from sqlalchemy import text

from events.kinds.swap import SwapAgreed, SwapCompleted
from events.log.merkle import grown, leaf_bytes, leaf_hash, packed
from events.log.verification import Verdict, verify
from projections.read_models.merkle_tiles import leaves
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.stories import Chronicle, Ticking


def told(chronology: Chronology) -> Chronicle:
    """A small log: sources, facts, amendments."""
    chronicle = Chronicle(chronology)
    agreed = chronicle.given(SwapAgreed, "swap", "agreed", count_each=5, note="as both sides said")
    chronicle.given(SwapCompleted, "swap", "done", occurred="2024-01-03")
    chronicle.amend(agreed, "corrections", changes={"count_each": 6})
    chronicle.amend(agreed, "corroborations", reported="2024-01-04", publisher="Courier")
    chronicle.report()
    return chronicle


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

    def put(self, position: int, column: str, value: Any) -> None:
        self.sql(f"UPDATE chronology_events SET {column} = :value WHERE POSITION = :at", value=value, at=position)

    def fresh_hashes(self) -> None:
        """Hide a change from everybody who kept no checkpoint: the tree noted is that of the changed log."""
        events = self.events()
        size, frontier = grown(0, [], (leaf_hash(leaf_bytes(each)) for each in events))
        self.sql("UPDATE chronology_turn SET position = :size, frontier = :tree", size=size, tree=packed(frontier))
        self.sql("UPDATE chronology_views SET position = 0")
        self.chronology.follower.rebuild()

    def verdict(self, **checkpoints: dict[int, bytes]) -> Verdict:
        with self.chronology.store.reading() as snapshot:
            return verify(self.chronology.record, checkpoints.get("against", {}), leaves(snapshot))


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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        chronology = Chronology(Settings(database=f"sqlite:///{Path(folder)}/log.db"), now=Ticking(), follows=True)
        told(chronology)
        chronology.follower.catch_up()
        made, noticed = seen(Grudge(chronology), 1)
        chronology.close()
    print(f"bytes flipped: {made}, seen: {noticed}")
    sys.exit(made != noticed)


if __name__ == "__main__":
    main()
