"""Citations that do not stand: words gone from the latest version of their source, or never looked up in any text."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, NamedTuple, TypedDict

from msgspec import Meta
from sqlalchemy import select

from events.commands.quotes import says
from events.history.fact_as_of import cited_in
from events.history.streams import NEVER, Entry, StoredCitation, states_of_sources
from projections.clocks import Clocks
from projections.queries.evidence.fact_views import PublishedCitation, published_citation
from projections.read_models.citation_warnings import CitationMarks, Texts
from projections.read_models.histories import entries_between, facts_and_sources
from projections.store.snapshots import Snapshot

Standing = Literal["gone", "unverified"]
"""Why citations do not stand."""

_MARKS = {"gone": "quote_gone", "unverified": "unverified"}
_AT_ONCE = 200
_MOST_SOUGHT = 10_000
_CITING = (
    "SELECT fact, min(position) FROM {cites} WHERE position <= ? AND source IN (SELECT stream FROM {entries} AS entries"
    " WHERE sort = 'source' AND position <= ? AND %s) GROUP BY fact HAVING min(position) > ? ORDER BY 2 LIMIT ?"
)
_REVISED = "name = 'SourceRevised'"
_WITHOUT_TEXT = (
    "entries.version = 1 AND NOT EXISTS"
    " (SELECT 1 FROM {texts} AS texts WHERE texts.source = entries.stream AND texts.version = 1)"
)
_CANDIDATES = {"gone": _CITING % _REVISED, "unverified": _CITING % _WITHOUT_TEXT}


class DoubtfulCitation(TypedDict):
    """A citation that does not stand."""

    fact: str
    n: Annotated[int, Meta(description="The number of the amendment that cites; 0 for the recording of the fact")]
    citation: PublishedCitation


class _Place(NamedTuple):
    """Which text a quote is said to stand in."""

    source: str
    version: int


def page_of_citations(
    snapshot: Snapshot, clocks: Clocks, standing: Standing, after: int, limit: int
) -> tuple[list[DoubtfulCitation], int | None]:
    """Citations that do not stand at the clocks, fact by fact as these first cite such a source; and where to go on.

    A page ends with the fact that fills it, or when many facts were looked at; None at the end.
    """
    found: list[DoubtfulCitation] = []
    for sought in range(0, _MOST_SOUGHT, _AT_ONCE):
        size = min(_AT_ONCE, limit) if sought == 0 else _AT_ONCE
        rows = snapshot.probe(_CANDIDATES[standing], None, clocks.position, clocks.position, after, size)
        doubtful = _doubtful(snapshot, [fact for fact, _ in rows], clocks, _MARKS[standing])
        for fact, position in rows:
            found += doubtful.get(fact, [])
            after = position
            if len(found) >= limit:
                return found, after
        if len(rows) < size:
            return found, None
    return found, after


def _doubtful(snapshot: Snapshot, facts: Sequence[str], clocks: Clocks, mark: str) -> dict[str, list[DoubtfulCitation]]:
    """By fact, those of its citations that were published by the reported clock and bear the mark."""
    histories, sources = facts_and_sources(snapshot, facts, clocks.position)
    marks = CitationMarks(Texts(snapshot), states_of_sources(sources, clocks.position).values(), clocks.reported)
    limit = NEVER if clocks.reported is None else clocks.reported
    found: dict[str, list[DoubtfulCitation]] = {}
    for history in histories:
        cited = (each for entry in history.entries for each in cited_in(entry, sources, clocks.position))
        for each in cited:
            if each.published_by <= limit and any(own["mark"] == mark for own in marks.of(each.citation)):
                shown = published_citation(each, marks)
                found.setdefault(history.id, []).append({"fact": history.id, "n": each.n, "citation": shown})
    return found


def misplaced_quotes(snapshot: Snapshot) -> Iterator[str]:
    """For each quote that was found in a text when it was recorded and does not stand there, a sentence.

    The texts are those of the views; each is read by itself, as one may be long. Words that were redacted are left out.
    """
    for entries in entries_between(snapshot, 0, snapshot.position):
        placed: dict[_Place, list[tuple[Entry, StoredCitation]]] = {}
        for entry in snapshot.patience.each(entries):
            for citation in entry.data.get("citations", ()):
                if citation["verified"] and not citation.get("redacted"):
                    place = _Place(citation["source"], citation["version"])
                    placed.setdefault(place, []).append((entry, citation))
        texts = snapshot.table("texts")
        for place, quotes in placed.items():
            wanted = select(texts.c.text).where(texts.c.source == place.source, texts.c.version == place.version)
            text = "".join(row.text for row in snapshot.rows(wanted))
            for entry, citation in quotes:
                if not says(text[citation["start"] : citation["end"]], citation["exact"]):
                    where = f"version {place.version} of source {place.source!r}"
                    yield f"a quote of the event at position {entry.position} does not stand in {where} where it stood"
