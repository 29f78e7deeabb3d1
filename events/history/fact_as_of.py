"""Which version of a fact is visible at (reported r, recorded t): its citations, amendments, values and bounds.

`reported` is an exclusive bound in UTC microseconds (None: everything reported), `position` the recorded clock.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from events.amendments import JUDGEMENTS, MISREADINGS
from events.dates.bounds import UNBOUNDED, Bounds, bounds_of
from events.facts import KINDS, Fact, fields_of
from events.field_types import Modality
from events.history.streams import HEAD, NEVER, Entry, FactHistory, Sources, SourceState, StoredCitation


class Cited(NamedTuple):
    """A citation as it counts at the clocks: the words, when and by whom published, and which event cites them.

    `pseudonym` stands for the publisher where publishers are compared: it is the same once the name is erased.
    """

    citation: StoredCitation
    published_by: int
    publisher: str
    pseudonym: str
    n: int
    source: SourceState


@dataclass(slots=True, eq=False)
class FactAsOf:
    """A fact as of its clocks. `values` are its own fields and envelope after all corrections in force.

    `subject` is the one that it is about as corrected, `modality` how it is reported. What is `retracted` does not
    count. `withdrawn` are the numbers of withdrawn amendments, `changed` says which amendments set which fields,
    `disputes` are those in force, `cited_against` the visible citations of these; `publishers` names the publisher of
    each source cited by a dispute.
    """

    history: FactHistory
    id: str
    kind: type[Fact]
    values: dict[str, Any]
    subject: str
    modality: Modality
    cited: list[Cited]
    changed: Mapping[str, list[int]]
    publishers: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"
    bounds: Bounds = UNBOUNDED
    reported_before_occurred: bool = False
    retracted: bool = False
    retractions: Sequence[Entry] = ()
    disputes: Sequence[Entry] = ()
    cited_against: Sequence[Cited] = ()
    withdrawn: Set[int] = frozenset()

    @property
    def first_report(self) -> Cited | None:
        """The citation that was published first, the earlier one of the stream among equals; None of what has none."""
        return min(self.cited, key=lambda each: each.published_by, default=None)

    @property
    def by(self) -> str | None:
        """Whose words these are: `attributed_to`, else the first citation's publisher."""
        return self.values.get("attributed_to") or (self.cited[0].publisher if self.cited else None)

    def set_by(self, field: str) -> Entry | None:
        """The correction in force that set the field, the last of several; None where the fact has it as recorded."""
        numbers = self.changed.get(field)
        return next((each for each in self.history.entries if numbers and each.n == numbers[-1]), None)


def fact_as_of(history: FactHistory, sources: Sources, reported: int | None, position: int = HEAD) -> FactAsOf | None:
    """The fact as of the clocks; None where it is not visible."""
    entries = history.entries
    if entries[-1].position > position:
        entries = [entry for entry in entries if entry.position <= position]
        if not entries:
            return None
    limit = NEVER if reported is None else reported
    withdrawn = _withdrawn_by(limit, entries[1:], sources, position)
    in_force = [
        entry for entry in entries[1:] if entry.n not in withdrawn and effective_by(entry, sources, position) <= limit
    ]
    cited = []
    for entry in entries:
        if entry is entries[0] or (entry.name == "FactCorroborated" and entry.n not in withdrawn):
            cited += [each for each in cited_in(entry, sources, position) if each.published_by <= limit]
    uncited = not entries[0].data.get("citations")
    if not cited and not uncited:
        return None
    fact = _corrected(history, cited, in_force, sources, position)
    if in_force:
        fact.withdrawn = withdrawn
        _dispute(fact, in_force, sources, limit, position)
        _retract(fact, in_force, uncited, sources, position)
    _date(fact, sources, position)
    return fact


def _dispute(fact: FactAsOf, in_force: Sequence[Entry], sources: Sources, limit: int, position: int) -> None:
    """Note the disputes, the words that they cite, and the publisher of each source of these."""
    fact.disputes = [entry for entry in in_force if entry.name == "FactDisputed"]
    cited = [each for entry in fact.disputes for each in cited_in(entry, sources, position)]
    fact.publishers = {each.citation["source"]: each.publisher for each in cited}
    fact.cited_against = [each for each in cited if each.published_by <= limit]


def cited_in(entry: Entry, sources: Sources, position: int) -> list[Cited]:
    """The citations of an event whose source was recorded by the position, each as it counts there."""
    found = []
    for citation in entry.data.get("citations", ()):
        source = sources[citation["source"]].at(position)
        if source is not None:
            edition = source.editions[citation["version"] - 1]
            published_by, publisher = edition.published_by, source.publisher_of(edition.version)
            found.append(Cited(citation, published_by, *publisher, entry.version - 1, source))
    return found


