"""Histories of facts, sources and subjects, read from the ledger: each once, to be folded at many clocks."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from events.amendments import VERDICTS
from events.history.grouping import Grouping
from events.history.streams import HEAD, Entry, FactHistory, SourceHistory, Sources, with_roots
from projections.clocks import Clocks
from projections.fold.subject_history import SubjectHistory, Voices
from projections.read_models.ledger import LINKS, actors_named
from projections.store.snapshots import Snapshot

Kinds = list[tuple[int, str | None]]
"""From which positions on a subject was known, and as what."""
ENTRY = "entries.position, entries.recorded, entries.name, entries.version, entries.data"
"""The columns that make an entry."""

_BETWEEN = f"SELECT {ENTRY} FROM {{entries}} AS entries WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
_STREAMS = (
    "SELECT stream, " + ENTRY + " FROM {entries} AS entries WHERE stream {among} AND sort = ? AND position <= ?"
    " ORDER BY stream, version"
)
_DERIVED = "SELECT DISTINCT root, source FROM {derived} WHERE root {among} AND position <= ?"
_LINKED = "SELECT {key}, fact FROM {{{link}}} WHERE {key} {{among}} AND position <= ? ORDER BY position"
_FACTS = (
    "SELECT named.id, opened, kind, kind_known, about.fact, about.position, " + ENTRY + " FROM"
    " (SELECT id, opened, kind, kind_known FROM {subjects} WHERE id {among} AND opened <= ?) AS named"
    " LEFT JOIN {about} AS about ON about.subject = named.id AND about.position <= ?"
    " LEFT JOIN {entries} AS entries"
    " ON entries.sort = 'fact' AND entries.stream = about.fact AND entries.position <= ?"
    " ORDER BY named.id, about.position, entries.version"
)
"""The subjects, each with the entries of every fact that was ever about it."""
_NAMED_VERDICT = ", ".join(f"'{name}'" for name in VERDICTS)
_REGROUPINGS = (
    "SELECT " + ENTRY + " FROM {entries} AS entries WHERE sort = 'subject' AND name NOT IN (" + _NAMED_VERDICT + ")"
    " AND position <= ? ORDER BY position"
)
_ACTS = (
    "SELECT " + ENTRY + " FROM {entries} AS entries WHERE sort = 'subject'"
    " AND (stream {among} OR name NOT IN (" + _NAMED_VERDICT + ")) AND position <= ? ORDER BY position"
)
_FACT = itemgetter(*range(6))
"""Of a row of these, all but the columns of the entry."""
_ABOUT = "SELECT fact, subject FROM {about} WHERE fact {among}"


def entry_of_row(row: Sequence[Any]) -> Entry:
    """An entry from the columns of `ENTRY`."""
    position, recorded, name, version, data = row
    return Entry(position, recorded, name, version, orjson.loads(data))


def entries_between(snapshot: Snapshot, first: int, last: int) -> Iterator[list[Entry]]:
    """The entries after the position `first` up to `last`, in order, some at a time."""
    while found := [entry_of_row(row) for row in snapshot.probe(_BETWEEN, None, first, last, 500)]:
        yield found
        first = found[-1].position


def histories(snapshot: Snapshot, stream_type: str, streams: Iterable[str], position: int) -> dict[str, list[Entry]]:
    """The entries of streams of one type up to the position, by id."""
    found: dict[str, list[Entry]] = {}
    for stream, *row in snapshot.probe(_STREAMS, sorted(streams), stream_type, position):
        found.setdefault(stream, []).append(entry_of_row(row))
    return found


def facts_and_sources(snapshot: Snapshot, facts: Iterable[str], position: int) -> tuple[list[FactHistory], Sources]:
    """The facts' histories, and those of every source that they cite or that these derive from, up to the position."""
    found = [FactHistory(*each) for each in histories(snapshot, "fact", facts, position).items()]
    return found, read_sources(snapshot, {source for history in found for source in history.sources()}, position)


def read_sources(snapshot: Snapshot, names: Iterable[str], position: int) -> Sources:
    """The histories of sources, and of all that they were ever derived from, up to the position."""

    def read(some: set[str]) -> Sources:
        streams = histories(snapshot, "source", some, position)
        return {source: SourceHistory(source, entries) for source, entries in streams.items()}

    return with_roots(names, read)


def derived_from(snapshot: Snapshot, roots: Mapping[str, int], position: int) -> dict[str, int]:
    """The sources that were ever derived from the roots, and these; each with the highest number of its roots'."""
    found, last = dict(roots), dict(roots)
    while last:
        later: dict[str, int] = {}
        for root, source in snapshot.probe(_DERIVED, sorted(last), position):
            if last[root] > max(found.get(source, 0), later.get(source, 0)):
                later[source] = last[root]
        found |= later
        last = later
    return found


def linked(snapshot: Snapshot, name: str, keys: Iterable[str], position: int) -> dict[str, list[str]]:
    """The facts linked to each key by the position: `about` or `mentions` a subject, or `cites` a source."""
    found: dict[str, dict[str, None]] = {}
    for key, fact in snapshot.probe(_LINKED.format(link=name, key=LINKS[name]), sorted(keys), position):
        found.setdefault(key, {})[fact] = None
    return {key: list(facts) for key, facts in found.items()}


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
    kinds, about, facts = _facts(snapshot, sorted(grouped), position)
    gathered = {subject: names & kinds.keys() for subject, names in groups.items() if subject in kinds}
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


def _facts(
    snapshot: Snapshot, subjects: list[str], position: int
) -> tuple[dict[str, Kinds], dict[str, dict[str, None]], dict[str, FactHistory]]:
    """What each of the subjects was known as, the facts ever about it in the order of recording, and their histories.

    The last are by id. A subject that is not named by the position is in none of them.
    """
    kinds: dict[str, Kinds] = {}
    about: dict[str, dict[str, None]] = defaultdict(dict)
    facts: dict[str, FactHistory] = {}
    found = snapshot.probe(_FACTS, subjects, position, position, position)
    for (subject, opened, kind, known, fact, _), rows in groupby(found, key=_FACT):
        if subject not in kinds:
            kinds[subject] = _kinds(position, opened, kind, known)
        if fact is None:
            continue
        if fact not in facts:
            facts[fact] = FactHistory(fact, [entry_of_row(row[6:]) for row in rows])
        about[subject][fact] = None
    return kinds, about, facts


def _kinds(position: int, opened: int, kind: str | None, known: int | None) -> Kinds:
    """From which positions on a subject was known, and as what."""
    if known is None or known > position:
        return [(opened, None)]
    return [(opened, None if known > opened else kind), (known, kind)]


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
