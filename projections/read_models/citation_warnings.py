"""What has become of the words that findings rest on: sources withdrawn, quotes gone from later texts."""

from collections.abc import Iterable

from sqlalchemy import select, tuple_

from events.commands.quotes import SearchableText
from events.history.fact_as_of import FactAsOf
from events.history.streams import NEVER, SourceState
from projections.fold.answer_types import Mark, State
from projections.read_models.ledger import chunks
from projections.store.snapshots import Snapshot


def marks_of(snapshot: Snapshot, standings: Iterable[FactAsOf], reported: int | None) -> dict[str, list[Mark]]:
    """By fact: which of its citations rest on a withdrawn source, or on words that the latest version lacks."""
    cited = [(fact.id, each) for fact in standings for each in fact.cited if _has_changed(each.source)]
    limit = NEVER - 1 if reported is None else reported
    sources = {each.source.id: each.source for _, each in cited}
    latest = {name: _latest(source, limit) for name, source in sources.items()}
    revised = {(name, version) for name, version in latest.items() if version > 1}
    texts = _texts(snapshot, revised)
    marks: dict[str, list[Mark]] = {}
    for fact, each in cited:
        source, version = each.source.id, latest[each.source.id]
        if each.source.withdrawn_by <= limit:
            marks.setdefault(fact, []).append({"fact": fact, "source": source, "mark": "source_withdrawn"})
        later = texts.get((source, version)) if version > each.citation["version"] else None
        if later is not None and not later.places(each.citation["exact"]):
            gone: Mark = {"fact": fact, "source": source, "mark": "quote_gone", "version": version}
            marks.setdefault(fact, []).append(gone)
    return marks


def _has_changed(source: SourceState) -> bool:
    return len(source.editions) > 1 or source.withdrawn_by < NEVER


def _latest(source: SourceState, limit: int) -> int:
    """The latest version published by the limit; 1 if none is."""
    return max((each.version for each in source.editions if each.published_by <= limit), default=1)


def _texts(snapshot: Snapshot, versions: set[tuple[str, int]]) -> dict[tuple[str, int], SearchableText]:
    if not versions:
        return {}
    table = snapshot.table("texts")
    return {
        (row.source, row.version): SearchableText(row.text)
        for chunk in chunks(sorted(versions))
        for row in snapshot.rows(select(table).where(tuple_(table.c.source, table.c.version).in_(chunk)))
    }


def mark(state: State, marks: dict[str, list[Mark]]) -> None:
    """Put on each finding the marks of the facts that it rests on; findings without any stay as they are."""
    if not marks:
        return
    for finding in (state["status"], *state["fields"].values()):
        found = [each for fact in finding["because"] for each in marks.get(fact, ())]
        if found:
            finding["marks"] = found
