"""How many facts of the chronology each value of a filter would leave, at the head of the log."""

from collections import Counter
from typing import Any

from projections.clocks import Clocks
from projections.queries.history.timeline import FactFilter
from projections.store.snapshots import Snapshot

_STANDING = " FROM {fact_places} AS places WHERE dated AND since <= ? AND until > ?"
_ACTORS = (
    "SELECT named.subject, count(DISTINCT named.fact) FROM {mentions} AS named JOIN {fact_places} AS places"
    " ON places.fact = named.fact WHERE dated AND since <= ? AND until > ?"
    " AND named.subject IN (SELECT id FROM {subjects} WHERE kind = 'actor')"
)
_NAMING = " AND places.fact IN (SELECT fact FROM {mentions} WHERE subject = ?)"
MOST_ACTORS = 40


def facts_counted(snapshot: Snapshot, clocks: Clocks, wanted: FactFilter) -> dict[str, Counter[str]] | None:
    """The counts of `kind`, `held` and `actor`, each with the other filters as they are; None but at the head.

    Of actors no more than the 40 whom most facts name. What is still to come is counted too.
    """
    is_head = clocks.reported is None and clocks.asked.reading is None and clocks.position == snapshot.position
    if not is_head:
        return None
    return {name: _counted(snapshot, clocks.position, wanted, name) for name in ("kind", "held", "actor")}


def _counted(snapshot: Snapshot, position: int, wanted: FactFilter, name: str) -> Counter[str]:
    question = _ACTORS if name == "actor" else f"SELECT {name}, count(DISTINCT fact){_STANDING}"
    values: list[Any] = [position, position]
    if wanted.kinds is not None and name != "kind":
        question += f" AND places.kind IN ({','.join('?' * len(wanted.kinds))})"
        values += sorted(wanted.kinds)
    if wanted.held is not None and name != "held":
        question += " AND held = ?"
        values.append(wanted.held)
    if wanted.actor is not None and name != "actor":
        question += _NAMING
        values.append(wanted.actor)
    keys = None if wanted.subjects is None else sorted(wanted.subjects)
    if keys is not None:
        question = question.replace(" WHERE dated", " WHERE places.subject {among} AND dated", 1)
    question += f" GROUP BY {'named.subject' if name == 'actor' else name}"
    counted: Counter[str] = Counter()
    for value, count in snapshot.probe(question, keys, *values):
        counted[value] += count
    return Counter(dict(counted.most_common(MOST_ACTORS))) if name == "actor" else counted
