"""What a page needs of its request: snapshot, clocks, names, links that keep the clocks."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from flask import request, url_for

from events.dates.bounds import clock_bound
from events.dates.calendar import instant_text
from events.dates.in_words.reader import clock_typed
from events.errors import Invalid
from events.history.fact_as_of import FactAsOf
from events.history.streams import StoredCitation
from projections.clocks import CLOCKS, DATES, LARGEST_POSITION, Asked, Clocks, asked_in, whole_number
from projections.queries.evidence.fact_views import FactView, MarkedCitation, fact_views, marked_citation
from projections.queries.history.moments_of_change import Thing
from projections.read_models.citation_warnings import CitationMarks, Texts
from projections.store.snapshots import Snapshot
from service.web.access import chronology
from service.web.addresses.memento import negotiate
from service.web.addresses.permalinks import NO_LIMIT
from service.wording.clock_wording import Words, clocks_in_words
from service.wording.names import Names

REACHED = "reached"
"""At which position a list goes on whose address names none: that of its first page, so that nothing is skipped."""
_NAME = "-NAME-"
_THINGS = {"subject": "subject", "actor": "subject", "fact": "fact", "source": "source"}
_NO_DATES = ("zone", "position", "reading")
_OTHER_CLOCKS = ("reported_until", "recorded_until", "position", "reading")


class PageRequest(Names):
    """A request of a page; `kept` are the clocks as its address has them, for links, and `at` the first as it is asked.

    These differ where the address has no first clock: then `at` is `now`, or the day up to which reports are asked for.
    """

    def __init__(self, snapshot: Snapshot, clocks: Clocks, kept: dict[str, str], at: str | None) -> None:
        super().__init__(snapshot, clocks)
        self.kept = kept
        self.at = at
        self._patterns: dict[str, str] = {}

    def views(self, facts: Iterable[FactAsOf]) -> list[FactView]:
        """The facts as the API shows them."""
        return fact_views(self.snapshot, list(facts), self.clocks)

    def marked(self, citations: Sequence[StoredCitation]) -> list[MarkedCitation]:
        """Citations of an event as the API shows them."""
        sources = [self.source(citation["source"]) for citation in citations]
        marks = CitationMarks(Texts(self.snapshot), sources, self.clocks.reported)
        return [marked_citation(citation, marks) for citation in citations]

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
        """The address of this page with some of its parameters changed; None leaves one out.

        Where a list goes on, it does so at the position of its first page.
        """
        parameters = {**dict(request.args), **changed}
        if "after" in changed:
            is_pinned = changed["after"] is None or any(name in parameters for name in ("position", "recorded_until"))
            parameters[REACHED] = None if is_pinned else self.clocks.position
        given = {name: value for name, value in parameters.items() if value is not None}
        return url_for(str(request.endpoint), **{**(request.view_args or {}), **given})

    def address_of(self, page: str, names: Iterable[str], **more: Any) -> str:
        """The address of another page at the same clocks with those of this one's parameters that are given."""
        given = {name: request.args[name] for name in names if request.args.get(name)}
        return self.link(page, **given, **more)

    def query(self, **more: str | None) -> str:
        """The clocks, and more parameters, as the query of an API address."""
        asked = {**self.kept, "at": self.at, **more}
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def is_of_today(self) -> bool:
        """Whether the page says how things stand now, with all that was reported and recorded."""
        return self.at == "now" and not any(self.kept.get(name) for name in _OTHER_CLOCKS)

    def reading(self) -> list[Words]:
        """What the clocks stand at, in words."""
        return clocks_in_words(self.clocks, self.kept, self.at, self.named)

    def today(self) -> str:
        """The address of this page as things stand now, in the same time zone."""
        return self.here(**dict.fromkeys((*DATES, "position", "reading", REACHED, "after", "page")))

    def permalink(self) -> str:
        """The address that always shows what this page shows."""
        at = self.clocks.asked.at or NO_LIMIT
        return self.here(at=at, position=self.clocks.position, recorded_until=None, **{REACHED: None})


def asked_in_address(prefix: str = "") -> tuple[Asked, dict[str, str]]:
    """The clocks that a page asks with, days in words understood, and those of them that the address gives.

    Without a first clock it asks how things stand now; `none` is no limit, as is an answer pinned to a position.
    Their names have a prefix, `from_` and `to_`, where two sets are compared.

    Raises:
        Invalid: the position is no number of the log.
    """
    parameters = {name: request.args.get(prefix + name, "").strip() for name in CLOCKS}
    given = {name: clock_given(text) if name in DATES else text for name, text in parameters.items() if text}
    given = {name: text for name, text in given.items() if name in ("at", *_NO_DATES) or text != NO_LIMIT}
    asked = asked_in({prefix + name: text for name, text in given.items() if text != NO_LIMIT}, prefix)
    return (asked if "at" in given or asked.position is not None else replace(asked, at=_latest(asked))), given


def clock_given(text: str) -> str:
    """The reading of a clock that somebody typed, in words perhaps."""
    if text.lower() in (NO_LIMIT, "no limit"):
        return NO_LIMIT
    return clock_typed(text, today())


def today() -> date:
    """The day on which this is asked, in UTC: from it dates such as "yesterday" are told."""
    return date.fromisoformat(instant_text(chronology().now())[:10])


def _latest(asked: Asked) -> str:
    """The first clock where the address has none: `now`, or the day up to which reports or records are asked for.

    What was not known on that day has not come to pass by it either.
    """
    readings = {"now": chronology().now()}
    with suppress(ValueError):  # it is refused later
        for text in (asked.reported_until, asked.recorded_until):
            if text is not None and text != "now":
                readings[text] = clock_bound(text, asked.zone)
    return min(readings, key=lambda text: readings[text])


def later_at(one: Asked, other: Asked) -> str | None:
    """The later first clock of two questions: what differs between them is then not that time has passed."""
    now = chronology().now()
    bounds = {each.at: now if each.at == "now" else clock_bound(str(each.at), each.zone) for each in (one, other)}
    return max(bounds, key=lambda text: bounds[text])


def number_in_address(name: str, thing: str, most: int) -> int | None:
    """A number of the address, from 0 to `most`; None where none is given.

    Raises:
        Invalid: it is no such number of a `thing`.
    """
    text = request.args.get(name, "").strip()
    number = whole_number(text, most)
    if text and number is None:
        raise Invalid.at(f"/{name}", f"{text!r:.80} is not the number of {thing}")
    return number


def _thing() -> Thing | None:
    """What the page is about."""
    _, _, sort = str(request.endpoint).partition(".")
    name = (request.view_args or {}).get("name")
    return Thing(_THINGS[sort], name) if name and sort in _THINGS else None


@contextmanager
def page_request() -> Iterator[PageRequest]:
    """What the address asks for."""
    negotiate(lambda: asked_in_address()[0], _thing(), (*DATES, "position"))
    asked, kept = asked_in_address()
    reached = number_in_address(REACHED, "an entry of the log", LARGEST_POSITION)
    if asked.position is None and asked.recorded_until is None:
        asked = replace(asked, position=reached)
    with chronology().ask(asked) as (snapshot, clocks):
        yield PageRequest(snapshot, clocks, kept, asked.at)
