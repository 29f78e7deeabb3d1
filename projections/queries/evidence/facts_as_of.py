"""Facts as they stand at the clocks, by name or by subject, and the sources that they cite."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.dates.bounds import Certainty, certainty
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.grouping import Grouping
from events.history.streams import FactHistory, Sources
from projections.clocks import Clocks
from projections.fold.answer_types import State
from projections.fold.subject_history import counted_under
from projections.queries.subjects.states import state
from projections.read_models.histories import facts_and_sources, grouping_at, linked
from projections.store.snapshots import Snapshot


def state_with_grounds(snapshot: Snapshot, subject: str, clocks: Clocks) -> tuple[State, dict[str, FactAsOf]]:
    """The state of the subject, and the visible facts that count under it by id, retracted ones included.

    Raises:
        NotFound: no event up to the position names it.
    """
    found = state(snapshot, subject, clocks)
    meant = found.get("merged_into", subject)
    facts = facts_about(snapshot, meant, clocks, grouping_at(snapshot, clocks.position))
    return found, {fact.id: fact for fact in facts}


def facts_about(snapshot: Snapshot, subject: str, clocks: Clocks, grouping: Grouping) -> list[FactAsOf]:
    """The visible facts that count under the subject, retracted ones included, as they stand at the clocks."""
    about = linked(snapshot, "about", grouping.gathered(subject), clocks.position)
    names = {fact for facts in about.values() for fact in facts}
    facts = facts_named(snapshot, names, clocks).values()
    return [fact for fact in facts if counted_under(grouping, fact) == subject]


def facts_named(snapshot: Snapshot, names: Iterable[str], clocks: Clocks) -> dict[str, FactAsOf]:
    """Those of the facts that are visible at the clocks, by id."""
    histories, sources = facts_and_sources(snapshot, names, clocks.position)
    found = ((history.id, fact_at_clocks(history, sources, clocks)) for history in snapshot.patience.each(histories))
    return {name: fact for name, fact in found if fact is not None}


def fact_at_clocks(history: FactHistory, sources: Sources, clocks: Clocks) -> FactAsOf | None:
    """The fact as it stands at the clocks, as the party heard would have it; None where it is not visible."""
    fact = fact_as_of(history, sources, clocks.reported, clocks.position)
    if fact is None or clocks.voices is None:
        return fact
    return clocks.voices.told(fact, clocks.reported, clocks.position)


def may_have_come(fact: FactAsOf, at: int | None) -> bool:
    """Whether the first clock does not leave the fact out: all but a plan has to be possible by then."""
    return fact.modality == "planned" or certainty(fact.bounds, at) is not Certainty.NOT_YET


def sources_cited(views: Iterable[Mapping[str, Any]]) -> set[str]:
    """The sources that fact views cite, in their citations or their streams."""
    return {
        citation["source"]
        for view in views
        for holder in (view, *view.get("stream", ()))
        for citation in holder.get("citations", ())
    }
