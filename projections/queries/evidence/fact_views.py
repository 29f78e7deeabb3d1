"""Facts and the events of their streams as answers show them, with marks on citations that do not stand."""

from collections.abc import Sequence, Set
from typing import Annotated, Literal, NotRequired, TypedDict, cast

from msgspec import Meta

from events.dates.bounds import Certainty, certainty
from events.dates.calendar import instant_text
from events.facts import KINDS, RECORDERS, UNJUDGED, own_fields
from events.field_types import JsonObject, Modality
from events.history.fact_as_of import Cited, FactAsOf
from events.history.streams import Entry, FactHistory, Sources, StoredCitation
from events.sources import ORIGINAL, TextIs
from projections.clocks import Clocks
from projections.fold.answer_types import CitationMark, OriginsOfReports, Reports
from projections.fold.origins import Origins
from projections.queries.evidence.facts_as_of import fact_at_clocks
from projections.queries.evidence.origins import origins_of
from projections.read_models.citation_warnings import CitationMarks, Texts
from projections.read_models.erasure import Redaction
from projections.store.snapshots import Snapshot

AmendmentIds = Annotated[list[str], Meta(description="Amendments, each as `fact#n`")]
Edtf = Annotated[str | None, Meta(description="EDTF text; null where it is not known")]
_OF_RECORDINGS = ("recorded_with", "accepted_by", "accepted_with", "imported", "redacted")
_OF_AMENDMENTS = (*_OF_RECORDINGS, "id", "kind", "reason", "changes", "lifts", "withdraws")
_NOT_SAID = {*RECORDERS, "citations", "opens", "id", "redacted"}


class MarkedCitation(StoredCitation):
    """A citation, and why it does not stand where it does not; `verified` says that its words do."""

    text_is: NotRequired[Annotated[TextIs, Meta(description="What its source's text is, where not the original")]]
    marks: NotRequired[list[CitationMark]]


class PublishedCitation(MarkedCitation):
    """A citation, and who published the source."""

    publisher: str


class Reported(TypedDict):
    """The first report of a fact: when it was published, and the source that it stands in."""

    published: Annotated[str | None, Meta(description="EDTF text; null where the source has no date")]
    source: str


class FactView(TypedDict):
    """A fact as it stands at the clocks."""

    id: str
    kind: str
    subject: str
    occurred: Edtf
    zone: Annotated[str, Meta(description="The IANA time zone in which the date is read")]
    modality: Modality
    attributed_to: str | None
    credibility: Annotated[str, Meta(description="Admiralty code: source A to F, information 1 to 6")]
    note: str | None
    fields: Annotated[JsonObject, Meta(description="The kind's own fields that have a value")]
    by: Annotated[str | None, Meta(description="Whose words these are: the actor they are attributed to, or publisher")]
    citations: list[PublishedCitation]
    reported: Annotated[Reported | None, Meta(description="Its first report; null of what was told here without one")]
    certainty: Annotated[
        Literal["certain", "possible", "not yet"],
        Meta(description="Whether its date had come by `at`; without `at` all of them had"),
    ]
    retracted: bool
    reported_before_occurred: bool
    position: int
    recorded: str
    corrected_by: NotRequired[dict[str, AmendmentIds]]
    disputed_by: NotRequired[AmendmentIds]
    reports: Reports
    origins: OriginsOfReports
    redaction: NotRequired[Annotated[Redaction, Meta(description="Where its words were erased; not said in lists")]]


class Imported(TypedDict):
    """When and by whom something was taken in that was recorded elsewhere."""

    at: str
    by: str


class StreamEntry(TypedDict):
    """One event of a fact's stream: its recording, or an amendment."""

    event: str
    n: int
    position: int
    recorded: str
    recorded_by: str | None
    recorded_with: NotRequired[Annotated[str, Meta(description="The id of the token; the command line has none")]]
    accepted_by: NotRequired[str]
    accepted_with: NotRequired[str]
    imported: NotRequired[Annotated[Imported, Meta(description="Of what was recorded elsewhere")]]
    citations: list[MarkedCitation]
    redacted: NotRequired[bool]
    kind: NotRequired[str | None]
    said: NotRequired[Annotated[JsonObject, Meta(description="The fact's values as they were recorded")]]
    id: NotRequired[str | None]
    reason: NotRequired[str | None]
    changes: NotRequired[JsonObject | None]
    lifts: NotRequired[Annotated[int, Meta(description="The retraction that a reinstatement lifts")]]
    withdraws: NotRequired[Annotated[int, Meta(description="The amendment that a withdrawal undoes")]]
    withdrawn: NotRequired[bool]
    rests_on_withdrawn: NotRequired[Annotated[bool, Meta(description="The retraction that it lifts is withdrawn")]]


