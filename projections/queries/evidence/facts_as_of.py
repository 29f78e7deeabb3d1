"""Facts as they stand at the clocks, by name or by subject, and the sources that they cite."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.grouping import Grouping
from events.history.streams import FactHistory, SourceHistory, Sources, SourceState
from projections.clocks import Clocks
from projections.fold.answer_types import State
from projections.fold.party_view import as_read_by
from projections.fold.subject_history import counted_under
from projections.queries.subjects.states import state
from projections.read_models.ledger import facts_and_shelf, histories, linked
from projections.read_models.subject_histories import grouping_at
from projections.store.snapshots import Snapshot


def state_with_grounds(snapshot: Snapshot, subject: str, clocks: Clocks) -> tuple[State, dict[str, FactAsOf]]:
    """The state of the subject, and the visible facts that count under it by id, retracted ones included.

    Raises:
        NotFound: no event up to the position names it.
    """
    found = state(snapshot, subject, clocks)
    meant = found.get("merged_into", subject)
    standings = standings_about(snapshot, [meant], clocks).get(meant, [])
    return found, {standing.id: standing for standing in standings}


def standings_about(
    snapshot: Snapshot, subjects: Iterable[str], clocks: Clocks, grouping: Grouping | None = None
) -> dict[str, list[FactAsOf]]:
    """The visible facts that count under each subject, retracted ones included, as they stand at the clocks."""
    grouping = grouping or grouping_at(snapshot, clocks.position)
    wanted = set(subjects)
    gathered = {each for subject in wanted for each in grouping.gathered(subject)}
    facts = {fact for about in linked(snapshot, "about", gathered, clocks.position).values() for fact in about}
    found: dict[str, list[FactAsOf]] = {}
    for standing in standings_named(snapshot, facts, clocks).values():
        subject = counted_under(grouping, standing)
        if subject in wanted:
            found.setdefault(subject, []).append(standing)
    return found


def standings_named(snapshot: Snapshot, facts: Iterable[str], clocks: Clocks) -> dict[str, FactAsOf]:
    """Those of the facts that are visible at the clocks, by id."""
    streams, shelf = facts_and_shelf(snapshot, facts, clocks.position)
    found = {history.id: standing_at(history, shelf, clocks) for history in streams}
    return {name: standing for name, standing in found.items() if standing is not None}


def standing_at(history: FactHistory, shelf: Sources, clocks: Clocks) -> FactAsOf | None:
    """The fact as it stands at the clocks, as the party heard would have it; None where it is not visible."""
    standing = fact_as_of(history, shelf, clocks.reported, clocks.position)
    if standing is not None and clocks.asked.reading is not None:
        as_read_by(clocks.asked.reading, standing)
    return standing


def noted_sources(snapshot: Snapshot, names: Iterable[str], position: int) -> dict[str, SourceState]:
    """What is noted at the position about each of the sources."""
    found = histories(snapshot, "source", names, position)
    noted = {name: SourceHistory(name, entries).at() for name, entries in found.items()}
    return {name: each for name, each in noted.items() if each is not None}


def sources_cited(views: Iterable[Mapping[str, Any]]) -> set[str]:
    """The sources that fact views cite, in their citations or their streams."""
    return {
        citation["source"]
        for view in views
        for holder in (view, *view.get("stream", ()))
        for citation in holder.get("citations", ())
    }
