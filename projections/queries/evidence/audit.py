"""The whole chain behind one value: its facts, their words, their amendments, and who recorded them."""

from events.errors import NotFound
from projections.clocks import AskedClocks, Clocks
from projections.fold.answer_types import Finding
from projections.queries.evidence.fact_views import FactWithStream, fact_with_stream
from projections.queries.evidence.sources import SourceView, sources_among
from projections.queries.subjects.findings_by_name import findings
from projections.queries.subjects.states import state
from projections.read_models.ledger import facts_and_sources
from projections.store.snapshots import Snapshot


class Audit(Finding):
    """All that one finding rests on."""

    subject: str
    finding: str
    asked: AskedClocks
    facts: list[FactWithStream]
    sources: list[SourceView]


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
    histories, sources = facts_and_sources(snapshot, names, clocks.position)
    facts: dict[str, FactWithStream] = {}
    for history in histories:
        fact = fact_with_stream(snapshot, history, sources, clocks)
        assert not isinstance(fact, list)  # a finding rests only on visible facts
        facts[history.id] = fact
    return {
        "subject": subject,
        "finding": finding,
        "asked": clocks.repeated(),
        **value,
        "facts": [facts[name] for name in names],
        "sources": sources_among(snapshot, sources, clocks),
    }
