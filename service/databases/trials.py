"""Commands tried and not recorded: what each of them would change, as things stand."""

from collections.abc import Callable, Sequence

from events.errors import ChronologyError
from events.log.receipts import Recorder
from events.log.unit_of_work import UnitOfWork
from projections.clocks import Asked
from projections.queries.history.would_change import Trial, WouldChange, trial_of, would_change
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology

Decide = Callable[[UnitOfWork], object]


def what_would_change(chronology: Chronology, by: Recorder, decide: Decide) -> WouldChange:
    """What the decision would change if it were recorded now.

    Raises:
        ChronologyError: it would be refused.
    """
    (found,) = what_each_would_change(chronology, by, [decide])
    if isinstance(found, ChronologyError):
        raise found
    return found


def what_each_would_change(
    chronology: Chronology, by: Recorder, decisions: Sequence[Decide]
) -> list[WouldChange | ChronologyError]:
    """What each of the decisions would change by itself, or how it would be refused."""
    if not decisions:
        return []
    with chronology.ask(Asked(at="now"), fresh=True) as (snapshot, clocks):
        found = chronology.rehearse(by, lambda unit: [_tried(snapshot, unit.trial(), each) for each in decisions])
        return [each if isinstance(each, ChronologyError) else would_change(snapshot, each, clocks) for each in found]


def _tried(snapshot: Snapshot, unit: UnitOfWork, decide: Decide) -> Trial | ChronologyError:
    try:
        decide(unit)
        unit.work.check()
    except ChronologyError as error:
        return error
    return trial_of(snapshot, unit)
