"""The state of every subject as known now, finished: what lists and the first page are made of.

It stands there without a date, and as it is in the end, when all that its facts name is over: that is how it reads
today, but for the few subjects that something is still ahead of.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text, delete, select

from events.amendments import REGROUPINGS
from events.facts import KINDS
from events.history.streams import HEAD, Entry
from projections.bitemporal.index import PLANES, define_pages
from projections.read_models.citation_warnings import Texts
from projections.read_models.erasure import Redacted, erase
from projections.read_models.fact_places import define_fact_places
from projections.read_models.finished_states import Finished, Folded, Resolved, fold_for_views
from projections.read_models.histories import (
    derived_from,
    ever_grouped_with,
    linked,
    regroupings,
    subject_histories,
    subjects_of,
)
from projections.read_models.ledger import stream_of_entry
from projections.read_models.lists import define_outlines, write_outlines
from projections.read_models.texts.known_names import define_names, names_of
from projections.store.erasures import HAS_WORDS
from projections.store.snapshots import Snapshot, chunks

_ROWS = "SELECT id, kind, status, part_of, merged_into, state FROM {current} WHERE id {among} AND touched <= ?"
_TODAY = (
    "SELECT id, kind, coalesce(later_status, status), part_of, merged_into, coalesce(later, state) FROM {current}"
    " WHERE id {among} AND touched <= ? AND settled <= ?"
)
_COUNTS = "SELECT subject, count(*) FROM {about} WHERE subject {among} GROUP BY subject"
FOLDED_AT_ONCE = 50
"""How many subjects are read and folded together, if they have few facts."""
_FACTS_AT_ONCE = 1_000
"""Of how many facts the subjects that are read and folded together are, unless one alone has more: 3 KB each."""
Touched = dict[str, dict[str, int]]
"""By type of stream, the position of the last event that touches each stream."""


class CurrentStates:
    """The view of current states, with three indexes made of the same histories: of values, places of facts, and names.

    `touched` is the position of the last event that bears on the subject: one on a fact that was ever about it, on a
    source of such a fact, or on the subject itself and those it was ever merged with or split from.
    """

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its tables."""
        Table(
            f"{prefix}current",
            metadata,
            Column("id", Text, primary_key=True),
            Column("kind", Text),
            Column("status", Text),
            Column("part_of", Text),
            Column("merged_into", Text),
            Column("touched", BigInteger, nullable=False),
            Column("settled", BigInteger, nullable=False),
            Column("later_status", Text),
            # last: SQLite reads through what stands before a column
            Column("state", LargeBinary, nullable=False, info=HAS_WORDS),
            Column("later", LargeBinary, info=HAS_WORDS),
            Index(f"{prefix}current_kind", "kind", "status", "id"),
            Index(f"{prefix}current_status", "status", "id"),
            Index(f"{prefix}current_part_of", "part_of", "id"),
            Index(f"{prefix}current_touched", "id", "touched"),
        )
        define_outlines(metadata, prefix)
        define_pages(metadata, prefix)
        define_fact_places(metadata, prefix)
        define_names(metadata, prefix)


def refold(snapshot: Snapshot, touched: Mapping[str, int], position: int) -> None:
    """Fold the subjects as known at the position; `touched` says which event touched each of them last."""
    for piece in in_pieces(snapshot, sorted(touched)):
        found = list(fold_subjects(snapshot, piece, position))
        _remove(snapshot, piece)
        write_folded(snapshot, found, touched)


def in_pieces(
    snapshot: Snapshot, subjects: Sequence[str], most: int = FOLDED_AT_ONCE, most_facts: int = _FACTS_AT_ONCE
) -> Iterator[Sequence[str]]:
    """The subjects in pieces of so few facts that their histories can be held in memory together."""
    counts = dict(map(tuple, snapshot.probe(_COUNTS, subjects)))
    begins = facts = 0
    for end, subject in enumerate(subjects):
        count = counts.get(subject, 0)
        if end > begins and (facts + count > most_facts or end - begins == most):
            yield subjects[begins:end]
            begins, facts = end, 0
        facts += count
    if subjects:
        yield subjects[begins:]


def write_folded(snapshot: Snapshot, found: Sequence[Folded], touched: Mapping[str, int]) -> None:
    """Write the rows of subjects that have none.

    `touched` says of some which event touched them last, where that is later than all that they were folded from.
    """
    found = [each._replace(touched=max(each.touched, touched.get(each.now.id, 0))) for each in found]
    standing = (each for each in found if each.now.merged_into is None)
    snapshot.pour("current", [_row(each) for each in found])
    write_outlines(snapshot, [(each.outline, each.settled, each.later is not None, each.touched) for each in standing])
    snapshot.pour("planes", [row for each in found for row in each.pages])
    snapshot.pour("fact_places", [row for each in found for row in each.places])
    snapshot.pour("names", [row for each in found for row in names_of(each.now)])


def _row(folded: Folded) -> tuple[Any, ...]:
    after = (None, None) if folded.later is None else (folded.later.status, folded.later.state)
    return *folded.now[:5], folded.touched, folded.settled, after[0], folded.now.state, after[1]


def fold_subjects(snapshot: Snapshot, subjects: Collection[str], position: int) -> Iterator[Folded]:
    """Those of the subjects that are named by the position, folded."""
    for history in subject_histories(snapshot, subjects, position).values():
        resolved = Resolved.of(Texts(snapshot), history, None, position)
        if resolved is not None:
            yield fold_for_views(history, resolved)


