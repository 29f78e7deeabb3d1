"""One fact as it stands at the clocks, with its whole stream; and what is cited of a source."""

from typing import NotRequired, final

from events.errors import NotFound
from events.history.streams import StoredCitation
from projections.clocks import AtClocks, Clocks
from projections.queries.evidence.fact_views import FactWithStream, StreamEntry, fact_with_stream
from projections.read_models.erasure import Redaction, redaction_of
from projections.read_models.histories import facts_and_sources, histories, linked
from projections.store.snapshots import Snapshot


class VisibleFact(FactWithStream, AtClocks):
    """A fact that is visible at the clocks asked."""

    visible: bool


@final
class HiddenFact(AtClocks):
    """A fact that was not yet reported at the clocks asked."""

    id: str
    visible: bool
    stream: list[StreamEntry]
    redaction: NotRequired[Redaction]


def fact(snapshot: Snapshot, name: str, clocks: Clocks) -> VisibleFact | HiddenFact:
    """One fact as it stands at the clocks, and its stream: who recorded what when, from which words.

    Raises:
        NotFound: no such fact was recorded by the position.
    """
    found, sources = facts_and_sources(snapshot, [name], clocks.position)
    if not found:
        raise NotFound(f"no fact {name!r} is recorded up to position {clocks.position}")
    view = fact_with_stream(snapshot, found[0], sources, clocks)
    stated = clocks.stated()
    shown: VisibleFact | HiddenFact
    if isinstance(view, list):
        shown = {"id": name, "visible": False, "stream": view, "asked": stated["asked"], "rules": stated["rules"]}
    else:
        shown = {**view, "visible": True, **stated}
    redaction = redaction_of(snapshot, "fact", name)
    if redaction is not None:
        shown["redaction"] = redaction
    return shown


def facts_citing(snapshot: Snapshot, source: str, position: int) -> list[tuple[str, StoredCitation]]:
    """Every citation of the source by the position: the fact's id, and the citation."""
    names = linked(snapshot, "cites", [source], position).get(source, [])
    found = histories(snapshot, "fact", names, position)
    return [
        (name, citation)
        for name in names
        for entry in found.get(name, [])
        for citation in entry.data.get("citations", ())
        if citation["source"] == source
    ]
