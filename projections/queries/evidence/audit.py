"""The whole chain behind one value: its facts, their words, their amendments, and who recorded them."""

from events.errors import NotFound
from events.history.fact_as_of import fact_as_of
from projections.clocks import Clocks
from projections.queries.evidence.answer_types import Audit, FactWithStream
from projections.queries.evidence.fact_views import fact_views, stream_views
from projections.queries.evidence.sources import sources_among
from projections.queries.history.evolution import findings
from projections.queries.subjects.states import state
from projections.read_models.ledger import facts_and_shelf
from projections.store.snapshots import Snapshot


def audit(snapshot: Snapshot, subject: str, finding: str, clocks: Clocks) -> Audit:
    """What one finding of a subject rests on, down to quotes and recorders.

    Raises:
        NotFound: the subject is not named, or has no such finding at the clocks.
    """
    found = findings(state(snapshot, subject, clocks))
    if finding not in found:
        raise NotFound(f"{subject!r} has no finding {finding!r:.200} at these clocks")
    value = found[finding]
    deciding = [*value["because"], *(each for rival in value["rivals"] for each in rival["because"])]
    names = list(dict.fromkeys(each.partition("#")[0] for each in deciding))
    histories, shelf = facts_and_shelf(snapshot, names, clocks.position)
    chain: dict[str, FactWithStream] = {}
    for history in histories:
        standing = fact_as_of(history, shelf, clocks.reported, clocks.position)
        assert standing is not None  # a finding rests only on visible facts
        stream = stream_views(snapshot, history, shelf, standing.withdrawn, clocks)
        chain[history.id] = {**fact_views(snapshot, [standing], clocks)[0], "stream": stream}
    return {
        "subject": subject,
        "finding": finding,
        "asked": clocks.repeated(),
        **value,
        "facts": [chain[name] for name in names],
        "sources": sources_among(snapshot, shelf, clocks),
    }
