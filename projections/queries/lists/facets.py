"""How many facts of the chronology each value of a filter would leave, at the head of the log."""

from collections import Counter
from typing import Any

from projections.clocks import Clocks
from projections.queries.history.timeline import FactFilter
from projections.store.snapshots import Snapshot

_STANDING = "FROM {fact_places} AS places WHERE dated AND since <= ? AND until > ?"
"""A fact of the chronology stands in one row."""
_SORTS = "SELECT kind || '', held || '', count(*) " + _STANDING  # || '': read as they lie, not by an index
_ACTORS = (
    "SELECT named.subject, count(DISTINCT named.fact) FROM {mentions} AS named"
    " WHERE named.subject IN (SELECT id FROM {subjects} WHERE kind = 'actor') AND named.fact IN (SELECT fact "
    + _STANDING
)
_NAMING = " AND places.fact IN (SELECT fact FROM {mentions} WHERE subject = ?)"
MOST_ACTORS = 40
MOST_COUNTED = 1_000_000
"""Up to which position of the log facts are counted: each takes some microseconds."""


def facts_counted(snapshot: Snapshot, clocks: Clocks, wanted: FactFilter) -> dict[str, Counter[str]] | None:
    """The counts of `kind`, `held` and `actor`, each with the other filters as they are; None but at the head.

    Of actors no more than the 40 whom most facts name. What is still to come is counted too. None of a log with more
    than a million entries.
    """
    is_head = clocks.reported is None and clocks.asked.reading is None and clocks.position == snapshot.position
    if not is_head or clocks.position > MOST_COUNTED:
        return None
    counts: dict[str, Counter[str]] = {"kind": Counter(), "held": Counter()}
    sorts = wanted._replace(kinds=None, held=None)
    for kind, held, count in _asked(snapshot, clocks.position, _SORTS, sorts, " GROUP BY kind || '', held || ''"):
        if wanted.held in (None, held):
            counts["kind"][kind] += count
        if wanted.kinds is None or kind in wanted.kinds:
            counts["held"][held] += count
    actors = Counter[str]()
    for actor, count in _asked(
        snapshot, clocks.position, _ACTORS, wanted._replace(actor=None), ") GROUP BY named.subject"
    ):
        actors[actor] += count
    return {**counts, "actor": Counter(dict(actors.most_common(MOST_ACTORS)))}


def _asked(snapshot: Snapshot, position: int, question: str, wanted: FactFilter, grouped: str) -> list[Any]:
    """The rows of a question with the filters that are given."""
    values: list[Any] = [position, position]
    if wanted.kinds is not None:
        question += f" AND kind IN ({','.join('?' * len(wanted.kinds))})"
        values += sorted(wanted.kinds)
    if wanted.held is not None:
        question += " AND held = ?"
        values.append(wanted.held)
    if wanted.actor is not None:
        question += _NAMING
        values.append(wanted.actor)
    keys = None if wanted.subjects is None else sorted(wanted.subjects)
    if keys is not None:
        question = question.replace(" WHERE dated", " WHERE places.subject {among} AND dated", 1)
    return snapshot.probe(question + grouped, keys, *values)
