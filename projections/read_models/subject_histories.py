"""What bears on subjects, gathered from the ledger: each is read once, and can then be folded at many clocks."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence, Set
from itertools import groupby
from operator import itemgetter

from events.amendments import VERDICTS
from events.history.grouping import Grouping
from events.history.streams import HEAD, Entry, FactHistory, with_roots
from projections.clocks import Clocks
from projections.fold.subject_history import SubjectHistory, Voices
from projections.read_models.ledger import ENTRY, actors_named, entry_of_row, read_sources
from projections.store.snapshots import Snapshot

_FACTS = (  # a cross join: SQLite then begins with the links
    "SELECT about.subject, about.fact, about.position, "
    + ENTRY
    + " FROM {about} AS about CROSS JOIN {entries} AS entries WHERE about.subject {among} AND about.position <= ?"
    " AND entries.sort = 'fact' AND entries.stream = about.fact AND entries.position <= ?"
    " ORDER BY about.subject, about.position, entries.version"
)
_NAMED_VERDICT = ", ".join(f"'{name}'" for name in VERDICTS)
_REGROUPINGS = (
    "SELECT " + ENTRY + " FROM {entries} AS entries WHERE sort = 'subject' AND name NOT IN (" + _NAMED_VERDICT + ")"
    " AND position <= ? ORDER BY position"
)
_ACTS = (
    "SELECT " + ENTRY + " FROM {entries} AS entries WHERE sort = 'subject'"
    " AND (stream {among} OR name NOT IN (" + _NAMED_VERDICT + ")) AND position <= ? ORDER BY position"
)
_ABOUT = "SELECT fact, subject FROM {about} WHERE fact {among}"
_SUBJECTS = "SELECT id, opened, kind, kind_known FROM {subjects} WHERE id {among} AND opened <= ?"
_NAMING = (
    "SELECT DISTINCT about.subject FROM {mentions} AS mentions JOIN {about} AS about ON about.fact = mentions.fact"
    " JOIN {subjects} AS subjects ON subjects.id = about.subject"
    " WHERE mentions.subject {among} AND mentions.position <= ? AND subjects.kind = 'actor'"
)
_SPOKEN_OF = (
    "SELECT DISTINCT about.subject FROM {mentions} AS mentions JOIN {about} AS about ON about.fact = mentions.fact"
    " WHERE mentions.subject {among} AND mentions.position <= ?"
)


def subject_history(snapshot: Snapshot, subject: str, clocks: Clocks) -> SubjectHistory | None:
    """What bears on the subject up to the clocks' position; None if nothing names it by then."""
    return subject_histories(snapshot, [subject], clocks.position, clocks.voices).get(subject)


def subject_histories(
    snapshot: Snapshot,
    subjects: Collection[str],
    position: int = HEAD,
    voices: Voices | None = None,
) -> dict[str, SubjectHistory]:
    """What bears on several subjects, read together; of those named by the position, in the order given.

    Args:
        snapshot: what to read.
        subjects: their ids.
        position: up to where.
        voices: those of an account, if one is asked for.
    """
    acts = _acts(snapshot, subjects, position)
    regrouped = [entry for entry in acts if entry.name not in VERDICTS]
    groups = {subject: ever_grouped_with(regrouped, subject) for subject in subjects}
    grouped = set().union(*groups.values())
    if grouped.difference(subjects):
        acts = _acts(snapshot, grouped, position)
    verdicts = [entry for entry in acts if entry.name in VERDICTS]
    kinds = _kinds(snapshot, sorted(grouped), position)
    gathered = {subject: names & kinds.keys() for subject, names in groups.items() if subject in kinds}
    about, facts = _facts(snapshot, sorted(set().union(*gathered.values())), position)
    cited = {fact: history.sources() for fact, history in facts.items()}
    sources = read_sources(snapshot, set().union(*cited.values()), position)
    found = {}
    for subject, names in gathered.items():
        own = list(dict.fromkeys(fact for name in sorted(names) for fact in about.get(name, ())))
        named = [opened for name in names for opened, _ in kinds[name]]
        its_sources = with_roots(
            {source for fact in own for source in cited[fact]}, lambda some: {name: sources[name] for name in some}
        )
        its_facts = [facts[fact] for fact in own]
        its_acts = [entry for entry in verdicts if entry.data["subject"] in names]
        its_acts += bearing_on(regrouped, names, its_facts)
        its_acts.sort(key=lambda entry: entry.position)
        found[subject] = SubjectHistory(subject, kinds[subject], named, its_facts, its_sources, its_acts, voices)
    return found


