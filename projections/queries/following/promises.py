"""What time did to what is followed: what was promised and came due, or is overdue, as messages."""

from collections.abc import Iterator
from typing import Any

from events.dates.calendar import instant_text, instant_written
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.following.followed import Followed
from projections.queries.following.messages import Message, MessageKind, message_id
from projections.queries.history.evolution import state_changes
from projections.queries.subjects.agenda import Promise, agenda
from projections.read_models.citation_warnings import Texts
from projections.read_models.finished_states import marked_state
from projections.read_models.histories import subject_history
from projections.store.snapshots import Snapshot

_LISTS: tuple[tuple[str, str, MessageKind], ...] = (
    ("due", "from", "due"),
    ("overdue", "until", "overdue"),
    ("lapsed", "until", "overdue"),
    ("expired", "until", "overdue"),
)
"""The lists of an agenda that time moves promises into, the end of its bounds at which it does, and what that is."""


def promises_passed(snapshot: Snapshot, followed: Followed, after: int, until: int) -> list[Message]:
    """What came due or was over after a moment and up to another (UTC microseconds), and still is so, in that order.

    What was carried out meanwhile is not told, nor what was recorded after its time: its fact is a message itself. What
    was cited was cited at a moment, which does not pass.
    """
    if followed.cited:
        return []
    clocks = clocks_for(snapshot, Asked(at=instant_text(until)))
    found: Any = agenda(snapshot, clocks, followed.subject_at(snapshot, snapshot.position))
    passed = [
        (moment, promise, kind)
        for name, edge, kind in _LISTS
        for promise in found[name]
        if promise[edge] is not None and after < (moment := instant_written(promise[edge])) <= until
    ]
    tests = followed.tests(snapshot, snapshot.position)
    facts = facts_named(snapshot, {promise["fact"] for _, promise, _ in passed}, clocks)
    passing = [each for each in passed if all(test(facts[each[1]["fact"]]) for test in tests)]
    passing.sort(key=lambda each: (each[0], each[1]["subject"], each[1]["fact"]))
    return [
        each for moment, promise, kind in passing for each in _told(snapshot, followed, clocks, moment, promise, kind)
    ]


def _told(
    snapshot: Snapshot, followed: Followed, clocks: Clocks, moment: int, promise: Promise, kind: MessageKind
) -> Iterator[Message]:
    history, texts = subject_history(snapshot, promise["subject"], clocks), Texts(snapshot)
    assert history is not None
    before, after = (marked_state(texts, history, at, None, snapshot.position) for at in (moment - 1, moment + 1))
    changes = [each for each in state_changes(before, after) if followed.finding in (None, each["finding"])]
    if followed.finding is not None and not changes:
        return
    yield {
        "id": message_id(kind, promise["fact"], moment, *filter(None, [followed.finding])),
        "kind": kind,
        "subject": promise["subject"],
        "position": snapshot.position,
        "moment": instant_text(moment),
        "event": None,
        "fact": promise["fact"],
        "changes": [{**each} for each in changes],
    }