def touched_by(snapshot: Snapshot, batch: Sequence[Entry]) -> dict[str, int]:
    """The subjects on whose state the batch bears, each with the position of the last event that does."""
    return touched_through(snapshot, touching(batch), batch[-1].position)


def touching(batch: Sequence[Entry]) -> Touched:
    """The streams that the batch touches."""
    last: Touched = defaultdict(dict)
    for entry in batch:
        stream_type, stream = stream_of_entry(entry)
        if entry.name in KINDS:
            last["subject"][entry.data["subject"]] = entry.position
        elif stream_type == "redaction":
            last[entry.data["of"]][entry.data["id"]] = entry.position
        elif stream_type != "source" or entry.version > 1:
            last[stream_type][stream] = entry.position
        if entry.name in REGROUPINGS:
            last["regrouped"][stream] = entry.position
        last["subject"].update(dict.fromkeys(entry.data.get("opens", ()), entry.position))
    return last


def touched_by_redactions(snapshot: Snapshot, redacted: Iterable[Redacted], position: int) -> dict[str, int]:
    """The subjects on whose state the redactions bear, each with the position of the last one that does."""
    last: Touched = defaultdict(dict)
    for stream_type, name, until, _ in redacted:
        last[stream_type][name] = until
    return touched_through(snapshot, last, position)


def touched_through(snapshot: Snapshot, last: Touched, position: int) -> dict[str, int]:
    """The subjects touched, those of facts touched, and those grouped with any of them.

    Each is given, and returned, with the position of the last event.
    """
    touched, regrouped = last["subject"], regroupings(snapshot, position)
    facts = facts_touched(snapshot, last, regrouped, position)
    for fact, subject in subjects_of(snapshot, facts):
        touched[subject] = max(touched.get(subject, 0), facts[fact])
    for group in {frozenset(ever_grouped_with(regrouped, entry.data["subject"])) for entry in regrouped}:
        latest = max((touched[subject] for subject in group if subject in touched), default=None)
        if latest is not None:
            touched.update(dict.fromkeys(group, latest))
    return touched


def facts_touched(snapshot: Snapshot, last: Touched, regrouped: Sequence[Entry], position: int) -> dict[str, int]:
    """The facts touched, those that cite a source touched, or one derived from it, and those that name a merged actor.

    Each with the position of the last event.
    """
    facts, sources = dict(last["fact"]), derived_from(snapshot, last["source"], position)
    for source, cited in linked(snapshot, "cites", sources, position).items():
        for fact in cited:
            facts[fact] = max(facts.get(fact, 0), sources[source])
    moved = {actor: at for subject, at in last["regrouped"].items() for actor in ever_grouped_with(regrouped, subject)}
    for actor, mentioning in linked(snapshot, "mentions", moved, position).items():
        for fact in mentioning:
            facts[fact] = max(facts.get(fact, 0), moved[actor])
    for entry in regrouped:
        for fact in entry.data.get("facts", ()) if entry.data["subject"] in last["regrouped"] else ():
            facts[fact] = max(facts.get(fact, 0), last["regrouped"][entry.data["subject"]])
    return facts


def erase_beside(beside: Snapshot, redacted: Sequence[Redacted]) -> None:
    """Erase words from the generation beside the one in use, however far that is: its rebuild may have broken off.

    The states made of them are left out where it has not followed so far; one that is being rebuilt folds them again
    when it follows the redaction.
    """
    erase(beside, redacted)
    ahead = [each for each in redacted if each.until > beside.position]
    _remove(beside, sorted(touched_by_redactions(beside, ahead, HEAD)))


def _remove(snapshot: Snapshot, subjects: Sequence[str]) -> None:
    """Leave no row of the subjects."""
    states, outlines, actors, pages, places, names = map(
        snapshot.table, ("current", "outlines", "outlined_actors", "planes", "fact_places", "names")
    )
    for chunk in chunks(subjects):
        for column in (states.c.id, outlines.c.id, actors.c.subject, places.c.subject, names.c.subject):
            snapshot.connection.execute(delete(column.table).where(column.in_(chunk)))
        snapshot.connection.execute(delete(pages).where(pages.c.plane.in_(PLANES), pages.c.subject.in_(chunk)))


def written_states(snapshot: Snapshot, subjects: Sequence[str], at: int | None, position: int) -> dict[str, Finished]:
    """The states of those of the subjects that nothing has touched since the position, by id; all are at the head.

    At a moment of the first clock only those that nothing is ahead of by then.
    """
    question, *values = (_ROWS, position) if at is None else (_TODAY, position, at)
    return {row[0]: Finished(*row) for row in snapshot.probe(question, subjects, *values)}


def current_page(snapshot: Snapshot, filters: dict[str, str | None], after: str, limit: int) -> list[Finished]:
    """Current states in the order of their ids, from after `after`, filtered by `kind`, `status` and `part_of`."""
    table = snapshot.table("current")
    filtered = [table.c[name] == value for name, value in filters.items() if value is not None]
    wanted = select(*(table.c[name] for name in Finished._fields)).where(
        table.c.merged_into.is_(None), table.c.id > after, *filtered
    )
    return [Finished(*row) for row in snapshot.rows(wanted.order_by(table.c.id).limit(limit))]
