"""What was stored once is read for ever: stored JSON of every version of every event."""

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import resolve_topic

from events.amendments import AMENDMENTS
from events.regrouping import REGROUPINGS
from events.sources import SOURCE_EVENTS
from events.stored import JSONEvents
from events.vocabulary import KINDS
from service.keyring import SessionClosed, SessionOpened, TokenIssued, TokenRevoked

STREAM = UUID("4ae1554e-352d-55bf-b9af-381c06fdcc82")
FILES = sorted((Path(__file__).parent / "stored").glob("version-*.jsonl"))
STORED = [(path.stem, orjson.loads(line)) for path in FILES for line in path.read_bytes().splitlines()]


def test_no_event_that_was_ever_stored_is_gone() -> None:
    events: list[Any] = [*KINDS.values(), *AMENDMENTS.values(), *SOURCE_EVENTS.values(), *REGROUPINGS.values()]

    events += [TokenIssued, TokenRevoked, SessionOpened, SessionClosed]

    assert {row["topic"] for _, row in STORED} <= {event.TOPIC for event in events}
    assert len([version for version, _ in STORED if version == "version-1"]) == 67


@pytest.mark.parametrize(("version", "row"), STORED, ids=[f"{version}-{row['topic']}" for version, row in STORED])
def test_a_stored_event_is_read_with_all_its_values_and_stored_again_as_it_was(
    version: str, row: dict[str, Any]
) -> None:
    mapper: Mapper[UUID] = Mapper(JSONEvents())
    stored = StoredEvent(STREAM, row["version"], row["topic"], orjson.dumps(row["state"]))
    event: Any = mapper.to_domain_event(stored)

    assert type(event) is resolve_topic(row["topic"])
    for name, value in row["state"].items():
        if name != "timestamp":
            assert getattr(event, name) == value
    if getattr(type(event), "class_version", 1) == int(version.rpartition("-")[2]):
        assert orjson.loads(mapper.to_stored_event(event).state) == row["state"]
