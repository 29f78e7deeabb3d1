"""What has become of cited words: never looked up, gone from later texts, or of a source withdrawn."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select, tuple_

from events.commands.quotes import SearchableText
from events.history.fact_as_of import FactAsOf, cited_in
from events.history.streams import NEVER, Sources, SourceState, StoredCitation
from projections.fold.answer_types import CitationMark, Finding, ListedFact, Mark, Rival, State
from projections.store.bulk import chunks
from projections.store.snapshots import Snapshot

IN_WORDS = {
    "unverified": "unverified: the text of its source is not held",
    "source_withdrawn": "its source was withdrawn",
    "quote_gone": "its words are gone from a later version",
}


class CitationMarks:
    """Why citations of some sources do not stand.

    Args:
        snapshot: where texts are read; only those of later versions are.
        sources: those cited.
        reported: the bound of the reported clock.
    """

    def __init__(self, snapshot: Snapshot, sources: Iterable[SourceState], reported: int | None) -> None:
        self._limit = NEVER - 1 if reported is None else reported
        self._sources = {source.id: source for source in sources}
        self._latest = {
            name: max((each.version for each in source.editions if each.published_by <= self._limit), default=1)
            for name, source in self._sources.items()
        }
        revised, table = sorted(each for each in self._latest.items() if each[1] > 1), snapshot.table("texts")
        wanted = (select(table).where(tuple_(table.c.source, table.c.version).in_(some)) for some in chunks(revised))
        rows = (row for each in wanted for row in snapshot.rows(each))
        self._texts = {(row.source, row.version): SearchableText(row.text) for row in rows}

    def of(self, citation: StoredCitation) -> list[CitationMark]:
        """Why the citation does not stand; empty where it does, or where it was redacted."""
        name = citation["source"]
        marks: list[CitationMark] = []
        if not citation["verified"]:
            marks.append({"mark": "unverified"})
        if name in self._sources and self._sources[name].withdrawn_by <= self._limit:
            marks.append({"mark": "source_withdrawn"})
        version = self._latest.get(name, 1)
        later = self._texts.get((name, version)) if version > citation["version"] else None
        if later is not None and not citation.get("redacted") and not later.places(citation["exact"]):
            marks.append({"mark": "quote_gone", "version": version})
        return marks


def marks_of(
    snapshot: Snapshot, facts: Sequence[FactAsOf], sources: Sources, reported: int | None, position: int
) -> dict[str, list[Mark]]:
    """By fact, and by dispute as `fact#n`: which of its citations do not stand, and why."""
    cited = [(fact.id, each) for fact in facts for each in fact.cited]
    for fact in facts:
        for entry in fact.disputes:
            cited += ((f"{fact.id}#{entry.n}", each) for each in cited_in(entry, sources, position))
    found = CitationMarks(snapshot, (each.source for _, each in cited), reported)
    marks: dict[str, list[Mark]] = {}
    for name, each in cited:
        for mark in found.of(each.citation):
            marks.setdefault(name, []).append({"fact": name, "source": each.source.id, **mark})
    return marks


def mark(state: State, marks: dict[str, list[Mark]]) -> None:
    """Put on each finding, rival and claim the marks of what it rests on; those without any stay as they are."""
    if not marks:
        return
    findings = [state["status"], *state["fields"].values()]
    resting: list[Finding | Rival] = [*findings, *(rival for finding in findings for rival in finding["rivals"])]
    claims = (*state["possible"], *state["denied"], *state["planned"], *state["alleged"])
    found: list[tuple[Finding | Rival | ListedFact, list[str]]] = [(each, each["because"]) for each in resting]
    found += [(claim, [claim["fact"]]) for claim in claims]
    for each, names in found:
        if own := [mark for name in names for mark in marks.get(name, ())]:
            each["marks"] = own
