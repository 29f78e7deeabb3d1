"""States that need no fold: a few probes by key, and bytes that are there already."""

from projections.clocks import Clocks
from projections.queries.subjects.states import with_asked
from projections.read_models.current_states import current_states, touched_at
from projections.read_models.kept import kept_of
from projections.store.snapshots import Snapshot


def ready_json(snapshot: Snapshot, subject: str, clocks: Clocks) -> bytes | None:
    """The state of one subject as `state_json` answers it; None where that would have to fold it, or to refuse."""
    kept = kept_of(snapshot)
    if clocks.is_current and clocks.position == snapshot.position:
        found = current_states(snapshot, [subject]).get(subject)
    else:
        touched = touched_at(snapshot, [subject]).get(subject)
        known = None if touched is None else kept.get(subject, clocks.asked.reading, touched)
        at = None if known is None else known.at(clocks)
        found = None if at is None else at[0]
    return None if found is None else with_asked(found, clocks)
