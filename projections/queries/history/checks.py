"""Whether what was cited at a position still reads so, and if not, what made the difference."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, NamedTuple, TypedDict

from msgspec import Meta

from events.amendments import AMENDMENTS
from events.errors import Invalid
from events.field_types import Json, JsonObject
from events.history.streams import Entry
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.evidence.facts import HiddenFact, VisibleFact, fact
from projections.queries.history.diff import BY_EVENT, CausingEvent, diff
from projections.queries.history.evolution import event_view
from projections.queries.subjects.accounts import with_voices
from projections.queries.subjects.states import state
from projections.read_models.histories import facts_and_sources
from projections.store.snapshots import Snapshot

_OF_FACTS = ("visible", "kind", "subject", "occurred", "zone", "modality", "attributed_to", "credibility", "note")
_OF_THEIR_WORDS = ("citations", "retracted", "reported_before_occurred", "disputed_by")
_Sides = TypedDict("_Sides", {"from": Json, "to": Json})


class CitedQuestion(NamedTuple):
    """What an address cites: a state, a fact, or a difference (of one subject or of all), and its clocks."""

    sort: str
    name: str | None
    sides: tuple[Asked, ...]

    @property
    def position(self) -> int:
        """Where in the log it was cited."""
        return max(asked.position or 0 for asked in self.sides)


class CitedDifference(_Sides):
    """Something that does not read as it was cited: a finding of a state, or a value of a fact."""

    subject: str
    finding: str
    causes: list[str]
    events: list[CausingEvent]


class Check(TypedDict):
    """Whether what was cited still reads so at the head, with the other clocks as they were."""

    address: str
    stands: bool
    position: Annotated[int, Meta(description="Where it was cited")]
    differences: list[CitedDifference]


def check(snapshot: Snapshot, address: str, cited: CitedQuestion) -> Check:
    """Read again what was cited: a state or a fact; of a difference both sides, or the later one of two positions.

    Raises:
        Invalid: it was cited beyond what was recorded, or with clocks that cannot be read.
        NotFound: there was no such thing.
    """
    _refuse_beyond(snapshot, address, cited)
    unlike = reading_otherwise(snapshot, cited, cited.position, snapshot.position)
    return {"address": address, "stands": not unlike, "position": cited.position, "differences": unlike}


def refuse_unknown(snapshot: Snapshot, address: str, cited: CitedQuestion) -> None:
    """Refuse what was cited as `check` does, without reading it again."""
    _refuse_beyond(snapshot, address, cited)
    reading_otherwise(snapshot, cited, cited.position, cited.position)


def _refuse_beyond(snapshot: Snapshot, address: str, cited: CitedQuestion) -> None:
    if cited.position > snapshot.position:
        raise Invalid.at("", f"{address!r:.200} cites position {cited.position}; the log ends at {snapshot.position}")


def reading_otherwise(snapshot: Snapshot, cited: CitedQuestion, position: int, later: int) -> list[CitedDifference]:
    """What of something cited reads otherwise at the later position, with the other clocks as they were cited."""
    found: list[CitedDifference] = []
    for asked in cited.sides:
        if asked.position == cited.position:
            one, other = (_clocks(snapshot, replace(asked, position=each)) for each in (position, later))
            found += _of_fact(snapshot, cited.name, one, other) if cited.sort == "fact" else []
            found += _of_states(snapshot, cited, one, other) if cited.sort != "fact" else []
    return [each for at, each in enumerate(found) if each not in found[:at]]


def _clocks(snapshot: Snapshot, asked: Asked) -> Clocks:
    clocks = clocks_for(snapshot, asked)
    return clocks if asked.reading is None else with_voices(snapshot, clocks, asked.reading)


def _of_states(snapshot: Snapshot, cited: CitedQuestion, one: Clocks, other: Clocks) -> Iterator[CitedDifference]:
    if cited.name is not None:
        state(snapshot, cited.name, one)  # what was not there is not found
    for each in diff(snapshot, one, other, None if cited.name is None else [cited.name]):
        yield {
            "subject": each["subject"],
            "finding": each["finding"],
            "from": each["from"],
            "to": each["to"],
            "causes": each["causes"],
            "events": each["events"],
        }


def _of_fact(snapshot: Snapshot, name: str | None, one: Clocks, other: Clocks) -> Iterator[CitedDifference]:
    assert name is not None
    before, after = (_said(fact(snapshot, name, clocks)) for clocks in (one, other))
    differing = [each for each in {**before, **after} if before.get(each) != after.get(each)]
    if not differing:
        return
    (history,), sources = facts_and_sources(snapshot, [name], other.position)
    events = [(name, entry) for entry in history.entries]
    events += [(source, entry) for source in history.sources() for entry in sources[source].entries]
    later = sorted((each for each in events if each[1].position > one.position), key=lambda each: each[1].position)
    caused: list[CausingEvent] = [{**event_view(of, entry), "cause": _cause(entry)} for of, entry in later]
    causes = list(dict.fromkeys(each["cause"] for each in caused))
    for each in differing:
        about = str(after.get("subject") or before.get("subject") or "")
        yield {
            "subject": about,
            "finding": each,
            "from": before.get(each),
            "to": after.get(each),
            "causes": causes,
            "events": caused,
        }


def _said(view: VisibleFact | HiddenFact) -> JsonObject:
    """What a fact says, each of its own fields apart."""
    shown: JsonObject = dict(view)
    fields: JsonObject = shown.get("fields", {})
    return {name: shown.get(name) for name in (*_OF_FACTS, *_OF_THEIR_WORDS)} | fields


def _cause(entry: Entry) -> str:
    """What an event on a fact or its source is: `correction:<kind>`, `retraction`, `source_revised`."""
    kind = entry.data.get("kind") or "source"
    if entry.name in AMENDMENTS:
        name = AMENDMENTS[entry.name].call.removesuffix("s")
    else:
        name = BY_EVENT.get(entry.name, "correction")
    return f"{name}:{kind}" if name == "correction" else name
