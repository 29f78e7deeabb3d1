"""The whole chain behind one value: its facts, their words, their amendments, and who recorded them."""

from collections.abc import Mapping
from typing import Annotated, NotRequired, TypedDict, cast

from msgspec import Meta

from events.errors import NotFound
from events.history.fact_as_of import fact_as_of
from projections.clocks import AtClocks, Clocks
from projections.fold.answer_types import Finding
from projections.fold.origins import documents_of, facts_carrying
from projections.fold.part import field_of
from projections.queries.evidence.fact_views import FactWithStream, MarkedCitation, PublishedCitation, fact_with_stream
from projections.queries.evidence.origins import OriginView, origins_explained
from projections.queries.evidence.sources import SourceView, sources_among
from projections.queries.subjects.findings_by_name import findings
from projections.queries.subjects.states import state
from projections.read_models.histories import facts_and_sources
from projections.store.snapshots import Snapshot


class Words(TypedDict):
    """The words that carry the value: those of a fact, or of the correction or dispute `fact#n` that says it.

    A correction of ours without words of its own reads those of the fact anew; its kind and reason say so.
    """

    because: str
    event: str
    kind: NotRequired[str]
    reason: NotRequired[str]
    citations: list[MarkedCitation]


class Audit(Finding, AtClocks):
    """All that one finding rests on."""

    subject: str
    finding: str
    words: Annotated[list[Words], Meta(description="In the order of `because`, then of those of the rivals")]
    facts: list[FactWithStream]
    sources: list[SourceView]
    joined: Annotated[list[OriginView], Meta(description="The origins of the reports that carry the value")]


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
    standing = [fact_as_of(history, sources, clocks.reported, clocks.position) for history in histories]
    cited = documents_of(filter(None, standing), sources, clocks.reported, clocks.position)
    documents = set[str]().union(*(cited[name] for name in facts_carrying(value)))
    facts: dict[str, FactWithStream] = {}
    for history in histories:
        fact = fact_with_stream(snapshot, history, sources, clocks)
        assert not isinstance(fact, list)  # a finding rests only on visible facts
        facts[history.id] = fact
    return {
        "subject": subject,
        "finding": finding,
        **clocks.stated(),
        **value,
        "words": [_words(facts, each, field_of(finding)) for each in deciding],
        "facts": [facts[name] for name in names],
        "sources": sources_among(snapshot, sources, clocks),
        "joined": origins_explained(sources, documents, clocks.position),
    }


def _words(facts: Mapping[str, FactWithStream], ground: str, field: str) -> Words:
    """The words of a ground: `fact#n` of a dispute, else of what last set the field of the fact."""
    name, _, number = ground.partition("#")
    fact = facts[name]
    if not number:
        ground = fact.get("corrected_by", {}).get(field, [ground])[-1]
        number = ground.partition("#")[2]
    entry = fact["stream"][int(number or 0)]
    words: Words = {"because": ground, "event": entry["event"], "citations": entry["citations"]}
    if not number or not entry["citations"]:
        words["citations"] = [_unpublished(each) for each in fact["citations"]]
    if number and entry.get("kind"):
        words["kind"] = entry["kind"] or ""
        words["reason"] = entry.get("reason") or ""
    return words


def _unpublished(citation: PublishedCitation) -> MarkedCitation:
    """A citation as streams have it: its source stands in the audit."""
    return cast(MarkedCitation, {name: value for name, value in citation.items() if name != "publisher"})
