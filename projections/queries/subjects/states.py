"""States of subjects at any clocks: finished ones are looked up, others folded once in `kept`."""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import select

from events.commands.merge_and_split import Grouping
from events.errors import Invalid, NotFound
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.log.uncollected import uncollected
from projections.clocks import Clocks
from projections.fold.party_view import as_read_by
from projections.fold.state import State
from projections.read_models.current_states import FOLDED_AT_ONCE, current_states, touched_at
from projections.read_models.grouping import counted_under, grouping_at
from projections.read_models.kept import Finished, Kept, Known, kept_of
from projections.read_models.ledger import chunks, facts_and_shelf, linked
from projections.read_models.subject_histories import subject_histories
from projections.store.snapshots import Snapshot

_BEHIND_THE_NAME = b',"status":'
"""Quotes inside of values are escaped, so this stands nowhere before the status itself."""


def state(snapshot: Snapshot, subject: str, clocks: Clocks) -> State:
    """The state of one subject.

    Raises:
        NotFound: no event up to the position names it.
    """
    found: State = orjson.loads(state_json(snapshot, subject, clocks))
    return found


def state_json(snapshot: Snapshot, subject: str, clocks: Clocks) -> bytes:
    """The state of one subject as JSON, with what was asked.

    Raises:
        NotFound: no event up to the position names it.
    """
    found = finished(snapshot, [subject], clocks)
    if not found:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    return with_asked(found[0], clocks)


def with_asked(found: Finished, clocks: Clocks) -> bytes:
    """A finished state, with what was asked."""
    name, status, rest = found.state.partition(_BEHIND_THE_NAME)
    return b"".join((name, b',"asked":', orjson.dumps(clocks.repeated()), status, rest))


def states(snapshot: Snapshot, subjects: list[str], clocks: Clocks) -> list[State]:
    """The states of those of the subjects that are named by the position, in the order given.

    A subject merged into another is answered with that one's state, and says so.
    """
    return [each.read() for each in finished(snapshot, subjects, clocks)]


def finished(snapshot: Snapshot, subjects: Sequence[str], clocks: Clocks) -> list[Finished]:
    """The same, each as JSON."""
    kept = kept_of(snapshot)
    if clocks.is_current and clocks.position == snapshot.position:
        current = current_states(snapshot, subjects)
        return [current[subject] for subject in subjects if subject in current]
    touched = touched_at(snapshot, subjects)
    named = [subject for subject in subjects if subject in touched]
    return [
        found
        for chunk in chunks(named, FOLDED_AT_ONCE)
        for found in _kept_or_folded(snapshot, kept, chunk, clocks, touched)
        if found is not None
    ]


def _kept_or_folded(
    snapshot: Snapshot, kept: Kept, subjects: Sequence[str], clocks: Clocks, touched: dict[str, int]
) -> Iterable[Finished | None]:
    """The states of subjects that are named at all; what is not kept is read together, folded and kept."""
    reading = clocks.asked.reading
    known = {subject: kept.get(subject, reading, touched[subject]) for subject in subjects}
    found = {subject: each.at(clocks) for subject, each in known.items() if each is not None}
    missing = [subject for subject in subjects if found.get(subject) is None]
    stories = {subject: each.story for subject in missing if (each := known[subject]) is not None and each.story}
    unread = [subject for subject in missing if subject not in stories]
    with uncollected():
        stories |= subject_histories(snapshot, unread, reading=reading) if unread else {}
        for subject in missing:
            each = known[subject] or Known(touched[subject], stories[subject])
            found[subject] = (each.fold(snapshot, stories[subject], clocks, keeps_story=len(subjects) == 1),)
            kept.keep(subject, reading, each)
    return [answer[0] for subject in subjects if (answer := found[subject]) is not None]


def kinds_of(snapshot: Snapshot, subjects: Iterable[str], position: int) -> dict[str, str | None]:
    """The kinds of the subjects as known at the position, without those not named by then."""
    table = snapshot.table("subjects")
    kinds: dict[str, str | None] = {}
    for chunk in chunks(list(subjects)):
        for row in snapshot.rows(select(table).where(table.c.id.in_(chunk), table.c.opened <= position)):
            kinds[row.id] = row.kind if row.kind_known is not None and row.kind_known <= position else None
    return kinds


def check_reading(snapshot: Snapshot, clocks: Clocks) -> None:
    """Refuse the reading of a party that nobody has named.

    Raises:
        Invalid: no event up to the position names an actor of that id.
    """
    party = clocks.asked.reading
    if party is not None and kinds_of(snapshot, [party], clocks.position).get(party) != "actor":
        raise Invalid.at("/reading", f"no actor {party!r:.80} is named up to position {clocks.position}")


def standings_about(
    snapshot: Snapshot, subjects: Iterable[str], clocks: Clocks, grouping: Grouping | None = None
) -> dict[str, list[FactAsOf]]:
    """The visible facts that count under each subject, retracted ones included, as they stand at the clocks."""
    grouping = grouping or grouping_at(snapshot, clocks.position)
    wanted = set(subjects)
    gathered = {each for subject in wanted for each in grouping.gathered(subject)}
    facts = {fact for about in linked(snapshot, "about", gathered, clocks.position).values() for fact in about}
    histories, shelf = facts_and_shelf(snapshot, facts, clocks.position)
    found: dict[str, list[FactAsOf]] = {}
    for history in histories:
        standing = fact_as_of(history, shelf, clocks.reported, clocks.position)
        if standing is not None:
            if clocks.asked.reading is not None:
                as_read_by(clocks.asked.reading, standing)
            found.setdefault(counted_under(grouping, standing), []).append(standing)
    return {subject: facts for subject, facts in found.items() if subject in wanted}
