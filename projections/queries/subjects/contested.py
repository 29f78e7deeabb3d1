"""A finding at the head of the log, what a call has staged included: what a verdict is held against."""

from events.history.streams import HEAD
from events.kinds.vocabulary import KINDS
from events.log.receipts import FindingAtHead
from events.log.unit_of_work import UnitOfWork
from projections.fold.progress import PROGRESS
from projections.queries.subjects.at_head import subject_at_head
from projections.queries.subjects.findings_by_name import findings_of
from projections.store.snapshots import Snapshot

_UNIONS = {name for kind in KINDS.values() for name in kind.unions}


def finding_at_head(snapshot: Snapshot, unit: UnitOfWork, subject: str, name: str) -> FindingAtHead | None:
    """The finding, verdicts aside; None where the subject has none of that name.

    The snapshot says which facts were ever about the subject; what came after it is read from the log.
    """
    later = unit.since(snapshot.position)
    history = subject_at_head(snapshot, unit, subject, later, judged=False)
    found = findings_of(history.state(None, None, HEAD)).get(name)
    if found is None:
        return None
    is_judged = name != PROGRESS and name.partition("[")[0] not in _UNIONS
    gives = {each for because in (found["because"], *(r["because"] for r in found["rivals"])) for each in because}
    return FindingAtHead(is_judged, bool(found["rivals"]), gives)
