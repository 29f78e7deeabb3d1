"""What happened to what is followed, as messages made of the events of the log: forwards, or newest first.

A message is of one event and one subject, or one address that was cited. Its id is made of these, so that whoever asks
again, or elsewhere, is given the same one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Annotated, Literal, NotRequired, TypedDict
from uuid import UUID, uuid5

from msgspec import Meta

from events.dates.calendar import instant_text
from events.facts import KINDS
from events.field_types import Json
from events.history.fact_as_of import FactAsOf, cited_in
from events.history.streams import Entry
from events.sources import SOURCE_EVENTS
from projections.clocks import Asked, clocks_for
from projections.fold.subject_history import SubjectHistory
from projections.queries.following.followed import CitedAddress, Followed
from projections.queries.history.checks import reading_otherwise
from projections.queries.history.evolution import EventView, event_view
from projections.queries.history.replay import recorded_steps
from projections.read_models.current_states import touched_by
from projections.read_models.fact_places import latest_reports
from projections.read_models.histories import entries_between, facts_and_sources, subject_histories
from projections.read_models.ledger import stream_of_entry
from projections.store.snapshots import Snapshot

MessageKind = Literal["new", "late", "corrected", "retracted", "source edited", "contested", "judged", "due", "overdue"]
"""What a message tells of."""
MOST_LOOKED_AT = 2_000
"""How many events are looked at for the newest messages."""
MOST_CHANGES = 100
"""How many changes a message holds."""
_AT_ONCE = 100
_NAMESPACE = UUID("6f0c1f0e-6f35-5b0e-9d5c-0d6c9f6c5a10")
_BY_EVENT: dict[str, MessageKind] = {
    "FactDisputed": "contested",
    "FactRetracted": "retracted",
    "VerdictGiven": "judged",
    "VerdictWithdrawn": "judged",
}
_FINDS_OUT = (*KINDS, "FactCorroborated")


class Change(TypedDict):
    """What reads otherwise: a finding, or of a fact cited one of its values; before and after the event."""

    finding: str
    before: Json
    after: Json


class Message(TypedDict):
    """What an event, or time, did to something followed."""

    id: Annotated[str, Meta(description="A UUID: the same whenever the same is told again")]
    kind: MessageKind
    subject: str
    address: NotRequired[Annotated[str, Meta(description="Where it was cited, of what was followed so")]]
    position: Annotated[int, Meta(description="The event's; of what time did, where it was looked at")]
    moment: Annotated[str, Meta(description="When it was recorded; of what time did, when that was")]
    event: Annotated[EventView | None, Meta(description="Null of what time did")]
    fact: NotRequired[Annotated[str, Meta(description="What was promised, of what time did")]]
    changes: Annotated[list[Change], Meta(description="The chief one first, and no more than 100")]
    more_changes: NotRequired[Annotated[int, Meta(description="How many more there are than these")]]


def messages(snapshot: Snapshot, followed: Followed, entries: Sequence[Entry]) -> Iterator[Message]:
    """The messages of these entries, in their order; of each entry by subject, or as the addresses are given."""
    if followed.cited:
        for entry in snapshot.patience.each(entries):
            yield from _of_cited(snapshot, followed.cited, entry)
        return
    position = entries[-1].position
    only = followed.subject_at(snapshot, position)
    if only is not None and only not in touched_by(snapshot, entries):
        return
    tests = followed.tests(snapshot, position)
    clocks = clocks_for(snapshot, Asked(position=position))
    for each in recorded_steps(snapshot, clocks, entries, only, partial(_passes, tests)):
        changes = [each for each in each.step["changes"] if followed.finding in (None, each["finding"])]
        if changes:
            names = [each.history.subject, *filter(None, [followed.finding])]
            is_late = _is_late(snapshot, each.history, each.entry)
            yield _message(each.entry, names, [{**change} for change in changes], is_late=is_late)


def newest_messages(snapshot: Snapshot, followed: Followed, most: int) -> list[Message]:
    """The newest messages, the newest first, of the last events that may have made any."""
    found: list[Message] = []
    for entries in _newest_first(snapshot, followed):
        found += reversed([*messages(snapshot, followed, entries)])
        if len(found) >= most:
            break
    return found[:most]


def message_id(*of: object) -> str:
    """The id of the message that is told of these."""
    return str(uuid5(_NAMESPACE, "/".join(map(str, of))))


def _newest_first(snapshot: Snapshot, followed: Followed) -> Iterator[list[Entry]]:
    """Events that may have made messages, the newest first, some at a time in the order of the log."""
    only = followed.subject_at(snapshot, snapshot.position)
    if followed.cited or only is not None:
        found = _bearing_on_cited(snapshot, followed) if followed.cited else _bearing_on(snapshot, str(only))
        newest = sorted({entry.position: entry for entry in found}.items(), reverse=True)
        yield from ([entry] for _, entry in newest[:MOST_LOOKED_AT])
        return
    last = snapshot.position
    while last > max(0, snapshot.position - MOST_LOOKED_AT):
        first = max(0, last - _AT_ONCE)
        yield from entries_between(snapshot, first, last)
        last = first


def _bearing_on(snapshot: Snapshot, subject: str, after: int = 0) -> Iterator[Entry]:
    for history in subject_histories(snapshot, [subject], snapshot.position).values():
        yield from (entry for _, entry in history.entries() if entry.position > after)


def _bearing_on_cited(snapshot: Snapshot, followed: Followed) -> Iterator[Entry]:
    """The events recorded after citations that may bear on what was cited."""
    for _, cited in followed.cited:
        if cited.name is None:
            first = max(cited.position, snapshot.position - MOST_LOOKED_AT)
            yield from (entry for entries in entries_between(snapshot, first, snapshot.position) for entry in entries)
        elif cited.sort == "fact":
            facts, sources = facts_and_sources(snapshot, [cited.name], snapshot.position)
            streams = [fact.entries for fact in facts] + [source.entries for source in sources.values()]
            yield from (entry for entries in streams for entry in entries if entry.position > cited.position)
        else:
            yield from _bearing_on(snapshot, cited.name, cited.position)


def _of_cited(snapshot: Snapshot, cited: Iterable[CitedAddress], entry: Entry) -> Iterator[Message]:
    sort, name = stream_of_entry(entry)
    touched = touched_by(snapshot, [entry]).keys()
    for address, of in cited:
        is_other = sort == "fact" and name != of.name if of.sort == "fact" else of.name not in (None, *touched)
        if entry.position <= of.position or is_other or sort == "proposal":
            continue
        differing = reading_otherwise(snapshot, of, entry.position - 1, entry.position)
        changes: list[Change] = [
            {"finding": each["finding"], "before": each["from"], "after": each["to"]} for each in differing
        ]
        if changes:
            names = [differing[0]["subject"], address]
            yield {**_message(entry, names, changes, is_late=False), "address": address}


def _message(entry: Entry, of: Sequence[str], changes: list[Change], *, is_late: bool) -> Message:
    """The message of an entry and of these: a subject first."""
    message: Message = {
        "id": message_id(entry.position, *of),
        "kind": _kind(entry, changes, is_late=is_late),
        "subject": of[0],
        "position": entry.position,
        "moment": instant_text(entry.recorded),
        "event": event_view(stream_of_entry(entry)[1], entry),
        "changes": sorted(changes, key=_rank)[:MOST_CHANGES],
    }
    return message if len(changes) <= MOST_CHANGES else {**message, "more_changes": len(changes) - MOST_CHANGES}


def _passes(tests: list[Callable[[FactAsOf], bool]], entry: Entry, history: SubjectHistory) -> bool:
    """Whether a fact passes that the event is about, or that cites the source that it is about, before it or after."""
    if not tests:
        return True
    sort, name = stream_of_entry(entry)
    facts = [
        each
        for each in history.facts
        if sort == "subject" or (each.id == name if sort == "fact" else name in each.sources())
    ]
    parts = (
        history.resolved(fact).at(None, position) for fact in facts for position in (entry.position, entry.position - 1)
    )
    return any(all(test(part.fact) for test in tests) for part in parts if part is not None)


def _kind(entry: Entry, changes: Iterable[Change], *, is_late: bool) -> MessageKind:
    if entry.name in SOURCE_EVENTS:
        return "source edited"
    if entry.name in _BY_EVENT:
        return _BY_EVENT[entry.name]
    if any(map(_opens, changes)):
        return "contested"
    if entry.name in _FINDS_OUT:
        return "late" if is_late else "new"
    return "corrected"


def _opens(change: Change) -> bool:
    """Whether a finding came to be contested."""
    was, is_now = (isinstance(each, dict) and bool(each.get("rivals")) for each in (change["before"], change["after"]))
    return is_now and not was


def _is_late(snapshot: Snapshot, history: SubjectHistory, entry: Entry) -> bool:
    """Whether it was published before the latest report on the subject that was known already."""
    if entry.name not in _FINDS_OUT:
        return False
    published = [each.published_by for each in cited_in(entry, history.sources, entry.position)]
    known = latest_reports(snapshot, [history.subject], None, entry.position - 1)
    return bool(published) and min(published) < known.get(history.subject, min(published))


def _rank(change: Change) -> tuple[bool, bool, bool, bool]:
    """The chief one is a value that came to be contested, else another value before other grounds; the status first."""
    before, after = change["before"], change["after"]
    grounds = isinstance(before, dict) and isinstance(after, dict) and before.get("value", 0) == after.get("value", 1)
    return not _opens(change), grounds, change["finding"] != "status", "[" in change["finding"]
