"""One fact as it stands at the clocks, with its whole stream; and what is cited of a source."""

from collections.abc import Mapping, Set
from typing import Any, NotRequired, final

from events.commands.record_facts import DEFAULTS
from events.errors import NotFound
from events.facts import ENVELOPE, Fact, own_fields
from events.history.streams import StoredCitation
from projections.clocks import AtClocks, Clocks
from projections.queries.evidence.fact_views import FactWithStream, StreamEntry, fact_with_stream
from projections.read_models.erasure import Redaction, redaction_of
from projections.read_models.histories import facts_and_sources, histories, linked
from projections.store.snapshots import Snapshot

MOST_CHANGED = 2
"""In how many values, its quotes one of them, a fact differs from the one that it seems to have been made of."""
_ENVELOPE = frozenset(ENVELOPE) - {"zone", "citations"}


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


def edited_facts(
    snapshot: Snapshot, facts: Mapping[str, tuple[type[Fact], Mapping[str, Any]]], beside: Set[str]
) -> dict[str, tuple[str, list[str]]]:
    """Which of the facts, by id, seem to be recorded ones that were edited, and in what.

    Such a fact is of the kind, the subject and a source of a recorded one, and differs from it in one or two values.
    The recorded ones whose ids stand `beside` them are told again as they were, and were not edited.
    """
    sources = {each["source"] for _, values in facts.values() for each in values.get("citations", ())}
    cited = linked(snapshot, "cites", sources, snapshot.position)
    recorded = histories(snapshot, "fact", {name for names in cited.values() for name in names}, snapshot.position)
    found: dict[str, tuple[str, list[str]]] = {}
    for name, (kind, values) in facts.items():
        near = dict.fromkeys(other for each in values.get("citations", ()) for other in cited.get(each["source"], ()))
        if name in near:
            continue
        firsts = [(other, recorded[other][0]) for other in near if other not in beside]
        changes = [
            (other, _changed(kind, values, first.data)) for other, first in firsts if first.name == kind.__name__
        ]
        likely = [each for each in changes if 0 < len(each[1]) <= MOST_CHANGED]
        if likely:
            found[name] = min(likely, key=lambda each: len(each[1]))
    return found


def _changed(kind: type[Fact], values: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[str]:
    """The fields in which a fact differs from a recorded one of its kind; none where it is of another subject."""
    if values["subject"] != recorded.get("subject"):
        return []
    names = [name for name in (*_ENVELOPE, *own_fields(kind)) if _said(name, values) != _said(name, recorded)]
    quotes = [
        {(each["source"], each.get("exact")) for each in side.get("citations", ())} for side in (values, recorded)
    ]
    return sorted(names) + ["citations"] * (quotes[0] != quotes[1])


def _said(name: str, values: Mapping[str, Any]) -> Any:
    return values.get(name, DEFAULTS.get(name))


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