def bearing_on(regrouped: Sequence[Entry], subjects: Set[str], facts: Sequence[FactHistory]) -> list[Entry]:
    """The merges and splits of the subjects and of actors that a fact names, and those of the subjects that it left."""
    if not regrouped:
        return []
    own = {fact.id for fact in facts}
    left = {entry.data["subject"] for entry in regrouped if not own.isdisjoint(entry.data.get("facts", ()))}
    moved = {name for entry in regrouped for name in (entry.data["subject"], entry.data.get("into"))}
    named = {actor for fact in facts for entry in fact.entries for actor in actors_named(entry)}
    actors = set().union(*(ever_grouped_with(regrouped, actor) for actor in named & moved))
    return [entry for entry in regrouped if entry.data["subject"] in subjects | actors | left]


def _acts(snapshot: Snapshot, subjects: Iterable[str], position: int) -> list[Entry]:
    """Every merge and split, every verdict on the subjects, and the withdrawals of these, in order."""
    found = {row[0]: entry_of_row(row) for row in snapshot.probe(_ACTS, sorted(subjects), position)}
    return [found[place] for place in sorted(found)]  # of many subjects, which are asked in pieces, merges come again


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
    snapshot: Snapshot, subjects: list[str], position: int
) -> tuple[dict[str, dict[str, None]], dict[str, FactHistory]]:
    """The facts that were ever about each of the subjects, in the order of recording, and their histories by id."""
    about: dict[str, dict[str, None]] = defaultdict(dict)
    facts: dict[str, FactHistory] = {}
    found = snapshot.probe(_FACTS, subjects, position, position)
    for (subject, fact, _), rows in groupby(found, key=itemgetter(0, 1, 2)):
        if fact not in facts:
            facts[fact] = FactHistory(fact, [entry_of_row(row[3:]) for row in rows])
        about[subject][fact] = None
    return about, facts


def regroupings(snapshot: Snapshot, position: int) -> list[Entry]:
    """Every merge, split and withdrawal of one up to the position, in order."""
    return [entry_of_row(row) for row in snapshot.probe(_REGROUPINGS, None, position)]


def grouping_at(snapshot: Snapshot, position: int) -> Grouping:
    """The merges and splits in force at the position."""
    return Grouping(regroupings(snapshot, position), position)


def ever_grouped_with(regrouped: Iterable[Entry], subject: str) -> set[str]:
    """The subjects that were ever merged with this one or split from it, whether or not that is still in force."""
    found = {subject}
    for _ in regrouped:
        for entry in regrouped:
            pair = {entry.data["subject"], entry.data.get("into", entry.data["subject"])}
            if pair & found:
                found |= pair
    return found


def subjects_of(snapshot: Snapshot, facts: Iterable[str]) -> list[tuple[str, str]]:
    """Each of the facts with each subject that it was ever about."""
    return [(fact, subject) for fact, subject in snapshot.probe(_ABOUT, sorted(facts))]


def spoken_of(snapshot: Snapshot, actors: Iterable[str], position: int) -> set[str]:
    """The subjects of facts that name any of the actors, and those grouped with them."""
    regrouped = regroupings(snapshot, position)
    subjects = (subject for (subject,) in snapshot.probe(_SPOKEN_OF, sorted(actors), position))
    return set().union(*(ever_grouped_with(regrouped, subject) for subject in subjects))


def voices_of(snapshot: Snapshot, party: str, position: int) -> Voices:
    """The party's voices: every actor of whom a fact names it, or one found so, and those grouped with any of them."""
    regrouped = regroupings(snapshot, position)

    def grouped(names: Iterable[str]) -> set[str]:
        return set().union(*(ever_grouped_with(regrouped, name) for name in names))

    found, added = set[str](), grouped([party])
    while added:
        found |= added
        added = grouped(subject for (subject,) in snapshot.probe(_NAMING, sorted(added), position)) - found
    actors = subject_histories(snapshot, sorted(found), position).values()
    return Voices(party, [_as_voice(each) for each in actors], regrouped)


def _as_voice(actor: SubjectHistory) -> SubjectHistory:
    """Of what bears on an actor what bears on its party."""
    facts = [each for each in actor.facts if any(map(_names_party, each.entries))]
    cited = set().union(*(each.sources() for each in facts))
    sources = {name: each for name, each in actor.sources.items() if name in cited}
    return actor.otherwise(facts, sources, actor.acts, frozenset())


def _names_party(entry: Entry) -> bool:
    return "party" in entry.data or "party" in entry.data.get("changes", {})
