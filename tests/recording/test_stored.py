"""What was stored once is read for ever: stored JSON of every version of every event."""

from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import orjson
import pytest
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import register_topic, resolve_topic

from events.amendments import ACTS_ON_SUBJECTS, AMENDMENTS, PROPOSAL_EVENTS, WordsRedacted
from events.history.streams import stream_id
from events.kinds.vocabulary import KINDS
from events.log.codec import JSONEvents
from events.log.encryption import is_open, open_sealed
from events.sources import SOURCE_EVENTS
from service.auth.token_events import SessionClosed, SessionOpened, TokenIssued, TokenRevoked

STREAM = UUID("4ae1554e-352d-55bf-b9af-381c06fdcc82")
FILES = sorted((Path(__file__).parent / "stored").glob("version-*.jsonl"))
STORED = [(path.stem, orjson.loads(line)) for path in FILES for line in path.read_bytes().splitlines()]


def test_no_event_that_was_ever_stored_is_gone() -> None:
    events: list[Any] = [*KINDS.values(), *AMENDMENTS.values(), *SOURCE_EVENTS.values(), *ACTS_ON_SUBJECTS.values()]

    events += [
        TokenIssued,
        TokenRevoked,
        SessionOpened,
        SessionClosed,
        WordsRedacted,
        *PROPOSAL_EVENTS.values(),
    ]

    assert {row["topic"] for _, row in STORED} <= {event.TOPIC for event in events}
    assert len([version for version, _ in STORED if version == "version-1"]) == 77


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


KEYS = {STREAM.hex: bytes(range(32)), stream_id("source", "paper"): bytes(range(32, 64))}
SEALED = [row for _, row in STORED if "sealed" in row["state"]]


@pytest.mark.parametrize("row", SEALED, ids=[row["topic"] for row in SEALED])
def test_words_sealed_once_open_with_their_keys_for_ever_and_without_them_stay_redacted(row: dict[str, Any]) -> None:
    stream = stream_id("source", "paper") if row["topic"].startswith("source") else STREAM.hex
    opened = open_sealed(orjson.loads(orjson.dumps(row["state"])), stream, row["version"], KEYS)
    closed = open_sealed(orjson.loads(orjson.dumps(row["state"])), stream, row["version"], {})

    assert is_open(opened)
    assert b"redacted" not in orjson.dumps(opened)
    assert not is_open(closed)
    assert b"agreed." not in orjson.dumps(closed)


def test_an_event_of_an_earlier_version_is_raised_to_the_present_one_when_it_is_read() -> None:
    class ToldTwice(DomainEvent):
        """An event whose one name became two in its second version."""

        TOPIC = "test:ToldTwice"
        class_version: ClassVar[int] = 2

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["given"], _, state["family"] = state.pop("name").partition(" ")

    register_topic(ToldTwice.TOPIC, ToldTwice)
    mapper: Mapper[UUID] = Mapper(JSONEvents())
    first = b'{"name":"Ada Belmark","timestamp":"2026-01-01T12:00:00.000001Z"}'
    event: Any = mapper.to_domain_event(StoredEvent(STREAM, 1, ToldTwice.TOPIC, first))

    assert (event.given, event.family) == ("Ada", "Belmark")
    again = mapper.to_stored_event(event).state
    assert orjson.loads(again)["class_version"] == 2
    assert vars(mapper.to_domain_event(StoredEvent(STREAM, 1, ToldTwice.TOPIC, again))) == vars(event)
