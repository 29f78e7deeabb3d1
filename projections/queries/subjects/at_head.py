"""A subject, and a finding of it, at the head of the log, with all that a call has staged and not stored."""

from collections.abc import Iterable

from events.amendments import REGROUPINGS, VERDICTS
from events.history.streams import HEAD, Entry, with_roots
from events.kinds.vocabulary import KINDS
from events.log.receipts import FindingAtHead
from events.log.unit_of_work import UnitOfWork
from projections.fold.progress import PROGRESS
from projections.fold.subject_history import SubjectHistory
from projections.queries.subjects.findings_by_name import findings_of
from projections.read_models.histories import bearing_on, ever_grouped_with, linked, regroupings
from projections.store.snapshots import Snapshot

_UNIONS = {name for kind in KINDS.values() for name in kind.unions}


def finding_at_head(snapshot: Snapshot, unit: UnitOfWork, subject: str, name: str) -> FindingAtHead | None:
    """A finding as a verdict is held against it, verdicts aside; None where the subject has none of that name."""
    history = subject_at_head(snapshot, unit, subject, unit.since(snapshot.position), judged=False)
    found = findings_of(history.state(None, None, HEAD)).get(name)
    if found is None:
        return None
    is_judged = name != PROGRESS and name.partition("[")[0] not in _UNIONS
    gives = {each for because in (found["because"], *(r["because"] for r in found["rivals"])) for each in because}
    return FindingAtHead(is_judged, bool(found["rivals"]), gives)


def subject_at_head(
    snapshot: Snapshot, unit: UnitOfWork, subject: str, later: Iterable[Entry], *, judged: bool
) -> SubjectHistory:
    """The history of a subject, with the verdicts on it if it is to be `judged`.

    The snapshot says which facts were ever about the subject; `later` are the entries since, those staged included.
    """
    later = list(later)
    regrouped = regroupings(snapshot, snapshot.position) + [each for each in later if each.name in REGROUPINGS]
    names = ever_grouped_with(regrouped, subject)
    facts = dict.fromkeys(fact for found in linked(snapshot, "about", names, HEAD).values() for fact in found)
    for entry in later:
        values = entry.data if entry.name in KINDS else entry.data.get("changes", {})
        if values.get("subject") in names:
            facts[entry.data["id"] if entry.name in KINDS else entry.data["fact"]] = None
        elif entry.name == "SubjectSplit" and entry.data["subject"] in names:
            facts.update(dict.fromkeys(entry.data.get("facts", ())))
    unit.read("fact", facts)
    histories = [unit.fact(fact) for fact in facts]
    sources = with_roots({source for history in histories for source in history.sources()}, unit.sources)
    acts = bearing_on(regrouped, names, histories)
    if judged:
        acts += [entry for name in names for entry in unit.entries("subject", name) if entry.name in VERDICTS]
        acts.sort(key=lambda entry: entry.position)
    return SubjectHistory(subject, [(0, unit.subjects.kind_of(subject))], [0], histories, sources, acts)
