"""What bears on subjects, gathered from the ledger: each is read once, and can then be folded at many clocks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from events.amendments import VERDICTS
from events.history.grouping import Grouping
from events.history.strands import Strands, strands_of
from events.history.streams import HEAD, Entry, FactHistory, Sources, with_roots
from projections.clocks import Clocks
from projections.fold.subject_history import SubjectHistory, Voices
from projections.read_models.ledger import ENTRY, actors_named, entry_of_row, read_sources
from projections.store.snapshots import Snapshot

_RECORDED = (  # a left join, though every link has its entry: SQLite then begins with the links
    "SELECT about.subject, about.fact, " + ENTRY + " FROM {about} AS about LEFT JOIN {entries} AS entries"
    " ON entries.position = about.position WHERE about.subject {among} AND about.position <= ?"
    " ORDER BY about.subject, about.position"
)
_MOVED = (
    "SELECT entries.stream, " + ENTRY + " FROM {entries} AS entries"
    " WHERE sort = 'fact' AND stream {among} AND version = 1 AND position <= ?"
)
_AMENDED = (
    "SELECT entries.stream, " + ENTRY + " FROM {about} AS about CROSS JOIN {entries} AS entries"
    " WHERE about.subject {among} AND entries.stream = about.fact AND entries.sort = 'fact' AND entries.version > 1"
    " AND entries.position <= ? ORDER BY entries.stream, entries.version"
)
_NAMED_VERDICT = ", ".join(f"'{name}'" for name in VERDICTS)
_REGROUPINGS = (
    "SELECT " + ENTRY + " FROM {entries} AS entries WHERE sort = 'subject' AND name NOT IN (" + _NAMED_VERDICT + ")"
    " AND position <= ? ORDER BY position"
)
_VERDICTS = (
    "SELECT entries.stream, " + ENTRY + " FROM {entries} AS entries"
    " WHERE sort = 'subject' AND stream {among} AND name IN (" + _NAMED_VERDICT + ") AND position <= ?"
    " ORDER BY position"
)
_ABOUT = "SELECT fact, subject FROM {about} WHERE fact {among}"
_SUBJECTS = "SELECT id, opened, kind, kind_known FROM {subjects} WHERE id {among} AND opened <= ?"


def subject_history(snapshot: Snapshot, subject: str, clocks: Clocks) -> SubjectHistory | None:
    """What bears on the subject up to the clocks' position; None if nothing names it by then."""
    return subject_histories(snapshot, [subject], clocks.position, clocks.voices).get(subject)


def subject_histories(
    snapshot: Snapshot,
    subjects: Iterable[str],
    position: int = HEAD,
    voices: Voices | None = None,
    sources: Sources | None = None,
    strands: Mapping[str, Strands] | None = None,
) -> dict[str, SubjectHistory]:
    """What bears on several subjects, read together; of those named by the position, in the order given.

    Args:
        snapshot: what to read.
        subjects: their ids.
        position: up to where.
        voices: those of an account, if one is asked for.
        sources: those that were read up to this position before; those read now are added.
        strands: of which subjects only the facts of which strands are wanted.
    """
    sources = {} if sources is None else sources
    regrouped = regroupings(snapshot, position)
    groups = {subject: connected(regrouped, subject) for subject in subjects}
    kinds = _kinds(snapshot, sorted(set().union(*groups.values())), position)
    gathered = {subject: names & kinds.keys() for subject, names in groups.items() if subject in kinds}
    about, facts = _facts(snapshot, sorted(set().union(*gathered.values())), position, strands or {}, alike(regrouped))
    cited = {fact: history.sources() for fact, history in facts.items()}
    read_sources(snapshot, set().union(*cited.values()), position, sources)
    verdicts = _verdicts(snapshot, sorted(set().union(*gathered.values())), position)
    found = {}
    for subject, names in gathered.items():
        own = list(dict.fromkeys(fact for name in sorted(names) for fact in about.get(name, ())))
        named = [opened for name in names for opened, _ in kinds[name]]
        its_sources = with_roots({source for fact in own for source in cited[fact]}, sources)
        its_facts = [facts[fact] for fact in own]
        acts = [entry for name in names for entry in verdicts[name]]
        acts += bearing_on(regrouped, names, its_facts)
        acts.sort(key=lambda entry: entry.position)
        found[subject] = SubjectHistory(subject, kinds[subject], named, its_facts, its_sources, acts, voices)
    return found


