"""States of subjects at any clocks: the histories are read here and folded in `understanding`."""

from collections.abc import Iterable

from sqlalchemy import select

from events.errors import Invalid, NotFound
from events.regrouping import Grouping
from events.standing import Standing, standing_of
from projections.clocks import Clocks
from projections.grouping import grouping_at
from projections.ledger import chunks, facts_and_shelf, linked
from projections.marks import mark, marks_of
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
    """The states of those of the subjects that are named by the position, in the order given.

    A subject merged into another is answered with that one's state, and says so.
    """
    kinds = kinds_of(snapshot, subjects, clocks.position)
    grouping = grouping_at(snapshot, clocks.position)
    meant = {subject: grouping.merged_into(subject) or subject for subject in kinds}
    standings = standings_about(snapshot, set(meant.values()), clocks, grouping)
    marks = marks_of(snapshot, (fact for facts in standings.values() for fact in facts), clocks.reported)
    found = []
    for subject in subjects:
        if subject in kinds:
            folded = state_of(kinds[subject], standings.get(meant[subject], ()), clocks.at)
            mark(folded, marks)
            merged = {} if meant[subject] == subject else {"merged_into": meant[subject]}
            found.append({**described(subject, kinds[subject], folded), **merged})
    return found


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


def standings_about(
    snapshot: Snapshot, subjects: Iterable[str], clocks: Clocks, grouping: Grouping | None = None
) -> dict[str, list[Standing]]:
    """The visible facts that count under each subject, retracted ones included, as they stand at the clocks."""
    grouping = grouping or grouping_at(snapshot, clocks.position)
    wanted = set(subjects)
    gathered = {each for subject in wanted for each in grouping.gathered(subject)}
    facts = {fact for about in linked(snapshot, "about", gathered, clocks.position).values() for fact in about}
    histories, shelf = facts_and_shelf(snapshot, facts, clocks.position)
    found: dict[str, list[Standing]] = {}
    for history in histories:
        standing = standing_of(history, shelf, clocks.reported, clocks.position)
        if standing is not None:
            if clocks.asked.reading is not None:
                as_read_by(clocks.asked.reading, standing)
            found.setdefault(counted_under(grouping, standing), []).append(standing)
    return {subject: facts for subject, facts in found.items() if subject in wanted}


def counted_under(grouping: Grouping, standing: Standing) -> str:
    """The subject that a fact counts under; what only names or describes a subject stays with it."""
    return standing.subject if standing.kind.timeless else grouping.subject_of(standing.subject, standing.id)
