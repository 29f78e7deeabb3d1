"""Passages in which words stand that were looked for, with the words marked; of facts also those of their disputes."""

from collections.abc import Iterable, Sequence
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from events.history.fact_as_of import FactAsOf, fact_as_of
from projections.clocks import Clocks
from projections.queries.evidence.fact_views import FactView
from projections.read_models.histories import facts_and_sources
from projections.read_models.texts.folding import Sought, words_in
from projections.read_models.texts.search import said_in, said_in_citation
from projections.store.snapshots import Snapshot

_LONGEST_SHOWN, _BEFORE_FIRST_MARK = 300, 80  # characters


class Passage(TypedDict):
    """A part of a text in which words stand that were looked for."""

    where: Annotated[str, Meta(description="A field, `note`, `quote`, `translation`, `dispute`, `title` and so on")]
    text: str
    start: Annotated[int, Meta(description="From which character on it stands in the whole")]
    marks: Annotated[list[list[int]], Meta(description="The words found: from and until which character of it")]
    source: NotRequired[Annotated[str, Meta(description="Of a quote, its translation, or a dispute's")]]


def passages_of_facts(
    snapshot: Snapshot, views: Sequence[FactView], sought: Sought, clocks: Clocks
) -> dict[str, list[Passage]]:
    """Where the words stand in each of the facts, and in disputes of it that are in force."""
    streams, sources = facts_and_sources(
        snapshot, [view["id"] for view in views if "disputed_by" in view], clocks.position
    )
    disputed = {each.id: fact_as_of(each, sources, clocks.reported, clocks.position) for each in streams}
    return {view["id"]: _passages_of(view, disputed.get(view["id"]), sought) for view in views}


def _passages_of(view: FactView, disputed: FactAsOf | None, sought: Sought) -> list[Passage]:
    values = {"subject": view["subject"], "attributed_to": view["attributed_to"], "note": view["note"]}
    found = marked_all(said_in({**view["fields"], **values}), sought)
    for citation in view["citations"]:
        found += [{**each, "source": citation["source"]} for each in marked_all(said_in_citation(citation), sought)]
    for entry in disputed.disputes if disputed else ():
        found += marked_all((("dispute", text) for _, text in said_in(entry.data["changes"])), sought)
    for cited in disputed.cited_against if disputed else ():
        said = (("dispute", text) for _, text in said_in_citation(cited.citation))
        found += [{**each, "source": cited.source.id} for each in marked_all(said, sought)]
    return found


def marked_all(texts: Iterable[tuple[str, str]], sought: Sought) -> list[Passage]:
    """Those of the texts in which one of the words stands, cut around the first one, with all of them marked."""
    return [found for where, text in texts if (found := _marked(where, text, sought)) is not None]


def _marked(where: str, text: str, sought: Sought) -> Passage | None:
    marks = [(start, end) for start, end, word in words_in(text) if any(each.is_found_by(word) for each in sought)]
    if not marks:
        return None
    begin = 0 if len(text) <= _LONGEST_SHOWN else _word_begins(text, marks[0][0])
    end = max(begin + _LONGEST_SHOWN, marks[0][1])
    shown = [[first - begin, last - begin] for first, last in marks if last <= end]
    return {"where": where, "text": text[begin:end], "start": begin, "marks": shown}


def _word_begins(text: str, mark: int) -> int:
    """Where a word begins not far before the first mark."""
    far = max(0, mark - _BEFORE_FIRST_MARK)
    return text.find(" ", far, mark) + 1 or far if far else 0
