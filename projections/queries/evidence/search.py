"""Search: subjects by their names, facts and sources by their words, as all of these stand at the clocks.

What is found is looked at again at the clocks: a fact that was not reported by then, a name that a subject does not
bear then, a text that was not published by then are not shown.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from events.dates.bounds import UNBOUNDED
from events.history.fact_as_of import fact_as_of
from projections.clocks import AskedClocks, Clocks
from projections.fold.answer_types import State
from projections.fold.state import field_value
from projections.fold.subject_history import counted_under
from projections.queries.evidence.fact_pages import page_of_facts
from projections.queries.evidence.fact_views import FactView
from projections.queries.evidence.passages import Passage, marked_all, passages_of_facts
from projections.queries.evidence.sources import SourceView, sources_among
from projections.queries.subjects.states import label_of, states
from projections.read_models.current_states import FOLDED_AT_ONCE
from projections.read_models.histories import facts_and_sources, grouping_at
from projections.read_models.texts.folding import Sought, folded_words, sought_in
from projections.read_models.texts.search import (
    NOTED,
    PASSAGE_CHARACTERS,
    first_row_after,
    names_found,
    passages_found,
)
from projections.store.snapshots import Snapshot, chunks

_MOST_LOOKED_AT = 1_000
_ROWS_AT_ONCE = 100
_PASSAGES_SHOWN = 3
_TEXT = "SELECT substr(text, ?, ?) FROM {texts} WHERE source = ? AND version = ?"


class FoundSubject(TypedDict):
    """A subject in whose names all the words stand."""

    subject: str
    kind: str | None
    title: str
    status: str | None
    passages: list[Passage]


class FoundFact(TypedDict):
    """A fact in whose values and quotes, or those of disputes of it, all the words stand."""

    fact: str
    kind: str
    subject: str
    occurred: str | None
    retracted: bool
    position: int
    passages: list[Passage]


class FoundSource(TypedDict):
    """A source with all the words in one passage of a text, or in what is noted of it; the newest text with them."""

    source: str
    title: str
    publisher: str
    version: Annotated[int, Meta(description="Of the text that the passages are of")]
    is_latest: Annotated[bool, Meta(description="Whether it is the latest version published by then")]
    withdrawn: bool
    passages: list[Passage]


Section = Literal["subjects", "facts", "sources"]


class Found(TypedDict):
    """What was found, the first of each, and of which there may be more."""

    subjects: list[FoundSubject]
    facts: list[FoundFact]
    sources: list[FoundSource]
    more: Annotated[list[Section], Meta(description="Of facts, `GET /facts?q=` has them all")]
    asked: AskedClocks


def search(snapshot: Snapshot, text: str, clocks: Clocks, limit: int) -> Found:
    """The first of the subjects, facts and sources in which all words of the text stand at the clocks.

    Raises:
        Invalid: the text has no words, or too many.
    """
    sought = sought_in(text)
    named, more_subjects = subjects_named(snapshot, sought, clocks, limit)
    facts, last = page_of_facts(snapshot, clocks, {"q": text}, UNBOUNDED, 0, limit)
    sources, more_sources = sources_saying(snapshot, sought, clocks, limit)
    passages = passages_of_facts(snapshot, facts, sought, clocks)
    more: dict[Section, bool] = {"subjects": more_subjects, "facts": last is not None, "sources": more_sources}
    return {
        "subjects": [found_subject(state, sought) for state in named],
        "facts": [_found_fact(view, passages[view["id"]]) for view in facts],
        "sources": sources,
        "more": [part for part, is_more in more.items() if is_more],
        "asked": clocks.repeated(),
    }


def subjects_named(snapshot: Snapshot, sought: Sought, clocks: Clocks, limit: int) -> tuple[list[State], bool]:
    """The states of subjects in whose names at the clocks all the words stand, and whether there may be more."""
    found: dict[str, State] = {}
    looked_at: set[str] = set()
    for names in _may_be_named(snapshot, sought, clocks):
        for some in chunks([name for name in names if name not in looked_at], FOLDED_AT_ONCE):
            looked_at.update(some)
            for state in states(snapshot, some, clocks):
                if sought.stand_in(folded_words(" ".join(name for _, name in _names_of(state)))):
                    found.setdefault(state["id"], state)
            if len(found) > limit:
                return list(found.values())[:limit], True
    return list(found.values()), len(looked_at) >= _MOST_LOOKED_AT


def _may_be_named(snapshot: Snapshot, sought: Sought, clocks: Clocks) -> Iterator[list[str]]:
    """Subjects with all the words in one name first, then those with any, whatever their names at the clocks."""
    grouping = grouping_at(snapshot, clocks.position)
    for wholly in (True, False) if len(sought) > 1 else (True,):
        ids = names_found(snapshot, ["_subject"], sought, clocks.position, _MOST_LOOKED_AT, wholly=wholly)
        yield sorted(ids)
        naming = names_found(snapshot, ["_name"], sought, clocks.position, _MOST_LOOKED_AT, wholly=wholly)
        streams, sources = facts_and_sources(snapshot, naming, clocks.position)
        facts = (fact_as_of(each, sources, clocks.reported, clocks.position) for each in streams)
        yield sorted({counted_under(grouping, fact) for fact in facts if fact is not None})


def _names_of(state: State) -> list[tuple[str, str]]:
    """The id and all names of a subject, each with what it is."""
    aliases = field_value(state, "aliases")
    names = [("id", state["id"]), ("title", state["title"]), ("name", field_value(state, "name"))]
    names += [("alias", each) for each in (aliases if isinstance(aliases, list) else [])]
    return [(where, str(name)) for where, name in names if name]


def found_subject(state: State, sought: Sought) -> FoundSubject:
    """A subject with the names in which the words stand."""
    kind, title = label_of(state)
    return {
        "subject": state["id"],
        "kind": kind,
        "title": title,
        "status": state["status"]["value"],
        "passages": marked_all(_names_of(state), sought),
    }


def _found_fact(view: FactView, passages: list[Passage]) -> FoundFact:
    return {
        "fact": view["id"],
        "kind": view["kind"],
        "subject": view["subject"],
        "occurred": view["occurred"],
        "retracted": view["retracted"],
        "position": view["position"],
        "passages": passages,
    }


def sources_saying(snapshot: Snapshot, sought: Sought, clocks: Clocks, limit: int) -> tuple[list[FoundSource], bool]:
    """The sources that say all the words, and whether there may be more: by texts, the newest first; then as noted."""
    found: dict[str, FoundSource] = {}
    below, looked_at = first_row_after(clocks.position), 0
    while rows := passages_found(snapshot, ["_text"], sought, below, _ROWS_AT_ONCE):
        seen = {view["id"]: view for view in sources_among(snapshot, {name for _, name, *_ in rows}, clocks)}
        for _, name, version, start in rows:
            if name in seen and any(each["version"] == version for each in seen[name]["versions"]):
                one = found.setdefault(name, _found_source(seen[name], version))
                if one["version"] == version and len(one["passages"]) < _PASSAGES_SHOWN:
                    one["passages"] += _marked_in_text(snapshot, name, version, start, sought)
        below, looked_at = rows[-1][0], looked_at + len(rows)
        if len(found) > limit or looked_at >= _MOST_LOOKED_AT:
            return list(found.values())[:limit], True
        if len(rows) < _ROWS_AT_ONCE:
            break
    names = names_found(snapshot, ["_source"], sought, clocks.position, _MOST_LOOKED_AT)
    for view in sources_among(snapshot, names, clocks):
        noted = [(each, str(said)) for each in NOTED if (said := view.get(each))]
        if sought.stand_in(folded_words(" ".join(said for _, said in noted))):
            one = found.setdefault(view["id"], _found_source(view, view["version"]))
            one["passages"] = marked_all(noted, sought) + one["passages"]
    return list(found.values())[:limit], len(found) > limit


def _found_source(view: SourceView, version: int) -> FoundSource:
    return {
        "source": view["id"],
        "title": view["title"],
        "publisher": view["publisher"],
        "version": version,
        "is_latest": version == view["version"],
        "withdrawn": view["withdrawn"],
        "passages": [],
    }


def _marked_in_text(snapshot: Snapshot, name: str, version: int, start: int, sought: Sought) -> list[Passage]:
    rows = snapshot.probe(_TEXT, None, start + 1, PASSAGE_CHARACTERS, name, version)
    return [{**each, "start": start + each["start"]} for each in marked_all([("text", rows[0][0])], sought)]
