"""Which version of a fact is visible at (reported r, recorded t): its citations, amendments, values and bounds.

`reported` is an exclusive bound in UTC microseconds (None: everything reported), `position` the recorded clock.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from events.amendments import JUDGEMENTS, MISREADINGS
from events.dates.bounds import UNBOUNDED, Bounds, bounds_of
from events.facts import KINDS, Fact, fields_of
from events.field_types import Modality
from events.history.streams import HEAD, NEVER, Entry, FactHistory, Sources, SourceState, StoredCitation

_CITATIONS = ("FactCorroborated",)
_NONE: Mapping[str, Any] = MappingProxyType({})
_MISREADING, _OF_SOURCE, _JUDGEMENT = 0, 1, 2


class Cited(NamedTuple):
    """A citation as it counts at the clocks: the words, when and by whom published, and which event cites them."""

    citation: StoredCitation
    published_by: int
    publisher: str
    n: int
    source: SourceState


@dataclass(slots=True, eq=False)
class FactAsOf:
    """A fact as it stands at the clocks. `values` are its own fields and envelope after all corrections in force.

    `subject` is that which it is about as corrected, `modality` how it is reported. `visible` without `retracted` is
    what counts. `withdrawn` are the numbers of withdrawn amendments, `changed` says which amendments set which fields,
    `disputes` those in force; `publishers` names the publisher of each source cited by a dispute.
    """

    history: FactHistory
    id: str
    kind: type[Fact]
    values: dict[str, Any]
    subject: str
    modality: Modality
    cited: list[Cited]
    changed: Mapping[str, list[int]]
    publishers: Mapping[str, str]
    zone: str = "UTC"
    bounds: Bounds = UNBOUNDED
    reported_before_occurred: bool = False
    retracted: bool = False
    retractions: Sequence[Entry] = ()
    disputes: Sequence[Entry] = ()
    withdrawn: Set[int] = frozenset()

    @property
    def by(self) -> str | None:
        """Whose words these are: `attributed_to`, else the first citation's publisher."""
        return self.values.get("attributed_to") or (self.cited[0].publisher if self.cited else None)


def fact_as_of(history: FactHistory, sources: Sources, reported: int | None, position: int = HEAD) -> FactAsOf | None:
    """The fact as it stands at the clocks; None where it is not visible."""
    entries = history.entries
    if entries[-1].position > position:
        entries = [entry for entry in entries if entry.position <= position]
        if not entries:
            return None
    limit = _limit(reported)
    withdrawn, active = _in_force(entries[1:], sources, reported, position) if len(entries) > 1 else (frozenset(), ())
    cited = [each for each in cited_in(entries[0], sources, position) if each.published_by <= limit]
    for entry in entries[1:]:
        if entry.name in _CITATIONS and entry.n not in withdrawn:
            cited += [each for each in cited_in(entry, sources, position) if each.published_by <= limit]
    uncited = not entries[0].data.get("citations")
    if not cited and not uncited:
        return None
    standing = _corrected(history, cited, active, sources, position)
    if active:
        _amend(standing, active, withdrawn, uncited, sources, position)
    _date(standing, sources, position)
    return standing


def _in_force(
    amendments: list[Entry], sources: Sources, reported: int | None, position: int
) -> tuple[Set[int], Sequence[Entry]]:
    """The numbers of withdrawn amendments, and those in force."""
    withdrawn, limit = withdrawn_at(amendments, sources, reported, position), _limit(reported)
    return withdrawn, [
        entry for entry in amendments if entry.n not in withdrawn and effective_by(entry, sources, position) <= limit
    ]


def _amend(
    standing: FactAsOf, active: Sequence[Entry], withdrawn: Set[int], uncited: bool, sources: Sources, position: int
) -> None:
    """What the amendments in force do beside correcting values."""
    standing.withdrawn = withdrawn
    standing.disputes = [entry for entry in active if entry.name == "FactDisputed"]
    standing.publishers = {
        each.citation["source"]: each.publisher
        for entry in standing.disputes
        for each in cited_in(entry, sources, position)
    }
    standing.retractions = _unlifted(active)
    _retract(standing, uncited, sources, position)


def _limit(reported: int | None) -> int:
    return NEVER if reported is None else reported


def cited_in(entry: Entry, sources: Sources, position: int) -> list[Cited]:
    """The citations of an event whose source was recorded by the position, each as it counts there."""
    found = []
    for citation in entry.data.get("citations", ()):
        source = sources[citation["source"]].at(position)
        if source is not None:
            edition = source.editions[citation["version"] - 1]
            publisher = source.publisher_of(edition.version)
            found.append(Cited(citation, edition.published_by, publisher, entry.version - 1, source))
    return found