def effective_by(entry: Entry, sources: Sources, position: int) -> int:
    """From when on the amendment counts on the reported clock: a source's act from its first publication.

    Ours counts wherever the fact is visible at all, that is from `-NEVER`.
    """
    if entry.data.get("kind") is not None:
        return -NEVER
    return min((each.published_by for each in cited_in(entry, sources, position)), default=-NEVER)


def _withdrawn_by(limit: int, amendments: list[Entry], sources: Sources, position: int) -> set[int]:
    """The numbers of the amendments undone by a withdrawal that is itself in force."""
    withdrawn: set[int] = set()
    for entry in reversed(amendments):
        is_withdrawal = entry.name == "AmendmentWithdrawn" and entry.n not in withdrawn
        if is_withdrawal and effective_by(entry, sources, position) <= limit:
            withdrawn.add(entry.data["withdraws"])
    return withdrawn


def _corrected(
    history: FactHistory, cited: list[Cited], in_force: Sequence[Entry], sources: Sources, position: int
) -> FactAsOf:
    """The fact's values after its corrections: our misreadings, sources' corrections by publication, our judgements."""
    values, kind_name = history.recording.data, history.recording.name
    changed: dict[str, list[int]] = {}
    corrections = [entry for entry in in_force if entry.name == "FactCorrected"]
    for entry in sorted(corrections, key=lambda entry: _correction_order(entry, sources, position)):
        changes = entry.data["changes"]
        values = {**values, **changes}
        for name in changes:
            changed.setdefault(name, []).append(entry.n)
        kind_name = changes.get("kind", kind_name)
    kind = KINDS[kind_name]
    names = fields_of(kind)
    values = {name: value for name, value in values.items() if name in names and value is not None}
    if kind.per == "by" and "by" not in values and "attributed_to" in values:
        values["by"] = values["attributed_to"]  # a statement stored before it had to say by whom
    return FactAsOf(
        history, history.id, kind, values, values["subject"], values.get("modality", "actual"), cited, changed
    )


def _correction_order(entry: Entry, sources: Sources, position: int) -> tuple[int, int, int]:
    kind = entry.data.get("kind")
    rank = 0 if kind in MISREADINGS else 2 if kind in JUDGEMENTS else 1
    return rank, effective_by(entry, sources, position), entry.n


def _retract(fact: FactAsOf, in_force: Sequence[Entry], uncited: bool, sources: Sources, position: int) -> None:
    """Take away the citations of publishers that retracted; without any left, or by us, the fact is retracted."""
    lifted = {entry.data["lifts"] for entry in in_force if entry.name == "FactReinstated"}
    fact.retractions = [entry for entry in in_force if entry.name == "FactRetracted" and entry.n not in lifted]
    by_sources = [entry for entry in fact.retractions if entry.data.get("kind") is None]
    gone = {name for entry in by_sources for each in cited_in(entry, sources, position) for name in _names_of(each)}
    left = [each for each in fact.cited if gone.isdisjoint(_names_of(each))]
    by_us = len(by_sources) < len(fact.retractions)
    fact.retracted = by_us or not (left or (uncited and not gone))
    if not fact.retracted:
        fact.cited = left


def _names_of(cited: Cited) -> tuple[str, ...]:
    """What its publisher is known by: what was recorded elsewhere has pseudonyms of its own, what is erased no name."""
    is_erased = cited.publisher == "redacted"
    return (cited.pseudonym,) if is_erased else (cited.pseudonym, f"name:{cited.publisher}")


def _date(fact: FactAsOf, sources: Sources, position: int) -> None:
    """Place the fact in time, and what is reported as having happened before its first report."""
    kind, values = fact.kind, fact.values
    citations = fact.history.recording.data.get("citations")
    source = sources[citations[0]["source"]].at(position) if citations else None
    zone = fact.zone = values.get("zone") or (source.zone if source else "UTC")
    occurred = values.get("occurred")
    if occurred is None and kind.timeless:
        return
    bounds = UNBOUNDED if occurred is None else bounds_of(occurred, zone, kind.begins)
    first = min([each.published_by for each in fact.cited], default=NEVER)
    if first < NEVER and (bounds.hi is None or first < bounds.hi) and fact.modality == "actual":
        if bounds.lo is None or bounds.lo < first:
            bounds = Bounds(bounds.lo, first)
        else:
            fact.reported_before_occurred = True
    fact.bounds = bounds
