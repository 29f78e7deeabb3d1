"""States of subjects at any clocks: the histories are read here and folded in `understanding`."""

from collections.abc import Iterable

from sqlalchemy import select

from events.errors import Invalid, NotFound
from events.standing import Standing, standing_of
from projections.clocks import Clocks
from projections.ledger import chunks, facts_and_shelf, linked
from projections.readings import as_read_by
from projections.store import Snapshot
from projections.understanding import State, state_of


def state(snapshot: Snapshot, subject: str, clocks: Clocks) -> State:
    """The state of one subject.

    Raises:
        NotFound: no event up to the position names it.
    """
    found = states(snapshot, [subject], clocks)
    if not found:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    named = ("id", "kind", "title", "part_of")
    return {**{name: found[0][name] for name in named}, "asked": clocks.repeated(), **found[0]}


def states(snapshot: Snapshot, subjects: list[str], clocks: Clocks) -> list[State]:
    """The states of those of the subjects that are named by the position, in the order given."""
    kinds = kinds_of(snapshot, subjects, clocks.position)
    standings = standings_about(snapshot, kinds, clocks)
    return [
        described(subject, kinds[subject], state_of(kinds[subject], standings.get(subject, ()), clocks.at))
        for subject in subjects
        if subject in kinds
    ]


def described(subject: str, kind: str | None, folded: State) -> State:
    """A folded state with the subject's name put before it."""
    fields = folded["fields"]
    return {
        "id": subject,
        "kind": kind,
        "title": fields["title"]["value"] if "title" in fields else None,
        "part_of": fields["part_of"]["value"] if "part_of" in fields else None,
        **folded,
    }


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


def standings_about(snapshot: Snapshot, subjects: Iterable[str], clocks: Clocks) -> dict[str, list[Standing]]:
    """The visible facts about each subject, retracted ones included, as they stand at the clocks."""
    wanted = list(subjects)
    facts = {fact for about in linked(snapshot, "about", wanted, clocks.position).values() for fact in about}
    histories, shelf = facts_and_shelf(snapshot, facts, clocks.position)
    found: dict[str, list[Standing]] = {}
    for history in histories:
        standing = standing_of(history, shelf, clocks.reported, clocks.position)
        if standing is not None:
            if clocks.asked.reading is not None:
                as_read_by(clocks.asked.reading, standing)
            found.setdefault(standing.subject, []).append(standing)
    return found