def bearing_on(regrouped: Sequence[Entry], subjects: Set[str], facts: Sequence[FactHistory]) -> list[Entry]:
    """The merges and splits of the subjects and of actors that a fact names, and those of the subjects that it left."""
    if not regrouped:
        return []
    own = {fact.id for fact in facts}
    left = {entry.data["subject"] for entry in regrouped if not own.isdisjoint(entry.data.get("facts", ()))}
    moved = {name for entry in regrouped for name in (entry.data["subject"], entry.data.get("into"))}
    named = {actor for fact in facts for entry in fact.entries for actor in actors_named(entry)}
    actors = set().union(*(connected(regrouped, actor) for actor in named & moved))
    return [entry for entry in regrouped if entry.data["subject"] in subjects | actors | left]


def _verdicts(snapshot: Snapshot, subjects: list[str], position: int) -> dict[str, list[Entry]]:
    """The verdicts on each of the subjects and the withdrawals of those, in order."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for subject, *row in snapshot.probe(_VERDICTS, subjects, position):
        found[subject].append(entry_of_row(row))
    return found


def _kinds(snapshot: Snapshot, subjects: list[str], position: int) -> dict[str, list[tuple[int, str | None]]]:
    """From which positions on each subject was known, and as what."""
    found: dict[str, list[tuple[int, str | None]]] = {}
    for subject, opened, kind, known in snapshot.probe(_SUBJECTS, subjects, position):
        if known is None or known > position:
            found[subject] = [(opened, None)]
        else:
            found[subject] = [(opened, None if known > opened else kind), (known, kind)]
    return found


def _facts(
    snapshot: Snapshot, subjects: list[str], position: int, strands: Mapping[str, Strands], actors: Mapping[str, str]
) -> tuple[dict[str, dict[str, None]], dict[str, FactHistory]]:
    """The facts that were ever about each of the subjects, in the order of recording, and their histories by id.

    Most are read with the link that their recording made; one that a correction has brought here is looked for.
    """
    about: dict[str, dict[str, None]] = defaultdict(dict)
    facts: dict[str, FactHistory] = {}
    amendments: dict[str, list[Entry]] = defaultdict(list)
    for fact, *row in snapshot.probe(_AMENDED, subjects, position):
        if len(amendments[fact]) < row[3] - 1:  # it may have been brought here more than once
            amendments[fact].append(entry_of_row(row))
    for subject, fact, *row in snapshot.probe(_RECORDED, subjects, position):
        if row[3] == 1:
            recorded = FactHistory(fact, [entry_of_row(row), *amendments.get(fact, ())])
            if not _is_wanted(recorded, strands.get(subject), actors):
                continue
            facts[fact] = recorded
        about[subject][fact] = None
    moved = {fact for found in about.values() for fact in found}.difference(facts)
    for fact, *row in snapshot.probe(_MOVED, sorted(moved), position):
        facts[fact] = FactHistory(fact, [entry_of_row(row), *amendments.get(fact, ())])
    return about, facts


def _is_wanted(fact: FactHistory, wanted: Strands, actors: Mapping[str, str]) -> bool:
    strands = None if wanted is None else strands_of(fact, actors)
    return wanted is None or strands is None or not strands.isdisjoint(wanted)


def regroupings(snapshot: Snapshot, position: int) -> list[Entry]:
    """Every merge, split and withdrawal of one up to the position, in order."""
    return [entry_of_row(row) for row in snapshot.probe(_REGROUPINGS, None, position)]


def grouping_at(snapshot: Snapshot, position: int) -> Grouping:
    """The merges and splits in force at the position."""
    return Grouping(regroupings(snapshot, position), position)


def connected(regrouped: Iterable[Entry], subject: str) -> set[str]:
    """The subjects that were ever merged with this one or split from it, whether or not that is still in force."""
    found = {subject}
    for _ in regrouped:
        for entry in regrouped:
            pair = {entry.data["subject"], entry.data.get("into", entry.data["subject"])}
            if pair & found:
                found |= pair
    return found


def alike(regrouped: Sequence[Entry]) -> dict[str, str]:
    """Of each subject that was ever merged or split one that stands for all that it was connected with."""
    return {name: min(group) for group in _groups(regrouped) for name in group}


def _groups(regrouped: Sequence[Entry]) -> set[frozenset[str]]:
    return {frozenset(connected(regrouped, entry.data["subject"])) for entry in regrouped}


def subjects_of(snapshot: Snapshot, facts: Iterable[str]) -> list[tuple[str, str]]:
    """Each of the facts with each subject that it was ever about."""
    return [(fact, subject) for fact, subject in snapshot.probe(_ABOUT, sorted(facts))]
