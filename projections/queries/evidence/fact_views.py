"""Facts and the events of their streams as answers show them, with marks on citations that do not stand."""

from collections.abc import Sequence, Set
from typing import Literal, cast, get_args

from events.amendments import AMENDMENTS
from events.dates.calendar import instant_text
from events.facts import KINDS, UNJUDGED, own_fields
from events.history.fact_as_of import Cited, FactAsOf
from events.history.streams import Entry, FactHistory, Sources, StoredCitation
from projections.clocks import Clocks
from projections.queries.evidence.answer_types import FactView, MarkedCitation, PublishedCitation, StreamEntry
from projections.read_models.citation_warnings import CitationMarks
from projections.store.snapshots import Snapshot

_Noted = Literal["accepted_by", "redacted", "id", "kind", "reason", "changes", "lifts", "withdraws"]
_OF_AMENDMENTS: tuple[_Noted, ...] = get_args(_Noted)
_OF_EVERY = _OF_AMENDMENTS[:2]
_NOT_SAID = {"recorded_by", "accepted_by", "citations", "opens", "id", "redacted"}


def fact_views(snapshot: Snapshot, standings: Sequence[FactAsOf], clocks: Clocks) -> list[FactView]:
    """Facts as they stand at the clocks, with marks on citations that do not."""
    marks = CitationMarks(snapshot, (each.source for standing in standings for each in standing.cited), clocks.reported)
    return [_view(standing, marks) for standing in standings]


def _view(standing: FactAsOf, marks: CitationMarks) -> FactView:
    values = standing.values
    shown: FactView = {
        "id": standing.id,
        "kind": standing.kind.__name__,
        "subject": standing.subject,
        "occurred": values.get("occurred"),
        "zone": standing.zone,
        "modality": standing.modality,
        "attributed_to": values.get("attributed_to"),
        "credibility": values.get("credibility", UNJUDGED),
        "note": values.get("note"),
        "fields": {name: values[name] for name in own_fields(standing.kind) if name in values},
        "by": standing.by,
        "citations": [_published(each, marks) for each in standing.cited],
        "retracted": standing.retracted,
        "reported_before_occurred": standing.reported_before_occurred,
        "position": standing.history.recording.position,
        "recorded": instant_text(standing.history.recording.recorded),
    }
    if standing.changed:
        shown["corrected_by"] = {name: [f"{standing.id}#{n}" for n in by] for name, by in standing.changed.items()}
    if standing.disputes:
        shown["disputed_by"] = [f"{standing.id}#{entry.n}" for entry in standing.disputes]
    return shown


def _published(cited: Cited, marks: CitationMarks) -> PublishedCitation:
    return cast(PublishedCitation, {**marked(cited.citation, marks), "publisher": cited.publisher})


def marked(citation: StoredCitation, marks: CitationMarks) -> MarkedCitation:
    """A citation with its marks; one whose words are gone is not verified any more."""
    found = marks.of(citation)
    if not found:
        return cast(MarkedCitation, citation)
    is_gone = any(mark["mark"] == "quote_gone" for mark in found)
    return {**citation, "verified": citation["verified"] and not is_gone, "marks": found}


def stream_views(
    snapshot: Snapshot, history: FactHistory, shelf: Sources, withdrawn: Set[int], clocks: Clocks
) -> list[StreamEntry]:
    """The events of a fact's stream, as people read them."""
    noted = (shelf[name].at(clocks.position) for name in history.sources())
    marks = CitationMarks(snapshot, (each for each in noted if each is not None), clocks.reported)
    return [_entry_view(entry, withdrawn, marks) for entry in history.entries]


def _entry_view(entry: Entry, withdrawn: Set[int], marks: CitationMarks) -> StreamEntry:
    data = entry.data
    shown: StreamEntry = {
        "event": entry.name if entry.name in AMENDMENTS else "FactRecorded",
        "n": entry.n,
        "position": entry.position,
        "recorded": instant_text(entry.recorded),
        "recorded_by": data.get("recorded_by"),
        "citations": [marked(each, marks) for each in data.get("citations", ())],
    }
    if entry.name in KINDS:
        shown["kind"] = entry.name
        shown["said"] = {name: data[name] for name in data if name not in _NOT_SAID}
    else:
        shown["withdrawn"] = entry.n in withdrawn
        if entry.name == "FactReinstated" and data.get("lifts") in withdrawn:
            shown["rests_on_withdrawn"] = True
    for name in _OF_EVERY if entry.name in KINDS else _OF_AMENDMENTS:
        if name in data:
            shown[name] = data[name]
    return shown
