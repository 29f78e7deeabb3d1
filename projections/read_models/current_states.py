"""The state of every subject as known now, kept finished: what lists and the first page are made of."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text, delete, select

from events.facts import KINDS
from events.history.streams import HEAD, Entry, Sources
from events.log.uncollected import uncollected
from projections.bitemporal.index import Row, rows_of
from projections.fold.subject_history import SubjectHistory
from projections.read_models.dated_facts import Row as DatedFact
from projections.read_models.dated_facts import dated_facts_of, define_dated_facts
from projections.read_models.erasure import Redacted, erase
from projections.read_models.finished_states import Finished, Resolved
from projections.read_models.ledger import chunks, linked, place, subjects_of
from projections.read_models.subject_histories import connected, reached_from, regroupings, subject_histories
from projections.store.cache import Stamp
from projections.store.snapshots import Snapshot

_ROWS = "SELECT id, kind, status, part_of, merged_into, state FROM {current} WHERE id {among}"
_TOUCHED = (  # + 0: by sort, not from the end backwards
    "SELECT touched, (SELECT max(position + 0) FROM {entries} WHERE sort = 'redaction') FROM {current} WHERE id {among}"
)
FOLDED_AT_ONCE = 50
"""How many subjects are read and folded together: few enough that their facts are soon forgotten again."""

SHELVED = 2_048
"""About how many sources are carried from one reading of stories to the next: 2 KB each."""

_ABOUT = "SELECT fact, subject FROM {about} WHERE fact {among}"


class Folded(NamedTuple):
    """A subject's state as known at a position, with everything reported, at no date; and its rows of the planes.

    `touched` is the position of the last event that it was folded from.
    """

    now: Finished
    planes: list[Row]
    dated: list[DatedFact]
    touched: int


class Current:
    """The view of current states: each subject that a batch touches is folded anew.

    `touched` is the position of the last event that bears on the subject: one on a fact that was ever about it, on a
    source of such a fact, or on the subject itself and those it was ever merged with or split from.
    """

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Its table."""
        Table(
            f"{prefix}current",
            metadata,
            Column("id", Text, primary_key=True),
            Column("kind", Text),
            Column("status", Text),
            Column("part_of", Text),
            Column("merged_into", Text),
            Column("touched", BigInteger, nullable=False),
            Column("state", LargeBinary, nullable=False),  # last: SQLite reads through what stands before a column
            Index(f"{prefix}current_kind", "kind", "status", "id"),
            Index(f"{prefix}current_status", "status", "id"),
            Index(f"{prefix}current_part_of", "part_of", "id"),
            Index(f"{prefix}current_touched", "id", "touched"),
        )
        define_dated_facts(metadata, prefix)

    def apply(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Fold the subjects that the batch touches; the ledger has followed the batch already."""
        self.refold(snapshot, touched_by(snapshot, batch), batch[-1].position)

    def refold(self, snapshot: Snapshot, touched: Mapping[str, int], position: int) -> None:
        """Fold the subjects as known at the position; `touched` says which event touched each of them last."""
        shelf: Sources = {}
        for chunk in chunks(sorted(touched), FOLDED_AT_ONCE):
            with uncollected():
                found = list(folded_at(snapshot, chunk, position, shelf))
            _remove(snapshot, chunk)
            write_folded(snapshot, found, touched)


def write_folded(snapshot: Snapshot, found: Sequence[Folded], touched: Mapping[str, int]) -> None:
    """Write the rows of finished states, and of the planes that they were folded with, which have none there.

    `touched` says of some which event touched them last, where that is later than all that they were folded from.
    """
    rows = [
        (*now[:5], max(last, touched.get(now.id, 0)), now.state)
        for now, last in ((each.now, each.touched) for each in found)
    ]
    snapshot.pour("current", rows)
    snapshot.pour("planes", [row for each in found for row in each.planes])
    snapshot.pour("dated_facts", [row for each in found for row in each.dated])


def folded_at(
    snapshot: Snapshot, subjects: Iterable[str], position: int, shelf: Sources | None = None
) -> Iterable[Folded]:
    """Those of the subjects that are named by the position, folded; the shelf is that of `stories_of`.

    It is emptied where it has grown too large to be carried on.
    """
    if shelf and len(shelf) > SHELVED:
        shelf.clear()
    for story in subject_histories(snapshot, subjects, position, shelf=shelf).values():
        now = _finished(snapshot, story, position)
        if now is not None:
            yield Folded(now, list(rows_of(story)), list(dated_facts_of(story)), story.touched())


def _finished(snapshot: Snapshot, story: SubjectHistory, position: int) -> Finished | None:
    """The state with everything reported, at no date; None where the subject is not named by the position."""
    found = Resolved.of(snapshot, story, None, position)
    return None if found is None else found.finish(None)


def touched_by(snapshot: Snapshot, batch: Sequence[Entry]) -> dict[str, int]:
    """The subjects on whose state the batch bears, each with the position of the last event that does."""
    facts: dict[str, int] = {}
    sources: dict[str, int] = {}
    touched: dict[str, int] = {}
    for entry in batch:
        sort, stream = place(entry)
        if entry.name in KINDS:
            touched[entry.data["subject"]] = entry.position
        elif sort == "fact":
            facts[stream] = entry.position
        elif sort == "subject":
            touched[stream] = entry.position
        elif sort == "source" and entry.version > 1:
            sources[stream] = entry.position
        elif sort == "redaction":
            {"source": sources, "fact": facts}[entry.data["of"]][entry.data["id"]] = entry.position
        touched.update(dict.fromkeys(entry.data.get("opens", ()), entry.position))
    return touched_through(snapshot, facts, sources, touched, batch[-1].position)


def touched_through(
    snapshot: Snapshot,
    facts: Mapping[str, int],
    sources: Mapping[str, int],
    touched: Mapping[str, int],
    position: int,
) -> dict[str, int]:
    """The subjects touched, those of facts, those of facts that cite sources, and those grouped with any of them.

    Each is given, and answered, with the position of the last event.
    """
    touched, facts = dict(touched), dict(facts)
    for source, cited in linked(snapshot, "cites", sources, position).items():
        for fact in cited:
            facts[fact] = max(facts.get(fact, 0), sources[source])
    for chunk in chunks(sorted(facts)):
        for fact, subject in snapshot.probe(_ABOUT, chunk):
            touched[subject] = max(touched.get(subject, 0), facts[fact])
    return _spread(snapshot, touched, position)


def _spread(snapshot: Snapshot, touched: dict[str, int], position: int) -> dict[str, int]:
    """What touches one subject touches those merged with it or split from it."""
    regrouped = regroupings(snapshot, position)
    groups = {frozenset(connected(regrouped, entry.data["subject"])) for entry in regrouped}
    for group in groups:
        last = max((touched[subject] for subject in group if subject in touched), default=None)
        if last is not None:
            touched.update(dict.fromkeys(group, last))
    return touched


def erase_beside(beside: Snapshot, redacted: Iterable[Redacted]) -> None:
    """Erase words from the generation beside the one in use, however far that is: it may have broken off.

    The states made of them are left out where it has not followed so far; one that is being rebuilt folds them again
    when it follows the redaction.
    """
    redacted = list(redacted)
    erase(beside, redacted)
    ahead = [each for each in redacted if each.until > beside.position]
    facts = {each.name for each in ahead if each.sort == "fact"}
    for cited in linked(beside, "cites", [each.name for each in ahead if each.sort == "source"], HEAD).values():
        facts |= set(cited)
    _remove(beside, sorted(reached_from(beside, subjects_of(beside, facts), HEAD)))


def _remove(snapshot: Snapshot, subjects: Sequence[str]) -> None:
    """Leave no row of the subjects' states, and of the planes that they were folded with."""
    states, planes, dated = (snapshot.table(name) for name in ("current", "planes", "dated_facts"))
    for chunk in chunks(subjects):
        for column in (states.c.id, planes.c.subject, dated.c.subject):
            snapshot.connection.execute(delete(column.table).where(column.in_(chunk)))


def stamp_of(snapshot: Snapshot, subject: str) -> Stamp | None:
    """The last event that bears on the subject, and the last redaction of any; None if nothing has named it yet."""
    rows = snapshot.probe(_TOUCHED, [subject])
    return Stamp(rows[0][0], rows[0][1] or 0) if rows else None


def current_states(snapshot: Snapshot, subjects: Sequence[str]) -> dict[str, Finished]:
    """The current states of those of the subjects that are named, by id."""
    return {row[0]: Finished(*row) for chunk in chunks(subjects) for row in snapshot.probe(_ROWS, chunk)}


def current_page(snapshot: Snapshot, filters: dict[str, str | None], after: str, limit: int) -> list[Finished]:
    """Current states in the order of their ids, from behind `after`, filtered by `kind`, `status` and `part_of`."""
    table = snapshot.table("current")
    columns = [table.c[name] for name in Finished._fields]
    wanted: Any = select(*columns).where(table.c.id > after, table.c.merged_into.is_(None))
    for name, value in filters.items():
        if value is not None:
            wanted = wanted.where(table.c[name] == value)
    return [Finished(*row) for row in snapshot.rows(wanted.order_by(table.c.id).limit(limit))]