def effective_by(entry: Entry, sources: Sources, position: int) -> int:
    """From when on the amendment counts on the reported clock.

    A source's act counts from its first publication. Ours counts from the fact's own first report, that is, wherever
    the fact is visible at all: -1 << 200.
    """
    if entry.data.get("kind") is not None:
        return -NEVER
    return min((each.published_by for each in cited_in(entry, sources, position)), default=-NEVER)


def withdrawn_at(amendments: list[Entry], sources: Sources, reported: int | None, position: int) -> set[int]:
    """The numbers of the amendments undone by a withdrawal that is itself in force."""
    withdrawn: set[int] = set()
    for entry in reversed(amendments):
        is_withdrawal = entry.name == "AmendmentWithdrawn" and entry.n not in withdrawn
        if is_withdrawal and effective_by(entry, sources, position) <= _limit(reported):
            withdrawn.add(entry.data["withdraws"])
    return withdrawn


def _unlifted(active: Sequence[Entry]) -> list[Entry]:
    lifted = {entry.data["lifts"] for entry in active if entry.name == "FactReinstated"}
    return [entry for entry in active if entry.name == "FactRetracted" and entry.n not in lifted]


def _corrected(
    history: FactHistory, cited: list[Cited], active: Sequence[Entry], sources: Sources, position: int
) -> FactAsOf:
    """The fact's values after its corrections: our misreadings, sources' corrections by publication, our judgements."""
    recording = history.entries[0]
    values, kind_name, changed = recording.data, recording.name, _NONE
    if active:
        values, kind_name, changed = _with_changes(recording, active, sources, position)
    kind = KINDS[kind_name]
    names = fields_of(kind)
    values = {name: value for name, value in values.items() if name in names and value is not None}
    return FactAsOf(
        history,
        history.id,
        kind,
        values,
        values["subject"],
        values.get("modality", "actual"),
        cited,
        changed,
        _NONE,
    )


def _with_changes(
    recording: Entry, active: Sequence[Entry], sources: Sources, position: int
) -> tuple[dict[str, Any], str, Mapping[str, list[int]]]:
    """The values and the kind with the changes of all corrections, and which of these changed each field."""
    values, kind_name = recording.data, recording.name
    changed: dict[str, list[int]] = {}
    corrections = [entry for entry in active if entry.name == "FactCorrected"]
    for entry in sorted(corrections, key=lambda entry: _correction_order(entry, sources, position)):
        changes = entry.data["changes"]
        values = {**values, **changes}
        for name in changes:
            changed.setdefault(name, []).append(entry.n)
        kind_name = changes.get("kind", kind_name)
    return values, kind_name, changed


def _correction_order(entry: Entry, sources: Sources, position: int) -> tuple[int, int, int]:
    ours = entry.data.get("kind")
    if ours in MISREADINGS:
        return (_MISREADING, 0, entry.n)
    if ours in JUDGEMENTS:
        return (_JUDGEMENT, 0, entry.n)
    return (_OF_SOURCE, effective_by(entry, sources, position), entry.n)


def _retract(standing: FactAsOf, uncited: bool, sources: Sources, position: int) -> None:
    """Take away the citations of publishers that retracted; without any left, or by us, the fact is retracted."""
    gone = {
        each.publisher
        for entry in standing.retractions
        if entry.data.get("kind") is None
        for each in cited_in(entry, sources, position)
    }
    by_us = any(entry.data.get("kind") is not None for entry in standing.retractions)
    cited = standing.cited
    standing.cited = [each for each in cited if each.publisher not in gone]
    left = bool(standing.cited) or (uncited and not gone)
    standing.retracted = by_us or not left
    if standing.retracted:
        standing.cited = cited


def _date(standing: FactAsOf, sources: Sources, position: int) -> None:
    """Place the fact in time, and what is reported as having happened before its first report."""
    kind, values = standing.kind, standing.values
    recorded = standing.history.entries[0].data
    zone = standing.zone = values.get("zone") or _zone_of(recorded.get("citations", ()), sources, position)
    occurred = values.get("occurred")
    if occurred is None and kind.timeless:
        return
    bounds = UNBOUNDED if occurred is None else bounds_of(occurred, zone, kind.begins)
    first = min([each.published_by for each in standing.cited], default=NEVER)
    if first < NEVER and (bounds.hi is None or first < bounds.hi) and standing.modality == "actual":
        if bounds.lo is None or bounds.lo < first:
            bounds = Bounds(bounds.lo, first)
        else:
            standing.reported_before_occurred = True
    standing.bounds = bounds


def _zone_of(citations: list[dict[str, Any]], sources: Sources, position: int) -> str:
    source = sources[citations[0]["source"]].at(position) if citations else None
    return source.zone if source else "UTC"
