"""What one page is asked for: its snapshot and clocks, the names on it, and addresses that keep its clocks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from flask import request, url_for

from events.facts import subjects_named
from events.history.fact_as_of import FactAsOf
from events.history.streams import SourceState, StoredCitation
from projections.clocks import CLOCKS, DATES, Asked, Clocks, asked_in, whole_number
from projections.fold.answer_types import State
from projections.queries.evidence.fact_views import FactView, MarkedCitation, fact_views, marked_citation
from projections.queries.evidence.facts_as_of import sources_cited
from projections.queries.evidence.sources import noted_sources
from projections.queries.subjects.states import Label, label_of, spelled
from projections.queries.subjects.values import labels
from projections.read_models.citation_warnings import CitationMarks
from projections.store.snapshots import Snapshot
from service.pages.error_pages import fault
from service.pages.wording.date_wording import clock_typed
from service.pages.wording.phrases import Piece
from service.web.access import chronology

_NAME = "-NAME-"


class PageRequest:
    """What a page is made from.

    Args:
        snapshot: the views as of one moment.
        clocks: the bounds of the clocks asked for.
        kept: the clocks as the address has them, for links.
    """

    def __init__(self, snapshot: Snapshot, clocks: Clocks, kept: dict[str, str]) -> None:
        self.snapshot = snapshot
        self.clocks = clocks
        self.kept = kept
        self._patterns: dict[str, str] = {}
        self._labels: dict[str, Label] = {}
        self._sources: dict[str, SourceState] = {}

    def know(self, views: Iterable[Mapping[str, Any]], subjects: Iterable[str] = ()) -> None:
        """Look up at once what fact views name: subjects, actors and sources."""
        wanted = set(subjects)
        for view in views:
            wanted |= {name for name, _ in subjects_named(None, view.get("fields", {}))}
            wanted |= {each for each in (view.get("subject"), view.get("attributed_to")) if each}
        self._labels |= labels(self.snapshot, wanted - self._labels.keys(), self.clocks.position)
        self.know_sources(sources_cited(views))

    def learn(self, states: Iterable[State]) -> None:
        """Take names from states at hand, where these are as much as is known."""
        if self.clocks.is_current:
            self._labels |= {state["id"]: label_of(state) for state in states}
        else:
            self.know([], [state["id"] for state in states])

    def know_sources(self, names: Iterable[str]) -> None:
        """Look up sources."""
        wanted = set(names) - self._sources.keys()
        if wanted:
            self._sources |= noted_sources(self.snapshot, wanted, self.clocks.position)

    def views(self, standings: Iterable[FactAsOf]) -> list[FactView]:
        """The facts as the API shows them."""
        return fact_views(self.snapshot, list(standings), self.clocks)

    def marked(self, citations: Sequence[StoredCitation]) -> list[MarkedCitation]:
        """Citations of an event as the API shows them."""
        sources = [self.source(citation["source"]) for citation in citations]
        marks = CitationMarks(self.snapshot, sources, self.clocks.reported)
        return [marked_citation(citation, marks) for citation in citations]

    def label(self, subject: str) -> Label:
        """The subject's kind and title."""
        if subject not in self._labels:
            found = labels(self.snapshot, [subject], self.clocks.position)
            self._labels[subject] = found.get(subject, Label(None, spelled(subject)))
        return self._labels[subject]

    def named(self, subject: str) -> str:
        """What the subject is called."""
        return self.label(subject).title

    def who(self, by: str | None) -> Piece:
        """By whom something is said: an actor by name, a publisher as it stands."""
        if by is None:
            return Piece("this desk")
        known = self._labels.get(by) or labels(self.snapshot, [by], self.clocks.position).get(by)
        if known is None:
            return Piece(by)
        self._labels[by] = known
        return Piece(known.title, by)

    def source(self, name: str) -> SourceState:
        """What is noted about the source."""
        self.know_sources([name])
        return self._sources[name]

    def link(self, page: str, **values: Any) -> str:
        """The address of a page at the same clocks."""
        if values.keys() != {"name"}:
            return url_for(f"pages.{page}", **{**self.kept, **values})
        if page not in self._patterns:
            parameters: dict[str, Any] = {**self.kept, "name": _NAME}
            self._patterns[page] = url_for(f"pages.{page}", **parameters)
        return self._patterns[page].replace(_NAME, quote(str(values["name"]), safe=""), 1)

    def subject_link(self, subject: str) -> str:
        """The address of the subject's page; actors have pages of their own."""
        if self.label(subject).kind == "actor":
            return self.link("actor", name=subject)
        return self.link("subject", name=subject)

    def here(self, **changed: Any) -> str:
        """The address of this page with some of its parameters changed; None leaves one out."""
        parameters = {**dict(request.args), **changed}
        given = {name: value for name, value in parameters.items() if value is not None}
        return url_for(str(request.endpoint), **{**(request.view_args or {}), **given})

    def query(self, **more: str | None) -> str:
        """The clocks, and more parameters, as the query of an API address."""
        return urlencode({**self.kept, **{name: value for name, value in more.items() if value}})


def asked_in_address(prefix: str = "") -> tuple[Asked, dict[str, str]]:
    """The clocks of the address, days in words understood, and those of them that are given.

    Args:
        prefix: what stands before the clocks' names: `from_` and `to_` where two sets are compared.

    Raises:
        Invalid: the position is no number of the log.
    """
    parameters = {name: request.args.get(prefix + name, "").strip() for name in CLOCKS}
    given = {name: clock_typed(text) if name in DATES else text for name, text in parameters.items() if text}
    return asked_in({prefix + name: text for name, text in given.items()}, prefix), given


def number_in_address(name: str, thing: str, most: int, least: int = 0) -> int | None:
    """A number of the address; None where none is given.

    Args:
        name: of the parameter.
        thing: what it is the number of, for the refusal.
        most: the largest there may be.
        least: the smallest.

    Raises:
        Invalid: it is no such number.
    """
    text = request.args.get(name, "").strip()
    if not text:
        return None
    number = whole_number(text, most)
    if number is None or number < least:
        raise fault(name, f"{text!r:.80} is not the number of {thing}")
    return number


@contextmanager
def page_request() -> Iterator[PageRequest]:
    """What the address asks for.

    Raises:
        ChronologyError: a clock cannot be read, or its position is not there (yet).
    """
    asked, kept = asked_in_address()
    with chronology().ask(asked) as (snapshot, clocks):
        yield PageRequest(snapshot, clocks, kept)