class FactWithStream(FactView):
    """A fact as it stands at the clocks, and who recorded what of it when."""

    stream: list[StreamEntry]


def fact_with_stream(
    snapshot: Snapshot, history: FactHistory, sources: Sources, clocks: Clocks
) -> FactWithStream | list[StreamEntry]:
    """A fact with its stream; the stream alone where the fact is not visible at the clocks."""
    fact = fact_at_clocks(history, sources, clocks)
    noted = (sources[name].at(clocks.position) for name in history.sources())
    marks = CitationMarks(Texts(snapshot), (each for each in noted if each is not None), clocks.reported)
    stream = [_entry_view(entry, fact.withdrawn if fact else frozenset(), marks) for entry in history.entries]
    return {**fact_views(snapshot, [fact], clocks)[0], "stream": stream} if fact else stream


def fact_views(snapshot: Snapshot, facts: Sequence[FactAsOf], clocks: Clocks) -> list[FactView]:
    """Facts as they stand at the clocks, with marks on citations that do not."""
    marks = CitationMarks(Texts(snapshot), (cited.source for fact in facts for cited in fact.cited), clocks.reported)
    noted = {cited.source.id: cited.source for fact in facts for cited in fact.cited}
    origins = origins_of(snapshot, noted, clocks.position)
    return [_fact_view(fact, marks, origins, clocks.at) for fact in facts]


def _fact_view(fact: FactAsOf, marks: CitationMarks, origins: Origins, at: int | None) -> FactView:
    values = fact.values
    documents = {each.source.id for each in fact.cited}
    view: FactView = {
        "id": fact.id,
        "kind": fact.kind.__name__,
        "subject": fact.subject,
        "occurred": values.get("occurred"),
        "zone": fact.zone,
        "modality": fact.modality,
        "attributed_to": values.get("attributed_to"),
        "credibility": values.get("credibility", UNJUDGED),
        "note": values.get("note"),
        "fields": {name: values[name] for name in own_fields(fact.kind) if name in values},
        "by": fact.by,
        "citations": [published_citation(each, marks) for each in fact.cited],
        "reported": _reported(fact),
        "certainty": (Certainty.CERTAIN if fact.kind.timeless else certainty(fact.bounds, at)).value,
        "retracted": fact.retracted,
        "reported_before_occurred": fact.reported_before_occurred,
        "position": fact.history.recording.position,
        "recorded": instant_text(fact.history.recording.recorded),
        "reports": len(documents),
        "origins": origins.count(documents),
    }
    if fact.changed:
        view["corrected_by"] = {name: [f"{fact.id}#{n}" for n in by] for name, by in fact.changed.items()}
    if fact.disputes:
        view["disputed_by"] = [f"{fact.id}#{entry.n}" for entry in fact.disputes]
    return view


def _reported(fact: FactAsOf) -> Reported | None:
    first = fact.first_report
    if first is None:
        return None
    edition = first.source.editions[first.citation["version"] - 1]
    return {"published": edition.published, "source": first.source.id}


def published_citation(cited: Cited, marks: CitationMarks) -> PublishedCitation:
    """A citation with its marks and its publisher."""
    return cast(PublishedCitation, {**marked_citation(cited.citation, marks), "publisher": cited.publisher})


def marked_citation(citation: StoredCitation, marks: CitationMarks) -> MarkedCitation:
    """A citation with its marks; one whose words are gone is not verified any more."""
    found, text_is = marks.of(citation), marks.text_is(citation)
    view = cast(MarkedCitation, {**citation})
    if text_is != ORIGINAL:
        view["text_is"] = text_is
    if found:
        is_gone = any(mark["mark"] == "quote_gone" for mark in found)
        view |= {"verified": citation["verified"] and not is_gone, "marks": found}
    return view


def _entry_view(entry: Entry, withdrawn: Set[int], marks: CitationMarks) -> StreamEntry:
    data, is_recording = entry.data, entry.name in KINDS
    view = {
        "event": "FactRecorded" if is_recording else entry.name,
        "n": entry.n,
        "position": entry.position,
        "recorded": instant_text(entry.recorded),
        "recorded_by": data.get("recorded_by"),
        "citations": [marked_citation(each, marks) for each in data.get("citations", ())],
    }
    if is_recording:
        view["kind"] = entry.name
        view["said"] = {name: data[name] for name in data if name not in _NOT_SAID}
    else:
        view["withdrawn"] = entry.n in withdrawn
        if entry.name == "FactReinstated" and data.get("lifts") in withdrawn:
            view["rests_on_withdrawn"] = True
    noted = _OF_RECORDINGS if is_recording else _OF_AMENDMENTS
    return cast(StreamEntry, view | {name: data[name] for name in noted if name in data})
