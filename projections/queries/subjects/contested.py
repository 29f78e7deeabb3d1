"""A finding at the head of the log, what a call has staged included: what a verdict is held against."""

from events.amendments import REGROUPINGS
from events.history.streams import HEAD
from events.kinds.vocabulary import KINDS
from events.log.receipts import FindingAtHead
from events.log.unit_of_work import UnitOfWork
from projections.fold.progress import PROGRESS
from projections.fold.subject_history import SubjectHistory
from projections.queries.subjects.findings_by_name import findings_of
from projections.read_models.ledger import linked
from projections.read_models.subject_histories import bearing_on, connected, regroupings
from projections.store.snapshots import Snapshot

_UNIONS = {name for kind in KINDS.values() for name in kind.unions}


def finding_at_head(snapshot: Snapshot, unit: UnitOfWork, subject: str, name: str) -> FindingAtHead | None:
    """The finding, verdicts aside; None where the subject has none of that name.

    The snapshot says which facts were ever about the subject; what came after it is read from the log.
    """
    later = unit.since(snapshot.position)
    regrouped = regroupings(snapshot, snapshot.position) + [each for each in later if each.name in REGROUPINGS]
    names = connected(regrouped, subject)
    facts = dict.fromkeys(fact for found in linked(snapshot, "about", names, HEAD).values() for fact in found)
    for entry in later:
        values = entry.data if entry.name in KINDS else entry.data.get("changes", {})
        if values.get("subject") in names:
            facts[entry.data["id"] if entry.name in KINDS else entry.data["fact"]] = None
    unit.read("fact", facts)
    histories = [unit.fact(fact) for fact in facts]
    sources = unit.sources({source for history in histories for source in history.sources()})
    acts = bearing_on(regrouped, names, histories)
    history = SubjectHistory(subject, [(0, unit.kind_of(subject))], [0], histories, sources, acts)
    found = findings_of(history.state(None, None, HEAD)).get(name)
    if found is None:
        return None
    is_judged = name != PROGRESS and name.partition("[")[0] not in _UNIONS
    gives = {each for because in (found["because"], *(r["because"] for r in found["rivals"])) for each in because}
    return FindingAtHead(is_judged, bool(found["rivals"]), gives)
